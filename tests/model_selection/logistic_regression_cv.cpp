// SPDX-License-Identifier: BSD-3-Clause
// logistic_regression_cv: against scikit-learn, and against the same folds fitted one by one.
#include "model_selection/data.hpp"
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <copse/metrics.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/fixed_splits.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/model_selection/logistic_regression_cv.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

using namespace copse;
using test::sparse;

namespace {

test::reference_rows const data;

/// The scores are these, and so is the choice: C and l1_ratio.
void check_found(logistic_classifier_cv const& model, std::vector<double> const& scores,
                 std::vector<double> const& chosen, double epsilon) {
    auto const& own = model.scores().of_folds;
    REQUIRE(own.rows() * own.cols() == scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i)
        CHECK(own.data()[i] == doctest::Approx(scores[i]).epsilon(epsilon));
    CHECK(model.C() == chosen[0]);
    CHECK(model.l1_ratio() == chosen[1]);
}

/// What every candidate scores when each fold is fitted from 0.
template <class X>
matrix<double> one_by_one(logistic_regression_cv const& trainer, X const& x,
                          std::vector<int> const& y, std::vector<double> const& weight) {
    auto const n_Cs = trainer.Cs.values().size();
    matrix<double> out;
    for (std::size_t r = 0; r < trainer.l1_ratios.size(); ++r) {
        for (std::size_t c = 0; c < n_Cs; ++c) {
            logistic_regression const plain{.C = trainer.Cs.values()[c],
                                            .multi_class = trainer.multi_class,
                                            .l1_ratio = trainer.l1_ratios[r],
                                            .fit_intercept = trainer.fit_intercept,
                                            .standardize = trainer.standardize,
                                            .class_weight = trainer.class_weight,
                                            .tolerance = trainer.tolerance};
            auto const found = cross_validate(
                plain, x, y,
                {.splits = trainer.cv, .metrics = {trainer.scoring}, .sample_weight = weight});
            auto const& scores = found.scores[0].test;
            if (out.rows() == 0)
                out = matrix<double>(n_Cs * trainer.l1_ratios.size(), scores.size());
            std::ranges::copy(scores, out.row(r * n_Cs + c).begin());
        }
    }
    return out;
}

void check_near(matrix<double> const& a, matrix<double> const& b, double most) {
    REQUIRE(a.rows() == b.rows());
    REQUIRE(a.cols() == b.cols());
    for (std::size_t i = 0; i < a.rows() * a.cols(); ++i)
        CHECK(std::abs(a.data()[i] - b.data()[i]) < most);
}

test::labelled small_labels(std::size_t n) {
    auto set = test::labelled_grid(n, 4, 5);
    for (std::size_t i = 0; i < n * 4; ++i) set.x.data()[i] -= 4;
    return set;
}

}  // namespace

TEST_CASE("scores and choices are scikit-learn's") {
    namespace reference = test::reference;
    logistic_regression_cv trainer{.Cs = {0.1, 1, 10},
                                   .cv = stratified_k_fold{4},
                                   .scoring = metrics::log_loss,
                                   .tolerance = 1e-9,
                                   .max_iter = 10000};
    check_found(trainer.fit(data.x, data.binary), reference::cv_binary_log_loss,
                reference::cv_binary_log_loss_chosen, 1e-5);
    auto net = trainer;
    net.Cs = {1, 3, 10};
    net.l1_ratios = {0.5, 1};
    check_found(net.fit(data.x, data.binary), reference::cv_net_log_loss,
                reference::cv_net_log_loss_chosen, 1e-5);
    trainer.multi_class = multinomial;
    check_found(trainer.fit(data.x, data.classes), reference::cv_softmax_log_loss,
                reference::cv_softmax_log_loss_chosen, 1e-5);
    trainer.multi_class = multi_class_rule::one_vs_rest;
    trainer.scoring = metrics::accuracy;
    check_found(trainer.fit(data.x, data.binary), reference::cv_binary_accuracy,
                reference::cv_binary_accuracy_chosen, 1e-12);
}

TEST_CASE("a path's models are those that begin at 0") {
    auto const set = small_labels(150);
    auto const x = test::wide(set.x);
    std::vector<double> const ones(150, 1.0);
    auto weight = ones;
    for (std::size_t i = 0; i < 150; ++i) weight[i] = static_cast<double>(i % 4) * 0.5;
    logistic_regression_cv const plain{.Cs = {0.01, 0.3, 10},
                                       .cv = k_fold{.n_splits = 3, .shuffle = true},
                                       .scoring = metrics::log_loss,
                                       .tolerance = 1e-9};
    std::vector<logistic_regression_cv> trainers(6, plain);
    trainers[1].multi_class = multinomial;
    trainers[2].l1_ratios = {0, 0.7};
    trainers[3].standardize = true;
    trainers[3].l1_ratios = {1, 0};
    trainers[4].standardize = true;
    trainers[4].multi_class = multinomial;
    trainers[4].fit_intercept = false;
    trainers[5].class_weight = class_weights::balanced();
    for (auto const& trainer : trainers) {
        CAPTURE(&trainer - trainers.data());
        check_near(trainer.fit(x, set.y).scores().of_folds, one_by_one(trainer, x, set.y, {}),
                   1e-5);
        check_near(trainer.fit(x, set.y, {.sample_weight = weight}).scores().of_folds,
                   one_by_one(trainer, x, set.y, weight), 1e-5);
        check_near(trainer.fit(sparse(set.x), set.y).scores().of_folds,
                   one_by_one(trainer, x, set.y, {}), 1e-3);
    }
}

TEST_CASE("the model is logistic_regression's with what was chosen") {
    auto const set = small_labels(150);
    logistic_regression_cv const trainer{.Cs = {10, 0.001, 0.1}, .scoring = metrics::log_loss};
    auto const model = trainer.fit(set.x, set.y);
    std::vector<logistic_candidate> const tried{{0.001, 0}, {0.1, 0}, {10, 0}};
    CHECK(model.scores().candidates == tried);
    CHECK(model.scores().of_folds.cols() == 5);
    auto const means = model.mean_scores();
    auto const least = std::ranges::min_element(means) - means.begin();
    CHECK(model.C() == tried[static_cast<std::size_t>(least)].C);
    logistic_classifier const& base = model;
    auto const plain = logistic_regression{.C = model.C()}.fit(set.x, set.y);
    CHECK(base == plain);
    CHECK(model.predict(set.x) == plain.predict(set.x));
    CHECK(model.predict_proba(set.x) == plain.predict_proba(set.x));
}

TEST_CASE("without refit the model is the mean of the folds'") {
    auto const set = small_labels(150);
    auto const x = test::wide(set.x);
    for (auto const rule : {multi_class_rule::one_vs_rest, multinomial}) {
        logistic_regression_cv const trainer{.Cs = {0.1, 1},
                                             .cv = k_fold{3},
                                             .multi_class = rule,
                                             .refit = false,
                                             .tolerance = 1e-8};
        auto const model = trainer.fit(x, set.y);
        auto const folds = cross_validate(
            logistic_regression{.C = model.C(), .multi_class = rule, .tolerance = 1e-8}, x, set.y,
            {.splits = k_fold{3}, .keep_models = true});
        for (std::size_t k = 0; k < 3; ++k) {
            for (std::size_t j = 0; j < 4; ++j) {
                double mean = 0;
                for (auto const& fold : folds.models) mean += fold.coef()(k, j) / 3;
                CHECK(model.coef()(k, j) == doctest::Approx(mean).epsilon(1e-5));
            }
            double mean = 0;
            for (auto const& fold : folds.models) mean += fold.intercept()[k] / 3;
            CHECK(model.intercept()[k] == doctest::Approx(mean).epsilon(1e-5));
        }
        CHECK(model.converged());
        CHECK(model.reports().size() == folds.models[0].reports().size());
        CHECK(model.reports()[0].n_iter >= 3);
    }
}

TEST_CASE("a count of Cs is spread from 1e-4 to 1e4; of equal scores the smaller C is taken") {
    CHECK(logistic_Cs(1).values() == std::vector<double>{1e-4});
    CHECK(logistic_Cs(3).values() == std::vector<double>{1e-4, 1, 1e4});
    logistic_Cs const list{10};
    CHECK(list.values() == std::vector<double>{10});
    CHECK(logistic_regression_cv{}.Cs.values().size() == 10);
    // Apart by far: whatever C, all rows are right.
    matrix<float> x(20, 1);
    std::vector<std::string> y;
    for (std::size_t i = 0; i < 20; ++i) {
        x(i, 0) = i < 10 ? -5.0f : 5.0f;
        y.push_back(i < 10 ? "no" : "yes");
    }
    auto const model = logistic_regression_cv{.Cs = {100, 1, 10}}.fit(x, y);
    CHECK(model.C() == 1);
    CHECK(model.mean_scores() == std::vector<double>(3, 1.0));
    CHECK(model.predict(x) == y);
}

TEST_CASE_TEMPLATE("logistic_regression_cv is equal on every backend, for every n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const set = small_labels(200);
    logistic_regression_cv const plain{.Cs = 3};
    std::vector<logistic_regression_cv> trainers(4, plain);
    trainers[1].multi_class = multinomial;
    trainers[1].refit = false;
    trainers[2].l1_ratios = {0.5, 0};
    trainers[2].refit = false;
    trainers[3].standardize = true;
    trainers[3].scoring = metrics::log_loss;
    for (auto const& trainer : trainers) {
        test::check_equal_for_all_jobs<Backend>(
            [&](auto const& backend) { return trainer.fit(set.x, set.y, backend); });
        test::check_equal_for_all_jobs<Backend>(
            [&](auto const& backend) { return trainer.fit(sparse(set.x), set.y, backend); });
    }
}

TEST_CASE("logistic_regression_cv can be cross-validated, and keeps groups together") {
    auto const set = small_labels(120);
    logistic_regression_cv const trainer{.Cs = {0.01, 1}};
    auto const cv = cross_validate(trainer, set.x, set.y, {.splits = k_fold{3}});
    CHECK(cv.scores[0].mean() > 0.6);
    // Nested folds are of the rows that train alone.
    std::vector<std::size_t> rows;
    for (std::size_t i = 40; i < 120; ++i) rows.push_back(i);
    auto const own = trainer.fit(test::rows_of(set.x, rows), test::rows_of(set.y, rows));
    std::vector<std::size_t> tested;
    for (std::size_t i = 0; i < 40; ++i) tested.push_back(i);
    CHECK(cv.scores[0].test[0] == metrics::accuracy(test::rows_of(set.y, tested),
                                                    own.predict(test::rows_of(set.x, tested))));
    std::vector<int> groups;
    for (int i = 0; i < 120; ++i) groups.push_back(i / 10);
    auto by_groups = trainer;
    by_groups.cv = group_k_fold{4};
    auto const found = by_groups.fit(set.x, set.y, {.groups = groups});
    auto listed = trainer;
    listed.cv = group_k_fold{4}.split({.n_rows = 120, .groups = groups});
    CHECK(found == listed.fit(set.x, set.y));
    CHECK_THROWS_WITH_AS((void)by_groups.fit(set.x, set.y),
                         "group_k_fold::split: groups has 0 labels but there are 120 rows",
                         invalid_input);
}

TEST_CASE("of one class there is nothing to choose") {
    auto const set = small_labels(30);
    auto const model = logistic_regression_cv{.Cs = 3}.fit(set.x, std::vector<int>(30, 4));
    CHECK(model.predict(set.x) == std::vector<int>(30, 4));
    CHECK(model.mean_scores() == std::vector<double>(3, 1.0));
    CHECK(model.C() == 1e-4);
}

TEST_CASE("what logistic_regression_cv refuses") {
    auto const set = small_labels(60);
    auto const refuses = [&](logistic_regression_cv const& trainer, char const* text) {
        CHECK_THROWS_WITH_AS((void)trainer.fit(set.x, set.y), text, invalid_input);
    };
    refuses({.Cs = 0},
            "logistic_regression_cv::fit: there are 0 Cs and 1 l1_ratios; there must be 1 of each "
            "at least");
    refuses({.l1_ratios = {}},
            "logistic_regression_cv::fit: there are 10 Cs and 0 l1_ratios; there must be 1 of each "
            "at least");
    refuses({.Cs = {1, -2}},
            "logistic_regression_cv::fit: Cs is -2; it must be greater than 0 and finite");
    refuses({.l1_ratios = {0, 2}},
            "logistic_regression_cv::fit: l1_ratio is 2; it must be in [0, 1]");
    refuses({.multi_class = multinomial, .l1_ratios = {0, 0.5}},
            "logistic_regression_cv::fit: l1_ratio is 0.5 and multi_class multinomial; that needs "
            "one_vs_rest");
    refuses({.tolerance = 0},
            "logistic_regression_cv::fit: tolerance is 0; it must be greater than 0 and finite");
    refuses({.cv = stratified_k_fold{1}},
            "stratified_k_fold::split: n_splits is 1; it must be at least 2");
    std::vector<int> y(60, 1);
    for (std::size_t i = 0; i < 20; ++i) y[i] = 2;
    CHECK_THROWS_WITH_AS((void)(logistic_regression_cv{.cv = k_fold{3}}.fit(set.x, y)),
                         "logistic_regression_cv::fit: of the 40 rows that split 0 trains on, 0 "
                         "are of class 2 and weigh more than 0; it needs 1",
                         invalid_input);
    y.pop_back();
    CHECK_THROWS_WITH_AS((void)logistic_regression_cv{}.fit(set.x, y),
                         "logistic_regression_cv::fit: y has 59 labels but x has 60 rows",
                         invalid_input);
    auto x = set.x;
    x(3, 2) = test::missing;
    CHECK_THROWS_AS((void)logistic_regression_cv{}.fit(x, set.y), invalid_input);
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS((void)logistic_regression_cv{}.fit(set.x, set.y, {.stop = stop.get_token()}),
                    stopped);
}
