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
        entropy.equal_for_whole_weights = false;
        check_classifier(random_forest_classifier{.n_estimators = 4,
                                                  .max_leaf_nodes = 40,
                                                  .criterion = class_criterion::entropy,
                                                  .oob_score = true,
                                                  .random_state = 3,
                                                  .oob_permutation_importances = true},
                         entropy);
    }
    SUBCASE("categories, pruned, two rows to a leaf") {
        check_classifier(random_forest_classifier{.n_estimators = 4,
                                                  .min_samples_split = 5,
                                                  .class_weight = class_weights::balanced_subsample(),
                                                  .random_state = 9,
                                                  .ccp_alpha = 0.001},
                         promised);
    }
}
