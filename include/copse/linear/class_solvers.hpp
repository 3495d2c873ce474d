// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A solver for each class, as independent components: each runs to its end, or, if somebody
/// watches, all go step by step together, since a model is of all classes. The steps are the same.
///
///     solver.step()       one iteration; whether another is to follow
///     solver.so_far()     the weights as they are, and report.n_iter
///     solver.result()     after the last step
///
/// Solvers that add up over ranks go in one order on all of them.

#include <copse/linear/iterations.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/ranks_view.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <vector>

namespace copse::detail {

/// Rounds of step(i) of all i below n, but for those whose step(i) has returned false; after()
/// each. Inside backend.enter.
template <backend B, class Step, class After>
void step_together(B const& backend, ranks_view ranks, std::size_t n, std::stop_token const& stop,
                   Step const& step, After const& after) {
    std::vector<std::size_t> going(n);
    for (std::size_t i = 0; i < n; ++i) going[i] = i;
    while (!going.empty()) {
        std::vector<char> goes_on(going.size());
        for_each_ranked(backend, ranks, going.size(), stop,
                        [&](std::size_t i) { goes_on[i] = step(going[i]) ? 1 : 0; });
        after();
        std::size_t n_going = 0;
        for (std::size_t i = 0; i < going.size(); ++i) {
            if (goes_on[i] != 0) going[n_going++] = going[i];
        }
        going.resize(n_going);
    }
}

/// Whether anybody watches, on any rank: then all go step by step.
[[nodiscard]] inline bool is_watched(iteration_hook const& hook, ranks_view ranks) {
    return ranks.sum(hook.is_wanted() ? 1 : 0) > 0;
}

/// What solvers make(0), ..., make(n - 1) find. Inside backend.enter. Throws stopped.
template <backend B, class Make>
[[nodiscard]] std::vector<fitted_class> solve_classes(B const& backend, ranks_view ranks,
                                                      std::size_t n, std::stop_token const& stop,
                                                      iteration_hook const& hook,
                                                      Make const& make) {
    using solver = decltype(make(std::size_t{}));
    std::vector<fitted_class> out(n);
    if (!is_watched(hook, ranks)) {
        for_each_ranked(backend, ranks, n, stop, [&](std::size_t k) {
            solver one = make(k);
            while (one.step()) {
            }
            out[k] = one.result();
        });
        return out;
    }
    std::vector<std::unique_ptr<solver>> all(n);
    for_each_ranked(backend, ranks, n, stop,
                    [&](std::size_t k) { all[k].reset(new solver(make(k))); });
    iteration_teller tell(hook);
    step_together(
        backend, ranks, n, stop, [&](std::size_t k) { return all[k]->step(); },
        [&] {
            std::size_t done = 0;
            for (std::size_t k = 0; k < n; ++k) {
                out[k] = all[k]->so_far();
                done = std::max(done, out[k].report.n_iter);
            }
            tell(done, [&] { return out; });
        });
    for_each_ranked(backend, ranks, n, stop, [&](std::size_t k) { out[k] = all[k]->result(); });
    return out;
}

}  // namespace copse::detail
