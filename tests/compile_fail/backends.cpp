// SPDX-License-Identifier: BSD-3-Clause
// case 1: backend
// case 2: backend
// case 3: add_global
// case 4: nodiscard
// case 5: n_jobs

#include <copse/par/algorithms.hpp>
#include <copse/par/block.hpp>
#include <copse/par/components.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>

struct half_a_backend {
    static constexpr std::string_view name = "half";
    int n_jobs = 1;
    void for_each_index(std::size_t, auto const&) const {}
};

void backends() {
    copse::tbb const backend{.n_jobs = 2};
    copse::for_each(backend, 3, [](std::size_t) {});
#if CASE == 1  // a number of jobs is not a backend
    copse::for_each(4, 3, [](std::size_t) {});
#elif CASE == 2  // a type that speaks only some verbs
    copse::for_each_component(half_a_backend{}, 3, [](std::size_t) {});
#elif CASE == 3  // a sum of floats would depend on the order
    float sum = 0;
    copse::for_each_block(backend, 3, 0, [&](auto& b) { b.add_global(sum, 1.0f); });
#elif CASE == 4  // a sum that nobody reads
#pragma GCC diagnostic error "-Wunused-result"
    copse::reduce(backend, 3, 0, [](std::size_t) { return 1; });
#elif CASE == 5  // the calling thread is one job
    copse::sequential const wrong{.n_jobs = 2};
#endif
}
