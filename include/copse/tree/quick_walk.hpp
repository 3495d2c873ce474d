// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// From the root to the leaf for many rows of floats at once: in plain steps, and with AVX-512.
///
///     quick_walk(nodes, x, first_row, view<std::uint32_t>(leaves));
///
/// A walk is a chain of loads, each waiting for the last; walks taken together wait together.

#include <copse/core/config.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/simd.hpp>
#include <copse/core/view.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace copse::detail {

/// A node in 8 bytes. A leaf is its own left child and sends every row there, so a walk may go on
/// after its end.
struct quick_node {
    static constexpr std::uint32_t feature_bits = 10;
    static constexpr std::size_t most_features = std::size_t{1} << feature_bits;
    static constexpr std::size_t most_nodes = std::size_t{1} << (31 - feature_bits);

    float threshold;
    std::uint32_t word;  // the left child, the feature, and whether missing values go left

    [[nodiscard]] COPSE_FN std::uint32_t left() const noexcept {
        return word >> (feature_bits + 1);
    }
    [[nodiscard]] COPSE_FN std::uint32_t feature() const noexcept {
        return word >> 1 & static_cast<std::uint32_t>(most_features - 1);
    }
    /// Where a row with this value of feature() goes: of a leaf, nowhere.
    [[nodiscard]] COPSE_FN std::uint32_t next(float value) const noexcept {
        auto const below = static_cast<unsigned>(value <= threshold);
        auto const missing = static_cast<unsigned>(value != value);
        return left() + (1u - (below | (missing & word)));
    }
};

/// The greatest float that is not above: no float lies between the two, so comparing floats with
/// either is the same.
[[nodiscard]] inline float float_at_most(double threshold) noexcept {
    auto const nearest = static_cast<float>(threshold);
    return static_cast<double>(nearest) <= threshold
               ? nearest
               : std::nextafter(nearest, -std::numeric_limits<float>::infinity());
}

/// The leaves that rows first, first + 1, ... reach, as many as `out` has places. `level` chooses
/// how; the leaves are the same.
void quick_walk(quick_node const* nodes, matrix_view<float const> x, std::size_t first,
                view<std::uint32_t> out, simd level = best_simd()) noexcept;

// ------------------------------------------------------------------ implementation below

namespace twin {

/// Every pass moves each unfinished walk some steps and closes up the list. Which way a row goes
/// and where it stops are what a branch predictor cannot know, so neither is a branch.
inline void quick_walk(quick_node const* nodes, matrix_view<float const> x, std::size_t first,
                       view<std::uint32_t> out) noexcept {
    constexpr std::size_t walks = 64;  // taken together, so that their cache misses overlap
    constexpr int steps = 3;           // between two looks at which of them are done
    auto const stride = x.col_stride();
    for (std::size_t begin = 0; begin < out.size(); begin += walks) {
        std::uint32_t at[walks] = {};
        std::uint32_t who[walks];
        float const* row[walks];
        auto n = std::min(walks, out.size() - begin);
        for (std::size_t k = 0; k < n; ++k) {
            who[k] = static_cast<std::uint32_t>(begin + k);
            row[k] = x.row(first + begin + k);
        }
        while (n > 0) {
            for (int step = 0; step < steps; ++step) {
                for (std::size_t k = 0; k < n; ++k) {
                    auto const here = nodes[at[k]];
                    at[k] = here.next(row[k][static_cast<std::ptrdiff_t>(here.feature()) * stride]);
                }
            }
            std::size_t unfinished = 0;
            for (std::size_t k = 0; k < n; ++k) {
                out[who[k]] = at[k];
                bool const leaf = nodes[at[k]].left() == at[k];
                at[unfinished] = at[k];
                who[unfinished] = who[k];
                row[unfinished] = row[k];
                unfinished += leaf ? 0 : 1;
            }
            n = unfinished;
        }
    }
}

}  // namespace twin

#if defined(COPSE_SIMD_X86)

/// One step of the walks in `used`: from `node` to where they go. Returns those that stayed, being
/// at a leaf. `first` is where each one's row begins.
///
/// The mask is never known to be full: with such a one gcc has a gather wait for what was in its
/// register before. Intrinsics without a mask make it warn of values that are not set.
[[COPSE_AVX512, gnu::always_inline]] inline __mmask16 quick_step_avx512(quick_node const* nodes,
                                                                        float const* values,
                                                                        __mmask16 used,
                                                                        __m512i first,
                                                                        __m512i& node) noexcept {
    constexpr __mmask8 all_8 = 0xff;
    constexpr __mmask16 all = 0xffff;
    auto const zero = _mm512_setzero_si512();
    auto const one = _mm512_set1_epi32(1);
    auto const even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    auto const odd = _mm512_add_epi32(even, one);
    auto const low = _mm512_mask_i32gather_epi64(zero, static_cast<__mmask8>(used),
                                                 _mm512_maskz_extracti64x4_epi64(all_8, node, 0),
                                                 nodes, sizeof *nodes);
    auto const high = _mm512_mask_i32gather_epi64(zero, static_cast<__mmask8>(used >> 8),
                                                  _mm512_maskz_extracti64x4_epi64(all_8, node, 1),
                                                  nodes, sizeof *nodes);
    auto const threshold = _mm512_castsi512_ps(_mm512_permutex2var_epi32(low, even, high));
    auto const word = _mm512_permutex2var_epi32(low, odd, high);
    auto const feature = _mm512_and_epi32(_mm512_maskz_srli_epi32(all, word, 1),
                                          _mm512_set1_epi32(quick_node::most_features - 1));
    auto const value = _mm512_mask_i32gather_ps(
        _mm512_castsi512_ps(zero), used, _mm512_add_epi32(first, feature), values, sizeof *values);
    auto const above = _mm512_cmp_ps_mask(value, threshold, _CMP_NLE_UQ);
    auto const missing = _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q);
    auto const missing_left = _kand_mask16(missing, _mm512_test_epi32_mask(word, one));
    auto const left = _mm512_maskz_srli_epi32(all, word, quick_node::feature_bits + 1);
    auto const next = _mm512_mask_add_epi32(left, _kandn_mask16(missing_left, above), left, one);
    auto const stayed = _mm512_cmpeq_epi32_mask(next, node);
    node = next;
    return stayed;
}

/// The twin's walks, 16 in a vector and four vectors in turn: while one's nodes and values are
/// gathered, the others' are asked for. Row i is at rows + i * row_stride, its values side by side.
/// (Trees of 31 leaves in cache: 11 ns a walk before, 3.9 so; of 30,000 leaves 25, and 9.6.)
[[COPSE_AVX512]] inline void quick_walk_avx512(quick_node const* nodes, float const* rows,
                                               int row_stride, view<std::uint32_t> out) noexcept {
    constexpr std::size_t lanes = 16;
    constexpr std::size_t vectors = 4;
    constexpr std::size_t walks = 1024;  // in the list, which shrinks until few vectors are left
    constexpr int steps = 2;
    alignas(64) std::uint32_t at[walks];
    alignas(64) std::uint32_t who[walks];
    for (std::size_t begin = 0; begin < out.size(); begin += walks) {
        auto n = std::min(walks, out.size() - begin);
        for (std::size_t k = 0; k < n; ++k) {
            at[k] = 0;
            who[k] = static_cast<std::uint32_t>(begin + k);
        }
        while (n > 0) {
            std::size_t unfinished = 0;
            for (std::size_t k = 0; k < n; k += lanes * vectors) {
                __m512i node[vectors];
                __m512i row[vectors];
                __m512i first[vectors];
                __mmask16 used[vectors];
                __mmask16 over[vectors];
                for (std::size_t v = 0; v < vectors; ++v) {
                    auto const from = k + v * lanes;
                    auto const count = from < n ? std::min(lanes, n - from) : 0;
                    used[v] = static_cast<__mmask16>((1u << count) - 1);
                    node[v] = _mm512_maskz_load_epi32(used[v], at + from);
                    row[v] = _mm512_maskz_load_epi32(used[v], who + from);
                    first[v] = _mm512_mullo_epi32(row[v], _mm512_set1_epi32(row_stride));
                }
                for (int step = 0; step < steps; ++step) {
                    for (std::size_t v = 0; v < vectors; ++v)
                        over[v] = quick_step_avx512(nodes, rows, used[v], first[v], node[v]);
                }
                for (std::size_t v = 0; v < vectors; ++v) {
                    auto const rest = _kandn_mask16(over[v], used[v]);
                    _mm512_mask_i32scatter_epi32(out.data(), _kand_mask16(over[v], used[v]), row[v],
                                                 node[v], sizeof *at);
                    // What lies behind the list's end was read before: nothing is lost there.
                    _mm512_storeu_si512(at + unfinished,
                                        _mm512_maskz_compress_epi32(rest, node[v]));
                    _mm512_storeu_si512(who + unfinished,
                                        _mm512_maskz_compress_epi32(rest, row[v]));
                    unfinished += static_cast<std::size_t>(__builtin_popcount(rest));
                }
            }
            n = unfinished;
        }
    }
}

#endif

inline void quick_walk(quick_node const* nodes, matrix_view<float const> x, std::size_t first,
                       view<std::uint32_t> out, [[maybe_unused]] simd level) noexcept {
#if defined(COPSE_SIMD_X86)
    // Places of values are 32 bits wide there.
    constexpr auto most = std::numeric_limits<std::int32_t>::max() - quick_node::most_features;
    auto const stride = static_cast<std::size_t>(std::abs(x.row_stride()));
    if (level == simd::avx512 && x.col_stride() == 1 && stride * out.size() <= most) {
        quick_walk_avx512(nodes, x.row(first), static_cast<int>(x.row_stride()), out);
        return;
    }
#endif
    twin::quick_walk(nodes, x, first, out);
}

}  // namespace copse::detail
