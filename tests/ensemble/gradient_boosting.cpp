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

TEST_CASE("Poisson, gamma and Tweedie models predict exponentials of raw scores") {
    auto [x, y] = valued_grid(60, 3, 2);
    for (auto& value : y) value += 1;
    auto const check = [&, &x = x, &y = y](regression_loss const& loss, link_function expected) {
        auto const model = gradient_boosting_regressor{.n_estimators = 3, .loss = loss}.fit(x, y);
        CHECK(model.link() == expected);
        auto const raw = model.predict_raw(x);
        auto const answer = model.predict(x);
        for (std::size_t i = 0; i < y.size(); ++i) {
            auto const of_raw = expected == link_function::log ? std::exp(raw(i, 0)) : raw(i, 0);
            CHECK(answer[i] == doctest::Approx(of_raw).epsilon(1e-14));
        }
    };
    check(poisson_loss{}, link_function::log);
    check(gamma_loss{}, link_function::log);
    check(tweedie_loss{}, link_function::log);
    check(squared_error_loss{}, link_function::identity);
    check(quantile_loss{}, link_function::identity);
}
