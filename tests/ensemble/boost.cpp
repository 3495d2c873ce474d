// SPDX-License-Identifier: BSD-3-Clause
// The rounds: by hand, and the laws that long trainings obey.
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <copse/ensemble/gradient_boosting.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <stop_token>
#include <string>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// 0, 1, ..., n - 1 as the only column.
matrix<float> counting(std::size_t n) {
    matrix<float> x(n, 1);
    std::iota(x.data(), x.data() + n, 0.0f);
    return x;
}

gradient_boosting_regressor small_steps(std::size_t n_rounds) {
    return {
        .n_estimators = n_rounds, .learning_rate = 0.5, .max_leaf_nodes = 2, .min_samples_leaf = 1};
}

/// What a fit of two rows with targets 0 and 8 makes of row 1: 6, 7, 7.5, 7.75, ...
boosted_regressor fit_halving(std::size_t n_rounds,
                              gradient_boosting_regressor::fit_options const& options) {
    return small_steps(n_rounds).fit(counting(2), std::vector<double>{0, 8}, options);
}

template <class Model>
std::vector<tree> trees_of(Model const& m, std::size_t first = 0) {
    return {m.trees().begin() + static_cast<std::ptrdiff_t>(first), m.trees().end()};
}

/// A loss of one's own, as loss.hpp shows it.
struct log_cosh_loss {
    derivatives at(double y, double raw) const {
        double const t = std::tanh(raw - y);
        return {t, 1 - t * t};
    }
    double value(double y, double raw) const { return std::log(std::cosh(raw - y)); }
    bool operator==(log_cosh_loss const&) const = default;
};

/// Squared error, without saying that its Hessian is 1, where it starts, or what it accepts.
struct plain_square {
    derivatives at(double y, double raw) const { return {raw - y, 1}; }
    double value(double y, double raw) const { return (y - raw) * (y - raw) / 2; }
    bool operator==(plain_square const&) const = default;
};

/// NaN, or infinity, for a row whose target is 3.
struct broken_loss {
    derivatives bad{};
    derivatives at(double y, double raw) const { return y == 3 ? bad : derivatives{raw - y, 1}; }
    double value(double, double) const { return 0; }
    bool operator==(broken_loss const&) const = default;
};

}  // namespace

TEST_CASE("by hand: two rounds of squared error") {
    // From the mean 4, gradients 3 3 -1 -5: cut after row 1 (6^2/2 + 6^2/2 = 36), leaves -3 and 3,
    // halved. Then 1.5 1.5 0.5 -3.5: cut after row 2 (3.5^2/3 + 3.5^2), leaves -3.5/3 and 3.5.
    auto const x = counting(4);
    auto const model = small_steps(2).fit(x, std::vector<double>{1, 1, 5, 9});
    CHECK(model.parts().initial_raw == std::vector<double>{4});
    REQUIRE(model.trees().size() == 2);
    CHECK(model.trees()[0].nodes()[0].threshold() == 1.5);
    CHECK(model.trees()[0].nodes()[1].value() == -1.5);
    CHECK(model.trees()[0].nodes()[2].value() == 1.5);
    CHECK(model.trees()[1].nodes()[0].threshold() == 2.5);
    auto const answer = model.predict(x);
    auto const third = 3.5 / 3;
    double const expected[] = {2.5 - third / 2, 2.5 - third / 2, 5.5 - third / 2, 7.25};
    for (std::size_t i = 0; i < 4; ++i) CHECK(answer[i] == doctest::Approx(expected[i]));
    CHECK(model.parts().gain[0] == doctest::Approx(36 + 3.5 * 3.5 / 3 + 3.5 * 3.5));
    CHECK(model.parts().splits == std::vector<double>{2});
    CHECK(model.parts().cover == std::vector<double>{8});
    CHECK(model.feature_importances() == column<double>{1});
}

TEST_CASE("by hand: a round of log loss") {
    // From log-odds 0, gradients +-1/2 and Hessians 1/4: leaves -+1 / (1/2), times 0.1.
    auto const x = counting(4);
    auto const model = gradient_boosting_classifier{.n_estimators = 1, .min_samples_leaf = 1}.fit(
        x, std::vector<int>{3, 3, 8, 8});
    auto const raw = model.predict_raw(x);
    CHECK(raw(0, 0) == doctest::Approx(-0.2).epsilon(1e-15));
    CHECK(raw(3, 0) == doctest::Approx(0.2).epsilon(1e-15));
    CHECK(double{model.predict_proba(x)(3, 1)} == doctest::Approx(1 / (1 + std::exp(-0.2))));
    CHECK(model.predict(x) == std::vector<int>{3, 3, 8, 8});
}

TEST_CASE("by hand: leaves of absolute error are medians of residuals") {
    // From the median 2, signs 1 0 -1 -1 -1 ask for a cut after row 1; medians -0.5 and 7.
    auto const x = counting(5);
    auto const model = gradient_boosting_regressor{.n_estimators = 1,
                                                   .learning_rate = 1,
                                                   .max_leaf_nodes = 2,
                                                   .min_samples_leaf = 2,
                                                   .loss = absolute_error_loss{}}
                           .fit(x, std::vector<double>{1, 2, 2.5, 9, 100});
    CHECK(model.parts().initial_raw == std::vector<double>{2.5});
    REQUIRE(model.trees()[0].nodes().size() == 3);
    CHECK(model.predict(x)[4] == 9);
}

TEST_CASE("by hand: where values are missing") {
    // Rows with a missing cell have the targets of the left side: left they go. Where training saw
    // no missing cell, they go with the larger side.
    auto x = counting(6);
    std::vector<double> const y{0, 0, 0, 6, 6, 6};
    auto const learned = [&] { return small_steps(1).fit(x, y).trees()[0].nodes()[0]; };
    x(0, 0) = missing;
    CHECK(learned().missing_goes_left());
    CHECK(learned().threshold() == 2.5);
    x(0, 0) = 0;
    x(5, 0) = missing;
    CHECK(!learned().missing_goes_left());
    x = counting(6);
    CHECK(!learned().missing_goes_left());
    x(0, 0) = x(1, 0) = x(2, 0) = missing;  // missing or not is all there is
    CHECK(learned().threshold() == std::numeric_limits<double>::infinity());
    CHECK(!learned().missing_goes_left());
}

TEST_CASE("by hand: early stopping keeps the rounds up to the least loss") {
    auto const x = counting(2);
    auto const one = rows_of(x, {1});
    auto const stopped_at = [&](double target, std::size_t patience, double min_improvement = 0) {
        std::vector<double> const y{target};
        std::size_t n_calls = 0;
        auto const model = fit_halving(50, {.validation = {{one, y}},
                                            .early_stopping_rounds = patience,
                                            .min_improvement = min_improvement,
                                            .on_iteration = [&](progress const&) { ++n_calls; }});
        CHECK(model.validation_losses()[0].size() == model.n_rounds());
        return std::pair(model.n_rounds(), n_calls);
    };
    using rounds = std::pair<std::size_t, std::size_t>;
    // Losses of 6, 7, 7.5, 7.75 from 2 rise at once: 8, 12.5, ...
    CHECK(stopped_at(2, 1) == rounds{1, 2});
    CHECK(stopped_at(2, 3) == rounds{1, 4});
    // From 6.6 they are 0.18, 0.08, 0.405, ...
    CHECK(stopped_at(6.6, 2) == rounds{2, 4});
    CHECK(stopped_at(6.6, 2, 0.05) == rounds{2, 4});
    CHECK(stopped_at(6.6, 2, 0.2) == rounds{1, 3});
}

TEST_CASE("a model stopped early is the first rounds of one that was not") {
    auto const [x, y] = valued_grid(200, 4, 8);
    auto const other = valued_grid(60, 4, 9);
    gradient_boosting_regressor const recipe{
        .n_estimators = 80, .learning_rate = 0.3, .min_samples_leaf = 2};
    auto const stopped =
        recipe.fit(x, y, {.validation = {{other.x, other.y}, {x, y}}, .early_stopping_rounds = 4});
    auto const whole = recipe.fit(x, y, {.validation = {{other.x, other.y}, {x, y}}});
    REQUIRE(stopped.n_rounds() < 80);
    CHECK(trees_of(stopped) == trees_of(whole.first_rounds(stopped.n_rounds())));
    auto const& losses = whole.validation_losses();
    for (auto const loss : losses[0]) CHECK(loss >= stopped.validation_losses()[0].back());
    CHECK(stopped.validation_losses() ==
          whole.first_rounds(stopped.n_rounds()).validation_losses());
}

TEST_CASE("validation losses are means of the loss of raw scores, weighted") {
    auto const [x, y] = valued_grid(100, 3, 4);
    std::vector<double> weight(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) weight[i] = static_cast<double>(i % 4);
    auto const model = gradient_boosting_regressor{.n_estimators = 5}.fit(
        x, y, {.validation = {{x, y, weight}, {x, y}}});
    model.staged_raw(x, [&, &y = y](std::size_t round, matrix<double> const& raw) {
        double sums[2]{};
        double total = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            auto const loss = (y[i] - raw(i, 0)) * (y[i] - raw(i, 0)) / 2;
            sums[0] += weight[i] * loss;
            sums[1] += loss;
            total += weight[i];
        }
        CHECK(model.validation_losses()[0][round - 1] == doctest::Approx(sums[0] / total));
        CHECK(model.validation_losses()[1][round - 1] ==
              doctest::Approx(sums[1] / static_cast<double>(y.size())));
    });
}

TEST_CASE("on_iteration sees every round and its losses; what it throws ends the fit") {
    auto const [x, y] = valued_grid(50, 2, 4);
    std::vector<std::size_t> done;
    std::vector<double> losses;
    auto const recipe = gradient_boosting_regressor{.n_estimators = 6, .min_samples_leaf = 3};
    auto const model =
        recipe.fit(x, y, {.validation = {{x, y}}, .on_iteration = [&](progress const& p) {
                              done.push_back(p.done);
                              CHECK(p.total == 6);
                              REQUIRE(p.validation_losses.size() == 1);
                              losses.push_back(p.validation_losses[0]);
                          }});
    CHECK(done == std::vector<std::size_t>{1, 2, 3, 4, 5, 6});
    CHECK(losses == model.validation_losses()[0]);
    CHECK_THROWS_WITH_AS(
        (void)recipe.fit(
            x, y, {.on_iteration = [](progress const&) { throw std::runtime_error("enough"); }}),
        "enough", std::runtime_error);
}

TEST_CASE("a fit that is asked to stop throws, after the round at hand") {
    auto const [x, y] = valued_grid(50, 2, 4);
    std::stop_source source;
    std::size_t done = 0;
    CHECK_THROWS_AS((void)gradient_boosting_regressor{}.fit(x, y,
                                                            {.on_iteration =
                                                                 [&](progress const& p) {
                                                                     done = p.done;
                                                                     if (done == 3)
                                                                         source.request_stop();
                                                                 },
                                                             .stop = source.get_token()}),
                    stopped);
    CHECK(done == 3);
}

TEST_CASE("continued training is one long training, with sampling, weights and validation") {
    auto const [x, y] = labelled_grid(150, 4, 6);
    std::vector<double> weight(y.size(), 1);
    for (std::size_t i = 0; i < y.size(); i += 5) weight[i] = i % 2 == 0 ? 0 : 2.5;
    gradient_boosting_classifier recipe{
        .n_estimators = 4,
        .max_leaf_nodes = 6,
        .min_samples_leaf = 2,
        .sampling = {.subsample = 0.6, .columns_by_tree = 0.8, .columns_by_node = 0.7}};
    gradient_boosting_classifier::fit_options options{.sample_weight = weight,
                                                      .validation = {{x, y}}};
    auto const four = recipe.fit(x, y, options);
    recipe.n_estimators = 9;
    auto const nine = recipe.fit(x, y, options);
    options.warm_start = &four;
    CHECK(recipe.fit(x, y, options) == nine);
    CHECK(trees_of(nine.first_rounds(4)) == trees_of(four));
}

TEST_CASE("a checkpoint continues to the same bits, initial scores included") {
    auto const [x, y] = valued_grid(120, 3, 7);
    auto const before = gradient_boosting_regressor{.n_estimators = 3}.fit(x, y).predict_raw(x);
    std::vector<boosted_regressor> seen;
    gradient_boosting_regressor const recipe{
        .n_estimators = 9, .min_samples_leaf = 2, .sampling = {.subsample = 0.7}};
    gradient_boosting_regressor::fit_options options{
        .initial_raw = before,
        .checkpoint = [&](boosted_regressor const& m) { seen.push_back(m); },
        .checkpoint_rounds = 2};
    auto const whole = recipe.fit(x, y, options);
    REQUIRE(seen.size() == 4);
    options.checkpoint = {};
    for (auto const& so_far : seen) {
        options.warm_start = &so_far;
        CHECK(recipe.fit(x, y, options) == whole);
    }
}

TEST_CASE("training from a model's raw scores grows the trees that continued training grows") {
    auto const [x, y] = labelled_grid(150, 4, 6);
    gradient_boosting_classifier recipe{.n_estimators = 5, .min_samples_leaf = 2};
    auto const first = recipe.fit(x, y);
    auto const second = recipe.fit(x, y, {.initial_raw = first.predict_raw(x)});
    recipe.n_estimators = 10;
    CHECK(trees_of(second) == trees_of(recipe.fit(x, y), first.trees().size()));
    CHECK(second.parts().initial_raw == std::vector<double>(3));
}

TEST_CASE("the order of columns, and how they are stretched, is of no account") {
    auto const [x, y] = valued_grid(300, 4, 12);
    auto const noise = uniform(300, 4, 3);
    matrix<float> plain(300, 4);
    matrix<float> turned(300, 4);
    matrix<float> stretched(300, 4);
    for (std::size_t i = 0; i < 300; ++i) {
        for (std::size_t j = 0; j < 4; ++j) {
            // Few ties: on 50 levels a feature, no two cuts part the rows alike.
            auto const value = std::floor(5 * (x(i, j) + noise(i, j)));
            plain(i, j) = turned(i, 3 - j) = value;
            stretched(i, j) = value * value * value - 7;
        }
    }
    gradient_boosting_regressor const recipe{.n_estimators = 20, .max_leaf_nodes = 8};
    auto const answer = recipe.fit(plain, y).predict(plain);
    CHECK(recipe.fit(turned, y).predict(turned) == answer);
    CHECK(recipe.fit(stretched, y).predict(stretched) == answer);
}

TEST_CASE("a subsample is of the rows that weigh something, and columns_by_tree of the columns") {
    auto const [x, y] = valued_grid(400, 4, 12);
    auto const recipe =
        gradient_boosting_regressor{.n_estimators = 30,
                                    .max_leaf_nodes = 2,
                                    .min_samples_leaf = 1,
                                    .sampling = {.subsample = 0.25, .columns_by_tree = 0.25}};
    auto const model = recipe.fit(x, y);
    auto const& parts = model.parts();
    // The root of each tree parts all of its rows: a quarter of 400, 30 times.
    auto const rows = std::accumulate(parts.cover.begin(), parts.cover.end(), 0.0);
    CHECK(rows / 30 == doctest::Approx(100).epsilon(0.05));
    for (auto const n : parts.splits) CHECK(n > 0);
    auto other = recipe;
    other.random_state = 1;
    CHECK(other.fit(x, y) != model);
}

TEST_CASE("a loss of one's own: what it says is optional, what it does not say is the default") {
    auto const [x, y] = valued_grid(200, 3, 3);
    gradient_boosting_regressor const recipe{.n_estimators = 20, .min_samples_leaf = 5};
    matrix<double> const zeros(y.size(), 1);
    auto const own = recipe.fit_loss(plain_square{}, x, y);
    auto const usual = recipe.fit(x, y, {.initial_raw = zeros});
    CHECK(own.parts().initial_raw == std::vector<double>{0});
    CHECK(own.link() == link_function::identity);
    auto const a = own.predict(x);
    auto const b = usual.predict(x);
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-6));

    // Targets near 0, where boosting starts: far away a loss without curvature has no good step.
    auto near = y;
    for (auto& value : near) value = (value - 15) / 20;
    auto const model =
        recipe.fit_loss(log_cosh_loss{}, x, near, {.validation = {{x, near}}}, sequential{});
    CHECK(model.validation_losses()[0].back() < 0.9 * model.validation_losses()[0].front());
    CHECK(recipe.fit_loss(log_cosh_loss{}, x, near, {.validation = {{x, near}}}) == model);
}

TEST_CASE("targets scaled by a power of two give trees scaled by it") {
    auto const [x, y] = valued_grid(200, 3, 3);
    gradient_boosting_regressor const recipe{.n_estimators = 5, .min_samples_leaf = 5};
    auto const answer = recipe.fit(x, y).predict(x);
    for (double const factor : {0x1p-60, 0x1p100}) {
        auto scaled = y;
        for (auto& value : scaled) value *= factor;
        auto expected = answer;
        for (auto& value : expected) value *= factor;
        CHECK(recipe.fit(x, scaled).predict(x) == expected);
    }
}

TEST_CASE("a derivative that is no number, or no sound one, is said, not trained on") {
    auto const x = counting(40);
    std::vector<double> y(40);
    for (std::size_t i = 0; i < 40; ++i) y[i] = static_cast<double>(i % 5);
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    auto const inf = std::numeric_limits<double>::infinity();
    for (auto const bad :
         {derivatives{nan, 1}, derivatives{inf, 1}, derivatives{-inf, 1}, derivatives{0, nan},
          derivatives{0, inf}, derivatives{1e39, 1}, derivatives{0, -0.5}}) {
        CHECK_THROWS_WITH_AS(
            (void)gradient_boosting_regressor{}.fit_loss(broken_loss{bad}, x, y),
            "gradient_boosting_regressor::fit: a gradient of the loss is not in [-1e38, 1e38], or "
            "a Hessian not in [0, 1e38]; scale y down or lower learning_rate",
            invalid_input);
    }
}
