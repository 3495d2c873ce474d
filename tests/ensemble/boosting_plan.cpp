// SPDX-License-Identifier: BSD-3-Clause
// Every sentence that bad arguments of a boosting fit get.
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

using regressor = gradient_boosting_regressor;
using classifier = gradient_boosting_classifier;

constexpr auto not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr auto infinite = std::numeric_limits<double>::infinity();

/// 12 rows of 3 columns.
struct sample_data {
    matrix<float> x = grid(12, 3, 1);
    std::vector<double> y = targets_of(x, 1);
    std::vector<int> labels{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
    std::vector<int> two{0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1};
};

template <class Fit>
std::string sentence_of(Fit const& fit) {
    try {
        fit();
    } catch (invalid_input const& e) {
        return e.what();
    }
    return "";
}

/// What a regressor says when `change` has been made to it, without its name.
template <class Change>
std::string said(Change const& change) {
    sample_data const d;
    regressor r;
    change(r);
    auto const text = sentence_of([&] { (void)r.fit(d.x, d.y); });
    std::string const who = "gradient_boosting_regressor::fit: ";
    CHECK(text.substr(0, who.size()) == who);
    return text.substr(std::min(who.size(), text.size()));
}
template <class Change>
std::string said_of_options(Change const& change) {
    sample_data const d;
    regressor::fit_options options;
    change(options);
    return sentence_of([&] { (void)regressor{.n_estimators = 3}.fit(d.x, d.y, options); });
}

}  // namespace

TEST_CASE("numbers that make no sense are named with what is accepted") {
    CHECK(said([](regressor& r) { r.n_estimators = 0; }) ==
          "n_estimators is 0; it must be in 1..1073741824");
    CHECK(said([](regressor& r) { r.n_estimators = unlimited; }) ==
          "n_estimators is 18446744073709551615; it must be in 1..1073741824");
    for (double const value : {0.0, -0.1, 1.5, not_a_number}) {
        auto const text = detail::sentence(value);
        CHECK(said([&](regressor& r) { r.learning_rate = value; }) ==
              "learning_rate is " + text + "; it must be in (0, 1]");
        CHECK(said([&](regressor& r) { r.sampling.subsample = value; }) ==
              "subsample is " + text + "; it must be in (0, 1]");
        CHECK(said([&](regressor& r) { r.sampling.columns_by_tree = value; }) ==
              "columns_by_tree is " + text + "; it must be in (0, 1]");
        CHECK(said([&](regressor& r) { r.sampling.columns_by_level = value; }) ==
              "columns_by_level is " + text + "; it must be in (0, 1]");
        CHECK(said([&](regressor& r) { r.sampling.columns_by_node = value; }) ==
              "columns_by_node is " + text + "; it must be in (0, 1]");
    }
    for (double const value : {-1.0, infinite, not_a_number}) {
        auto const text = detail::sentence(value);
        auto const end = " is " + text + "; it must be at least 0 and finite";
        CHECK(said([&](regressor& r) { r.l2_regularization = value; }) ==
              "l2_regularization" + end);
        CHECK(said([&](regressor& r) { r.regularization.l1 = value; }) == "l1" + end);
        CHECK(said([&](regressor& r) { r.regularization.min_child_weight = value; }) ==
              "min_child_weight" + end);
        CHECK(said([&](regressor& r) { r.regularization.min_gain = value; }) == "min_gain" + end);
        CHECK(said([&](regressor& r) { r.regularization.path_smooth = value; }) ==
              "path_smooth" + end);
    }
    CHECK(said([](regressor& r) { r.regularization.max_delta_step = 0; }) ==
          "max_delta_step is 0; it must be greater than 0");
    CHECK(said([](regressor& r) { r.max_leaf_nodes = 1; }) ==
          "max_leaf_nodes is 1; it must be at least 2");
    CHECK(said([](regressor& r) { r.max_depth = 0; }) == "max_depth is 0; it must be at least 1");
    CHECK(said([](regressor& r) { r.min_samples_leaf = 0; }) ==
          "min_samples_leaf is 0; it must be at least 1");
    CHECK(said([](regressor& r) { r.max_bins = 1; }) == "max_bins is 1; it must be in 2..65535");
    CHECK(said([](regressor& r) { r.max_bins = 65536; }) ==
          "max_bins is 65536; it must be in 2..65535");
}

TEST_CASE("constraints and categories name columns that exist, and do not clash") {
    CHECK(said([](regressor& r) { r.monotonic_cst = {1}; }) ==
          "monotonic_cst has 1 values but x has 3 columns");
    CHECK(said([](regressor& r) {
              r.monotonic_cst = {1, 0, 2};
          }) == "monotonic_cst holds 2; it must be -1, 0 or 1");
    CHECK(said([](regressor& r) {
              r.monotonic_cst = {1, 0, 0};
              r.categorical_features = {0};
          }) == "column 0 is categorical and has monotonic_cst 1; it must be 0 there");
    CHECK(!said([](regressor& r) { r.categorical_features = {3}; }).empty());
    sample_data const d;
    CHECK(sentence_of([&] {
              (void)classifier{.monotonic_cst = {1, 0, 0}}.fit(d.x, d.labels);
          }) == "gradient_boosting_classifier::fit: monotonic_cst needs 2 classes but y has 3");
}

TEST_CASE("a loss and its targets must agree") {
    CHECK(said([](regressor& r) { r.loss = huber_loss{.delta = -1}; }) ==
          "huber_loss.delta is -1; it must be positive and finite");
    CHECK(said([](regressor& r) { r.loss = quantile_loss{.alpha = 1}; }) ==
          "quantile_loss.alpha is 1; it must be in (0, 1)");
    CHECK(said([](regressor& r) { r.loss = tweedie_loss{.power = 2}; }) ==
          "tweedie_loss.power is 2; it must be in (1, 2)");
    CHECK(said([](regressor& r) { r.loss = poisson_loss{.max_delta_step = -1}; }) ==
          "poisson_loss.max_delta_step is -1; it must be in [0, 100]");
    sample_data d;
    auto const with_target = [&](double target, regression_loss const& loss) {
        d.y[4] = target;
        return sentence_of([&] { (void)regressor{.loss = loss}.fit(d.x, d.y); });
    };
    std::string const at = "gradient_boosting_regressor::fit: y is ";
    CHECK(with_target(not_a_number, squared_error_loss{}) ==
          at + "NaN at row 4; targets must be finite");
    CHECK(with_target(infinite, absolute_error_loss{}) ==
          at + "inf at row 4; targets must be finite");
    CHECK(with_target(-1, poisson_loss{}) ==
          at + "-1 at row 4; poisson_loss needs targets of at least 0");
    CHECK(with_target(-1, tweedie_loss{}) ==
          at + "-1 at row 4; tweedie_loss needs targets of at least 0");
    for (auto& value : d.y) value += 1;
    CHECK(with_target(0, gamma_loss{}) == at + "0 at row 4; gamma_loss needs targets above 0");
}

TEST_CASE("options of a fit are checked against x") {
    using options = regressor::fit_options;
    sample_data const d;
    auto const narrow = grid(4, 2, 1);
    auto const few = grid(4, 3, 1);
    std::vector<double> const three{1, 2, 3};
    std::vector<double> const four{1, 2, 3, 4};
    std::vector<double> const none{0, 0, 0, 0};
    std::vector<double> const odd{1, not_a_number, 3, 4};
    std::string const who = "gradient_boosting_regressor::fit: ";
    CHECK(said_of_options([&](options& o) {
              o.validation = {{narrow, four}};
          }) == who + "validation set 0 has 2 columns but x has 3");
    CHECK(said_of_options([&](options& o) {
              o.validation = {{few, four}, {few, three}};
          }) == who + "validation set 1: y has 3 targets but x has 4 rows");
    CHECK(said_of_options([&](options& o) {
              o.validation = {{few, four, three}};
          }) == who + "validation set 0: sample_weight has 3 values but x has 4 rows");
    CHECK(said_of_options([&](options& o) {
              o.validation = {{few, four, none}};
          }) == who + "validation set 0: all 4 sample weights are 0");
    CHECK(said_of_options([&](options& o) {
              o.validation = {{few, odd}};
          }) == who + "validation set 0: y is NaN at row 1; targets must be finite");
    CHECK(said_of_options([](options& o) { o.early_stopping_rounds = 5; }) ==
          who + "early_stopping_rounds is 5 but there are 0 validation sets; it needs at least 1");
    CHECK(said_of_options([&](options& o) {
              o.validation = {{few, four}};
              o.early_stopping_rounds = 0;
          }) == who + "early_stopping_rounds is 0; it must be at least 1");
    CHECK(said_of_options([](options& o) { o.min_improvement = -1; }) ==
          who + "min_improvement is -1; it must be at least 0 and finite");
    CHECK(said_of_options([](options& o) { o.checkpoint_rounds = 0; }) ==
          who + "checkpoint_rounds is 0; it must be at least 1");
    matrix<double> const raw(12, 2);
    CHECK(said_of_options([&](options& o) { o.initial_raw = raw; }) ==
          who + "initial_raw is 12 x 2; it must be 12 x 1");
    matrix<double> wrong(12, 1);
    wrong(7, 0) = infinite;
    CHECK(said_of_options([&](options& o) { o.initial_raw = wrong; }) ==
          who + "initial_raw is inf at row 7; it must be finite");
    auto const other = regressor{.n_estimators = 1}.fit(narrow, four);
    auto const longer = regressor{.n_estimators = 4}.fit(d.x, d.y);
    CHECK(said_of_options([&](options& o) { o.warm_start = &other; }) ==
          who + "warm_start was fitted on 2 columns but x has 3");
    CHECK(said_of_options([&](options& o) { o.warm_start = &longer; }) ==
          who + "warm_start has 4 rounds but n_estimators is 3");
}

TEST_CASE("a classifier's options name classes") {
    sample_data const d;
    std::string const who = "gradient_boosting_classifier::fit: ";
    auto const two = classifier{.n_estimators = 1}.fit(d.x, d.two);
    CHECK(sentence_of([&] { (void)classifier{}.fit(d.x, d.labels, {.warm_start = &two}); }) ==
          who + "warm_start has 2 classes but y has 3 or others");
    std::vector<int> const unknown{0, 1, 2, 9};
    auto const few = grid(4, 3, 1);
    CHECK(sentence_of([&] {
              (void)classifier{}.fit(d.x, d.labels, {.validation = {{few, unknown}}});
          }) == who + "validation set 0: label 9 at row 3 is none of the 3 classes");
    CHECK(sentence_of([&] {
              (void)classifier{.class_weight = {{7, 2.0}}}.fit(d.x, d.labels);
          }) == who + "class_weight names class 7 but y has none of it among its 3 classes");
    CHECK(sentence_of([&] {
              std::vector<double> weights(12);
              weights[0] = 1;
              (void)classifier{.class_weight = {{0, 0.0}}}.fit(d.x, d.labels,
                                                               {.sample_weight = weights});
          }) == who + "all 12 sample weights are 0 times class_weight");
}
