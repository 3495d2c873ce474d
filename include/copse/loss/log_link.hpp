// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The logarithmic link of positive predictions: raw = log(prediction).

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/averages.hpp>

namespace copse::detail {

/// e^300 is greater than any mean, and its products with other such numbers are still finite.
inline constexpr double greatest_log = 300.0;

/// A raw score, brought into [-300, 300]: derivatives stay finite however far a score runs.
[[nodiscard]] COPSE_FN inline double bounded_log(double raw) noexcept {
    return raw > greatest_log ? greatest_log : (raw < -greatest_log ? -greatest_log : raw);
}

/// The logarithm of the weighted mean of y, none of which is negative; -300 if all are 0.
[[nodiscard]] inline double log_of_mean(view<double const> y, view<double const> weight) {
    double const mean = weighted_mean(y, weight);
    return mean < exp_of(-greatest_log) ? -greatest_log : bounded_log(log_of(mean));
}

}  // namespace copse::detail
