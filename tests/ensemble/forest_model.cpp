// SPDX-License-Identifier: BSD-3-Clause
#include "support/forest_fits.hpp"
#include "support/samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

using namespace copse;
using namespace copse::test;

TEST_CASE("one row at a time is answered like many") {
    auto const [x, y] = labelled_grid(300, 4, 2);
    std::vector<int> many_labels;  // more classes than one pass over the votes
    for (std::size_t i = 0; i < y.size(); ++i) many_labels.push_back(static_cast<int>(i % 37));
    for (auto const& labels : {y, many_labels}) {
        for (std::size_t const n_trees : {1u, 7u, 8u, 70u}) {
            for (auto const& categorical :
                 {std::vector<std::size_t>{}, std::vector<std::size_t>{1}}) {
                auto const forest = random_forest_classifier{.n_estimators = n_trees,
                                                             .max_depth = 6,
                                                             .categorical_features = categorical}
                                        .fit(x, labels);
                auto const proba = forest.predict_proba(x);
                std::vector<float> one(proba.cols());
                for (std::size_t i = 0; i < 20; ++i) {
                    forest.predict_proba(x.row(i), std::span(one));
                    CHECK(std::ranges::equal(one, proba.row(i)));
                    std::vector<double> const wide(x.row(i).begin(), x.row(i).end());
                    forest.predict_proba(std::span(wide), std::span(one));
                    CHECK(std::ranges::equal(one, proba.row(i)));
                }
            }
        }
    }
    auto const values = valued_grid(300, 4, 2);
    for (std::size_t const n_trees : {1u, 8u, 70u}) {
        auto const forest =
            random_forest_regressor{.n_estimators = n_trees}.fit(values.x, values.y);
        auto const answer = forest.predict(values.x);
        for (std::size_t i = 0; i < 20; ++i) CHECK(forest.predict(values.x.row(i)) == answer[i]);
    }
}

TEST_CASE("a forest's answer is the mean of its trees'") {
    auto const [x, y] = valued_grid(200, 4, 3);
    auto const forest = random_forest_regressor{.n_estimators = 9}.fit(x, y);
    auto const trees = forest.predict_trees(x);
    auto const answer = forest.predict(x);
    REQUIRE(trees.cols() == 9);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        auto const row = trees.row(i);
        CHECK(answer[i] == std::accumulate(row.begin(), row.end(), 0.0) / 9);
    }

    // Trees grown until pure vote for one class each.
    auto const classes = labelled_grid(200, 6, 3);
    auto const voting = extra_trees_classifier{.n_estimators = 9}.fit(classes.x, classes.y);
    auto const votes = voting.predict_trees(classes.x);
    auto const proba = voting.predict_proba(classes.x);
    for (std::size_t i = 0; i < 200; ++i) {
        std::vector<double> count(3);
        for (auto const code : votes.row(i)) ++count[code];
        for (std::size_t k = 0; k < 3; ++k)
            CHECK(proba(i, k) == doctest::Approx(count[k] / 9).epsilon(1e-6));
    }
}

TEST_CASE("apply names the leaf of each row in each tree") {
    auto const [x, y] = labelled_grid(200, 4, 3);
    auto const forest = random_forest_classifier{.n_estimators = 5}.fit(x, y);
    auto const leaves = forest.apply(x);
    REQUIRE(leaves.rows() == 200);
    REQUIRE(leaves.cols() == 5);
    for (std::size_t i = 0; i < 200; ++i) {
        for (std::size_t t = 0; t < 5; ++t) {
            CHECK(leaves(i, t) == forest.trees()[t].leaf_of(&x(i, 0)));
            CHECK(forest.trees()[t].nodes()[leaves(i, t)].is_leaf());
        }
    }
    CHECK_THROWS_WITH_AS((void)forest.apply(matrix<float>(1, 3)),
                         "forest::apply: x has 3 columns but the model was fitted on 4",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)forest.predict_proba(matrix<float>(1, 5)),
                         "forest_classifier::predict_proba: x has 5 columns but the model was "
                         "fitted on 4",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)forest.predict(x, copse::tbb{0}),
                         "forest_classifier::predict: n_jobs is 0; it must be -1 (all cores) or at "
                         "least 1",
                         invalid_input);
}

TEST_CASE("equal votes go to the lower class") {
    matrix<float> const x(2, 1, 1.0f);
    auto const forest =
        random_forest_classifier{.n_estimators = 1, .bootstrap = false}.fit(x, std::vector{9, 4});
    CHECK(forest.predict_proba(x)(0, 0) == 0.5f);
    CHECK(forest.predict(x) == std::vector{4, 4});
}

TEST_CASE("importances are of sum 1, and all 0 where nothing was split") {
    auto const [x, y] = labelled_grid(300, 5, 1);
    auto const importances =
        random_forest_classifier{.n_estimators = 20}.fit(x, y).feature_importances();
    CHECK(std::accumulate(importances.begin(), importances.end(), 0.0) == doctest::Approx(1));
    // y is made of columns 0 to 2.
    CHECK(*std::min_element(importances.begin(), importances.begin() + 2) > importances[3]);
    CHECK(*std::min_element(importances.begin(), importances.begin() + 2) > importances[4]);
    std::vector<int> const one(300, 1);
    CHECK(random_forest_classifier{.n_estimators = 2}.fit(x, one).feature_importances() ==
          column<double>(5));
}

TEST_CASE("predictions rise and fall as monotonic_cst says") {
    auto const [x, noisy] = valued_grid(400, 3, 7);
    std::vector<int> labels;
    for (auto const value : noisy) labels.push_back(value < 12 ? 0 : 1);
    std::vector<int> const constraints{1, -1, 0};
    auto const probes = grid(200, 3, 99);
    auto const follow = [&](auto const& answer_of) {
        for (std::size_t j = 0; j < 2; ++j) {
            for (std::size_t i = 0; i < probes.rows(); ++i) {
                matrix<float> line(23, 3);
                for (std::size_t s = 0; s < 23; ++s) {
                    for (std::size_t k = 0; k < 3; ++k) line(s, k) = probes(i, k);
                    line(s, j) = 0.5f * static_cast<float>(s) - 0.5f;
                }
                auto const answer = answer_of(line);
                for (std::size_t s = 1; s < 23; ++s) {
                    auto const rise = answer[s] - answer[s - 1];
                    CHECK((j == 0 ? rise >= -1e-12 : rise <= 1e-12));
                }
            }
        }
    };
    for (auto const criterion : {real_criterion::squared_error, real_criterion::poisson}) {
        auto const forest =
            random_forest_regressor{
                .n_estimators = 10, .criterion = criterion, .monotonic_cst = constraints}
                .fit(x, noisy);
        follow([&](auto const& line) { return forest.predict(line); });
    }
    auto const extra =
        extra_trees_regressor{.n_estimators = 10, .monotonic_cst = constraints}.fit(x, noisy);
    follow([&](auto const& line) { return extra.predict(line); });
    auto const best_first = random_forest_regressor{.n_estimators = 10,
                                                    .max_leaf_nodes = 30,
                                                    .ccp_alpha = 0.01,
                                                    .monotonic_cst = constraints}
                                .fit(x, noisy);
    follow([&](auto const& line) { return best_first.predict(line); });
    for (auto const criterion : {class_criterion::gini, class_criterion::entropy}) {
        auto const forest = random_forest_classifier{.n_estimators = 10,
                                                     .max_features = feature_count::all(),
                                                     .min_samples_leaf = 3,
                                                     .criterion = criterion,
                                                     .monotonic_cst = constraints}
                                .fit(x, labels);
        follow([&](auto const& line) {
            std::vector<double> second;
            auto const proba = forest.predict_proba(line);
            for (std::size_t i = 0; i < line.rows(); ++i)
                second.push_back(static_cast<double>(proba(i, 1)));
            return second;
        });
    }
}

TEST_CASE("300 categories are told apart by the sets they belong to") {
    // The target is a property of the category that no order of codes reveals.
    constexpr std::size_t n = 3000;
    matrix<float> x(n, 2);
    std::vector<int> y(n);
    std::vector<double> values(n);
    random_stream const draws(5);
    for (std::size_t i = 0; i < n; ++i) {
        auto const category = draws.below(300, i);
        x(i, 0) = static_cast<float>(category);
        x(i, 1) = static_cast<float>(draws.uniform(i + n));
        y[i] = static_cast<int>(random_stream(category).below(2, 0));
        values[i] = 3.0 * y[i];
    }
    random_forest_classifier const by_set{.n_estimators = 1,
                                          .max_features = feature_count::all(),
                                          .bootstrap = false,
                                          .categorical_features = {0},
                                          .min_samples_category = 0};
    auto const forest = by_set.fit(x, y);
    CHECK(forest.trees()[0].n_leaves() == 2);
    CHECK(forest.predict(x) == y);
    random_forest_regressor const values_by_set{.n_estimators = 1,
                                                .bootstrap = false,
                                                .categorical_features = {0},
                                                .min_samples_category = 0};
    CHECK(values_by_set.fit(x, values).trees()[0].n_leaves() == 2);
    auto by_order = by_set;
    by_order.categorical_features = {};
    CHECK(by_order.fit(x, y).trees()[0].n_leaves() > 100);
}

TEST_CASE("unseen categories go where missing values do: with the larger side") {
    // Codes 0 and 10 are of class 0, 5 is of class 1; one class has three times the rows.
    for (int const larger : {0, 1}) {
        matrix<float> x(40, 1);
        std::vector<int> y(40);
        for (std::size_t i = 0; i < 40; ++i) {
            y[i] = i % 4 == 0 ? 1 - larger : larger;
            x(i, 0) = y[i] == 1 ? 5.0f : i % 8 < 4 ? 0.0f : 10.0f;
        }
        auto const forest = random_forest_classifier{
            .n_estimators = 1,
            .bootstrap = false,
            .categorical_features = {
                0}}.fit(x, y);
        CHECK(forest.predict(x) == y);
        float const unseen[] = {3, 7, 11, 63, 64, 1000, 70000, -1, 1e30f, missing, infinity};
        for (auto const code : unseen) {
            INFO("code " << code << ", larger class " << larger);
            CHECK(forest.predict(matrix<float>(1, 1, code))[0] == larger);
        }
    }
}

TEST_CASE("by hand: missing categories are a category, and unseen ones go with them") {
    // Class 1: code 2, and missing.
    matrix<float> x(8, 1);
    float const codes[] = {0, 0, 2, 2, missing, missing, 4, 4};
    std::copy(std::begin(codes), std::end(codes), x.data());
    std::vector<int> const y{0, 0, 1, 1, 1, 1, 0, 0};
    auto const forest =
        random_forest_classifier{.n_estimators = 1, .bootstrap = false, .categorical_features = {0}}
            .fit(x, y);
    CHECK(forest.trees()[0].n_leaves() == 2);
    CHECK(forest.predict(x) == y);
    for (float const code : {1.0f, 3.0f, 5.0f, 500.0f, -1.0f})
        CHECK(forest.predict(matrix<float>(1, 1, code))[0] == 1);
}

TEST_CASE("by hand: quantiles of a leaf's targets") {
    // A root that is a leaf, of all targets 1, 2, 4, 8, 16: shares of a fifth.
    matrix<float> const x(5, 1, 0.0f);
    random_forest_regressor const trainer{
        .n_estimators = 1, .bootstrap = false, .keep_leaf_targets = true};
    auto const forest = trainer.fit(x, std::vector<double>{16, 2, 8, 1, 4});
    auto const q =
        forest.predict_quantiles(matrix<float>(1, 1), {0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0});
    CHECK(std::ranges::equal(q.row(0), std::vector<double>{1, 1, 2, 4, 8, 16, 16}));

    // Weights 3, 1, 1, 1, 2 of 1, 2, 4, 8, 16: cumulated eighths 3, 4, 5, 6, 8.
    std::vector<double> const weight{2, 1, 1, 3, 1};
    auto const weighted =
        trainer.fit(x, std::vector<double>{16, 2, 8, 1, 4}, {.sample_weight = weight})
            .predict_quantiles(matrix<float>(1, 1), {0.375, 0.376, 0.5, 0.51, 0.75, 0.76});
    CHECK(std::ranges::equal(weighted.row(0), std::vector<double>{1, 2, 2, 4, 8, 16}));
}

TEST_CASE("quantiles of many trees are those of their leaves' targets, each leaf of weight one") {
    auto const [x, y] = valued_grid(120, 3, 6);
    random_forest_regressor const trainer{
        .n_estimators = 6, .min_samples_leaf = 7, .bootstrap = false, .keep_leaf_targets = true};
    auto bagged = trainer;
    bagged.bootstrap = true;
    auto const forest = trainer.fit(x, y);
    auto const leaves = forest.apply(x);
    auto const got = forest.predict_quantiles(x, {0.05, 0.33, 0.5, 0.95});
    double const wanted[] = {0.05, 0.33, 0.5, 0.95};
    for (std::size_t i = 0; i < 30; ++i) {
        std::vector<std::pair<double, double>> targets;  // value, weight
        for (std::size_t t = 0; t < 6; ++t) {
            std::vector<double> in_leaf;
            for (std::size_t k = 0; k < 120; ++k)
                if (leaves(k, t) == leaves(i, t)) in_leaf.push_back(y[k]);
            for (auto const value : in_leaf)
                targets.emplace_back(value, 1 / static_cast<double>(in_leaf.size()));
        }
        std::sort(targets.begin(), targets.end());
        for (std::size_t q = 0; q < 4; ++q) {
            double sum = 0;
            std::size_t k = 0;
            while (k + 1 < targets.size() && sum + targets[k].second < wanted[q] * 6)
                sum += targets[k++].second;
            CHECK(got(i, q) == targets[k].first);
        }
    }
    CHECK(forest.predict_quantiles(x, {0.5}, sequential{}) ==
          forest.predict_quantiles(x, {0.5}, threads{3}));
    CHECK_THROWS_WITH_AS((void)forest.predict_quantiles(x, {1.5}),
                         "forest_regressor::predict_quantiles: a quantile is 1.5; it must be in "
                         "[0, 1]",
                         invalid_input);
    auto forgetful = trainer;
    forgetful.keep_leaf_targets = false;
    CHECK_THROWS_WITH_AS((void)forgetful.fit(x, y).predict_quantiles(x, {0.5}),
                         "forest_regressor::predict_quantiles: the model has 6 trees but leaf "
                         "targets of 0; fit with keep_leaf_targets = true",
                         invalid_input);
    CHECK(bagged.fit(x, y) == bagged.fit(x, y, threads{3}));
}

TEST_CASE_TEMPLATE("a fit can be watched, and stopped", Backend, COPSE_TEST_BACKENDS) {
    auto const [x, y] = labelled_grid(100, 3, 1);
    random_forest_classifier const trainer{.n_estimators = 12};
    for (int const n_jobs : {1, 3}) {
        std::vector<std::size_t> seen;
        auto const backend = with_jobs<Backend>(n_jobs);
        auto const forest = trainer.fit(x, y,
                                        {.on_iteration =
                                             [&](progress const& p) {
                                                 CHECK(p.total == 12);
                                                 seen.push_back(p.done);
                                             }},
                                        backend);
        std::vector<std::size_t> expected(12);
        std::iota(expected.begin(), expected.end(), std::size_t{1});
        CHECK(seen == expected);

        // A warm start has its trees done already.
        auto const first = random_forest_classifier{.n_estimators = 10}.fit(x, y);
        seen.clear();
        (void)trainer.fit(x, y,
                          {.warm_start = &first,
                           .on_iteration = [&](progress const& p) { seen.push_back(p.done); }},
                          backend);
        CHECK(seen == std::vector<std::size_t>{11, 12});

        std::stop_source stop;
        CHECK_THROWS_AS((void)trainer.fit(x, y,
                                          {.on_iteration =
                                               [&](progress const& p) {
                                                   if (p.done == 2) stop.request_stop();
                                               },
                                           .stop = stop.get_token()},
                                          backend),
                        stopped);
        CHECK_THROWS_AS((void)trainer.fit(x, y, {.stop = stop.get_token()}, backend), stopped);
        CHECK_THROWS_WITH_AS(
            (void)trainer.fit(
                x, y, {.on_iteration = [](progress const&) { throw std::runtime_error("enough"); }},
                backend),
            "enough", std::runtime_error);
    }
}
