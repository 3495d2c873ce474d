// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What every grower of boosted trees keeps to, whatever it grows them on.

#include <copse/tree/gradient_sums.hpp>
#include <copse/tree/grow.hpp>
#include <copse/tree/leaf_formula.hpp>
#include <copse/tree/split_search.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse::detail {

/// What boosted trees may look like. `growth_limits` has the rest.
struct boosting_limits : growth_limits {
    gradient_rules gradients{};
    category_rules categories{};
    double min_child_weight = 0;  ///< least sum of Hessians in a leaf
    double min_gain = 0;          ///< least decrease of the loss by a split, in the loss's units
    double columns_by_level = 1;  ///< the fraction of a tree's features that a level is given
    double columns_by_node = 1;   ///< the fraction of a level's features that a node is given
    /// Groups of features that may occur on one path; the features in none are one more. Empty:
    /// all.
    std::vector<std::vector<std::size_t>> interactions{};

    /// The least sum of Hessians in integers.
    [[nodiscard]] std::uint64_t least_weight(gradient_units const& units) const noexcept {
        return static_cast<std::uint64_t>(
            std::ceil(std::min(min_child_weight * units.per_hessian, 0x1p62)));
    }
    /// The least gain in units of scores.
    [[nodiscard]] double least_gain(gradient_units const& units) const noexcept {
        return min_gain / units.score();
    }
    /// Whether a node of these sums can have two children that are large enough.
    [[nodiscard]] bool may_split(gradient_total const& total, std::size_t depth,
                                 std::uint64_t min_weight) const noexcept {
        return depth < max_depth && total.count >= min_samples_split &&
               total.count / 2 >= min_samples_leaf && total.hessian / 2 >= min_weight;
    }
};

/// Whether a split of this score, of a node that scores `own`, is made. A gain within rounding of
/// zero is none.
[[nodiscard]] inline bool is_worth_making(double score, double own, double min_gain) noexcept {
    auto const gain = score - own;
    return gain > min_gain && gain > 1e-12 * std::abs(own);
}

}  // namespace copse::detail
