// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The best cut of a numeric feature's histogram of gradients, where scores are plain: what
/// boosting asks for most.
///
///     plain_cuts<gradient_sums> cuts(formula, total, count_bits, rules);
///     if (cuts.improve(bins, best)) ...              // best.score, best.bin, best.missing_left
///
/// A cut's score is T(Gl)^2 / Hl + T(Gr)^2 / Hr (gradient_tally.hpp). Few cuts are the best so far,
/// and that one is not can be seen without dividing:
///
///     T(Gl)^2 Hr + T(Gr)^2 Hl  <  best Hl Hr
///
/// by more than rounding. The others' scores are then taken as ever, so that the cut chosen is the
/// one that split_search would choose.

#include <copse/core/config.hpp>
#include <copse/core/simd.hpp>
#include <copse/core/view.hpp>
#include <copse/tree/gradient_sums.hpp>
#include <copse/tree/leaf_formula.hpp>
#include <copse/tree/split_search.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace copse::detail {

/// Whether both sides of a cut have as many rows and weigh as much.
[[nodiscard]] COPSE_FN inline bool sides_are_large(gradient_total const& left,
                                                   gradient_total const& right,
                                                   std::uint64_t min_rows,
                                                   std::uint64_t min_weight) noexcept {
    return left.count >= min_rows && right.count >= min_rows && left.hessian >= min_weight &&
           right.hessian >= min_weight;
}

/// What a cut with these sides scores.
[[nodiscard]] COPSE_FN inline double plain_cut_score(leaf_formula const& formula,
                                                     gradient_total const& left,
                                                     gradient_total const& right) noexcept {
    return formula.plain_score(left) + formula.plain_score(right);
}

/// The bin up to which rows go left when `last` is the last occupied bin on the left: half way to
/// the next occupied one of these n, or `top`, the feature's last bin, if there is none.
template <class Sums>
[[nodiscard]] COPSE_FN std::uint32_t cut_half_way(typename Sums::cell const* bins, std::size_t n,
                                                  std::uint32_t last, std::uint32_t top) noexcept {
    auto next = last + 1;
    while (next < n && Sums::empty(bins[next])) ++next;
    return next < n ? (last + next) / 2 : top;
}

template <class Sums>
class plain_cuts {
public:
    using cell = typename Sums::cell;

    /// For a node of these sums. Each side must have as many rows (at least one) and weigh as much.
    plain_cuts(leaf_formula const& formula, cell const& total, int count_bits,
               std::size_t min_samples_leaf, std::uint64_t min_weight_leaf) noexcept
        : formula_(formula),
          total_(total),
          count_bits_(count_bits),
          min_rows_(std::max<std::size_t>(1, min_samples_leaf)),
          min_weight_(min_weight_leaf) {}

    /// Puts the best cut between these bins, of which the first is that of missing rows, into
    /// `best` if its score is above best.score. Of equals the first: with missing rows on the
    /// right, then on the left, and from the lowest bin.
    bool improve(view<cell const> bins, numeric_cut& best,
                 simd level = best_simd()) const noexcept {
        bool found = sweep(bins, false, best, level);
        if (!Sums::empty(bins[0])) found = sweep(bins, true, best, level) || found;
        return found;
    }

private:
    static constexpr double margin = 1 - 1e-12;  // many times what rounding can do

    bool sweep(view<cell const> bins, bool missing_left, numeric_cut& best,
               [[maybe_unused]] simd level) const noexcept {
        cell left{};
        if (missing_left) left = bins[0];
#if defined(COPSE_SIMD_X86)
        if (level == simd::avx512) return sweep_avx512(bins, missing_left, left, best);
#endif
        bool found = false;
        for (std::uint32_t b = 1; b < bins.size(); ++b) {
            if (Sums::empty(bins[b])) continue;
            Sums::add(left, bins[b]);
            if (may_be_above(left, best.score)) found |= keep_if_above(left, b, missing_left, best);
        }
        return found;
    }

    [[nodiscard]] cell right_of(cell const& left) const noexcept {
        cell rest = total_;
        Sums::subtract(rest, left);
        return rest;
    }
    [[nodiscard]] bool may_be_above(cell const& left, double score) const noexcept {
        auto const l = Sums::total_of(left, count_bits_);
        auto const r = Sums::total_of(right_of(left), count_bits_);
        if (!sides_are_large(l, r, min_rows_, min_weight_)) return false;
        auto const gl = formula_.shrunk(l.gradient);
        auto const gr = formula_.shrunk(r.gradient);
        auto const hl = formula_.weight_of(l.hessian);
        auto const hr = formula_.weight_of(r.hessian);
        return !(gl * gl * hr + gr * gr * hl < score * margin * hl * hr);
    }
    bool keep_if_above(cell const& left, std::uint32_t bin, bool missing_left,
                       numeric_cut& best) const noexcept {
        auto const score = plain_cut_score(formula_, Sums::total_of(left, count_bits_),
                                           Sums::total_of(right_of(left), count_bits_));
        if (!(score > best.score)) return false;
        best = {score, bin, missing_left};
        return true;
    }

#if defined(COPSE_SIMD_X86)
    bool sweep_avx512(view<cell const> bins, bool missing_left, cell left,
                      numeric_cut& best) const noexcept;
#endif

    leaf_formula const& formula_;
    cell total_;
    int count_bits_;
    std::uint64_t min_rows_;
    std::uint64_t min_weight_;
};

// ------------------------------------------------------------------ implementation below

#if defined(COPSE_SIMD_X86)

/// Sums of lanes 0 to k in lane k, after what came before them; that goes on in `before`.
[[COPSE_AVX512, gnu::always_inline]] inline __m512i running_avx512(__m512i x,
                                                                   __m512i& before) noexcept {
    constexpr __mmask8 all = 0xff;  // without a mask gcc warns of values that are not set
    auto const zero = _mm512_setzero_si512();
    x = _mm512_add_epi64(x, _mm512_maskz_alignr_epi64(all, x, zero, 7));
    x = _mm512_add_epi64(x, _mm512_maskz_alignr_epi64(all, x, zero, 6));
    x = _mm512_add_epi64(x, _mm512_maskz_alignr_epi64(all, x, zero, 4));
    x = _mm512_add_epi64(x, before);
    before = _mm512_maskz_permutexvar_epi64(all, _mm512_set1_epi64(7), x);
    return x;
}

/// T(g)^2.
[[COPSE_AVX512, gnu::always_inline]] inline __m512d squared_avx512(__m512i g, __m512d l1) noexcept {
    constexpr __mmask8 all = 0xff;
    auto const size = _mm512_maskz_cvtepi64_pd(all, _mm512_maskz_abs_epi64(all, g));
    auto const shrunk = _mm512_maskz_max_pd(all, _mm512_sub_pd(size, l1), _mm512_setzero_pd());
    return _mm512_mul_pd(shrunk, shrunk);
}

/// Eight cuts at once. (mq2008, 46 features of 255 bins: half of a fit went here before, a sixth of
/// a shorter one now.)
template <class Sums>
[[COPSE_AVX512]] bool plain_cuts<Sums>::sweep_avx512(view<cell const> bins, bool missing_left,
                                                     cell left, numeric_cut& best) const noexcept {
    constexpr __mmask8 all = 0xff;
    constexpr std::size_t lanes = 8;
    constexpr std::size_t words = sizeof(cell) / 8;  // two, or both sums in one
    auto const even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    auto const odd = _mm512_add_epi64(even, _mm512_set1_epi64(1));
    auto const shift = _mm_cvtsi32_si128(count_bits_);
    auto const count_mask =
        _mm512_set1_epi64(static_cast<std::int64_t>((std::uint64_t{1} << count_bits_) - 1));
    auto const least_rows = _mm512_set1_epi64(static_cast<std::int64_t>(min_rows_));
    auto const least_weight = _mm512_set1_epi64(static_cast<std::int64_t>(min_weight_));
    auto const l1 = _mm512_set1_pd(formula_.l1());
    auto const l2 = _mm512_set1_pd(formula_.l2());
    alignas(64) std::int64_t whole[words];
    alignas(64) std::int64_t sums[words][lanes];
    std::memcpy(whole, &left, sizeof left);
    auto before_0 = _mm512_set1_epi64(whole[0]);
    auto before_1 = _mm512_set1_epi64(whole[words - 1]);
    std::memcpy(whole, &total_, sizeof total_);
    auto const total_0 = _mm512_set1_epi64(whole[0]);
    auto const total_1 = _mm512_set1_epi64(whole[words - 1]);
    bool found = false;
    for (std::size_t b = 1; b < bins.size(); b += lanes) {
        auto const n = std::min(lanes, bins.size() - b);
        auto const* const from = &bins[b];
        __m512i cell_0;
        __m512i cell_1;
        if constexpr (words == 2) {
            auto const used = (1u << 2 * n) - 1;
            auto const low = _mm512_maskz_loadu_epi64(static_cast<__mmask8>(used), from);
            auto const high = _mm512_maskz_loadu_epi64(static_cast<__mmask8>(used >> 8), from + 4);
            cell_0 = _mm512_permutex2var_epi64(low, even, high);
            cell_1 = _mm512_permutex2var_epi64(low, odd, high);
        } else {
            cell_0 = cell_1 = _mm512_maskz_loadu_epi64(static_cast<__mmask8>((1u << n) - 1), from);
        }
        auto worth = _mm512_test_epi64_mask(cell_1, cell_1);
        auto const left_0 = running_avx512(cell_0, before_0);
        auto const left_1 = words == 2 ? running_avx512(cell_1, before_1) : left_0;
        auto const right_0 = _mm512_sub_epi64(total_0, left_0);
        auto const right_1 = _mm512_sub_epi64(total_1, left_1);
        auto const count_left = _mm512_and_epi64(left_1, count_mask);
        auto const count_right = _mm512_and_epi64(right_1, count_mask);
        worth = _mm512_mask_cmpge_epu64_mask(worth, count_left, least_rows);
        worth = _mm512_mask_cmpge_epu64_mask(worth, count_right, least_rows);
        if (worth == 0) continue;
        __m512i gradient_left = left_0;
        __m512i gradient_right = right_0;
        __m512i hessian_left = count_left;
        __m512i hessian_right = count_right;
        if constexpr (words == 2) {
            hessian_left = _mm512_maskz_srl_epi64(all, left_1, shift);
            hessian_right = _mm512_maskz_srl_epi64(all, right_1, shift);
        } else {
            gradient_left = _mm512_maskz_sra_epi64(all, left_0, shift);
            gradient_right = _mm512_maskz_sra_epi64(all, right_0, shift);
        }
        worth = _mm512_mask_cmpge_epu64_mask(worth, hessian_left, least_weight);
        worth = _mm512_mask_cmpge_epu64_mask(worth, hessian_right, least_weight);
        auto const hl = _mm512_add_pd(_mm512_maskz_cvtepi64_pd(all, hessian_left), l2);
        auto const hr = _mm512_add_pd(_mm512_maskz_cvtepi64_pd(all, hessian_right), l2);
        auto const size = _mm512_add_pd(_mm512_mul_pd(squared_avx512(gradient_left, l1), hr),
                                        _mm512_mul_pd(squared_avx512(gradient_right, l1), hl));
        auto const bar = _mm512_mul_pd(_mm512_mul_pd(_mm512_set1_pd(best.score * margin), hl), hr);
        worth = _mm512_mask_cmp_pd_mask(worth, size, bar, _CMP_NLT_UQ);
        if (worth == 0) continue;
        _mm512_store_si512(sums[0], left_0);
        _mm512_store_si512(sums[words - 1], left_1);
        for (unsigned k = worth; k != 0; k &= k - 1) {
            auto const lane = static_cast<std::size_t>(std::countr_zero(k));
            for (std::size_t w = 0; w < words; ++w) whole[w] = sums[w][lane];
            std::memcpy(&left, whole, sizeof left);
            auto const bin = static_cast<std::uint32_t>(b + lane);
            if (keep_if_above(left, bin, missing_left, best)) found = true;
        }
    }
    return found;
}

#endif

}  // namespace copse::detail
