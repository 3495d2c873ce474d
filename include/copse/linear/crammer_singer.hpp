// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The support vector machine of K. Crammer and Y. Singer: all classes at once, a row costing by
/// how much another class's score comes near its own's.
///
///     minimise 1/2 sum_k ||w_k||^2 + sum_i c_i max(0, 1 + max_{k != y_i} w_k . x_i - w_{y_i} .
///     x_i)
///
/// Its dual has a multiplier for each row and class, w_k = sum_i a_ik x_i, those of a row adding up
/// to 0, with a_ik <= c_i for its own class and <= 0 for the others.
///
/// Source  S. S. Keerthi, S. Sundararajan, K.-W. Chang, C.-J. Hsieh, C.-J. Lin, "A Sequential Dual
///         Method for Large Scale Multi-class Linear SVMs", KDD 2008: a row's multipliers are
///         solved exactly at a time; LIBLINEAR's rule for stopping, the greatest violation of the
///         optimality conditions of a row. Deviations: rows are visited in an order drawn by index,
///         and set aside while they are beyond the margin by more than that; classes are not.

#include <copse/core/errors.hpp>
#include <copse/core/random.hpp>
#include <copse/linear/dual_weights.hpp>
#include <copse/linear/iterations.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/row_order.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

namespace copse::detail {

template <class X>
class crammer_singer_dual {
public:
    crammer_singer_dual(linear_plan const& plan, dual_rows<X> const& rows)
        : plan_(plan),
          rows_(rows),
          w_(plan.n_classes, dual_weights<X>(rows)),
          multiplier_(rows.rows() * plan.n_classes),
          slope_(plan.n_classes),
          order_(plan.weights, random_stream(0)) {
        report_.gradient_limit = 100 * plan.tolerance;  // as for one class against the rest
    }

    void run() {
        auto n_active = order_.size();
        iteration_teller tell(plan_.on_iteration);
        while (report_.n_iter < plan_.max_iter && !report_.converged) {
            if (plan_.stop.stop_requested()) throw stopped(sentence(plan_.who, ": was stopped"));
            greatest_ = 0;
            n_active =
                order_.sweep(n_active, report_.n_iter, [this](std::size_t i) { return visit(i); });
            ++report_.n_iter;
            report_.gradient_norm = greatest_;
            if (greatest_ <= report_.gradient_limit) {
                report_.converged = n_active == order_.size();
                n_active = order_.size();  // what was set aside is looked at again
                bound_ = std::numeric_limits<double>::infinity();
            } else {
                bound_ = greatest_;
            }
            tell(report_.n_iter, [&] { return results(); });
        }
        report_.n_passes = report_.n_iter;
        judge();
    }

    [[nodiscard]] fitted_class result(std::size_t k) const {
        return {w_[k].coef(), w_[k].intercept(), report_};
    }
    /// Of all classes, done or not.
    [[nodiscard]] std::vector<fitted_class> results() const {
        std::vector<fitted_class> out;
        for (std::size_t k = 0; k < plan_.n_classes; ++k) out.push_back(result(k));
        return out;
    }

private:
    [[nodiscard]] double most(std::size_t i, std::size_t k) const noexcept {
        return k == plan_.codes[i] ? plan_.weights[i] : 0;
    }

    /// False if row i is to be set aside: it costs nothing, and by far.
    bool visit(std::size_t i) {
        auto* const a = multiplier_.data() + i * w_.size();
        auto const own = std::size_t{plan_.codes[i]};
        double steepest = -std::numeric_limits<double>::infinity();
        double flattest = -steepest;  // of those that can grow
        double nearest = steepest;    // of the other classes
        bool at_rest = true;
        for (std::size_t k = 0; k < w_.size(); ++k) {
            slope_[k] = w_[k].times(i) + (k == own ? 0 : 1);
            steepest = std::max(steepest, slope_[k]);
            if (a[k] < most(i, k)) flattest = std::min(flattest, slope_[k]);
            if (k != own) nearest = std::max(nearest, slope_[k]);
            at_rest = at_rest && a[k] == 0;
        }
        if (at_rest && slope_[own] - nearest > bound_) return false;
        greatest_ = std::max(greatest_, steepest - flattest);
        if (steepest - flattest > 1e-12) solve_row(i, a);
        return true;
    }

    /// The best multipliers of a row, those of the others staying as they are: each is
    /// min(most, (level - slope at 0) / curve), with the level at which they add up to 0.
    void solve_row(std::size_t i, double* a) {
        auto const curve = rows_.square(i);
        auto const own = std::size_t{plan_.codes[i]};
        if (!(curve > 0)) {  // no weight touches it: all of its cost is lost
            a[own] = plan_.weights[i];
            a[own == 0 ? 1 : 0] = -plan_.weights[i];
            return;
        }
        for (std::size_t k = 0; k < w_.size(); ++k) slope_[k] -= curve * a[k];
        sorted_ = slope_;
        sorted_[own] += curve * plan_.weights[i];
        std::ranges::sort(sorted_, std::greater{});
        auto sum = sorted_[0] - curve * plan_.weights[i];
        std::size_t n_below = 1;  // multipliers that are below their most
        while (n_below < sorted_.size() && sum < static_cast<double>(n_below) * sorted_[n_below])
            sum += sorted_[n_below++];
        auto const level = sum / static_cast<double>(n_below);
        for (std::size_t k = 0; k < w_.size(); ++k) {
            auto const next = std::min(most(i, k), (level - slope_[k]) / curve);
            if (next != a[k]) w_[k].add(i, next - a[k]);
            a[k] = next;
        }
    }

    /// The objective at w and how far it can be from the least.
    void judge() {
        double regular = 0;
        for (auto const& w : w_) regular += 0.5 * w.square();
        double loss = 0;
        double dual = -regular;
        for (std::size_t i = 0; i < rows_.rows(); ++i) {
            auto const own = std::size_t{plan_.codes[i]};
            auto const score = w_[own].times(i);
            double short_by = 0;
            for (std::size_t k = 0; k < w_.size(); ++k) {
                if (k == own) continue;
                short_by = std::max(short_by, 1 + w_[k].times(i) - score);
                dual -= multiplier_[i * w_.size() + k];
            }
            loss += plan_.weights[i] * short_by;
        }
        report_.objective = regular + loss;
        report_.duality_gap = report_.objective - dual;
    }

    linear_plan const& plan_;
    dual_rows<X> const& rows_;
    std::vector<dual_weights<X>> w_;  ///< of each class
    std::vector<double> multiplier_;  ///< (row, class)
    std::vector<double> slope_;       ///< of the row that is visited, by class
    std::vector<double> sorted_{};
    row_order order_;
    double greatest_ = 0;  ///< violation of this sweep
    double bound_ =
        std::numeric_limits<double>::infinity();  ///< by which a row at rest stays aside
    solver_report report_{};
};

/// All classes, their report the same. Inside backend.enter. Throws stopped.
template <backend B, class X>
[[nodiscard]] std::vector<fitted_class> fit_crammer_singer(B const& backend, X const& x,
                                                           linear_plan const& plan) {
    check_alone(plan.who, plan.ranks, "dual coordinate descent");
    check_no_start(plan.who, plan.start, "dual coordinate descent begins at 0");
    dual_rows<X> const rows(backend, x, plan.scales, plan.fit_intercept, plan.who);
    crammer_singer_dual<X> solver(plan, rows);
    solver.run();
    return solver.results();
}

}  // namespace copse::detail
