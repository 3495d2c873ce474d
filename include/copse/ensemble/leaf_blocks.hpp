// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The leaves of many trees for many rows, a block of rows at a time: what every prediction of an
/// ensemble is made from.

#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/tree/leaf_finder.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace copse::detail {

/// f(first, count, leaves) for blocks of rows, concurrently, where leaves(t) are the leaves of rows
/// first to first + count - 1 in trees[t], to be asked for one tree after another.
template <backend B, class F>
void for_each_block_of_leaves(std::span<tree const> trees, features_view x, B const& backend,
                              F const& f) {
    backend.enter([&] {
        auto const inner = backend.inherited();
        x.visit([&](auto matrix) {
            leaf_finder const finder(inner, trees, matrix);
            auto const size = std::clamp(x.rows() / (4 * inner.concurrency()), std::size_t{16},
                                         finder.most_rows());
            for_each_range(inner, x.rows(), size,
                           [&](std::size_t, std::size_t first, std::size_t last) {
                               auto leaves = finder.block(first, last - first);
                               f(first, last - first, leaves);
                           });
        });
    });
}

/// Element (i, t) is the leaf that row i reaches in trees[t].
template <backend B>
[[nodiscard]] matrix<std::uint32_t> all_leaves(std::span<tree const> trees, features_view x,
                                               B const& backend) {
    matrix<std::uint32_t> out(x.rows(), trees.size());
    for_each_block_of_leaves(trees, x, backend,
                             [&](std::size_t first, std::size_t count, auto& leaves) {
                                 for (std::size_t t = 0; t < trees.size(); ++t) {
                                     auto const& at = leaves(t);
                                     for (std::size_t i = 0; i < count; ++i)
                                         out(first + i, t) = at[i];
                                 }
                             });
    return out;
}

}  // namespace copse::detail
