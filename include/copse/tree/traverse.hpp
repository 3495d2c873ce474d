// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The leaves that many rows reach, or one row in many trees. A walk from root to leaf is a chain
/// of cache misses; taking many walks one step at a time lets the misses overlap.
///
///     leaves_of(tree, x, first_row, view<std::uint32_t>(leaves));

#include <copse/core/simd.hpp>
#include <copse/core/view.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace copse::detail {

/// Walks taken together: enough to hide a miss, few enough that their state stays in registers'
/// reach, the first-level cache.
inline constexpr std::size_t walks_at_once = 64;

/// Takes n <= walks_at_once walks at the same time; walk k goes down nodes_of(k) with the features
/// at row_of(k), and out[k] becomes its leaf. No split may be categorical.
///
/// Every pass moves each unfinished walk one level and closes up the list. Neither has a branch:
/// which way a row goes and where it stops are what a branch predictor cannot know.
template <class T, class NodesOf, class RowOf>
void walk(std::size_t n, std::ptrdiff_t stride, NodesOf const& nodes_of, RowOf const& row_of,
          std::uint32_t* out) noexcept {
    std::uint32_t at[walks_at_once];
    std::uint32_t who[walks_at_once];
    for (std::size_t k = 0; k < n; ++k) {
        at[k] = 0;
        who[k] = static_cast<std::uint32_t>(k);
    }
    while (n > 0) {
        std::size_t unfinished = 0;
        for (std::size_t k = 0; k < n; ++k) {
            auto const i = who[k];
            node const& here = nodes_of(i)[at[k]];
            bool const leaf = here.is_leaf();
            auto const feature = static_cast<std::ptrdiff_t>(leaf ? 0u : here.feature());
            T const* const row = row_of(i);
            auto const value = static_cast<double>(row[feature * stride]);
            // As integers, because clang takes bools joined by | for a slip of the pen.
            auto const below = static_cast<unsigned>(value <= here.threshold());
            auto const missing = static_cast<unsigned>(value != value);
            auto const left = below | (static_cast<unsigned>(here.missing_goes_left()) & missing);
            out[i] = at[k];
            at[unfinished] = here.left() + (1u - left);
            who[unfinished] = i;
            unfinished += leaf ? 0 : 1;
        }
        n = unfinished;
    }
}

/// The leaves that rows first, first + 1, ... reach, as many as `out` has places.
template <class T>
void leaves_of(tree const& tree, matrix_view<T const> x, std::size_t first,
               view<std::uint32_t> out) {
    auto const stride = x.col_stride();
    if (!tree.category_words().empty()) {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = tree.leaf_of(x.row(first + i), stride);
        return;
    }
    auto const* const nodes = tree.nodes().data();
    for (std::size_t i = 0; i < out.size(); i += walks_at_once) {
        auto const* const rows = x.row(first + i);
        walk<T>(
            std::min(walks_at_once, out.size() - i), stride, [&](std::size_t) { return nodes; },
            [&](std::size_t k) { return rows + static_cast<std::ptrdiff_t>(k) * x.row_stride(); },
            out.data() + i);
    }
}

#if defined(COPSE_SIMD_X86)

/// One step of the walks in `used`, eight of one row in as many trees, from nodes `at` to where
/// they go. Returns those that are at a leaf and stay. `nodes` are the trees' roots; no split may
/// be categorical.
template <class T>
[[COPSE_AVX512, gnu::always_inline]] inline __mmask8 step_avx512(T const* row, __mmask8 used,
                                                                 __m512i nodes,
                                                                 __m512i& at) noexcept {
    static_assert(sizeof(node) == 16 && (std::same_as<T, float> || std::same_as<T, double>));
    constexpr __mmask8 all = 0xff;  // without a mask gcc warns of values that are not set
    auto const zero = _mm512_setzero_si512();
    auto const feature_mask = _mm512_set1_epi64(node::no_feature);
    // A node is its threshold, its left child and its feature.
    auto const here = _mm512_add_epi64(nodes, _mm512_maskz_slli_epi64(all, at, 4));
    auto const links = _mm512_mask_i64gather_epi64(
        zero, used, _mm512_add_epi64(here, _mm512_set1_epi64(8)), nullptr, 1);
    auto const threshold =
        _mm512_mask_i64gather_pd(_mm512_castsi512_pd(zero), used, here, nullptr, 1);
    auto const word = _mm512_maskz_srli_epi64(all, links, 32);
    auto const feature = _mm512_and_epi64(word, feature_mask);
    auto const goes = _mm512_mask_cmpneq_epi64_mask(used, feature, feature_mask);
    __m512d value;
    if constexpr (std::same_as<T, float>) {
        value = _mm512_maskz_cvtps_pd(
            all, _mm512_mask_i64gather_ps(_mm256_setzero_ps(), goes, feature, row, sizeof(T)));
    } else {
        value = _mm512_mask_i64gather_pd(_mm512_castsi512_pd(zero), goes, feature, row, sizeof(T));
    }
    auto const above = _mm512_cmp_pd_mask(value, threshold, _CMP_NLE_UQ);
    auto const missing = _mm512_cmp_pd_mask(value, value, _CMP_UNORD_Q);
    auto const missing_left = _kand_mask8(
        missing, _mm512_test_epi64_mask(word, _mm512_set1_epi64(node::missing_left_bit)));
    auto const left = _mm512_and_epi64(links, _mm512_set1_epi64(0xffffffff));
    auto const next =
        _mm512_mask_add_epi64(left, _kandn_mask8(missing_left, above), left, _mm512_set1_epi64(1));
    at = _mm512_mask_mov_epi64(at, goes, next);
    return _kandn_mask8(goes, used);
}

/// The walks of one row down n <= walks_at_once trees, eight in a vector; its values lie side by
/// side. (100 trees of 31 leaves: 3.6 us before, 1.0 so.)
template <class T>
[[COPSE_AVX512]] void walk_trees_avx512(node const* const* trees, std::size_t n, T const* row,
                                        std::uint32_t* out) noexcept {
    constexpr std::size_t lanes = 8;
    constexpr std::size_t vectors = walks_at_once / lanes;
    auto const used = [&](std::size_t v) {
        return static_cast<__mmask8>((1u << std::min(lanes, n - v * lanes)) - 1);
    };
    __m512i at[vectors];
    auto const n_vectors = (n + lanes - 1) / lanes;
    for (std::size_t v = 0; v < n_vectors; ++v) at[v] = _mm512_setzero_si512();
    for (bool all_stay = false; !all_stay;) {
        all_stay = true;
        for (std::size_t v = 0; v < n_vectors; ++v) {
            auto const nodes = _mm512_maskz_loadu_epi64(used(v), trees + v * lanes);
            all_stay &= step_avx512(row, used(v), nodes, at[v]) == used(v);
        }
    }
    for (std::size_t v = 0; v < n_vectors; ++v)
        _mm512_mask_cvtepi64_storeu_epi32(out + v * lanes, used(v), at[v]);
}

#endif

/// The leaves that one row reaches in trees[0], trees[1], ..., at most walks_at_once of them.
template <class T>
void leaves_of(std::span<tree const> trees, T const* row, std::ptrdiff_t stride,
               view<std::uint32_t> out, [[maybe_unused]] simd level = best_simd()) {
    node const* nodes[walks_at_once];
    bool numeric = true;
    for (std::size_t k = 0; k < trees.size(); ++k) {
        nodes[k] = trees[k].nodes().data();
        numeric = numeric && trees[k].category_words().empty();
    }
#if defined(COPSE_SIMD_X86)
    if (numeric && stride == 1 && level == simd::avx512) {
        walk_trees_avx512(nodes, trees.size(), row, out.data());
        return;
    }
#endif
    if (numeric) {
        walk<T>(
            trees.size(), stride, [&](std::size_t k) { return nodes[k]; },
            [&](std::size_t) { return row; }, out.data());
    } else {
        for (std::size_t k = 0; k < trees.size(); ++k) out[k] = trees[k].leaf_of(row, stride);
    }
}

}  // namespace copse::detail
