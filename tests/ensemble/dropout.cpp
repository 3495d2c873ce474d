// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <copse/ensemble/dropout.hpp>

#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

using namespace copse;
using namespace copse::test;
using detail::dropped_rounds;

namespace {

constexpr boosting_dropout all{.rate = 1, .skip = 0, .max_rounds = unlimited};

gradient_boosting_regressor dropping(std::size_t n_estimators, boosting_dropout dropout) {
    return {.n_estimators = n_estimators,
            .max_leaf_nodes = 8,
            .sampling = {.subsample = 0.7},
            .dropout = dropout};
}

double squared_error(boosted_regressor const& model, valued const& data) {
    auto const predicted = model.predict(data.x);
    double sum = 0;
    for (std::size_t i = 0; i < data.y.size(); ++i)
        sum += (predicted[i] - data.y[i]) * (predicted[i] - data.y[i]);
    return sum;
}

}  // namespace

TEST_CASE("each earlier round is dropped with the same probability, in half of the rounds") {
    std::size_t none = 0;
    std::vector<std::size_t> count(20);
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        auto const dropped = dropped_rounds({.rate = 0.2}, 20, random_stream(seed));
        none += dropped.empty() ? 1 : 0;
        for (auto const r : dropped) ++count[r];
    }
    // 2000 rounds skip, and of the others 0.8^20 = 1 % happen to drop nothing.
    CHECK(std::fabs(static_cast<double>(none) - 2023) < 120);
    // 400 each, with a standard deviation of 19.
    for (auto const c : count) CHECK(std::fabs(static_cast<double>(c) - 400) < 80);
}

TEST_CASE("no more than max_rounds are dropped, late ones as often as early ones") {
    std::size_t late = 0;
    std::size_t total = 0;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        boosting_dropout const at_most_five{.rate = 0.9, .skip = 0, .max_rounds = 5};
        auto const dropped = dropped_rounds(at_most_five, 40, random_stream(seed));
        CHECK(dropped.size() <= 5);
        CHECK(std::is_sorted(dropped.begin(), dropped.end()));
        total += dropped.size();
        for (auto const r : dropped) late += r >= 20 ? 1 : 0;
    }
    CHECK(total > 500 * 3);
    CHECK(std::fabs(static_cast<double>(late) / static_cast<double>(total) - 0.5) < 0.06);
}

TEST_CASE("the first round has nothing to drop, and a rate of 0 drops nothing") {
    CHECK(dropped_rounds(all, 0, random_stream(1)).empty());
    CHECK(dropped_rounds({.rate = 0, .skip = 0}, 30, random_stream(1)).empty());
    CHECK(dropped_rounds(all, 3, random_stream(1)) == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("if every round drops all before it, the rounds share one step among them") {
    // Each sees the same residuals. A first leaf of v is v/2 after the second round, where the new
    // one is v/2 too; then v/2 * 2/3 = v/3, and so on.
    auto const data = valued_grid(200, 3, 2);
    auto recipe = dropping(1, all);
    recipe.sampling = {};
    auto const one = recipe.fit(data.x, data.y);
    recipe.n_estimators = 4;
    auto const four = recipe.fit(data.x, data.y);
    for (auto const& t : four.trees()) {
        REQUIRE(t.nodes().size() == one.trees()[0].nodes().size());
        for (std::size_t at = 0; at < t.nodes().size(); ++at) {
            auto const& was = one.trees()[0].nodes()[at];
            auto const& is = t.nodes()[at];
            CHECK(is.is_leaf() == was.is_leaf());
            auto const expected = was.is_leaf() ? was.value() / 4 : was.value();
            CHECK(is.value() == doctest::Approx(expected).epsilon(1e-8));
        }
    }
}

TEST_CASE("a fit that drops rounds and one that goes on from its first half end in the same bits") {
    auto const data = valued_grid(500, 4, 3);
    auto const whole = dropping(24, {.rate = 0.3, .skip = 0.2}).fit(data.x, data.y);
    auto const first_half = dropping(12, {.rate = 0.3, .skip = 0.2}).fit(data.x, data.y);
    CHECK(
        dropping(24, {.rate = 0.3, .skip = 0.2}).fit(data.x, data.y, {.warm_start = &first_half}) ==
        whole);
    // The second half rescaled trees of the first.
    CHECK(!(whole.trees()[0] == first_half.trees()[0]));
}

TEST_CASE("losses of validation sets are those of the scaled trees") {
    auto const data = valued_grid(300, 3, 4);
    auto const model = dropping(15, {.rate = 0.5, .skip = 0})
                           .fit(data.x, data.y, {.validation = {{data.x, data.y}}});
    auto const mean = squared_error(model, data) / 300;
    auto const noted = model.validation_losses()[0].back();
    // squared_error_loss is half of the square
    CHECK(noted == doctest::Approx(mean / 2).epsilon(1e-6));
}

TEST_CASE_TEMPLATE("fits that drop rounds are equal for every backend and n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const [x, y] = labelled_grid(1500, 5, 3);
    gradient_boosting_classifier const recipe{
        .n_estimators = 8, .max_leaf_nodes = 6, .dropout = {.rate = 0.4, .skip = 0.1}};
    auto const expected = recipe.fit(x, y, sequential{});
    for (auto const n_jobs : {1, 2, 3, 8}) {
        CHECK(recipe.fit(x, y, with_jobs<Backend>(n_jobs)) == expected);
    }
}

TEST_CASE("early stopping cannot take away rounds that later ones have scaled") {
    auto const data = valued_grid(50, 2, 1);
    CHECK_THROWS_WITH_AS(
        (void)dropping(5, {.rate = 0.1})
            .fit(data.x, data.y, {.validation = {{data.x, data.y}}, .early_stopping_rounds = 3}),
        "gradient_boosting_regressor::fit: early_stopping_rounds is 3 and dropout.rate 0.1; later "
        "rounds change earlier ones, so none can be taken away",
        invalid_input);
    CHECK_THROWS_WITH_AS((void)dropping(5, {.rate = 1.5}).fit(data.x, data.y),
                         "gradient_boosting_regressor::fit: dropout.rate is 1.5; it must be in "
                         "[0, 1]",
                         invalid_input);
}
