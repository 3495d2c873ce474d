// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <copse/ensemble/row_sampling.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using namespace copse::test;
using detail::keep_chance;

namespace {

/// The mean probability of being kept.
double mean_chance(keep_chance const& chance, std::vector<float> const& scores) {
    double sum = 0;
    for (auto const s : scores) sum += chance.of(s);
    return sum / static_cast<double>(scores.size());
}

std::vector<float> skewed_scores(std::size_t n) {
    std::vector<float> scores;
    random_stream const draws(1);
    for (std::size_t i = 0; i < n; ++i) {
        auto const u = draws.uniform(i);
        scores.push_back(static_cast<float>(u * u * u * u));
    }
    return scores;
}

}  // namespace

TEST_CASE("goss keeps the rows of largest scores and a constant share of the others") {
    std::vector<float> scores;
    for (int i = 0; i < 90; ++i) scores.push_back(static_cast<float>((i * 37) % 90));
    keep_chance const chance(row_sampling::goss, scores, 0.3);
    // 2/3 of 27 rows are sure: scores 72 to 89. The other 9 come from 72 rows.
    CHECK(chance.of(72) == 1);
    CHECK(std::fabs(chance.of(71) - 9.0 / 72) < 1e-12);
    CHECK(chance.of(71) == chance.of(0));
    CHECK(std::fabs(mean_chance(chance, scores) - 0.3) < 1e-12);
}

TEST_CASE(
    "minimal variance sampling keeps rows in proportion to their scores, the largest surely") {
    auto const scores = skewed_scores(10000);
    for (auto const fraction : {0.01, 0.1, 0.3, 0.7, 0.99}) {
        keep_chance const chance(row_sampling::minimal_variance, scores, fraction);
        CHECK(std::fabs(mean_chance(chance, scores) / fraction - 1) < 0.02);
        auto const below = chance.sure / 2;
        CHECK(std::fabs(chance.of(below) - 2 * chance.of(below / 2)) < 1e-12);
        CHECK(chance.of(chance.sure) == 1);
    }
}

TEST_CASE("by hand, the threshold of minimal variance sampling") {
    // 4 of 8 rows: the score 100 is sure, the others share 3 of 7: mu = 7 / 3.
    std::vector<float> const scores{1, 1, 1, 100, 1, 1, 1, 1};
    keep_chance const chance(row_sampling::minimal_variance, scores, 0.5);
    CHECK(chance.of(100) == 1);
    CHECK(std::fabs(chance.of(1) - 3.0 / 7) < 1e-6);
    CHECK(chance.of(0) == 0);
}

TEST_CASE("rows whose scores are all zero, or all alike, are kept alike") {
    for (auto const score : {0.0f, 3.0f}) {
        std::vector<float> const scores(50, score);
        keep_chance const chance(row_sampling::minimal_variance, scores, 0.2);
        CHECK(std::fabs(chance.of(score) - 0.2) < 1e-6);
    }
}

TEST_CASE_TEMPLATE("sampled fits are equal for every backend and n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const [x, y] = valued_grid(3000, 5, 2);
    for (auto const rows : {row_sampling::goss, row_sampling::minimal_variance}) {
        gradient_boosting_regressor const recipe{
            .n_estimators = 5, .sampling = {.subsample = 0.3, .rows = rows}, .random_state = 4};
        auto const expected = recipe.fit(x, y, sequential{});
        for (auto const n_jobs : {1, 3}) {
            CHECK(recipe.fit(x, y, with_jobs<Backend>(n_jobs)) == expected);
        }
        auto other = recipe;
        other.random_state = 5;
        CHECK(!(other.fit(x, y, sequential{}) == expected));
    }
}

TEST_CASE("rows that matter serve a small sample better than rows drawn alike") {
    auto const train = valued_grid(4000, 5, 3);
    auto const test = valued_grid(2000, 5, 4);
    auto const error = [&](row_sampling rows) {
        double sum = 0;
        for (std::uint64_t seed = 0; seed < 3; ++seed) {
            auto const model =
                gradient_boosting_regressor{.n_estimators = 60,
                                            .sampling = {.subsample = 0.1, .rows = rows},
                                            .random_state = seed}
                    .fit(train.x, train.y, sequential{});
            auto const p = model.predict(test.x, sequential{});
            for (std::size_t i = 0; i < p.size(); ++i) sum += std::pow(p[i] - test.y[i], 2);
        }
        return sum;
    };
    CHECK(error(row_sampling::minimal_variance) < error(row_sampling::uniform));
}

TEST_CASE("a subsample of all rows is all rows, however they are chosen") {
    auto const [x, y] = valued_grid(300, 3, 5);
    gradient_boosting_regressor recipe{.n_estimators = 5};
    auto const expected = recipe.fit(x, y, sequential{});
    recipe.sampling.rows = row_sampling::minimal_variance;
    CHECK(recipe.fit(x, y, sequential{}) == expected);
}
