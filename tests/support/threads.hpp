// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A backend of plain std::threads, for tests only. ThreadSanitizer understands it fully (it does
/// not understand a oneTBB or OpenMP library that was built without it), it starts as many threads
/// as n_jobs says however few cores there are, and it shows what the contract asks of a backend.

#include <copse/par/backend.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <string_view>
#include <thread>
#include <vector>

namespace copse::test {

/// How many threads may still be started, shared by everything inside one enter().
class thread_budget {
public:
    explicit thread_budget(std::size_t n_threads) : n_threads_(n_threads), free_(n_threads - 1) {}

    [[nodiscard]] std::size_t n_threads() const noexcept { return n_threads_; }

    /// As many as are free, at most `wanted`.
    [[nodiscard]] std::size_t take(std::size_t wanted) noexcept {
        auto available = free_.load();
        while (!free_.compare_exchange_weak(available, available - std::min(available, wanted))) {
        }
        return std::min(available, wanted);
    }
    void give_back(std::size_t n) noexcept { free_.fetch_add(n); }

    /// The budget of the enter() that this thread works for.
    [[nodiscard]] static thread_budget*& current() {
        static thread_budget whole_machine(std::max(2u, std::thread::hardware_concurrency()));
        thread_local thread_budget* mine = &whole_machine;
        return mine;
    }

private:
    std::size_t n_threads_;
    std::atomic<std::size_t> free_;
};

struct threads {
    static constexpr std::string_view name = "threads";

    int n_jobs = -1;

    template <class F>
    decltype(auto) enter(F&& f) const {
        struct scope {
            thread_budget* before = thread_budget::current();
            ~scope() { thread_budget::current() = before; }
        } const restored;
        thread_budget own(n_jobs > 0 ? static_cast<std::size_t>(n_jobs) : 1);
        if (n_jobs > 0) thread_budget::current() = &own;
        return f();
    }
    [[nodiscard]] threads inherited() const noexcept { return {}; }
    [[nodiscard]] std::size_t concurrency() const {
        return n_jobs > 0 ? static_cast<std::size_t>(n_jobs)
                          : thread_budget::current()->n_threads();
    }

    template <class F>
    void for_each_index(std::size_t n, F const& f) const {
        std::atomic<std::size_t> next = 0;
        auto const work = [&] {
            for (auto i = next++; i < n; i = next++) f(i);
        };
        with_helpers(n < 2 ? 0 : n - 1, work, work);
    }
    template <class F, class G>
    void both(F&& f, G&& g) const {
        std::atomic<bool> g_begun = false;
        auto const g_once = [&] {
            if (!g_begun.exchange(true)) g();
        };
        auto const f_then_g = [&] {
            f();
            g_once();
        };
        with_helpers(1, f_then_g, g_once);
    }

private:
    /// mine() here, and theirs() on up to `wanted` other threads at the same time.
    template <class Mine, class Theirs>
    static void with_helpers(std::size_t wanted, Mine const& mine, Theirs const& theirs) {
        auto* const budget = thread_budget::current();
        auto const n_helpers = budget->take(wanted);
        {
            std::vector<std::jthread> helpers;
            for (std::size_t i = 0; i < n_helpers; ++i) {
                helpers.emplace_back([&] {
                    thread_budget::current() = budget;
                    theirs();
                });
            }
            mine();
        }
        budget->give_back(n_helpers);
    }
};

static_assert(backend<threads>);

}  // namespace copse::test
