// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Squared error: the mean of y is predicted.

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/averages.hpp>
#include <copse/loss/loss.hpp>

namespace copse {

/// (y - raw)^2 / 2.
///
///     gradient  raw - y        hessian  1        link  identity        any finite y
struct squared_error_loss {
    static constexpr bool unit_hessian = true;

    [[nodiscard]] COPSE_FN derivatives at(double y, double raw) const noexcept {
        return {raw - y, 1.0};
    }
    [[nodiscard]] COPSE_FN double value(double y, double raw) const noexcept {
        return 0.5 * exact_product(y - raw, y - raw);
    }
    /// The mean.
    [[nodiscard]] double initial_raw(view<double const> y, view<double const> weight) const {
        return detail::weighted_mean(y, weight);
    }

    bool operator==(squared_error_loss const&) const = default;
};

static_assert(pointwise_loss<squared_error_loss>);

}  // namespace copse
