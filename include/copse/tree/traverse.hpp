// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The leaves that many rows reach, or one row in many trees. A walk from root to leaf is a chain
/// of cache misses; eight walks at a time let the misses overlap.
///
///     leaves_of(tree, x, first_row, view<std::uint32_t>(leaves));

#include <copse/core/view.hpp>
#include <copse/tree/tree.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace copse::detail {

inline constexpr std::size_t walk_lanes = 8;

/// One step of a walk that stays where it is once it is at a leaf. Without branches: which way a
/// row goes is what a branch predictor cannot know.
template <class T>
[[nodiscard]] inline std::uint32_t step(node const* nodes, std::uint32_t at, T const* row,
                                        std::ptrdiff_t stride, bool& moved) noexcept {
    node const& n = nodes[at];
    bool const leaf = n.is_leaf();
    auto const feature = leaf ? 0u : n.feature();
    auto const value = static_cast<double>(row[static_cast<std::ptrdiff_t>(feature) * stride]);
    bool const left = (value <= n.threshold()) | (n.missing_goes_left() & (value != value));
    moved |= !leaf;
    return leaf ? at : n.left() + (left ? 0u : 1u);
}

/// The leaves that rows first, first + 1, ... reach, as many as `out` has places.
template <class T>
void leaves_of(tree const& tree, matrix_view<T const> x, std::size_t first,
               view<std::uint32_t> out) {
    auto const stride = x.col_stride();
    std::size_t i = 0;
    if (tree.category_words().empty()) {
        auto const* const nodes = tree.nodes().data();
        for (; i + walk_lanes <= out.size(); i += walk_lanes) {
            std::uint32_t at[walk_lanes] = {};
            T const* rows[walk_lanes];
            for (std::size_t k = 0; k < walk_lanes; ++k) rows[k] = x.row(first + i + k);
            for (bool moved = true; moved;) {
                moved = false;
                for (std::size_t k = 0; k < walk_lanes; ++k) {
                    at[k] = step(nodes, at[k], rows[k], stride, moved);
                }
            }
            for (std::size_t k = 0; k < walk_lanes; ++k) out[i + k] = at[k];
        }
    }
    for (; i < out.size(); ++i) out[i] = tree.leaf_of(x.row(first + i), stride);
}

/// The leaves that one row reaches in trees[0], trees[1], ..., as many as `out` has places.
template <class T>
void leaves_of(std::span<tree const> trees, T const* row, std::ptrdiff_t stride,
               view<std::uint32_t> out) {
    std::size_t i = 0;
    for (; i + walk_lanes <= out.size(); i += walk_lanes) {
        std::uint32_t at[walk_lanes] = {};
        node const* nodes[walk_lanes];
        bool numeric = true;
        for (std::size_t k = 0; k < walk_lanes; ++k) {
            nodes[k] = trees[i + k].nodes().data();
            numeric = numeric && trees[i + k].category_words().empty();
        }
        if (numeric) {
            for (bool moved = true; moved;) {
                moved = false;
                for (std::size_t k = 0; k < walk_lanes; ++k) {
                    at[k] = step(nodes[k], at[k], row, stride, moved);
                }
            }
        } else {
            for (std::size_t k = 0; k < walk_lanes; ++k) at[k] = trees[i + k].leaf_of(row, stride);
        }
        for (std::size_t k = 0; k < walk_lanes; ++k) out[i + k] = at[k];
    }
    for (; i < out.size(); ++i) out[i] = trees[i].leaf_of(row, stride);
}

}  // namespace copse::detail
