// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Independent components: the trees of a forest, the classes of one-vs-rest, the folds of a
/// cross-validation, the trials of a search. This is the one place where they are trained at once.
///
///     std::vector<tree> trees(n);
///     for_each_component(backend, n, stop, [&](std::size_t i) { trees[i] = grow(i); });
///
/// It nests: f may start components of its own on backend.inherited(), and all of them together
/// stay within the n_jobs of the outermost enter().

#include <copse/par/backend.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <stop_token>

namespace copse {

/// Calls f(i) for i in [0, n), each once, concurrently if the backend can. Returns when all are
/// done.
///
/// Throws   what f threw. If several components threw, the exception of the smallest index, among
///          those that ran; components not begun by then are skipped. `stopped` if a stop was
///          requested before all had begun, so a caller never takes a part for the whole.
template <backend B, class F>
void for_each_component(B const& backend, std::size_t n, std::stop_token const& stop, F const& f) {
    struct failure {
        std::mutex guard;
        std::atomic<bool> happened = false;
        std::size_t component = 0;
        std::exception_ptr exception;
    } failed;
    std::atomic<bool> skipped = false;

    backend.for_each_index(n, [&](std::size_t i) {
        if (failed.happened.load(std::memory_order_relaxed)) return;
        if (stop.stop_requested()) {
            skipped.store(true, std::memory_order_relaxed);
            return;
        }
        try {
            f(i);
        } catch (...) {
            std::lock_guard const lock(failed.guard);
            if (!failed.exception || i < failed.component) {
                failed.component = i;
                failed.exception = std::current_exception();
            }
            failed.happened.store(true, std::memory_order_relaxed);
        }
    });

    if (failed.exception) std::rethrow_exception(failed.exception);
    if (skipped.load(std::memory_order_relaxed))
        throw stopped("stopped before all components were done");
}

template <backend B, class F>
void for_each_component(B const& backend, std::size_t n, F const& f) {
    for_each_component(backend, n, std::stop_token{}, f);
}

}  // namespace copse
