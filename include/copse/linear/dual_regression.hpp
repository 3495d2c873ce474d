// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Dual coordinate descent for support vector regression: a row's multiplier at a time, the weights
/// kept up to date.
///
///     maximise sum_i (y_i b_i - epsilon |b_i| - e_i b_i^2 / 2) - 1/2 ||w||^2,  w = sum_i b_i x_i,
///     |b_i| <= u_i
///
/// with u_i = c_i, e_i = 0 for the loss max(0, |score - y| - epsilon) and u_i = inf,
/// e_i = 1 / (2 c_i) for its square.
///
/// Source  C.-H. Ho, C.-J. Lin, "Large-scale Linear Support Vector Regression", JMLR 13, 2012,
///         Algorithm 4 (with shrinking) and its rule for stopping: the sum of violations of the
///         optimality conditions, relative to that of the first sweep. Deviation: rows are visited
///         in an order drawn by index.

#include <copse/core/errors.hpp>
#include <copse/core/random.hpp>
#include <copse/linear/dual_weights.hpp>
#include <copse/linear/fit_regressor.hpp>
#include <copse/linear/iterations.hpp>
#include <copse/linear/l1_penalty.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/row_order.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace copse::detail {

template <class X>
class dual_regression {
public:
    dual_regression(regression_problem const& problem, dual_rows<X> const& rows, double epsilon,
                    bool squared)
        : plan_(problem.plan),
          y_(problem.y),
          rows_(rows),
          epsilon_(epsilon),
          squared_(squared),
          w_(rows),
          multiplier_(rows.rows()),
          order_(problem.plan.weights, random_stream(0)) {}

    [[nodiscard]] fitted_class solve() {
        // LIBLINEAR's -e is 0.1 for this solver, 0.0001 for Newton's.
        auto const enough = 1000 * plan_.tolerance;
        auto n_active = order_.size();
        iteration_teller tell(plan_.on_iteration);
        while (report_.n_iter < plan_.max_iter && !report_.converged) {
            if (plan_.stop.stop_requested()) throw stopped(sentence(plan_.who, ": was stopped"));
            violations_ = 0;
            greatest_ = 0;
            n_active =
                order_.sweep(n_active, report_.n_iter, [this](std::size_t i) { return visit(i); });
            if (report_.n_iter == 0) report_.gradient_limit = enough * violations_;
            ++report_.n_iter;
            report_.gradient_norm = violations_;
            if (violations_ <= report_.gradient_limit) {
                report_.converged = n_active == order_.size();
                n_active = order_.size();  // what was set aside is looked at again
                bound_ = infinite;
            } else {
                bound_ = greatest_;
            }
            tell(report_.n_iter, [&] { return std::vector{so_far()}; });
        }
        report_.n_passes = report_.n_iter;
        judge();
        return so_far();
    }

private:
    static constexpr double infinite = std::numeric_limits<double>::infinity();

    [[nodiscard]] fitted_class so_far() const { return {w_.coef(), w_.intercept(), report_}; }

    [[nodiscard]] double limit(std::size_t i) const noexcept {
        return squared_ ? infinite : plan_.weights[i];
    }
    [[nodiscard]] double extra(std::size_t i) const noexcept {
        return squared_ ? 0.5 / plan_.weights[i] : 0;
    }

    /// False if row i is to be set aside: at 0 or at a bound, and likely to stay.
    bool visit(std::size_t i) {
        auto& b = multiplier_[i];
        auto const slope = w_.times(i) - y_[i] + extra(i) * b;
        auto const above = slope + epsilon_;  // the slope for b > 0
        auto const below = slope - epsilon_;  // and for b < 0
        double violation = 0;
        if (b == 0) {
            if (above > bound_ && below < -bound_) return false;
            violation = std::max({0.0, -above, below});
        } else if (b >= limit(i)) {
            if (above < -bound_) return false;
            violation = std::max(0.0, above);
        } else if (b <= -limit(i)) {
            if (below > bound_) return false;
            violation = std::max(0.0, -below);
        } else {
            violation = std::abs(b > 0 ? above : below);
        }
        violations_ += violation;
        greatest_ = std::max(greatest_, violation);
        auto const curve = rows_.square(i) + extra(i);
        auto const before = b;
        // The least of a parabola and epsilon |b|; without a curve, the bound that it falls to.
        if (curve > 0) {
            b = std::clamp(shrunk(curve * b - slope, epsilon_) / curve, -limit(i), limit(i));
        } else {
            b = above < 0 ? limit(i) : below > 0 ? -limit(i) : 0;
        }
        if (b != before) w_.add(i, b - before);
        return true;
    }

    /// The objective at w and how far it can be from the least.
    void judge() {
        auto const regular = 0.5 * w_.square();
        double loss = 0;
        double dual = -regular;
        for (std::size_t i = 0; i < multiplier_.size(); ++i) {
            auto const beyond = std::max(0.0, std::abs(w_.times(i) - y_[i]) - epsilon_);
            loss += plan_.weights[i] * (squared_ ? beyond * beyond : beyond);
            auto const b = multiplier_[i];
            if (b != 0) dual += y_[i] * b - epsilon_ * std::abs(b) - 0.5 * extra(i) * b * b;
        }
        report_.objective = regular + loss;
        report_.duality_gap = report_.objective - dual;
    }

    linear_plan const& plan_;
    std::vector<double> const& y_;
    dual_rows<X> const& rows_;
    double epsilon_;
    bool squared_;
    dual_weights<X> w_;
    std::vector<double> multiplier_;
    row_order order_;
    double violations_ = 0, greatest_ = 0;  ///< of this sweep
    double bound_ = infinite;               ///< beyond which a row that rests is set aside
    solver_report report_{};
};

/// Inside backend.enter. Throws stopped.
template <backend B, class X>
[[nodiscard]] fitted_class fit_dual_regression(B const& backend, X const& x,
                                               regression_problem const& problem, double epsilon,
                                               bool squared) {
    auto const& plan = problem.plan;
    check_alone(plan.who, plan.ranks, "dual coordinate descent");
    check_no_start(plan.who, plan.start, "dual coordinate descent begins at 0");
    dual_rows<X> const rows(backend, x, plan.scales, plan.fit_intercept, plan.who);
    return dual_regression<X>(problem, rows, epsilon, squared).solve();
}

}  // namespace copse::detail
