// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

gradient_boosting_regressor const ten_rounds{
    .n_estimators = 10, .max_leaf_nodes = 8, .l2_regularization = 2};

}  // namespace

TEST_CASE("refitting on the rows that a model was fitted on changes nothing") {
    auto const [x, y] = valued_grid(500, 4, 1);
    for (auto const& loss : {regression_loss{squared_error_loss{}}, regression_loss{huber_loss{}},
                             regression_loss{absolute_error_loss{}}}) {
        auto trainer = ten_rounds;
        trainer.loss = loss;
        auto const model = trainer.fit(x, y, sequential{});
        auto const again = trainer.fit(x, y, {.refit = &model, .refit_decay = 0}, sequential{});
        auto const before = model.predict(x, sequential{});
        auto const after = again.predict(x, sequential{});
        for (std::size_t i = 0; i < y.size(); ++i)
            CHECK(std::fabs(after[i] - before[i]) < 1e-9 * std::fabs(before[i]));
    }
}

TEST_CASE("a decay of 1 keeps the model, one between mixes leaf by leaf") {
    auto const [x, y] = valued_grid(500, 4, 2);
    auto const other = valued_grid(400, 4, 3);
    auto const model = ten_rounds.fit(x, y, sequential{});
    CHECK(ten_rounds.fit(other.x, other.y, {.refit = &model, .refit_decay = 1}, sequential{}) ==
          model);

    // By hand: of the first tree, a leaf's residuals sum to G and its n rows weigh n + l2.
    auto const mixed =
        ten_rounds.fit(other.x, other.y, {.refit = &model, .refit_decay = 0.6}, sequential{});
    auto const start = model.first_rounds(0).predict(other.x, sequential{})[0];
    auto const leaves = model.first_rounds(1).apply(other.x, sequential{});
    auto const& was = model.trees()[0].nodes();
    auto const& is = mixed.trees()[0].nodes();
    std::vector<double> sum(was.size());
    std::vector<double> rows(was.size());
    for (std::size_t i = 0; i < other.y.size(); ++i) {
        sum[leaves(i, 0)] += other.y[i] - start;
        rows[leaves(i, 0)] += 1;
    }
    for (std::size_t at = 0; at < was.size(); ++at) {
        if (!was[at].is_leaf() || rows[at] == 0) continue;
        auto const fresh = 0.1 * sum[at] / (rows[at] + 2);
        CHECK(std::fabs(is[at].value() - (0.6 * was[at].value() + 0.4 * fresh)) < 1e-6);
    }
}

TEST_CASE("leaves that no row reaches keep their values") {
    auto const [x, y] = valued_grid(500, 4, 4);
    auto const model = ten_rounds.fit(x, y, sequential{});
    matrix<float> const one(1, 4, 3.0f);
    auto const again = ten_rounds.fit(one, std::vector{100.0}, {.refit = &model}, sequential{});
    auto const leaves = model.apply(one, sequential{});
    for (std::size_t t = 0; t < model.trees().size(); ++t) {
        auto const was = model.trees()[t].nodes();
        auto const is = again.trees()[t].nodes();
        for (std::size_t at = 0; at < was.size(); ++at)
            CHECK((was[at] == is[at]) == (at != leaves(0, t)));
    }
}

TEST_CASE_TEMPLATE("refitted models are equal for every backend and n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const [x, y] = labelled_grid(2000, 4, 5);
    auto const other = labelled_grid(3000, 4, 6);
    gradient_boosting_classifier const trainer{.n_estimators = 4};
    auto const model = trainer.fit(x, y, sequential{});
    auto const expected = trainer.fit(other.x, other.y, {.refit = &model}, sequential{});
    CHECK(!(expected == model));
    CHECK(trainer.fit(other.x, other.y, {.refit = &model}, with_jobs<Backend>(3)) == expected);
}

TEST_CASE("refit says what it cannot do") {
    auto const [x, y] = valued_grid(50, 4, 7);
    auto const model = ten_rounds.fit(x, y, sequential{});
    CHECK_THROWS_WITH_AS(
        (void)ten_rounds.fit(x, y, {.warm_start = &model, .refit = &model}, sequential{}),
        "gradient_boosting_regressor::fit: there are both warm_start and refit; 1 must go",
        invalid_input);
    auto monotonic = ten_rounds;
    monotonic.monotonic_cst = {1, 0, 0, 0};
    CHECK_THROWS_WITH_AS((void)monotonic.fit(x, y, {.refit = &model}, sequential{}),
                         "gradient_boosting_regressor::fit: refit does not keep to monotonic_cst, "
                         "which has 4 elements; it must have 0",
                         invalid_input);
}
