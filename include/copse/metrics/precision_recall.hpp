// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Of what was taken for a class, how much is; of a class, how much was found; and F, both in one.
///
///     metrics::f1(y_test, predicted);                                  // the greater of two
///     classes metrics::f1_metric{.pos_label = "fraud"}(y_test, predicted);
///     metrics::recall_metric{.average = metrics::average::macro}(y_test, predicted);
///     metrics::precision.per_class(y_test, predicted).scores;          // one for each class
///
/// Notation: for class k, TP the weight of its rows that were predicted k, FP of other rows
/// predicted k, FN of its rows that were not. The classes are the labels found in either column.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/metrics/class_counts.hpp>
#include <copse/metrics/metric.hpp>
#include <copse/metrics/rows.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>

namespace copse::metrics {

/// One score for each class.
struct class_scores {
    labels classes;
    column<double> scores;

    bool operator==(class_scores const&) const = default;
};

/// Of what was predicted k, the part that is k: TP / (TP + FP), and 0 if nothing was.
///
/// average    binary is the precision of pos_label; macro, micro and weighted take every class.
/// pos_label  the positive class, by default the greater of two.
/// Throws     invalid_input also if average is binary and there are not two classes or pos_label
///            is neither. With one class in both columns pos_label must be said.
struct precision_metric {
    static constexpr std::string_view name = "precision";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::labels;

    metrics::average average = metrics::average::binary;
    std::optional<label> pos_label = std::nullopt;

    [[nodiscard]] double operator()(labels_view y_true, labels_view y_pred,
                                    values_view sample_weight = {}) const;
    [[nodiscard]] class_scores per_class(labels_view y_true, labels_view y_pred,
                                         values_view sample_weight = {}) const;
};
inline constexpr precision_metric precision{};

/// Of the rows of k, the part that was found: TP / (TP + FN), and 0 if there are none. Options as
/// of precision_metric.
struct recall_metric {
    static constexpr std::string_view name = "recall";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::labels;

    metrics::average average = metrics::average::binary;
    std::optional<label> pos_label = std::nullopt;

    [[nodiscard]] double operator()(labels_view y_true, labels_view y_pred,
                                    values_view sample_weight = {}) const;
    [[nodiscard]] class_scores per_class(labels_view y_true, labels_view y_pred,
                                         values_view sample_weight = {}) const;
};
inline constexpr recall_metric recall{};

/// The harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN), and 0 if that is 0 / 0.
/// Options as of precision_metric. Macro is the mean of the classes' F, not the F of two means.
struct f1_metric {
    static constexpr std::string_view name = "f1";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::labels;

    metrics::average average = metrics::average::binary;
    std::optional<label> pos_label = std::nullopt;

    [[nodiscard]] double operator()(labels_view y_true, labels_view y_pred,
                                    values_view sample_weight = {}) const;
    [[nodiscard]] class_scores per_class(labels_view y_true, labels_view y_pred,
                                         values_view sample_weight = {}) const;
};
inline constexpr f1_metric f1{};

/// F1 with recall counting beta times as much as precision:
///
///     (1 + beta^2) TP / ((1 + beta^2) TP + beta^2 FN + FP)
///
/// beta = 0 is precision, infinity is recall. Throws also if beta is negative or NaN.
/// Source  C. J. van Rijsbergen, "Information Retrieval", 2nd edition, 1979, chapter 7.
struct f_beta {
    static constexpr std::string_view name = "f_beta";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::labels;

    double beta = 1;
    metrics::average average = metrics::average::binary;
    std::optional<label> pos_label = std::nullopt;

    [[nodiscard]] double operator()(labels_view y_true, labels_view y_pred,
                                    values_view sample_weight = {}) const;
    [[nodiscard]] class_scores per_class(labels_view y_true, labels_view y_pred,
                                         values_view sample_weight = {}) const;
};

static_assert(label_metric<precision_metric> && label_metric<recall_metric> &&
              label_metric<f1_metric> && label_metric<f_beta>);

// ------------------------------------------------------------------ implementation below

namespace detail {

/// F for any beta; precision is F with beta = 0 and recall with beta = infinity. With t the weight
/// of the class, p of what was predicted to be in it, it is (1 + beta^2) TP / (beta^2 t + p).
[[nodiscard]] inline double f_score(double beta, double hits, double truth, double predicted) {
    // The greater of beta^2 and 1 is divided out, so neither can overflow.
    double const of_truth = beta <= 1 ? beta * beta : 1.0;
    double const of_predicted = beta <= 1 ? 1.0 : 1.0 / beta / beta;
    double const bottom = of_truth * truth + of_predicted * predicted;
    return bottom > 0 ? (of_truth + of_predicted) * hits / bottom : 0.0;
}

/// The class that average::binary scores; nullopt if it is in neither column.
[[nodiscard]] inline std::optional<std::size_t> positive_class(std::string_view metric,
                                                               labels const& classes,
                                                               std::optional<label> pos_label) {
    if (classes.size() > 2) {
        throw invalid_input(sentence(metric, ": y_true and y_pred hold ", classes.size(),
                                     " classes but average is binary; choose macro, micro or "
                                     "weighted"));
    }
    if (!pos_label) {
        if (classes.size() == 2) return 1;
        throw invalid_input(sentence(metric, ": y_true and y_pred hold only the class ",
                                     classes[0].to_string(),
                                     "; say which class is positive by pos_label"));
    }
    auto const at = position(classes, *pos_label);
    if (!at && classes.size() == 2) {
        throw invalid_input(sentence(metric, ": pos_label is ", pos_label->to_string(),
                                     " but the classes are ", classes[0].to_string(), " and ",
                                     classes[1].to_string()));
    }
    return at;
}

[[nodiscard]] inline double averaged_f(std::string_view metric, double beta,
                                       class_counts const& counts, average how,
                                       std::optional<label> pos_label) {
    auto const score = [&](std::size_t k) {
        return f_score(beta, counts.hits[k], counts.truth[k], counts.predicted[k]);
    };
    running_sum sum;
    switch (how) {
        case average::binary: {
            auto const positive = positive_class(metric, counts.classes, pos_label);
            return positive ? score(*positive) : 0.0;
        }
        case average::macro:
            for (std::size_t k = 0; k < counts.size(); ++k) sum += score(k);
            return sum.value() / static_cast<double>(counts.size());
        case average::micro:
            for (double const hits : counts.hits) sum += hits;
            return f_score(beta, sum.value(), counts.total, counts.total);
        case average::weighted:
            for (std::size_t k = 0; k < counts.size(); ++k) sum += counts.truth[k] * score(k);
            return sum.value() / counts.total;
    }
    throw invalid_input(
        sentence(metric, ": average is ", static_cast<int>(how), "; it is one of 4 choices"));
}

[[nodiscard]] inline class_scores each_f(double beta, class_counts const& counts) {
    class_scores out{counts.classes, column<double>(counts.size())};
    for (std::size_t k = 0; k < counts.size(); ++k) {
        out.scores[k] = f_score(beta, counts.hits[k], counts.truth[k], counts.predicted[k]);
    }
    return out;
}

inline constexpr double only_precision = 0;
inline constexpr double only_recall = std::numeric_limits<double>::infinity();

inline void check_beta(double beta) {
    if (!(beta >= 0)) {
        throw invalid_input(sentence("f_beta: beta is ", written(beta), "; it must be at least 0"));
    }
}

}  // namespace detail

inline double precision_metric::operator()(labels_view y_true, labels_view y_pred,
                                           values_view sample_weight) const {
    return detail::averaged_f(name, detail::only_precision, {name, y_true, y_pred, sample_weight},
                              average, pos_label);
}
inline class_scores precision_metric::per_class(labels_view y_true, labels_view y_pred,
                                                values_view sample_weight) const {
    return detail::each_f(detail::only_precision, {name, y_true, y_pred, sample_weight});
}

inline double recall_metric::operator()(labels_view y_true, labels_view y_pred,
                                        values_view sample_weight) const {
    return detail::averaged_f(name, detail::only_recall, {name, y_true, y_pred, sample_weight},
                              average, pos_label);
}
inline class_scores recall_metric::per_class(labels_view y_true, labels_view y_pred,
                                             values_view sample_weight) const {
    return detail::each_f(detail::only_recall, {name, y_true, y_pred, sample_weight});
}

inline double f1_metric::operator()(labels_view y_true, labels_view y_pred,
                                    values_view sample_weight) const {
    return detail::averaged_f(name, 1, {name, y_true, y_pred, sample_weight}, average, pos_label);
}
inline class_scores f1_metric::per_class(labels_view y_true, labels_view y_pred,
                                         values_view sample_weight) const {
    return detail::each_f(1, {name, y_true, y_pred, sample_weight});
}

inline double f_beta::operator()(labels_view y_true, labels_view y_pred,
                                 values_view sample_weight) const {
    detail::check_beta(beta);
    return detail::averaged_f(name, beta, {name, y_true, y_pred, sample_weight}, average,
                              pos_label);
}
inline class_scores f_beta::per_class(labels_view y_true, labels_view y_pred,
                                      values_view sample_weight) const {
    detail::check_beta(beta);
    return detail::each_f(beta, {name, y_true, y_pred, sample_weight});
}

}  // namespace copse::metrics
