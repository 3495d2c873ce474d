// SPDX-License-Identifier: BSD-3-Clause
#include "model_selection/data.hpp"
#include "support/boosting_fits.hpp"
#include "support/forest_fits.hpp"
#include "support/samples.hpp"

#include <copse/linear/elastic_net.hpp>
#include <copse/linear/linear_svc.hpp>
#include <copse/linear/logistic_regression.hpp>
#include <copse/linear/one_vs_rest.hpp>
#include <copse/metrics.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/curves.hpp>
#include <copse/model_selection/fixed_splits.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <vector>

using namespace copse;

namespace {

test::reference_rows const data;

void check_near(std::vector<double> const& a, std::vector<double> const& b, double epsilon) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        CHECK(a[i] == doctest::Approx(b[i]).epsilon(epsilon));
}

/// The mean of what it was given; knows nothing of copse but its views.
struct constant_trainer {
    double shift = 0;
    struct model {
        double value;
        [[nodiscard]] std::vector<double> predict(features_view x) const {
            return std::vector<double>(x.rows(), value);
        }
    };
    [[nodiscard]] model fit(features_view, values_view y) const {
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += y[i];
        return {sum / static_cast<double>(y.size()) + shift};
    }
};

}  // namespace

TEST_CASE("scores are scikit-learn's") {
    logistic_regression const trainer{.C = 2, .tolerance = 1e-9, .max_iter = 10000};
    auto const cv = cross_validate(
        trainer, data.x, data.binary,
        {.splits = k_fold{4},
         .metrics = {metrics::accuracy, metrics::roc_auc, metrics::log_loss, metrics::f1_metric{}},
         .train_scores = true});
    namespace reference = test::reference;
    check_near(cv.scores[0].test, reference::logistic_accuracy, 1e-12);
    check_near(cv.scores[1].test, reference::logistic_roc_auc, 1e-12);
    check_near(cv.scores[2].test, reference::logistic_log_loss, 1e-5);
    check_near(cv.scores[3].test, reference::logistic_f1, 1e-12);
    check_near(cv.scores[2].train, reference::logistic_train_log_loss, 1e-5);
    CHECK(cv.scores[1].name == "roc_auc");
    CHECK(!cv.scores[2].greater_is_better);
    auto const proba = cross_val_predict_proba(trainer, data.x, data.binary, {.splits = k_fold{4}});
    std::vector<double> second;
    for (std::size_t i = 0; i < proba.rows(); ++i)
        second.push_back(static_cast<double>(proba(i, 1)));
    check_near(second, reference::logistic_proba, 1e-5);

    ridge const of_values{.alpha = 0.5, .tolerance = 1e-12};
    auto const values = cross_validate(
        of_values, data.x, data.values,
        {.splits = k_fold{4}, .metrics = {metrics::r2, metrics::mean_absolute_error}});
    check_near(values.scores[0].test, reference::ridge_r2, 1e-9);
    check_near(values.scores[1].test, reference::ridge_mean_absolute_error, 1e-9);
    check_near(cross_val_predict(of_values, data.x, data.values, {.splits = k_fold{4}}),
               reference::ridge_predicted, 1e-9);
}

TEST_CASE("curves are scikit-learn's") {
    ridge const trainer{.alpha = 0.5, .tolerance = 1e-12};
    auto const rows =
        learning_curve(trainer, data.x, data.values,
                       {.train_sizes = {12, 30, 45}, .cross_validate = {.splits = k_fold{4}}});
    CHECK(rows.train_sizes == std::vector<std::size_t>{12, 30, 45});
    auto const flat = [](matrix<double> const& m) {
        return std::vector<double>(m.data(), m.data() + m.rows() * m.cols());
    };
    check_near(flat(rows.train), test::reference::ridge_learning_train, 1e-8);
    check_near(flat(rows.test), test::reference::ridge_learning_test, 1e-8);
    auto const alphas = validation_curve(trainer, &ridge::alpha, {0.01, 1, 100}, data.x,
                                         data.values, {.splits = k_fold{4}});
    check_near(flat(alphas.test), test::reference::ridge_validation_test, 1e-8);
}

TEST_CASE_TEMPLATE("folds are the same for every backend and number of jobs", Backend, sequential,
                   copse::tbb) {
    auto const made = test::labelled_grid(400, 4, 1);
    auto const& x = made.x;
    auto const& y = made.y;
    random_forest_classifier const forest{.n_estimators = 5};
    gradient_boosting_classifier const boosting{.n_estimators = 5};
    cross_validate_options<classification_metric> const options{
        .metrics = {metrics::accuracy, metrics::log_loss}, .keep_models = true};
    auto const check = [&](auto const& trainer) {
        auto const once = cross_validate(trainer, x, y, options, sequential{});
        for (int const n_jobs : test::job_counts) {
            auto const again =
                cross_validate(trainer, x, y, options, test::with_jobs<Backend>(n_jobs));
            CHECK(again.scores == once.scores);
            CHECK(again.models == once.models);
            CHECK(again.folds == once.folds);
            CHECK(again.fit_seconds.size() == 5);
        }
    };
    check(forest);
    check(boosting);
}

TEST_CASE("a kept model is the trainer's of its fold, and its score that of its predictions") {
    auto const made = test::labelled_grid(300, 4, 2);
    auto const& x = made.x;
    auto const& y = made.y;
    random_forest_classifier const trainer{.n_estimators = 5};
    auto const cv =
        cross_validate(trainer, x, y, {.splits = k_fold{3}, .keep_models = true}, copse::tbb{});
    REQUIRE(cv.models.size() == 3);
    auto const predicted = cross_val_predict(trainer, x, y, {.splits = k_fold{3}}, copse::tbb{});
    for (std::size_t f = 0; f < 3; ++f) {
        auto const& [train, test] = cv.folds[f];
        CHECK(cv.models[f] ==
              trainer.fit(test::rows_of(x, train), test::rows_of(y, train), copse::tbb{}));
        auto const said = cv.models[f].predict(test::rows_of(x, test), copse::tbb{});
        CHECK(metrics::accuracy(test::rows_of(y, test), said) == cv.scores[0].test[f]);
        CHECK(take(predicted, test) == said);
    }
}

TEST_CASE("a model without probabilities is judged by its scores") {
    auto const cv = cross_validate(linear_svc{}, data.x, data.binary,
                                   {.metrics = {metrics::roc_auc, metrics::accuracy}});
    CHECK(cv.scores[0].mean() > 0.5);
    CHECK_THROWS_WITH_AS(
        (void)cross_validate(linear_svc{}, data.x, data.binary, {.metrics = {metrics::log_loss}}),
        "a metric needs probabilities, but the model has no predict_proba", invalid_input);
}

TEST_CASE("sparse rows, one-vs-rest and trainers of one's own are cross-validated too") {
    csr_matrix const sparse({0, 1, 3, 4, 6, 7, 8}, {1, 0, 1, 1, 0, 1, 0, 0},
                            {1, 1, 1, 2, 1, 3, 5, 4}, 2);
    std::vector<int> const y{0, 1, 0, 1, 1, 0};
    CHECK(cross_validate(logistic_regression{}, sparse, y, {.splits = k_fold{3}})
              .scores[0]
              .test.size() == 3);
    CHECK(
        cross_validate(one_vs_rest{logistic_regression{}}, data.x, data.classes).scores[0].mean() >
        0.2);
    // Training on all others, each of 1, 2, 3, 6 is predicted by their mean.
    std::vector<double> const values{1, 2, 3, 6};
    auto const x = test::grid(4, 1, 1);
    CHECK(cross_val_predict(constant_trainer{}, x, values, {.splits = k_fold{4}}) ==
          column<double>{11.0 / 3, 10.0 / 3, 3, 2});
}

TEST_CASE("the p-value of noise is not small, that of a signal is as small as it can be") {
    auto const x = test::grid(80, 2, 1);
    std::vector<int> signal, noise;
    for (std::size_t i = 0; i < 80; ++i) {
        signal.push_back(x(i, 0) > 4 ? 1 : 0);
        noise.push_back(random_stream(5).uniform(i) < 0.5 ? 1 : 0);
    }
    random_forest_classifier const trainer{.n_estimators = 5};
    auto const of_signal =
        permutation_test(trainer, x, signal, {.n_permutations = 19}, copse::tbb{});
    CHECK(of_signal.p_value == 1.0 / 20);
    auto const of_noise = permutation_test(trainer, x, noise, {.n_permutations = 19}, copse::tbb{});
    CHECK(of_noise.p_value > 0.05);
    CHECK(
        of_noise.permuted_scores ==
        permutation_test(trainer, x, noise, {.n_permutations = 19}, sequential{}).permuted_scores);
}

TEST_CASE("cross-validation refuses what it cannot do, in a sentence") {
    auto const x = test::grid(10, 2, 1);
    std::vector<int> const y{0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    random_forest_classifier const trainer{.n_estimators = 1};
    auto const says = [](auto const& f, char const* sentence) {
        CHECK_THROWS_WITH_AS((void)f(), sentence, invalid_input);
    };
    says([&] { return cross_validate(trainer, x, std::vector<int>{1}); },
         "cross_validate: y has 1 labels but x has 10 rows");
    says(
        [&] {
            return cross_validate(trainer, x, y, {.splits = std::vector<row_split>{{{}, {1}}}});
        },
        "cross_validate: split 0 has 0 rows to train and 1 to test; it needs 1 of each");
    says(
        [&] {
            return cross_validate(trainer, x, y, {.splits = std::vector<row_split>{{{1}, {10}}}});
        },
        "cross_validate: split 0 names row 10 but x has 10 rows");
    says(
        [&] {
            return cross_val_predict(trainer, x, y, {.splits = std::vector<row_split>{{{1}, {2}}}});
        },
        "cross_val_predict: row 0 tests 0 times; every row must once");
    says([&] { return cross_validate(trainer, x, y, {}, copse::tbb{.n_jobs = 0}); },
         "cross_validate: n_jobs is 0; it must be -1 (all cores) or at least 1");
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS((void)cross_validate(trainer, x, y, {.stop = stop.get_token()}), stopped);
}
