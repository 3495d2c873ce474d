// SPDX-License-Identifier: BSD-3-Clause

/// The kernels of kernels.hpp for one instruction set. kernels.hpp includes this once for each, in
/// a namespace and under a compiler target of its own; opened by itself it is kernels.hpp.
///
/// Vectors are the compilers' own (vector_size), COPSE_SIMD_BYTES wide. No sum depends on that
/// width: a dot product has 64 bytes of partial sums whatever the registers hold, every other sum
/// is taken row by row. Products are not fused into additions (the targets leave out FMA), so all
/// instruction sets, and the twins in kernels.hpp, give the same bits.

#if !defined(COPSE_SIMD_BYTES)
#include <copse/linear/kernels.hpp>
#else

template <class T, std::size_t Bytes>
struct vector_of {
    typedef T type __attribute__((vector_size(Bytes)));
};
template <class T, std::size_t Bytes = COPSE_SIMD_BYTES>
using vec = typename vector_of<T, Bytes>::type;

template <class V, class T>
[[gnu::always_inline]] inline V load(T const* from) noexcept {
    V v;
    __builtin_memcpy(&v, from, sizeof(V));
    return v;
}
template <class V, class T>
[[gnu::always_inline]] inline void store(T* to, V const& v) noexcept {
    __builtin_memcpy(to, &v, sizeof(V));
}

/// The sum of 64 bytes of partial sums: lane i with lane i + n/2, halving n until one is left.
template <class T, std::size_t Parts>
[[gnu::always_inline]] inline T sum_of(vec<T> const (&part)[Parts]) noexcept {
    if constexpr (Parts > 1) {
        vec<T> half[Parts / 2];
        for (std::size_t p = 0; p < Parts / 2; ++p) half[p] = part[p] + part[p + Parts / 2];
        return sum_of<T, Parts / 2>(half);
    } else {
        constexpr std::size_t n = COPSE_SIMD_BYTES / sizeof(T);
        T lane[n];
        store(lane, part[0]);
        // Halves as vectors while they are any: extracting lanes one by one costs more than the
        // products of a short row.
        if constexpr (COPSE_SIMD_BYTES == 64) {
            auto const a = load<vec<T, 32>>(lane) + load<vec<T, 32>>(lane + n / 2);
            store(lane, a);
        }
        if constexpr (COPSE_SIMD_BYTES >= 32) {
            constexpr std::size_t quarter = 16 / sizeof(T);
            auto const a = load<vec<T, 16>>(lane) + load<vec<T, 16>>(lane + quarter);
            store(lane, a);
        }
        if constexpr (sizeof(T) == 4) {
            return (lane[0] + lane[2]) + (lane[1] + lane[3]);
        } else {
            return lane[0] + lane[1];
        }
    }
}

/// z of Rows rows and Classes classes: their dot products over d, a multiple of 64 bytes.
template <class T, std::size_t Rows, std::size_t Classes>
void dot_tile(T const* x, std::size_t x_stride, T const* w, std::size_t w_stride, std::size_t d,
              T* z, std::size_t z_stride) noexcept {
    constexpr std::size_t n = COPSE_SIMD_BYTES / sizeof(T);
    constexpr std::size_t parts = 64 / COPSE_SIMD_BYTES;
    vec<T> sum[Rows][Classes][parts] = {};
    for (std::size_t j = 0; j < d; j += n * parts) {
        vec<T> row[Rows][parts];
        for (std::size_t r = 0; r < Rows; ++r) {
            for (std::size_t p = 0; p < parts; ++p)
                row[r][p] = load<vec<T>>(x + r * x_stride + j + p * n);
        }
        for (std::size_t c = 0; c < Classes; ++c) {
            for (std::size_t p = 0; p < parts; ++p) {
                auto const weight = load<vec<T>>(w + c * w_stride + j + p * n);
                for (std::size_t r = 0; r < Rows; ++r) {
                    auto const product = row[r][p] * weight;
                    sum[r][c][p] += product;
                }
            }
        }
    }
    for (std::size_t c = 0; c < Classes; ++c) {
        for (std::size_t r = 0; r < Rows; ++r) z[c * z_stride + r] = sum_of<T, parts>(sum[r][c]);
    }
}

/// g of Classes classes and Wide registers of columns: what the rows add to it, in their order.
template <class T, std::size_t Wide, std::size_t Classes>
void add_tile(T const* x, std::size_t x_stride, std::size_t n_rows, T const* r,
              std::size_t r_stride, T* g, std::size_t g_stride) noexcept {
    constexpr std::size_t n = COPSE_SIMD_BYTES / sizeof(T);
    vec<T> sum[Classes][Wide];
    for (std::size_t c = 0; c < Classes; ++c) {
        for (std::size_t v = 0; v < Wide; ++v) sum[c][v] = load<vec<T>>(g + c * g_stride + v * n);
    }
    for (std::size_t i = 0; i < n_rows; ++i) {
        vec<T> row[Wide];
        for (std::size_t v = 0; v < Wide; ++v) {
            row[v] = load<vec<T>>(x + i * x_stride + v * n);
            // These columns of the next block, which dots will read: it is bound by memory.
            __builtin_prefetch(x + (i + n_rows) * x_stride + v * n, 0, 2);
        }
        for (std::size_t c = 0; c < Classes; ++c) {
            auto const factor = r[c * r_stride + i];
            for (std::size_t v = 0; v < Wide; ++v) {
                auto const product = row[v] * factor;
                sum[c][v] += product;
            }
        }
    }
    for (std::size_t c = 0; c < Classes; ++c) {
        for (std::size_t v = 0; v < Wide; ++v) store(g + c * g_stride + v * n, sum[c][v]);
    }
}

/// f(std::integral_constant<std::size_t, m>) with m = n, 1 <= n <= Most.
template <std::size_t Most, class F>
[[gnu::always_inline]] inline void with_constant(std::size_t n, F const& f) noexcept {
    if constexpr (Most > 0) {
        if (n == Most) return f(std::integral_constant<std::size_t, Most>{});
        with_constant<Most - 1>(n, f);
    }
}

// What fits in the registers: 32 of 64 bytes, otherwise 16.
inline constexpr std::size_t tile_rows = COPSE_SIMD_BYTES == 64   ? 4
                                         : COPSE_SIMD_BYTES == 32 ? 2
                                                                  : 1;
inline constexpr std::size_t tile_classes = COPSE_SIMD_BYTES == 64 ? 5 : 2;
inline constexpr std::size_t tile_wide = 4;

/// Tiles of classes as equal as can be: 12 are 4 + 4 + 4, not 5 + 5 + 2.
template <class F>
[[gnu::always_inline]] inline void for_class_tiles(std::size_t n_classes, F const& f) noexcept {
    auto const n_tiles = (n_classes + tile_classes - 1) / tile_classes;
    for (std::size_t t = 0, first = 0; t < n_tiles; ++t) {
        auto const last = (t + 1) * n_classes / n_tiles;
        f(first, last - first);
        first = last;
    }
}

template <class T>
void dense_dots(dense_rows<T> x, T const* w, std::size_t n_classes, T* z,
                std::size_t z_stride) noexcept {
    auto const tiles = [&](auto rows, std::size_t i) {
        for_class_tiles(n_classes, [&](std::size_t k, std::size_t count) {
            with_constant<tile_classes>(count, [&](auto classes) {
                dot_tile<T, decltype(rows)::value, decltype(classes)::value>(
                    x.first + i * x.stride, x.stride, w + k * x.cols, x.cols, x.cols,
                    z + k * z_stride + i, z_stride);
            });
        });
    };
    std::size_t i = 0;
    for (; i + tile_rows <= x.rows; i += tile_rows)
        tiles(std::integral_constant<std::size_t, tile_rows>{}, i);
    for (; i < x.rows; ++i) tiles(std::integral_constant<std::size_t, 1>{}, i);
}

template <class T>
void dense_add(dense_rows<T> x, T const* r, std::size_t r_stride, std::size_t n_classes,
               T* g) noexcept {
    constexpr std::size_t n = COPSE_SIMD_BYTES / sizeof(T);
    auto const tiles = [&](auto wide, std::size_t j) {
        for_class_tiles(n_classes, [&](std::size_t k, std::size_t count) {
            with_constant<tile_classes>(count, [&](auto classes) {
                add_tile<T, decltype(wide)::value, decltype(classes)::value>(
                    x.first + j, x.stride, x.rows, r + k * r_stride, r_stride, g + k * x.cols + j,
                    x.cols);
            });
        });
    };
    std::size_t j = 0;
    for (; j + tile_wide * n <= x.cols; j += tile_wide * n)
        tiles(std::integral_constant<std::size_t, tile_wide>{}, j);
    for (; j < x.cols; j += n) tiles(std::integral_constant<std::size_t, 1>{}, j);
}

/// A row of Lanes floats in registers.
template <std::size_t Lanes>
struct lane_row {
    static constexpr std::size_t bytes =
        Lanes * sizeof(float) < COPSE_SIMD_BYTES ? Lanes * sizeof(float) : COPSE_SIMD_BYTES;
    static constexpr std::size_t n = bytes / sizeof(float);
    static constexpr std::size_t parts = Lanes / n;
    vec<float, bytes> part[parts];

    [[gnu::always_inline]] static lane_row zero() noexcept { return {}; }
    [[gnu::always_inline]] static lane_row at(float const* from) noexcept {
        lane_row out;
        for (std::size_t p = 0; p < parts; ++p) out.part[p] = load<vec<float, bytes>>(from + p * n);
        return out;
    }
    [[gnu::always_inline]] void to(float* out) const noexcept {
        for (std::size_t p = 0; p < parts; ++p) store(out + p * n, part[p]);
    }
    [[gnu::always_inline]] void add(lane_row const& other, float factor) noexcept {
        for (std::size_t p = 0; p < parts; ++p) {
            auto const product = other.part[p] * factor;
            part[p] += product;
        }
    }
    [[gnu::always_inline]] void add(lane_row const& other) noexcept {
        for (std::size_t p = 0; p < parts; ++p) part[p] += other.part[p];
    }
};
template <>
struct lane_row<1> {
    float part;

    [[gnu::always_inline]] static lane_row zero() noexcept { return {0}; }
    [[gnu::always_inline]] static lane_row at(float const* from) noexcept { return {*from}; }
    [[gnu::always_inline]] void to(float* out) const noexcept { *out = part; }
    [[gnu::always_inline]] void add(lane_row const& other, float factor) noexcept {
        float const product = other.part * factor;
        part += product;
    }
    [[gnu::always_inline]] void add(lane_row const& other) noexcept { part += other.part; }
};

template <std::size_t Lanes>
void csr_dots(csr_rows x, float const* w, float* z) noexcept {
    using lanes = lane_row<Lanes>;
    for (std::size_t i = 0; i < x.rows; ++i) {
        // Two sums, of the elements at even and at odd places, hide the latency of one.
        auto even = lanes::zero();
        auto odd = lanes::zero();
        auto k = x.offsets[i];
        auto const last = x.offsets[i + 1];
        for (; k + 2 <= last; k += 2) {
            even.add(lanes::at(w + x.indices[k] * Lanes), x.values[k]);
            odd.add(lanes::at(w + x.indices[k + 1] * Lanes), x.values[k + 1]);
        }
        if (k < last) even.add(lanes::at(w + x.indices[k] * Lanes), x.values[k]);
        even.add(odd);
        even.to(z + i * Lanes);
    }
}

template <std::size_t Lanes>
void csr_add(csr_rows x, float const* r, float* g) noexcept {
    using lanes = lane_row<Lanes>;
    for (std::size_t i = 0; i < x.rows; ++i) {
        auto const factor = lanes::at(r + i * Lanes);
        for (auto k = x.offsets[i]; k < x.offsets[i + 1]; ++k) {
            auto sum = lanes::at(g + x.indices[k] * Lanes);
            sum.add(factor, x.values[k]);
            sum.to(g + x.indices[k] * Lanes);
        }
    }
}

#endif
