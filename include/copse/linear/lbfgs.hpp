// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// L-BFGS, and OWL-QN where weights cost |w|_1: quasi-Newton methods that ask for one gradient a
/// step and remember the last few. Like newton.hpp they never look at the data.
///
///     lbfgs solver(rules, n_scores, tolerance);      // asks as pass_solver.hpp says
///
/// minimises sum_j penalty(w_j) + sum_i c_i loss(scores of row i), intercepts not regularised.
///
/// Source  J. Nocedal, S. Wright, "Numerical Optimization", 2nd edition, 2006: Algorithm 7.4 (two
///         loops), (7.20) (the first matrix's scale), Algorithm 3.1 (backtracking). W. Hager,
///         H. Zhang, "A New Conjugate Gradient Method with Guaranteed Descent and an Efficient Line
///         Search", SIAM J. Optimization 16, 2005: the approximate condition (4.1). G. Andrew, J.
///         Gao, "Scalable Training of L1-Regularized Log-Linear Models", ICML 2007: the
///         pseudo-gradient (4), the projections and the orthant of a step (section 3.1).
/// Deviations  Columns are centred and scaled virtually, and the first matrix is the inverse of the
///         diagonal that newton.hpp preconditions with, all of it, times (7.20)'s scale. A pair of
///         which rounding has left no curvature is not remembered. Ends by newton.hpp's rules; with
///         |w|_1 the gradient's norm is the sum of l1_penalty's violations, as in l1_newton.hpp.

#include <copse/core/view.hpp>
#include <copse/linear/pass_solver.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

namespace copse::detail {

class lbfgs : public pass_solver {
public:
    lbfgs(solver_rules const& rules, std::size_t n_scores, double tolerance)
        : pass_solver(rules, n_scores, tolerance) {}

    /// products() are there; `loss` is the sum of losses.
    void answer(double loss, view<pass_sums const> sums);

private:
    /// How a step of w changed the gradient.
    struct pair {
        std::vector<double> step, change;
        double curvature;  ///< step . change
    };

    [[nodiscard]] bool has_l1() const noexcept { return rules_->choice.penalty.l1 > 0; }
    /// The direction in which the objective falls, |w|_1 included, is minus this.
    [[nodiscard]] std::vector<double> pseudo_gradient(std::vector<double> const& w,
                                                      std::vector<double> const& slopes) const;
    [[nodiscard]] double norm_of(std::vector<double> const& pseudo) const;
    void accept(double objective, std::vector<double> pseudo, view<pass_sums const> sums);
    void remember(std::vector<double> const& w, std::vector<double> const& slopes);
    void choose_direction();
    void try_step(double length);

    std::vector<double> slopes_{};     ///< at w, without |w|_1
    std::vector<double> pseudo_{};     ///< at w
    std::vector<double> direction_{};  ///< from w
    std::vector<double> diagonal_{};
    std::deque<pair> pairs_{};  ///< the last ones, the oldest first
    bool begun_ = false;
    double least_norm_ = std::numeric_limits<double>::infinity();  ///< of pseudo_ so far
    std::size_t n_blind_ = 0;                                      ///< trial steps since
    double length_ = 1;
    std::size_t n_halved_ = 0;
};

// ------------------------------------------------------------------ implementation below

inline void lbfgs::answer(double loss, view<pass_sums const> sums) {
    take_products(sums);
    auto objective = loss;
    for_each_weight(n_scores_, [&](std::size_t at, std::size_t) {
        objective += rules_->choice.penalty.of(request_[at]);
        product_[at] += rules_->choice.penalty.l2 * request_[at];
    });
    auto pseudo = pseudo_gradient(request_, product_);
    auto const norm = norm_of(pseudo);
    if (!begun_) {
        if (leaves_zero(norm)) return;
        begun_ = true;
        return accept(objective, std::move(pseudo), sums);
    }
    constexpr double enough = 1e-4;  // of the decrease that the gradient promises
    double promised = 0, left = 0;   // of the slope along the step: at its two ends
    for (std::size_t at = 0; at < w_.size(); ++at) {
        promised += pseudo_[at] * (request_[at] - w_[at]);
        left += pseudo[at] * (request_[at] - w_[at]);
    }
    auto const change = objective - report_.objective;
    // Where the objective's digits end, the slopes tell: of a parabola they say the same.
    constexpr double in_noise = 16;
    constexpr std::size_t most_blind = 20;
    n_blind_ = norm < least_norm_ ? 0 : n_blind_ + 1;
    bool const falls_by_slopes =
        std::abs(change) <= in_noise * rules_->noise * std::abs(objective) &&
        left <= (2 * enough - 1) * promised && n_blind_ < most_blind;
    if (change <= enough * promised || falls_by_slopes) {
        ++report_.n_iter;
        return accept(objective, std::move(pseudo), sums);
    }
    constexpr std::size_t most_halvings = 30;
    bool const hopeless = std::abs(promised) <= rules_->noise * 1e-3 * std::abs(objective);
    if (!hopeless && ++n_halved_ <= most_halvings) return try_step(0.5 * length_);
    // What is remembered may be of another place: once more, along the gradient.
    if (pairs_.empty()) return finish(false);
    pairs_.clear();
    choose_direction();
    try_step(1);
}

inline std::vector<double> lbfgs::pseudo_gradient(std::vector<double> const& w,
                                                  std::vector<double> const& slopes) const {
    auto out = slopes;
    if (!has_l1()) return out;
    auto const l1 = rules_->choice.penalty.l1;
    for_each_weight(n_scores_, [&](std::size_t at, std::size_t) {
        out[at] = w[at] == 0 ? shrunk(slopes[at], l1) : slopes[at] + std::copysign(l1, w[at]);
    });
    return out;
}

inline double lbfgs::norm_of(std::vector<double> const& pseudo) const {
    if (!has_l1()) return std::sqrt(inner(pseudo, pseudo));
    double sum = 0;
    for (auto const value : pseudo) sum += std::abs(value);
    return sum;
}

inline void lbfgs::accept(double objective, std::vector<double> pseudo,
                          view<pass_sums const> sums) {
    if (!slopes_.empty()) remember(request_, product_);
    w_ = request_;
    slopes_ = product_;
    pseudo_ = std::move(pseudo);
    auto const norm = norm_of(pseudo_);
    least_norm_ = std::min(least_norm_, norm);
    report_.objective = objective;
    report_.gradient_norm = norm;
    if (!std::isfinite(objective) || !std::isfinite(norm)) return finish(false);
    if (norm <= report_.gradient_limit) return finish(true);
    if (report_.n_iter >= rules_->max_iter) return finish(false);
    diagonal_.assign(w_.size(), 0.0);
    for_each_weight(n_scores_, [&](std::size_t at, std::size_t j) {
        diagonal_[at] =
            rules_->choice.penalty.l2 + sums[at / stride_].curvature * rules_->square[j];
    });
    if (rules_->intercept()) {
        for (std::size_t k = 0; k < n_scores_; ++k) diagonal_[k * stride_ + d_] = sums[k].curvature;
    }
    // A weight that no loss holds any more must still be able to move.
    auto const greatest = *std::ranges::max_element(diagonal_);
    for (auto& value : diagonal_) value = std::max(value, greatest > 0 ? 1e-12 * greatest : 1.0);
    choose_direction();
    try_step(1);
}

inline void lbfgs::remember(std::vector<double> const& w, std::vector<double> const& slopes) {
    pair latest{w, slopes, 0};
    for (std::size_t at = 0; at < w_.size(); ++at) {
        latest.step[at] -= w_[at];
        latest.change[at] -= slopes_[at];
    }
    latest.curvature = inner(latest.step, latest.change);
    if (!(latest.curvature > rules_->noise * inner(latest.change, latest.change))) return;
    pairs_.push_back(std::move(latest));
    constexpr std::size_t memory = 10;  // scikit-learn's
    if (pairs_.size() > memory) pairs_.pop_front();
}

/// The two loops.
inline void lbfgs::choose_direction() {
    direction_ = pseudo_;
    std::vector<double> share(pairs_.size());
    for (auto i = pairs_.size(); i-- > 0;) {
        auto const& p = pairs_[i];
        share[i] = inner(p.step, direction_) / p.curvature;
        for (std::size_t at = 0; at < w_.size(); ++at) direction_[at] -= share[i] * p.change[at];
    }
    for (std::size_t at = 0; at < w_.size(); ++at) direction_[at] /= diagonal_[at];
    if (!pairs_.empty()) {
        auto const& last = pairs_.back();
        double square = 0;
        for (std::size_t at = 0; at < w_.size(); ++at)
            square += last.change[at] * last.change[at] / diagonal_[at];
        for (auto& value : direction_) value *= last.curvature / square;
    }
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
        auto const& p = pairs_[i];
        auto const back = share[i] - inner(p.change, direction_) / p.curvature;
        for (std::size_t at = 0; at < w_.size(); ++at) direction_[at] += back * p.step[at];
    }
    for (auto& value : direction_) value = -value;
    n_halved_ = 0;
    if (!has_l1()) return;
    for_each_weight(n_scores_, [&](std::size_t at, std::size_t) {
        if (direction_[at] * pseudo_[at] >= 0) direction_[at] = 0;
    });
}

inline void lbfgs::try_step(double length) {
    length_ = length;
    auto next = w_;
    for (std::size_t at = 0; at < w_.size(); ++at) next[at] += length * direction_[at];
    if (has_l1()) {  // no weight leaves its orthant: beyond 0 the slope is another
        for_each_weight(n_scores_, [&](std::size_t at, std::size_t) {
            auto const side = w_[at] != 0 ? w_[at] : -pseudo_[at];
            if (next[at] * side <= 0) next[at] = 0;
        });
    }
    ask(std::move(next), pass_wants::gradient, n_scores_);
}

}  // namespace copse::detail
