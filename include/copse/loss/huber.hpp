// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Huber's loss: squared error for small residuals, absolute error for great ones.

#include <copse/core/config.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/averages.hpp>
#include <copse/loss/loss.hpp>

#include <cmath>
#include <string_view>

namespace copse {

/// With d = raw - y, d^2 / 2 where |d| <= delta, delta (|d| - delta / 2) elsewhere.
///
///     gradient  d, brought into [-delta, delta]        link  identity        any finite y
///     hessian   1 everywhere (as LightGBM), also where the second derivative is 0
///
/// Source  P. Huber, "Robust Estimation of a Location Parameter", The Annals of Mathematical
///         Statistics 35:73-101, 1964, section 1.
struct huber_loss {
    static constexpr bool unit_hessian = true;

    double delta = 1.0;  ///< positive and finite, in the units of y

    [[nodiscard]] COPSE_FN derivatives at(double y, double raw) const noexcept {
        return {clipped(raw - y), 1.0};
    }
    [[nodiscard]] COPSE_FN double value(double y, double raw) const noexcept {
        double const d = std::fabs(raw - y);
        return d <= delta ? 0.5 * exact_product(d, d) : exact_product(delta, d - 0.5 * delta);
    }
    /// The median and one step from there, the mean of the clipped residuals, towards the best
    /// constant (as scikit-learn); the rest is left to the trees.
    [[nodiscard]] double initial_raw(view<double const> y, view<double const> weight) const {
        double const median = detail::quantile_of(y, weight, 0.5);
        return median + detail::weighted_mean(y.size(), weight, [&](std::size_t i) {
                   return clipped(y[i] - median);
               });
    }
    void check(std::string_view who) const {
        if (delta > 0 && std::isfinite(delta)) return;
        throw invalid_input(detail::sentence(who, ": huber_loss.delta is ", delta,
                                             "; it must be positive and finite"));
    }

    bool operator==(huber_loss const&) const = default;

private:
    [[nodiscard]] COPSE_FN double clipped(double d) const noexcept {
        return d > delta ? delta : (d < -delta ? -delta : d);
    }
};

static_assert(pointwise_loss<huber_loss>);

}  // namespace copse
