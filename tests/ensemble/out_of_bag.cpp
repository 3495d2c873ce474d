// SPDX-License-Identifier: BSD-3-Clause
#include "support/forest_fits.hpp"
#include "support/samples.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

std::vector<std::uint8_t> bag(std::uint64_t state, std::size_t tree, std::size_t n,
                              std::size_t n_draws) {
    return detail::times_drawn(random_stream(state).split(tree), n, n_draws, {});
}

}  // namespace

TEST_CASE("a bag has as many draws as were asked for, and about 63 % of the rows") {
    std::size_t in = 0;
    for (std::size_t t = 0; t < 50; ++t) {
        std::size_t of_tree = 0;
        for (auto const times : bag(1, t, 1000, 1000)) {
            of_tree += times;
            in += times > 0 ? 1 : 0;
        }
        CHECK(of_tree == 1000);
    }
    CHECK(static_cast<double>(in) / 50'000 == doctest::Approx(1 - std::exp(-1)).epsilon(0.01));
    CHECK(bag(1, 0, 100, 100) != bag(1, 1, 100, 100));
    CHECK(bag(1, 0, 100, 100) != bag(2, 0, 100, 100));
}

TEST_CASE("out-of-bag answers are those of the trees that did not draw the row") {
    auto const [x, y] = labelled_grid(80, 4, 3);
    for (auto const n_draws : {sample_count::all(), sample_count(20)}) {
        auto const forest =
            random_forest_classifier{
                .n_estimators = 6, .max_samples = n_draws, .oob_score = true, .random_state = 5}
                .fit(x, y);
        auto const at = forest.apply(x);
        REQUIRE(forest.oob().has_value());
        std::size_t right = 0;
        std::size_t asked = 0;
        for (std::size_t i = 0; i < 80; ++i) {
            std::vector<double> votes(3);
            double n = 0;
            for (std::size_t t = 0; t < 6; ++t) {
                if (bag(5, t, 80, n_draws.of(80, ""))[i] > 0) continue;
                ++n;
                auto const& leaf = forest.trees()[t].nodes()[at(i, t)];
                if (leaf.is_pure()) {
                    votes[leaf.distribution()] += 1;
                } else {
                    for (std::size_t k = 0; k < 3; ++k)
                        votes[k] += static_cast<double>(
                            forest.trees()[t].frequencies()[leaf.distribution() * 3 + k]);
                }
            }
            std::size_t best = 0;
            for (std::size_t k = 0; k < 3; ++k) {
                auto const said = static_cast<double>(forest.oob()->prediction(i, k));
                if (n == 0) {
                    CHECK(std::isnan(said));
                } else {
                    CHECK(said == doctest::Approx(votes[k] / n).epsilon(1e-6));
                }
                if (votes[k] > votes[best]) best = k;
            }
            if (n == 0) continue;
            ++asked;
            right += forest.classes()[best] == y[i] ? 1 : 0;
        }
        CHECK(forest.oob()->score ==
              doctest::Approx(static_cast<double>(right) / static_cast<double>(asked)));
    }
}

TEST_CASE("out-of-bag means of a regressor, and their R2") {
    auto const [x, y] = valued_grid(60, 3, 3);
    auto const forest =
        random_forest_regressor{.n_estimators = 4, .oob_score = true, .random_state = 5}.fit(x, y);
    auto const trees = forest.predict_trees(x);
    std::vector<double> answer;
    std::vector<double> target;
    for (std::size_t i = 0; i < 60; ++i) {
        double sum = 0;
        double n = 0;
        for (std::size_t t = 0; t < 4; ++t) {
            if (bag(5, t, 60, 60)[i] > 0) continue;
            sum += trees(i, t);
            ++n;
        }
        if (n == 0) {
            CHECK(std::isnan(forest.oob()->prediction[i]));
            continue;
        }
        CHECK(forest.oob()->prediction[i] == sum / n);
        answer.push_back(sum / n);
        target.push_back(y[i]);
    }
    double mean = 0;
    for (auto const value : target) mean += value / static_cast<double>(target.size());
    double error = 0;
    double spread = 0;
    for (std::size_t i = 0; i < target.size(); ++i) {
        error += (target[i] - answer[i]) * (target[i] - answer[i]);
        spread += (target[i] - mean) * (target[i] - mean);
    }
    CHECK(forest.oob()->score == doctest::Approx(1 - error / spread));
}

TEST_CASE("out-of-bag scores are close to those of new rows") {
    auto const train = labelled_grid(1500, 5, 1);
    auto const test = labelled_grid(1500, 5, 2);
    auto const forest =
        random_forest_classifier{.n_estimators = 60, .oob_score = true}.fit(train.x, train.y);
    labels const answer = forest.predict(test.x);
    double right = 0;
    for (std::size_t i = 0; i < 1500; ++i) right += answer[i] == test.y[i] ? 1 : 0;
    CHECK(forest.oob()->score == doctest::Approx(right / 1500).epsilon(0.03));
    CHECK(forest.oob()->score > 0.8);
}

TEST_CASE("shuffling a column of noise costs nothing, a useful one much") {
    auto const data = labelled_grid(800, 5, 1);  // columns 3 and 4 are noise
    auto const forest =
        random_forest_classifier{.n_estimators = 40, .oob_permutation_importances = true}.fit(
            data.x, data.y);
    auto const& importances = forest.oob_permutation_importances();
    REQUIRE(importances.size() == 5);
    CHECK(importances[0] > 0.1);
    CHECK(importances[1] > 0.1);
    CHECK(std::abs(importances[3]) < 0.02);
    CHECK(std::abs(importances[4]) < 0.02);
    auto const values = valued_grid(500, 5, 1);
    auto const of_values =
        random_forest_regressor{.n_estimators = 30, .oob_permutation_importances = true}
            .fit(values.x, values.y)
            .oob_permutation_importances();
    CHECK(of_values[0] > 10);
    CHECK(std::abs(of_values[4]) < 0.5);
    CHECK(random_forest_regressor{.n_estimators = 2}
              .fit(values.x, values.y)
              .oob_permutation_importances()
              .empty());
}

TEST_CASE("a warm start's out-of-bag results are not taken for those of all trees") {
    auto const [x, y] = labelled_grid(100, 3, 1);
    random_forest_classifier trainer{
        .n_estimators = 5, .oob_score = true, .oob_permutation_importances = true};
    auto const five = trainer.fit(x, y);
    trainer.n_estimators = 10;
    CHECK(trainer.fit(x, y, {.warm_start = &five}) == trainer.fit(x, y));
    trainer.oob_score = false;
    trainer.oob_permutation_importances = false;
    auto const ten = trainer.fit(x, y, {.warm_start = &five});
    CHECK_FALSE(ten.oob().has_value());
    CHECK(ten.oob_permutation_importances().empty());
    CHECK(ten == trainer.fit(x, y));
}

TEST_CASE("R2 of constant targets is 1, as they are all predicted") {
    auto const x = grid(40, 2, 1);
    auto const forest = random_forest_regressor{.n_estimators = 10, .oob_score = true}.fit(
        x, std::vector<double>(40, 2.5));
    CHECK(forest.oob()->score == 1);
}
