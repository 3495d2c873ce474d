// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Every CPU backend of this build, and what tests say about them.
///
///     TEST_CASE_TEMPLATE("a sentence", Backend, COPSE_TEST_BACKENDS) {
///         for (auto const n_jobs : copse::test::job_counts) {
///             auto const backend = copse::test::with_jobs<Backend>(n_jobs);
///             backend.enter([&] { ...; });
///         }
///     }

#include "support/threads.hpp"

#include <copse/par/backend.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>
#if defined(COPSE_TEST_THRUST)
#include <copse/par/thrust.hpp>
#endif

#include <doctest/doctest.h>

#include <cstddef>

#if defined(COPSE_TEST_THRUST) && defined(_OPENMP)
#define COPSE_TEST_BACKENDS                                                                    \
    copse::sequential, copse::test::threads, copse::tbb, copse::thrust_cpp, copse::thrust_tbb, \
        copse::thrust_omp
TYPE_TO_STRING_AS("thrust<omp>", copse::thrust_omp);
#elif defined(COPSE_TEST_THRUST)
#define COPSE_TEST_BACKENDS \
    copse::sequential, copse::test::threads, copse::tbb, copse::thrust_cpp, copse::thrust_tbb
#else
#define COPSE_TEST_BACKENDS copse::sequential, copse::test::threads, copse::tbb
#endif

#if defined(COPSE_TEST_THRUST)
TYPE_TO_STRING_AS("thrust<cpp>", copse::thrust_cpp);
TYPE_TO_STRING_AS("thrust<tbb>", copse::thrust_tbb);
#endif
TYPE_TO_STRING_AS("sequential", copse::sequential);
TYPE_TO_STRING_AS("threads", copse::test::threads);
TYPE_TO_STRING_AS("tbb", copse::tbb);

namespace copse::test {

/// Fewer, as many as, and more than the cores of most machines.
inline constexpr int job_counts[] = {1, 2, 3, 8};

/// Around the sizes where code changes its mind: nothing, one, a word, a vector, a block.
inline constexpr std::size_t sizes[] = {0, 1, 2, 31, 32, 33, 1000, 4095, 4096, 4097, 20000};

/// The backend with that many jobs; sequential stays sequential.
template <backend B>
[[nodiscard]] B with_jobs(int n_jobs) {
    if constexpr (requires { B{n_jobs}; }) {
        return B{n_jobs};
    } else {
        return B{};
    }
}

/// fit(backend) is, for every number of jobs, what it is on the sequential backend.
template <backend B, class Fit>
void check_equal_for_all_jobs(Fit const& fit) {
    auto const expected = fit(sequential{});
    // The support's own files are compiled without doctest's checks.
    for ([[maybe_unused]] auto const n_jobs : job_counts)
        CHECK(fit(with_jobs<B>(n_jobs)) == expected);
}

}  // namespace copse::test
