// SPDX-License-Identifier: BSD-3-Clause
// A search over folds over whatever a trainer starts: one number of threads bounds it all, and who
// waits inside a run does nothing for another one.
#include "support/backends.hpp"
#include "support/gauge.hpp"
#include "support/samples.hpp"

#include <copse/metrics.hpp>
#include <copse/model_selection/search.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <vector>

using namespace copse;

namespace {

std::atomic<int> nested_runs = 0;

/// Its fit starts components that start components, and notes whether another run's fit begins on
/// this thread meanwhile.
struct nester {
    double value = 0.5;
    test::gauge* at_once = nullptr;

    struct model {
        double value;
        [[nodiscard]] std::vector<double> predict(features_view x) const {
            return std::vector<double>(x.rows(), value);
        }
    };
    template <backend B = copse::tbb>
    [[nodiscard]] model fit(features_view, values_view, B const& backend = {}) const {
        // Its own folds may follow one another on a thread that waits; another run's may not.
        thread_local double of_run = -1;
        if (of_run >= 0 && of_run != value) ++nested_runs;
        auto const before = of_run;
        of_run = value;
        for_each_component(backend, 4, [&](std::size_t) {
            for_each_component(backend, 3, [&](std::size_t) {
                if (at_once != nullptr) at_once->visit();
            });
        });
        of_run = before;
        return {value};
    }
};

template <class Backend>
int threads_at_once(Backend backend, study_mode mode) {
    auto const x = test::grid(60, 2, 1);
    auto const y = test::targets_of(x, 1);
    test::gauge at_once;
    nested_runs = 0;
    auto const study =
        search(nester{.at_once = &at_once}, space(vary("value", &nester::value, uniform(0, 1))),
               {.primary_metric = metrics::mean_squared_error, .max_total_runs = 12, .mode = mode})
            .run(x, y, backend);
    for (auto const& run : study.runs()) CHECK(run.is_finished());
    CHECK(nested_runs == 0);
    return at_once.peak();
}

}  // namespace

TEST_CASE_TEMPLATE("a search keeps to n_jobs, however deep", Backend, COPSE_TEST_BACKENDS) {
    for (auto const mode : {study_mode::deterministic, study_mode::asynchronous}) {
        for (int const n_jobs : test::job_counts) {
            auto const backend = test::with_jobs<Backend>(n_jobs);
            CHECK(threads_at_once(backend, mode) <= n_jobs);
        }
    }
}
