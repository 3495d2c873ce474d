// SPDX-License-Identifier: BSD-3-Clause
#include "support/estimator_checks.hpp"
#include "support/forest_fits.hpp"

#include <algorithm>

using namespace copse;
using namespace copse::test;

TEST_CASE("extra_trees_classifier keeps the promises of a trainer") {
    promises const promised{.trainer = "extra_trees_classifier", .model = "forest_classifier"};
    SUBCASE("all rows") { check_classifier(extra_trees_classifier{.n_estimators = 5}, promised); }
    SUBCASE("bootstrap") {
        check_classifier(
            extra_trees_classifier{.n_estimators = 5, .bootstrap = true, .oob_score = true},
            promised);
    }
}

TEST_CASE("extra_trees_regressor keeps the promises of a trainer") {
    check_regressor(extra_trees_regressor{.n_estimators = 4},
                    {.trainer = "extra_trees_regressor", .model = "forest_regressor"});
}

TEST_CASE("extra trees cut at random, and differently for each random state") {
    auto const data = valued_grid(300, 3, 1);
    auto const stump = [&](std::uint64_t state) {
        auto const forest =
            extra_trees_regressor{.n_estimators = 1, .max_depth = 1, .random_state = state}.fit(
                data.x, data.y);
        return forest.trees()[0].nodes()[0];
    };
    std::vector<double> thresholds;
    for (std::uint64_t state = 0; state < 40; ++state) {
        if (stump(state).feature() == 0) thresholds.push_back(stump(state).threshold());
    }
    std::sort(thresholds.begin(), thresholds.end());
    thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
    CHECK(thresholds.size() >= 4);
}

TEST_CASE("a random cut falls evenly between the least and the greatest value") {
    // One column of 0, 1, ..., 99: of 2000 stumps, about a quarter cut in each quarter.
    matrix<float> x(100, 1);
    std::vector<double> y(100);
    for (std::size_t i = 0; i < 100; ++i) x(i, 0) = static_cast<float>(y[i] = double(i));
    auto const forest = extra_trees_regressor{.n_estimators = 2000, .max_depth = 1}.fit(x, y);
    std::size_t in_quarter[4] = {};
    for (auto const& t : forest.trees()) {
        auto const cut = t.nodes()[0].threshold();
        CHECK((cut >= 0 && cut < 99));
        ++in_quarter[std::min<std::size_t>(3, static_cast<std::size_t>(cut / 24.75))];
    }
    for (auto const n : in_quarter) CHECK((n > 400 && n < 600));
}
