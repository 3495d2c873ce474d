// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Which vector instructions the machine has. Programs are built for the oldest machine they run
/// on, rivals' packages too, so kernels that exist for several instruction sets are chosen when the
/// program runs:
///
///     if (best_simd() == simd::avx512) ...
///
/// COPSE_SIMD_X86 is defined where a function can be compiled for an instruction set of its own;
/// there [[COPSE_AVX512]] and [[COPSE_AVX2]] are such functions' attributes, and the intrinsics are
/// declared. A function that is [[COPSE_IN_EVERY_TARGET]] is compiled into each that calls it, for
/// the caller's instruction set.

// nvcc's host pass does not know targets; code that it compiles has the least set, and the same
// bits. So has what is compiled with -DCOPSE_NO_SIMD.
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(__CUDACC__) && \
    !defined(COPSE_NO_SIMD)
#define COPSE_SIMD_X86
#define COPSE_AVX2 gnu::target("avx2")
#define COPSE_AVX512 gnu::target("avx512f,avx512vl,avx512dq,avx512bw")
#include <immintrin.h>
#endif

#if defined(__GNUC__)
#define COPSE_IN_EVERY_TARGET gnu::always_inline
#else
#define COPSE_IN_EVERY_TARGET
#endif

namespace copse::detail {

/// The instruction sets, from the least: the build's own, AVX2, and AVX-512 with its F, VL, DQ and
/// BW parts.
enum class simd { least, avx2, avx512 };

/// The best that this machine and this build have.
[[nodiscard]] inline simd best_simd() noexcept {
#if defined(COPSE_SIMD_X86)
    static simd const best = [] {
        bool const has_512 =
            __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
        if (has_512) return simd::avx512;
        return __builtin_cpu_supports("avx2") ? simd::avx2 : simd::least;
    }();
    return best;
#else
    return simd::least;
#endif
}

}  // namespace copse::detail
