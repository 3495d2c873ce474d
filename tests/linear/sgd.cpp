// SPDX-License-Identifier: BSD-3-Clause
// sgd_classifier and sgd_regressor: by hand, and against the solvers that go to the end.
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <copse/metrics/classification.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

using namespace copse;
using test::sparse;
using test::wide;

namespace {

/// Columns of the scale of 1.
test::labelled scaled_labels(std::size_t n) {
    auto set = test::labelled_grid(n, 4, 5);
    for (std::size_t i = 0; i < n * 4; ++i) set.x.data()[i] = (set.x.data()[i] - 4.5f) / 3;
    return set;
}
test::valued scaled_values(std::size_t n) {
    auto set = test::valued_grid(n, 4, 5);
    for (std::size_t i = 0; i < n * 4; ++i) set.x.data()[i] = (set.x.data()[i] - 4.5f) / 3;
    for (auto& y : set.y) y = (y - 15) / 10;
    return set;
}

/// alpha/2 ||w||^2 + the mean logistic loss, summed over the classes.
double objective(linear_classifier const& model, matrix<float> const& x, std::vector<int> const& y,
                 double alpha) {
    double sum = 0;
    auto const score = model.decision_function(wide(x));
    for (std::size_t k = 0; k < model.coef().rows(); ++k) {
        for (auto const w : model.coef().row(k)) sum += 0.5 * alpha * w * w;
        for (std::size_t i = 0; i < y.size(); ++i) {
            auto const m = model.classes()[k] == y[i] ? score(i, k) : -score(i, k);
            sum += std::log1p(std::exp(-m)) / static_cast<double>(y.size());
        }
    }
    return sum;
}

}  // namespace

TEST_CASE("three steps by hand: constant rate, squared error") {
    // w = b = 0, alpha = 0.5, eta = 0.5, the same row x = 1, y = 4 each time:
    // error -4: w = b = 2; then w shrinks to 1.5, error 2 + 2 - 4 = 0, so (1.5, 2);
    // then w shrinks to 1.125, error 1.5 + 2 - 4 = -0.5, so (1.375, 2.25).
    matrix<double> x(1, 1);
    x(0, 0) = 1;
    std::vector<double> const y{4};
    sgd_regressor const trainer{.alpha = 0.5, .learning_rate = sgd_rate::constant, .eta0 = 0.5};
    auto const one = trainer.partial_fit(trainer.start(1), x, y);
    CHECK(one.coef()[0] == 2);
    CHECK(one.intercept() == 2);
    auto const two = trainer.partial_fit(one, x, y);
    CHECK(two.coef()[0] == 1.5);
    auto const three = trainer.partial_fit(two, x, y);
    CHECK(three.coef()[0] == doctest::Approx(1.375));
    CHECK(three.intercept() == 2.25);
    CHECK(three.state().n_rows == 3);
    CHECK(one.coef()[0] == 2);  // a model stays what it was
}

TEST_CASE("the average is the mean of the weights after each step") {
    auto const set = scaled_values(30);
    sgd_regressor const plain{};
    sgd_regressor const averaged{.average_after = 10};
    std::vector<double> sum(4);
    double b_sum = 0;
    auto a = averaged.start(4);
    auto b = plain.start(4);
    for (std::size_t i = 0; i < 30; ++i) {  // a row an epoch, so that every step can be seen
        auto const row = test::rows_of(set.x, {i});
        auto const y = test::rows_of(set.y, {i});
        a = averaged.partial_fit(a, row, y);
        b = plain.partial_fit(b, row, y);
        CHECK(a.state().w == b.state().w);
        if (i < 10) continue;
        for (std::size_t j = 0; j < 4; ++j) sum[j] += b.coef()[j];
        b_sum += b.intercept();
    }
    for (std::size_t j = 0; j < 4; ++j) CHECK(a.coef()[j] == doctest::Approx(sum[j] / 20));
    CHECK(a.intercept() == doctest::Approx(b_sum / 20));
    // The same inside one epoch, where the weights are never written out.
    auto once = averaged.partial_fit(averaged.start(4), set.x, set.y);
    auto many = plain.partial_fit(plain.start(4), set.x, set.y);
    CHECK(once.state().w == many.state().w);
    CHECK(once.state().n_summed == 20);
    for (std::size_t j = 0; j < 4; ++j) CHECK(std::abs(once.coef()[j] - many.coef()[j]) > 1e-9);
}

TEST_CASE("descent comes near the objective of the solver that goes to the end") {
    auto const set = scaled_labels(400);
    double const alpha = 1e-2;
    auto const best =
        logistic_regression{.C = 1 / (alpha * 400), .tolerance = 1e-8}.fit(wide(set.x), set.y);
    auto const least = objective(best, set.x, set.y, alpha);
    sgd_classifier trainer{.loss = sgd_loss::logistic, .alpha = alpha};
    trainer.stopping.tolerance = 1e-5;
    CHECK(objective(trainer.fit(set.x, set.y), set.x, set.y, alpha) < 1.02 * least);
    trainer.average_after = 4000;
    auto const averaged = trainer.fit(set.x, set.y);
    CHECK(averaged.converged());
    CHECK(objective(averaged, set.x, set.y, alpha) < 1.005 * least);
    auto const of_sparse = trainer.fit(sparse(set.x), set.y);
    CHECK(objective(of_sparse, set.x, set.y, alpha) < 1.005 * least);
}

TEST_CASE("a regressor by descent is nearly ridge") {
    auto const set = scaled_values(400);
    double const alpha = 1e-2;
    auto const best = ridge{.alpha = alpha * 400, .tolerance = 1e-10}.fit(wide(set.x), set.y);
    sgd_regressor trainer{.alpha = alpha, .average_after = 4000};
    trainer.stopping.tolerance = 1e-6;
    auto const model = trainer.fit(set.x, set.y);
    CHECK(model.report().converged);
    for (std::size_t j = 0; j < 4; ++j) CHECK(std::abs(model.coef()[j] - best.coef()[j]) < 0.01);
    CHECK(std::abs(model.intercept() - best.intercept()) < 0.01);
    for (auto const loss :
         {sgd_value_loss::epsilon_insensitive, sgd_value_loss::squared_epsilon_insensitive}) {
        trainer.loss = loss;
        auto const other = trainer.fit(set.x, set.y);
        for (std::size_t j = 0; j < 4; ++j)
            CHECK(std::abs(other.coef()[j] - best.coef()[j]) < 0.15);
    }
}

TEST_CASE("batches one after the other are one set, but for the order of rows") {
    auto const set = scaled_labels(300);
    sgd_classifier const trainer{.average_after = 600};
    auto model = trainer.start(std::vector<int>{7, 5, -1}, 4);
    CHECK(model.predict(set.x).size() == 300);  // it knows nothing, but it can be asked
    for (int epoch = 0; epoch < 10; ++epoch) {
        for (std::size_t part = 0; part < 3; ++part) {
            std::vector<std::size_t> rows;
            for (auto i = part * 100; i < (part + 1) * 100; ++i) rows.push_back(i);
            model =
                trainer.partial_fit(model, test::rows_of(set.x, rows), test::rows_of(set.y, rows));
        }
    }
    CHECK(model.states()[0].n_rows == 3000);
    CHECK(model.classes() == std::vector<int>{-1, 5, 7});
    auto const whole = trainer.fit(set.x, set.y);
    CHECK(metrics::accuracy(set.y, model.predict(set.x)) >
          metrics::accuracy(set.y, whole.predict(set.x)) - 0.03);
    CHECK_THROWS_AS((void)trainer.partial_fit(model, set.x, std::vector<int>(300, 4)),
                    invalid_input);
    CHECK_THROWS_WITH_AS((void)trainer.partial_fit(model, matrix<float>(300, 5), set.y),
                         "sgd_classifier::partial_fit: x has 5 columns but the model was started "
                         "with 4",
                         invalid_input);
}

TEST_CASE("rows held out end the descent, and are not trained on") {
    auto const set = scaled_labels(300);
    sgd_classifier trainer{};
    trainer.stopping.validation_fraction = 0.2;
    auto const model = trainer.fit(set.x, set.y);
    CHECK(model.converged());
    for (std::size_t k = 0; k < 3; ++k)
        CHECK(model.states()[k].n_rows == 240 * model.reports()[k].n_iter);
}

TEST_CASE_TEMPLATE("descent is equal on every backend, for every n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const set = scaled_labels(200);
    auto const numbers = scaled_values(200);
    for (auto const loss : {sgd_loss::hinge, sgd_loss::squared_hinge, sgd_loss::logistic}) {
        sgd_classifier const trainer{.loss = loss, .average_after = 100, .random_state = 4};
        test::check_equal_for_all_jobs<Backend>(
            [&](auto const& backend) { return trainer.fit(set.x, set.y, backend); });
        test::check_equal_for_all_jobs<Backend>(
            [&](auto const& backend) { return trainer.fit(sparse(set.x), set.y, backend); });
        auto const model = trainer.fit(set.x, set.y, sequential{});
        CHECK(trainer.fit(set.x, set.y) == model);
        auto other = trainer;
        other.random_state = 5;
        CHECK(other.fit(set.x, set.y) != model);
    }
    sgd_regressor const trainer{};
    CHECK(trainer.fit(numbers.x, numbers.y, test::with_jobs<Backend>(3)) ==
          trainer.fit(numbers.x, numbers.y, sequential{}));
}

TEST_CASE("weights, one class, and what is refused") {
    auto const set = scaled_labels(100);
    std::vector<double> weight(100, 1);
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < 100; ++i) {
        if (i % 4 == 1) {
            weight[i] = 0;
        } else {
            kept.push_back(i);
        }
    }
    sgd_classifier const trainer{};
    auto const with_zeros = trainer.fit(set.x, set.y, {.sample_weight = weight});
    CHECK(with_zeros == trainer.fit(test::rows_of(set.x, kept), test::rows_of(set.y, kept)));
    auto const one = trainer.fit(set.x, std::vector<int>(100, 4));
    CHECK(one.predict(set.x) == std::vector<int>(100, 4));
    CHECK_THROWS_WITH_AS((void)sgd_classifier{.alpha = 0}.fit(set.x, set.y),
                         "sgd_classifier::fit: alpha is 0; it must be greater than 0 and finite",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)sgd_regressor{.eta0 = -1}.start(3),
                         "sgd_regressor::start: eta0 is -1; it must be greater than 0 and finite",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)(sgd_classifier{.stopping = {.validation_fraction = 1}}.fit(set.x, set.y)),
        "sgd_classifier::fit: stopping.validation_fraction is 1; it must be in [0, 0.9]",
        invalid_input);
    auto x = set.x;
    x(3, 2) = test::missing;
    CHECK_THROWS_WITH_AS((void)trainer.fit(x, set.y),
                         "sgd_classifier::fit: x is nan at row 3, column 2; a linear model needs "
                         "finite numbers",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)trainer.start(std::vector<int>{}, 3),
                         "sgd_classifier::start: there are 0 classes and 3 features; there must be "
                         "1 of each at least",
                         invalid_input);
}
