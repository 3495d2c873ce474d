// SPDX-License-Identifier: BSD-3-Clause
#include "support/backends.hpp"
#include "support/samples.hpp"

#include <copse/meta/ensemble_selection.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

matrix<double> column_of(std::vector<double> const& values) {
    matrix<double> out(values.size(), 1);
    for (std::size_t i = 0; i < values.size(); ++i) out(i, 0) = values[i];
    return out;
}

/// Minus the squared error against `truth`.
auto closeness_to(std::vector<double> truth) {
    return [truth = std::move(truth)](matrix<double> const& p) {
        double sum = 0;
        for (std::size_t i = 0; i < truth.size(); ++i)
            sum += (p(i, 0) - truth[i]) * (p(i, 0) - truth[i]);
        return -sum;
    };
}

}  // namespace

TEST_CASE("greedy selection by hand") {
    // Truth (0, 0). Alone: 0 has -8, 1 has -18, 2 has -25. Start: within 5 % of -8 is only 0.
    // With 0 once: +0 (2,2): -8; +1 mean (-0.5,-0.5): -0.5; +2 (1,3.5): -13.25. So 1.
    // Sum (-1,-1) of two: +0 (1,1)/3: -2/9; +1 (-4,-4)/3; +2 (-1,4)/3. So 0.
    // Sum (1,1) of three: +0 (3,3)/4: -1.125; +1 (-2,-2)/4: -0.5; +2 (1,6)/4. So 1.
    // Sum (-2,-2) of four: +0 (0,0): 0. So 0, and nothing can be better.
    std::vector<matrix<double>> const predictions{column_of({2, 2}), column_of({-3, -3}),
                                                  column_of({0, 5})};
    auto const chosen = select_ensemble(predictions, closeness_to({0, 0}), {.n_rounds = 7});
    CHECK(chosen.order == std::vector<std::size_t>{0, 1, 0, 1, 0});
    CHECK(chosen.scores[0] == -8);
    CHECK(chosen.scores[1] == -0.5);
    CHECK(chosen.scores[2] == doctest::Approx(-2.0 / 9));
    CHECK(chosen.scores[3] == -0.5);
    CHECK(chosen.scores[4] == 0);
    CHECK(chosen.score == 0);
    CHECK(chosen.weights == std::vector<double>{0.6, 0.4, 0});
}

TEST_CASE("the start is the best models within a part of the best score, one after another") {
    std::vector<matrix<double>> const predictions{
        column_of({1.3}), column_of({1.0}), column_of({1.02}), column_of({-1.01}), column_of({3})};
    auto const score = closeness_to({0});
    // Alone: -1.69, -1, -1.0404, -1.0201, -9: within 5 % are 1, 3 and 2, in that order.
    auto const three = select_ensemble(predictions, score, {.n_rounds = 3});
    CHECK(three.order == std::vector<std::size_t>{1, 3});  // 3 and 1 cancel; 2 made it worse again
    CHECK(three.scores[0] == -1);
    CHECK(three.scores[1] == doctest::Approx(score(column_of({-0.005}))));
    auto const one = select_ensemble(predictions, score, {.n_rounds = 1});
    CHECK(one.order == std::vector<std::size_t>{1});
    auto const by_one = select_ensemble(predictions, score, {.n_rounds = 2, .n_start = 1});
    CHECK(by_one.order == std::vector<std::size_t>{1, 3});
}

TEST_CASE("a tie goes to a model that was chosen before, then to the lower one") {
    std::vector<matrix<double>> const same{column_of({1}), column_of({1}), column_of({1})};
    auto const chosen = select_ensemble(same, closeness_to({1}), {.n_rounds = 4, .n_start = 1});
    CHECK(chosen.order == std::vector<std::size_t>{0});  // nothing after it is better
    // Model 2 is best alone; models 0 and 1 then improve it equally.
    std::vector<matrix<double>> const pair{column_of({-2}), column_of({-2}), column_of({1})};
    auto const mixed = select_ensemble(pair, closeness_to({0}), {.n_rounds = 6, .n_start = 1});
    CHECK(mixed.weights[1] == 0);
    CHECK(mixed.weights[0] == doctest::Approx(1.0 / 3));
}

TEST_CASE("what is chosen is never worse than the best model alone") {
    random_stream const draws(4);
    std::vector<double> truth(40);
    for (std::size_t i = 0; i < 40; ++i) truth[i] = draws.split(0).uniform(i);
    std::vector<matrix<double>> predictions;
    for (std::size_t m = 0; m < 9; ++m) {
        std::vector<double> p(40);
        for (std::size_t i = 0; i < 40; ++i)
            p[i] = truth[i] +
                   (0.2 + 0.05 * static_cast<double>(m)) * (draws.split(m + 1).uniform(i) - 0.5);
        predictions.push_back(column_of(p));
    }
    auto const score = closeness_to(truth);
    auto best = -std::numeric_limits<double>::infinity();
    for (auto const& p : predictions) best = std::max(best, score(p));
    auto const chosen = select_ensemble(predictions, score);
    CHECK(chosen.score > best);
    double sum = 0;
    matrix<double> mean(40, 1);
    for (std::size_t m = 0; m < 9; ++m) {
        sum += chosen.weights[m];
        for (std::size_t i = 0; i < 40; ++i) mean(i, 0) += chosen.weights[m] * predictions[m](i, 0);
    }
    CHECK(sum == doctest::Approx(1));
    CHECK(score(mean) == doctest::Approx(chosen.score));
}

TEST_CASE_TEMPLATE("selection is the same on every backend", Backend, COPSE_TEST_BACKENDS) {
    std::vector<matrix<double>> predictions;
    for (std::uint64_t m = 0; m < 12; ++m) {
        auto const drawn = uniform(30, 1, m);
        predictions.push_back(column_of({drawn.data(), drawn.data() + 30}));
    }
    auto const score = closeness_to(std::vector<double>(30, 0.5));
    auto const reference = select_ensemble(predictions, score);
    for (auto const n_jobs : job_counts)
        CHECK(select_ensemble(predictions, score, {}, with_jobs<Backend>(n_jobs)) == reference);
}

TEST_CASE("a score of NaN is the worst, and none at all is refused") {
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    std::vector<matrix<double>> const predictions{column_of({nan}), column_of({3}), column_of({2})};
    auto const chosen = select_ensemble(predictions, closeness_to({0}));
    CHECK(chosen.weights == std::vector<double>{0, 0, 1});
    CHECK_THROWS_WITH_AS((void)select_ensemble({column_of({nan})}, closeness_to({0})),
                         "select_ensemble: of 1 models none has a score", invalid_input);
    CHECK_THROWS_WITH_AS((void)select_ensemble({}, closeness_to({0})),
                         "select_ensemble: there are predictions of 0 models; there must be at "
                         "least 1, of at least 1 row",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)select_ensemble({column_of({1, 2}), column_of({1})}, closeness_to({0, 0})),
        "select_ensemble: predictions of model 1 are 1 x 1 but those of model 0 are 2 x 1",
        invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)select_ensemble({column_of({1})}, closeness_to({0}), {.n_rounds = 0}),
        "select_ensemble: n_rounds is 0; it must be at least 1", invalid_input);
}
