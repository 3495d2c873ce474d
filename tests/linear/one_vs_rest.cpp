// SPDX-License-Identifier: BSD-3-Clause
#include <copse/linear/one_vs_rest.hpp>

#include "support/forest_fits.hpp"
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

using namespace copse;

TEST_CASE("one_vs_rest over a linear trainer is the linear trainer") {
    auto const set = test::labelled_grid(200, 5, 4);
    linear_svc const trainer{.tolerance = 1e-7};
    auto const own = trainer.fit(set.x, set.y);
    auto const wrapped = one_vs_rest{trainer}.fit(set.x, set.y);
    CHECK(wrapped.classes() == own.classes());
    CHECK(wrapped.predict(set.x) == own.predict(set.x));
    for (std::size_t k = 0; k < 3; ++k) {
        for (std::size_t j = 0; j < 5; ++j)
            CHECK(wrapped.models()[k].coef()(0, j) ==
                  doctest::Approx(own.coef()(k, j)).epsilon(1e-4));
    }
}

TEST_CASE("one_vs_rest over forests is a forest for each class") {
    auto const set = test::labelled_grid(240, 4, 4);
    random_forest_classifier const trainer{.n_estimators = 10, .random_state = 3};
    auto const model = one_vs_rest{trainer}.fit(set.x, set.y, copse::tbb{.n_jobs = 3});
    CHECK(model == one_vs_rest{trainer}.fit(set.x, set.y, sequential{}));
    REQUIRE(model.models().size() == 3);
    std::vector<int> is_last;
    for (auto const label : set.y) is_last.push_back(label == 7 ? 1 : 0);
    CHECK(model.models()[2] == trainer.fit(set.x, is_last));
    auto const p = model.predict_proba(set.x);
    auto const y = model.predict(set.x);
    std::size_t right = 0;
    for (std::size_t i = 0; i < set.y.size(); ++i) {
        CHECK(p(i, 0) + p(i, 1) + p(i, 2) == doctest::Approx(1));
        right += y[i] == set.y[i] ? 1 : 0;
    }
    CHECK(right > 220);
}

TEST_CASE("two classes need one model, one class none") {
    auto const set = test::labelled_grid(60, 3, 4);
    std::vector<std::string> two;
    for (auto const label : set.y) two.emplace_back(label > 5 ? "yes" : "no");
    auto const model = one_vs_rest{logistic_regression{}}.fit(set.x, two);
    auto const own = logistic_regression{}.fit(set.x, two);
    CHECK(model.models().size() == 1);
    CHECK(model.predict(set.x) == own.predict(set.x));
    CHECK(model.predict_proba(set.x) == own.predict_proba(set.x));
    auto const one = one_vs_rest{logistic_regression{}}.fit(set.x, std::vector<int>(60, 4));
    CHECK(one.models().empty());
    CHECK(one.predict(set.x) == std::vector<int>(60, 4));
}

TEST_CASE("one_vs_rest refuses in its own name, and passes on what its trainer says") {
    auto const set = test::labelled_grid(60, 3, 4);
    CHECK_THROWS_WITH_AS((void)one_vs_rest{linear_svc{}}.fit(set.x, std::vector<int>(59)),
                         "one_vs_rest::fit: y has 59 labels but x has 60 rows", invalid_input);
    CHECK_THROWS_WITH_AS((void)one_vs_rest{linear_svc{.C = -1}}.fit(set.x, set.y),
                         "linear_svc::fit: C is -1; it must be greater than 0 and finite",
                         invalid_input);
    auto const model = one_vs_rest{linear_svc{}}.fit(set.x, set.y);
    CHECK_THROWS_WITH_AS((void)model.predict(matrix<float>(2, 4)),
                         "one_vs_rest_classifier::predict: x has 4 columns but the model was "
                         "fitted on 3",
                         invalid_input);
}
