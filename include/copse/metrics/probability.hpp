// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How good predicted probabilities are, as probabilities.
///
///     metrics::log_loss(y_test, model.predict_proba(x_test), model.classes());
///     metrics::brier_score(y_test, p);        // p[i] of the greater of the two classes of y_test
///
/// Both throw invalid_input also for a probability outside [0, 1], rows that do not sum to 1
/// (within 0.001), columns and classes that differ in number, classes that do not increase, a label
/// that is none of them; and with one probability for each row, if y_true has not two classes.

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/metrics/class_counts.hpp>
#include <copse/metrics/class_probabilities.hpp>
#include <copse/metrics/metric.hpp>
#include <copse/metrics/rows.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <type_traits>

namespace copse::metrics {

/// The mean of -log p, p being the probability given to the true class; in nats.
///
/// p is first clipped to [e, 1 - e], e the machine epsilon of the element type of y_proba: nobody
/// is infinitely wrong. Of one probability for each row, which are read as double, it is 2^-52.
struct log_loss_metric {
    static constexpr std::string_view name = "log_loss";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::probabilities;

    [[nodiscard]] double operator()(labels_view y_true, features_view y_proba,
                                    labels const& classes, values_view sample_weight = {}) const;
    [[nodiscard]] double operator()(labels_view y_true, values_view y_proba,
                                    values_view sample_weight = {}) const;
};
inline constexpr log_loss_metric log_loss{};

/// The mean squared distance between the probabilities and the truth. For two classes
/// mean (t - p)^2, in [0, 1], where t is 1 for rows of the greater class and p its probability;
/// for more, mean sum_k (t_k - p_k)^2, in [0, 2].
/// Source  G. Brier, "Verification of Forecasts Expressed in Terms of Probability", Monthly Weather
///         Review 78:1-3, 1950; with half of its scale for two classes.
struct brier_score_metric {
    static constexpr std::string_view name = "brier_score";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::probabilities;

    [[nodiscard]] double operator()(labels_view y_true, features_view y_proba,
                                    labels const& classes, values_view sample_weight = {}) const;
    [[nodiscard]] double operator()(labels_view y_true, values_view y_proba,
                                    values_view sample_weight = {}) const;
};
inline constexpr brier_score_metric brier_score{};

static_assert(probability_metric<log_loss_metric> && score_metric<log_loss_metric>);
static_assert(probability_metric<brier_score_metric> && score_metric<brier_score_metric>);

// ------------------------------------------------------------------ implementation below

namespace detail {

/// The mean of loss(i, code of row i) over probabilities of all classes.
template <class Loss>
[[nodiscard]] double mean_over_codes(std::string_view metric, labels_view y_true,
                                     features_view y_proba, labels const& classes,
                                     values_view sample_weight, Loss loss) {
    check_probabilities(metric, y_proba, classes, y_true.size());
    row_weights const weights(metric, sample_weight, y_true.size());
    auto const codes = codes_among(metric, "y_true", y_true, classes);
    return mean_over(codes.size(), weights, [&](std::size_t i) { return loss(i, codes[i]); });
}

/// The mean of loss(p, whether the row is of the greater class) over probabilities of that class.
template <class Loss>
[[nodiscard]] double mean_over_two(std::string_view metric, labels_view y_true, values_view y_proba,
                                   values_view sample_weight, Loss loss) {
    check_size(metric, "y_proba", y_proba.size(), "values", y_true.size());
    for (std::size_t i = 0; i < y_proba.size(); ++i) check_probability(metric, y_proba[i], i);
    row_weights const weights(metric, sample_weight, y_true.size());
    auto const codes = codes_of_two(metric, y_true);
    return mean_over(codes.size(), weights,
                     [&](std::size_t i) { return loss(y_proba[i], codes[i] == 1); });
}

[[nodiscard]] inline double clipped_log_loss(double p, double epsilon) {
    return -std::log(std::clamp(p, epsilon, 1 - epsilon));
}

}  // namespace detail

inline double log_loss_metric::operator()(labels_view y_true, features_view y_proba,
                                          labels const& classes, values_view sample_weight) const {
    double const epsilon = y_proba.visit([](auto const& x) {
        using element = typename std::remove_cvref_t<decltype(x)>::value_type;
        return static_cast<double>(std::numeric_limits<element>::epsilon());
    });
    return detail::mean_over_codes(name, y_true, y_proba, classes, sample_weight,
                                   [&](std::size_t i, std::size_t code) {
                                       return detail::clipped_log_loss(y_proba(i, code), epsilon);
                                   });
}

inline double log_loss_metric::operator()(labels_view y_true, values_view y_proba,
                                          values_view sample_weight) const {
    return detail::mean_over_two(name, y_true, y_proba, sample_weight, [](double p, bool positive) {
        return detail::clipped_log_loss(positive ? p : 1 - p,
                                        std::numeric_limits<double>::epsilon());
    });
}

inline double brier_score_metric::operator()(labels_view y_true, features_view y_proba,
                                             labels const& classes,
                                             values_view sample_weight) const {
    double const scale = classes.size() == 2 ? 0.5 : 1.0;
    return scale * detail::mean_over_codes(name, y_true, y_proba, classes, sample_weight,
                                           [&](std::size_t i, std::size_t code) {
                                               detail::running_sum sum;
                                               for (std::size_t k = 0; k < y_proba.cols(); ++k) {
                                                   double const p = y_proba(i, k);
                                                   double const d = k == code ? 1 - p : p;
                                                   sum += d * d;
                                               }
                                               return sum.value();
                                           });
}

inline double brier_score_metric::operator()(labels_view y_true, values_view y_proba,
                                             values_view sample_weight) const {
    return detail::mean_over_two(name, y_true, y_proba, sample_weight, [](double p, bool positive) {
        double const d = positive ? 1 - p : p;
        return d * d;
    });
}

}  // namespace copse::metrics
