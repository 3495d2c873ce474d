// SPDX-License-Identifier: BSD-3-Clause
// ridge, lasso and elastic_net: by hand, by law, and against scikit-learn.
#include <copse/linear/elastic_net.hpp>

#include "data/linear_reference.hpp"
#include "support/backends.hpp"
#include "support/samples.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

using namespace copse;

namespace {

/// Iris: the fourth column by the first three.
matrix<double> petals() {
    matrix<double> x(150, 3);
    for (std::size_t i = 0; i < 150; ++i) {
        for (std::size_t j = 0; j < 3; ++j)
            x(i, j) = static_cast<double>(test::linear::iris_x[4 * i + j]);
    }
    return x;
}
std::vector<double> widths() {
    std::vector<double> y;
    for (std::size_t i = 0; i < 150; ++i)
        y.push_back(static_cast<double>(test::linear::iris_x[4 * i + 3]));
    return y;
}

using test::sparse;

void check_reference(linear_regressor const& model, test::linear::reference const& r) {
    for (std::size_t j = 0; j < 3; ++j)
        CHECK(model.coef()[j] == doctest::Approx(r.coef[j]).epsilon(1e-5));
    CHECK(model.intercept() == doctest::Approx(r.intercept[0]).epsilon(1e-5));
    CHECK(model.report().converged);
}

}  // namespace

TEST_CASE("iris: least squares find scikit-learn's weights") {
    auto const x = petals();
    auto const y = widths();
    for (auto const& r : test::linear::squares) {
        INFO(std::string(r.model) << ", alpha " << r.C << ", intercept " << r.fit_intercept);
        if (r.model == "ridge") {
            check_reference(
                ridge{.alpha = r.C, .fit_intercept = r.fit_intercept, .tolerance = 1e-10}.fit(x, y),
                r);
        } else if (r.model == "lasso") {
            check_reference(lasso{.alpha = r.C,
                                  .fit_intercept = r.fit_intercept,
                                  .tolerance = 1e-12,
                                  .max_iter = 100000}
                                .fit(x, y),
                            r);
        } else {
            check_reference(elastic_net{.alpha = r.C,
                                        .fit_intercept = r.fit_intercept,
                                        .tolerance = 1e-12,
                                        .max_iter = 100000}
                                .fit(x, y),
                            r);
        }
    }
}

TEST_CASE("one column: the lasso shrinks the weight by alpha, ridge divides it") {
    matrix<double> x(4, 1);
    std::vector<double> const y{1, -1, 3, -3};
    for (std::size_t i = 0; i < 4; ++i) x(i, 0) = i % 2 == 0 ? 1 : -1;
    // mean of x y is 2, mean of x^2 is 1
    CHECK(lasso{.alpha = 0.5}.fit(x, y).coef()[0] == doctest::Approx(1.5));
    CHECK(lasso{.alpha = 2.5}.fit(x, y).coef()[0] == 0);
    CHECK(elastic_net{.alpha = 1, .l1_ratio = 0.5}.fit(x, y).coef()[0] == doctest::Approx(1.0));
    CHECK(ridge{.alpha = 4}.fit(x, y).coef()[0] == doctest::Approx(1.0));  // 8 / (4 + 4)
}

TEST_CASE("least squares: sparse is dense, weights are rows, and backends agree") {
    auto const set = test::valued_grid(300, 6, 3);
    auto const compressed = sparse(set.x);
    std::vector<double> weight;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < 300; ++i) {
        weight.push_back(static_cast<double>(i % 3));
        for (std::size_t times = 0; times < i % 3; ++times) rows.push_back(i);
    }
    auto const check = [&](auto const& trainer) {
        auto const dense = trainer.fit(set.x, set.y);
        CHECK(trainer.fit(set.x, set.y, sequential{}) == dense);
        CHECK(trainer.fit(set.x, set.y, copse::tbb{.n_jobs = 3}) == dense);
        auto const of_sparse = trainer.fit(compressed, set.y);
        auto const weighted = trainer.fit(set.x, set.y, {.sample_weight = weight});
        auto const repeated = trainer.fit(test::rows_of(set.x, rows), test::rows_of(set.y, rows));
        for (std::size_t j = 0; j < 6; ++j) {
            CHECK(of_sparse.coef()[j] == doctest::Approx(dense.coef()[j]).epsilon(1e-3));
            CHECK(weighted.coef()[j] == doctest::Approx(repeated.coef()[j]).epsilon(1e-3));
        }
        auto const answer = dense.predict(set.x);
        double error = 0;
        for (std::size_t i = 0; i < 300; ++i) error += answer[i] - set.y[i];
        CHECK(std::abs(error) < 1);  // the intercept is free
        CHECK(dense.predict(compressed)[7] == doctest::Approx(answer[7]));
    };
    check(ridge{});
    check(lasso{.alpha = 0.1, .tolerance = 1e-8});
    check(elastic_net{.alpha = 0.1, .tolerance = 1e-8});
}

TEST_CASE("constant columns and constant targets have weight 0") {
    auto set = test::valued_grid(50, 3, 3);
    for (std::size_t i = 0; i < 50; ++i) set.x(i, 1) = 0.1f;
    CHECK(lasso{.alpha = 0.01}.fit(set.x, set.y).coef()[1] == 0);
    CHECK(ridge{}.fit(set.x, set.y).coef()[1] == doctest::Approx(0).epsilon(1e-6));
    std::vector<double> const same(50, 3.5);
    CHECK(lasso{}.fit(set.x, same).intercept() == doctest::Approx(3.5));
    CHECK(lasso{}.fit(set.x, same).report().converged);
    CHECK(ridge{}.fit(set.x, same).intercept() == doctest::Approx(3.5));
    CHECK(ridge{}.fit(set.x, same).report().converged);
}

TEST_CASE("least squares refuse in a sentence") {
    auto const set = test::valued_grid(50, 3, 3);
    CHECK_THROWS_WITH_AS((void)ridge{.alpha = 0}.fit(set.x, set.y),
                         "ridge::fit: alpha is 0; it must be greater than 0 and finite",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)elastic_net{.l1_ratio = 0}.fit(set.x, set.y),
                         "elastic_net::fit: l1_ratio is 0; it must be above 0 and at most 1; ridge "
                         "is for 0",
                         invalid_input);
    auto y = set.y;
    y[4] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS((void)lasso{}.fit(set.x, y),
                         "lasso::fit: y is inf at row 4; it must be finite", invalid_input);
    y.pop_back();
    CHECK_THROWS_WITH_AS((void)lasso{}.fit(set.x, y),
                         "lasso::fit: y has 49 values but x has 50 rows", invalid_input);
}
