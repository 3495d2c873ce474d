// SPDX-License-Identifier: BSD-3-Clause
#include "support/drawn_tree.hpp"
#include "support/samples.hpp"

#include <copse/tree/masked_tree.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// x's rows from `first` on reach the same leaves by masks as by walking.
void check_struck_leaves(tree const& t, matrix_view<float const> x, std::size_t first = 0) {
    REQUIRE(detail::masked_tree::fits(t));
    detail::used_features const used(std::span(&t, 1), x.cols());
    detail::masked_tree const masked(t, used);
    detail::row_block rows(used, x.rows());
    rows.read(x, first, x.rows() - first);
    for (auto const level : {detail::simd::least, detail::simd::avx2, detail::simd::avx512}) {
        if (level > detail::best_simd()) continue;
        std::vector<std::uint32_t> leaves(x.rows() - first);
        masked.leaves(rows, view<std::uint32_t>(leaves), level);
        for (std::size_t i = 0; i < leaves.size(); ++i)
            CHECK(leaves[i] == t.leaf_of(x.row(first + i), x.col_stride()));
    }
}

/// Splits x[0] by a set of categories.
tree of_category_words(std::vector<std::uint64_t> words, bool missing_left) {
    std::vector<node> nodes{
        node::category_split(0, 0, static_cast<std::uint32_t>(words.size()), missing_left),
        node::pure_leaf(0), node::pure_leaf(1)};
    nodes[0].set_left(1);
    return {std::move(nodes), {}, std::move(words)};
}

}  // namespace

TEST_CASE("the lowest bit of a number is found at every place") {
    for (std::uint32_t place = 0; place < 32; ++place) {
        CHECK(detail::lowest_bit(1u << place) == place);
        CHECK(detail::lowest_bit(0xffffffffu << place) == place);
    }
}

TEST_CASE("only small trees of not too many categories are masked") {
    CHECK(detail::masked_tree::fits(drawn_tree(64, 3, 1)));
    CHECK(!detail::masked_tree::fits(drawn_tree(65, 3, 1)));
    CHECK(detail::masked_tree::fits(of_category_words({0, 0, 0, 0, 0, 0, 1}, false)));
    CHECK(!detail::masked_tree::fits(of_category_words({0, 0, 0, 0, 0, 0, 0, 1}, false)));
}

TEST_CASE("features that are numbers here and categories there are found out") {
    std::vector<tree> const alike{three_leaves(0.5, true), drawn_tree(5, 2, 1)};
    std::vector<tree> const unlike{three_leaves(0.5, true), of_category_words({1}, true)};
    CHECK(!detail::used_features(alike, 2).disagree());
    CHECK(detail::used_features(unlike, 2).disagree());
}

TEST_CASE(
    "categories of a set, others, unknown, missing and nonsensical ones go where the tree sends "
    "them") {
    std::vector<float> const values{0,       1,        2,         3,   31,  32,    63,
                                    64,      127,      128,       447, 448, 511.0, 1e9f,
                                    missing, infinity, -infinity, -1,  2.5f};
    matrix<float> x(values.size(), 2);
    for (std::size_t i = 0; i < values.size(); ++i) x(i, 0) = values[i];
    for (bool const missing_left : {false, true}) {
        check_struck_leaves(of_category_words({0b1010}, missing_left), std::as_const(x).view());
        check_struck_leaves(of_category_words({1, 0, 1u << 31}, missing_left),
                            std::as_const(x).view());
        check_struck_leaves(of_category_words({0, 0, 0, 0, 0, 0, ~std::uint64_t{0}}, missing_left),
                            std::as_const(x).view());
    }
}

TEST_CASE(
    "values at a threshold, beside it, infinite and missing ones go where the tree sends them") {
    for (double const threshold : {0.1, -0.1, 0.0, 1e-50, 1e300, -1e300, 16777217.0}) {
        auto const x = rows_around(threshold);
        for (bool const missing_left : {false, true})
            check_struck_leaves(three_leaves(threshold, missing_left), x.view());
    }
}

TEST_CASE("blocks of any size of rows reach the leaves of trees of one word and of two") {
    constexpr std::size_t d = 7;
    for (std::size_t const n_leaves : {1u, 2u, 31u, 32u, 33u, 50u, 64u}) {
        auto const t = drawn_tree(n_leaves, d, n_leaves);
        for (std::size_t const n : {1u, 63u, 64u, 65u, 300u}) {
            auto x = uniform(n, d, 6);
            for (std::size_t i = 0; i < n; i += 3) x(i, i % d) = missing;
            check_struck_leaves(t, std::as_const(x).view());
            check_struck_leaves(t, std::as_const(x).view(), n / 2);
        }
    }
}

TEST_CASE("masked trees read rows and columns at any distance") {
    auto const x = uniform(2, 100, 3);  // read as 100 rows of 2, column by column, from the last
    check_struck_leaves(three_leaves(0.5, true),
                        matrix_view<float const>(x.data() + 99, 100, 2, -1, 100));
}
