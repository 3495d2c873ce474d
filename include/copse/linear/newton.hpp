// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Newton's method with conjugate gradients, turned inside out: it never looks at the data but says
/// of which vectors it wants the products next, and is given what came of them. So the classes of a
/// one-vs-rest model share every pass over x, each at its own stage.
///
///     newton solver(rules, 1, tolerance);      // asks as pass_solver.hpp says
///
/// minimises 1/2 sum_k ||w_k||^2 + sum_i c_i loss(scores of row i), score k being w_k . x_i + b_k,
/// b not regularised. One-vs-rest has one score a solver, a multinomial model one for each class.
///
/// For few columns the step can be had by factorising the Hessian instead: asked for its products
/// with every unit vector, a pass returns all of it.
///
/// Source  C.-Y. Hsia, W.-L. Chiang, C.-J. Lin, "Preconditioned Conjugate Gradient Methods in
///         Truncated Newton Frameworks for Large-scale Linear Classification", ACML 2018, and
///         LIBLINEAR 2.50's newton.cpp: its rules for ending conjugate gradients and the whole, its
///         backtracking line search. Factorised: scikit-learn's newton-cholesky, with that search.
/// Deviations  With an intercept columns are centred virtually: the same problem, better
///         conditioned. The preconditioner's diagonal is that of the mean curvature times x' x, for
///         which no pass is needed. A trial step's loss and gradient are one pass: most are
///         accepted. Columns can be scaled virtually too (column_scales.hpp).

#include <copse/core/view.hpp>
#include <copse/linear/cholesky.hpp>
#include <copse/linear/pass_solver.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace copse::detail {

class newton : public pass_solver {
public:
    newton(solver_rules const& rules, std::size_t n_scores, double tolerance)
        : pass_solver(rules, n_scores, tolerance) {}

    /// products() are there; `loss` is the sum of losses if they are a gradient.
    void answer(double loss, view<pass_sums const> sums);

    /// Begins again where it ended, all costs c_i now being `ratio` times what they were; done().
    void restart(double ratio);

private:
    void add_regularisation() {
        for_each_weight(n_vectors(),
                        [&](std::size_t at, std::size_t) { product_[at] += request_[at]; });
    }

    void judge_gradient(double loss, view<pass_sums const> sums);
    void accept(double objective, view<pass_sums const> sums);
    void start_conjugate_gradients();
    void precondition();
    void advance_conjugate_gradients();
    void ask_for_hessian();
    void solve_hessian();
    void try_step(double length);

    std::vector<double> gradient_{};
    // of conjugate gradients: the step, the residual, the preconditioned residual, the direction
    std::vector<double> step_{}, residual_{}, scaled_{}, direction_{};
    std::vector<double> diagonal_{};
    bool begun_ = false;
    double residual_norm_ = 0;  ///< scaled . residual
    double first_norm_ = 0;     ///< the same at the start
    double model_ = 0;          ///< of the decrease, by the quadratic model
    double forcing_ = 0;
    std::size_t n_inner_ = 0;
    double length_ = 1;
    std::size_t n_halved_ = 0;
};

// ------------------------------------------------------------------ implementation below

inline void newton::answer(double loss, view<pass_sums const> sums) {
    take_products(sums);
    add_regularisation();
    if (wants() == pass_wants::gradient) return judge_gradient(loss, sums);
    if (rules_->choice.factorises) return solve_hessian();
    advance_conjugate_gradients();
}

inline void newton::restart(double ratio) {
    auto const limit = report_.gradient_limit * ratio;  // at 0 there is no penalty's gradient
    report_ = {};
    report_.gradient_limit = limit;
    done_ = begun_ = false;
    ask(w_, pass_wants::gradient, n_scores_);
}

inline void newton::judge_gradient(double loss, view<pass_sums const> sums) {
    double square = 0;
    for_each_weight(n_scores_,
                    [&](std::size_t at, std::size_t) { square += request_[at] * request_[at]; });
    auto const objective = 0.5 * square + loss;
    if (!begun_) {
        if (leaves_zero(std::sqrt(inner(product_, product_)))) return;
        begun_ = true;
        return accept(objective, sums);
    }
    constexpr double enough = 0.01;  // of the decrease that the gradient promises
    auto const change = objective - report_.objective;
    auto const promised = length_ * inner(step_, gradient_);
    bool const lost_in_noise = std::abs(change) <= rules_->noise * std::abs(objective) &&
                               inner(product_, product_) < inner(gradient_, gradient_);
    if (change <= enough * promised || lost_in_noise) {
        ++report_.n_iter;
        return accept(objective, sums);
    }
    // Nothing is gained any more by steps of this precision.
    constexpr std::size_t most_halvings = 20;
    bool const hopeless = std::abs(promised) <= rules_->noise * 1e-3 * std::abs(objective);
    if (hopeless || ++n_halved_ > most_halvings) return finish(false);
    try_step(0.5 * length_);
}

inline void newton::accept(double objective, view<pass_sums const> sums) {
    w_ = request_;
    gradient_ = product_;
    report_.objective = objective;
    report_.gradient_norm = std::sqrt(inner(gradient_, gradient_));
    if (!std::isfinite(objective) || !std::isfinite(report_.gradient_norm)) return finish(false);
    if (report_.gradient_norm <= report_.gradient_limit) return finish(true);
    if (report_.n_iter >= rules_->max_iter) return finish(false);
    if (rules_->choice.factorises) return ask_for_hessian();
    // LIBLINEAR's share of the diagonal; from 0.001 to 1 it matters little. That the intercept has
    // the same matters much: all of its own made 8 times as many passes of 60000 x 784.
    constexpr double share = 0.01;
    diagonal_.assign(w_.size(), 1.0);
    for_each_weight(n_scores_, [&](std::size_t at, std::size_t j) {
        diagonal_[at] += share * sums[at / stride_].curvature * rules_->square[j];
    });
    if (rules_->intercept()) {
        for (std::size_t k = 0; k < n_scores_; ++k)
            diagonal_[k * stride_ + d_] += share * sums[k].curvature;
    }
    start_conjugate_gradients();
}

inline void newton::start_conjugate_gradients() {
    step_.assign(w_.size(), 0.0);
    residual_.resize(w_.size());
    for (std::size_t j = 0; j < w_.size(); ++j) residual_[j] = -gradient_[j];
    scaled_.resize(w_.size());
    precondition();
    direction_ = scaled_;
    residual_norm_ = inner(scaled_, residual_);
    first_norm_ = residual_norm_;
    forcing_ = std::min(0.5, std::sqrt(std::sqrt(residual_norm_)));
    model_ = 0;
    n_inner_ = 0;
    ask(direction_, pass_wants::curvature, n_scores_);
}

inline void newton::precondition() {
    for (std::size_t j = 0; j < w_.size(); ++j) scaled_[j] = residual_[j] / diagonal_[j];
}

inline void newton::advance_conjugate_gradients() {
    ++n_inner_;
    auto const along = residual_norm_ / inner(direction_, product_);
    for (std::size_t j = 0; j < w_.size(); ++j) {
        step_[j] += along * direction_[j];
        residual_[j] -= along * product_[j];
    }
    auto const model = -0.5 * (inner(step_, residual_) - inner(step_, gradient_));
    auto const change = model - model_;
    auto const most = std::max<std::size_t>(w_.size(), 5);
    bool const falls = model <= 0 && change <= 0;
    // LIBLINEAR's: the last step was small against the mean one.
    if (!falls || static_cast<double>(n_inner_) * change >= forcing_ * model || n_inner_ >= most) {
        return try_step(1);
    }
    model_ = model;
    precondition();
    auto const norm = inner(scaled_, residual_);
    if (!(norm > 1e-28 * first_norm_)) {  // solved to the last bit: there is no next direction
        return try_step(1);
    }
    auto const keep = norm / residual_norm_;
    residual_norm_ = norm;
    for (std::size_t j = 0; j < w_.size(); ++j) direction_[j] = scaled_[j] + keep * direction_[j];
    ask(direction_, pass_wants::curvature, n_scores_);
}

inline void newton::ask_for_hessian() {
    // Of one score alone: scores that depend on each other have conjugate gradients.
    std::vector<double> unit_vectors(stride_ * stride_);
    for (std::size_t j = 0; j < stride_; ++j) unit_vectors[j * stride_ + j] = 1;
    ask(std::move(unit_vectors), pass_wants::curvature, stride_);
}

inline void newton::solve_hessian() {
    step_.resize(w_.size());
    for (std::size_t j = 0; j < w_.size(); ++j) step_[j] = -gradient_[j];
    solve_by_cholesky(product_, step_);
    try_step(1);
}

inline void newton::try_step(double length) {
    if (length == 1) n_halved_ = 0;
    length_ = length;
    auto next = w_;
    for (std::size_t j = 0; j < w_.size(); ++j) next[j] += length * step_[j];
    ask(std::move(next), pass_wants::gradient, n_scores_);
}

}  // namespace copse::detail
