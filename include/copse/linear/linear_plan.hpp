// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What every solver of a linear model is told.

#include <copse/linear/column_scales.hpp>
#include <copse/linear/iterations.hpp>
#include <copse/linear/linear_start.hpp>
#include <copse/par/ranks_view.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
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
    ranks_view ranks{};    ///< who have the other rows; codes and weights are of this rank's
    linear_start start{};  ///< scores as the solvers have them
};

/// Which score is of class `code` against the rest.
[[nodiscard]] inline std::size_t score_of(linear_plan const& plan, std::size_t code) noexcept {
    return plan.n_classes == 2 ? 0 : code;
}

/// Of each class, the rows on all ranks.
[[nodiscard]] inline std::vector<double> rows_of_classes(linear_plan const& plan) {
    std::vector<double> counts(plan.n_classes);
    for (auto const code : plan.codes) ++counts[code];
    plan.ranks.allreduce_sum(counts);
    return counts;
}

/// LIBLINEAR's: a rare class is solved more tightly. The share of rows that are on the rarer side
/// of class `code` against the rest.
[[nodiscard]] inline double rarer_share(linear_plan const& plan, std::uint32_t code) {
    auto const counts = rows_of_classes(plan);
    auto const n = std::accumulate(counts.begin(), counts.end(), 0.0);
    auto const positive = counts[code];
    return std::max(std::min(positive, n - positive), 1.0) / n;
}

}  // namespace copse::detail
