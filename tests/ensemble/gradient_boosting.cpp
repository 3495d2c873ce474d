// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/estimator_checks.hpp"

#include <cmath>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

// With these, whatever a sum can make of weights and repeated rows is the same.
constexpr boosting_regularization no_least_weight{.min_child_weight = 0};

}  // namespace

TEST_CASE("gradient_boosting_classifier keeps the promises of a trainer") {
    promises const promised{.trainer = "gradient_boosting_classifier",
                            .model = "boosted_classifier",
                            .weights_are_ratios = false};
    check_classifier(gradient_boosting_classifier{.n_estimators = 5,
                                                  .learning_rate = 0.5,
                                                  .max_leaf_nodes = 8,
                                                  .min_samples_leaf = 1,
                                                  .regularization = no_least_weight},
                     promised);
}

TEST_CASE("gradient_boosting_regressor keeps the promises of a trainer") {
    promises const promised{.trainer = "gradient_boosting_regressor",
                            .model = "boosted_regressor",
                            .weights_are_ratios = false,
                            .predicts_within_targets = false};
    check_regressor(gradient_boosting_regressor{.n_estimators = 5,
                                                .learning_rate = 0.5,
                                                .max_leaf_nodes = 8,
                                                .min_samples_leaf = 1,
                                                .regularization = no_least_weight},
                    promised);
}
