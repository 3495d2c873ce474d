// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The pinball loss: a quantile of y is predicted.

#include <copse/core/config.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/averages.hpp>
#include <copse/loss/loss.hpp>

#include <string_view>

namespace copse {

/// alpha (y - raw) where y >= raw, (1 - alpha) (raw - y) elsewhere: least at the alpha quantile.
///
///     gradient  -alpha where y > raw, 1 - alpha where y <= raw (as LightGBM)
///     hessian   1, in place of 0        link  identity        any finite y
///
/// Leaves are the alpha quantiles of their residuals.
///
/// Source  R. Koenker and G. Bassett, "Regression Quantiles", Econometrica 46:33-50, 1978, (1.5).
struct quantile_loss {
    static constexpr bool unit_hessian = true;

    double alpha = 0.5;  ///< in (0, 1)

    [[nodiscard]] COPSE_FN derivatives at(double y, double raw) const noexcept {
        return {y > raw ? -alpha : 1.0 - alpha, 1.0};
    }
    [[nodiscard]] COPSE_FN double value(double y, double raw) const noexcept {
        return y > raw ? exact_product(alpha, y - raw) : exact_product(1.0 - alpha, raw - y);
    }
    [[nodiscard]] double leaf_quantile() const noexcept { return alpha; }

    /// The alpha quantile.
    [[nodiscard]] double initial_raw(view<double const> y, view<double const> weight) const {
        return detail::quantile_of(y, weight, alpha);
    }
    void check(std::string_view who) const {
        if (alpha > 0 && alpha < 1) return;
        throw invalid_input(
            detail::sentence(who, ": quantile_loss.alpha is ", alpha, "; it must be in (0, 1)"));
    }

    bool operator==(quantile_loss const&) const = default;
};

static_assert(pointwise_loss<quantile_loss> && renews_leaves<quantile_loss>);

}  // namespace copse
