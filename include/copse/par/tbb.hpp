// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The oneTBB backend, and the default. The only header that includes TBB.

#include <copse/par/backend.hpp>

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_invoke.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <utility>

namespace copse {

/// Tasks on oneTBB. With n_jobs > 0 the work runs in an arena of that many slots, the caller's
/// thread among them; with -1 it stays in the arena the caller is in, which is the whole machine
/// unless somebody said otherwise. More jobs than cores are as many jobs as cores.
struct tbb {
    static constexpr std::string_view name = "tbb";

    int n_jobs = -1;

    template <class F>
    decltype(auto) enter(F&& f) const {
        if (n_jobs < 1) return f();
        ::tbb::task_arena arena(slots());
        return arena.execute(std::forward<F>(f));
    }
    [[nodiscard]] tbb inherited() const noexcept { return {}; }
    [[nodiscard]] std::size_t concurrency() const {
        return static_cast<std::size_t>(n_jobs > 0 ? slots()
                                                   : ::tbb::this_task_arena::max_concurrency());
    }

    template <class F>
    void for_each_index(std::size_t n, F const& f) const {
        // One index is one unit of work that its author thought worth a task.
        ::tbb::parallel_for(
            ::tbb::blocked_range<std::size_t>(0, n, 1),
            [&f](::tbb::blocked_range<std::size_t> const& range) {
                for (auto i = range.begin(); i != range.end(); ++i) f(i);
            },
            ::tbb::simple_partitioner{});
    }
    template <class F, class G>
    void both(F&& f, G&& g) const {
        ::tbb::parallel_invoke(std::forward<F>(f), std::forward<G>(g));
    }
    /// f() such that a thread that waits inside it takes up no work from outside it.
    template <class F>
    void isolate(F const& f) const {
        ::tbb::this_task_arena::isolate(f);
    }

private:
    // TBB prints a warning when asked for more threads than it may start; copse never prints.
    [[nodiscard]] int slots() const { return std::min(n_jobs, ::tbb::info::default_concurrency()); }
};

static_assert(backend<tbb>);

}  // namespace copse
