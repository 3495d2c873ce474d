// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The leaves that many rows reach, or one row in many trees. A walk from root to leaf is a chain
/// of cache misses; taking many walks one step at a time lets the misses overlap.
///
///     leaves_of(tree, x, first_row, view<std::uint32_t>(leaves));

#include <copse/core/view.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace copse::detail {

/// Walks taken together: enough to hide a miss, few enough that their state stays in registers'
/// reach, the first-level cache.
inline constexpr std::size_t walks_at_once = 64;

/// Takes n <= walks_at_once walks at the same time; walk k goes down nodes_of(k) with the features
/// at row_of(k), and out[k] becomes its leaf. No split may be categorical.
///
/// Every pass moves each unfinished walk one level and closes up the list. Neither has a branch:
/// which way a row goes and where it stops are what a branch predictor cannot know.
template <class T, class NodesOf, class RowOf>
void walk(std::size_t n, std::ptrdiff_t stride, NodesOf const& nodes_of, RowOf const& row_of,
          std::uint32_t* out) noexcept {
    std::uint32_t at[walks_at_once];
    std::uint32_t who[walks_at_once];
    for (std::size_t k = 0; k < n; ++k) {
        at[k] = 0;
        who[k] = static_cast<std::uint32_t>(k);
    }
    while (n > 0) {
        std::size_t unfinished = 0;
        for (std::size_t k = 0; k < n; ++k) {
            auto const i = who[k];
            node const& here = nodes_of(i)[at[k]];
            bool const leaf = here.is_leaf();
            auto const feature = static_cast<std::ptrdiff_t>(leaf ? 0u : here.feature());
            T const* const row = row_of(i);
            auto const value = static_cast<double>(row[feature * stride]);
            // As integers, because clang takes bools joined by | for a slip of the pen.
            auto const below = static_cast<unsigned>(value <= here.threshold());
            auto const missing = static_cast<unsigned>(value != value);
            auto const left = below | (static_cast<unsigned>(here.missing_goes_left()) & missing);
            out[i] = at[k];
            at[unfinished] = here.left() + (1u - left);
            who[unfinished] = i;
            unfinished += leaf ? 0 : 1;
        }
        n = unfinished;
    }
}

/// The leaves that rows first, first + 1, ... reach, as many as `out` has places.
template <class T>
void leaves_of(tree const& tree, matrix_view<T const> x, std::size_t first,
               view<std::uint32_t> out) {
    auto const stride = x.col_stride();
    if (!tree.category_words().empty()) {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = tree.leaf_of(x.row(first + i), stride);
        return;
    }
    auto const* const nodes = tree.nodes().data();
    for (std::size_t i = 0; i < out.size(); i += walks_at_once) {
        auto const* const rows = x.row(first + i);
        walk<T>(
            std::min(walks_at_once, out.size() - i), stride, [&](std::size_t) { return nodes; },
            [&](std::size_t k) { return rows + static_cast<std::ptrdiff_t>(k) * x.row_stride(); },
            out.data() + i);
    }
}

/// The leaves that one row reaches in trees[0], trees[1], ..., at most walks_at_once of them.
template <class T>
void leaves_of(std::span<tree const> trees, T const* row, std::ptrdiff_t stride,
               view<std::uint32_t> out) {
    node const* nodes[walks_at_once];
    bool numeric = true;
    for (std::size_t k = 0; k < trees.size(); ++k) {
        nodes[k] = trees[k].nodes().data();
        numeric = numeric && trees[k].category_words().empty();
    }
    if (numeric) {
        walk<T>(
            trees.size(), stride, [&](std::size_t k) { return nodes[k]; },
            [&](std::size_t) { return row; }, out.data());
    } else {
        for (std::size_t k = 0; k < trees.size(); ++k) out[k] = trees[k].leaf_of(row, stride);
    }
}

}  // namespace copse::detail
