// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How good predicted labels are, in one number for all classes.
///
///     metrics::accuracy(y_test, model.predict(x_test));
///     metrics::matthews_corrcoef(y_test, model.predict(x_test), sample_weight);
///
/// Scores of single classes and their averages are in precision_recall.hpp.

#include <copse/core/inputs.hpp>
#include <copse/metrics/class_counts.hpp>
#include <copse/metrics/metric.hpp>
#include <copse/metrics/rows.hpp>

#include <cmath>
#include <cstddef>
#include <string_view>

namespace copse::metrics {

/// The fraction of the rows that are predicted right.
struct accuracy_metric {
    static constexpr std::string_view name = "accuracy";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::labels;

    [[nodiscard]] double operator()(labels_view y_true, labels_view y_pred,
                                    values_view sample_weight = {}) const;
};
inline constexpr accuracy_metric accuracy{};

/// The mean over the classes of y_true of their recall, TP / (TP + FN): accuracy if every class
/// had as many rows. Guessing scores 1 / K. Classes that are only predicted do not count.
struct balanced_accuracy_metric {
    static constexpr std::string_view name = "balanced_accuracy";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::labels;

    [[nodiscard]] double operator()(labels_view y_true, labels_view y_pred,
                                    values_view sample_weight = {}) const;
};
inline constexpr balanced_accuracy_metric balanced_accuracy{};

/// The correlation of truth and prediction, in [-1, 1]; 0 for guessing, and where it is undefined
/// because either column has a single class. With c the weight predicted right, s of all rows,
/// t_k of the rows of k, p_k of those predicted k,
///
///     (c s - sum t_k p_k) / sqrt((s^2 - sum p_k^2) (s^2 - sum t_k^2))
///
/// Source  J. Gorodkin, "Comparing two K-category assignments by a K-category correlation
///         coefficient", Computational Biology and Chemistry 28:367-374, 2004, eq. (8).
struct matthews_corrcoef_metric {
    static constexpr std::string_view name = "matthews_corrcoef";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::labels;

    [[nodiscard]] double operator()(labels_view y_true, labels_view y_pred,
                                    values_view sample_weight = {}) const;
};
inline constexpr matthews_corrcoef_metric matthews_corrcoef{};

static_assert(label_metric<accuracy_metric> && label_metric<balanced_accuracy_metric> &&
              label_metric<matthews_corrcoef_metric>);

// ------------------------------------------------------------------ implementation below

inline double accuracy_metric::operator()(labels_view y_true, labels_view y_pred,
                                          values_view sample_weight) const {
    detail::check_labels(name, y_true, y_pred);
    detail::row_weights const weights(name, sample_weight, y_true.size());
    return detail::mean_over(y_true.size(), weights,
                             [&](std::size_t i) { return y_true[i] == y_pred[i] ? 1.0 : 0.0; });
}

inline double balanced_accuracy_metric::operator()(labels_view y_true, labels_view y_pred,
                                                   values_view sample_weight) const {
    detail::class_counts const counts(name, y_true, y_pred, sample_weight);
    detail::running_sum recalls;
    double n_classes = 0;
    for (std::size_t k = 0; k < counts.size(); ++k) {
        if (counts.truth[k] == 0) continue;
        recalls += counts.hits[k] / counts.truth[k];
        ++n_classes;
    }
    return recalls.value() / n_classes;
}

inline double matthews_corrcoef_metric::operator()(labels_view y_true, labels_view y_pred,
                                                   values_view sample_weight) const {
    detail::class_counts const counts(name, y_true, y_pred, sample_weight);
    // A power of two loses no digit, and keeps the fourth powers below from under- or overflowing.
    double const scale = std::ldexp(1.0, -std::ilogb(counts.total));
    double const s = scale * counts.total;
    detail::running_sum right, both, truth, predicted;
    for (std::size_t k = 0; k < counts.size(); ++k) {
        double const t = scale * counts.truth[k];
        double const p = scale * counts.predicted[k];
        right += scale * counts.hits[k];
        both += t * p;
        truth += t * t;
        predicted += p * p;
    }
    double const spread = (s * s - predicted.value()) * (s * s - truth.value());
    return spread > 0 ? (right.value() * s - both.value()) / std::sqrt(spread) : 0.0;
}

}  // namespace copse::metrics
