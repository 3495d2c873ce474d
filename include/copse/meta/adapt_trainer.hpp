// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A trainer told to draw other random numbers, or to do with some of the columns, whatever trainer
/// it is.
///
///     auto const second = detail::with_random_state(trainer, 1);
///     auto const narrow = detail::on_columns(trainer, {0, 2, 5}, x.cols());
///
/// A field is known by its name: random_state, categorical_features, monotonic_cst,
/// interaction_cst. A trainer that is made of another has it in the field `trainer`.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace copse::detail {

/// The trainer with this seed; as it was, if it draws nothing.
template <class Trainer>
[[nodiscard]] Trainer with_random_state(Trainer trainer, std::uint64_t seed) {
    if constexpr (requires { trainer.with_random_state(seed); }) {
        return trainer.with_random_state(seed);
    } else {
        if constexpr (requires { trainer.random_state = seed; }) trainer.random_state = seed;
        if constexpr (requires { trainer.trainer; }) {
            trainer.trainer = with_random_state(std::move(trainer.trainer), seed);
        }
        return trainer;
    }
}

/// The places in `columns` of those that are in `named`.
[[nodiscard]] inline std::vector<std::size_t> places_of(std::vector<std::size_t> const& named,
                                                        std::span<std::size_t const> columns) {
    std::vector<std::size_t> out;
    for (std::size_t place = 0; place < columns.size(); ++place) {
        if (std::ranges::find(named, columns[place]) != named.end()) out.push_back(place);
    }
    return out;
}

/// The trainer for an x of only these of d columns: what it says of features by their index, it
/// says of the same features.
template <class Trainer>
[[nodiscard]] Trainer on_columns(Trainer trainer, std::span<std::size_t const> columns,
                                 std::size_t d) {
    if constexpr (requires { trainer.on_columns(columns, d); }) {
        return trainer.on_columns(columns, d);
    } else {
        if constexpr (requires { trainer.categorical_features; }) {
            trainer.categorical_features = places_of(trainer.categorical_features, columns);
        }
        if constexpr (requires { trainer.monotonic_cst; }) {
            // One of a wrong size is left for the trainer to refuse.
            if (trainer.monotonic_cst.size() == d) {
                std::vector<int> kept;
                for (auto const j : columns) kept.push_back(trainer.monotonic_cst[j]);
                trainer.monotonic_cst = std::move(kept);
            }
        }
        if constexpr (requires { trainer.interaction_cst; }) {
            for (auto& group : trainer.interaction_cst) group = places_of(group, columns);
            std::erase_if(trainer.interaction_cst, [](auto const& group) { return group.empty(); });
        }
        if constexpr (requires { trainer.trainer; }) {
            trainer.trainer = on_columns(std::move(trainer.trainer), columns, d);
        }
        return trainer;
    }
}

}  // namespace copse::detail
