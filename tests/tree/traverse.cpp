// SPDX-License-Identifier: BSD-3-Clause
#include "support/drawn_tree.hpp"
#include "support/samples.hpp"

#include <copse/core/simd.hpp>
#include <copse/tree/traverse.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

constexpr std::size_t d = 5;

/// Every row of x reaches the same leaves of n trees together as of each alone.
template <class T>
void check_together(std::size_t n, matrix<T> const& x) {
    std::vector<tree> trees;
    for (std::size_t t = 0; t < n; ++t) trees.push_back(drawn_tree(1 + 7 * t % 60, d, t));
    for (auto const level : {detail::simd::least, detail::best_simd()}) {
        for (std::size_t i = 0; i < x.rows(); ++i) {
            std::vector<std::uint32_t> leaves(n, 1'000'000);
            auto const* const row = x.row(i).data();
            detail::leaves_of(std::span<tree const>(trees), row, 1, view<std::uint32_t>(leaves),
                              level);
            for (std::size_t t = 0; t < n; ++t) CHECK(leaves[t] == trees[t].leaf_of(row));
        }
    }
}

}  // namespace

TEST_CASE("one row reaches the leaves of many trees at once, be its values floats or doubles") {
    auto x = uniform(20, d, 3);
    for (std::size_t i = 0; i < x.rows(); i += 2) x(i, i % d) = missing;
    x(1, 0) = infinity;
    x(3, 1) = -infinity;
    matrix<double> doubles(x.rows(), d);
    for (std::size_t i = 0; i < x.rows() * d; ++i)
        doubles.data()[i] = static_cast<double>(x.data()[i]) * (1 + 1e-12);
    for (std::size_t const n : {1u, 7u, 8u, 9u, 63u, 64u}) {
        check_together(n, x);
        check_together(n, doubles);
    }
}

TEST_CASE("a row's values may lie apart") {
    auto const t = drawn_tree(40, d, 1);
    auto const x = uniform(d, 3, 4);  // a column is a row of d values
    for (std::ptrdiff_t i = 0; i < 3; ++i) {
        std::uint32_t leaf = 0;
        detail::leaves_of(std::span(&t, 1), x.data() + i, 3, view<std::uint32_t>(&leaf, 1));
        CHECK(leaf == t.leaf_of(x.data() + i, 3));
    }
}
