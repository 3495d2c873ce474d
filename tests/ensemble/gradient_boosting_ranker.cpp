// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <copse/ensemble/gradient_boosting_ranker.hpp>
#include <copse/metrics/query_ranking.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

struct queries {
    matrix<float> x;
    std::vector<int> relevance;
    std::vector<std::size_t> groups;
};

/// Queries of 1 to 20 documents; the first two columns, and nothing else, decide relevances 0 to 4.
queries some_queries(std::size_t n, std::uint64_t seed) {
    queries out;
    random_stream const draws(seed);
    std::size_t rows = 0;
    for (std::size_t q = 0; q < n; ++q) {
        out.groups.push_back(1 + draws.below(20, q));
        rows += out.groups.back();
    }
    out.x = grid(rows, 4, seed);
    for (std::size_t i = 0; i < rows; ++i) {
        out.relevance.push_back(static_cast<int>((out.x(i, 0) + out.x(i, 1)) / 4));
    }
    return out;
}

gradient_boosting_ranker const small{
    .n_estimators = 20, .learning_rate = 0.3, .max_leaf_nodes = 8, .min_samples_leaf = 5};

}  // namespace

TEST_CASE_TEMPLATE("a ranker is equal for every backend and n_jobs", Backend, COPSE_TEST_BACKENDS) {
    auto const [x, y, groups] = some_queries(400, 1);
    auto const expected = small.fit(x, y, groups, sequential{});
    for (auto const n_jobs : {1, 3}) {
        CHECK(small.fit(x, y, groups, with_jobs<Backend>(n_jobs)) == expected);
    }
}

TEST_CASE("a ranker learns what decides relevance") {
    auto const train = some_queries(400, 1);
    auto const test = some_queries(100, 2);
    auto const model = small.fit(train.x, train.relevance, train.groups, sequential{});
    auto const ndcg = [&](auto const& scores) {
        return metrics::ndcg(test.relevance, scores, test.groups);
    };
    CHECK(ndcg(model.predict(test.x, sequential{})) > 0.99);
    CHECK(ndcg(std::vector<double>(test.relevance.size())) < 0.8);
    auto const importances = model.feature_importances();
    CHECK(importances[0] + importances[1] > 0.95);
}

TEST_CASE("a ranker's first leaves are Newton steps of LambdaRank") {
    // Two documents, one leaf each: scores are equal at first, so distances do not count, and both
    // derivatives are scaled by log2(1 + s) / s. The steps are g / h = 1 / (sigmoid (1 - 1/2)).
    std::vector<float> const x{0, 1};
    auto const model =
        gradient_boosting_ranker{.n_estimators = 1, .learning_rate = 0.5, .min_samples_leaf = 1}
            .fit(features_view(x.data(), 2, 1), std::vector{0, 1}, std::vector<std::size_t>{2},
                 sequential{});
    auto const scores = model.predict(features_view(x.data(), 2, 1), sequential{});
    CHECK(std::fabs(scores[0] + 1.0) < 1e-6);
    CHECK(std::fabs(scores[1] - 1.0) < 1e-6);
}

TEST_CASE("a ranker's validation loss is 1 - NDCG, and stops it early") {
    auto const [x, y, groups] = some_queries(100, 3);
    auto const held_out = some_queries(50, 4);
    gradient_boosting_ranker::fit_options options;
    options.validation = {{held_out.x, held_out.relevance, held_out.groups}};
    options.early_stopping_rounds = 3;
    auto recipe = small;
    recipe.n_estimators = 500;
    auto const model = recipe.fit(x, y, groups, options, sequential{});
    CHECK(model.n_rounds() < 497);
    auto const& losses = model.validation_losses().at(0);
    CHECK(losses.size() == model.n_rounds());
    // Scores of equal leaves are tied, which metric and loss both take as all orders at once.
    auto const ndcg = metrics::ndcg_metric{.k = 30}(
        held_out.relevance, model.predict(held_out.x, sequential{}), held_out.groups);
    CHECK(std::fabs(losses.back() - (1 - ndcg)) < 1e-12);
}

TEST_CASE("a query that weighs nothing is not learnt from") {
    auto const [x, y, groups] = some_queries(60, 5);
    auto const n_first = groups[0] + groups[1];
    std::vector<double> weight(y.size(), 1.0);
    std::fill_n(weight.begin(), n_first, 0.0);
    auto const rest = y.size() - n_first;
    auto recipe = small;
    recipe.n_estimators = 5;
    auto const without =
        recipe.fit(features_view(x.row(n_first).data(), rest, x.cols()),
                   std::vector<int>(y.end() - static_cast<std::ptrdiff_t>(rest), y.end()),
                   std::vector<std::size_t>(groups.begin() + 2, groups.end()), sequential{});
    auto const with = recipe.fit(x, y, groups, {.sample_weight = weight}, sequential{});
    CHECK(with.predict(x, sequential{}) == without.predict(x, sequential{}));
}

TEST_CASE("a ranker goes on from a model as if it had not stopped") {
    auto const [x, y, groups] = some_queries(100, 6);
    auto recipe = small;
    auto const whole = recipe.fit(x, y, groups, sequential{});
    recipe.n_estimators = 8;
    auto const part = recipe.fit(x, y, groups, sequential{});
    CHECK(small.fit(x, y, groups, {.warm_start = &part}, sequential{}) == whole);
}

TEST_CASE("a ranker says what is wrong with its groups") {
    auto const x = grid(10, 2, 1);
    std::vector<int> y(10);
    auto const fit = [&](std::vector<std::size_t> groups) {
        (void)gradient_boosting_ranker{}.fit(x, y, groups, sequential{});
    };
    CHECK_THROWS_WITH_AS(fit({4, 5}),
                         "gradient_boosting_ranker::fit: groups have 9 rows in sum but x has 10",
                         invalid_input);
    CHECK_THROWS_WITH_AS(fit({4, 0, 6}),
                         "gradient_boosting_ranker::fit: group 1 has 0 rows; it must have 1 to the "
                         "6 that are left of 10",
                         invalid_input);
    CHECK_THROWS_WITH_AS(fit({4, 7}),
                         "gradient_boosting_ranker::fit: group 1 has 7 rows; it must have 1 to the "
                         "6 that are left of 10",
                         invalid_input);
    y[3] = -1;
    CHECK_THROWS_WITH_AS(fit({10}),
                         "gradient_boosting_ranker::fit: y is -1 at row 3; lambdarank_loss needs "
                         "whole relevances from 0 to 31",
                         invalid_input);
}
