// SPDX-License-Identifier: BSD-3-Clause
#include "support/drawn_tree.hpp"
#include "support/samples.hpp"

#include <copse/tree/quick_tree.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// x's rows reach the same leaves by the copy as by the tree.
void check_same(tree const& t, matrix_view<float const> x) {
    REQUIRE(detail::quick_tree::fits(t, x.cols()));
    detail::quick_tree const quick(t);
    for (auto const level : {detail::simd::least, detail::best_simd()}) {
        std::vector<std::uint32_t> leaves(x.rows());
        detail::quick_walk(quick.nodes().data(), x, 0, view<std::uint32_t>(leaves), level);
        for (std::size_t i = 0; i < x.rows(); ++i)
            CHECK(leaves[i] == t.leaf_of(x.row(i), x.col_stride()));
    }
}

}  // namespace

TEST_CASE("a quick copy sends every float where its tree does, however close to the threshold") {
    constexpr auto huge = std::numeric_limits<double>::max();
    for (double const threshold :
         {0.1, -0.1, 1e-50, -1e-50, 1e300, -1e300, huge, 0.0, 16777217.0,
          std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
        auto const x = rows_around(threshold);
        for (bool const missing_left : {false, true})
            check_same(three_leaves(threshold, missing_left), x.view());
    }
}

TEST_CASE("a quick copy reads rows and columns at any distance, and blocks of any size") {
    auto const t = three_leaves(0.5, true);
    for (std::size_t const n : {1u, 63u, 64u, 65u, 200u}) {
        auto const x = uniform(2, n, 3);  // read as n rows of 2, column by column
        check_same(t, matrix_view<float const>(x.data(), n, 2, 1, static_cast<std::ptrdiff_t>(n)));
    }
}

TEST_CASE("many rows reach the leaves of a deep tree, those with missing values too") {
    constexpr std::size_t d = 7;
    auto const t = drawn_tree(300, d, 5);
    for (std::size_t const n : {15u, 17u, 1024u, 2500u}) {
        auto x = uniform(n, d, 6);
        for (std::size_t i = 0; i < n; i += 3) x(i, i % d) = missing;
        check_same(t, std::as_const(x).view());
        // Every second row, from the last.
        check_same(t, matrix_view<float const>(x.row(n - 1).data(), n / 2, d,
                                               -2 * static_cast<std::ptrdiff_t>(d), 1));
    }
}

TEST_CASE(
    "trees with categories, and of more features than a node's word has room for, do not fit") {
    auto const t = three_leaves(0.5, false);
    CHECK(!detail::quick_tree::fits(t, 1025));
    CHECK(detail::quick_tree::fits(t, 1024));
    CHECK(!detail::quick_tree::fits(tree({}, {}, {1}), 2));
}
