// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Damaged copies of a valid file, the same on every run, to feed to a reader that must return or
/// throw file_error whatever it is given.

#include <copse/core/errors.hpp>
#include <copse/core/random.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace copse::test {

/// `text` with one to six bytes changed, put in, taken out or swapped for a telling one, or with
/// a part repeated or cut off.
[[nodiscard]] inline std::string mutated(std::string text, std::uint64_t which,
                                         std::string_view telling) {
    auto const draws = random_stream(1).split(which);
    auto const n_changes = 1 + draws.below(6, 0);
    for (std::uint32_t k = 0; k < n_changes && !text.empty(); ++k) {
        auto const draw = draws.split(k);
        auto const at = draw.below(static_cast<std::uint32_t>(text.size()), 0);
        auto const length = draw.below(20, 1);
        auto const byte = static_cast<char>(draw.below(256, 2));
        auto const likely = telling[draw.below(static_cast<std::uint32_t>(telling.size()), 3)];
        switch (draw.below(6, 4)) {
            case 0:
                text[at] = byte;
                break;
            case 1:
                text[at] = likely;
                break;
            case 2:
                text.insert(at, 1, likely);
                break;
            case 3:
                text.erase(at, length);
                break;
            case 4:
                text.insert(at, text.substr(at, length));
                break;
            default:
                if (draw.below(8, 5) == 0) text.resize(at);
        }
    }
    return text;
}

/// How many of `n` damaged copies `read` took; it throws file_error for the others.
template <class Read>
[[nodiscard]] int n_taken(std::string const& text, std::string_view telling, int n, Read read) {
    int taken = 0;
    for (int i = 0; i < n; ++i) {
        auto const damaged = mutated(text, static_cast<std::uint64_t>(i), telling);
        // In memory of just its size, so that a sanitizer sees a step beyond it.
        std::string const exact(damaged.data(), damaged.size());
        try {
            read(exact);
            ++taken;
        } catch (file_error const&) {
        }
    }
    return taken;
}

}  // namespace copse::test
