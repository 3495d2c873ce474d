// SPDX-License-Identifier: BSD-3-Clause
// Runs that are given up after trees or steps of a solver, and runs that are cancelled.
#include "support/any_fits.hpp"
#include "support/samples.hpp"

#include <copse/metrics.hpp>
#include <copse/model_selection/search.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

using namespace copse;

namespace {

shuffle_split const one_split{.n_splits = 1, .test_size = 0.3};

/// All that does not depend on time.
template <class Study>
std::vector<std::string> reports_of(Study const& study) {
    std::vector<std::string> out;
    for (auto r : study.runs()) {
        r.seconds = 0;
        out.push_back(detail::json_of(r).to_string());
    }
    return out;
}

/// run(backend) searches trainers that are stopped early by their reports, at least one of them,
/// the same for every backend; returns the study.
template <class Backend, class Run>
auto check_given_up(Run const& run) {
    auto const study = run(any_backend(sequential{}));
    for (int const n_jobs : test::job_counts) {
        auto const again = run(any_backend(test::with_jobs<Backend>(n_jobs)));
        CHECK(reports_of(again) == reports_of(study));
        CHECK(again.best_model() == study.best_model());
    }
    std::size_t n_early = 0;
    for (run_record const& r : study.runs()) {
        if (r.is_finished()) {
            // The last report is of the whole model.
            CHECK(r.reports.back() == doctest::Approx(r.score).epsilon(1e-4));
        } else {
            REQUIRE(r.status == run_status::stopped_early);
            ++n_early;
        }
    }
    CHECK(n_early > 0);
    return study;
}

template <class Metric>
search_options<Metric> watched(termination_rule const& rule, Metric const& by) {
    return {.primary_metric = by,
            .max_total_runs = 12,
            .early_termination = rule,
            .splits = one_split,
            .random_state = 3,
            .wave_size = 4};
}

}  // namespace

TEST_CASE_TEMPLATE("forests are given up tree by tree", Backend, sequential, test::threads,
                   copse::tbb) {
    auto const made = test::labelled_grid(200, 4, 1);
    auto const& x = made.x;
    auto const& y = made.y;
    using forest = random_forest_classifier;
    auto const depths = space(vary(&forest::max_depth, randint(1, 8)));
    auto const study = check_given_up<Backend>([&](auto const& backend) {
        return search(forest{.n_estimators = 8}, depths,
                      watched(median_stopping{.delay_evaluation = 2},
                              classification_metric(metrics::log_loss)))
            .run(x, y, backend);
    });
    for (auto const& r : study.runs()) {
        if (r.is_finished()) CHECK(r.reports.size() == 8);
        if (!r.is_finished()) CHECK(r.reports.size() < 8);
    }
    // Those judged out of bag are fitted on copies, and report once, of the split.
    auto const by_split =
        search(forest{.n_estimators = 8, .oob_score = true}, depths,
               watched(bandit{.slack_amount = 0.5}, classification_metric(metrics::log_loss)))
            .run(x, y);
    for (auto const& r : by_split.runs()) CHECK(r.reports.size() == 1);
}

TEST_CASE_TEMPLATE("linear models are given up step by step", Backend, sequential, test::threads,
                   copse::tbb) {
    auto made = test::labelled_grid(200, 4, 1);
    for (std::size_t i = 0; i < 800; ++i) made.x.data()[i] /= 5;
    auto const& x = made.x;
    auto const& y = made.y;
    using logistic = logistic_regression;
    auto const strengths = space(vary(&logistic::C, loguniform(1e-4, 100)));
    auto const options = watched(asha{.min_resource = 2, .reduction_factor = 2},
                                 classification_metric(metrics::log_loss));
    auto const study = check_given_up<Backend>([&](auto const& backend) {
        return search(logistic{}, strengths, options).run(x, y, backend);
    });
    CHECK(study.runs()[0].reports.size() > 2);
    // Sparse rows are the same rows.
    auto const sparse = search(logistic{}, strengths, options).run(test::sparse(x), y);
    CHECK(sparse.best_run().index == study.best_run().index);

    check_given_up<Backend>([&](auto const& backend) {
        return search(sgd_classifier{.stopping = {.max_iter = 20}},
                      space(vary(&sgd_classifier::alpha, loguniform(1e-5, 10))),
                      watched(median_stopping{.delay_evaluation = 2},
                              classification_metric(metrics::accuracy)))
            .run(x, y, backend);
    });
}

TEST_CASE("linear regressors are given up sweep by sweep") {
    auto const set = test::valued_grid(200, 4, 1);
    check_given_up<copse::tbb>([&](auto const& backend) {
        return search(lasso{.tolerance = 1e-10}, space(vary(&lasso::alpha, loguniform(1e-4, 10))),
                      watched(bandit{.slack_factor = 0.1},
                              regression_metric(metrics::mean_squared_error)))
            .run(set.x, set.y, backend);
    });
}

TEST_CASE("a run that is cancelled is no part of the study's choice; the others go on") {
    auto const [x, y] = test::labelled_grid(200, 4, 1);
    using boosting = gradient_boosting_classifier;
    std::vector<run_handle> handles;
    auto const study = search(boosting{.n_estimators = 5, .min_samples_leaf = 3},
                              space(vary(&boosting::learning_rate, loguniform(0.01, 1))),
                              {.max_total_runs = 6,
                               .on_run =
                                   [&](run_record const& r) {
                                       if (r.status != run_status::running) return;
                                       handles.push_back(r.handle);
                                       if (r.index == 2) r.handle.cancel();
                                       if (r.index == 4) handles[0].cancel();  // which is over
                                   }})
                           .run(x, y, sequential{});
    REQUIRE(study.runs().size() == 6);
    for (auto const& r : study.runs()) {
        if (r.index == 2) {
            CHECK(r.status == run_status::cancelled);
            CHECK(r.reason == "the run was cancelled");
            CHECK(std::isnan(r.score));
        } else {
            CHECK(r.is_finished());
        }
    }
    CHECK(study.best_model() == study.best_trainer().fit(x, y));
}

TEST_CASE("a run can be cancelled by another thread while it fits") {
    auto const [x, y] = test::labelled_grid(300, 4, 1);
    using boosting = gradient_boosting_classifier;
    std::jthread canceller;
    auto const study = search(boosting{.n_estimators = 1000000},
                              space(vary(&boosting::learning_rate, uniform(0.1, 0.2))),
                              {.max_total_runs = 1,
                               .on_run =
                                   [&](run_record const& r) {
                                       if (r.status != run_status::running) return;
                                       canceller = std::jthread([h = r.handle] { h.cancel(); });
                                   }})
                           .run(x, y, copse::tbb{.n_jobs = 2});
    CHECK(study.runs()[0].status == run_status::cancelled);
}
