// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The leaves of many trees for many rows, a block of rows at a time: what every prediction of an
/// ensemble is made from.

#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/tree/quick_tree.hpp>
#include <copse/tree/traverse.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace copse::detail {

/// f(first, count, leaves) for blocks of rows, concurrently, where leaves(t) are the leaves of rows
/// first to first + count - 1 in trees[t], to be asked for one tree after another.
template <backend B, class F>
void for_each_block_of_leaves(std::span<tree const> trees, features_view x, B const& backend,
                              F const& f) {
    // Large enough that a tree, once in cache, serves many rows, small enough that the rows stay
    // there too, and that there is work for every thread.
    constexpr std::size_t block_bytes = 1024 * 1024;
    auto const most =
        std::clamp(block_bytes / (x.cols() * sizeof(float)), walks_at_once, 128 * walks_at_once);
    backend.enter([&] {
        auto const inner = backend.inherited();
        auto const size = std::clamp(x.rows() / (4 * inner.concurrency()), std::size_t{16}, most);
        x.visit([&](auto matrix) {
            using T = typename decltype(matrix)::value_type;
            auto const quick = quick_trees(inner, trees, matrix);
            for_each_range(
                inner, x.rows(), size, [&](std::size_t, std::size_t first, std::size_t last) {
                    std::vector<std::uint32_t> leaves(last - first);
                    f(first, last - first, [&](std::size_t t) -> std::vector<std::uint32_t> const& {
                        if constexpr (std::same_as<T, float>) {
                            if (!quick[t].empty()) {
                                quick_walk(quick[t].nodes().data(), matrix, first, leaves);
                                return leaves;
                            }
                        }
                        leaves_of(trees[t], matrix, first, view(leaves));
                        return leaves;
                    });
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
                             [&](std::size_t first, std::size_t count, auto const& leaves) {
                                 for (std::size_t t = 0; t < trees.size(); ++t) {
                                     auto const& at = leaves(t);
                                     for (std::size_t i = 0; i < count; ++i)
                                         out(first + i, t) = at[i];
                                 }
                             });
    return out;
}

}  // namespace copse::detail
