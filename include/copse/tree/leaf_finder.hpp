// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The leaves of many rows in many trees, each tree asked in the way that is fastest for it:
///
///     leaf_finder const finder(backend, trees, x);
///     auto leaves = finder.block(first_row, count);
///     leaves(t)[i];                                   // of row first_row + i in trees[t]
///
/// Small trees strike leaves (masked_tree.hpp), larger ones are walked by copies (quick_tree.hpp),
/// and what neither can take, or few rows would not pay for, is walked as it is (traverse.hpp).
/// The leaves are the same.

#include <copse/core/matrix.hpp>
#include <copse/par/components.hpp>
#include <copse/tree/masked_tree.hpp>
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

template <class T>
class leaf_finder {
public:
    template <backend B>
    leaf_finder(B const& backend, std::span<tree const> trees, matrix_view<T const> x)
        : trees_(trees),
          x_(x),
          used_(pays_for_masks(x) ? trees : std::span<tree const>(), x.cols()),
          masked_(trees.size()),
          quick_(trees.size()) {
        if constexpr (std::same_as<T, float>) {
            for_each_component(backend, trees.size(), [&](std::size_t t) { copy(t); });
        }
        all_masked_ =
            std::none_of(masked_.begin(), masked_.end(), [](auto const& m) { return m.empty(); });
        any_masked_ =
            std::any_of(masked_.begin(), masked_.end(), [](auto const& m) { return !m.empty(); });
    }

    /// Large enough that a tree, once in cache, serves many rows, small enough that the rows stay
    /// there too: in the first cache those of which all trees ask everything, else in the second.
    [[nodiscard]] std::size_t most_rows() const noexcept {
        std::size_t const bytes = all_masked_ ? 32 * 1024 : 1024 * 1024;
        auto const n_used = used_.numbers().size() + used_.categories().size();
        auto const features = std::max(all_masked_ ? n_used : x_.cols(), std::size_t{1});
        auto const rows = bytes / (features * sizeof(float)) / walks_at_once * walks_at_once;
        return std::clamp(rows, walks_at_once, 128 * walks_at_once);
    }

    /// The leaves of some rows, asked for one tree after another.
    class rows_block {
    public:
        rows_block(leaf_finder const& of, std::size_t first, std::size_t count)
            : of_(of), first_(first), rows_(of.used_, of.any_masked_ ? count : 0), leaves_(count) {
            if constexpr (std::same_as<T, float>) {
                if (of.any_masked_) rows_.read(of.x_, first, count);
            }
        }
        /// Valid until the next tree is asked for.
        [[nodiscard]] std::vector<std::uint32_t> const& operator()(std::size_t t) {
            if constexpr (std::same_as<T, float>) {
                if (!of_.masked_[t].empty()) {
                    of_.masked_[t].leaves(rows_, leaves_);
                    return leaves_;
                }
                if (!of_.quick_[t].empty()) {
                    quick_walk(of_.quick_[t].nodes().data(), of_.x_, first_, leaves_);
                    return leaves_;
                }
            }
            leaves_of(of_.trees_[t], of_.x_, first_, view(leaves_));
            return leaves_;
        }

    private:
        leaf_finder const& of_;
        std::size_t first_;
        row_block rows_;
        std::vector<std::uint32_t> leaves_;
    };
    [[nodiscard]] rows_block block(std::size_t first, std::size_t count) const {
        return {*this, first, count};
    }

private:
    [[nodiscard]] static bool pays_for_masks(matrix_view<T const> x) noexcept {
        return std::same_as<T, float> && x.rows() >= row_block::group / 2;
    }
    void copy(std::size_t t) {
        constexpr std::size_t nodes_per_row = 8;
        auto const& tree = trees_[t];
        if (tree.nodes().size() > nodes_per_row * x_.rows()) return;
        if (pays_for_masks(x_) && !used_.disagree() && masked_tree::fits(tree)) {
            masked_[t] = masked_tree(tree, used_);
        } else if (quick_tree::fits(tree, x_.cols())) {
            quick_[t] = quick_tree(tree);
        }
    }

    std::span<tree const> trees_;
    matrix_view<T const> x_;
    used_features used_;
    std::vector<masked_tree> masked_;
    std::vector<quick_tree> quick_;
    bool all_masked_ = false;
    bool any_masked_ = false;
};

}  // namespace copse::detail
