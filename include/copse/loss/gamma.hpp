// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The Gamma loss: positive amounts whose spread grows with their mean, such as claims.

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/averages.hpp>
#include <copse/loss/link.hpp>
#include <copse/loss/loss.hpp>

#include <string_view>

namespace copse {

/// Half the deviance of y, positive, from its mean p = exp(raw):
///
///     value     y / p - log(y / p) - 1
///     gradient  1 - y / p
///     hessian   y / p
///     link      logarithmic
///
/// Raw scores count as in [-300, 300].
///
/// Source  P. McCullagh and J. Nelder, "Generalized Linear Models", 2nd edition, 1989, chapter 8.
struct gamma_loss {
    static constexpr link_function prediction = link_function::log;
    static constexpr std::string_view domain = "gamma_loss needs targets above 0";

    [[nodiscard]] COPSE_FN derivatives at(double y, double raw) const noexcept {
        double const ratio = exact_product(y, exp_of(-detail::bounded_log(raw)));
        return {1.0 - ratio, ratio};
    }
    [[nodiscard]] COPSE_FN double value(double y, double raw) const noexcept {
        double const log_p = detail::bounded_log(raw);
        return exact_product(y, exp_of(-log_p)) - (log_of(y) - log_p) - 1.0;
    }
    /// The logarithm of the mean.
    [[nodiscard]] double initial_raw(view<double const> y, view<double const> weight) const {
        return detail::log_of_mean(y, weight);
    }
    [[nodiscard]] COPSE_FN bool accepts(double y) const noexcept { return y > 0; }

    bool operator==(gamma_loss const&) const = default;
};

static_assert(pointwise_loss<gamma_loss>);

}  // namespace copse
