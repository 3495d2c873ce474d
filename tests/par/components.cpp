// SPDX-License-Identifier: BSD-3-Clause
#include "support/backends.hpp"
#include "support/gauge.hpp"

#include <copse/par/components.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

using namespace copse;

TEST_CASE_TEMPLATE("every component runs once", Backend, COPSE_TEST_BACKENDS) {
    for (auto const n_jobs : test::job_counts) {
        for (std::size_t const n : {0u, 1u, 2u, 31u, 32u, 33u, 1000u}) {
            std::vector<int> visits(n);
            auto const backend = test::with_jobs<Backend>(n_jobs);
            backend.enter([&] {
                for_each_component(backend.inherited(), n, [&](std::size_t i) { ++visits[i]; });
            });
            CHECK(visits == std::vector<int>(n, 1));
        }
    }
}

TEST_CASE_TEMPLATE("components nest", Backend, COPSE_TEST_BACKENDS) {
    constexpr std::size_t n = 7;
    for (auto const n_jobs : test::job_counts) {
        std::vector<int> visits(n * n * n);
        auto const backend = test::with_jobs<Backend>(n_jobs);
        backend.enter([&] {
            auto const in = backend.inherited();
            for_each_component(in, n, [&](std::size_t i) {
                for_each_component(in, n, [&](std::size_t j) {
                    for_each_component(in, n,
                                       [&](std::size_t k) { ++visits[(i * n + j) * n + k]; });
                });
            });
        });
        CHECK(visits == std::vector<int>(n * n * n, 1));
    }
}

TEST_CASE_TEMPLATE("n_jobs bounds nested components together", Backend, COPSE_TEST_BACKENDS) {
    for (auto const n_jobs : {1, 2, 3}) {
        test::gauge leaves;
        auto const backend = test::with_jobs<Backend>(n_jobs);
        backend.enter([&] {
            auto const in = backend.inherited();
            for_each_component(in, 6, [&](std::size_t) {
                for_each_component(in, 6, [&](std::size_t) { leaves.visit(); });
            });
        });
        CHECK(leaves.peak() >= 1);
        CHECK(leaves.peak() <= n_jobs);
    }
}

TEST_CASE("components do run at the same time where they can") {
    test::gauge leaves;
    test::threads{.n_jobs = 4}.enter(
        [&] { for_each_component(test::threads{}, 40, [&](std::size_t) { leaves.visit(); }); });
    CHECK(leaves.peak() > 1);
}

TEST_CASE_TEMPLATE("an exception comes out, with its type and text", Backend, COPSE_TEST_BACKENDS) {
    for (auto const n_jobs : test::job_counts) {
        auto const backend = test::with_jobs<Backend>(n_jobs);
        auto const run = [&] {
            backend.enter([&] {
                for_each_component(backend.inherited(), 100, [](std::size_t i) {
                    if (i == 63) throw std::out_of_range("component 63");
                });
            });
        };
        CHECK_THROWS_WITH_AS(run(), "component 63", std::out_of_range);
    }
}

TEST_CASE_TEMPLATE("of several exceptions the one of the smallest index comes out", Backend,
                   COPSE_TEST_BACKENDS) {
    for (auto const n_jobs : test::job_counts) {
        std::mutex guard;
        std::vector<std::size_t> thrown;
        std::string caught;
        auto const backend = test::with_jobs<Backend>(n_jobs);
        try {
            backend.enter([&] {
                for_each_component(backend.inherited(), 50, [&](std::size_t i) {
                    {
                        std::lock_guard const lock(guard);
                        thrown.push_back(i);
                    }
                    throw std::runtime_error(std::to_string(i));
                });
            });
        } catch (std::runtime_error const& e) {
            caught = e.what();
        }
        REQUIRE_FALSE(thrown.empty());
        CHECK(caught == std::to_string(*std::min_element(thrown.begin(), thrown.end())));
    }
}

TEST_CASE("after an exception no further component begins") {
    std::vector<std::size_t> begun;
    auto const run = [&] {
        for_each_component(sequential{}, 10, [&](std::size_t i) {
            begun.push_back(i);
            if (i == 2) throw std::runtime_error("no more");
        });
    };
    CHECK_THROWS_AS(run(), std::runtime_error);
    CHECK(begun == std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE_TEMPLATE("an exception crosses nested components", Backend, COPSE_TEST_BACKENDS) {
    auto const backend = test::with_jobs<Backend>(3);
    auto const run = [&] {
        backend.enter([&] {
            auto const in = backend.inherited();
            for_each_component(in, 4, [&](std::size_t i) {
                for_each_component(in, 4, [&](std::size_t j) {
                    if (i == 2 && j == 3) throw invalid_input("deep down");
                });
            });
        });
    };
    CHECK_THROWS_WITH_AS(run(), "deep down", invalid_input);
}

TEST_CASE_TEMPLATE("a stop before the start runs nothing and says so", Backend,
                   COPSE_TEST_BACKENDS) {
    std::stop_source source;
    source.request_stop();
    std::atomic<int> ran = 0;
    CHECK_THROWS_WITH_AS(
        for_each_component(Backend{}, 10, source.get_token(), [&](std::size_t) { ++ran; }),
        "stopped before all components were done", stopped);
    CHECK(ran == 0);
}

TEST_CASE_TEMPLATE("a stop in the middle leaves the rest alone", Backend, COPSE_TEST_BACKENDS) {
    std::stop_source source;
    std::atomic<int> ran = 0;
    auto const backend = test::with_jobs<Backend>(2);
    auto const run = [&] {
        backend.enter([&] {
            for_each_component(backend.inherited(), 1000, source.get_token(), [&](std::size_t) {
                if (++ran == 5) source.request_stop();
            });
        });
    };
    CHECK_THROWS_AS(run(), stopped);
    CHECK(ran >= 5);
    CHECK(ran < 1000);
}

TEST_CASE("a stop that comes after all have begun does not lose the result") {
    std::stop_source source;
    int ran = 0;
    CHECK_NOTHROW(for_each_component(sequential{}, 3, source.get_token(), [&](std::size_t i) {
        ++ran;
        if (i == 2) source.request_stop();
    }));
    CHECK(ran == 3);
}

TEST_CASE("an exception matters more than a stop") {
    std::stop_source source;
    auto const run = [&] {
        for_each_component(sequential{}, 3, source.get_token(), [&](std::size_t) {
            source.request_stop();
            throw std::runtime_error("first");
        });
    };
    CHECK_THROWS_WITH_AS(run(), "first", std::runtime_error);
}
