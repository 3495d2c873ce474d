// SPDX-License-Identifier: BSD-3-Clause
#include "support/backends.hpp"

#include <copse/par/backend.hpp>

#include <tbb/task_arena.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace copse;

TEST_CASE_TEMPLATE("n_jobs of 0 or below -1 gets a sentence", Backend, copse::tbb,
                   copse::test::threads) {
    CHECK_THROWS_WITH_AS(detail::check_n_jobs(Backend{.n_jobs = 0}, "forest::fit"),
                         "forest::fit: n_jobs is 0; it must be -1 (all cores) or at least 1",
                         invalid_input);
    CHECK_THROWS_WITH_AS(detail::check_n_jobs(Backend{.n_jobs = -2}, "search::run"),
                         "search::run: n_jobs is -2; it must be -1 (all cores) or at least 1",
                         invalid_input);
    CHECK_NOTHROW(detail::check_n_jobs(Backend{.n_jobs = -1}, "fit"));
    CHECK_NOTHROW(detail::check_n_jobs(Backend{.n_jobs = 1}, "fit"));
    CHECK_NOTHROW(detail::check_n_jobs(sequential{}, "fit"));
}

TEST_CASE_TEMPLATE("for_each_index visits every index once", Backend, COPSE_TEST_BACKENDS) {
    for (auto const n_jobs : test::job_counts) {
        for (auto const n : test::sizes) {
            std::vector<std::atomic<int>> visits(n);
            test::with_jobs<Backend>(n_jobs).enter([&] {
                test::with_jobs<Backend>(n_jobs).inherited().for_each_index(
                    n, [&](std::size_t i) { ++visits[i]; });
            });
            std::size_t n_once = 0;
            for (auto const& count : visits) n_once += count == 1 ? 1u : 0u;
            CHECK(n_once == n);
        }
    }
}

TEST_CASE_TEMPLATE("both runs both and returns when they are done", Backend, COPSE_TEST_BACKENDS) {
    for (auto const n_jobs : test::job_counts) {
        int left = 0;
        int right = 0;
        test::with_jobs<Backend>(n_jobs).enter(
            [&] { Backend{}.both([&] { left = 1; }, [&] { right = 2; }); });
        CHECK(left == 1);
        CHECK(right == 2);
    }
}

TEST_CASE_TEMPLATE("enter gives back what its function returns", Backend, COPSE_TEST_BACKENDS) {
    auto const backend = test::with_jobs<Backend>(2);
    CHECK(backend.enter([] { return 42; }) == 42);
    CHECK(*backend.enter([] { return std::make_unique<int>(7); }) == 7);
    CHECK(backend.enter([] { return std::string("text"); }) == "text");
}

TEST_CASE_TEMPLATE("enter lets exceptions out", Backend, COPSE_TEST_BACKENDS) {
    auto const backend = test::with_jobs<Backend>(2);
    CHECK_THROWS_WITH_AS(backend.enter([] { throw std::runtime_error("out"); }), "out",
                         std::runtime_error);
    CHECK(backend.enter([] { return 1; }) == 1);
}

TEST_CASE_TEMPLATE("concurrency is at least one and at most n_jobs", Backend, COPSE_TEST_BACKENDS) {
    for (auto const n_jobs : test::job_counts) {
        auto const backend = test::with_jobs<Backend>(n_jobs);
        CHECK(backend.concurrency() >= 1);
        CHECK(backend.concurrency() <= static_cast<std::size_t>(n_jobs));
        backend.enter([&] {
            CHECK(backend.inherited().concurrency() >= 1);
            CHECK(backend.inherited().concurrency() <= static_cast<std::size_t>(n_jobs));
        });
    }
    CHECK(Backend{}.concurrency() >= 1);
}

TEST_CASE("tbb without n_jobs stays in the caller's arena") {
    ::tbb::task_arena alone(1);
    alone.execute([] {
        CHECK(copse::tbb{}.concurrency() == 1);
        auto const here = std::this_thread::get_id();
        std::atomic<int> elsewhere = 0;
        copse::tbb{}.enter([&] {
            copse::tbb{}.for_each_index(1000, [&](std::size_t) {
                if (std::this_thread::get_id() != here) ++elsewhere;
            });
        });
        CHECK(elsewhere == 0);
    });
}

TEST_CASE("tbb with n_jobs of 1 uses the calling thread alone") {
    auto const here = std::this_thread::get_id();
    std::atomic<int> elsewhere = 0;
    copse::tbb{.n_jobs = 1}.enter([&] {
        copse::tbb{}.for_each_index(1000, [&](std::size_t) {
            if (std::this_thread::get_id() != here) ++elsewhere;
        });
    });
    CHECK(elsewhere == 0);
}
