// SPDX-License-Identifier: BSD-3-Clause
// standardize: the model of standardised columns, whose weights are in units of x.
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <copse/linear/column_scales.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using test::sparse;
using test::wide;

namespace {

/// Columns of very different places and spreads, the last one constant; some of the values are 0.
matrix<float> uneven(std::size_t n) {
    auto x = test::grid(n, 5, 4);
    for (std::size_t i = 0; i < n; ++i) {
        x(i, 1) = 40 * x(i, 1) + 100;
        x(i, 2) = x(i, 2) / 64;
        x(i, 3) = x(i, 3) > 7 ? x(i, 3) : 0;
        x(i, 4) = 2;
    }
    return x;
}
std::vector<int> classes_of(matrix<float> const& x) {
    std::vector<int> y;
    for (auto const v : test::targets_of(test::grid(x.rows(), 5, 4), 4))
        y.push_back(v < 8 ? 0 : v < 16 ? 1 : 2);
    return y;
}

struct moments {
    std::vector<double> mean, deviation;
};

/// By the definition, rows counting by weight.
moments moments_of(matrix<float> const& x, std::vector<double> const& weight) {
    moments out{std::vector<double>(x.cols()), std::vector<double>(x.cols())};
    double total = 0;
    for (auto const w : weight) total += w;
    for (std::size_t j = 0; j < x.cols(); ++j) {
        for (std::size_t i = 0; i < x.rows(); ++i)
            out.mean[j] += weight[i] * static_cast<double>(x(i, j)) / total;
        for (std::size_t i = 0; i < x.rows(); ++i) {
            auto const off = static_cast<double>(x(i, j)) - out.mean[j];
            out.deviation[j] += weight[i] * off * off / total;
        }
        out.deviation[j] = std::sqrt(out.deviation[j]);
        if (out.deviation[j] < 1e-12) out.deviation[j] = 1;
    }
    return out;
}

/// The columns, standardised for real.
matrix<double> standardised(matrix<float> const& x, moments const& m, bool centred) {
    auto out = wide(x);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        for (std::size_t j = 0; j < x.cols(); ++j)
            out(i, j) = (out(i, j) - (centred ? m.mean[j] : 0)) / m.deviation[j];
    }
    return out;
}

/// f(trainer) for each kind of classifier and solver, with and without an intercept.
template <class F>
void for_each_classifier(F const& f) {
    for (bool const intercept : {true, false}) {
        f(logistic_regression{.fit_intercept = intercept, .tolerance = 1e-7}, 1e-5);
        f(
            logistic_regression{
                .multi_class = multinomial, .fit_intercept = intercept, .tolerance = 1e-8},
            1e-5);
        f(
            logistic_regression{
                .C = 0.1, .l1_ratio = 0.5, .fit_intercept = intercept, .tolerance = 1e-8},
            1e-4);
        f(linear_svc{.fit_intercept = intercept, .tolerance = 1e-7}, 1e-5);
        f(linear_svc{.C = 0.1, .l1_ratio = 0.5, .fit_intercept = intercept, .tolerance = 1e-8},
          1e-4);
        f(linear_svc{.C = 0.1,
                     .fit_intercept = intercept,
                     .tolerance = 1e-8,
                     .max_iter = 20000,
                     .solver = svm_solver::dual},
          1e-4);
        f(linear_svc{.C = 0.1,
                     .multi_class = crammer_singer,
                     .fit_intercept = intercept,
                     .tolerance = 1e-7,
                     .max_iter = 20000},
          1e-3);
    }
}
template <class F>
void for_each_regressor(F const& f) {
    for (bool const intercept : {true, false}) {
        f(ridge{.alpha = 20, .fit_intercept = intercept, .tolerance = 1e-10}, 1e-6);
        f(lasso{.alpha = 0.2, .fit_intercept = intercept, .tolerance = 1e-12}, 1e-4);
        f(elastic_net{.alpha = 0.2, .fit_intercept = intercept, .tolerance = 1e-12}, 1e-4);
        f(linear_svr{.C = 0.1, .epsilon = 0.5, .fit_intercept = intercept, .tolerance = 1e-10},
          1e-6);
        f(linear_svr{.C = 0.1,
                     .epsilon = 0.5,
                     .fit_intercept = intercept,
                     .tolerance = 1e-10,
                     .max_iter = 20000,
                     .solver = svm_solver::dual},
          1e-4);
    }
}

}  // namespace

TEST_CASE("scales are means and deviations, dense or sparse, whatever the weights") {
    auto const x = uneven(300);
    std::vector<double> weight;
    for (std::size_t i = 0; i < 300; ++i) weight.push_back(static_cast<double>(i % 4));
    auto const shares = detail::shares_of(weight, 300);
    auto const expected = moments_of(x, weight);
    auto const compressed = sparse(x);
    auto const check = [&](detail::column_scales const& found) {
        for (std::size_t j = 0; j < 5; ++j) {
            CHECK(found.mean[j] == doctest::Approx(expected.mean[j]).epsilon(1e-12));
            CHECK(1 / found.unit[j] == doctest::Approx(expected.deviation[j]).epsilon(1e-12));
        }
        CHECK(found.unit[4] == 1);
    };
    check(detail::scales_of(sequential{}, x.view(), shares, true));
    check(detail::scales_of(sequential{}, compressed.view(), shares, true));
    CHECK(detail::scales_of(sequential{}, x.view(), shares, false).mean.empty());
}

TEST_CASE("a deviation far below the mean keeps its digits") {
    std::vector<double> const x{1e8 + 0.5, 1e8 - 0.5, 1e8 + 0.5, 1e8 - 0.5};
    auto const found = detail::scales_of(sequential{}, matrix_view<double const>(x.data(), 4, 1),
                                         std::vector<double>(4, 0.25), true);
    CHECK(found.unit[0] == doctest::Approx(2));
}

TEST_CASE("standardize is fitting standardised columns, for every classifier") {
    auto const x = uneven(300);
    auto const y = classes_of(x);
    auto const m = moments_of(x, std::vector<double>(300, 1));
    for_each_classifier([&](auto trainer, double within) {
        INFO("C " << trainer.C << ", l1_ratio " << trainer.l1_ratio << ", rule "
                  << static_cast<int>(trainer.multi_class) << ", intercept "
                  << trainer.fit_intercept);
        auto const expected = trainer.fit(standardised(x, m, trainer.fit_intercept), y);
        trainer.standardize = true;
        auto const check = [&](linear_classifier const& found, double near) {
            for (std::size_t k = 0; k < expected.coef().rows(); ++k) {
                auto intercept = expected.intercept()[k];
                for (std::size_t j = 0; j < 5; ++j) {
                    auto const w = expected.coef()(k, j) / m.deviation[j];
                    if (trainer.fit_intercept) intercept -= w * m.mean[j];
                    CHECK(std::abs(found.coef()(k, j) - w) * m.deviation[j] < near);
                }
                auto const b = found.intercept()[k];
                // A softmax does not change with what all classes have in common.
                if (trainer.multi_class != multinomial)
                    CHECK(std::abs(b - intercept) < near * (1 + std::abs(intercept)));
            }
            CHECK(found.reports()[0].objective ==
                  doctest::Approx(expected.reports()[0].objective).epsilon(1e-6));
        };
        auto const found = trainer.fit(wide(x), y);
        CHECK(found.converged());
        check(found, within);
        // Passes in float come as near as float does.
        check(trainer.fit(sparse(x), y), std::max(within, 1e-3));
        check(trainer.fit(x, y), std::max(within, 1e-3));
    });
}

TEST_CASE("standardize is fitting standardised columns, for every regressor") {
    auto const x = uneven(300);
    auto const y = test::targets_of(test::grid(300, 5, 4), 4);
    std::vector<double> weight;
    for (std::size_t i = 0; i < 300; ++i) weight.push_back(static_cast<double>(1 + i % 3));
    auto const m = moments_of(x, weight);
    for_each_regressor([&](auto trainer, double within) {
        auto const expected =
            trainer.fit(standardised(x, m, trainer.fit_intercept), y, {.sample_weight = weight});
        trainer.standardize = true;
        auto const found = trainer.fit(wide(x), y, {.sample_weight = weight});
        CHECK(found.report().converged);
        auto intercept = expected.intercept();
        for (std::size_t j = 0; j < 5; ++j) {
            auto const w = expected.coef()[j] / m.deviation[j];
            if (trainer.fit_intercept) intercept -= w * m.mean[j];
            CHECK(std::abs(found.coef()[j] - w) * m.deviation[j] < within);
        }
        CHECK(std::abs(found.intercept() - intercept) < within * (1 + std::abs(intercept)));
        // float passes, sparse or dense, come as near as float does.
        for (auto const& other : {trainer.fit(x, y, {.sample_weight = weight}),
                                  trainer.fit(sparse(x), y, {.sample_weight = weight})}) {
            for (std::size_t j = 0; j < 5; ++j)
                CHECK(std::abs(other.coef()[j] - found.coef()[j]) * m.deviation[j] < 1e-3);
        }
    });
}

TEST_CASE("of standardised columns it does not matter in which units they were") {
    auto const x = uneven(200);
    auto const y = classes_of(x);
    auto other = x;
    for (std::size_t i = 0; i < 200; ++i) {
        other(i, 0) = 1024 * x(i, 0);
        other(i, 2) = x(i, 2) + 4;
    }
    logistic_regression const trainer{.standardize = true, .tolerance = 1e-8};
    auto const a = trainer.fit(wide(x), y).predict_proba(wide(x));
    auto const b = trainer.fit(wide(other), y).predict_proba(wide(other));
    for (std::size_t i = 0; i < 200; ++i) CHECK(a(i, 1) == doctest::Approx(b(i, 1)).epsilon(1e-5));
}

TEST_CASE_TEMPLATE("standardize is equal on every backend, for every n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const x = uneven(5000);
    auto const y = classes_of(x);
    auto const compressed = sparse(x);
    auto const check = [&](auto trainer) {
        trainer.standardize = true;
        auto const dense = trainer.fit(x, y, sequential{});
        auto const of_sparse = trainer.fit(compressed, y, sequential{});
        for (auto const n_jobs : test::job_counts) {
            auto const backend = test::with_jobs<Backend>(n_jobs);
            CHECK(trainer.fit(x, y, backend) == dense);
            CHECK(trainer.fit(compressed, y, backend) == of_sparse);
        }
    };
    check(logistic_regression{});
    check(linear_svc{.C = 0.01, .loss = svm_loss::hinge, .max_iter = 20});
    check(ridge{});
    check(lasso{.alpha = 0.1});
}
