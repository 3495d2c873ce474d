// SPDX-License-Identifier: BSD-3-Clause
#include "support/any_fits.hpp"
#include "support/estimator_checks.hpp"

#include <copse/meta/any_regressor.hpp>

#include <vector>

using namespace copse;
using namespace copse::test;

TEST_CASE("any_regressor_trainer keeps the promises of the trainer in it") {
    check_regressor(
        any_regressor_trainer(random_forest_regressor{.n_estimators = 3, .bootstrap = false}),
        {.trainer = "random_forest_regressor", .model = "forest_regressor"});
}

TEST_CASE("what any_regressor_trainer fits is what its trainer fits") {
    auto const set = valued_grid(120, 4, 5);
    random_forest_regressor const forest{.n_estimators = 4, .random_state = 2};
    gradient_boosting_regressor const boosting{.n_estimators = 3, .min_samples_leaf = 2};
    ridge const linear{.alpha = 2};
    std::vector<any_regressor_trainer> const trainers{forest, boosting, linear};
    CHECK(*trainers[0].fit(set.x, set.y).get_if<forest_regressor>() == forest.fit(set.x, set.y));
    CHECK(*trainers[1].fit(set.x, set.y).get_if<boosted_regressor>() == boosting.fit(set.x, set.y));
    auto const of_ridge = trainers[2].fit(set.x, set.y, copse::tbb{.n_jobs = 2});
    CHECK(*of_ridge.get_if<linear_regressor>() == linear.fit(set.x, set.y));
    CHECK(of_ridge.predict(set.x) == linear.fit(set.x, set.y).predict(set.x));
    CHECK(of_ridge.get_if<forest_regressor>() == nullptr);
    CHECK(of_ridge.n_features() == 4);
    CHECK(of_ridge == trainers[2].fit(set.x, set.y, sequential{}));
    CHECK(of_ridge != trainers[0].fit(set.x, set.y));
    CHECK(trainers[2] != any_regressor_trainer(ridge{.alpha = 3}));
    CHECK(trainers[2] == any_regressor_trainer(ridge{.alpha = 2}));
    CHECK(trainers[0].with_random_state(7).get_if<random_forest_regressor>()->random_state == 7);
}
