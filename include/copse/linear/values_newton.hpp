// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Numbers fitted by passes over x: the Newton solver with a loss of the score against the target.
/// Ridge regression has a curvature of 1 everywhere, so that conjugate gradients do all the work.

#include <copse/core/errors.hpp>
#include <copse/linear/fit_regressor.hpp>
#include <copse/linear/iterations.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/newton.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/linear/products.hpp>
#include <copse/linear/value_loss.hpp>

#include <cstddef>
#include <vector>

namespace copse::detail {

/// Minimises 1/2 ||w||^2 + sum_i plan.weights[i] loss(score_i, y_i). Inside backend.enter.
/// Throws stopped.
template <class Loss, backend B, class X>
[[nodiscard]] fitted_class fit_values(B const& backend, X const& x,
                                      regression_problem const& problem, Loss const& loss) {
    using real = typename products<X>::real;
    auto const& plan = problem.plan;
    auto const& y = problem.y;
    auto const rules = rules_for(backend, x, plan);
    products<X> pass(x, 1);
    newton solver(rules, 1, plan.tolerance);
    if (!plan.start.empty()) solver.begin_at(0, plan.start.coef().row(0), plan.start.intercept(0));
    std::vector<double> curves(y.size());
    auto const so_far = [&]() -> fitted_class {
        return {solver.weights(0), solver.intercept(0), solver.report()};
    };
    iteration_teller tell(plan.on_iteration);
    while (!solver.done()) {
        if (plan.stop.stop_requested()) throw stopped(sentence(plan.who, ": was stopped"));
        std::vector<pass_tally> tallies(pass.n_segments());
        auto const offset = solver.offset(0);
        bool const gradient = solver.wants() == pass_wants::gradient;
        double const* const v = solver.request(0);
        double* const g = solver.products(0);
        pass(backend, {&v, 1}, {&g, 1},
             [&](std::size_t segment, std::size_t first, std::size_t count, real* z, std::size_t) {
                 for (std::size_t i = first; i < first + count; ++i) {
                     auto const score = static_cast<double>(z[i - first]) + offset;
                     auto factor = curves[i] * score;
                     double of_row = 0;
                     if (gradient) {
                         auto const at = loss(score, y[i]);
                         curves[i] = plan.weights[i] * at.curve;
                         factor = plan.weights[i] * at.slope;
                         of_row = plan.weights[i] * at.loss;
                     }
                     z[i - first] = static_cast<real>(factor);
                     tallies[segment].add(of_row, factor, curves[i]);
                 }
             });
        auto sums = joined(tallies, 1);
        add_ranks(plan.ranks, {&g, 1}, pass.cols(), sums);
        solver.answer(sums[0].loss, {&sums[0].sums, 1});
        tell(solver.report().n_iter, [&] { return std::vector{so_far()}; });
    }
    return so_far();
}

}  // namespace copse::detail
