// SPDX-License-Identifier: BSD-3-Clause
#include <copse/linear/one_vs_one.hpp>

#include "support/forest_fits.hpp"
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

using namespace copse;

TEST_CASE("a model of one_vs_one is its trainer's, fitted to the rows of its pair") {
    auto const set = test::labelled_grid(200, 5, 4);  // -1, 5, 7
    linear_svc const trainer{.tolerance = 1e-7};
    auto const model = one_vs_one{trainer}.fit(set.x, set.y);
    REQUIRE(model.models().size() == 3);
    std::vector<std::size_t> rows;
    std::vector<int> is_seven;
    for (std::size_t i = 0; i < 200; ++i) {
        if (set.y[i] == 5) continue;
        rows.push_back(i);
        is_seven.push_back(set.y[i] == 7 ? 1 : 0);
    }
    CHECK(model.models()[1] == trainer.fit(test::rows_of(set.x, rows), is_seven));
    auto const of_sparse = one_vs_one{trainer}.fit(test::sparse(set.x), set.y);
    CHECK(of_sparse.models()[1] == trainer.fit(test::sparse(test::rows_of(set.x, rows)), is_seven));
    CHECK(of_sparse.predict(test::sparse(set.x)) == model.predict(set.x));
}

TEST_CASE("the class with the most votes wins, and scores break ties") {
    auto const set = test::labelled_grid(200, 5, 4);
    auto const model = one_vs_one{linear_svc{}}.fit(set.x, set.y);
    auto const votes = model.decision_function(set.x);
    auto const answer = model.predict(set.x);
    std::vector<matrix<double>> scores;
    for (auto const& pair : model.models()) scores.push_back(pair.decision_function(set.x));
    std::size_t right = 0;
    for (std::size_t i = 0; i < 200; ++i) {
        auto const a = scores[0](i, 0);  // 5 against -1
        auto const b = scores[1](i, 0);  // 7 against -1
        auto const c = scores[2](i, 0);  // 7 against 5
        auto const third = [](double sum) { return sum / (3 * (std::abs(sum) + 1)); };
        CHECK(votes(i, 0) == (a > 0 ? 0 : 1) + (b > 0 ? 0 : 1) + third(-a - b));
        CHECK(votes(i, 1) == (a > 0 ? 1 : 0) + (c > 0 ? 0 : 1) + third(a - c));
        CHECK(votes(i, 2) == (b > 0 ? 1 : 0) + (c > 0 ? 1 : 0) + third(b + c));
        right += answer[i] == set.y[i] ? 1 : 0;
    }
    CHECK(right > 150);
}

TEST_CASE("one_vs_one over forests is equal for every backend and n_jobs") {
    auto const set = test::labelled_grid(240, 4, 4);
    one_vs_one const trainer{random_forest_classifier{.n_estimators = 5, .random_state = 3}};
    auto const model = trainer.fit(set.x, set.y, sequential{});
    for (auto const n_jobs : test::job_counts)
        CHECK(trainer.fit(set.x, set.y, copse::tbb{.n_jobs = n_jobs}) == model);
    auto const answer = model.predict(set.x);
    std::size_t right = 0;
    for (std::size_t i = 0; i < set.y.size(); ++i) right += answer[i] == set.y[i] ? 1 : 0;
    CHECK(right > 220);
}

TEST_CASE("one_vs_one passes on the weights of a pair's rows") {
    auto const set = test::labelled_grid(120, 4, 4);
    std::vector<double> weight;
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < 120; ++i) {
        weight.push_back(i % 5 == 0 ? 0 : 1);
        if (i % 5 != 0) kept.push_back(i);
    }
    linear_svc const trainer{.tolerance = 1e-9};
    auto const weighted =
        one_vs_one{trainer}.fit(test::wide(set.x), set.y, {.sample_weight = weight});
    auto const without =
        one_vs_one{trainer}.fit(test::wide(test::rows_of(set.x, kept)), test::rows_of(set.y, kept));
    for (std::size_t p = 0; p < 3; ++p) {
        CHECK(weighted.models()[p].coef()(0, 1) ==
              doctest::Approx(without.models()[p].coef()(0, 1)).epsilon(1e-6));
    }
}

TEST_CASE("one_vs_one of two classes is one model, of one class none") {
    auto const set = test::labelled_grid(60, 3, 4);
    std::vector<std::string> two;
    for (auto const label : set.y) two.emplace_back(label > 5 ? "yes" : "no");
    auto const model = one_vs_one{logistic_regression{}}.fit(set.x, two);
    CHECK(model.models().size() == 1);
    CHECK(model.predict(set.x) == logistic_regression{}.fit(set.x, two).predict(set.x));
    auto const one = one_vs_one{logistic_regression{}}.fit(set.x, std::vector<int>(60, 4));
    CHECK(one.models().empty());
    CHECK(one.predict(set.x) == std::vector<int>(60, 4));
}

TEST_CASE("one_vs_one refuses in its own name, and passes on what its trainer says") {
    auto const set = test::labelled_grid(60, 3, 4);
    CHECK_THROWS_WITH_AS((void)one_vs_one{linear_svc{}}.fit(set.x, std::vector<int>(59)),
                         "one_vs_one::fit: y has 59 labels but x has 60 rows", invalid_input);
    CHECK_THROWS_WITH_AS((void)one_vs_one{linear_svc{.C = -1}}.fit(set.x, set.y),
                         "linear_svc::fit: C is -1; it must be greater than 0 and finite",
                         invalid_input);
    auto const model = one_vs_one{linear_svc{}}.fit(set.x, set.y);
    CHECK_THROWS_WITH_AS((void)model.predict(matrix<float>(2, 4)),
                         "one_vs_one_classifier::predict: x has 4 columns but the model was fitted "
                         "on 3",
                         invalid_input);
}
