// SPDX-License-Identifier: BSD-3-Clause
#include "support/estimator_checks.hpp"
#include "support/forest_fits.hpp"

using namespace copse;
using namespace copse::test;

TEST_CASE("random_forest_classifier keeps the promises of a trainer") {
    promises const promised{.trainer = "random_forest_classifier", .model = "forest_classifier"};
    SUBCASE("gini") { check_classifier(random_forest_classifier{.n_estimators = 5}, promised); }
    SUBCASE("entropy, best first, with out-of-bag results") {
        // f(w) = w log2 w is rounded, so weights are not scaled exactly.
        auto entropy = promised;
        entropy.exact_weights = false;
        check_classifier(random_forest_classifier{.n_estimators = 4,
                                                  .max_leaf_nodes = 40,
                                                  .criterion = class_criterion::entropy,
                                                  .oob_score = true,
                                                  .random_state = 3,
                                                  .oob_permutation_importances = true},
                         entropy);
    }
    SUBCASE("pruned, balanced, five rows to a split") {
        // Balance is of rows, whatever their weights: scikit-learn's meaning.
        auto balanced = promised;
        balanced.exact_weights = false;
        check_classifier(
            random_forest_classifier{.n_estimators = 4,
                                     .min_samples_split = 5,
                                     .class_weight = class_weights::balanced_subsample(),
                                     .random_state = 9,
                                     .ccp_alpha = 0.001},
            balanced);
    }
}

TEST_CASE("random_forest_regressor keeps the promises of a trainer") {
    promises const promised{.trainer = "random_forest_regressor", .model = "forest_regressor"};
    SUBCASE("squared error, with out-of-bag results and leaf targets") {
        auto in_order = promised;
        in_order.equal_for_any_row_order = false;  // a leaf's targets are kept in order of rows
        check_regressor(random_forest_regressor{.n_estimators = 4,
                                                .oob_score = true,
                                                .oob_permutation_importances = true,
                                                .keep_leaf_targets = true},
                        in_order);
    }
    SUBCASE("absolute error, some features at a node") {
        check_regressor(random_forest_regressor{.n_estimators = 3,
                                                .max_features = feature_count::fraction(0.5),
                                                .criterion = real_criterion::absolute_error,
                                                .random_state = 8},
                        promised);
    }
    SUBCASE("Poisson deviance, half of the rows, at least two to a leaf") {
        // Logarithms of sums do not scale with the sums' units, so near ties fall differently.
        auto logarithmic = promised;
        logarithmic.exact_weights = false;
        check_regressor(random_forest_regressor{.n_estimators = 4,
                                                .min_samples_leaf = 2,
                                                .criterion = real_criterion::poisson,
                                                .max_samples = sample_count::fraction(0.5)},
                        logarithmic);
    }
}
