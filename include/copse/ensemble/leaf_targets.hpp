// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The training targets in each leaf of a tree, kept for quantile prediction.

#include <copse/core/view.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace copse::detail {

/// A tree's in-bag targets, leaf by leaf.
struct leaf_targets {
    std::vector<std::uint32_t> first;  ///< node i has targets first[i] to first[i + 1] - 1
    std::vector<double> target;
    std::vector<float> share;  ///< of the leaf's weight

    bool operator==(leaf_targets const&) const = default;
};

/// Sorts rows by leaf. `leaf[i]`, `y[i]` and `weight[i]` belong to in-bag row i of a tree of
/// n_nodes.
[[nodiscard]] inline leaf_targets targets_by_leaf(std::size_t n_nodes,
                                                  view<std::uint32_t const> leaf,
                                                  view<double const> y,
                                                  view<std::uint32_t const> weight) {
    leaf_targets out;
    out.first.resize(n_nodes + 1);
    std::vector<double> total(n_nodes);
    for (std::size_t i = 0; i < leaf.size(); ++i) {
        ++out.first[leaf[i] + 1];
        total[leaf[i]] += weight[i];
    }
    std::partial_sum(out.first.begin(), out.first.end(), out.first.begin());
    auto next = out.first;
    out.target.resize(leaf.size());
    out.share.resize(leaf.size());
    for (std::size_t i = 0; i < leaf.size(); ++i) {
        auto const at = next[leaf[i]]++;
        out.target[at] = y[i];
        out.share[at] = static_cast<float>(weight[i] / total[leaf[i]]);
    }
    return out;
}

/// The quantiles of the targets in one row's leaves, one leaf per tree.
inline void quantiles_of(std::span<leaf_targets const> trees, std::span<std::uint32_t const> leaves,
                         std::span<double const> quantiles, std::span<double> out) {
    std::vector<std::pair<double, double>> targets;  // value, share
    double total = 0;
    for (std::size_t t = 0; t < trees.size(); ++t) {
        auto const& tree = trees[t];
        for (auto i = tree.first[leaves[t]]; i < tree.first[leaves[t] + 1]; ++i) {
            targets.emplace_back(tree.target[i], tree.share[i]);
        }
    }
    std::sort(targets.begin(), targets.end());
    for (auto const& [value, share] : targets) total += share;
    for (std::size_t q = 0; q < quantiles.size(); ++q) {
        double below = 0;
        std::size_t i = 0;
        while (i + 1 < targets.size() && below + targets[i].second < quantiles[q] * total) {
            below += targets[i].second;
            ++i;
        }
        out[q] = targets[i].first;
    }
}

}  // namespace copse::detail
