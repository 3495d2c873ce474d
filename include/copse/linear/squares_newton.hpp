// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Ridge regression by passes over x: the Newton solver with the loss 1/2 (score - y)^2, whose
/// curvature is 1, so that conjugate gradients do all the work.

#include <copse/linear/column_moments.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/linear/newton.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/linear/products.hpp>
#include <copse/linear/squares_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <stop_token>
#include <vector>

namespace copse::detail {

/// Costs[i] weighs 1/2 (score - y)^2 against 1/2 ||w||^2. Inside backend.enter.
template <backend B, class X>
[[nodiscard]] linear_regressor solve_squares(B const& backend, X const& x, squares_plan const& plan,
                                             std::vector<double> const& y,
                                             std::vector<double> const& costs, double mean_of_y,
                                             std::stop_token const& stop) {
    using real = typename products<X>::real;
    std::vector<std::uint32_t> const no_codes;
    linear_plan const shared{plan.who,      no_codes,           0,   costs, plan.tolerance,
                             plan.max_iter, plan.fit_intercept, stop};
    auto const rules = rules_for(backend, x, shared);
    products<X> pass(x, 1);
    newton solver(rules, 1, plan.tolerance);
    while (!solver.done()) {
        if (stop.stop_requested()) throw stopped(sentence(plan.who, ": was stopped"));
        std::vector<pass_tally> tallies(pass.n_segments());
        auto const offset = solver.offset(0);
        bool const gradient = solver.wants() == newton_wants::gradient;
        double const* const v = solver.request(0);
        double* const g = solver.products(0);
        pass(backend, {&v, 1}, {&g, 1},
             [&](std::size_t segment, std::size_t first, std::size_t count, real* z, std::size_t) {
                 for (std::size_t i = 0; i < count; ++i) {
                     auto const c = costs[first + i];
                     auto const score = static_cast<double>(z[i]) + offset;
                     auto const error = gradient ? score - y[first + i] : score;
                     z[i] = static_cast<real>(c * error);
                     tallies[segment].add(0.5 * c * error * error, c * error, c);
                 }
             });
        pass_tally sum;
        for (auto const& t : tallies) sum.add(t.loss, t.sums.r, t.sums.curvature);
        solver.answer(sum.loss, {&sum.sums, 1});
    }
    return {{solver.weights(0), solver.weights(0) + x.cols()},
            solver.intercept(0) + mean_of_y,
            solver.report()};
}

/// The entrance of ridge. The objective of its report is 1/(2 alpha) of ridge's own.
template <backend B>
[[nodiscard]] linear_regressor fit_squares(squares_plan const& plan, samples_view x, values_view y,
                                           linear_fit_options const& options, B const& outer) {
    check_n_jobs(outer, plan.who);
    auto targets = checked_targets(plan, x, y, options.sample_weight);
    check_range(plan.who, "alpha", plan.alpha, std::numeric_limits<double>::min(),
                std::numeric_limits<double>::max(), "greater than 0 and finite");
    std::vector<double> costs(targets.size(), 1 / plan.alpha);
    for (std::size_t i = 0; i < options.sample_weight.size(); ++i)
        costs[i] *= options.sample_weight[i];
    auto const shares = shares_of(options.sample_weight, targets.size());
    auto const mean = plan.fit_intercept ? centre(targets, shares) : 0.0;
    return outer.enter([&] {
        auto const backend = outer.inherited();
        return x.visit([&](auto const& rows) {
            return solve_squares(backend, rows, plan, targets, costs, mean, options.stop);
        });
    });
}

}  // namespace copse::detail
