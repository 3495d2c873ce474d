// SPDX-License-Identifier: BSD-3-Clause
// linear_svr: by hand, by law, and against LIBLINEAR.
#include "data/linear_reference.hpp"
#include "support/estimator_checks.hpp"
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

using namespace copse;
using test::sparse;
using test::wide;

namespace {

/// Iris: the first three columns, or the fourth.
matrix<float> measures() {
    matrix<float> x(150, 3);
    for (std::size_t i = 0; i < 150; ++i) {
        for (std::size_t j = 0; j < 3; ++j) x(i, j) = test::linear::iris_x[4 * i + j];
    }
    return x;
}
std::vector<float> fourth_measures() {
    std::vector<float> y;
    for (std::size_t i = 0; i < 150; ++i) y.push_back(test::linear::iris_x[4 * i + 3]);
    return y;
}

}  // namespace

TEST_CASE("iris: support vector regression finds LIBLINEAR's objectives and weights") {
    auto const x = measures();
    auto const y = fourth_measures();
    for (auto const& r : test::linear::support_regressions) {
        INFO(std::string(r.model) << ", C " << r.C << ", intercept " << r.fit_intercept);
        bool const squared = r.model == "squared_epsilon_insensitive";
        linear_svr trainer{
            .C = r.C,
            .epsilon = 0.1,
            .loss = squared ? svr_loss::squared_epsilon_insensitive : svr_loss::epsilon_insensitive,
            .fit_intercept = r.fit_intercept,
            .tolerance = squared ? 1e-10 : 1e-12,
            .max_iter = 1000000};
        auto const check = [&](linear_regressor const& model) {
            CHECK(model.report().converged);
            CHECK(model.report().objective == doctest::Approx(r.objective).epsilon(1e-7));
            for (std::size_t j = 0; j < 3; ++j)
                CHECK(model.coef()[j] == doctest::Approx(r.coef[j]).epsilon(1e-3));
            CHECK(model.intercept() == doctest::Approx(r.intercept[0]).epsilon(1e-3));
        };
        check(trainer.fit(wide(x), y));
        if (!squared) check(trainer.fit(sparse(x), y));
        if (!squared || r.fit_intercept || r.C > 1) continue;  // the dual regularises the intercept
        trainer.solver = svm_solver::dual;
        trainer.tolerance = 1e-9;
        auto const of_dual = trainer.fit(wide(x), y);
        check(of_dual);
        CHECK(of_dual.report().duality_gap > -1e-9);
        CHECK(of_dual.report().duality_gap < 1e-5 * r.objective);
    }
}

TEST_CASE("one row: the weight stops where the error is epsilon, or where C ends") {
    matrix<double> x(1, 1);
    x(0, 0) = 2;
    std::vector<double> const y{3};
    linear_svr trainer{.C = 10,
                       .epsilon = 0.5,
                       .loss = svr_loss::epsilon_insensitive,
                       .fit_intercept = false,
                       .tolerance = 1e-9};
    CHECK(trainer.fit(x, y).coef()[0] == doctest::Approx(1.25));  // 2 w = 3 - 0.5
    trainer.C = 0.25;
    CHECK(trainer.fit(x, y).coef()[0] == doctest::Approx(0.5));  // w = C x
    trainer.epsilon = 4;
    CHECK(trainer.fit(x, y).coef()[0] == 0);
    // 1/2 w^2 + C (3 - 0.5 - 2 w)^2 is least at w = 10 C / (1 + 8 C).
    trainer = {.C = 2, .epsilon = 0.5, .fit_intercept = false, .tolerance = 1e-10};
    CHECK(trainer.fit(x, y).coef()[0] == doctest::Approx(20.0 / 17));
    trainer.solver = svm_solver::dual;
    CHECK(trainer.fit(x, y).coef()[0] == doctest::Approx(20.0 / 17));
}

TEST_CASE("linear_svr: a weight is so many rows, and a weight of 0 none") {
    auto const set = test::valued_grid(200, 4, 3);
    std::vector<double> weight;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < 200; ++i) {
        weight.push_back(static_cast<double>(i % 3));
        for (std::size_t times = 0; times < i % 3; ++times) rows.push_back(i);
    }
    for (auto const loss : {svr_loss::squared_epsilon_insensitive, svr_loss::epsilon_insensitive}) {
        linear_svr const trainer{.C = 1e-3, .epsilon = 1, .loss = loss, .tolerance = 1e-8};
        auto const weighted = trainer.fit(wide(set.x), set.y, {.sample_weight = weight});
        auto const repeated =
            trainer.fit(wide(test::rows_of(set.x, rows)), test::rows_of(set.y, rows));
        CHECK(weighted.report().objective ==
              doctest::Approx(repeated.report().objective).epsilon(1e-6));
    }
}

TEST_CASE("linear_svr refuses in a sentence") {
    auto const set = test::valued_grid(50, 3, 3);
    CHECK_THROWS_WITH_AS((void)linear_svr{.C = 0}.fit(set.x, set.y),
                         "linear_svr::fit: C is 0; it must be greater than 0 and finite",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)linear_svr{.epsilon = -0.5}.fit(set.x, set.y),
                         "linear_svr::fit: epsilon is -0.5; it must be at least 0 and finite",
                         invalid_input);
    linear_svr const wrong{.loss = svr_loss::epsilon_insensitive, .solver = svm_solver::newton};
    CHECK_THROWS_WITH_AS((void)wrong.fit(set.x, set.y),
                         "linear_svr::fit: newton needs a loss with a slope everywhere; "
                         "epsilon_insensitive takes svm_solver::dual or automatic",
                         invalid_input);
    auto x = set.x;
    x(3, 1) = test::infinity;
    for (auto const loss : {svr_loss::squared_epsilon_insensitive, svr_loss::epsilon_insensitive}) {
        CHECK_THROWS_WITH_AS((void)linear_svr{.loss = loss}.fit(x, set.y),
                             "linear_svr::fit: x is inf at row 3, column 1; a linear model needs "
                             "finite numbers",
                             invalid_input);
    }
}

TEST_CASE("linear_svr keeps the promises of a trainer") {
    test::promises promised{.trainer = "linear_svr",
                            .model = "linear_regressor",
                            .takes_missing = false,
                            .equal_for_any_row_order = false,
                            .float_is_double = false,
                            .answers_within = 2e-3,
                            .most_error = 0.3,
                            .weights_are_ratios = false,
                            .predicts_within_targets = false};
    test::check_regressor(linear_svr{.epsilon = 0.5, .tolerance = 1e-7}, promised);
    promised.exact_weights = false;  // to the tolerance of a dual
    promised.free_intercept = false;
    promised.answers_within = 0.5;
    test::check_regressor(
        linear_svr{.loss = svr_loss::epsilon_insensitive, .standardize = true, .tolerance = 1e-7},
        promised);
}
