// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/estimator_checks.hpp"
#include "support/samples.hpp"

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

TEST_CASE_TEMPLATE("boosting is equal for every backend and n_jobs, also where leaves are few",
                   Backend, COPSE_TEST_BACKENDS) {
    // With threads nodes are opened ahead of time; with a limit some of them are not split.
    auto const [x, y] = labelled_grid(2000, 5, 1);
    gradient_boosting_classifier const few{
        .n_estimators = 10, .max_leaf_nodes = 6, .min_samples_leaf = 1};
    auto const expected = few.fit(x, y, sequential{});
    for (auto const n_jobs : {1, 2, 5}) {
        CHECK(few.fit(x, y, with_jobs<Backend>(n_jobs)) == expected);
    }
}

TEST_CASE_TEMPLATE("boosting is equal for every backend and n_jobs where rows of a node are shared",
                   Backend, COPSE_TEST_BACKENDS) {
    auto const [x, y] = valued_grid(4 * detail::rows_worth_sharing, 5, 2);
    gradient_boosting_regressor const large{.n_estimators = 3, .max_leaf_nodes = 6};
    auto const expected = large.fit(x, y, sequential{});
    for (auto const n_jobs : {2, 5}) {
        CHECK(large.fit(x, y, with_jobs<Backend>(n_jobs)) == expected);
    }
}
