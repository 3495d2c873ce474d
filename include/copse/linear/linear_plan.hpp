// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What every solver of a linear model is told.

#include <copse/linear/column_scales.hpp>
#include <copse/linear/iterations.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string_view>
#include <vector>

namespace copse::detail {

/// What a fit is told, whatever its loss.
struct linear_plan {
    std::string_view who;
    std::vector<std::uint32_t> const& codes;  ///< of each row's class
    std::size_t n_classes;                    ///< of two, only the second is fitted
    std::vector<double> const& weights;       ///< of each row: C times its own
    double tolerance;
    std::size_t max_iter;
    bool fit_intercept;
    std::stop_token stop;
    column_scales scales{};
    iteration_hook on_iteration{};
};

/// LIBLINEAR's: a rare class is solved more tightly. The share of rows that are on the rarer side
/// of class `code` against the rest.
[[nodiscard]] inline double rarer_share(linear_plan const& plan, std::uint32_t code) {
    auto const n = static_cast<double>(plan.codes.size());
    auto const positive =
        static_cast<double>(std::count(plan.codes.begin(), plan.codes.end(), code));
    return std::max(std::min(positive, n - positive), 1.0) / n;
}

}  // namespace copse::detail
