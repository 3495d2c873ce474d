// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The common entrance of linear regressors, as fit_linear.hpp is of classifiers: arguments are
/// checked, rows get their weights, and a solver's weights become a model.

#include <copse/core/checks.hpp>
#include <copse/core/inputs.hpp>
#include <copse/linear/column_scales.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/linear/linear_start.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/ranks_view.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace copse::detail {

/// The fields that all linear regressors have, and what a row costs: 1/alpha, or C.
struct regressor_settings {
    std::string_view who;
    double cost;
    double tolerance;
    std::size_t max_iter;
    bool fit_intercept;
    bool standardize;
};

/// Those of a trainer, by its fields; what it lacks is as here.
template <class Trainer>
[[nodiscard]] regressor_settings settings_of(std::string_view who, double cost,
                                             Trainer const& trainer) noexcept {
    regressor_settings out{who, cost, 1, 1, trainer.fit_intercept, false};
    if constexpr (requires { trainer.tolerance; }) out.tolerance = trainer.tolerance;
    if constexpr (requires { trainer.max_iter; }) out.max_iter = trainer.max_iter;
    if constexpr (requires { trainer.standardize; }) out.standardize = trainer.standardize;
    return out;
}

/// What a solver is given: with an intercept, y less its weighted mean.
struct regression_problem {
    linear_plan const& plan;  ///< weights: cost times sample weight
    std::vector<double> const& y;
    std::vector<double> const& shares;  ///< sample weights, of sum 1
};

/// Throws invalid_input; returns y.
[[nodiscard]] inline std::vector<double> checked_targets(regressor_settings const& s,
                                                         samples_view x, values_view y,
                                                         values_view weights,
                                                         ranks_view ranks = {}) {
    check_shard(s.who, ranks, x.rows(), x.cols(), y.size(), "values", weights);
    check_range(s.who, "tolerance", s.tolerance, std::numeric_limits<double>::min(),
                std::numeric_limits<double>::max(), "greater than 0 and finite");
    check_at_least(s.who, "max_iter", s.max_iter, 1);
    std::vector<double> out(y.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = y[i];
        if (!std::isfinite(out[i])) {
            throw invalid_input(
                sentence(s.who, ": y is ", out[i], " at row ", i, "; it must be finite"));
        }
    }
    x.visit([](auto const& rows) {
        if constexpr (requires { rows.validate(); }) rows.validate();
    });
    return out;
}

/// Takes the weighted mean over all ranks off y and returns it.
[[nodiscard]] inline double centre(std::vector<double>& y, std::vector<double> const& shares,
                                   ranks_view ranks) {
    double mean = 0;
    for (std::size_t i = 0; i < y.size(); ++i) mean += shares[i] * y[i];
    mean = ranks.sum(mean);
    for (auto& value : y) value -= mean;
    return mean;
}

/// solve(backend, x, problem) finds the weights.
template <class Solve>
[[nodiscard]] linear_regressor fit_regressor(regressor_settings const& s, samples_view x,
                                             values_view y, linear_fit_options const& options,
                                             any_backend const& outer, Solve const& solve) {
    auto const ranks = options.ranks;
    check_n_jobs(outer, s.who);
    auto targets = checked_targets(s, x, y, options.sample_weight, ranks);
    check_same_fit(
        s, x, ranks,
        {{"the cost of a row", s.cost}, {"warm_start", options.warm_start.empty() ? 0.0 : 1.0}});
    check_start(s.who, options.warm_start, x.cols(), nullptr, multi_class_rule::one_vs_rest);
    auto const shares = shares_of(options.sample_weight, targets.size(), ranks);
    auto const mean = s.fit_intercept ? centre(targets, shares, ranks) : 0.0;
    std::vector<double> costs(targets.size(), s.cost);
    for (std::size_t i = 0; i < options.sample_weight.size(); ++i)
        costs[i] *= options.sample_weight[i];
    std::vector<std::uint32_t> const no_codes;
    linear_plan plan{
        s.who,           no_codes,     0,  costs, s.tolerance, s.max_iter,
        s.fit_intercept, options.stop, {}, {},    ranks,       options.warm_start.lowered_by(mean)};
    plan.on_iteration = iteration_hook(options.on_iteration, s.max_iter).raised_by(mean);
    auto const found = outer.enter([&] {
        auto const backend = outer.inherited();
        return x.visit([&](auto const& rows) -> fitted_class {
            if (s.standardize)
                plan.scales = scales_of(backend, rows, shares, s.fit_intercept, ranks);
            return solve(backend, rows, regression_problem{plan, targets, shares});
        });
    });
    return {found.coef, found.intercept + mean, found.report};
}

}  // namespace copse::detail
