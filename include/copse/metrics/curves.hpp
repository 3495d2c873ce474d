// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What can be had by moving the threshold above which a score means "positive".
///
///     auto const roc = metrics::roc_curve(y_test, scores);             // roc.fpr, .tpr,
///     .thresholds double const area = metrics::auc(roc.fpr, roc.tpr); auto const pr =
///     metrics::precision_recall_curve(y_test, scores, {}, {.pos_label = "fraud"});
///
/// A row is called positive if its score is at least the threshold; equal scores are one threshold.
/// The positive class is pos_label, by default the greater of two. Both curves sort, and throw
/// invalid_input for sizes, weights, NaN, a y_true that has not two classes (with pos_label: that
/// has no row of it), and a class without weight.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/metrics/class_counts.hpp>
#include <copse/metrics/class_probabilities.hpp>
#include <copse/metrics/cuts.hpp>
#include <copse/metrics/rows.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::metrics {

struct roc_curve_options {
    bool drop_intermediate = true;  ///< leave out points between two others on a line
    std::optional<label> pos_label = std::nullopt;
};

/// The receiver operating characteristic. Points from (0, 0), whose threshold is infinity, to
/// (1, 1); thresholds decrease.
struct roc_points {
    column<double> fpr;  ///< of the negative rows, the part called positive
    column<double> tpr;  ///< of the positive rows, the part called positive
    column<double> thresholds;

    bool operator==(roc_points const&) const = default;
};

[[nodiscard]] roc_points roc_curve(labels_view y_true, values_view y_score,
                                   values_view sample_weight = {}, roc_curve_options options = {});

struct precision_recall_curve_options {
    bool drop_intermediate = false;  ///< leave out points between two others of the same recall
    std::optional<label> pos_label = std::nullopt;
};

/// Precision and recall at thresholds that increase, and then precision 1 at recall 0, which has
/// no threshold: one number less.
struct precision_recall_points {
    column<double> precision;
    column<double> recall;
    column<double> thresholds;

    bool operator==(precision_recall_points const&) const = default;
};

[[nodiscard]] precision_recall_points precision_recall_curve(
    labels_view y_true, values_view y_score, values_view sample_weight = {},
    precision_recall_curve_options options = {});

/// The area below the lines between the points (x[i], y[i]), by the trapezoidal rule. x increases
/// or decreases. Throws invalid_input if it does neither, for fewer than two points, and for NaN.
[[nodiscard]] double auc(values_view x, values_view y);

// ------------------------------------------------------------------ implementation below

namespace detail {

/// The cuts of one class against the rest: pos_label, or else the greater of two.
[[nodiscard]] inline std::vector<cut> checked_cuts(std::string_view metric, labels_view y_true,
                                                   values_view y_score, values_view sample_weight,
                                                   std::optional<label> pos_label) {
    check_size(metric, "y_score", y_score.size(), "scores", y_true.size());
    check_no_nan(metric, "y_score", y_score);
    row_weights const weights(metric, sample_weight, y_true.size());
    auto const rank = [&](auto const& positive) {
        return cuts(
            y_true.size(), [&](std::size_t i) { return y_score[i]; }, positive, weights);
    };
    if (pos_label) return rank([&](std::size_t i) { return y_true[i] == *pos_label; });
    auto const codes = codes_of_two(metric, y_true);
    return rank([&](std::size_t i) { return codes[i] == 1; });
}

/// Throws unless there is weight on the side of `what`.
inline void check_weight(std::string_view metric, std::string_view what, double weight) {
    if (!(weight > 0)) {
        throw invalid_input(
            sentence(metric, ": the ", what, " rows of y_true weigh 0; it must be more"));
    }
}

/// The cuts that `keep(before, at, after)` and the first and last one.
template <class Keep>
[[nodiscard]] std::vector<cut> thinned(std::vector<cut> const& all, Keep keep) {
    std::vector<cut> out;
    for (std::size_t i = 0; i < all.size(); ++i) {
        bool const end = i == 0 || i + 1 == all.size();
        if (end || keep(all[i - 1], all[i], all[i + 1])) out.push_back(all[i]);
    }
    return out;
}

}  // namespace detail

inline roc_points roc_curve(labels_view y_true, values_view y_score, values_view sample_weight,
                            roc_curve_options options) {
    auto cuts =
        detail::checked_cuts("roc_curve", y_true, y_score, sample_weight, options.pos_label);
    detail::check_weight("roc_curve", "positive", cuts.back().positives);
    detail::check_weight("roc_curve", "negative", cuts.back().negatives);
    if (options.drop_intermediate) {
        cuts = detail::thinned(cuts, [](auto const& a, auto const& b, auto const& c) {
            return b.positives - a.positives != c.positives - b.positives ||
                   b.negatives - a.negatives != c.negatives - b.negatives;
        });
    }
    roc_points out{{0.0}, {0.0}, {std::numeric_limits<double>::infinity()}};
    for (auto const& c : cuts) {
        out.fpr.push_back(c.negatives / cuts.back().negatives);
        out.tpr.push_back(c.positives / cuts.back().positives);
        out.thresholds.push_back(c.threshold);
    }
    return out;
}

inline precision_recall_points precision_recall_curve(labels_view y_true, values_view y_score,
                                                      values_view sample_weight,
                                                      precision_recall_curve_options options) {
    auto cuts = detail::checked_cuts("precision_recall_curve", y_true, y_score, sample_weight,
                                     options.pos_label);
    detail::check_weight("precision_recall_curve", "positive", cuts.back().positives);
    if (options.drop_intermediate) {
        cuts = detail::thinned(cuts, [](auto const& a, auto const& b, auto const& c) {
            return b.positives != a.positives || c.positives != b.positives;
        });
    }
    precision_recall_points out;
    for (std::size_t i = cuts.size(); i-- > 0;) {
        out.precision.push_back(cuts[i].positives / (cuts[i].positives + cuts[i].negatives));
        out.recall.push_back(cuts[i].positives / cuts.back().positives);
        out.thresholds.push_back(cuts[i].threshold);
    }
    out.precision.push_back(1);
    out.recall.push_back(0);
    return out;
}

inline double auc(values_view x, values_view y) {
    auto const n = x.size();
    if (y.size() != n) {
        throw invalid_input(detail::sentence("auc: x has ", n, " points but y has ", y.size()));
    }
    if (n < 2) {
        throw invalid_input(
            detail::sentence("auc: there are ", n, " points; at least 2 are needed"));
    }
    detail::check_no_nan("auc", "x", x);
    detail::check_no_nan("auc", "y", y);
    detail::running_sum area;
    std::optional<bool> increasing;
    for (std::size_t i = 1; i < n; ++i) {
        double const step = x[i] - x[i - 1];
        if (step != 0 && increasing.value_or(step > 0) != (step > 0)) {
            throw invalid_input(detail::sentence("auc: x turns from ", x[i - 1], " to ", x[i],
                                                 " at point ", i,
                                                 "; it must increase or decrease"));
        }
        if (step != 0) increasing = step > 0;
        area += step * (y[i] + y[i - 1]) / 2;
    }
    return increasing.value_or(true) ? area.value() : -area.value();
}

}  // namespace copse::metrics
