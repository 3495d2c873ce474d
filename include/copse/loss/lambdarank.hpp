// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// LambdaRank: puts the documents of a query in order, the most relevant first.
///
///     lambdarank_loss{.truncation_level = 10}.at(relevance, raw, out);   // one query's documents

#include <copse/core/errors.hpp>
#include <copse/core/math.hpp>
#include <copse/core/ranking.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/loss.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace copse {

/// The documents of a query are ranked by raw score; one at rank r = 0, 1, ... contributes
///
///     (2^relevance - 1) / log2(r + 2)   to the query's DCG;   NDCG@k = DCG@k / its greatest value
///
/// LambdaRank descends a loss of which only derivatives are written down: for each pair of
/// documents of different relevance, at least one of them among the first k = truncation_level,
///
///     delta     |change of the NDCG if the two swapped ranks|
///     p         1 / (1 + exp(sigmoid (raw_better - raw_worse)))
///     gradient  of the better document -sigmoid delta p, of the worse sigmoid delta p
///     hessian   of both sigmoid^2 delta p (1 - p)
///
/// summed over the pairs. If normalize, delta is divided by 0.01 + |raw_better - raw_worse| unless
/// all scores are equal, and the sums are multiplied by log2(1 + s) / s, where s sums |gradient|
/// over pairs and both documents: queries of many pairs do not rule. This is LightGBM's objective.
///
/// Ties         documents of equal score rank in the order given; value() is the mean over all such
///              orders. If all documents are equally relevant the derivatives are 0; if none is
///              relevant at all, the NDCG is 1.
/// Cost         O(n log n + n min(n, k)) for a query of n documents; n numbers of memory.
/// Determinism  pairs are visited in the order of ranks: the same bits everywhere.
/// Source       C. Burges, "From RankNet to LambdaRank to LambdaMART: An Overview", Microsoft
///              Research MSR-TR-2010-82, 2010, sections 4 and 7.
/// Deviation    LightGBM looks p up in a table; here it is computed.
struct lambdarank_loss {
    static constexpr std::string_view domain =
        "lambdarank_loss needs whole relevances from 0 to 31";

    std::size_t truncation_level = 30;  ///< at least 1; rather more than the k of interest
    double sigmoid = 1.0;               ///< positive: how steep a pair's loss is
    bool normalize = true;

    /// Shapes  all n >= 1 documents of one query.
    void at(view<double const> relevance, view<double const> raw, view<derivatives> out) const;

    /// 1 - NDCG@k, k = truncation_level.
    [[nodiscard]] double value(view<double const> relevance, view<double const> raw) const;

    [[nodiscard]] bool accepts(double relevance) const noexcept {
        return relevance >= 0 && relevance <= 31 && relevance == std::floor(relevance);
    }
    void check(std::string_view who) const;

    bool operator==(lambdarank_loss const&) const = default;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// The greatest DCG that the first k can have; greatest_dcg_at without sorting.
[[nodiscard]] inline double greatest_dcg(view<double const> relevance, std::size_t k) {
    std::array<std::size_t, 32> count{};
    for (auto const r : relevance) ++count[static_cast<std::size_t>(r)];
    double sum = 0;
    std::size_t rank = 0;
    for (auto grade = count.size(); grade-- > 1;) {
        double const gain = relevance_gain(static_cast<double>(grade));
        auto const end = std::min(rank + count[grade], k);
        for (; rank < end; ++rank) sum += exact_product(gain, rank_discount(rank));
    }
    return sum;
}

/// One query by rank, and what the derivatives of its pairs come to.
class lambda_pairs {
public:
    lambda_pairs(lambdarank_loss const& loss, view<double const> relevance, view<double const> raw,
                 double greatest_dcg)
        : order_(ranking_by(raw)),
          numbers_(4 * raw.size()),
          per_dcg_(1 / greatest_dcg),
          sigmoid_(loss.sigmoid) {
        auto const n = order_.size();
        for (std::size_t r = 0; r < n; ++r) {
            raw_(r) = raw[order_[r]];
            gain_(r) = relevance_gain(relevance[order_[r]]);
        }
        by_distance_ = loss.normalize && raw_(0) != raw_(n - 1);
    }

    /// Adds the pairs of the first k ranks with all below. Returns the sum of |gradient| over both
    /// documents of each.
    ///
    /// Pairs of equal relevance are left out without a branch. The others' derivatives are computed
    /// a block at a time, in a loop that vectorises, and added in the order of ranks.
    double add(std::size_t k) {
        auto const n = order_.size();
        double sum = 0;
        std::size_t n_pairs = 0;
        for (std::size_t i = 0; i < std::min(n, k); ++i) {
            for (auto j = i + 1; j < n; ++j) {
                upper_[n_pairs] = static_cast<std::uint32_t>(i);
                lower_[n_pairs] = static_cast<std::uint32_t>(j);
                n_pairs += gain_(i) != gain_(j) ? 1 : 0;
                if (n_pairs < block) continue;
                add_block(block, sum);
                n_pairs = 0;
            }
        }
        add_block(n_pairs, sum);
        return sum;
    }

    /// The derivatives of the document at rank r.
    [[nodiscard]] derivatives at(std::size_t r) { return {gradient_(r), hessian_(r)}; }
    [[nodiscard]] std::vector<std::uint32_t> const& order() const noexcept { return order_; }

private:
    static constexpr std::size_t block = 32;

    void add_block(std::size_t n, double& sum) {
        double distance[block] = {};
        double delta[block] = {};
        double lambda[block];
        double hessian[block];
        for (std::size_t p = 0; p < n; ++p) {
            auto const i = upper_[p];
            auto const j = lower_[p];
            auto const gap = gain_(i) - gain_(j);
            auto const change = rank_discount(i) - rank_discount(j);
            distance[p] = std::copysign(1.0, gap) * (raw_(i) - raw_(j));  // better less worse
            delta[p] = exact_product(exact_product(gap, change), per_dcg_);
        }
        auto const sigmoid = sigmoid_;
        if (by_distance_) {
            for (std::size_t p = 0; p < block; ++p) delta[p] /= 0.01 + std::fabs(distance[p]);
        }
        for (std::size_t p = 0; p < block; ++p) {
            double const wrong = 1.0 / (1.0 + exp_of(exact_product(sigmoid, distance[p])));
            lambda[p] = exact_product(exact_product(sigmoid, delta[p]), wrong);
            hessian[p] = exact_product(exact_product(sigmoid, std::fabs(lambda[p])), 1.0 - wrong);
        }
        // Lambda still has the sign of gap: positive where the upper is the better.
        for (std::size_t p = 0; p < n; ++p) {
            auto const i = upper_[p];
            auto const j = lower_[p];
            gradient_(i) -= lambda[p];
            gradient_(j) += lambda[p];
            hessian_(i) += hessian[p];
            hessian_(j) += hessian[p];
            sum += 2 * std::fabs(lambda[p]);
        }
    }

    double& raw_(std::size_t r) { return numbers_[4 * r]; }
    double& gain_(std::size_t r) { return numbers_[4 * r + 1]; }
    double& gradient_(std::size_t r) { return numbers_[4 * r + 2]; }
    double& hessian_(std::size_t r) { return numbers_[4 * r + 3]; }

    std::vector<std::uint32_t> order_;  // of the documents, by rank
    std::vector<double> numbers_;
    std::uint32_t upper_[block];  // pairs of ranks
    std::uint32_t lower_[block];
    double per_dcg_;  // 1 / the greatest DCG
    double sigmoid_;
    bool by_distance_;  // delta shrinks with the distance of the scores
};

}  // namespace detail

inline void lambdarank_loss::at(view<double const> relevance, view<double const> raw,
                                view<derivatives> out) const {
    auto const n = relevance.size();
    std::fill(out.begin(), out.end(), derivatives{});
    double const best = detail::greatest_dcg(relevance, truncation_level);
    if (best == 0) return;
    detail::lambda_pairs pairs(*this, relevance, raw, best);
    double const sum = pairs.add(truncation_level);
    constexpr double ln_2 = 0.69314718055994531;
    bool const as_they_are = !normalize || sum == 0;
    double const scale = as_they_are ? 1 : log1p_of(sum) / exact_product(ln_2, sum);
    for (std::size_t r = 0; r < n; ++r) {
        auto const d = pairs.at(r);
        out[pairs.order()[r]] = {exact_product(d.gradient, scale), exact_product(d.hessian, scale)};
    }
}

inline double lambdarank_loss::value(view<double const> relevance, view<double const> raw) const {
    double const best = detail::greatest_dcg(relevance, truncation_level);
    if (best == 0) return 0;
    std::vector<double> gain(relevance.size());
    std::transform(relevance.begin(), relevance.end(), gain.begin(), detail::relevance_gain);
    return 1 - detail::dcg_at(truncation_level, gain, raw) / best;
}

inline void lambdarank_loss::check(std::string_view who) const {
    if (truncation_level < 1) {
        throw invalid_input(detail::sentence(
            who, ": lambdarank_loss.truncation_level is 0; it must be at least 1"));
    }
    if (sigmoid > 0 && std::isfinite(sigmoid)) return;
    throw invalid_input(detail::sentence(who, ": lambdarank_loss.sigmoid is ", sigmoid,
                                         "; it must be positive and finite"));
}

}  // namespace copse
