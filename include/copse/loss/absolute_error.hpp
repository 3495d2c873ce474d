// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Absolute error: the median of y is predicted.

#include <copse/core/config.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/averages.hpp>
#include <copse/loss/loss.hpp>

#include <cmath>

namespace copse {

/// |y - raw|.
///
///     gradient  the sign of raw - y, 0 at y        hessian  1, in place of 0 (as LightGBM)
///     link  identity                                any finite y
///
/// Leaves are the medians of their residuals.
struct absolute_error_loss {
    static constexpr bool unit_hessian = true;

    [[nodiscard]] COPSE_FN derivatives at(double y, double raw) const noexcept {
        return {static_cast<double>((raw > y) - (raw < y)), 1.0};
    }
    [[nodiscard]] COPSE_FN double value(double y, double raw) const noexcept {
        return std::fabs(y - raw);
    }
    [[nodiscard]] double leaf_quantile() const noexcept { return 0.5; }

    /// The median.
    [[nodiscard]] double initial_raw(view<double const> y, view<double const> weight) const {
        return detail::quantile_of(y, weight, 0.5);
    }

    bool operator==(absolute_error_loss const&) const = default;
};

static_assert(pointwise_loss<absolute_error_loss> && renews_leaves<absolute_error_loss>);

}  // namespace copse
