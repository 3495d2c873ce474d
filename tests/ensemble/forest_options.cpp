// SPDX-License-Identifier: BSD-3-Clause
#include "support/forest_fits.hpp"
#include "support/samples.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

auto const sample = labelled_grid(60, 3, 1);
auto const values = valued_grid(60, 3, 1);

/// What a classifier's fit says when `change` was made to it.
template <class Change>
std::string complaint(Change const& change) {
    random_forest_classifier trainer{.n_estimators = 2};
    change(trainer);
    try {
        (void)trainer.fit(sample.x, sample.y);
    } catch (invalid_input const& e) {
        return e.what();
    }
    return "nothing";
}

/// The same of a regressor's.
template <class Change>
std::string regret(Change const& change) {
    random_forest_regressor trainer{.n_estimators = 2};
    auto y = values.y;
    change(trainer, y);
    try {
        (void)trainer.fit(values.x, y);
    } catch (invalid_input const& e) {
        return e.what();
    }
    return "nothing";
}

std::string fit(std::string const& text) { return "random_forest_classifier::fit: " + text; }
std::string fit_values(std::string const& text) { return "random_forest_regressor::fit: " + text; }

}  // namespace

TEST_CASE("each field out of range has its sentence") {
    CHECK(complaint([](auto& t) { t.n_estimators = 0; }) ==
          fit("n_estimators is 0; it must be in 1..1073741824"));
    CHECK(complaint([](auto& t) { t.max_depth = 0; }) ==
          fit("max_depth is 0; it must be at least 1"));
    CHECK(complaint([](auto& t) { t.min_samples_split = 1; }) ==
          fit("min_samples_split is 1; it must be at least 2"));
    CHECK(complaint([](auto& t) { t.min_samples_leaf = 0; }) ==
          fit("min_samples_leaf is 0; it must be at least 1"));
    CHECK(complaint([](auto& t) { t.max_leaf_nodes = 1; }) ==
          fit("max_leaf_nodes is 1; it must be at least 2"));
    CHECK(complaint([](auto& t) { t.min_weight_fraction_leaf = 0.6; }) ==
          fit("min_weight_fraction_leaf is 0.6; it must be in [0, 0.5]"));
    CHECK(complaint([](auto& t) { t.min_weight_fraction_leaf = std::nan(""); }) ==
          fit("min_weight_fraction_leaf is nan; it must be in [0, 0.5]"));
    CHECK(complaint([](auto& t) { t.min_impurity_decrease = -1; }) ==
          fit("min_impurity_decrease is -1; it must be at least 0 and finite"));
    CHECK(complaint([](auto& t) { t.ccp_alpha = INFINITY; }) ==
          fit("ccp_alpha is inf; it must be at least 0 and finite"));
    CHECK(complaint([](auto& t) { t.max_bins = 1; }) ==
          fit("max_bins is 1; it must be in 2..65535"));
    CHECK(complaint([](auto& t) { t.max_bins = 65536; }) ==
          fit("max_bins is 65536; it must be in 2..65535"));
    CHECK(complaint([](auto& t) { t.max_features = 0; }) ==
          fit("max_features is 0; it must be in 1..3, the columns of x"));
    CHECK(complaint([](auto& t) { t.max_features = 4; }) ==
          fit("max_features is 4; it must be in 1..3, the columns of x"));
    CHECK(complaint([](auto& t) { t.max_features = -1; }) ==
          fit("max_features is -1; it must be in 1..3, the columns of x"));
    CHECK(complaint([](auto& t) { t.max_features = feature_count::fraction(1.5); }) ==
          fit("max_features is the fraction 1.5; it must be in (0, 1]"));
    CHECK(complaint([](auto& t) { t.max_samples = 61; }) ==
          fit("max_samples is 61; it must be in 1..60"));
    CHECK(complaint([](auto& t) { t.max_samples = sample_count::fraction(0); }) ==
          fit("max_samples is the fraction 0; it must be in (0, 1]"));
    CHECK(complaint([](auto& t) {
              t.bootstrap = false;
              t.max_samples = 10;
          }) == fit("max_samples needs bootstrap = true"));
    CHECK(complaint([](auto& t) {
              t.bootstrap = false;
              t.oob_score = true;
          }) == fit("out-of-bag results need bootstrap = true, or every tree has seen every row"));
    CHECK(complaint([](auto& t) { t.categorical_features = {3}; }) ==
          fit("categorical_features names column 3 but x has 3 columns"));
    CHECK(complaint([](auto& t) { t.monotonic_cst = {1}; }) ==
          fit("monotonic_cst has 1 values but x has 3 columns"));
    CHECK(complaint([](auto& t) {
              t.monotonic_cst = {0, 2, 0};
          }) == fit("monotonic_cst holds 2; it must be -1, 0 or 1"));
    CHECK(complaint([](auto& t) {
              t.monotonic_cst = {0, 1, 0};
          }) == fit("monotonic_cst needs 2 classes but y has 3"));
    CHECK(complaint([](auto& t) {
              t.monotonic_cst = {0, 1, 0};
              t.categorical_features = {1};
          }) == fit("column 1 is categorical and has monotonic_cst 1; it must be 0 there"));
    CHECK(complaint([](auto&) {}) == "nothing");
}

TEST_CASE("targets that no criterion can use are named") {
    CHECK(regret([](auto&, auto& y) { y[7] = std::nan(""); }) ==
          fit_values("y is nan at row 7; it must be finite"));
    CHECK(regret([](auto&, auto& y) { y[0] = -INFINITY; }) ==
          fit_values("y is -inf at row 0; it must be finite"));
    CHECK(regret([](auto& t, auto& y) {
              t.criterion = real_criterion::poisson;
              y[3] = -2;
          }) == fit_values("y is -2 at row 3; the Poisson criterion needs targets of at least 0"));
    CHECK(regret([](auto& t, auto& y) {
              t.criterion = real_criterion::poisson;
              y.assign(y.size(), 0);
          }) == fit_values("all 60 targets are 0; the Poisson criterion needs a positive sum"));
    CHECK(regret([](auto& t, auto&) {
              t.criterion = real_criterion::absolute_error;
              t.monotonic_cst = {1, 0, 0};
          }) == fit_values("monotonic_cst is not supported with absolute_error"));
    CHECK(regret([](auto&, auto&) {}) == "nothing");
}

TEST_CASE("x that cannot be what the fit was told is named") {
    auto x = sample.x;
    x(4, 1) = 2.5f;
    CHECK_THROWS_WITH_AS(
        (void)(extra_trees_classifier{.n_estimators = 2, .categorical_features = {1}}.fit(
            x, sample.y)),
        "extra_trees_classifier::fit: x holds 2.5 at row 4, column 1; a categorical column holds "
        "whole numbers from 0 to 65534",
        invalid_input);
    matrix<float> const cube(2, 2);
    CHECK_THROWS_WITH_AS((void)extra_trees_regressor{}.fit(cube, std::vector<int>{1}),
                         "extra_trees_regressor::fit: y has 1 values but x has 2 rows",
                         invalid_input);
}

TEST_CASE("class weights name classes that y lacks, and weights that are none") {
    CHECK(complaint([](auto& t) {
              t.class_weight = {{5, 2.0}, {3, 1.0}};
          }) == fit("class_weight names class 3 but y has none of it among its 3 classes"));
    CHECK(complaint([](auto& t) {
              t.class_weight = {{"five", 2.0}};
          }) == fit("class_weight names class five but y has none of it among its 3 classes"));
    CHECK(complaint([](auto& t) {
              t.class_weight = {{5, -2.0}};
          }) == fit("class_weight of class 5 is -2; it must be at least 0 and finite"));
    CHECK(complaint([](auto& t) {
              t.class_weight = {{5, std::nan("")}};
          }) == fit("class_weight of class 5 is nan; it must be at least 0 and finite"));
    CHECK(complaint([](auto& t) {
              t.class_weight = {{5, 0.0}, {-1, 0.0}, {7, 0.0}};
          }) == fit("all 60 sample weights are 0 times class_weight"));
    CHECK(complaint([](auto& t) { t.class_weight = {{5, 0.0}, {-1, 0.0}}; }) == "nothing");
}

TEST_CASE("a warm start that does not fit is named") {
    auto const forest = random_forest_classifier{.n_estimators = 3}.fit(sample.x, sample.y);
    auto const complaint_of = [&](random_forest_classifier const& trainer, auto const& x,
                                  std::vector<int> const& y) -> std::string {
        try {
            (void)trainer.fit(x, y, {.warm_start = &forest});
        } catch (invalid_input const& e) {
            return e.what();
        }
        return "nothing";
    };
    CHECK(complaint_of({.n_estimators = 2}, sample.x, sample.y) ==
          fit("warm_start has 3 trees but n_estimators is 2"));
    CHECK(complaint_of({.n_estimators = 5}, grid(60, 2, 1), sample.y) ==
          fit("warm_start was fitted on 3 columns but x has 2"));
    auto other = sample.y;
    for (auto& label : other) label += 1;
    CHECK(complaint_of({.n_estimators = 5}, sample.x, other) ==
          fit("warm_start has 3 classes but y has 3, or they are not the same ones"));
    auto const kept = random_forest_regressor{.n_estimators = 2}.fit(values.x, values.y);
    CHECK_THROWS_WITH_AS(
        (void)(random_forest_regressor{.n_estimators = 4, .keep_leaf_targets = true}.fit(
            values.x, values.y, {.warm_start = &kept})),
        "random_forest_regressor::fit: keep_leaf_targets is set but warm_start kept those of 0 of "
        "its 2 trees",
        invalid_input);
}

TEST_CASE("class weights are sample weights") {
    // 60 rows of 3 classes: n / (3 n_k) each.
    std::vector<double> count(3);
    auto const code_of = [](int y) { return y == -1 ? 0u : y == 5 ? 1u : 2u; };
    for (auto const y : sample.y) ++count[code_of(y)];
    std::vector<double> balanced;
    std::vector<double> given;
    for (auto const y : sample.y) {
        balanced.push_back(60 / (3 * count[code_of(y)]));
        given.push_back(y == 5 ? 0.25 : y == 7 ? 3.0 : 1.0);
    }
    random_forest_classifier const plain{.n_estimators = 4, .max_depth = 3};
    auto trainer = plain;
    trainer.class_weight = class_weights::balanced();
    CHECK(trainer.fit(sample.x, sample.y) ==
          plain.fit(sample.x, sample.y, {.sample_weight = balanced}));
    trainer.class_weight = {{5, 0.25}, {7, 3.0}};
    CHECK(trainer.fit(sample.x, sample.y) ==
          plain.fit(sample.x, sample.y, {.sample_weight = given}));
    // Of a sample that is all rows, the balance is the same.
    auto whole = plain;
    whole.bootstrap = false;
    auto of_sample = whole;
    of_sample.class_weight = class_weights::balanced_subsample();
    CHECK(of_sample.fit(sample.x, sample.y) ==
          whole.fit(sample.x, sample.y, {.sample_weight = balanced}));
}

TEST_CASE("balanced_subsample balances each tree's own sample") {
    // A stump's root has equal weight of both classes, so a leaf without information says 1/2.
    matrix<float> const x(50, 1, 1.0f);
    std::vector<int> y(50, 0);
    for (std::size_t i = 0; i < 5; ++i) y[i] = 1;
    random_forest_classifier trainer{.n_estimators = 20,
                                     .class_weight = class_weights::balanced_subsample()};
    auto const forest = trainer.fit(x, y);
    for (auto const& t : forest.trees()) {
        if (!t.nodes()[0].is_pure()) CHECK(t.frequencies()[0] == doctest::Approx(0.5));
    }
    trainer.class_weight = {};
    CHECK(trainer.fit(x, y).predict_proba(x)(0, 1) < 0.2f);
}

TEST_CASE("rows without weight are never asked for, however small the sample") {
    matrix<float> x(4, 1);
    for (std::size_t i = 0; i < 4; ++i) x(i, 0) = static_cast<float>(i);
    std::vector<double> const weight{0, 0, 1, 0};
    auto const forest =
        random_forest_classifier{.n_estimators = 50, .max_samples = 1, .oob_score = true}.fit(
            x, std::vector{3, 3, 8, 5}, {.sample_weight = weight});
    auto const proba = forest.predict_proba(x);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(std::ranges::equal(proba.row(i), std::vector<float>{0, 0, 1}));
    // Row 2 is in every bag.
    CHECK(std::isnan(forest.oob()->prediction(2, 0)));
    CHECK(forest.oob()->score == 0);
    auto const values_of = random_forest_regressor{.n_estimators = 50}.fit(
        x, std::vector{3.0, 3.0, 8.5, 5.0}, {.sample_weight = weight});
    CHECK(values_of.predict(x) == std::vector<double>(4, 8.5));
}

TEST_CASE("max_features counts as scikit-learn does") {
    CHECK(feature_count::sqrt().of(10, "") == 3);
    CHECK(feature_count::sqrt().of(1, "") == 1);
    CHECK(feature_count::log2().of(10, "") == 3);
    CHECK(feature_count::log2().of(1, "") == 1);
    CHECK(feature_count::fraction(0.3).of(10, "") == 3);
    CHECK(feature_count::fraction(0.01).of(10, "") == 1);
    CHECK(feature_count::all().of(10, "") == 10);
    CHECK(feature_count(7).of(10, "") == 7);
    CHECK(sample_count::fraction(0.25).of(10, "") == 3);
    CHECK(sample_count(4).of(10, "") == 4);
    CHECK(sample_count::all().is_all());
}
