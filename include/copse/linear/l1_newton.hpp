// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Losses of a margin with an absolute penalty, one class against the rest a task: at each step the
/// loss is replaced by its quadratic model, which coordinate descent minimises together with the
/// penalty over the columns that can move, and a line search makes the step safe.
///
///     minimise l1 |w|_1 + l2/2 ||w||^2 + sum_i c_i loss(y_i (w . x_i + b))
///
/// Source  G.-X. Yuan, C.-H. Ho, C.-J. Lin, "An Improved GLMNET for L1-regularized Logistic
///         Regression", JMLR 13, 2012, Algorithm 3, and LIBLINEAR's rule for stopping: the sum of
///         violations of the optimality conditions, relative to that at 0. Deviations: the columns
///         are turned around once for all classes, the intercept is not penalised, and the squared
///         hinge is solved the same way, with its second derivative where it has one.

#include <copse/linear/class_solvers.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/columns.hpp>
#include <copse/linear/l1_penalty.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse::detail {

template <class Loss, class Columns>
class l1_class {
public:
    l1_class(linear_plan const& plan, l1_penalty penalty, Columns const& columns, std::size_t d,
             std::size_t code)
        : plan_(plan),
          penalty_(penalty),
          columns_(columns),
          code_(code),
          score_(plan.codes.size()),
          slope_(score_),
          curve_(score_),
          moved_(score_),
          w_(d),
          step_(d),
          gradient_(d),
          square_(d),
          product_(d) {}

    /// From the plan's start or, called again when its weights have changed, from where it ended.
    [[nodiscard]] fitted_class solve() {
        begin();
        while (step()) {
        }
        return result();
    }

    void begin() {
        if (!begun_ && !plan_.start.empty()) take_start();
        report_ = {};
        std::ranges::fill(step_, 0.0);
        std::ranges::fill(moved_, 0.0);
        shift_ = 0;
        report_.objective = loss_at(0) + penalty_at(0);
        if (begun_) look_at_zero();
    }
    /// A quadratic model and a step, unless there is nothing to gain; whether another is to follow.
    [[nodiscard]] bool step() {
        if (plan_.stop.stop_requested()) throw stopped(sentence(plan_.who, ": was stopped"));
        differentiate();
        if (!begun_) keep_limit();
        begun_ = true;
        report_.converged = report_.gradient_norm <= report_.gradient_limit;
        if (report_.converged || report_.n_iter >= plan_.max_iter) return false;
        ++report_.n_iter;
        choose_step();
        return take_step();
    }
    [[nodiscard]] fitted_class so_far() const {
        auto coef = w_;
        for (std::size_t j = 0; j < coef.size(); ++j) coef[j] *= columns_.unit(j);
        return {std::move(coef), intercept_, report_};
    }
    [[nodiscard]] fitted_class result() const { return so_far(); }

private:
    [[nodiscard]] double label(std::size_t i) const noexcept {
        return plan_.codes[i] == code_ ? 1.0 : -1.0;
    }
    void take_start() {
        auto const k = score_of(plan_, code_);
        auto const coef = plan_.start.coef().row(k);
        intercept_ = plan_.fit_intercept ? plan_.start.intercept(k) : 0;
        std::ranges::fill(score_, intercept_);
        for (std::size_t j = 0; j < w_.size(); ++j) {
            if (coef[j] == 0 || !(columns_.unit(j) > 0)) continue;
            w_[j] = coef[j] / columns_.unit(j);
            columns_.for_each(j, [&](std::size_t i, double value) { score_[i] += w_[j] * value; });
        }
        begun_ = true;
    }
    /// At 0: what later violations are compared with.
    void keep_limit() {
        first_norm_ = report_.gradient_norm;
        report_.gradient_limit = plan_.tolerance *
                                 rarer_share(plan_, static_cast<std::uint32_t>(code_)) *
                                 report_.gradient_norm;
    }
    void look_at_zero() {
        auto w = std::exchange(w_, std::vector<double>(w_.size()));
        auto score = std::exchange(score_, std::vector<double>(score_.size()));
        differentiate();
        keep_limit();
        w_ = std::move(w);
        score_ = std::move(score);
    }

    /// Of a part of the step.
    [[nodiscard]] double loss_at(double part) const {
        double sum = 0;
        for (std::size_t i = 0; i < score_.size(); ++i) {
            auto const score = score_[i] + part * (moved_[i] + shift_);
            sum += plan_.weights[i] * Loss{}(score, label(i)).loss;
        }
        return sum;
    }
    [[nodiscard]] double penalty_at(double part) const {
        double sum = 0;
        for (std::size_t j = 0; j < w_.size(); ++j) sum += penalty_.of(w_[j] + part * step_[j]);
        return sum;
    }

    /// Slopes and curves of rows and columns at w; the columns that can move.
    void differentiate() {
        sum_slope_ = 0;
        sum_curve_ = 0;
        for (std::size_t i = 0; i < score_.size(); ++i) {
            auto const at = Loss{}(score_[i], label(i));
            slope_[i] = plan_.weights[i] * at.slope;
            curve_[i] = plan_.weights[i] * at.curve;
            sum_slope_ += slope_[i];
            sum_curve_ += curve_[i];
        }
        working_.clear();
        report_.gradient_norm = plan_.fit_intercept ? std::abs(sum_slope_) : 0;
        for (std::size_t j = 0; j < w_.size(); ++j) {
            gradient_[j] = penalty_.l2 * w_[j];
            square_[j] = penalty_.l2;
            product_[j] = 0;
            columns_.for_each(j, [&](std::size_t i, double value) {
                gradient_[j] += slope_[i] * value;
                square_[j] += curve_[i] * value * value;
                product_[j] += curve_[i] * value;
            });
            auto const violation = penalty_.violation(w_[j], gradient_[j]);
            report_.gradient_norm += violation;
            if (w_[j] == 0 && !(violation > 0 && square_[j] > 0)) continue;
            working_.push_back(j);
            // A weight that no loss holds any more must still be able to fall.
            if (square_[j] == 0) square_[j] = 1e-12;
        }
        ++report_.n_passes;
    }

    /// Minimises the quadratic model and the penalty over the working columns and the intercept.
    void choose_step() {
        std::fill(step_.begin(), step_.end(), 0.0);
        std::fill(moved_.begin(), moved_.end(), 0.0);
        shift_ = 0;
        double first = 0;
        constexpr std::size_t most_sweeps = 1000;
        if (plan_.fit_intercept) descend_intercept();
        // Rough at first: the model is good only near the solution.
        auto const enough = std::min(0.1, report_.gradient_norm / (10 * first_norm_));
        for (std::size_t sweep = 0; sweep < most_sweeps; ++sweep) {
            double change = 0;
            for (auto const j : working_) change += descend(j);
            if (plan_.fit_intercept) descend_intercept();  // of what rounding has left
            ++report_.n_passes;
            if (sweep == 0) first = change;
            if (change <= enough * first) break;
        }
    }
    /// Moves weight j, and the intercept with it, to where the model is least; returns by how much
    /// that lowered it, about. The intercept is at its best before and after: columns are as good
    /// as centred, without which sweeps would be many.
    double descend(std::size_t j) {
        auto const with_intercept = plan_.fit_intercept && sum_curve_ > 0;
        auto const mean = with_intercept ? product_[j] / sum_curve_ : 0;
        auto const curve = square_[j] - mean * product_[j];
        if (!(curve > 1e-12 * square_[j])) return 0;  // a constant column
        double bend = product_[j] * shift_;
        columns_.for_each(
            j, [&](std::size_t i, double value) { bend += curve_[i] * value * moved_[i]; });
        auto const slope = gradient_[j] + penalty_.l2 * step_[j] + bend;
        auto const at = w_[j] + step_[j];
        auto const next = shrunk(curve * at - slope, penalty_.l1) / curve;
        auto const change = next - at;
        if (change == 0) return 0;
        step_[j] = next - w_[j];
        columns_.for_each(j, [&](std::size_t i, double value) { moved_[i] += change * value; });
        shift_ -= change * mean;
        return curve * change * change;
    }
    void descend_intercept() {
        if (!(sum_curve_ > 0)) return;
        double bend = shift_ * sum_curve_;
        for (std::size_t i = 0; i < moved_.size(); ++i) bend += curve_[i] * moved_[i];
        shift_ -= (sum_slope_ + bend) / sum_curve_;
    }

    /// False if no part of the step lowers the objective.
    [[nodiscard]] bool take_step() {
        double promised = plan_.fit_intercept ? sum_slope_ * shift_ : 0;
        for (std::size_t j = 0; j < w_.size(); ++j) {
            promised += (gradient_[j] - penalty_.l2 * w_[j]) * step_[j] +
                        penalty_.of(w_[j] + step_[j]) - penalty_.of(w_[j]);
        }
        constexpr double enough = 0.01;
        constexpr int most_halvings = 30;
        double part = 1;
        for (int tries = 0; tries < most_halvings; ++tries, part *= 0.5) {
            auto const objective = loss_at(part) + penalty_at(part);
            if (!(objective - report_.objective <= enough * part * promised)) continue;
            report_.objective = objective;
            for (std::size_t j = 0; j < w_.size(); ++j) w_[j] += part * step_[j];
            for (std::size_t i = 0; i < score_.size(); ++i)
                score_[i] += part * (moved_[i] + shift_);
            intercept_ += part * shift_;
            return true;
        }
        return false;
    }

    linear_plan const& plan_;
    l1_penalty penalty_;
    Columns const& columns_;
    std::size_t code_;
    std::vector<double> score_, slope_, curve_;  ///< of rows, at w
    std::vector<double> moved_;                  ///< x step, but for shift_, the intercept's step
    double shift_ = 0;
    std::vector<double> w_, step_, gradient_, square_, product_;  ///< of columns
    double intercept_ = 0;
    double sum_slope_ = 0, sum_curve_ = 0, first_norm_ = 0;
    bool begun_ = false;
    std::vector<std::size_t> working_;
    solver_report report_{};
};

/// As fit_one_vs_rest, the classes at the same time. Inside backend.enter.
template <class Loss, backend B, class X>
[[nodiscard]] std::vector<fitted_class> fit_l1(B const& backend, X const& x,
                                               linear_plan const& plan, l1_penalty penalty) {
    check_alone(plan.who, plan.ranks, "coordinate descent");
    check_finite(x, plan.who);
    auto const columns = columns_by(backend, x, plan.scales);
    std::size_t const begin = plan.n_classes == 2 ? 1 : 0;
    return solve_classes(backend, plan.ranks, plan.n_classes - begin, plan.stop, plan.on_iteration,
                         [&](std::size_t k) {
                             l1_class<Loss, std::remove_cvref_t<decltype(columns)>> one(
                                 plan, penalty, columns, x.cols(), begin + k);
                             one.begin();
                             return one;
                         });
}

}  // namespace copse::detail
