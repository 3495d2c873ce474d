// SPDX-License-Identifier: BSD-3-Clause
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <tbb/global_control.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define COPSE_TEST_TSAN
#endif
#elif defined(__SANITIZE_THREAD__)
#define COPSE_TEST_TSAN
#endif

int main(int argc, char** argv) {
#if defined(COPSE_TEST_TSAN)
    // The oneTBB that Linux distributions ship is not built for ThreadSanitizer, which cannot see
    // how its threads synchronise and reports every hand-over as a race. So TBB gets one thread
    // here, nothing is suppressed, and races are looked for on the backend of plain threads.
    tbb::global_control const one(tbb::global_control::max_allowed_parallelism, 1);
#endif
    return doctest::Context(argc, argv).run();
}
