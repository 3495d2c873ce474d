// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Newton's method with conjugate gradients, turned inside out: it never looks at the data but says
/// of which vectors it wants the products next, and is given what came of them. So the classes of a
/// one-vs-rest model share every pass over x, each at its own stage.
///
///     newton solver(rules, 1, tolerance);
///     while (!solver.done()) {
///         ... solver.request(0), solver.wants() ...    // one pass, for all classes at once
///         solver.answer(loss, sums);
///     }
///
/// minimises 1/2 sum_k ||w_k||^2 + sum_i c_i loss(scores of row i), score k being w_k . x_i + b_k,
/// b not regularised. One-vs-rest has one score a solver, a multinomial model one for each class.
///
/// Source  C.-Y. Hsia, W.-L. Chiang, C.-J. Lin, "Preconditioned Conjugate Gradient Methods in
///         Truncated Newton Frameworks for Large-scale Linear Classification", ACML 2018, and
///         LIBLINEAR 2.50's newton.cpp: its rules for ending conjugate gradients and the whole, its
///         backtracking line search.
/// Deviations  With an intercept columns are centred virtually: the same problem, better
///         conditioned. The preconditioner's diagonal is that of the mean curvature times x' x, for
///         which no pass is needed. A trial step's loss and gradient are one pass: most are
///         accepted. Columns can be scaled virtually too (column_scales.hpp).

#include <copse/core/view.hpp>
#include <copse/linear/solver_report.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace copse::detail {

/// a . b, in 8 partial sums.
[[nodiscard]] inline double inner(std::vector<double> const& a,
                                  std::vector<double> const& b) noexcept {
    constexpr std::size_t width = 8;
    double sum[width] = {};
    std::size_t j = 0;
    for (; j + width <= a.size(); j += width) {
        for (std::size_t l = 0; l < width; ++l) sum[l] += a[j + l] * b[j + l];
    }
    for (; j < a.size(); ++j) sum[0] += a[j] * b[j];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/// What all classes of a fit have in common. `mean` is empty without an intercept.
struct newton_rules {
    std::vector<double> mean;    ///< of each column: what is subtracted virtually
    std::vector<double> square;  ///< of each centred and scaled column: the mean of squares
    std::size_t max_iter;
    double noise;  ///< relative error of a loss: below that a step is judged by its gradient
    std::vector<double>
        unit{};  ///< of each column: by what it is multiplied virtually; if empty, 1

    [[nodiscard]] bool intercept() const noexcept { return !mean.empty(); }
};

/// What a pass should make of the products of a class.
enum class newton_wants { gradient, curvature };

/// For one score: sums over the rows of r, the slopes or the curvatures times the products, and,
/// for a gradient, of the second derivatives.
struct pass_sums {
    double r = 0, curvature = 0;
};

class newton {
public:
    /// Begins at 0. `tolerance` is of the gradient's norm, relative to that at 0.
    newton(newton_rules const& rules, std::size_t n_scores, double tolerance)
        : rules_(&rules),
          n_scores_(n_scores),
          d_(rules.square.size()),
          stride_(d_ + (rules.intercept() ? 1 : 0)),
          w_(n_scores * stride_),
          request_(w_),
          product_(w_),
          tolerance_(tolerance) {
        scale_request();
    }

    [[nodiscard]] bool done() const noexcept { return done_; }
    [[nodiscard]] newton_wants wants() const noexcept { return wants_; }
    /// d weights of score k.
    [[nodiscard]] double const* request(std::size_t k) const noexcept {
        return (rules_->unit.empty() ? request_ : scaled_request_).data() + k * stride_;
    }
    /// What is to be added to request(k) . x: the intercept, and what centring takes off.
    [[nodiscard]] double offset(std::size_t k) const noexcept { return offset_of(request_, k); }
    /// Where x' r of score k goes.
    [[nodiscard]] double* products(std::size_t k) noexcept { return product_.data() + k * stride_; }
    /// products() are there; `loss` is the sum of losses if they are a gradient.
    void answer(double loss, view<pass_sums const> sums);

    /// Begins again where it ended, all costs c_i now being `ratio` times what they were; done().
    void restart(double ratio);

    [[nodiscard]] solver_report const& report() const noexcept { return report_; }
    /// d weights of score k, and its intercept, for the data as they are: not centred, not scaled.
    [[nodiscard]] std::vector<double> weights(std::size_t k) const {
        std::vector<double> out(d_);
        for (std::size_t j = 0; j < d_; ++j) out[j] = unit(j) * w_[k * stride_ + j];
        return out;
    }
    [[nodiscard]] double intercept(std::size_t k) const noexcept { return offset_of(w_, k); }

private:
    [[nodiscard]] double unit(std::size_t j) const noexcept {
        return rules_->unit.empty() ? 1.0 : rules_->unit[j];
    }
    [[nodiscard]] double offset_of(std::vector<double> const& v, std::size_t k) const noexcept {
        if (!rules_->intercept()) return 0;
        auto const* const of = v.data() + k * stride_;
        double sum = of[d_];
        for (std::size_t j = 0; j < d_; ++j) sum -= rules_->mean[j] * (unit(j) * of[j]);
        return sum;
    }
    /// f(place of a regularised weight, its column)
    template <class F>
    void for_each_weight(F const& f) const {
        for (std::size_t k = 0; k < n_scores_; ++k) {
            for (std::size_t j = 0; j < d_; ++j) f(k * stride_ + j, j);
        }
    }
    /// x' r of the centred and scaled data, and the intercepts'.
    void centre_products(view<pass_sums const> sums) {
        if (rules_->intercept()) {
            for_each_weight([&](std::size_t at, std::size_t j) {
                product_[at] -= rules_->mean[j] * sums[at / stride_].r;
            });
            for (std::size_t k = 0; k < n_scores_; ++k) product_[k * stride_ + d_] = sums[k].r;
        }
        if (rules_->unit.empty()) return;
        for_each_weight([&](std::size_t at, std::size_t j) { product_[at] *= unit(j); });
    }
    /// What a pass is to multiply with: request_, for the data as they are.
    void scale_request() {
        if (rules_->unit.empty()) return;
        scaled_request_.resize(request_.size());
        for_each_weight(
            [&](std::size_t at, std::size_t j) { scaled_request_[at] = unit(j) * request_[at]; });
    }
    void add_regularisation(std::vector<double> const& of) {
        for_each_weight([&](std::size_t at, std::size_t) { product_[at] += of[at]; });
    }

    void judge_gradient(double loss, view<pass_sums const> sums);
    void accept(double objective, view<pass_sums const> sums);
    void start_conjugate_gradients();
    void precondition();
    void advance_conjugate_gradients();
    void try_step(double length);
    void finish(bool converged) {
        done_ = true;
        report_.converged = converged;
    }

    newton_rules const* rules_;
    std::size_t n_scores_, d_;
    std::size_t stride_;  ///< of a score's weights and its intercept
    std::vector<double> w_, request_, product_, scaled_request_{}, gradient_{};
    // of conjugate gradients: the step, the residual, the preconditioned residual, the direction
    std::vector<double> step_{}, residual_{}, scaled_{}, direction_{};
    std::vector<double> diagonal_{};
    newton_wants wants_ = newton_wants::gradient;
    bool done_ = false;
    bool begun_ = false;
    bool knows_limit_ = false;
    double tolerance_;
    double residual_norm_ = 0;  ///< scaled . residual
    double first_norm_ = 0;     ///< the same at the start
    double model_ = 0;          ///< of the decrease, by the quadratic model
    double forcing_ = 0;
    std::size_t n_inner_ = 0;
    double length_ = 1;
    std::size_t n_halved_ = 0;
    solver_report report_{};
};

// ------------------------------------------------------------------ implementation below

inline void newton::answer(double loss, view<pass_sums const> sums) {
    ++report_.n_passes;
    centre_products(sums);
    if (wants_ == newton_wants::curvature) {
        add_regularisation(direction_);
        advance_conjugate_gradients();
    } else {
        add_regularisation(request_);
        judge_gradient(loss, sums);
    }
}

inline void newton::restart(double ratio) {
    auto const limit = report_.gradient_limit * ratio;  // at 0 there is no penalty's gradient
    report_ = {};
    report_.gradient_limit = limit;
    done_ = begun_ = false;
    request_ = w_;
    scale_request();
    wants_ = newton_wants::gradient;
}

inline void newton::judge_gradient(double loss, view<pass_sums const> sums) {
    double square = 0;
    for_each_weight([&](std::size_t at, std::size_t) { square += request_[at] * request_[at]; });
    auto const objective = 0.5 * square + loss;
    if (!begun_) {
        begun_ = true;
        if (!knows_limit_)
            report_.gradient_limit = tolerance_ * std::sqrt(inner(product_, product_));
        knows_limit_ = true;
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
    // LIBLINEAR's share of the diagonal; from 0.001 to 1 it matters little. That the intercept has
    // the same matters much: all of its own made 8 times as many passes of 60000 x 784.
    constexpr double share = 0.01;
    diagonal_.assign(w_.size(), 1.0);
    for_each_weight([&](std::size_t at, std::size_t j) {
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
    request_ = direction_;
    scale_request();
    wants_ = newton_wants::curvature;
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
    request_ = direction_;
    scale_request();
}

inline void newton::try_step(double length) {
    if (length == 1) n_halved_ = 0;
    length_ = length;
    for (std::size_t j = 0; j < w_.size(); ++j) request_[j] = w_[j] + length * step_[j];
    scale_request();
    wants_ = newton_wants::gradient;
}

}  // namespace copse::detail
