// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The Poisson loss: counts, or rates with exposures as weights.

#include <copse/core/config.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/averages.hpp>
#include <copse/loss/link.hpp>
#include <copse/loss/loss.hpp>

#include <cmath>
#include <string_view>

namespace copse {

/// Half the deviance of y, at least 0, from its mean p = exp(raw):
///
///     value     y log(y / p) - y + p, with 0 log 0 = 0
///     gradient  p - y
///     hessian   p exp(max_delta_step)
///     link      logarithmic
///
/// A Newton step in a leaf whose mean is far above its predictions would overshoot by orders of
/// magnitude; max_delta_step makes it shorter. LightGBM and XGBoost have 0.7 here, too,
/// scikit-learn the true second derivative, 0. Raw scores count as in [-300, 300].
///
/// Source  P. McCullagh and J. Nelder, "Generalized Linear Models", 2nd edition, 1989, chapter 6.
struct poisson_loss {
    static constexpr link_function prediction = link_function::log;
    static constexpr std::string_view domain = "poisson_loss needs targets of at least 0";

    double max_delta_step = 0.7;  ///< at least 0

    [[nodiscard]] COPSE_FN derivatives at(double y, double raw) const noexcept {
        double const p = exp_of(detail::bounded_log(raw));
        return {p - y, exact_product(p, exp_of(max_delta_step))};
    }
    [[nodiscard]] COPSE_FN double value(double y, double raw) const noexcept {
        double const log_p = detail::bounded_log(raw);
        double const p = exp_of(log_p);
        return y > 0 ? exact_product(y, log_of(y) - log_p) - y + p : p;
    }
    /// The logarithm of the mean; -300 if all targets are 0.
    [[nodiscard]] double initial_raw(view<double const> y, view<double const> weight) const {
        return detail::log_of_mean(y, weight);
    }
    [[nodiscard]] COPSE_FN bool accepts(double y) const noexcept { return y >= 0; }

    void check(std::string_view who) const {
        if (max_delta_step >= 0 && max_delta_step <= 100) return;
        throw invalid_input(detail::sentence(who, ": poisson_loss.max_delta_step is ",
                                             max_delta_step, "; it must be in [0, 100]"));
    }

    bool operator==(poisson_loss const&) const = default;
};

static_assert(pointwise_loss<poisson_loss>);

}  // namespace copse
