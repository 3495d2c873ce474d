// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The logistic loss of two classes: the probability of the second is predicted.

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/averages.hpp>
#include <copse/loss/loss.hpp>

#include <cmath>
#include <string_view>

namespace copse {

/// The negative log-likelihood, in nats, of y being 1 with probability p = 1 / (1 + exp(-raw)):
///
///     value     -y log p - (1 - y) log(1 - p)
///     gradient  p - y
///     hessian   p (1 - p)
///     response  p
///
/// y is 0 or 1, or a probability between. Nothing overflows or cancels: for raw = 50 and y = 1 the
/// gradient is -exp(-50), not 0. Hessians below the least double are 0, from |raw| = 746 on.
///
/// Source  J. Friedman, T. Hastie, R. Tibshirani, "Additive Logistic Regression: A Statistical View
/// of
///         Boosting", The Annals of Statistics 28:337-407, 2000, section 4.
struct log_loss {
    static constexpr std::string_view domain = "log_loss needs targets in [0, 1]";

    [[nodiscard]] COPSE_FN derivatives at(double y, double raw) const noexcept {
        auto const [p, rest] = probabilities(raw);
        return {exact_product(1.0 - y, p) - exact_product(y, rest), exact_product(p, rest)};
    }
    [[nodiscard]] COPSE_FN double value(double y, double raw) const noexcept {
        double const wrong = raw > 0 ? 1.0 - y : -y;  // by how much the likelier class is not y
        return log1p_of(exp_of(-std::fabs(raw))) + exact_product(wrong, raw);
    }
    [[nodiscard]] COPSE_FN double response(double raw) const noexcept {
        return probabilities(raw).second;
    }
    /// The log-odds of the mean, which counts as in [1e-15, 1 - 1e-15] (as LightGBM).
    [[nodiscard]] double initial_raw(view<double const> y, view<double const> weight) const {
        double const mean = detail::weighted_mean(y, weight);
        double const p = mean < 1e-15 ? 1e-15 : (mean > 1.0 - 1e-15 ? 1.0 - 1e-15 : mean);
        return log_of(p / (1.0 - p));
    }
    [[nodiscard]] COPSE_FN bool accepts(double y) const noexcept { return y >= 0 && y <= 1; }

    bool operator==(log_loss const&) const = default;

private:
    struct both {
        double second;  ///< the probability of y = 1
        double first;   ///< of y = 0: not a difference, so that it is exact when it is small
    };
    [[nodiscard]] COPSE_FN static both probabilities(double raw) noexcept {
        double const small = exp_of(-std::fabs(raw));
        double const greater = 1.0 / (1.0 + small);
        double const lesser = small / (1.0 + small);
        return {raw < 0 ? lesser : greater, raw < 0 ? greater : lesser};
    }
};

static_assert(pointwise_loss<log_loss>);

}  // namespace copse
