// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <copse/ensemble/gradient_boosting_ranker.hpp>
#include <copse/metrics/classification.hpp>
#include <copse/metrics/probability.hpp>
#include <copse/metrics/query_ranking.hpp>
#include <copse/metrics/ranking.hpp>
#include <copse/metrics/regression.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// The same with two classes.
labelled two_classes(labelled of) {
    for (auto& y : of.y) y = y == 7 ? 1 : 0;
    return of;
}

gradient_boosting_classifier const small{.n_estimators = 12, .max_leaf_nodes = 8};

}  // namespace

TEST_CASE("metrics of labels, scores and probabilities are those of the model after each round") {
    auto const [x, y] = two_classes(labelled_grid(600, 4, 1));
    auto const a = two_classes(labelled_grid(300, 4, 2));
    auto const b = two_classes(labelled_grid(200, 4, 3));
    std::vector<double> const weight(200, 2.5);
    gradient_boosting_classifier::fit_options options;
    options.validation = {{a.x, a.y}, {b.x, b.y, weight}};
    options.metrics = {metrics::roc_auc, metrics::accuracy, metrics::log_loss};
    std::vector<double> reported;
    options.on_iteration = [&](progress const& p) {
        reported.assign(p.validation_scores.begin(), p.validation_scores.end());
    };
    auto const model = small.fit(x, y, options, sequential{});
    auto const& curves = model.validation_scores();
    REQUIRE(curves.size() == 3);
    CHECK(curves[0].name == "roc_auc");
    CHECK(curves[1].greater_is_better);
    CHECK(!curves[2].greater_is_better);
    for (auto const n : {std::size_t{1}, std::size_t{12}}) {
        auto const then = model.first_rounds(n);
        auto const proba = then.predict_proba(a.x, sequential{});
        auto const labels_then = then.predict(b.x, sequential{});
        CHECK(curves[0].of_set[0][n - 1] == metrics::roc_auc(a.y, proba, model.classes()));
        CHECK(curves[1].of_set[1][n - 1] == metrics::accuracy(b.y, labels_then, weight));
        CHECK(curves[2].of_set[0][n - 1] == metrics::log_loss(a.y, proba, model.classes()));
        CHECK(then.validation_scores()[2].of_set[1].size() == n);
    }
    CHECK(reported.size() == 6);
    CHECK(reported[4] == curves[1].of_set[1].back());
}

TEST_CASE("early stopping watches the first metric") {
    auto const [x, y] = two_classes(labelled_grid(300, 4, 4));
    auto const held_out = two_classes(labelled_grid(150, 4, 5));
    gradient_boosting_classifier::fit_options options;
    options.validation = {{held_out.x, held_out.y}};
    options.metrics = {metrics::accuracy};
    options.early_stopping_rounds = 5;
    auto many = small;
    many.n_estimators = 400;
    auto const model = many.fit(x, y, options, sequential{});
    auto const& kept = model.validation_scores()[0].of_set[0];
    CHECK(kept.size() == model.n_rounds());
    CHECK(model.n_rounds() < 300);
    CHECK(kept.back() == *std::max_element(kept.begin(), kept.end()));
    // The first of the best rounds is kept, and the next five are no better.
    CHECK(std::count(kept.begin(), kept.end(), kept.back()) == 1);
    many.n_estimators = model.n_rounds() + 5;
    options.early_stopping_rounds = unlimited;
    auto const longer = many.fit(x, y, options, sequential{});
    auto const& all = longer.validation_scores()[0].of_set[0];
    CHECK(*std::max_element(all.end() - 5, all.end()) <= kept.back());
}

TEST_CASE("metrics of numbers see predictions, not raw scores") {
    auto const [x, y] = valued_grid(400, 4, 6);
    auto positive = y;
    for (auto& value : positive) value += 1;
    gradient_boosting_regressor::fit_options options;
    options.validation = {{x, positive}};
    options.metrics = {metrics::mean_absolute_error, metrics::r2};
    auto const model = gradient_boosting_regressor{.n_estimators = 5, .loss = poisson_loss{}}.fit(
        x, positive, options, sequential{});
    CHECK(model.validation_scores()[0].of_set[0].back() ==
          metrics::mean_absolute_error(positive, model.predict(x, sequential{})));
    CHECK(model.validation_scores()[1].of_set[0].back() > 0.2);
}

TEST_CASE("metrics of queries see groups and their mean weights") {
    auto const x = grid(120, 3, 7);
    std::vector<int> y;
    for (std::size_t i = 0; i < 120; ++i) y.push_back(static_cast<int>(x(i, 0)) / 3);
    std::vector<std::size_t> const groups{40, 20, 60};
    std::vector<double> weight(120, 1.0);
    std::fill_n(weight.begin(), 20, 3.0);
    gradient_boosting_ranker::fit_options options;
    options.validation = {{x, y, groups, weight}};
    options.metrics = {metrics::ndcg_metric{.k = 5}, metrics::mean_average_precision};
    auto const model =
        gradient_boosting_ranker{.n_estimators = 3}.fit(x, y, groups, options, sequential{});
    CHECK(model.validation_scores()[0].of_set[0].back() ==
          metrics::ndcg_metric{.k = 5}(y, model.predict(x, sequential{}), groups,
                                       std::vector{2.0, 1.0, 1.0}));
}

TEST_CASE("a fit that goes on has the scores of all rounds") {
    auto const [x, y] = labelled_grid(300, 4, 8);
    gradient_boosting_classifier::fit_options options;
    options.validation = {{x, y}};
    options.metrics = {metrics::accuracy};
    auto const whole = small.fit(x, y, options, sequential{});
    auto shorter = small;
    shorter.n_estimators = 6;
    auto const part = shorter.fit(x, y, sequential{});
    options.warm_start = &part;
    CHECK(small.fit(x, y, options, sequential{}) == whole);
}

TEST_CASE("what a metric cannot judge is said before the first round") {
    auto const [x, y] = two_classes(labelled_grid(100, 3, 9));
    std::vector<int> const alike(100, 1);
    gradient_boosting_classifier::fit_options options;
    options.metrics = {metrics::roc_auc};
    CHECK_THROWS_WITH_AS((void)small.fit(x, y, options, sequential{}),
                         "gradient_boosting_classifier::fit: there are 1 metrics but 0 validation "
                         "sets; they need at least 1",
                         invalid_input);
    options.validation = {{x, alike}};
    std::size_t rounds = 0;
    options.on_iteration = [&](progress const&) { ++rounds; };
    CHECK_THROWS_AS((void)small.fit(x, y, options, sequential{}), invalid_input);
    CHECK(rounds == 0);
}
