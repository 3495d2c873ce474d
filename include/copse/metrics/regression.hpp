// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How far predicted numbers are from the true ones.
///
///     metrics::root_mean_squared_error(y_test, model.predict(x_test));
///     metrics::mean_pinball_loss{.alpha = 0.9}(y_test, upper, sample_weight);
///
/// All throw invalid_input also if a true or predicted number is NaN or infinite. Below, mean and
/// sum are weighted, y is y_true and p is y_pred.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/metrics/metric.hpp>
#include <copse/metrics/rows.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::metrics {

/// mean (y - p)^2.
struct mean_squared_error_metric {
    static constexpr std::string_view name = "mean_squared_error";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::values;

    [[nodiscard]] double operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight = {}) const;
};
inline constexpr mean_squared_error_metric mean_squared_error{};

/// sqrt(mean (y - p)^2), in the units of y.
struct root_mean_squared_error_metric {
    static constexpr std::string_view name = "root_mean_squared_error";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::values;

    [[nodiscard]] double operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight = {}) const;
};
inline constexpr root_mean_squared_error_metric root_mean_squared_error{};

/// mean |y - p|.
struct mean_absolute_error_metric {
    static constexpr std::string_view name = "mean_absolute_error";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::values;

    [[nodiscard]] double operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight = {}) const;
};
inline constexpr mean_absolute_error_metric mean_absolute_error{};

/// The median of |y - p|: the least error that half of the weight does not exceed, or where
/// exactly half does not, the mean of it and the next greater one that has weight. Sorts.
/// Source     R. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The American
///            Statistician 50:361-365, 1996, definition 2.
/// Deviation  "exactly half" allows for rounding, 2^-52 of the total weight; scikit-learn's 2^-52
///            whatever the total.
struct median_absolute_error_metric {
    static constexpr std::string_view name = "median_absolute_error";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::values;

    [[nodiscard]] double operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight = {}) const;
};
inline constexpr median_absolute_error_metric median_absolute_error{};

/// 1 - sum (y - p)^2 / sum (y - mean y)^2: 1 is perfect, 0 as good as the mean, and there is no
/// least. If y is constant, 1 where p equals it and 0 otherwise. Throws also if there is one row.
struct r2_metric {
    static constexpr std::string_view name = "r2";
    static constexpr bool greater_is_better = true;
    static constexpr prediction needs = prediction::values;

    [[nodiscard]] double operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight = {}) const;
};
inline constexpr r2_metric r2{};

/// mean of alpha (y - p) where y >= p and (1 - alpha) (p - y) elsewhere: least when p is the alpha
/// quantile of y. alpha is in [0, 1]; at 1/2 it is half the mean absolute error.
/// Source  R. Koenker and G. Bassett, "Regression Quantiles", Econometrica 46:33-50, 1978, (1.5).
struct mean_pinball_loss {
    static constexpr std::string_view name = "mean_pinball_loss";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::values;

    double alpha = 0.5;

    [[nodiscard]] double operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight = {}) const;
};

/// 2 mean (y log(y / p) - y + p), with 0 log 0 = 0: the loss of counts whose mean is p.
/// Throws also if some y is negative or some p is not positive.
struct mean_poisson_deviance_metric {
    static constexpr std::string_view name = "mean_poisson_deviance";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::values;

    [[nodiscard]] double operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight = {}) const;
};
inline constexpr mean_poisson_deviance_metric mean_poisson_deviance{};

/// 2 mean (y / p - log(y / p) - 1): the loss of positive amounts whose spread grows with their
/// mean. Throws also if some y or p is not positive.
struct mean_gamma_deviance_metric {
    static constexpr std::string_view name = "mean_gamma_deviance";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::values;

    [[nodiscard]] double operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight = {}) const;
};
inline constexpr mean_gamma_deviance_metric mean_gamma_deviance{};

/// 2 mean (y^(2 - power) / ((1 - power) (2 - power)) - y p^(1 - power) / (1 - power)
/// + p^(2 - power) / (2 - power)): amounts that are often exactly 0. power is in (1, 2), between
/// the Poisson and the Gamma deviance. Throws also if some y is negative or some p is not positive.
/// Source  B. Jorgensen, "Exponential Dispersion Models", Journal of the Royal Statistical Society
/// B
///         49:127-162, 1987, section 5.
struct mean_tweedie_deviance {
    static constexpr std::string_view name = "mean_tweedie_deviance";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::values;

    double power = 1.5;

    [[nodiscard]] double operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight = {}) const;
};

/// mean of d^2 / 2 where d = |y - p| is at most delta, and of delta (d - delta / 2) elsewhere:
/// great errors count in proportion. delta is positive and finite. Source  P. Huber, "Robust
/// Estimation of a Location Parameter", The Annals of Mathematical
///         Statistics 35:73-101, 1964, section 1.
struct mean_huber_loss {
    static constexpr std::string_view name = "mean_huber_loss";
    static constexpr bool greater_is_better = false;
    static constexpr prediction needs = prediction::values;

    double delta = 1.0;

    [[nodiscard]] double operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight = {}) const;
};

static_assert(value_metric<r2_metric> && value_metric<mean_pinball_loss>);

// ------------------------------------------------------------------ implementation below

namespace detail {

/// The weights, once everything about two columns of numbers has been checked.
[[nodiscard]] inline row_weights checked(std::string_view metric, values_view y_true,
                                         values_view y_pred, values_view sample_weight) {
    check_size(metric, "y_pred", y_pred.size(), "values", y_true.size());
    check_finite(metric, "y_true", y_true);
    check_finite(metric, "y_pred", y_pred);
    return {metric, sample_weight, y_true.size()};
}

/// The mean of loss(y, p).
template <class Loss>
[[nodiscard]] double mean_loss(std::string_view metric, values_view y_true, values_view y_pred,
                               values_view sample_weight, Loss loss) {
    auto const weights = checked(metric, y_true, y_pred, sample_weight);
    return mean_over(y_true.size(), weights,
                     [&](std::size_t i) { return loss(y_true[i], y_pred[i]); });
}

/// Throws unless the values are at least 0, or positive.
inline void check_sign(std::string_view metric, std::string_view what, values_view values,
                       bool zero_is_fine) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] > 0 || (zero_is_fine && values[i] == 0)) continue;
        throw invalid_input(
            sentence(metric, ": ", what, " is ", values[i], " at row ", i,
                     zero_is_fine ? "; it must be at least 0" : "; it must be positive"));
    }
}

[[nodiscard]] inline double square(double x) noexcept { return x * x; }

}  // namespace detail

inline double mean_squared_error_metric::operator()(values_view y_true, values_view y_pred,
                                                    values_view sample_weight) const {
    return detail::mean_loss(name, y_true, y_pred, sample_weight,
                             [](double y, double p) { return detail::square(y - p); });
}

inline double root_mean_squared_error_metric::operator()(values_view y_true, values_view y_pred,
                                                         values_view sample_weight) const {
    return std::sqrt(detail::mean_loss(name, y_true, y_pred, sample_weight,
                                       [](double y, double p) { return detail::square(y - p); }));
}

inline double mean_absolute_error_metric::operator()(values_view y_true, values_view y_pred,
                                                     values_view sample_weight) const {
    return detail::mean_loss(name, y_true, y_pred, sample_weight,
                             [](double y, double p) { return std::abs(y - p); });
}

inline double mean_pinball_loss::operator()(values_view y_true, values_view y_pred,
                                            values_view sample_weight) const {
    if (!(alpha >= 0 && alpha <= 1)) {
        throw invalid_input(detail::sentence(name, ": alpha is ", detail::written(alpha),
                                             "; it must be in [0, 1]"));
    }
    return detail::mean_loss(name, y_true, y_pred, sample_weight, [this](double y, double p) {
        return y >= p ? alpha * (y - p) : (1 - alpha) * (p - y);
    });
}

inline double mean_poisson_deviance_metric::operator()(values_view y_true, values_view y_pred,
                                                       values_view sample_weight) const {
    auto const weights = detail::checked(name, y_true, y_pred, sample_weight);
    detail::check_sign(name, "y_true", y_true, true);
    detail::check_sign(name, "y_pred", y_pred, false);
    return 2 * detail::mean_over(y_true.size(), weights, [&](std::size_t i) {
               double const y = y_true[i];
               double const p = y_pred[i];
               return (y > 0 ? y * std::log(y / p) : 0.0) - y + p;
           });
}

inline double mean_gamma_deviance_metric::operator()(values_view y_true, values_view y_pred,
                                                     values_view sample_weight) const {
    auto const weights = detail::checked(name, y_true, y_pred, sample_weight);
    detail::check_sign(name, "y_true", y_true, false);
    detail::check_sign(name, "y_pred", y_pred, false);
    return 2 * detail::mean_over(y_true.size(), weights, [&](std::size_t i) {
               double const ratio = y_true[i] / y_pred[i];
               return ratio - std::log(ratio) - 1;
           });
}

inline double mean_tweedie_deviance::operator()(values_view y_true, values_view y_pred,
                                                values_view sample_weight) const {
    if (!(power > 1 && power < 2)) {
        throw invalid_input(detail::sentence(name, ": power is ", detail::written(power),
                                             "; it must be in (1, 2)"));
    }
    auto const weights = detail::checked(name, y_true, y_pred, sample_weight);
    detail::check_sign(name, "y_true", y_true, true);
    detail::check_sign(name, "y_pred", y_pred, false);
    double const a = power - 1;
    double const b = 2 - power;
    return 2 * detail::mean_over(y_true.size(), weights, [&](std::size_t i) {
               double const y = y_true[i];
               double const p = y_pred[i];
               return y * std::pow(p, -a) / a + std::pow(p, b) / b - std::pow(y, b) / (a * b);
           });
}

inline double mean_huber_loss::operator()(values_view y_true, values_view y_pred,
                                          values_view sample_weight) const {
    if (!(delta > 0 && std::isfinite(delta))) {
        throw invalid_input(detail::sentence(name, ": delta is ", detail::written(delta),
                                             "; it must be positive and finite"));
    }
    return detail::mean_loss(name, y_true, y_pred, sample_weight, [this](double y, double p) {
        double const d = std::abs(y - p);
        return d <= delta ? d * d / 2 : delta * (d - delta / 2);
    });
}

inline double r2_metric::operator()(values_view y_true, values_view y_pred,
                                    values_view sample_weight) const {
    auto const n = y_true.size();
    auto const weights = detail::checked(name, y_true, y_pred, sample_weight);
    if (n < 2) throw invalid_input("r2: y_true has 1 value; at least 2 are needed");
    // Measured from one of them, a constant y has a spread of exactly 0.
    std::size_t first = 0;
    while (weights[first] == 0) ++first;
    auto const y = [&, origin = y_true[first]](std::size_t i) { return y_true[i] - origin; };
    double const mean = detail::mean_over(n, weights, y);
    double const error = detail::mean_over(
        n, weights, [&](std::size_t i) { return detail::square(y_true[i] - y_pred[i]); });
    double const spread =
        detail::mean_over(n, weights, [&](std::size_t i) { return detail::square(y(i) - mean); });
    if (spread == 0) return error == 0 ? 1.0 : 0.0;
    return 1 - error / spread;
}

inline double median_absolute_error_metric::operator()(values_view y_true, values_view y_pred,
                                                       values_view sample_weight) const {
    auto const weights = detail::checked(name, y_true, y_pred, sample_weight);
    std::vector<std::pair<double, double>> errors;  // and their weights
    errors.reserve(y_true.size());
    for (std::size_t i = 0; i < y_true.size(); ++i) {
        if (weights[i] > 0) errors.emplace_back(std::abs(y_true[i] - y_pred[i]), weights[i]);
    }
    std::sort(errors.begin(), errors.end());
    double const half = weights.total() / 2;
    double const slack = std::numeric_limits<double>::epsilon() * weights.total();
    detail::running_sum below;
    for (std::size_t i = 0; i < errors.size(); ++i) {
        below += errors[i].second;
        double const excess = below.value() - half;
        if (excess < -slack) continue;
        if (excess > slack || i + 1 == errors.size()) return errors[i].first;
        return (errors[i].first + errors[i + 1].first) / 2;
    }
    return errors.back().first;
}

}  // namespace copse::metrics
