// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/forest_fits.hpp"
#include "support/gauge.hpp"
#include "support/samples.hpp"

#include <copse/linear/logistic_regression.hpp>
#include <copse/metrics.hpp>
#include <copse/model_selection/search.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace copse;
using namespace std::chrono_literals;
using gbc = gradient_boosting_classifier;

namespace {

/// Costs nothing and is as good as `value`; some values fail, some have no score.
struct pretender {
    double value = 0.5;
    double noise = 0;
    struct model {
        double value;
        [[nodiscard]] std::vector<double> predict(features_view x) const {
            std::vector<double> out(x.rows());
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = x(i, 0) + value;
            return out;
        }
    };
    [[nodiscard]] model fit(features_view, values_view) const {
        if (value > 0.9) throw std::runtime_error("too much");
        return {value};
    }
    bool operator==(pretender const&) const = default;
};

struct problem {
    matrix<float> x = test::grid(60, 2, 1);
    std::vector<double> y;
    problem() {
        for (std::size_t i = 0; i < 60; ++i) y.push_back(static_cast<double>(x(i, 0)));
    }
};

auto const of_value = space(vary("value", &pretender::value, uniform(0, 1)));

/// All that does not depend on time.
std::vector<std::string> outline(std::vector<run_record> const& runs) {
    std::vector<std::string> out;
    for (auto r : runs) {
        r.seconds = 0;
        out.push_back(detail::json_of(r).to_string());
    }
    return out;
}

}  // namespace

TEST_CASE("run 0 is the trainer as it was, and the least error wins") {
    problem const p;
    auto const study = search(pretender{}, of_value,
                              {.primary_metric = metrics::mean_absolute_error,
                               .max_total_runs = 30,
                               .metrics = {metrics::r2}})
                           .run(p.x, p.y);
    auto const& runs = study.runs();
    REQUIRE(runs.size() == 30);
    CHECK(runs[0].parameters == std::vector<named_value>{{"value", 0.5}});
    CHECK(study.goal() == minimize);
    // The error of value v is v; above 0.9 the fit throws.
    double least = 1;
    std::size_t n_failed = 0;
    for (auto const& r : runs) {
        auto const v = std::get<double>(r.parameters[0].value);
        if (v > 0.9) {
            CHECK(r.status == run_status::failed);
            CHECK(r.reason == "too much");
            CHECK(std::isnan(r.score));
            ++n_failed;
        } else {
            CHECK(r.status == run_status::finished);
            CHECK(r.score == doctest::Approx(v).epsilon(1e-6));
            CHECK(r.scores.size() == 2);
            CHECK(r.scores[0].test.size() == 5);
            least = std::min(least, v);
        }
    }
    CHECK(n_failed > 0);
    CHECK(study.best_run().score == doctest::Approx(least).epsilon(1e-6));
    CHECK(study.best_trainer().value == least);
    CHECK(study.best_model().value == least);
}

TEST_CASE_TEMPLATE("a study is the same for every backend, n_jobs and concurrency", Backend,
                   sequential, test::threads, copse::tbb) {
    auto const made = test::labelled_grid(240, 4, 1);
    auto const& x = made.x;
    auto const& y = made.y;
    auto const of_boosting = space(vary(&gbc::learning_rate, loguniform(0.05, 1)),
                                   vary(&gbc::max_leaf_nodes, choice(2, 4, 8)));
    auto const run = [&](auto backend, std::size_t concurrent, sampling_rule const& sampling,
                         termination_rule const& rule, any_splitter const& splits) {
        return search(gbc{.n_estimators = 6, .min_samples_leaf = 3}, of_boosting,
                      {.sampling = sampling,
                       .primary_metric = metrics::log_loss,
                       .max_total_runs = 14,
                       .max_concurrent_runs = concurrent,
                       .early_termination = rule,
                       .splits = splits,
                       .random_state = 3,
                       .wave_size = 5})
            .run(x, y, backend);
    };
    auto const check = [&](sampling_rule const& sampling, termination_rule const& rule,
                           any_splitter const& splits) {
        auto const once = run(sequential{}, 1, sampling, rule, splits);
        for (int const n_jobs : test::job_counts) {
            for (std::size_t const concurrent : {std::size_t{2}, unlimited}) {
                auto const again =
                    run(test::with_jobs<Backend>(n_jobs), concurrent, sampling, rule, splits);
                CHECK(outline(again.runs()) == outline(once.runs()));
                CHECK(again.best_run().index == once.best_run().index);
                CHECK(again.best_model() == once.best_model());
            }
        }
        return once;
    };
    check(random_sampling{}, no_termination{}, k_fold{3});
    check(bayesian{.n_startup = 4}, median_stopping{}, k_fold{3});
    auto const one_split = check(sobol_sampling{}, median_stopping{.delay_evaluation = 2},
                                 shuffle_split{.n_splits = 1, .test_size = 0.3});
    auto const is_early = [](run_record const& r) { return r.status == run_status::stopped_early; };
    CHECK(std::ranges::any_of(one_split.runs(), is_early));
    for (auto const& r : one_split.runs()) {
        if (!is_early(r)) {
            CHECK(r.reports.size() == 6);
            CHECK(r.score == doctest::Approx(r.reports.back()).epsilon(1e-5));
            continue;
        }
        CHECK(r.index >= 5);  // the first wave has nobody to compare with
        CHECK(r.reason == "median_stopping");
        CHECK(r.reports.size() >= 2);
        CHECK(r.reports.size() < 6);
    }
}

TEST_CASE("a grid is run once through, the trainer's own point once") {
    problem const p;
    auto const study = search(pretender{},
                              space(vary("value", &pretender::value, choice(0.1, 0.5, 0.2)),
                                    vary("noise", &pretender::noise, choice(0, 1))),
                              {.sampling = grid_sampling{},
                               .primary_metric = metrics::mean_squared_error,
                               .max_total_runs = 100})
                           .run(p.x, p.y);
    REQUIRE(study.runs().size() == 6);  // 3 * 2, with run 0 at (0.5, 0)
    CHECK(study.best_run().parameters ==
          std::vector<named_value>{{"value", 0.1}, {"noise", std::int64_t{0}}});
}

TEST_CASE("a run at an earlier one's point takes over its result") {
    problem const p;
    auto const study =
        search(
            pretender{.value = 0.3}, space(vary("value", &pretender::value, choice(0.1, 0.2))),
            {.primary_metric = metrics::mean_squared_error, .max_total_runs = 12, .wave_size = 4})
            .run(p.x, p.y);
    std::size_t n_same = 0;
    for (auto const& r : study.runs()) {
        CHECK(r.is_finished());
        if (r.reason.empty()) continue;
        CHECK(r.reason.find("the same as run ") == 0);
        ++n_same;
    }
    CHECK(n_same == 9);
}

TEST_CASE("a NaN score is a failure, and a study without a finished run has no best") {
    problem const p;
    auto const study = search(pretender{.value = 1}, of_value, {.max_total_runs = 1}).run(p.x, p.y);
    CHECK_THROWS_WITH_AS((void)study.best_run(),
                         "study::best_run: of 1 runs 0 finished; run 0 failed: too much",
                         invalid_input);
    CHECK_THROWS_AS((void)study.best_model(), invalid_input);
    auto const infinite = search(pretender{.value = std::numeric_limits<double>::quiet_NaN()},
                                 of_value, {.max_total_runs = 1})
                              .run(p.x, p.y);
    CHECK(infinite.runs()[0].status == run_status::failed);
}

TEST_CASE("a stop request ends a search, a time limit cancels what is running") {
    auto const made = test::labelled_grid(2000, 6, 1);
    auto const& x = made.x;
    auto const& y = made.y;
    gbc const slow{.n_estimators = 100000};
    auto const s = space(vary(&gbc::learning_rate, uniform(0.01, 0.02)));
    auto const begin = std::chrono::steady_clock::now();
    auto const timed = search(slow, s, {.max_duration = 200ms}).run(x, y, copse::tbb{.n_jobs = 2});
    CHECK(std::chrono::steady_clock::now() - begin < 20s);
    REQUIRE(!timed.runs().empty());
    for (auto const& r : timed.runs()) {
        CHECK(r.status == run_status::cancelled);
        CHECK(r.reason == "the search is over");
    }
    auto const one = search(slow, s, {.max_total_runs = 2, .max_run_duration = 100ms}).run(x, y);
    CHECK(one.runs()[1].status == run_status::cancelled);
    CHECK(one.runs()[1].reason == "max_run_duration is over");

    std::stop_source stop;
    auto quick = slow;
    quick.n_estimators = 2;
    auto const stopped_study = search(quick, s,
                                      {.max_total_runs = 20,
                                       .on_run =
                                           [&](run_record const& r) {
                                               if (r.index == 3 && r.is_finished())
                                                   stop.request_stop();
                                           },
                                       .stop = stop.get_token(),
                                       .wave_size = 4})
                                   .run(x, y, sequential{});
    CHECK(stopped_study.runs().size() == 4);
    CHECK(stopped_study.best_run().is_finished());
    CHECK_THROWS_AS((void)stopped_study.best_model(), invalid_input);
}

TEST_CASE("on_run sees each run begin and end") {
    problem const p;
    std::vector<std::string> seen;
    (void)search(pretender{.value = 0.2}, of_value,
                 {.max_total_runs = 2,
                  .on_run =
                      [&](run_record const& r) {
                          seen.push_back(detail::sentence(r.index, " ", name_of(r.status)));
                      }})
        .run(p.x, p.y, sequential{});
    CHECK(seen.size() == 4);
    CHECK(seen[0] == "0 running");
    CHECK(seen[1] == "0 finished");
    CHECK(seen[2] == "1 running");
}

TEST_CASE("an asynchronous study runs all there is, and knows the winner") {
    auto const made = test::labelled_grid(240, 4, 1);
    auto const& x = made.x;
    auto const& y = made.y;
    auto const s = space(vary(&gbc::learning_rate, loguniform(0.05, 1)));
    auto const study = search(gbc{.n_estimators = 5}, s,
                              {.sampling = bayesian{.n_startup = 3},
                               .max_total_runs = 12,
                               .early_termination = median_stopping{},
                               .mode = study_mode::asynchronous})
                           .run(x, y, copse::tbb{.n_jobs = 4});
    REQUIRE(study.runs().size() == 12);
    for (std::size_t i = 0; i < 12; ++i) {
        CHECK(study.runs()[i].index == i);
        CHECK(study.runs()[i].status != run_status::failed);
    }
    CHECK(study.best_model() == study.best_trainer().fit(x, y));
}

TEST_CASE("earlier runs are known to a later study") {
    problem const p;
    search_options<regression_metric> options{.sampling = bayesian{.n_startup = 0},
                                              .primary_metric = metrics::mean_absolute_error,
                                              .max_total_runs = 6,
                                              .wave_size = 1};
    auto const cold = search(pretender{}, of_value, options).run(p.x, p.y);
    options.warm_start = search(pretender{}, of_value,
                                {.primary_metric = metrics::mean_absolute_error,
                                 .max_total_runs = 30,
                                 .random_state = 9})
                             .run(p.x, p.y)
                             .runs();
    auto const warm = search(pretender{}, of_value, options).run(p.x, p.y);
    CHECK(outline(warm.runs()) != outline(cold.runs()));
    CHECK(std::get<double>(warm.runs()[1].parameters[0].value) < 0.4);
}

TEST_CASE("linear models and forests are searched, too") {
    auto const made = test::labelled_grid(150, 4, 1);
    auto const& x = made.x;
    auto const& y = made.y;
    auto const linear =
        search(logistic_regression{}, space(vary(&logistic_regression::C, loguniform(1e-3, 10))),
               {.max_total_runs = 4})
            .run(x, y);
    CHECK(linear.best_model() == linear.best_trainer().fit(x, y));
    using forest = random_forest_classifier;
    auto const trees = search(forest{.n_estimators = 3},
                              space(vary(&forest::max_depth, randint(1, 6)),
                                    vary(&forest::max_bins, choice(8, 255))),
                              {.max_total_runs = 4})
                           .run(x, y);
    CHECK(trees.best_run().is_finished());
    CHECK(trees.best_model() == trees.best_trainer().fit(x, y));
}

TEST_CASE("tables have a line for each run") {
    problem const p;
    auto const study = search(pretender{.value = 0.25},
                              space(vary("value", &pretender::value, choice(0.25, 0.95))),
                              {.sampling = grid_sampling{},
                               .primary_metric = metrics::root_mean_squared_error,
                               .metrics = {metrics::mean_absolute_error}})
                           .run(p.x, p.y);
    auto csv = study.to_csv();
    CHECK(csv.find("run,status,score,seconds,value,mean_absolute_error,reason\n0,finished,0.25,") ==
          0);
    CHECK(csv.find(",0.25,0.25,\n1,failed,,") != std::string::npos);
    CHECK(csv.find(",0.95,,too much\n") != std::string::npos);
    auto const table = detail::parse_json(study.to_json());
    REQUIRE(table.values().size() == 2);
    CHECK(table.values()[0]["parameters"]["value"].number() == 0.25);
    CHECK(table.values()[1]["status"].text() == "failed");
}

TEST_CASE("what cannot be searched is refused in a sentence") {
    problem const p;
    auto const says = [&](search_options<regression_metric> options, char const* sentence) {
        CHECK_THROWS_WITH_AS((void)search(pretender{}, of_value, options).run(p.x, p.y), sentence,
                             invalid_input);
    };
    says({.max_total_runs = 0},
         "search::run: max_total_runs is 0, max_concurrent_runs 18446744073709551615 and wave_size "
         "8; they must be at least 1");
    says({.max_duration = 0s}, "search::run: a duration is 0 seconds; it must be greater than 0");
    says({.early_termination = bandit{}},
         "search::run: bandit has 0 of slack_factor and slack_amount; it needs exactly 1");
    says({.warm_start = {run_record{}}},
         "search::run: warm_start has a run of 0 parameters but the space has 1");
    says(
        {.sampling = grid_sampling{}},
        "search::run: grid_sampling needs choices, but parameter value is a distribution; name its "
        "values by choice()");
    CHECK_THROWS_WITH_AS((void)search(pretender{}, of_value).run(p.x, std::vector<double>{1}),
                         "search::run: y has 1 values but x has 60 rows", invalid_input);
}
