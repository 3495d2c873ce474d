// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Dual coordinate descent for support vector machines, one class against the rest a task: a row's
/// multiplier at a time, the weights kept up to date. Best for sparse text, where a row touches few
/// weights and most rows are soon set aside.
///
///     maximise sum_i a_i - 1/2 ||w||^2 - 1/2 sum_i a_i^2 e_i,  w = sum_i a_i y_i x_i,  0 <= a_i <=
///     u_i
///
/// with u_i = c_i, e_i = 0 for the hinge loss and u_i = inf, e_i = 1 / (2 c_i) for its square.
///
/// Source  C.-J. Hsieh, K.-W. Chang, C.-J. Lin, S. S. Keerthi, S. Sundararajan, "A Dual Coordinate
///         Descent Method for Large-scale Linear SVM", ICML 2008, Algorithm 3 (with shrinking), and
///         LIBLINEAR's rule for stopping: projected gradients within `limit` of each other and of 0
///         over all rows. Deviation: rows are visited in an order drawn by index.

#include <copse/core/random.hpp>
#include <copse/linear/class_solvers.hpp>
#include <copse/linear/dual_weights.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/row_order.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace copse::detail {

/// One class against the rest. The intercept is regularised like the other weights: the dual of a
/// free one is not solved a coordinate at a time.
template <class X>
class dual_class {
public:
    dual_class(linear_plan const& plan, dual_rows<X> const& rows, std::size_t code, bool squared)
        : plan_(plan),
          rows_(rows),
          code_(static_cast<std::uint32_t>(code)),
          squared_(squared),
          w_(rows),
          multiplier_(rows.rows()),
          order_(plan.weights, random_stream(code)) {
        // LIBLINEAR's -e for these solvers is 100 times that of Newton's.
        report_.gradient_limit = 100 * plan.tolerance;
    }

    /// A sweep; whether another is to follow.
    [[nodiscard]] bool step() {
        if (plan_.stop.stop_requested()) throw stopped(sentence(plan_.who, ": was stopped"));
        seen_ = {-infinite, infinite};
        n_active_ =
            order_.sweep(n_active_, report_.n_iter, [this](std::size_t i) { return visit(i); });
        ++report_.n_iter;
        report_.gradient_norm = std::max({seen_.most - seen_.least, seen_.most, -seen_.least});
        if (report_.gradient_norm <= report_.gradient_limit) {
            report_.converged = n_active_ == order_.size();
            n_active_ = order_.size();  // what was set aside is looked at again
            bounds_ = {};
        } else {
            bounds_.most = seen_.most > 0 ? seen_.most : infinite;
            bounds_.least = seen_.least < 0 ? seen_.least : -infinite;
        }
        return report_.n_iter < plan_.max_iter && !report_.converged;
    }
    [[nodiscard]] fitted_class so_far() const { return {w_.coef(), w_.intercept(), report_}; }
    [[nodiscard]] fitted_class result() {
        report_.n_passes = report_.n_iter;
        judge();
        return so_far();
    }

private:
    static constexpr double infinite = std::numeric_limits<double>::infinity();
    /// Of projected gradients.
    struct range {
        double most = infinite, least = -infinite;
    };

    [[nodiscard]] double label(std::size_t i) const noexcept {
        return plan_.codes[i] == code_ ? 1.0 : -1.0;
    }
    [[nodiscard]] double bound(std::size_t i) const noexcept {
        return squared_ ? infinite : plan_.weights[i];
    }
    [[nodiscard]] double extra(std::size_t i) const noexcept {
        return squared_ ? 0.5 / plan_.weights[i] : 0;
    }

    /// False if row i is to be set aside: at a bound, and likely to stay.
    bool visit(std::size_t i) {
        auto& a = multiplier_[i];
        auto const y = label(i);
        auto const gradient = y * w_.times(i) - 1 + a * extra(i);
        double projected = gradient;
        if (a == 0) {
            if (gradient > bounds_.most) return false;
            projected = std::min(gradient, 0.0);
        } else if (a == bound(i)) {
            if (gradient < bounds_.least) return false;
            projected = std::max(gradient, 0.0);
        }
        seen_.most = std::max(seen_.most, projected);
        seen_.least = std::min(seen_.least, projected);
        if (std::abs(projected) <= 1e-12) return true;
        auto const before = a;
        auto const curve = rows_.square(i) + extra(i);
        a = curve > 0 ? std::clamp(a - gradient / curve, 0.0, bound(i)) : bound(i);
        w_.add(i, (a - before) * y);
        return true;
    }

    /// The objective at w and how far it can be from the least.
    void judge() {
        auto const regular = 0.5 * w_.square();
        double loss = 0;
        double dual = -regular;
        for (std::size_t i = 0; i < multiplier_.size(); ++i) {
            auto const short_by = std::max(0.0, 1 - label(i) * w_.times(i));
            loss += plan_.weights[i] * (squared_ ? short_by * short_by : short_by);
            auto const a = multiplier_[i];
            if (a > 0) dual += a - 0.5 * a * a * extra(i);
        }
        report_.objective = regular + loss;
        report_.duality_gap = report_.objective - dual;
    }

    linear_plan const& plan_;
    dual_rows<X> const& rows_;
    std::uint32_t code_;
    bool squared_;
    dual_weights<X> w_;
    std::vector<double> multiplier_;
    row_order order_;
    std::size_t n_active_ = order_.size();
    range bounds_{};  ///< beyond which a row at a bound is set aside
    range seen_{};
    solver_report report_{};
};

/// As fit_one_vs_rest, the classes at the same time. Inside backend.enter.
template <backend B, class X>
[[nodiscard]] std::vector<fitted_class> fit_dual(B const& backend, X const& x,
                                                 linear_plan const& plan, bool squared) {
    check_alone(plan.who, plan.ranks, "dual coordinate descent");
    check_no_start(plan.who, plan.start, "dual coordinate descent begins at 0");
    dual_rows<X> const rows(backend, x, plan.scales, plan.fit_intercept, plan.who);
    std::size_t const begin = plan.n_classes == 2 ? 1 : 0;
    return solve_classes(
        backend, plan.ranks, plan.n_classes - begin, plan.stop, plan.on_iteration,
        [&](std::size_t k) { return dual_class<X>(plan, rows, begin + k, squared); });
}

}  // namespace copse::detail
