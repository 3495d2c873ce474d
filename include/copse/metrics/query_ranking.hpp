// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How well scores put the documents of each query in order.
///
///     auto const sizes = copse::query_sizes(test.query_id);        // consecutive rows of a query
///     metrics::ndcg(test.y.values(), scores, sizes);
///     metrics::ndcg_metric{.k = 10}(relevance, scores, sizes, query_weight);
///
/// Below, y_true holds relevances, 0 for "not at all", and group_sizes the numbers of consecutive
/// rows of each query. The metric is the mean over queries, each counting as much as its weight, 1
/// unless given. All sort, and throw invalid_input also if the sizes do not sum to the rows, a
/// group is empty, a relevance is negative or not finite, or a score is NaN.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/limits.hpp>
#include <copse/core/ranking.hpp>
#include <copse/metrics/metric.hpp>
#include <copse/metrics/rows.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::metrics {

/// What a document of some relevance is worth.
enum class gain {
    exponential,  ///< 2^relevance - 1, of whole relevances from 0 to 31 (LightGBM, XGBoost)
    linear        ///< the relevance (scikit-learn)
};

/// The normalised discounted cumulated gain of the first k documents: sum over ranks r = 0, 1, ...
/// below k of gain / log2(r + 2), over the greatest that it can be.
///
/// Ties       documents of equal score: the mean over all their orders, as in scikit-learn, so that
///            the order of the rows does not matter; LightGBM keeps that order.
/// None       a query without a relevant document counts as `without_relevant`: 1 in LightGBM and
///            XGBoost, 0 in scikit-learn.
/// Source     K. Jarvelin and J. Kekalainen, "Cumulated Gain-Based Evaluation of IR Techniques",
/// ACM
///            Transactions on Information Systems 20:422-446, 2002.
struct ndcg_metric {
    static constexpr std::string_view name = "ndcg";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::scores;

    std::size_t k = unlimited;
    metrics::gain gain = metrics::gain::exponential;
    double without_relevant = 1;

    [[nodiscard]] double operator()(values_view y_true, values_view y_score,
                                    std::span<std::size_t const> group_sizes,
                                    values_view group_weight = {}) const;
};
inline constexpr ndcg_metric ndcg{};

/// The mean over queries of the average precision: of a query with m relevant documents,
///
///     sum over relevant documents at ranks r = 1, 2, ... up to k of
///         (relevant documents up to rank r) / r,     over min(m, k)
///
/// Ties       among documents of equal score the relevant ones come last: a score that tells
/// nothing
///            gains nothing, and the order of the rows does not matter. LightGBM keeps that order.
/// None       a query without a relevant document counts as 1, as in LightGBM.
/// Source     C. Manning, P. Raghavan, H. Schutze, "Introduction to Information Retrieval", 2008,
///            eq. (8.8).
struct mean_average_precision_metric {
    static constexpr std::string_view name = "mean_average_precision";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::scores;

    std::size_t k = unlimited;

    [[nodiscard]] double operator()(values_view y_true, values_view y_score,
                                    std::span<std::size_t const> group_sizes,
                                    values_view group_weight = {}) const;
};
inline constexpr mean_average_precision_metric mean_average_precision{};

static_assert(query_metric<ndcg_metric> && query_metric<mean_average_precision_metric>);

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Where each group starts, and the number of rows.
[[nodiscard]] inline std::vector<std::size_t> group_starts(std::string_view metric,
                                                           std::span<std::size_t const> group_sizes,
                                                           std::size_t n_true) {
    std::vector<std::size_t> starts{0};
    for (std::size_t g = 0; g < group_sizes.size(); ++g) {
        if (group_sizes[g] == 0) throw invalid_input(sentence(metric, ": group ", g, " is empty"));
        starts.push_back(starts.back() + group_sizes[g]);
    }
    if (starts.back() != n_true) {
        throw invalid_input(sentence(metric, ": the ", group_sizes.size(), " groups have ",
                                     starts.back(), " rows but y_true has ", n_true));
    }
    return starts;
}

inline void check_relevances(std::string_view metric, values_view y_true) {
    for (std::size_t i = 0; i < y_true.size(); ++i) {
        if (y_true[i] >= 0 && std::isfinite(y_true[i])) continue;
        throw invalid_input(sentence(metric, ": y_true is ", written(y_true[i]), " at row ", i,
                                     "; it must be finite and at least 0"));
    }
}

/// The mean over queries of score(relevances, scores), which may change the former.
template <class Score>
[[nodiscard]] double mean_over_queries(std::string_view metric, std::size_t k, values_view y_true,
                                       values_view y_score,
                                       std::span<std::size_t const> group_sizes,
                                       values_view group_weight, Score score) {
    if (k == 0) throw invalid_input(sentence(metric, ": k is 0; it must be at least 1"));
    check_size(metric, "y_score", y_score.size(), "values", y_true.size());
    auto const starts = group_starts(metric, group_sizes, y_true.size());
    check_relevances(metric, y_true);
    check_no_nan(metric, "y_score", y_score);
    row_weights const weights(metric, group_weight, group_sizes.size(), weighed::groups);
    std::vector<double> relevance;
    std::vector<double> scores;
    return mean_over(group_sizes.size(), weights, [&](std::size_t g) {
        relevance.clear();
        scores.clear();
        for (auto i = starts[g]; i < starts[g + 1]; ++i) {
            relevance.push_back(y_true[i]);
            scores.push_back(y_score[i]);
        }
        return score(relevance, scores);
    });
}

/// At rank k at most, the relevant ones last where scores are equal.
[[nodiscard]] inline double average_precision_at(std::size_t k,
                                                 std::vector<double> const& relevance,
                                                 std::vector<double> const& scores) {
    std::vector<std::pair<double, bool>> ranked;  // score, relevant
    for (std::size_t i = 0; i < scores.size(); ++i) {
        ranked.emplace_back(-scores[i], relevance[i] > 0);
    }
    std::sort(ranked.begin(), ranked.end());
    auto const n_relevant = static_cast<std::size_t>(
        std::count_if(ranked.begin(), ranked.end(), [](auto const& d) { return d.second; }));
    if (n_relevant == 0) return 1;
    double sum = 0;
    double found = 0;
    for (std::size_t r = 0; r < std::min(k, ranked.size()); ++r) {
        if (!ranked[r].second) continue;
        found += 1;
        sum += found / static_cast<double>(r + 1);
    }
    return sum / static_cast<double>(std::min(n_relevant, k));
}

}  // namespace detail

inline double ndcg_metric::operator()(values_view y_true, values_view y_score,
                                      std::span<std::size_t const> group_sizes,
                                      values_view group_weight) const {
    bool const exponential = gain == metrics::gain::exponential;
    for (std::size_t i = 0; exponential && i < y_true.size(); ++i) {
        if (!(y_true[i] > 31) && y_true[i] == std::floor(y_true[i])) continue;
        throw invalid_input(detail::sentence(name, ": y_true is ", detail::written(y_true[i]),
                                             " at row ", i,
                                             "; exponential gain needs whole numbers up to 31"));
    }
    return detail::mean_over_queries(
        name, k, y_true, y_score, group_sizes, group_weight,
        [&](std::vector<double>& gains, std::vector<double> const& scores) {
            if (exponential) {
                for (auto& g : gains) g = copse::detail::relevance_gain(g);
            }
            double const best = copse::detail::greatest_dcg_at(k, gains);
            return best == 0 ? without_relevant : copse::detail::dcg_at(k, gains, scores) / best;
        });
}

inline double mean_average_precision_metric::operator()(values_view y_true, values_view y_score,
                                                        std::span<std::size_t const> group_sizes,
                                                        values_view group_weight) const {
    return detail::mean_over_queries(
        name, k, y_true, y_score, group_sizes, group_weight,
        [&](std::vector<double> const& relevance, std::vector<double> const& scores) {
            return detail::average_precision_at(k, relevance, scores);
        });
}

}  // namespace copse::metrics
