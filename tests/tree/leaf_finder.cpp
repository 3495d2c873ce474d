// SPDX-License-Identifier: BSD-3-Clause
#include "support/drawn_tree.hpp"
#include "support/samples.hpp"

#include <copse/par/sequential.hpp>
#include <copse/tree/leaf_finder.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// Splits feature `j` by whether it is category 1 or 3.
tree of_categories(std::uint32_t j) {
    std::vector<node> nodes{node::category_split(j, 0, 1, false), node::pure_leaf(0),
                            node::pure_leaf(1)};
    nodes[0].set_left(1);
    return {std::move(nodes), {}, {0b1010}};
}

template <class T>
void check_found_leaves(std::vector<tree> const& trees, matrix<T> const& x) {
    detail::leaf_finder<T> const finder(sequential{}, trees, x.view());
    for (std::size_t first = 0; first < x.rows(); first += finder.most_rows()) {
        auto leaves = finder.block(first, std::min(finder.most_rows(), x.rows() - first));
        for (std::size_t t = 0; t < trees.size(); ++t) {
            auto const& found = leaves(t);
            for (std::size_t i = 0; i < found.size(); ++i)
                CHECK(found[i] == trees[t].leaf_of(x.row(first + i).data()));
        }
    }
}

}  // namespace

TEST_CASE("leaves are those of the trees, whatever the trees, the numbers and the rows") {
    constexpr std::size_t d = 5;
    // Small and large; small ones alone, of which blocks are others; one that takes for categories
    // what others take for numbers.
    std::vector<tree> const mixed{drawn_tree(20, d - 1, 1), drawn_tree(200, d - 1, 2),
                                  of_categories(d - 1)};
    std::vector<tree> const small{drawn_tree(20, d - 1, 1), drawn_tree(64, d - 1, 3),
                                  of_categories(d - 1)};
    std::vector<tree> const at_odds{drawn_tree(20, d, 1), of_categories(0)};
    for (std::size_t const n : {1u, 5u, 31u, 32u, 2000u}) {
        auto floats = uniform(n, d, 4);
        for (std::size_t i = 0; i < n; ++i) floats(i, d - 1) = static_cast<float>(i % 6);
        matrix<double> doubles(n, d);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < d; ++j) doubles(i, j) = static_cast<double>(floats(i, j));
        }
        check_found_leaves(mixed, floats);
        check_found_leaves(mixed, doubles);
        check_found_leaves(small, floats);
        check_found_leaves(small, doubles);
        check_found_leaves(at_odds, floats);
    }
}
