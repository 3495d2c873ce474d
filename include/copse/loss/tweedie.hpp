// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The Tweedie loss: amounts that are often exactly 0, such as a policy's total claims.

#include <copse/core/config.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/averages.hpp>
#include <copse/loss/link.hpp>
#include <copse/loss/loss.hpp>

#include <string_view>

namespace copse {

/// Half the deviance of y, at least 0, from its mean p = exp(raw), for a variance that grows like
/// p^power: between Poisson (1) and Gamma (2).
///
///     value     y^(2 - power) / ((1 - power) (2 - power)) - y p^(1 - power) / (1 - power)
///                   + p^(2 - power) / (2 - power)
///     gradient  p^(2 - power) - y p^(1 - power)
///     hessian   (2 - power) p^(2 - power) + (power - 1) y p^(1 - power)
///     link      logarithmic
///
/// Raw scores count as in [-300, 300].
///
/// Source  B. Jorgensen, "Exponential Dispersion Models", Journal of the Royal Statistical Society
/// B
///         49:127-162, 1987, section 5.
struct tweedie_loss {
    static constexpr link_function prediction = link_function::log;
    static constexpr std::string_view domain = "tweedie_loss needs targets of at least 0";

    double power = 1.5;  ///< in (1, 2)

    [[nodiscard]] COPSE_FN derivatives at(double y, double raw) const noexcept {
        auto const [mean, target] = terms(y, raw);
        return {mean - target,
                exact_product(2.0 - power, mean) + exact_product(power - 1.0, target)};
    }
    [[nodiscard]] COPSE_FN double value(double y, double raw) const noexcept {
        auto const [mean, target] = terms(y, raw);
        double const of_y = y > 0 ? exp_of(exact_product(2.0 - power, log_of(y))) : 0.0;
        return mean / (2.0 - power) + target / (power - 1.0) -
               of_y / exact_product(power - 1.0, 2.0 - power);
    }
    /// The logarithm of the mean; -300 if all targets are 0.
    [[nodiscard]] double initial_raw(view<double const> y, view<double const> weight) const {
        return detail::log_of_mean(y, weight);
    }
    [[nodiscard]] COPSE_FN bool accepts(double y) const noexcept { return y >= 0; }

    void check(std::string_view who) const {
        if (power > 1 && power < 2) return;
        throw invalid_input(
            detail::sentence(who, ": tweedie_loss.power is ", power, "; it must be in (1, 2)"));
    }

    bool operator==(tweedie_loss const&) const = default;

private:
    struct both {
        double mean;    ///< p^(2 - power)
        double target;  ///< y p^(1 - power)
    };
    [[nodiscard]] COPSE_FN both terms(double y, double raw) const noexcept {
        double const log_p = detail::bounded_log(raw);
        return {exp_of(exact_product(2.0 - power, log_p)),
                exact_product(y, exp_of(exact_product(1.0 - power, log_p)))};
    }
};

static_assert(pointwise_loss<tweedie_loss>);

}  // namespace copse
