// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The elastic net: what a weight costs, and when it should move.
///
///     l1_penalty const penalty{.l1 = 1, .l2 = 0};      // penalty.of(w), penalty.violation(w,
///     slope)

#include <algorithm>
#include <cmath>

namespace copse::detail {

/// l1 |w| + l2/2 w^2 for each weight.
struct l1_penalty {
    double l1, l2;

    [[nodiscard]] double of(double w) const noexcept { return l1 * std::abs(w) + 0.5 * l2 * w * w; }
    /// By how much the optimality condition fails for a weight with this slope, l2's part included.
    [[nodiscard]] double violation(double w, double slope) const noexcept {
        if (w > 0) return std::abs(slope + l1);
        if (w < 0) return std::abs(slope - l1);
        return std::max(0.0, std::abs(slope) - l1);
    }
};

/// The number nearest to 0 that is within l1 of `value`.
[[nodiscard]] inline double shrunk(double value, double l1) noexcept {
    return std::copysign(std::max(0.0, std::abs(value) - l1), value);
}

}  // namespace copse::detail
