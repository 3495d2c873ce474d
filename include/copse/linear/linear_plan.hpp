// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What every solver of a linear classifier is told, and what it gives back for one class.

#include <copse/linear/column_scales.hpp>
#include <copse/linear/solver_report.hpp>

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
};

/// One class against the others.
struct fitted_class {
    std::vector<double> coef;
    double intercept = 0;
    solver_report report;
};

}  // namespace copse::detail
