// SPDX-License-Identifier: BSD-3-Clause
#include "support/any_fits.hpp"
#include "support/estimator_checks.hpp"

#include <copse/linear/one_vs_rest.hpp>
#include <copse/meta/any_classifier.hpp>

#include <stop_token>
#include <thread>
#include <vector>

using namespace copse;
using namespace copse::test;

TEST_CASE("any_classifier_trainer keeps the promises of the trainer in it") {
    check_classifier(
        any_classifier_trainer(random_forest_classifier{.n_estimators = 3, .bootstrap = false}),
        {.trainer = "random_forest_classifier", .model = "forest_classifier"});
}

TEST_CASE("what any_classifier_trainer fits is what its trainer fits") {
    auto const set = labelled_grid(120, 4, 5);
    random_forest_classifier const forest{.n_estimators = 4, .random_state = 2};
    gradient_boosting_classifier const boosting{.n_estimators = 3, .min_samples_leaf = 2};
    logistic_regression const logistic{.C = 0.1};
    linear_svc const svc{};
    std::vector<any_classifier_trainer> const trainers{forest, boosting, logistic, svc,
                                                       one_vs_rest{logistic}};
    std::vector<any_classifier> models;
    for (auto const& t : trainers) models.push_back(t.fit(set.x, set.y, copse::tbb{.n_jobs = 2}));
    REQUIRE(models[0].get_if<forest_classifier>() != nullptr);
    CHECK(*models[0].get_if<forest_classifier>() == forest.fit(set.x, set.y));
    CHECK(*models[1].get_if<boosted_classifier>() == boosting.fit(set.x, set.y));
    CHECK(*models[2].get_if<logistic_classifier>() == logistic.fit(set.x, set.y));
    CHECK(*models[3].get_if<linear_classifier>() == svc.fit(set.x, set.y));
    CHECK(models[0].get_if<boosted_classifier>() == nullptr);
    CHECK(models[0].predict_proba(set.x) == forest.fit(set.x, set.y).predict_proba(set.x));
    CHECK(models[1].decision_function(set.x) ==
          boosting.fit(set.x, set.y).decision_function(set.x));
    for (auto const& m : models) {
        CHECK(m.classes() == std::vector<int>{-1, 5, 7});
        CHECK(m.n_features() == 4);
        CHECK(m.predict(set.x).size() == 120);
    }
}

TEST_CASE("the weights and the stop of a fit reach the trainer in it") {
    auto const set = labelled_grid(80, 3, 5);
    std::vector<double> weights(80, 1.0);
    for (std::size_t i = 0; i < 80; i += 3) weights[i] = 4;
    gradient_boosting_classifier const boosting{.n_estimators = 3, .min_samples_leaf = 2};
    any_classifier_trainer const any = boosting;
    CHECK(*any.fit(set.x, set.y, {.sample_weight = weights}).get_if<boosted_classifier>() ==
          boosting.fit(set.x, set.y, {.sample_weight = weights}));
    std::stop_source source;
    source.request_stop();
    CHECK_THROWS_AS((void)any.fit(set.x, set.y, {.stop = source.get_token()}), stopped);
}

TEST_CASE("values of any type are equal when their types and values are") {
    any_classifier_trainer const a = logistic_regression{.C = 2};
    any_classifier_trainer const same = logistic_regression{.C = 2};
    any_classifier_trainer const other = logistic_regression{.C = 3};
    any_classifier_trainer const another = linear_svc{.C = 2};
    CHECK(a == same);
    CHECK(a != other);
    CHECK(a != another);
    auto const set = labelled_grid(60, 3, 5);
    CHECK(a.fit(set.x, set.y) == same.fit(set.x, set.y));
    CHECK(a.fit(set.x, set.y) != other.fit(set.x, set.y));
    CHECK(a.fit(set.x, set.y) != another.fit(set.x, set.y));
    CHECK(a.get_if<logistic_regression>()->C == 2);
    CHECK(a.get_if<linear_svc>() == nullptr);
}

TEST_CASE("a model without probabilities says so") {
    auto const set = labelled_grid(60, 3, 5);
    any_classifier_trainer const svc = linear_svc{};
    any_classifier_trainer const forest = random_forest_classifier{.n_estimators = 2};
    CHECK(!svc.gives_probabilities());
    CHECK(forest.gives_probabilities());
    auto const model = svc.fit(set.x, set.y);
    CHECK(!model.has_predict_proba());
    CHECK(model.has_decision_function());
    CHECK_THROWS_WITH_AS((void)model.predict_proba(set.x),
                         "any_classifier::predict_proba: the model gives no probabilities; fit it "
                         "calibrated",
                         invalid_input);
    auto const of_trees = forest.fit(set.x, set.y);
    CHECK(of_trees.has_predict_proba());
    CHECK(!of_trees.has_decision_function());
    CHECK_THROWS_WITH_AS((void)of_trees.decision_function(set.x),
                         "any_classifier::decision_function: the model has none; it has "
                         "predict_proba",
                         invalid_input);
}

TEST_CASE("a trainer of any type can be given a seed and some of the columns") {
    random_forest_classifier forest{
        .n_estimators = 2, .categorical_features = {1, 4}, .monotonic_cst = {0, 0, 1, 0, -1}};
    any_classifier_trainer const any = forest;
    forest.random_state = 9;
    CHECK(any.with_random_state(9) == any_classifier_trainer(forest));
    // Of columns 1, 2 and 4: 1 and 4 are first and third, and their constraints go with them.
    std::vector<std::size_t> const columns{1, 2, 4};
    auto const some = any.on_columns(columns, 5);
    CHECK(some.get_if<random_forest_classifier>()->categorical_features ==
          std::vector<std::size_t>{0, 2});
    CHECK(some.get_if<random_forest_classifier>()->monotonic_cst == std::vector<int>{0, 1, -1});
    gradient_boosting_classifier const boosting{.interaction_cst = {{0, 1}, {2, 4}, {3}}};
    auto const narrow = detail::on_columns(one_vs_rest{boosting}, columns, 5);
    CHECK(narrow.trainer.interaction_cst == std::vector<std::vector<std::size_t>>{{0}, {1, 2}});
    CHECK(detail::with_random_state(one_vs_rest{boosting}, 4).trainer.random_state == 4);
    CHECK(any_classifier_trainer(linear_svc{}).with_random_state(3) ==
          any_classifier_trainer(linear_svc{}));
}

TEST_CASE("one model answers many threads") {
    auto const set = labelled_grid(200, 4, 5);
    any_classifier const model =
        any_classifier_trainer(random_forest_classifier{.n_estimators = 5}).fit(set.x, set.y);
    auto const answer = model.predict_proba(set.x);
    std::vector<int> same(4);
    {
        std::vector<std::jthread> threads;
        for (auto& s : same) {
            threads.emplace_back(
                [&] { s = model.predict_proba(set.x, sequential{}) == answer ? 1 : 0; });
        }
    }
    CHECK(same == std::vector<int>(4, 1));
}
