// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The four inner loops of every linear model: blocks of rows times the weights of several classes,
/// and back. Rows are dense (float or double) or compressed (float).
///
///     dense_dots   z[k][i] = x[i] . w[k]          csr_dots   the same, classes in lanes
///     dense_add    g[k] += sum_i r[k][i] x[i]     csr_add    the same, classes in lanes
///
/// Programs are built for the oldest machine they run on, rivals' packages too, so the instruction
/// set is chosen when the program runs: SSE2, AVX2 or AVX-512 on x86, the compiler's default
/// elsewhere. All of them, and the plain loops in `twin`, give the same bits; the twins say in
/// which order sums are taken.

#include <copse/core/config.hpp>
#include <copse/core/simd.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace copse::detail {

/// Dense rows: `cols` is a multiple of 64 bytes, what is added to the data being 0.
template <class T>
struct dense_rows {
    T const* first;
    std::size_t rows, cols, stride;
};

/// Compressed rows: offsets[0] to offsets[rows].
struct csr_rows {
    std::size_t const* offsets;
    std::uint32_t const* indices;
    float const* values;
    std::size_t rows;
};

/// Elements in 64 bytes: a dot product has as many partial sums.
template <class T>
inline constexpr std::size_t padding_of = 64 / sizeof(T);

/// n as a multiple of that.
template <class T>
[[nodiscard]] constexpr std::size_t padded(std::size_t n) noexcept {
    return (n + padding_of<T> - 1) / padding_of<T> * padding_of<T>;
}

/// The kernels of one instruction set.
template <class T>
struct dense_kernels {
    /// z[k * z_stride + i] = x[i] . w[k], where w[k] begins at w + k * x.cols.
    void (*dots)(dense_rows<T> x, T const* w, std::size_t n_classes, T* z,
                 std::size_t z_stride) noexcept;
    /// g[k] += sum over i of r[k * r_stride + i] x[i], where g[k] begins at g + k * x.cols.
    void (*add)(dense_rows<T> x, T const* r, std::size_t r_stride, std::size_t n_classes,
                T* g) noexcept;
};
struct csr_kernels {
    /// z[i * lanes + k] = x[i] . w[k], where w[k][j] is w[j * lanes + k].
    void (*dots)(csr_rows x, float const* w, float* z) noexcept;
    /// g[j * lanes + k] += sum over i of r[i * lanes + k] x[i][j].
    void (*add)(csr_rows x, float const* r, float* g) noexcept;
};

/// How many classes the lanes of a compressed row can hold.
inline constexpr std::size_t lane_counts[] = {1, 4, 8, 16};
inline constexpr std::size_t most_lanes = 16;

template <class T>
[[nodiscard]] dense_kernels<T> dense_kernels_of(simd level) noexcept;
/// `lanes` is one of lane_counts.
[[nodiscard]] csr_kernels csr_kernels_of(simd level, std::size_t lanes) noexcept;

/// What the kernels compute, in plain loops.
namespace twin {

template <class T>
[[nodiscard]] T dot(T const* a, T const* b, std::size_t n) noexcept {
    constexpr auto width = padding_of<T>;
    T sum[width] = {};
    for (std::size_t j = 0; j < n; j += width) {
        for (std::size_t l = 0; l < width; ++l) sum[l] += a[j + l] * b[j + l];
    }
    for (auto half = width / 2; half > 0; half /= 2) {
        for (std::size_t l = 0; l < half; ++l) sum[l] += sum[l + half];
    }
    return sum[0];
}

template <class T>
void dense_dots(dense_rows<T> x, T const* w, std::size_t n_classes, T* z, std::size_t z_stride) {
    for (std::size_t k = 0; k < n_classes; ++k) {
        for (std::size_t i = 0; i < x.rows; ++i)
            z[k * z_stride + i] = dot(x.first + i * x.stride, w + k * x.cols, x.cols);
    }
}

template <class T>
void dense_add(dense_rows<T> x, T const* r, std::size_t r_stride, std::size_t n_classes, T* g) {
    for (std::size_t k = 0; k < n_classes; ++k) {
        for (std::size_t i = 0; i < x.rows; ++i) {
            for (std::size_t j = 0; j < x.cols; ++j)
                g[k * x.cols + j] += x.first[i * x.stride + j] * r[k * r_stride + i];
        }
    }
}

inline void csr_dots(csr_rows x, float const* w, std::size_t lanes, float* z) {
    for (std::size_t i = 0; i < x.rows; ++i) {
        for (std::size_t k = 0; k < lanes; ++k) {
            float sum[2] = {};
            for (auto s = x.offsets[i]; s < x.offsets[i + 1]; ++s)
                sum[(s - x.offsets[i]) % 2] += w[x.indices[s] * lanes + k] * x.values[s];
            z[i * lanes + k] = sum[0] + sum[1];
        }
    }
}

inline void csr_add(csr_rows x, float const* r, std::size_t lanes, float* g) {
    for (std::size_t i = 0; i < x.rows; ++i) {
        for (auto s = x.offsets[i]; s < x.offsets[i + 1]; ++s) {
            for (std::size_t k = 0; k < lanes; ++k)
                g[x.indices[s] * lanes + k] += r[i * lanes + k] * x.values[s];
        }
    }
}

}  // namespace twin
}  // namespace copse::detail

// ------------------------------------------------------------------ implementation below

// A machine's vectors as arguments of functions: all of those are inlined, so the ABI is no matter.
// AVX-512 has fused products even if they are not asked for; clang fuses within statements only.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"
#endif
#if defined(COPSE_SIMD_X86) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("O3,fp-contract=off")
#endif

namespace copse::detail::simd_least {
#define COPSE_SIMD_BYTES 16
#include <copse/linear/kernels_body.hpp>
#undef COPSE_SIMD_BYTES
}  // namespace copse::detail::simd_least

#if defined(COPSE_SIMD_X86)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
namespace copse::detail::simd_avx2 {
#define COPSE_SIMD_BYTES 32
#include <copse/linear/kernels_body.hpp>
#undef COPSE_SIMD_BYTES
}  // namespace copse::detail::simd_avx2
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw"))), \
                             apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,prefer-vector-width=512")
#endif
namespace copse::detail::simd_avx512 {
#define COPSE_SIMD_BYTES 64
#include <copse/linear/kernels_body.hpp>
#undef COPSE_SIMD_BYTES
}  // namespace copse::detail::simd_avx512
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

#if defined(COPSE_SIMD_X86) && !defined(__clang__)
#pragma GCC pop_options
#endif
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

namespace copse::detail {

template <class T>
dense_kernels<T> dense_kernels_of([[maybe_unused]] simd level) noexcept {
#if defined(COPSE_SIMD_X86)
    if (level == simd::avx512) return {simd_avx512::dense_dots<T>, simd_avx512::dense_add<T>};
    if (level == simd::avx2) return {simd_avx2::dense_dots<T>, simd_avx2::dense_add<T>};
#endif
    return {simd_least::dense_dots<T>, simd_least::dense_add<T>};
}

template <std::size_t Lanes>
[[nodiscard]] csr_kernels csr_kernels_for([[maybe_unused]] simd level) noexcept {
#if defined(COPSE_SIMD_X86)
    if (level == simd::avx512) return {simd_avx512::csr_dots<Lanes>, simd_avx512::csr_add<Lanes>};
    if (level == simd::avx2) return {simd_avx2::csr_dots<Lanes>, simd_avx2::csr_add<Lanes>};
#endif
    return {simd_least::csr_dots<Lanes>, simd_least::csr_add<Lanes>};
}

inline csr_kernels csr_kernels_of(simd level, std::size_t lanes) noexcept {
    switch (lanes) {
        case 1:
            return csr_kernels_for<1>(level);
        case 4:
            return csr_kernels_for<4>(level);
        case 8:
            return csr_kernels_for<8>(level);
        default:
            COPSE_ASSERT(lanes == most_lanes);
            return csr_kernels_for<most_lanes>(level);
    }
}

}  // namespace copse::detail
