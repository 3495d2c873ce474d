// SPDX-License-Identifier: BSD-3-Clause
#include "support/any_fits.hpp"
#include "support/estimator_checks.hpp"

#include <copse/core/random.hpp>
#include <copse/meta/stacking.hpp>
#include <copse/metrics/classification.hpp>
#include <copse/metrics/probability.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stop_token>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

random_forest_classifier const small_forest{.n_estimators = 4, .max_depth = 3};

}  // namespace

TEST_CASE("stacking_classifier keeps the promises of a trainer") {
    promises const promised{.trainer = "stacking_classifier",
                            .model = "stacked_classifier",
                            .exact_weights = false,
                            .least_right = 180,
                            .goes_by_row_order = true,
                            .fits_few_rows = false};
    random_forest_classifier const forest{.n_estimators = 3};
    gradient_boosting_classifier const boosting{
        .n_estimators = 4, .max_leaf_nodes = 8, .min_samples_leaf = 2};
    check_classifier(stacking_classifier{.members = {forest, boosting}, .folds = {.n_splits = 3}},
                     promised);
    SUBCASE("a forest learns from members and columns") {
        check_classifier(stacking_classifier{.members = {boosting},
                                             .meta = forest,
                                             .folds = {.n_splits = 2},
                                             .passthrough = true},
                         promised);
    }
}

TEST_CASE("stacking_regressor keeps the promises of a trainer") {
    // What ridge makes of members that say the one target there is, is it up to rounding only; so
    // the mean of a forest learns from them here.
    check_regressor(
        stacking_regressor{
            .members = {random_forest_regressor{.n_estimators = 3},
                        gradient_boosting_regressor{.n_estimators = 10, .min_samples_leaf = 2}},
            .meta = random_forest_regressor{.n_estimators = 5, .bootstrap = false},
            .folds = {.n_splits = 3}},
        {.trainer = "stacking_regressor",
         .model = "stacked_regressor",
         .exact_weights = false,
         .goes_by_row_order = true,
         .fits_few_rows = false});
}

TEST_CASE("meta learns from what models of folds say, and reads what models of all rows say") {
    auto const set = labelled_grid(90, 4, 5);
    stacking_classifier const stacking{.members = {small_forest, linear_svc{}},
                                       .folds = {.n_splits = 3}};
    auto const model = stacking.fit(set.x, set.y, copse::tbb{.n_jobs = 2});
    // By hand.
    matrix<double> said(90, 6);
    for (auto const& fold : stacking.folds.split({.n_rows = 90, .y = set.y})) {
        auto const x = rows_of(set.x, fold.train);
        auto const y = rows_of(set.y, fold.train);
        auto const p = small_forest.fit(x, y).predict_proba(rows_of(set.x, fold.test));
        auto const s = linear_svc{}.fit(x, y).decision_function(rows_of(set.x, fold.test));
        for (std::size_t i = 0; i < fold.test.size(); ++i) {
            for (std::size_t k = 0; k < 3; ++k) {
                said(fold.test[i], k) =
                    std::log(std::clamp(static_cast<double>(p(i, k)), 1e-4, 1 - 1e-4));
                said(fold.test[i], 3 + k) = s(i, k);
            }
        }
    }
    CHECK(*model.meta().get_if<logistic_classifier>() == logistic_regression{}.fit(said, set.y));
    CHECK(*model.members()[0].get_if<forest_classifier>() == small_forest.fit(set.x, set.y));
    CHECK(*model.members()[1].get_if<linear_classifier>() == linear_svc{}.fit(set.x, set.y));
}

TEST_CASE("of two classes a member says one number, and passthrough adds the columns of x") {
    auto const set = labelled_grid(80, 4, 5);
    std::vector<int> two;
    for (auto const label : set.y) two.push_back(label < 7 ? 0 : 1);
    stacking_classifier stacking{.members = {small_forest, logistic_regression{}}};
    CHECK(stacking.fit(set.x, two).meta().n_features() == 2);
    stacking.passthrough = true;
    auto const model = stacking.fit(set.x, two);
    CHECK(model.meta().n_features() == 6);
    CHECK(model.passthrough());
}

TEST_CASE("a stack is better than its members where they err apart") {
    // The label needs one column of the forest's kind and a sum of the linear kind.
    auto const made = [](std::uint64_t seed) {
        labelled out{uniform(1200, 6, seed), {}};
        for (std::size_t i = 0; i < 1200; ++i) {
            auto const step = (out.x(i, 0) > 0.3f && out.x(i, 0) < 0.7f) ? 1.0f : 0.0f;
            auto const sum = out.x(i, 1) + out.x(i, 2) - out.x(i, 3) - out.x(i, 4);
            out.y.push_back(step + sum > 0.5f ? 1 : 0);
        }
        return out;
    };
    auto const train = made(1);
    auto const test = made(2);
    random_forest_classifier const forest{.n_estimators = 30, .max_depth = 2};
    logistic_regression const linear{};
    auto const score = [&](auto const& trainer) {
        return metrics::accuracy(test.y, trainer.fit(train.x, train.y).predict(test.x));
    };
    auto const stacked = score(stacking_classifier{.members = {forest, linear}});
    CHECK(stacked > score(forest));
    CHECK(stacked > score(linear));
}

TEST_CASE("a stack of one member says what the member says") {
    // Labels that are drawn: most rows are nearly sure, so that probabilities are far from
    // log-odds.
    auto const made = [](std::uint64_t seed) {
        labelled out{uniform(3000, 4, seed), {}};
        auto const draws = random_stream(seed).split(purpose::rows);
        for (std::size_t i = 0; i < 3000; ++i) {
            auto const odds = std::exp(10 * (out.x(i, 0) + out.x(i, 1) - 1));
            out.y.push_back(draws.uniform(i) < odds / (1 + odds) ? 1 : 0);
        }
        return out;
    };
    auto const train = made(1);
    auto const test = made(2);
    auto const score = [&](auto const& trainer) {
        auto const model = trainer.fit(train.x, train.y);
        return metrics::log_loss(test.y, model.predict_proba(test.x), model.classes());
    };
    logistic_regression const member{};
    CHECK(score(stacking_classifier{.members = {member}}) < score(member) + 0.005);
}

TEST_CASE("a class of one row, and what cannot be stacked") {
    auto set = labelled_grid(60, 3, 5);
    set.y[7] = 9;  // its fold's models do not know it
    stacking_classifier const stacking{.members = {small_forest, linear_svc{}}};
    auto const model = stacking.fit(set.x, set.y);
    CHECK(model.classes() == std::vector<int>{-1, 5, 7, 9});
    CHECK(model.predict_proba(set.x).cols() == 4);
    CHECK_THROWS_WITH_AS((void)stacking_classifier{}.fit(set.x, set.y),
                         "stacking_classifier::fit: there are 0 members; there must be at least 1",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)stacking.fit(matrix<float>(3, 2), std::vector<int>{0, 1, 0}),
                         "stratified_k_fold::split: n_splits is 5 but there are 3 rows",
                         invalid_input);
    auto silent = stacking;
    silent.meta = linear_svc{};
    CHECK(!any_classifier_trainer(silent).gives_probabilities());
    CHECK_THROWS_AS((void)silent.fit(set.x, set.y).predict_proba(set.x), invalid_input);
    std::stop_source source;
    source.request_stop();
    CHECK_THROWS_AS((void)stacking.fit(set.x, set.y, {.stop = source.get_token()}), stopped);
}

TEST_CASE("ridge learns from regressors which of them to believe") {
    auto const set = valued_grid(200, 4, 5);
    stacking_regressor const stacking{
        .members = {gradient_boosting_regressor{.n_estimators = 50, .min_samples_leaf = 3},
                    ridge{.alpha = 1e6, .fit_intercept = false}}};
    auto const model = stacking.fit(set.x, set.y);
    auto const* const meta = model.meta().get_if<linear_regressor>();
    REQUIRE(meta != nullptr);
    CHECK(meta->coef()[0] == doctest::Approx(1).epsilon(0.1));
    CHECK(model == stacking.fit(set.x, set.y, sequential{}));
}
