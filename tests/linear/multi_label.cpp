// SPDX-License-Identifier: BSD-3-Clause
#include <copse/linear/multi_label.hpp>

#include "support/forest_fits.hpp"
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <vector>

using namespace copse;

namespace {

/// A label for each of the first three columns that is above the middle, one that all rows have,
/// and one that none has.
matrix<int> sets_of(matrix<float> const& x) {
    matrix<int> y(x.rows(), 5);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        for (std::size_t k = 0; k < 3; ++k) y(i, k) = x(i, k) > 4 ? 1 : 0;
        y(i, 3) = 1;
    }
    return y;
}

}  // namespace

TEST_CASE("each label of a row has a model of its own") {
    auto const x = test::grid(150, 4, 2);
    auto const y = sets_of(x);
    logistic_regression const trainer{};
    auto const model = one_vs_rest{trainer}.fit(x, label_sets(y));
    CHECK(model.n_labels() == 5);
    std::vector<int> second;
    for (std::size_t i = 0; i < 150; ++i) second.push_back(y(i, 1));
    CHECK(model.models()[1] == trainer.fit(x, second));
    auto const answer = model.predict(x);
    CHECK(answer == y);  // it is easy
    auto const p = model.predict_proba(x);
    for (std::size_t i = 0; i < 150; ++i) {
        CHECK(p(i, 1) == model.models()[1].predict_proba(x)(i, 1));
        CHECK(p(i, 3) == 1);
        CHECK(p(i, 4) == 0);
    }
    CHECK(one_vs_rest{trainer}.fit(test::sparse(x), label_sets(y)).predict(test::sparse(x)) == y);
}

TEST_CASE("label sets over forests are equal for every n_jobs") {
    auto const x = test::grid(150, 4, 2);
    label_sets const y(sets_of(x));
    one_vs_rest const trainer{random_forest_classifier{.n_estimators = 5, .random_state = 3}};
    auto const model = trainer.fit(x, y, sequential{});
    for (auto const n_jobs : test::job_counts)
        CHECK(trainer.fit(x, y, copse::tbb{.n_jobs = n_jobs}) == model);
    CHECK(model.predict(x, sequential{}) == model.predict(x));
}

TEST_CASE("label sets are zeros and ones") {
    auto const x = test::grid(10, 4, 2);
    matrix<double> y(10, 2);
    y(3, 1) = 0.5;
    CHECK_THROWS_WITH_AS((void)label_sets(y),
                         "label_sets: y is 0.5 at row 3, column 1; it must be 0 or 1",
                         invalid_input);
    y(3, 1) = 1;
    label_sets const sets(y);
    CHECK(sets.column(1) == std::vector<int>{0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    CHECK_THROWS_WITH_AS((void)one_vs_rest{linear_svc{}}.fit(test::grid(9, 4, 2), sets),
                         "one_vs_rest::fit: y has 10 label sets but x has 9 rows", invalid_input);
    CHECK_THROWS_WITH_AS((void)one_vs_rest{linear_svc{}}.fit(x, label_sets(matrix<int>(10, 0))),
                         "one_vs_rest::fit: y has 0 labels", invalid_input);
}
