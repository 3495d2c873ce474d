// SPDX-License-Identifier: BSD-3-Clause
// A search over folds over whatever a trainer starts: one number of threads bounds it all, and who
// waits inside a run does nothing for another one.
#include "support/backends.hpp"
#include "support/gauge.hpp"
#include "support/samples.hpp"

#include <copse/metrics.hpp>
#include <copse/model_selection/search.hpp>

#include <doctest/doctest.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <cstddef>
#include <vector>

using namespace copse;

namespace {

std::atomic<int> foreign_work = 0;

/// Says on which runs a thread is at work. A thread may begin something of the run that it is in,
/// its own folds while it waits say, and anything if it is in none.
class work_of_run {
public:
    explicit work_of_run(double run) {
        if (!stack().empty() && stack().back() != run) ++foreign_work;
        stack().push_back(run);
    }
    ~work_of_run() { stack().pop_back(); }
    work_of_run(work_of_run const&) = delete;
    work_of_run& operator=(work_of_run const&) = delete;

private:
    [[nodiscard]] static std::vector<double>& stack() {
        thread_local std::vector<double> runs;
        return runs;
    }
};

/// Its fit starts components that start components. Runs differ in `value`.
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
        work_of_run const here(value);
        for_each_component(backend, 4, [&](std::size_t) {
            work_of_run const there(value);
            for_each_component(backend, 3, [&](std::size_t) {
                work_of_run const deeper(value);
                if (at_once != nullptr) at_once->visit();
            });
        });
        return {value};
    }
};

template <class Backend>
int threads_at_once(Backend backend, study_mode mode) {
    auto const x = test::grid(60, 2, 1);
    auto const y = test::targets_of(x, 1);
    test::gauge at_once;
    foreign_work = 0;
    auto const study =
        search(nester{.at_once = &at_once}, space(vary("value", &nester::value, uniform(0, 1))),
               {.primary_metric = metrics::mean_squared_error, .max_total_runs = 12, .mode = mode})
            .run(x, y, backend);
    for (auto const& run : study.runs()) CHECK(run.is_finished());
    CHECK(foreign_work.load() == 0);
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

TEST_CASE("a thread that waits inside a run does no work of another run") {
    // Four threads for two runs at a time, even on a machine of two cores: some are in no run and
    // take parts of either, so that those that are in one have to wait for them.
    constexpr int n_threads = 4;
    ::tbb::global_control const enough(::tbb::global_control::max_allowed_parallelism, n_threads);
    ::tbb::task_arena arena(n_threads);
    auto const x = test::grid(60, 2, 1);
    auto const y = test::targets_of(x, 1);
    for (auto const mode : {study_mode::deterministic, study_mode::asynchronous}) {
        test::gauge at_once;
        foreign_work = 0;
        auto const study = arena.execute([&] {
            return search(nester{.at_once = &at_once},
                          space(vary("value", &nester::value, uniform(0, 1))),
                          {.primary_metric = metrics::mean_squared_error,
                           .max_total_runs = 16,
                           .max_concurrent_runs = 2,
                           .mode = mode})
                .run(x, y, copse::tbb{});
        });
        CHECK(study.runs().size() == 16);
        CHECK(foreign_work.load() == 0);
        CHECK(at_once.peak() <= n_threads);
    }
}
