// SPDX-License-Identifier: BSD-3-Clause
#include "support/backends.hpp"
#include "support/gauge.hpp"

#include <copse/par/algorithms.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace copse;

TEST_CASE_TEMPLATE("any_backend visits every index once", Backend, COPSE_TEST_BACKENDS) {
    for (auto const n_jobs : test::job_counts) {
        any_backend const backend = test::with_jobs<Backend>(n_jobs);
        CHECK(backend.n_jobs == test::with_jobs<Backend>(n_jobs).n_jobs);
        for (auto const n : test::sizes) {
            std::vector<std::atomic<int>> visits(n);
            backend.enter([&] {
                backend.inherited().for_each_index(n, [&](std::size_t i) { ++visits[i]; });
            });
            std::size_t n_once = 0;
            for (auto const& count : visits) n_once += count == 1 ? 1u : 0u;
            CHECK(n_once == n);
        }
    }
}

TEST_CASE_TEMPLATE("any_backend does both, and enter gives back what f does", Backend,
                   COPSE_TEST_BACKENDS) {
    any_backend const backend = test::with_jobs<Backend>(2);
    int left = 0;
    int right = 0;
    // A value that can only be moved.
    auto const answer = backend.enter([&] {
        backend.inherited().both([&] { left = 1; }, [&] { right = 2; });
        return std::make_unique<int>(left + right);
    });
    CHECK(*answer == 3);
}

TEST_CASE_TEMPLATE("any_backend stays within the n_jobs of its handle", Backend,
                   COPSE_TEST_BACKENDS) {
    for (auto const n_jobs : {1, 2, 3}) {
        test::gauge leaves;
        any_backend const backend = test::with_jobs<Backend>(n_jobs);
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

TEST_CASE_TEMPLATE("any_backend says as much concurrency as its handle, and adds alike", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const handle = test::with_jobs<Backend>(2);
    any_backend const backend = handle;
    CHECK(backend.concurrency() == handle.concurrency());
    auto const value = [](std::size_t i) { return 1.0 / static_cast<double>(i + 1); };
    CHECK(reduce(backend, 20000, 0.0, value) == reduce(sequential{}, 20000, 0.0, value));
}

TEST_CASE_TEMPLATE("an exception comes out of any_backend's enter", Backend, COPSE_TEST_BACKENDS) {
    any_backend const backend = test::with_jobs<Backend>(2);
    CHECK_THROWS_WITH_AS(backend.enter([&] {
        for_each_component(backend.inherited(), 5, [](std::size_t i) {
            if (i == 3) throw std::runtime_error("three");
        });
    }),
                         "three", std::runtime_error);
}

TEST_CASE("any_backend of any_backend is a copy") {
    any_backend const first = copse::tbb{.n_jobs = 3};
    any_backend second = first;
    second = any_backend(copse::sequential{});
    CHECK(first.n_jobs == 3);
    CHECK(second.n_jobs == 1);
    CHECK(second.concurrency() == 1);
}
