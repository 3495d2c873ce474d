// SPDX-License-Identifier: BSD-3-Clause
// Penalties of stochastic gradient descent, and AdaGrad: by hand, by law, and by what scikit-learn
// finds.
#include "data/linear_reference.hpp"
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using namespace copse;
using test::sparse;
using test::wide;

namespace {

struct reference {
    std::string_view loss, penalty, rate;
    std::vector<double> coef;
    double intercept;
};

#include "sgd_reference.inc"

sgd_penalty penalty_called(std::string_view name) {
    return name == "l2"   ? sgd_penalty::l2
           : name == "l1" ? sgd_penalty::l1
                          : sgd_penalty::elasticnet;
}
sgd_rate rate_called(std::string_view name) {
    return name == "optimal"      ? sgd_rate::optimal
           : name == "invscaling" ? sgd_rate::inverse_scaling
                                  : sgd_rate::constant;
}

/// Columns of iris from `first` to `last`, of the scale of 1.
matrix<double> iris(std::size_t first, std::size_t last) {
    matrix<double> x(150, last - first);
    for (std::size_t i = 0; i < 150; ++i) {
        for (auto j = first; j < last; ++j)
            x(i, j - first) = static_cast<double>(test::linear::iris_x[4 * i + j]) / 4 - 1;
    }
    return x;
}

/// Two epochs, a row at a time in the order of the rows.
template <class Trainer, class Model, class Y>
Model two_epochs(Trainer const& trainer, Model model, matrix<double> const& x,
                 std::vector<Y> const& y) {
    for (int epoch = 0; epoch < 2; ++epoch) {
        for (std::size_t i = 0; i < x.rows(); ++i)
            model = trainer.partial_fit(model, test::rows_of(x, {i}), test::rows_of(y, {i}));
    }
    return model;
}

/// One column, and y of one value: the same row n times.
struct repeated_row {
    matrix<double> x;
    std::vector<double> y;

    repeated_row(std::size_t n, double value, double target) : x(n, 1, value), y(n, target) {}
};

/// -1, 0 and 1, half of them 0; three labels, by the first three of six columns and by chance.
test::labelled with_zeros(std::size_t n) {
    test::labelled set{test::grid(n, 6, 3, 4), std::vector<int>(n)};
    auto const noise = test::uniform(n, 1, 4);
    for (std::size_t i = 0; i < n; ++i) {
        for (auto& value : set.x.row(i)) value = value > 2 ? 0 : value - 1;
        auto const sum = 2 * set.x(i, 0) - set.x(i, 1) + 0.5f * set.x(i, 2) + 2 * noise(i, 0);
        set.y[i] = sum < 0 ? 5 : sum < 2 ? -1 : 7;
    }
    return set;
}

/// The penalty and the mean logistic loss of a model of two classes.
double penalised_objective(linear_classifier const& model, matrix<float> const& x,
                           std::vector<int> const& y, detail::l1_penalty penalty) {
    double sum = 0;
    for (auto const w : model.coef().row(0)) sum += penalty.of(w);
    auto const score = model.decision_function(wide(x));
    for (std::size_t i = 0; i < y.size(); ++i) {
        auto const m = model.classes()[1] == y[i] ? score(i, 0) : -score(i, 0);
        sum += std::log1p(std::exp(-m)) / static_cast<double>(y.size());
    }
    return sum;
}

}  // namespace

TEST_CASE("three steps by hand: |w|") {
    // alpha = eta = 1/2, so that each step a weight may owe 1/4 more; x = 1, y = 4.
    // w = 0: error -4, w = 2, owes 1/4: 1.75. Error -2.25, w = 2.875 - 1/4. Error -1.375,
    // w = 2.625 + 0.6875 - 1/4.
    repeated_row const row(1, 1, 4);
    sgd_regressor const trainer{.penalty = sgd_penalty::l1,
                                .alpha = 0.5,
                                .fit_intercept = false,
                                .learning_rate = sgd_rate::constant,
                                .eta0 = 0.5};
    auto model = trainer.start(1);
    for (double const w : {1.75, 2.625, 3.0625}) {
        model = trainer.partial_fit(model, row.x, row.y);
        CHECK(model.coef()[0] == w);
    }
    CHECK(model.state().l1_due == 0.75);
    CHECK(model.state().l1_paid[0] == -0.75);
    // A weight pays no more than it has, and what it could not pay stays due.
    repeated_row const small(1, 1, 0.5);
    auto zero = trainer.start(1);
    for (double const paid : {-0.25, -0.5, -0.75}) {
        zero = trainer.partial_fit(zero, small.x, small.y);
        CHECK(zero.coef()[0] == 0);
        CHECK(zero.state().l1_paid[0] == paid);
    }
    repeated_row const tiny(1, 1, 0.25);
    zero = trainer.partial_fit(trainer.start(1), tiny.x, tiny.y);
    zero = trainer.partial_fit(zero, tiny.x, tiny.y);
    CHECK(zero.state().l1_paid[0] == -0.25);  // 1/8 at each step, of 1/4
    zero = trainer.partial_fit(zero, small.x, small.y);
    CHECK(zero.coef()[0] == 0);  // 1/4 would pay for this step, but not for 1/4 more
}

TEST_CASE("two steps by hand: AdaGrad") {
    // x = 1, y = 4, eta = 1: slope -4, rate 1/4, w = 1. Slope -3, rate 1/5, w = 1.6.
    repeated_row const row(1, 1, 4);
    sgd_regressor trainer{.penalty = sgd_penalty::none,
                          .fit_intercept = false,
                          .learning_rate = sgd_rate::adagrad,
                          .eta0 = 1};
    auto const one = trainer.partial_fit(trainer.start(1), row.x, row.y);
    CHECK(one.coef()[0] == 1);
    auto const two = trainer.partial_fit(one, row.x, row.y);
    CHECK(two.coef()[0] == doctest::Approx(1.6).epsilon(1e-15));
    CHECK(two.state().squares[0] == 25);
    // The penalty's step has the same rate: 1 - 1/4 * 1/2, then (1 - 1/8) / (1 + 1/8).
    trainer.penalty = sgd_penalty::l1;
    trainer.alpha = 0.5;
    CHECK(trainer.partial_fit(trainer.start(1), row.x, row.y).coef()[0] == 0.875);
    trainer.penalty = sgd_penalty::elasticnet;
    trainer.alpha = 1;
    trainer.l1_ratio = 0.5;
    CHECK(trainer.partial_fit(trainer.start(1), row.x, row.y).coef()[0] ==
          doctest::Approx(0.875 / 1.125).epsilon(1e-15));
    // The intercept has a rate of its own and no penalty.
    trainer.fit_intercept = true;
    auto const with_intercept = trainer.partial_fit(trainer.start(1), row.x, row.y);
    CHECK(with_intercept.intercept() == 1);
    CHECK(with_intercept.state().b_square == 16);
}

TEST_CASE("many steps of a penalty are those steps one by one") {
    std::vector<detail::l1_penalty> const penalties{{0, 0},      {0.01, 0},    {0, 0.3},
                                                    {0.01, 0.3}, {0.3, 0.001}, {0.0625, 0}};
    std::vector<std::size_t> const counts{0, 1, 2, 3, 10, 1000};
    for (auto const penalty : penalties) {
        for (double const rate : {0.0, 0.25, 2.0}) {
            for (double const begin : {0.0, 1.0, -1.5, 1e-6}) {
                for (auto const n : counts) {
                    CAPTURE(penalty.l1);
                    CAPTURE(penalty.l2);
                    CAPTURE(rate);
                    CAPTURE(begin);
                    CAPTURE(n);
                    double w = begin, sum = 0;
                    for (std::size_t step = 0; step < n; ++step)
                        sum += w = detail::shrunk(w, rate * penalty.l1) / (1 + rate * penalty.l2);
                    auto const at_once = detail::idle_steps(begin, rate, penalty, n);
                    CHECK(std::abs(at_once.w - w) < 1e-12);
                    CHECK(std::abs(at_once.sum - sum) < 1e-10);
                }
            }
        }
    }
}

TEST_CASE("row by row, weights are scikit-learn's, and what was due is not forgotten in between") {
    auto const x = iris(0, 4);
    std::vector<int> is_second;
    for (auto const y : test::linear::iris_y) is_second.push_back(y == 1 ? 1 : 0);
    auto const given = iris(0, 3);
    auto const last = iris(3, 4);
    std::vector<double> const target(last.data(), last.data() + 150);
    for (auto const& r : references) {
        CAPTURE(r.loss);
        CAPTURE(r.penalty);
        CAPTURE(r.rate);
        std::vector<double> coef;
        double intercept = 0;
        if (r.loss == "squared_error") {
            sgd_regressor const trainer{.penalty = penalty_called(r.penalty),
                                        .alpha = 0.01,
                                        .l1_ratio = 0.4,
                                        .learning_rate = rate_called(r.rate),
                                        .eta0 = 0.05};
            auto const model = two_epochs(trainer, trainer.start(3), given, target);
            coef = {model.coef().begin(), model.coef().end()};
            intercept = model.intercept();
        } else {
            sgd_classifier const trainer{
                .loss = r.loss == "hinge" ? sgd_loss::hinge : sgd_loss::logistic,
                .penalty = penalty_called(r.penalty),
                .alpha = 0.01,
                .l1_ratio = 0.4,
                .learning_rate = rate_called(r.rate),
                .eta0 = 0.05};
            auto const model =
                two_epochs(trainer, trainer.start(std::vector<int>{0, 1}, 4), x, is_second);
            coef = {model.coef().row(0).begin(), model.coef().row(0).end()};
            intercept = model.intercept()[0];
        }
        REQUIRE(coef.size() == r.coef.size());
        for (std::size_t j = 0; j < coef.size(); ++j)
            CHECK(coef[j] == doctest::Approx(r.coef[j]).epsilon(1e-9));
        CHECK(intercept == doctest::Approx(r.intercept).epsilon(1e-9));
    }
}

TEST_CASE("elasticnet has l2 at one end and l1 at the other; none does not know alpha") {
    auto const set = with_zeros(200);
    for (auto const rate : {sgd_rate::constant, sgd_rate::adagrad}) {
        sgd_classifier const net{.penalty = sgd_penalty::elasticnet,
                                 .alpha = 0.01,
                                 .l1_ratio = 0,
                                 .learning_rate = rate};
        auto trainer = net;
        trainer.penalty = sgd_penalty::l2;
        CHECK(net.fit(set.x, set.y) == trainer.fit(set.x, set.y));
        trainer.penalty = sgd_penalty::l1;
        auto other = net;
        other.l1_ratio = 1;
        CHECK(other.fit(set.x, set.y) == trainer.fit(set.x, set.y));
        CHECK(net.fit(set.x, set.y) != trainer.fit(set.x, set.y));
        trainer.penalty = sgd_penalty::none;
        other = trainer;
        other.alpha = 100;
        CHECK(other.fit(set.x, set.y) == trainer.fit(set.x, set.y));
        other.penalty = sgd_penalty::l1;
        auto const empty = other.fit(set.x, set.y);
        for (std::size_t k = 0; k < 3; ++k) {
            for (auto const w : empty.coef().row(k)) CHECK(w == 0);
        }
    }
}

TEST_CASE("descent with a penalty comes near the solver that goes to the end, zeros included") {
    auto set = with_zeros(400);
    for (auto& y : set.y) y = y == 5 ? 1 : 0;
    double const alpha = 0.05;
    for (auto const penalty : {sgd_penalty::l1, sgd_penalty::elasticnet}) {
        auto const ratio = penalty == sgd_penalty::l1 ? 1.0 : 0.7;
        auto const best =
            logistic_regression{.C = 1 / (alpha * 400), .l1_ratio = ratio, .tolerance = 1e-8}.fit(
                wide(set.x), set.y);
        auto const costs = detail::penalty_of(penalty, alpha, ratio);
        auto const least = penalised_objective(best, set.x, set.y, costs);
        REQUIRE(std::ranges::count(best.coef().row(0), 0.0) > 0);
        REQUIRE(std::ranges::count(best.coef().row(0), 0.0) < 6);
        for (auto const rate : {sgd_rate::optimal, sgd_rate::adagrad}) {
            sgd_classifier trainer{.loss = sgd_loss::logistic,
                                   .penalty = penalty,
                                   .alpha = alpha,
                                   .l1_ratio = ratio,
                                   .learning_rate = rate,
                                   .eta0 = 0.2};
            trainer.stopping.tolerance = 1e-7;
            auto const model = trainer.fit(set.x, set.y);
            CHECK(penalised_objective(model, set.x, set.y, costs) < 1.01 * least);
            CHECK(model.reports()[0].objective == doctest::Approx(least).epsilon(0.05));
            CHECK(penalised_objective(trainer.fit(sparse(set.x), set.y), set.x, set.y, costs) <
                  1.01 * least);
            for (std::size_t j = 0; j < 6; ++j) {
                if (best.coef()(0, j) == 0) CHECK(std::abs(model.coef()(0, j)) < 0.02);
            }
        }
    }
}

TEST_CASE("AdaGrad puts a sparse row's penalties off, and dense rows see no difference") {
    auto const set = with_zeros(300);
    for (auto const loss : {sgd_loss::hinge, sgd_loss::logistic}) {
        for (auto const penalty : {sgd_penalty::l1, sgd_penalty::l2, sgd_penalty::elasticnet}) {
            sgd_classifier const trainer{.loss = loss,
                                         .penalty = penalty,
                                         .alpha = 0.01,
                                         .learning_rate = sgd_rate::adagrad,
                                         .eta0 = 0.5,
                                         .average_after = 450,
                                         .stopping = {.max_iter = 4}};
            auto const dense = trainer.fit(wide(set.x), set.y);
            auto const of_sparse = trainer.fit(sparse(set.x), set.y);
            for (std::size_t k = 0; k < 3; ++k) {
                CHECK(dense.states()[k].n_summed == 750);
                for (std::size_t j = 0; j < 6; ++j) {
                    CHECK(std::abs(dense.coef()(k, j) - of_sparse.coef()(k, j)) < 1e-9);
                    CHECK(std::abs(dense.states()[k].w[j] - of_sparse.states()[k].w[j]) < 1e-9);
                }
            }
        }
    }
}

TEST_CASE("one epoch of a row many times is as many epochs of it, average and all") {
    repeated_row const once(1, 0.5, 1), often(40, 0.5, 1);
    for (auto const rate : {sgd_rate::optimal, sgd_rate::inverse_scaling, sgd_rate::adagrad}) {
        for (auto const penalty : {sgd_penalty::l1, sgd_penalty::l2, sgd_penalty::elasticnet}) {
            // Errors up to 0.4 have no slope: then only the penalty moves weights.
            sgd_regressor const trainer{.loss = sgd_value_loss::epsilon_insensitive,
                                        .penalty = penalty,
                                        .alpha = 0.02,
                                        .epsilon = 0.4,
                                        .fit_intercept = false,
                                        .learning_rate = rate,
                                        .eta0 = 0.3,
                                        .average_after = 10};
            auto const whole = trainer.partial_fit(trainer.start(1), often.x, often.y);
            auto model = trainer.start(1);
            std::vector<double> seen;
            for (int i = 0; i < 40; ++i) {
                model = trainer.partial_fit(model, once.x, once.y);
                if (i >= 10) seen.push_back(model.state().w[0]);
            }
            double sum = 0;
            for (auto const w : seen) sum += w;
            CHECK(model.coef()[0] == doctest::Approx(sum / 30));
            CHECK(whole.coef()[0] == doctest::Approx(model.coef()[0]));
            CHECK(whole.state().w[0] == doctest::Approx(model.state().w[0]));
            CHECK(whole.state().w[0] != 0);
        }
    }
}

TEST_CASE_TEMPLATE("penalties and AdaGrad are equal on every backend, for every n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const set = with_zeros(200);
    std::vector<sgd_penalty> const penalties{sgd_penalty::l1, sgd_penalty::elasticnet};
    std::vector<sgd_rate> const rates{sgd_rate::optimal, sgd_rate::adagrad};
    for (auto const penalty : penalties) {
        for (auto const rate : rates) {
            sgd_classifier const trainer{.penalty = penalty,
                                         .alpha = 0.01,
                                         .learning_rate = rate,
                                         .average_after = 100,
                                         .random_state = 4};
            test::check_equal_for_all_jobs<Backend>(
                [&](auto const& backend) { return trainer.fit(set.x, set.y, backend); });
            test::check_equal_for_all_jobs<Backend>(
                [&](auto const& backend) { return trainer.fit(sparse(set.x), set.y, backend); });
        }
    }
}

TEST_CASE("a share of |w| that is none is refused") {
    auto const set = with_zeros(20);
    CHECK_THROWS_WITH_AS((void)sgd_classifier{.l1_ratio = 1.5}.fit(set.x, set.y),
                         "sgd_classifier::fit: l1_ratio is 1.5; it must be in [0, 1]",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)sgd_regressor{.l1_ratio = -0.5}.start(3),
                         "sgd_regressor::start: l1_ratio is -0.5; it must be in [0, 1]",
                         invalid_input);
}
