// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Which classes are taken for which.
///
///     auto const c = copse::metrics::confusion_matrix(y_test, model.predict(x_test));
///     c.counts(0, 1);                  // rows of c.classes[0] that were taken for c.classes[1]

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/metrics/class_counts.hpp>
#include <copse/metrics/rows.hpp>

#include <cstddef>
#include <utility>

namespace copse::metrics {

/// counts(i, j): the weight of the rows of classes[i] that were predicted to be classes[j].
struct confusion {
    labels classes;
    matrix<double> counts;

    bool operator==(confusion const&) const = default;
};

/// Counts true labels against predicted ones. The classes are those found in either, increasing.
/// Throws  invalid_input for sizes, weights, or integers compared with text.
/// Cost    O(n) and K * K numbers.
[[nodiscard]] confusion confusion_matrix(labels_view y_true, labels_view y_pred,
                                         values_view sample_weight = {});

/// The same over given classes, which must increase and include every label.
[[nodiscard]] confusion confusion_matrix(labels_view y_true, labels_view y_pred,
                                         labels const& classes, values_view sample_weight = {});

// ------------------------------------------------------------------ implementation below

namespace detail {

[[nodiscard]] inline confusion confusion_of(label_pairs pairs, values_view sample_weight) {
    auto const n = pairs.truth.size();
    auto const n_classes = pairs.classes.size();
    row_weights const weights("confusion_matrix", sample_weight, n);
    confusion out{std::move(pairs.classes), matrix<double>(n_classes, n_classes)};
    for (std::size_t i = 0; i < n; ++i) {
        out.counts(pairs.truth[i], pairs.predicted[i]) += weights[i];
    }
    return out;
}

}  // namespace detail

inline confusion confusion_matrix(labels_view y_true, labels_view y_pred,
                                  values_view sample_weight) {
    return detail::confusion_of(detail::encode_both("confusion_matrix", y_true, y_pred),
                                sample_weight);
}

inline confusion confusion_matrix(labels_view y_true, labels_view y_pred, labels const& classes,
                                  values_view sample_weight) {
    detail::check_labels("confusion_matrix", y_true, y_pred);
    detail::check_increasing("confusion_matrix", classes);
    auto truth = detail::codes_among("confusion_matrix", "y_true", y_true, classes);
    auto predicted = detail::codes_among("confusion_matrix", "y_pred", y_pred, classes);
    return detail::confusion_of({classes, std::move(truth), std::move(predicted)}, sample_weight);
}

}  // namespace copse::metrics
