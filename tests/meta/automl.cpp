// SPDX-License-Identifier: BSD-3-Clause
#include "support/any_fits.hpp"
#include "support/samples.hpp"

#include <copse/io/meta_format.hpp>
#include <copse/io/save_load.hpp>
#include <copse/meta/automl.hpp>
#include <copse/metrics.hpp>

#include <chrono>
#include <cmath>
#include <limits>
#include <stop_token>
#include <string>
#include <vector>

using namespace copse;
using namespace copse::test;
using namespace std::chrono_literals;

namespace {

/// Five columns: three of a grid, a constant, and a number for each row. Labels as text.
dataset some_table(std::size_t n, std::uint64_t seed) {
    auto const set = labelled_grid(n, 3, seed);
    dataset out;
    out.x = matrix<float>(n, 5, 4.0f);
    std::vector<std::string> y;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < 3; ++j) out.x(i, j) = set.x(i, j);
        if (i % 11 == 3) out.x(i, 1) = missing;
        out.x(i, 4) = static_cast<float>(i * 7 % n + 1000);  // n is no multiple of 7
        y.push_back(set.y[i] < 7 ? "low" : "high");
    }
    for (auto const* name : {"a", "b", "c", "d", "e"}) out.features.push_back({name, false, {}});
    out.features[2].categorical = true;
    out.y = target("class", labels(std::move(y)));
    return out;
}

guardrail const& of_kind(std::vector<guardrail> const& all, guardrail_kind kind) {
    for (auto const& g : all) {
        if (g.kind == kind) return g;
    }
    FAIL("no such guardrail");
    return all[0];
}

double accuracy_of(any_classifier const& model, dataset const& table) {
    return metrics::accuracy(table.y, model.predict(table.x));
}

}  // namespace

TEST_CASE("guardrails say what a table is like") {
    auto table = some_table(200, 5);
    auto const found = inspect_table(table);
    REQUIRE(found.size() == 5);
    CHECK(of_kind(found, guardrail_kind::missing_values).columns == std::vector<std::size_t>{1});
    CHECK(of_kind(found, guardrail_kind::missing_values).state == guardrail_state::done);
    CHECK(of_kind(found, guardrail_kind::missing_values).text == "1 column with missing values");
    CHECK(of_kind(found, guardrail_kind::constant_columns).columns == std::vector<std::size_t>{3});
    CHECK(of_kind(found, guardrail_kind::identifier_columns).columns ==
          std::vector<std::size_t>{4});
    CHECK(of_kind(found, guardrail_kind::class_imbalance).state == guardrail_state::passed);
    CHECK(of_kind(found, guardrail_kind::leakage_suspects).state == guardrail_state::passed);

    // A column that is the target, and one class in ten.
    std::vector<int> y;
    for (std::size_t i = 0; i < 200; ++i) {
        y.push_back(i % 10 == 0 ? 1 : 0);
        table.x(i, 3) = i % 10 == 0 ? 2.5f : -1.0f;
    }
    table.y = target("class", labels(std::vector<std::int64_t>(y.begin(), y.end())));
    auto const leaky = inspect_table(table);
    CHECK(of_kind(leaky, guardrail_kind::leakage_suspects).state == guardrail_state::alerted);
    CHECK(of_kind(leaky, guardrail_kind::leakage_suspects).columns == std::vector<std::size_t>{3});
    CHECK(of_kind(leaky, guardrail_kind::class_imbalance).state == guardrail_state::alerted);
    CHECK(of_kind(leaky, guardrail_kind::class_imbalance).text ==
          "class 1 has 20 rows, class 0 has 180");
}

TEST_CASE("a category of its own for nine rows of ten is an identifier") {
    dataset table;
    table.x = matrix<float>(100, 2);
    column<double> y(100);
    for (std::size_t i = 0; i < 100; ++i) {
        table.x(i, 0) = static_cast<float>(i < 95 ? i : 0);
        table.x(i, 1) = static_cast<float>(i < 80 ? i : 0);
        y[i] = static_cast<double>(i % 7);
    }
    table.features = {{"name", true, {}}, {"town", true, {}}};
    table.y = target("value", std::move(y));
    auto const found = inspect_table(table);
    CHECK(found.size() == 4);  // no classes
    CHECK(of_kind(found, guardrail_kind::identifier_columns).columns ==
          std::vector<std::size_t>{0});
}

TEST_CASE("automl finds a model of labels that saves, loads and reads the table as it is") {
    auto const train = some_table(300, 5);
    auto const test = some_table(300, 6);
    std::size_t n_calls = 0;
    automl const how{.max_duration = 10min,
                     .max_candidates = 5,
                     .n_folds = 3,
                     .on_candidate = [&](automl_progress const& p) {
                         CHECK(p.done == ++n_calls);
                         CHECK(p.total == 5);
                         CHECK(p.last != nullptr);
                     }};
    auto const found = how.fit(train, copse::tbb{.n_jobs = 2});
    CHECK(n_calls == 5);
    CHECK(found.metric == "log_loss");
    CHECK(found.columns == std::vector<std::size_t>{0, 1, 2});
    REQUIRE(found.leaderboard.size() == 5);
    double weights = 0;
    for (std::size_t k = 0; k < 5; ++k) {
        auto const& c = found.leaderboard[k];
        CHECK(c.status == candidate_status::finished);
        CHECK(c.refitted == (c.weight > 0));
        if (k > 0) CHECK(c.score <= found.leaderboard[k - 1].score);
        weights += c.weight;
    }
    CHECK(weights == doctest::Approx(1));
    CHECK(found.score >= found.leaderboard[0].score);

    auto const& model = found.classifier();
    CHECK(model.n_features() == 5);
    CHECK(model.classes() == std::vector<std::string>{"high", "low"});
    CHECK(accuracy_of(model, test) > 0.9);
    CHECK(load<any_classifier>(save(model)) == model);
    CHECK_THROWS_AS((void)found.regressor(), invalid_input);

    // The same for any number of jobs, since time did not end it.
    auto silent = how;
    silent.on_candidate = nullptr;
    auto const again = silent.fit(train, sequential{});
    CHECK(again.classifier() == model);
    CHECK(again.score == found.score);
}

TEST_CASE("automl finds a model of values") {
    auto const made = [](std::uint64_t seed) {
        auto const set = valued_grid(250, 4, seed);
        dataset out;
        out.x = set.x;
        out.y = target("value", column<double>(set.y.begin(), set.y.end()));
        return out;
    };
    auto const train = made(5);
    auto const test = made(6);
    auto const found = automl{.max_duration = 10min, .max_candidates = 4}.fit(train);
    CHECK(found.metric == "mean_squared_error");
    auto const best = -found.leaderboard[0].score;
    auto const error = metrics::mean_squared_error(test.y, found.regressor().predict(test.x));
    CHECK(error < 2 * best);
    CHECK(found.guardrails.size() == 4);
}

TEST_CASE("rows that weigh nothing are as good as gone") {
    auto train = some_table(200, 5);
    train.sample_weight = column<double>(200, 1.0);
    auto spoilt = train;
    for (std::size_t i = 0; i < 200; i += 4) {
        train.sample_weight[i] = spoilt.sample_weight[i] = 0;
        for (std::size_t j = 0; j < 2; ++j) spoilt.x(i, j) = 5 - train.x(i, j);
    }
    automl const how{.max_duration = 10min, .max_candidates = 1, .n_folds = 2};
    auto const a = how.fit(train);
    auto const b = how.fit(spoilt);
    CHECK(a.score == b.score);
    auto const test = some_table(100, 8);
    CHECK(a.classifier().predict_proba(test.x) == b.classifier().predict_proba(test.x));
}

TEST_CASE("when the time is up there is a model all the same") {
    auto const train = some_table(400, 5);
    auto const found = automl{.max_duration = 1ms}.fit(train);
    std::size_t n_not_run = 0;
    for (auto const& c : found.leaderboard) n_not_run += c.status == candidate_status::not_run;
    CHECK(n_not_run + 1 == found.leaderboard.size());
    CHECK(found.leaderboard[0].name == "small boosting");
    CHECK(found.leaderboard[0].weight == 1);
    CHECK(!found.leaderboard[0].refitted);
    CHECK(accuracy_of(found.classifier(), train) > 0.9);
}

TEST_CASE("an imbalanced table gets balanced candidates too, and any metric can judge") {
    auto table = some_table(300, 5);
    std::vector<std::int64_t> y(300);
    for (std::size_t i = 0; i < 300; ++i) y[i] = table.x(i, 0) > 7 && table.x(i, 2) > 4 ? 1 : 0;
    table.y = target("rare", labels(std::move(y)));
    std::size_t n_balanced = 0;
    auto const found = automl{.max_duration = 1ms,
                              .metric = classification_metric(metrics::balanced_accuracy),
                              .n_folds = 2}
                           .fit(table);
    for (auto const& c : found.leaderboard) n_balanced += c.name.starts_with("balanced") ? 1 : 0;
    CHECK(n_balanced == 4);
    CHECK(found.metric == "balanced_accuracy");
    CHECK(found.score > 0.5);
}

TEST_CASE("when the portfolio is done, the best families are searched") {
    auto const train = some_table(120, 5);
    automl const how{.max_duration = 10min, .max_candidates = 17, .n_folds = 2, .random_state = 3};
    auto const found = how.fit(train, copse::tbb{.n_jobs = 2});
    REQUIRE(found.leaderboard.size() == 17);
    std::size_t n_searched = 0;
    for (auto const& c : found.leaderboard) {
        CHECK(c.name.starts_with("searched ") != c.parameters.empty());
        if (c.parameters.empty()) continue;
        ++n_searched;
        CHECK(c.status == candidate_status::finished);
    }
    CHECK(n_searched == 6);
    auto const again = how.fit(train, sequential{});
    CHECK(again.classifier() == found.classifier());
    CHECK(load<any_classifier>(save(found.classifier())) == found.classifier());
    for (std::size_t k = 0; k < 17; ++k)
        CHECK(again.leaderboard[k].parameters == found.leaderboard[k].parameters);
}

TEST_CASE("of two classes the threshold is a part of the model") {
    auto table = some_table(300, 5);
    std::vector<std::int64_t> y(300);
    for (std::size_t i = 0; i < 300; ++i)
        y[i] = table.x(i, 0) > 6 && (table.x(i, 2) > 5 || i % 7 == 0) ? 1 : 0;
    table.y = target("rare", labels(std::move(y)));
    automl how{.max_duration = 10min,
               .max_candidates = 1,
               .threshold_metric = classification_metric(metrics::f1),
               .n_folds = 3};
    auto const found = how.fit(table);
    REQUIRE(found.threshold);
    auto const* const model = found.classifier().get_if<thresholded_classifier<any_classifier>>();
    REQUIRE(model != nullptr);
    CHECK(model->threshold() == found.threshold->threshold);
    CHECK(load<any_classifier>(save(found.classifier())) == found.classifier());
    how.threshold_metric.reset();
    auto const plain = how.fit(table);
    CHECK(!plain.threshold);
    CHECK(plain.classifier() == model->model());
    how.threshold_metric.emplace(metrics::log_loss);
    CHECK_THROWS_WITH_AS((void)how.fit(table),
                         "automl::fit: threshold_metric is log_loss; it must be a metric of labels",
                         invalid_input);
}

TEST_CASE("candidates that may take too much memory are left out, and say so") {
    auto const train = some_table(200, 5);
    auto const found =
        automl{.max_duration = 10min, .max_candidates = 4, .n_folds = 2, .max_memory = 1'000'000}
            .fit(train);
    for (auto const& c : found.leaderboard) {
        bool const large = c.name == "random forest";
        CHECK((c.status == candidate_status::too_large) == large);
        CHECK(c.error.empty() != large);
        if (large) CHECK(c.error.find(" are allowed") != std::string::npos);
    }
    automl const tiny{.max_duration = 10min, .max_candidates = 2, .max_memory = 1};
    CHECK_THROWS_WITH_AS((void)tiny.fit(train),
                         "automl::fit: of 2 candidates none has a score; small boosting: it may "
                         "take 0 MiB; 0 are allowed",
                         invalid_input);
}

TEST_CASE("when the time is up, what there is is a model of few rows") {
    auto const train = some_table(5000, 5);
    auto const found = automl{.max_duration = 1ms}.fit(train);
    CHECK(found.leaderboard[0].status == candidate_status::finished);
    for (std::size_t k = 1; k < found.leaderboard.size(); ++k)
        CHECK(found.leaderboard[k].status == candidate_status::not_run);
    CHECK(accuracy_of(found.classifier(), train) > 0.9);
    auto const values = [] {
        auto const set = valued_grid(2500, 4, 5);
        dataset out;
        out.x = set.x;
        out.y = target("value", column<double>(set.y.begin(), set.y.end()));
        return out;
    }();
    CHECK(automl{.max_duration = 1ms}.fit(values).regressor().n_features() == 4);
}

TEST_CASE("what automl cannot learn gets a sentence") {
    auto table = some_table(60, 5);
    CHECK_THROWS_WITH_AS((void)automl{.max_duration = 0ms}.fit(table),
                         "automl::fit: max_duration is 0 ms; it must be greater than 0",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)automl{.max_candidates = 0}.fit(table),
                         "automl::fit: max_candidates is 0; it must be at least 1", invalid_input);
    CHECK_THROWS_AS((void)automl{}.fit(dataset{}), invalid_input);
    auto same = table;
    same.y = target("one", labels(std::vector<std::int64_t>(60, 3)));
    CHECK_THROWS_WITH_AS((void)automl{}.fit(same),
                         "automl::fit: class 3 has 60 rows and there are 1 classes; at least 2 of "
                         "each are needed",
                         invalid_input);
    std::stop_source source;
    source.request_stop();
    CHECK_THROWS_AS((void)automl{.stop = source.get_token()}.fit(table), stopped);
}
