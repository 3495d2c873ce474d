// SPDX-License-Identifier: BSD-3-Clause
// A linear fit that begins at another model's weights solves the same problem.
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using test::sparse;
using test::wide;

namespace {

std::vector<solver_report> endings(linear_classifier const& model) { return model.reports(); }
std::vector<solver_report> endings(linear_regressor const& model) { return {model.report()}; }

std::size_t passes_of(auto const& model) {
    std::size_t sum = 0;
    for (auto const& report : endings(model)) sum += report.n_passes;
    return sum;
}
double objective_of(auto const& model) {
    double sum = 0;
    for (auto const& report : endings(model)) sum += report.objective;
    return sum;
}

double distance(linear_classifier const& a, linear_classifier const& b) {
    double most = 0;
    for (std::size_t k = 0; k < a.coef().rows(); ++k) {
        most = std::max(most, std::abs(a.intercept()[k] - b.intercept()[k]));
        for (std::size_t j = 0; j < a.n_features(); ++j)
            most = std::max(most, std::abs(a.coef()(k, j) - b.coef()(k, j)));
    }
    return most;
}
double distance(linear_regressor const& a, linear_regressor const& b) {
    double most = std::abs(a.intercept() - b.intercept());
    for (std::size_t j = 0; j < a.n_features(); ++j)
        most = std::max(most, std::abs(a.coef()[j] - b.coef()[j]));
    return most;
}

/// From its own solution there is no step to take.
template <class Trainer, class X, class Y>
void check_arrived(Trainer const& trainer, X const& x, Y const& y) {
    auto const model = trainer.fit(x, y);
    auto const again = trainer.fit(x, y, {.warm_start = &model});
    for (auto const& report : endings(again)) {
        CHECK(report.converged);
        CHECK(report.n_iter == 0);
    }
    CHECK(distance(again, model) < 1e-12);
    auto const limit = endings(model)[0].gradient_limit;
    CHECK(endings(again)[0].gradient_limit == doctest::Approx(limit).epsilon(1e-12));
}

/// From the model of a problem nearby to the same objective as from 0, in fewer passes.
template <class Trainer, class X, class Y>
void check_shorter(Trainer const& before, Trainer const& trainer, X const& x, Y const& y) {
    auto const start = before.fit(x, y);
    auto const cold = trainer.fit(x, y);
    auto const warm = trainer.fit(x, y, {.warm_start = &start});
    CHECK(passes_of(warm) < passes_of(cold));
    CHECK(objective_of(warm) == doctest::Approx(objective_of(cold)).epsilon(1e-6));
}

constexpr logistic_solver by_passes[] = {logistic_solver::newton_cg, logistic_solver::lbfgs,
                                         logistic_solver::newton_cholesky};

}  // namespace

TEST_CASE("a linear classifier's fit that begins at its solution takes no step") {
    auto const set = test::labelled_grid(200, 4, 3);
    for (bool const standardize : {false, true}) {
        for (bool const intercept : {false, true}) {
            for (auto const solver : by_passes) {
                logistic_regression const trainer{.fit_intercept = intercept,
                                                  .standardize = standardize,
                                                  .tolerance = 1e-6,
                                                  .solver = solver};
                check_arrived(trainer, wide(set.x), set.y);
            }
            check_arrived(logistic_regression{.multi_class = multinomial,
                                              .fit_intercept = intercept,
                                              .standardize = standardize,
                                              .tolerance = 1e-6},
                          wide(set.x), set.y);
            check_arrived(logistic_regression{.l1_ratio = 0.5,
                                              .fit_intercept = intercept,
                                              .standardize = standardize,
                                              .tolerance = 1e-6},
                          wide(set.x), set.y);
            check_arrived(linear_svc{.C = 0.1,
                                     .fit_intercept = intercept,
                                     .standardize = standardize,
                                     .tolerance = 1e-6},
                          wide(set.x), set.y);
        }
    }
    check_arrived(logistic_regression{.standardize = true}, sparse(set.x), set.y);
    check_arrived(logistic_regression{.l1_ratio = 1}, sparse(set.x), set.y);
}

TEST_CASE("a linear regressor's fit that begins at its solution takes no step") {
    auto const set = test::valued_grid(200, 4, 3);
    for (bool const standardize : {false, true}) {
        check_arrived(ridge{.standardize = standardize}, wide(set.x), set.y);
        check_arrived(linear_svr{.epsilon = 0.1, .standardize = standardize}, wide(set.x), set.y);
        // Their gap is known after a sweep alone.
        lasso const sparse_one{.alpha = 0.1, .standardize = standardize, .tolerance = 1e-10};
        auto const model = sparse_one.fit(set.x, set.y);
        auto const again = sparse_one.fit(set.x, set.y, {.warm_start = &model});
        CHECK(again.report().converged);
        CHECK(again.report().n_iter < model.report().n_iter);
        CHECK(distance(again, model) < 1e-4);
    }
}

TEST_CASE("a start nearby saves passes and changes no objective") {
    auto const set = test::labelled_grid(300, 5, 2);
    for (auto const solver : by_passes) {
        check_shorter(logistic_regression{.C = 1, .tolerance = 1e-6, .solver = solver},
                      logistic_regression{.C = 1.1, .tolerance = 1e-6, .solver = solver},
                      wide(set.x), set.y);
    }
    check_shorter(
        logistic_regression{.C = 1, .multi_class = multinomial, .l1_ratio = 0.5, .tolerance = 1e-6},
        logistic_regression{
            .C = 1.1, .multi_class = multinomial, .l1_ratio = 0.5, .tolerance = 1e-6},
        wide(set.x), set.y);
    check_shorter(logistic_regression{.C = 1, .l1_ratio = 1, .tolerance = 1e-6},
                  logistic_regression{.C = 1.1, .l1_ratio = 1, .tolerance = 1e-6}, wide(set.x),
                  set.y);
    auto const values = test::valued_grid(300, 5, 2);
    check_shorter(elastic_net{.alpha = 0.1, .tolerance = 1e-8},
                  elastic_net{.alpha = 0.09, .tolerance = 1e-8}, wide(values.x), values.y);
}

TEST_CASE_TEMPLATE("a warm start gives the same bits for every n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const [x, y] = test::labelled_grid(120, 4, 5);
    auto const start = logistic_regression{}.fit(x, y, {}, any_backend(sequential{}));
    logistic_regression const trainer{.C = 2};
    auto const expected = trainer.fit(x, y, {.warm_start = &start}, any_backend(sequential{}));
    for (int const n_jobs : test::job_counts) {
        any_backend const backend = test::with_jobs<Backend>(n_jobs);
        CHECK(trainer.fit(x, y, {.warm_start = &start}, backend) == expected);
    }
}

TEST_CASE("a warm start that does not fit is named") {
    auto const [x, y] = test::labelled_grid(60, 4, 5);
    auto const start = logistic_regression{}.fit(x, y);
    auto const narrow = logistic_regression{}.fit(test::uniform(60, 3, 1), y);
    std::vector<int> const two = [] {
        std::vector<int> out(60);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<int>(i % 2);
        return out;
    }();
    auto const of_two = logistic_regression{}.fit(x, two);
    std::vector<double> const numbers(60, 1.0);
    auto const of_numbers = ridge{}.fit(x, numbers);

    CHECK_THROWS_WITH_AS((void)logistic_regression{}.fit(x, y, {.warm_start = &narrow}),
                         "logistic_regression::fit: warm_start was fitted on 3 columns but x has 4",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)logistic_regression{}.fit(x, y, {.warm_start = &of_two}),
                         "logistic_regression::fit: warm_start has 2 classes and y 3; they must "
                         "be the same ones",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)logistic_regression{.multi_class = multinomial}.fit(x, two, {.warm_start = &of_two}),
        "logistic_regression::fit: warm_start has 1 scores but with this multi_class there are 2",
        invalid_input);
    CHECK_THROWS_WITH_AS((void)logistic_regression{}.fit(x, y, {.warm_start = &of_numbers}),
                         "logistic_regression::fit: warm_start is of numbers but y of classes",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)ridge{}.fit(x, numbers, {.warm_start = &start}),
                         "ridge::fit: warm_start is of classes but y of numbers", invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)linear_svc{.loss = svm_loss::hinge}.fit(x, y, {.warm_start = &start}),
        "linear_svc::fit: there is a warm_start, but dual coordinate descent begins at 0",
        invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)sgd_classifier{}.fit(x, y, {.warm_start = &start}),
        "sgd_classifier::fit: there is a warm_start, but partial_fit goes on from a model",
        invalid_input);
    CHECK(logistic_regression{}.fit(x, y, {.warm_start = nullptr}) == start);
}
