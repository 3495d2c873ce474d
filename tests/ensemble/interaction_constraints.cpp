// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

using features = std::set<std::size_t>;

/// The features of every path from the root to a leaf.
void add_paths(tree const& t, std::uint32_t at, features path, std::vector<features>& out) {
    auto const& n = t.nodes()[at];
    if (n.is_leaf()) {
        out.push_back(path);
        return;
    }
    path.insert(n.feature());
    add_paths(t, n.left(), path, out);
    add_paths(t, n.left() + 1, path, out);
}
std::vector<features> paths_of(boosted_regressor const& model) {
    std::vector<features> out;
    for (auto const& t : model.trees()) add_paths(t, 0, {}, out);
    return out;
}
bool within(features const& path, features const& group) {
    return std::includes(group.begin(), group.end(), path.begin(), path.end());
}

gradient_boosting_regressor const recipe{
    .n_estimators = 20, .max_leaf_nodes = 15, .min_samples_leaf = 5};

}  // namespace

TEST_CASE("features of different groups never meet on a path") {
    auto const [x, y] = valued_grid(1000, 5, 1);
    auto constrained = recipe;
    constrained.interaction_cst = {{0, 1}, {1, 2}};  // 3 and 4 are one more group
    auto const paths = paths_of(constrained.fit(x, y, sequential{}));
    std::size_t pairs = 0;
    for (auto const& path : paths) {
        CHECK((within(path, {0, 1}) || within(path, {1, 2}) || within(path, {3, 4})));
        pairs += path.size() == 2 ? 1 : 0;
    }
    CHECK(pairs > 20);

    auto const free = paths_of(recipe.fit(x, y, sequential{}));
    CHECK(std::any_of(free.begin(), free.end(), [](auto const& p) {
        return within({0, 2, 1}, p);
    }));
}

TEST_CASE("without interactions a prediction is a sum over features") {
    auto const [x, y] = valued_grid(500, 3, 2);
    auto additive = recipe;
    additive.interaction_cst = {{0}, {1}, {2}};
    auto const model = additive.fit(x, y, sequential{});
    // f(a, b) - f(a', b) does not depend on b.
    matrix<float> corners(4, 3, 5);
    corners(1, 0) = corners(3, 0) = 8;
    corners(2, 1) = corners(3, 1) = 2;
    auto const p = model.predict(corners, sequential{});
    CHECK(p[1] != p[0]);
    CHECK(std::abs((p[1] - p[0]) - (p[3] - p[2])) < 1e-12);
}

TEST_CASE("one group of all features forbids nothing") {
    auto const [x, y] = valued_grid(500, 3, 3);
    auto all = recipe;
    all.interaction_cst = {{2, 0, 1}};
    CHECK(all.fit(x, y, sequential{}) == recipe.fit(x, y, sequential{}));
}

TEST_CASE_TEMPLATE("constrained fits are equal for every backend and n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const [x, y] = valued_grid(1000, 5, 4);
    auto constrained = recipe;
    constrained.interaction_cst = {{0, 1}, {2, 3}};
    constrained.sampling.columns_by_node = 0.7;
    auto const expected = constrained.fit(x, y, sequential{});
    CHECK(constrained.fit(x, y, with_jobs<Backend>(3)) == expected);
}

TEST_CASE("a group must name columns of x") {
    auto const [x, y] = valued_grid(30, 3, 5);
    auto wrong = recipe;
    wrong.interaction_cst = {{0, 3}};
    CHECK_THROWS_WITH_AS(
        (void)wrong.fit(x, y, sequential{}),
        "gradient_boosting_regressor::fit: interaction_cst names column 3 but x has 3 columns",
        invalid_input);
}
