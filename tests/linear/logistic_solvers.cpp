// SPDX-License-Identifier: BSD-3-Clause
// The solvers of logistic_regression find the same model.
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <copse/linear/cholesky.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using test::sparse;
using test::wide;

namespace {

double sum_of_objectives(linear_classifier const& model) {
    double sum = 0;
    for (auto const& report : model.reports()) sum += report.objective;
    return sum;
}

/// By how much a condition of optimality fails at most, of rows whose scores have these slopes.
double worst_violation(linear_classifier const& model, matrix<double> const& x,
                       matrix<double> const& slopes, double l1_ratio) {
    detail::l1_penalty const penalty{l1_ratio, 1 - l1_ratio};
    double worst = 0;
    for (std::size_t k = 0; k < model.coef().rows(); ++k) {
        double of_intercept = 0;
        for (std::size_t i = 0; i < x.rows(); ++i) of_intercept += slopes(i, k);
        worst = std::max(worst, std::abs(of_intercept));
        for (std::size_t j = 0; j < x.cols(); ++j) {
            auto const w = model.coef()(k, j);
            auto slope = penalty.l2 * w;
            for (std::size_t i = 0; i < x.rows(); ++i) slope += slopes(i, k) * x(i, j);
            worst = std::max(worst, penalty.violation(w, slope));
        }
    }
    return worst;
}

/// C times the slopes of the softmax's loss, or of each class's own.
matrix<double> slopes_of(logistic_classifier const& model, matrix<double> const& x,
                         std::vector<int> const& y, double C) {
    auto out = model.decision_function(x);
    for (std::size_t i = 0; i < y.size(); ++i) {
        auto const row = out.row(i);
        if (model.multi_class() == multinomial) {
            detail::softmax(row);
        } else {
            for (auto& score : row) score = detail::sigmoid(score);
        }
        for (std::size_t k = 0; k < row.size(); ++k)
            row[k] = C * (row[k] - (model.classes()[k] == y[i] ? 1 : 0));
    }
    return out;
}

}  // namespace

TEST_CASE("a symmetric system is solved, and a column that others make up gets nothing") {
    // 4 2 0 | 2 5 2 | 0 2 5, times (1, -1, 2).
    std::vector<double> a{4, 2, 0, 2, 5, 2, 0, 2, 5}, b{2, 1, 8};
    detail::solve_by_cholesky(a, b);
    CHECK(b[0] == doctest::Approx(1));
    CHECK(b[1] == doctest::Approx(-1));
    CHECK(b[2] == doctest::Approx(2));
    std::vector<double> twice{4, 4, 4, 4}, c{8, 8};
    detail::solve_by_cholesky(twice, c);
    CHECK(c == std::vector<double>{2, 0});
}

TEST_CASE("lbfgs and newton_cholesky find the objective of newton_cg, to 1e-6 of it") {
    auto const set = test::labelled_grid(300, 5, 2);
    auto const check = [&](logistic_regression trainer, double tolerance, auto const& x) {
        trainer.solver = logistic_solver::newton_cg;
        trainer.tolerance = 1e-8;
        auto const expected = trainer.fit(wide(set.x), set.y);
        trainer.tolerance = tolerance;
        for (auto const solver : {logistic_solver::lbfgs, logistic_solver::newton_cholesky}) {
            if (solver == logistic_solver::newton_cholesky && trainer.multi_class == multinomial)
                continue;
            INFO("C " << trainer.C << ", intercept " << trainer.fit_intercept << ", solver "
                      << static_cast<int>(solver));
            trainer.solver = solver;
            auto const found = trainer.fit(x, set.y);
            CHECK(found.converged());
            CHECK(sum_of_objectives(found) ==
                  doctest::Approx(sum_of_objectives(expected)).epsilon(1e-6));
            auto const& report = found.reports()[0];
            CHECK(report.gradient_norm <= report.gradient_limit);
            CHECK(report.gradient_limit ==
                  doctest::Approx(expected.reports()[0].gradient_limit * tolerance / 1e-8));
            CHECK(report.n_passes > report.n_iter);
            if (solver == logistic_solver::newton_cholesky) CHECK(report.n_iter < 20);
            if (tolerance > 1e-6) continue;
            for (std::size_t k = 0; k < 3; ++k) {
                for (std::size_t j = 0; j < 5; ++j)
                    CHECK(std::abs(found.coef()(k, j) - expected.coef()(k, j)) < 1e-4);
            }
        }
    };
    for (auto const rule : {multi_class_rule::one_vs_rest, multinomial}) {
        for (auto const C : {0.01, 1.0, 100.0}) {
            for (bool const standardize : {false, true}) {
                logistic_regression const trainer{
                    .C = C, .multi_class = rule, .standardize = standardize};
                check(trainer, 1e-7, wide(set.x));
                check(trainer, 1e-4, set.x);
                check(trainer, 1e-4, sparse(set.x));
                auto without = trainer;
                without.fit_intercept = false;
                check(without, 1e-7, wide(set.x));
            }
        }
    }
}

TEST_CASE("lbfgs with an absolute penalty finds coordinate descent's weights, and as many of 0") {
    auto const set = test::labelled_grid(300, 12, 2);
    auto const x = wide(set.x);
    for (auto const l1_ratio : {0.5, 1.0}) {
        for (bool const standardize : {false, true}) {
            logistic_regression trainer{.C = 0.02,
                                        .l1_ratio = l1_ratio,
                                        .standardize = standardize,
                                        .tolerance = 1e-8,
                                        .max_iter = 10000,
                                        .solver = logistic_solver::coordinate_descent};
            auto const expected = trainer.fit(x, set.y);
            trainer.solver = logistic_solver::automatic;
            CHECK(trainer.fit(x, set.y) == expected);
            trainer.solver = logistic_solver::lbfgs;
            auto const found = trainer.fit(x, set.y);
            CHECK(found.converged());
            CHECK(sum_of_objectives(found) ==
                  doctest::Approx(sum_of_objectives(expected)).epsilon(1e-8));
            for (std::size_t k = 0; k < 3; ++k) {
                for (std::size_t j = 0; j < 12; ++j) {
                    CHECK(std::abs(found.coef()(k, j) - expected.coef()(k, j)) < 1e-5);
                    CHECK((found.coef()(k, j) == 0) == (expected.coef()(k, j) == 0));
                }
            }
            auto const of_sparse = trainer.fit(sparse(set.x), set.y);
            CHECK(sum_of_objectives(of_sparse) ==
                  doctest::Approx(sum_of_objectives(expected)).epsilon(1e-6));
        }
    }
}

TEST_CASE("the optimality conditions hold for every solver, penalty and rule") {
    auto const set = test::labelled_grid(300, 8, 3);
    auto const x = wide(set.x);
    auto const check = [&](multi_class_rule rule, double l1_ratio, logistic_solver solver) {
        INFO("rule " << static_cast<int>(rule) << ", l1_ratio " << l1_ratio << ", solver "
                     << static_cast<int>(solver));
        auto const model = logistic_regression{.C = 0.05,
                                               .multi_class = rule,
                                               .l1_ratio = l1_ratio,
                                               .tolerance = 1e-7,
                                               .max_iter = 20000,
                                               .solver = solver}
                               .fit(x, set.y);
        CHECK(model.converged());
        CHECK(worst_violation(model, x, slopes_of(model, x, set.y, 0.05), l1_ratio) < 1e-5);
    };
    using enum logistic_solver;
    for (auto const solver : {automatic, newton_cg, newton_cholesky, lbfgs})
        check(multi_class_rule::one_vs_rest, 0, solver);
    for (auto const solver : {automatic, newton_cg, lbfgs}) check(multinomial, 0, solver);
    for (auto const l1_ratio : {0.3, 1.0}) {
        for (auto const solver : {automatic, coordinate_descent, lbfgs})
            check(multi_class_rule::one_vs_rest, l1_ratio, solver);
        for (auto const solver : {automatic, lbfgs}) check(multinomial, l1_ratio, solver);
    }
}

TEST_CASE("columns that say nothing, or the same, and separable rows are no obstacle") {
    auto x = wide(test::labelled_grid(120, 6, 4).x);
    std::vector<int> y;
    for (std::size_t i = 0; i < 120; ++i) {
        y.push_back(x(i, 0) > 4 ? 1 : 0);
        x(i, 3) = 7;
        x(i, 4) = 0;
        x(i, 5) = 2 * x(i, 1);
    }
    for (auto const C : {1.0, 1e4}) {
        logistic_regression trainer{.C = C, .tolerance = 1e-6};
        auto const expected = trainer.fit(x, y);
        for (auto const solver : {logistic_solver::lbfgs, logistic_solver::newton_cholesky}) {
            trainer.solver = solver;
            auto const found = trainer.fit(x, y);
            CHECK(found.converged());
            CHECK(sum_of_objectives(found) ==
                  doctest::Approx(sum_of_objectives(expected)).epsilon(1e-4));
            CHECK(found.coef()(0, 4) == 0);
        }
    }
}

TEST_CASE_TEMPLATE("every solver is equal on every backend, for every n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const set = test::labelled_grid(3000, 20, 2);
    auto const compressed = sparse(set.x);
    auto const check = [&](logistic_regression const& trainer) {
        test::check_equal_for_all_jobs<Backend>(
            [&](auto const& backend) { return trainer.fit(set.x, set.y, backend); });
        test::check_equal_for_all_jobs<Backend>(
            [&](auto const& backend) { return trainer.fit(compressed, set.y, backend); });
    };
    check({.solver = logistic_solver::lbfgs});
    check({.solver = logistic_solver::newton_cholesky});
    check({.C = 0.01, .multi_class = multinomial, .l1_ratio = 0.5});
}

TEST_CASE("a solver says what it needs") {
    auto const set = test::labelled_grid(60, 3, 2);
    auto const refuses = [&](logistic_regression const& trainer, char const* text) {
        CHECK_THROWS_WITH_AS((void)trainer.fit(set.x, set.y), text, invalid_input);
    };
    refuses({.l1_ratio = 0.5, .solver = logistic_solver::newton_cg},
            "logistic_regression::fit: solver is newton_cg, l1_ratio 0.5 and multi_class "
            "one_vs_rest; newton_cg needs an l1_ratio of 0");
    refuses({.multi_class = multinomial, .solver = logistic_solver::newton_cholesky},
            "logistic_regression::fit: solver is newton_cholesky, l1_ratio 0 and multi_class "
            "multinomial; newton_cholesky needs an l1_ratio of 0 and one_vs_rest");
    refuses({.solver = logistic_solver::coordinate_descent},
            "logistic_regression::fit: solver is coordinate_descent, l1_ratio 0 and multi_class "
            "one_vs_rest; coordinate_descent needs an l1_ratio above 0 and one_vs_rest");
}
