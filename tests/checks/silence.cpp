// SPDX-License-Identifier: BSD-3-Clause
// Asks for far more jobs than there are cores, which oneTBB would remark on. checks/silent fails if
// a byte is printed.

#define DOCTEST_CONFIG_IMPLEMENT  // backends.hpp names the backends for doctest
#include "support/backends.hpp"

#include <copse/par/algorithms.hpp>
#include <copse/par/components.hpp>

#include <atomic>
#include <tuple>

int main() {
    std::atomic<std::size_t> n_done = 0;
    std::size_t n_expected = 0;
    auto const run = [&](auto backend) {
        backend.enter([&] {
            copse::for_each_component(backend.inherited(), 100, [&](std::size_t) { ++n_done; });
            copse::for_each(backend.inherited(), 100000, [](std::size_t) {});
        });
        n_expected += 100;
    };
    std::apply(
        [&]<class... Backend>(Backend...) {
            (run(copse::test::with_jobs<Backend>(64)), ...);
            (run(Backend{}), ...);
        },
        std::tuple<COPSE_TEST_BACKENDS>{});
    return n_done == n_expected ? 0 : 1;
}
