// SPDX-License-Identifier: BSD-3-Clause
#include "support/any_fits.hpp"
#include "support/estimator_checks.hpp"

#include <copse/meta/voting.hpp>

#include <cmath>
#include <stop_token>
#include <tuple>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

random_forest_classifier const three_trees{.n_estimators = 3, .bootstrap = false};
gradient_boosting_classifier const small_boosting{.n_estimators = 4,
                                                  .learning_rate = 0.5,
                                                  .max_leaf_nodes = 8,
                                                  .min_samples_leaf = 1,
                                                  .regularization = {.min_child_weight = 0}};

}  // namespace

TEST_CASE("voting_classifier keeps the promises of a trainer") {
    promises const promised{
        .trainer = "voting_classifier", .model = "voted_classifier", .weights_are_ratios = false};
    SUBCASE("soft") {
        check_classifier(
            voting_classifier{.members = {three_trees, small_boosting}, .weights = {2, 1}},
            promised);
    }
    SUBCASE("hard, of known types") {
        auto voting = voting_classifier_of(three_trees, small_boosting, three_trees);
        voting.voting = voting_rule::hard;
        check_classifier(voting, promised);
    }
}

TEST_CASE("voting_regressor keeps the promises of a trainer") {
    check_regressor(
        voting_regressor{
            .members = {random_forest_regressor{.n_estimators = 3, .bootstrap = false},
                        gradient_boosting_regressor{.n_estimators = 20,
                                                    .learning_rate = 0.3,
                                                    .max_leaf_nodes = 8,
                                                    .min_samples_leaf = 1,
                                                    .regularization = {.min_child_weight = 0}}}},
        {.trainer = "voting_regressor",
         .model = "voted_regressor",
         .weights_are_ratios = false,
         .predicts_within_targets = false});
}

TEST_CASE("soft voting is the weighted mean of probabilities, whichever way members are held") {
    auto const set = labelled_grid(100, 4, 5);
    auto typed = voting_classifier_of(three_trees, small_boosting);
    typed.weights = {3, 1};
    auto const model = typed.fit(set.x, set.y);
    auto const p = three_trees.fit(set.x, set.y).predict_proba(set.x);
    auto const q = small_boosting.fit(set.x, set.y).predict_proba(set.x);
    auto const together = model.predict_proba(set.x);
    for (std::size_t i = 0; i < 100; ++i) {
        for (std::size_t k = 0; k < 3; ++k)
            CHECK(together(i, k) == doctest::Approx(0.75 * p(i, k) + 0.25 * q(i, k)));
    }
    voting_classifier const erased{.members = {three_trees, small_boosting}, .weights = {3, 1}};
    CHECK(erased.fit(set.x, set.y).predict_proba(set.x) == together);
    CHECK(std::get<0>(model.members()) == three_trees.fit(set.x, set.y));
}

TEST_CASE("hard voting counts votes, and a tie is the lower class's") {
    auto const set = labelled_grid(100, 4, 5);
    logistic_regression const weak{.C = 1e-3};
    voting_classifier const voting{.members = {three_trees, weak}, .voting = voting_rule::hard};
    auto const model = voting.fit(set.x, set.y);
    auto const a = three_trees.fit(set.x, set.y).predict(set.x);
    auto const b = weak.fit(set.x, set.y).predict(set.x);
    auto const y = model.predict(set.x);
    std::size_t n_ties = 0;
    for (std::size_t i = 0; i < 100; ++i) {
        CHECK(y[i] == std::min(a[i], b[i]));
        n_ties += a[i] == b[i] ? 0 : 1;
    }
    CHECK(n_ties > 5);
    auto const outvoted =
        voting_classifier{
            .members = {three_trees, weak}, .weights = {1, 1.5}, .voting = voting_rule::hard}
            .fit(set.x, set.y);
    CHECK(outvoted.predict(set.x) == b);
}

TEST_CASE("a vote of one is its member") {
    auto const set = labelled_grid(100, 4, 5);
    auto const model = voting_classifier{.members = {small_boosting}}.fit(set.x, set.y);
    auto const own = small_boosting.fit(set.x, set.y);
    CHECK(model.predict_proba(set.x) == own.predict_proba(set.x));
    CHECK(*model.members()[0].get_if<boosted_classifier>() == own);
    auto const values = valued_grid(60, 3, 5);
    ridge const linear{};
    CHECK(voting_regressor{.members = {linear}}.fit(values.x, values.y).predict(values.x) ==
          linear.fit(values.x, values.y).predict(values.x));
}

TEST_CASE("a vote can be a member of a vote") {
    auto const set = labelled_grid(80, 3, 5);
    voting_classifier const inner{.members = {three_trees, small_boosting}};
    voting_classifier const outer{.members = {inner, logistic_regression{}}};
    auto const model = outer.fit(set.x, set.y, copse::tbb{.n_jobs = 3});
    CHECK(model == outer.fit(set.x, set.y, sequential{}));
    CHECK(*model.members()[0].get_if<voted_classifier>() == inner.fit(set.x, set.y));
}

TEST_CASE("what a vote cannot be made of gets a sentence") {
    auto const set = labelled_grid(40, 3, 5);
    auto const refuses = [&](voting_classifier const& voting, char const* text) {
        CHECK_THROWS_WITH_AS((void)voting.fit(set.x, set.y), text, invalid_input);
    };
    refuses({}, "voting_classifier::fit: there are 0 members; there must be at least 1");
    refuses({.members = {three_trees, linear_svc{}}},
            "voting_classifier::fit: voting is soft but member 1 of 2 gives no probabilities; make "
            "it a calibrated one, or vote hard");
    refuses({.members = {three_trees}, .weights = {1, 2}},
            "voting_classifier::fit: weights has 2 values but there are 1 members");
    refuses({.members = {three_trees, three_trees}, .weights = {1, -2}},
            "voting_classifier::fit: the weight of member 1 is -2; it must be at least 0 and "
            "finite");
    refuses({.members = {three_trees, three_trees}, .weights = {0, 0}},
            "voting_classifier::fit: the 2 weights sum to 0; the sum must be greater than 0 and "
            "finite");
    std::stop_source source;
    source.request_stop();
    CHECK_THROWS_AS((void)voting_classifier{.members = {three_trees}}.fit(
                        set.x, set.y, {.stop = source.get_token()}),
                    stopped);
}
