// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Threads that train one model, each on rows of its own.
///
///     auto const shards = shards_of(y);
///     auto const model = on_ranks(shards, [&](places const& rows, ranks_view ranks) {
///         return trainer.fit(rows_of(x, rows), rows_of(y, rows), {.ranks = ranks});
///     });

#include <copse/par/communicator.hpp>
#include <copse/par/ranks_view.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <vector>

namespace copse::test {

using places = std::vector<std::size_t>;

/// Rows of four ranks: of unequal number, rank 1 has none, rank 2 but one class.
[[nodiscard]] inline std::vector<places> shards_of(std::vector<int> const& y) {
    std::vector<places> out(4);
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (y[i] == 7 && i % 2 == 0) {
            out[2].push_back(i);
        } else {
            out[i % 3 == 0 ? 3 : 0].push_back(i);
        }
    }
    return out;
}

/// What fit(rows, ranks) returns on every rank.
template <class Fit>
[[nodiscard]] auto on_ranks(std::vector<places> const& shards, Fit const& fit) {
    using model = decltype(fit(shards[0], ranks_view()));
    std::vector<std::optional<model>> found(shards.size());
    run_ranks(shards.size(), [&](thread_communicator& ranks) {
        found[ranks.rank()].emplace(fit(shards[ranks.rank()], ranks));
    });
    for ([[maybe_unused]] auto const& one : found) CHECK(*one == *found[0]);
    return *found[0];
}

[[nodiscard]] inline places all_rows(std::size_t n) {
    places out;
    for (std::size_t i = 0; i < n; ++i) out.push_back(i);
    return out;
}

}  // namespace copse::test
