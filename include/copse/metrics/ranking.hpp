// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How well scores put the rows in order, whatever their scale.
///
///     metrics::roc_auc(y_test, svm.decision_function(x_test));                      // two classes
///     metrics::roc_auc(y_test, forest.predict_proba(x_test), forest.classes());     // any number
///     metrics::roc_auc_metric{.multi_class = metrics::multi_class::ovo}(y_test, proba, classes);
///
/// Both sort, once for each class, and throw invalid_input also for what probability.hpp says of
/// probabilities, for scores with a y_true that has not two classes, and for a class without rows
/// or weight: nothing can be ranked above nothing.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/metrics/class_counts.hpp>
#include <copse/metrics/class_probabilities.hpp>
#include <copse/metrics/curves.hpp>
#include <copse/metrics/cuts.hpp>
#include <copse/metrics/metric.hpp>
#include <copse/metrics/rows.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::metrics {

/// Which problems of two classes stand for one of more.
enum class multi_class {
    ovr,  ///< each class against the rest
    ovo   ///< each class against each other one, among the rows of the two
};

/// The probability that a row of the greater class scores above one of the lesser, ties being
/// half: the area below the ROC curve. 1 is perfect, 1/2 is guessing.
///
/// Of more than two classes, the mean of that of the classes' probabilities, each against the rest
/// (ovr), or of all pairs of classes j, k, where a pair has the mean of p_j against k and of p_k
/// against j (ovo). average is macro, or weighted: a class or pair counts as much as its rows.
///
/// Throws     also if average is another, and there are more than two classes.
/// Source     J. Hanley and B. McNeil, "The Meaning and Use of the Area under a ROC Curve",
///            Radiology 143:29-36, 1982; ovo: D. Hand and R. Till, "A Simple Generalisation of the
///            Area Under the ROC Curve for Multiple Class Classification Problems", Machine
///            Learning 45:171-186, 2001, eq. (7).
/// Deviation  ovo takes sample_weight, scikit-learn's does not.
struct roc_auc_metric {
    static constexpr std::string_view name = "roc_auc";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::scores;

    metrics::multi_class multi_class = metrics::multi_class::ovr;
    metrics::average average = metrics::average::macro;

    [[nodiscard]] double operator()(labels_view y_true, values_view y_score,
                                    values_view sample_weight = {}) const;
    [[nodiscard]] double operator()(labels_view y_true, features_view y_proba,
                                    labels const& classes, values_view sample_weight = {}) const;
};
inline constexpr roc_auc_metric roc_auc{};

/// The mean precision, over the positive rows, at the threshold that finds each:
///
///     sum_i (recall_i - recall_(i-1)) precision_i     over thresholds i, decreasing
///
/// which does not interpolate, as the area below the curve would. Of more than two classes, the
/// mean of each against the rest, macro or weighted.
///
/// pos_label  the positive class of two, by default the greater, and with scores of any number;
///            with more than two classes of probabilities it must not be set.
struct average_precision_metric {
    static constexpr std::string_view name = "average_precision";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::scores;

    metrics::average average = metrics::average::macro;
    std::optional<label> pos_label = std::nullopt;

    [[nodiscard]] double operator()(labels_view y_true, values_view y_score,
                                    values_view sample_weight = {}) const;
    [[nodiscard]] double operator()(labels_view y_true, features_view y_proba,
                                    labels const& classes, values_view sample_weight = {}) const;
};
inline constexpr average_precision_metric average_precision{};

static_assert(score_metric<roc_auc_metric> && probability_metric<roc_auc_metric>);
static_assert(score_metric<average_precision_metric> &&
              probability_metric<average_precision_metric>);

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Rows with the probabilities of their classes, all checked.
struct ranking_problem {
    features_view y_proba;
    row_weights weights;
    std::vector<std::uint32_t> codes;
    std::vector<double> class_weight;

    ranking_problem(std::string_view metric, labels_view y_true, features_view proba,
                    labels const& classes, values_view sample_weight)
        : y_proba((check_probabilities(metric, proba, classes, y_true.size()), proba)),
          weights(metric, sample_weight, y_true.size()),
          codes(codes_among(metric, "y_true", y_true, classes)) {
        std::vector<running_sum> sums(classes.size());
        for (std::size_t i = 0; i < codes.size(); ++i) sums[codes[i]] += weights[i];
        for (std::size_t k = 0; k < classes.size(); ++k) {
            class_weight.push_back(sums[k].value());
            if (class_weight[k] > 0) continue;
            throw invalid_input(sentence(metric, ": class ", classes[k].to_string(), " has no ",
                                         weights.given() ? "weight" : "rows",
                                         " in y_true; each of the ", classes.size(), " must"));
        }
    }

    [[nodiscard]] std::size_t n_classes() const noexcept { return class_weight.size(); }

    /// Class k against the rest, by its probability.
    [[nodiscard]] std::vector<cut> cuts_of(std::size_t k) const {
        return cuts(
            codes.size(), [&](std::size_t i) { return y_proba(i, k); },
            [&](std::size_t i) { return codes[i] == k; }, weights);
    }

    /// Class k against class j, by the probability of k. `rows` are those of the two.
    [[nodiscard]] std::vector<cut> cuts_between(std::size_t k,
                                                std::vector<std::size_t> const& rows) const {
        std::vector<double> w;
        for (auto const i : rows) w.push_back(weights[i]);
        return cuts(
            rows.size(), [&](std::size_t i) { return y_proba(rows[i], k); },
            [&](std::size_t i) { return codes[rows[i]] == k; }, row_weights("", w, w.size()));
    }
};

inline void check_macro_or_weighted(std::string_view metric, average how, std::size_t n_classes) {
    if (how != average::macro && how != average::weighted) {
        throw invalid_input(sentence(metric, ": there are ", n_classes,
                                     " classes; average must be macro or weighted"));
    }
}

/// The mean over classes k of score(cuts of k against the rest).
template <class Score>
[[nodiscard]] double one_vs_rest_mean(ranking_problem const& problem, average how, Score score) {
    running_sum sum, total;
    for (std::size_t k = 0; k < problem.n_classes(); ++k) {
        double const w = how == average::weighted ? problem.class_weight[k] : 1.0;
        sum += w * score(problem.cuts_of(k));
        total += w;
    }
    return sum.value() / total.value();
}

[[nodiscard]] inline double one_vs_one_auc(ranking_problem const& problem, average how) {
    std::vector<std::vector<std::size_t>> rows_of(problem.n_classes());
    for (std::size_t i = 0; i < problem.codes.size(); ++i) {
        rows_of[problem.codes[i]].push_back(i);
    }
    running_sum sum, total;
    for (std::size_t j = 0; j < problem.n_classes(); ++j) {
        for (std::size_t k = j + 1; k < problem.n_classes(); ++k) {
            auto rows = rows_of[j];
            rows.insert(rows.end(), rows_of[k].begin(), rows_of[k].end());
            double const area = (pairs_in_order(problem.cuts_between(j, rows)) +
                                 pairs_in_order(problem.cuts_between(k, rows))) /
                                2;
            double const w =
                how == average::weighted ? problem.class_weight[j] + problem.class_weight[k] : 1.0;
            sum += w * area;
            total += w;
        }
    }
    return sum.value() / total.value();
}

}  // namespace detail

inline double roc_auc_metric::operator()(labels_view y_true, values_view y_score,
                                         values_view sample_weight) const {
    auto const cuts = detail::checked_cuts(name, y_true, y_score, sample_weight, std::nullopt);
    detail::check_weight(name, "positive", cuts.back().positives);
    detail::check_weight(name, "negative", cuts.back().negatives);
    return detail::pairs_in_order(cuts);
}

inline double roc_auc_metric::operator()(labels_view y_true, features_view y_proba,
                                         labels const& classes, values_view sample_weight) const {
    if (classes.size() > 2) detail::check_macro_or_weighted(name, average, classes.size());
    detail::ranking_problem const problem(name, y_true, y_proba, classes, sample_weight);
    if (problem.n_classes() == 2) return detail::pairs_in_order(problem.cuts_of(1));
    if (multi_class == metrics::multi_class::ovo) return detail::one_vs_one_auc(problem, average);
    return detail::one_vs_rest_mean(problem, average, detail::pairs_in_order);
}

inline double average_precision_metric::operator()(labels_view y_true, values_view y_score,
                                                   values_view sample_weight) const {
    auto const cuts = detail::checked_cuts(name, y_true, y_score, sample_weight, pos_label);
    detail::check_weight(name, "positive", cuts.back().positives);
    return detail::mean_precision(cuts);
}

inline double average_precision_metric::operator()(labels_view y_true, features_view y_proba,
                                                   labels const& classes,
                                                   values_view sample_weight) const {
    if (classes.size() > 2) {
        detail::check_macro_or_weighted(name, average, classes.size());
        if (pos_label) {
            throw invalid_input(detail::sentence(name, ": pos_label is ", pos_label->to_string(),
                                                 " but there are ", classes.size(),
                                                 " classes; it chooses one of 2"));
        }
    }
    detail::ranking_problem const problem(name, y_true, y_proba, classes, sample_weight);
    if (problem.n_classes() > 2) {
        return detail::one_vs_rest_mean(problem, average, detail::mean_precision);
    }
    auto const positive = pos_label ? detail::position(classes, *pos_label) : 1;
    if (!positive) {
        throw invalid_input(detail::sentence(name, ": pos_label is ", pos_label->to_string(),
                                             " but the classes are ", classes[0].to_string(),
                                             " and ", classes[1].to_string()));
    }
    return detail::mean_precision(problem.cuts_of(*positive));
}

}  // namespace copse::metrics
