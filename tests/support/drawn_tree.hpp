// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Trees that nobody grew.
///
///     tree const t = drawn_tree(300, 7, 5);        // 300 leaves, 7 features, seed 5
///     tree const small = three_leaves(0.5, true);  // and rows_around(0.5) to ask it

#include "support/samples.hpp"

#include <copse/core/matrix.hpp>
#include <copse/core/random.hpp>
#include <copse/tree/tree.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
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

/// A root that splits x[0] at `threshold`, its right child x[1] at 0.
[[nodiscard]] inline tree three_leaves(double threshold, bool missing_left) {
    std::vector<node> nodes{node::split(0, threshold, missing_left), node::pure_leaf(0),
                            node::split(1, 0, !missing_left), node::pure_leaf(1),
                            node::pure_leaf(2)};
    nodes[0].set_left(1);
    nodes[2].set_left(3);
    return {std::move(nodes), {}, {}};
}

/// Rows of 2: the threshold as a float, its neighbours, zeros, infinite and missing values, each
/// with 1, -1 and a missing value.
[[nodiscard]] inline matrix<float> rows_around(double threshold) {
    auto const near = static_cast<float>(threshold);
    float const first[] = {near,
                           std::nextafter(near, infinity),
                           std::nextafter(near, -infinity),
                           -near,
                           0.0f,
                           -0.0f,
                           infinity,
                           -infinity,
                           missing};
    matrix<float> x(3 * std::size(first), 2);
    float const second[] = {1, -1, missing};
    for (std::size_t i = 0; i < x.rows(); ++i) {
        x(i, 0) = first[i / 3];
        x(i, 1) = second[i % 3];
    }
    return x;
}

}  // namespace copse::test
