// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a trainer of least squares was told, and everything that can be wrong with it.

#include <copse/core/checks.hpp>
#include <copse/core/inputs.hpp>
#include <copse/linear/samples_view.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

namespace copse::detail {

struct squares_plan {
    std::string_view who;
    double alpha;
    double l1_ratio;
    double tolerance;
    std::size_t max_iter;
    bool fit_intercept;
};

/// Throws invalid_input; returns y.
[[nodiscard]] inline std::vector<double> checked_targets(squares_plan const& plan, samples_view x,
                                                         values_view y, values_view weights) {
    check_training_set(plan.who, x.rows(), x.cols(), y.size(), "values", weights);
    constexpr auto most = std::numeric_limits<double>::max();
    check_range(plan.who, "alpha", plan.alpha, 0, most, "at least 0 and finite");
    check_range(plan.who, "tolerance", plan.tolerance, std::numeric_limits<double>::min(), most,
                "greater than 0 and finite");
    check_at_least(plan.who, "max_iter", plan.max_iter, 1);
    std::vector<double> out(y.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = y[i];
        if (!std::isfinite(out[i])) {
            throw invalid_input(
                sentence(plan.who, ": y is ", out[i], " at row ", i, "; it must be finite"));
        }
    }
    x.visit([](auto const& rows) {
        if constexpr (requires { rows.validate(); }) rows.validate();
    });
    return out;
}

/// Weights as shares of their sum.
[[nodiscard]] inline std::vector<double> shares_of(values_view weights, std::size_t n) {
    std::vector<double> out(n, 1.0);
    double total = weights.empty() ? static_cast<double>(n) : 0;
    for (std::size_t i = 0; i < weights.size(); ++i) total += out[i] = weights[i];
    for (auto& share : out) share /= total;
    return out;
}

/// Takes the weighted mean off y and returns it.
[[nodiscard]] inline double centre(std::vector<double>& y, std::vector<double> const& shares) {
    double mean = 0;
    for (std::size_t i = 0; i < y.size(); ++i) mean += shares[i] * y[i];
    for (auto& value : y) value -= mean;
    return mean;
}

}  // namespace copse::detail
