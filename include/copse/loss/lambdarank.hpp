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
#include <utility>
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

/// One query, and what the derivatives of its pairs are added to.
struct lambda_pairs {
    view<double const> relevance;
    view<double const> raw;
    view<derivatives> out;
    std::vector<std::uint32_t> const& order;  ///< of the documents, by rank
    double per_dcg;                           ///< 1 / the greatest DCG
    double sigmoid;
    bool by_distance;  ///< delta shrinks with the distance of the scores

    /// Adds the pair of ranks i < j. Returns |gradient| of one of the two.
    double add(std::size_t i, std::size_t j) const {
        auto better = order[i];
        auto worse = order[j];
        if (relevance[better] == relevance[worse]) return 0;
        if (relevance[better] < relevance[worse]) std::swap(better, worse);
        double const gap = relevance_gain(relevance[better]) - relevance_gain(relevance[worse]);
        double const distance = raw[better] - raw[worse];
        double delta = exact_product(gap, rank_discount(i) - rank_discount(j));
        delta = exact_product(delta, per_dcg);
        if (by_distance) delta /= 0.01 + std::fabs(distance);
        double const p = 1.0 / (1.0 + exp_of(exact_product(sigmoid, distance)));
        double const lambda = exact_product(exact_product(sigmoid, delta), p);
        double const hessian = exact_product(exact_product(sigmoid, lambda), 1.0 - p);
        out[better].gradient -= lambda;
        out[worse].gradient += lambda;
        out[better].hessian += hessian;
        out[worse].hessian += hessian;
        return lambda;
    }
};

}  // namespace detail

inline void lambdarank_loss::at(view<double const> relevance, view<double const> raw,
                                view<derivatives> out) const {
    auto const n = relevance.size();
    for (auto& d : out) d = {};
    double const best = detail::greatest_dcg(relevance, truncation_level);
    if (best == 0) return;
    auto const order = detail::ranking_by(raw);
    bool const distinct = raw[order.front()] != raw[order.back()];
    detail::lambda_pairs const pairs{
        relevance, raw, out, order, 1 / best, sigmoid, normalize && distinct};
    double sum = 0;
    for (std::size_t i = 0; i < std::min(n, truncation_level); ++i) {
        for (std::size_t j = i + 1; j < n; ++j) sum += 2 * pairs.add(i, j);
    }
    if (!normalize || sum == 0) return;
    constexpr double ln_2 = 0.69314718055994531;
    double const scale = log1p_of(sum) / exact_product(ln_2, sum);
    for (auto& d : out) d = {exact_product(d.gradient, scale), exact_product(d.hessian, scale)};
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
