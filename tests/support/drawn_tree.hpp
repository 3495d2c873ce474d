// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A deep tree that nobody grew.
///
///     tree const t = drawn_tree(300, 7, 5);        // 300 leaves, 7 features, seed 5

#include <copse/core/random.hpp>
#include <copse/tree/tree.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace copse::test {

/// A tree of d features whose leaves are split one after another, drawn, at thresholds in [0, 1).
[[nodiscard]] inline tree drawn_tree(std::size_t n_leaves, std::uint32_t d, std::uint64_t seed) {
    std::vector<node> nodes{node::pure_leaf(0)};
    std::vector<std::uint32_t> leaves{0};
    random_stream const draws(seed);
    for (std::uint64_t i = 0; leaves.size() < n_leaves; ++i) {
        auto& leaf = leaves[draws.below(static_cast<std::uint32_t>(leaves.size()), 4 * i)];
        auto const left = static_cast<std::uint32_t>(nodes.size());
        nodes[leaf] = node::split(draws.below(d, 4 * i + 1), draws.below(64, 4 * i + 2) / 64.0,
                                  draws.below(2, 4 * i + 3) == 0);
        nodes[leaf].set_left(left);
        nodes.insert(nodes.end(), 2, node::pure_leaf(0));
        leaf = left;
        leaves.push_back(left + 1);
    }
    return {std::move(nodes), {}, {}};
}

}  // namespace copse::test
