// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Texts to codes 0, 1, 2 ... in order of first appearance, until they are put in order.
/// Open addressing with linear probing; a text is copied once, when it is new.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

class dictionary {
public:
    static constexpr std::uint32_t absent = 0xffffffff;

    dictionary() = default;
    explicit dictionary(std::vector<std::string> const& texts) {
        for (auto const& text : texts) find_or_add(text);
    }

    /// The code of a text, or `absent`.
    [[nodiscard]] std::uint32_t find(std::string_view text) {
        // Neighbouring rows often agree.
        if (last_ < size() && texts_[last_] == text) return last_;
        if (slots_.empty()) return absent;
        auto const code = slots_[slot_of(text, hash(text))];
        if (code != absent) last_ = code;
        return code;
    }

    std::uint32_t find_or_add(std::string_view text) {
        if (size() * 2 >= slots_.size()) grow();
        auto const h = hash(text);
        auto& code = slots_[slot_of(text, h)];
        if (code == absent) {
            code = static_cast<std::uint32_t>(size());
            texts_.emplace_back(text);
            hashes_.push_back(h);
        }
        return last_ = code;
    }

    [[nodiscard]] std::vector<std::string> const& texts() const noexcept { return texts_; }
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }

    /// Puts the texts in increasing order. Element i of the answer is the new code of code i.
    std::vector<std::uint32_t> sort() {
        std::vector<std::uint32_t> order(size());
        std::iota(order.begin(), order.end(), 0u);
        std::sort(order.begin(), order.end(),
                  [&](auto a, auto b) { return texts_[a] < texts_[b]; });
        std::vector<std::uint32_t> rank(size());
        std::vector<std::string> sorted(size());
        std::vector<std::size_t> hashes(size());
        for (std::uint32_t i = 0; i < size(); ++i) {
            rank[order[i]] = i;
            sorted[i] = std::move(texts_[order[i]]);
            hashes[i] = hashes_[order[i]];
        }
        texts_ = std::move(sorted);
        last_ = absent;
        hashes_ = std::move(hashes);
        for (auto& code : slots_) {
            if (code != absent) code = rank[code];
        }
        return rank;
    }

private:
    static std::size_t hash(std::string_view text) { return std::hash<std::string_view>{}(text); }

    /// Where the text is, or the free slot where it would be.
    [[nodiscard]] std::size_t slot_of(std::string_view text, std::size_t h) const {
        auto const mask = slots_.size() - 1;
        auto at = h & mask;
        while (slots_[at] != absent && (hashes_[slots_[at]] != h || texts_[slots_[at]] != text)) {
            at = (at + 1) & mask;
        }
        return at;
    }

    void grow() {
        slots_.assign(std::max<std::size_t>(16, slots_.size() * 2), absent);
        auto const mask = slots_.size() - 1;
        for (std::uint32_t code = 0; code < size(); ++code) {
            auto at = hashes_[code] & mask;
            while (slots_[at] != absent) at = (at + 1) & mask;
            slots_[at] = code;
        }
    }

    std::vector<std::string> texts_;
    std::vector<std::size_t> hashes_;   // of texts_
    std::vector<std::uint32_t> slots_;  // codes; a power of two, at most half full
    std::uint32_t last_ = absent;
};

}  // namespace copse::detail
