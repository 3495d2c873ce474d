// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What solvers have in common that never look at the data, but say of which vectors they want the
/// products next (newton.hpp, lbfgs.hpp): the vectors, and the algebra of columns that are centred
/// and scaled virtually.
///
///     Solver solver(rules, n_scores, tolerance);
///     while (!solver.done()) {
///         ... solver.n_vectors(), solver.request(k), solver.wants() ...    // one pass
///         solver.answer(loss, sums);
///     }
///     solver.weights(0);  solver.intercept(0);  solver.report();

#include <copse/core/view.hpp>
#include <copse/linear/l1_penalty.hpp>
#include <copse/linear/solver_report.hpp>

#include <cstddef>
#include <span>
#include <utility>
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

/// What a solver may be told beyond the rules.
struct solver_choice {
    l1_penalty penalty{0, 1};  ///< of the weights; newton knows no other
    bool factorises = false;   ///< newton: takes steps by the Hessian's Cholesky factor
};

/// What all classes of a fit have in common. `mean` is empty without an intercept.
struct solver_rules {
    std::vector<double> mean;    ///< of each column: what is subtracted virtually
    std::vector<double> square;  ///< of each centred and scaled column: the mean of squares
    std::size_t max_iter;
    double noise;  ///< relative error of a loss: below that a step is judged by its gradient
    std::vector<double>
        unit{};  ///< of each column: by what it is multiplied virtually; if empty, 1
    solver_choice choice{};

    [[nodiscard]] bool intercept() const noexcept { return !mean.empty(); }
};

/// What a pass should make of the products of a solver's vectors.
enum class pass_wants { gradient, curvature };

/// For one score: sums over the rows of r, the slopes or the curvatures times the products, and,
/// for a gradient, of the second derivatives.
struct pass_sums {
    double r = 0, curvature = 0;
};

/// Vectors of d weights and, with an intercept, one more number. There is one for each score, the
/// point or direction that is looked at, unless a solver asks for more.
class pass_solver {
public:
    [[nodiscard]] bool done() const noexcept { return done_; }
    [[nodiscard]] pass_wants wants() const noexcept { return wants_; }
    [[nodiscard]] std::size_t n_vectors() const noexcept { return n_vectors_; }
    /// d weights of vector k.
    [[nodiscard]] double const* request(std::size_t k) const noexcept {
        return (rules_->unit.empty() ? request_ : scaled_request_).data() + k * stride_;
    }
    /// What is to be added to request(k) . x: the intercept, and what centring takes off.
    [[nodiscard]] double offset(std::size_t k) const noexcept { return offset_of(request_, k); }
    /// Where x' r of vector k goes.
    [[nodiscard]] double* products(std::size_t k) noexcept { return product_.data() + k * stride_; }

    /// Before the first answer: begins score k there rather than at 0.
    void begin_at(std::size_t k, std::span<double const> weights, double intercept);

    [[nodiscard]] solver_report const& report() const noexcept { return report_; }
    /// d weights of score k, and its intercept, for the data as they are: not centred, not scaled.
    [[nodiscard]] std::vector<double> weights(std::size_t k) const {
        std::vector<double> out(d_);
        for (std::size_t j = 0; j < d_; ++j) out[j] = unit(j) * w_[k * stride_ + j];
        return out;
    }
    [[nodiscard]] double intercept(std::size_t k) const noexcept { return offset_of(w_, k); }

protected:
    /// Begins at 0. `tolerance` is of the gradient's norm, relative to that at 0.
    pass_solver(solver_rules const& rules, std::size_t n_scores, double tolerance)
        : rules_(&rules),
          n_scores_(n_scores),
          d_(rules.square.size()),
          stride_(d_ + (rules.intercept() ? 1 : 0)),
          w_(n_scores * stride_),
          tolerance_(tolerance) {
        ask(w_, pass_wants::gradient, n_scores);
    }

    /// Of so many vectors, one after the other, a pass is asked for next.
    void ask(std::vector<double> vectors, pass_wants what, std::size_t n) {
        request_ = std::move(vectors);
        product_.resize(request_.size());
        wants_ = what;
        n_vectors_ = n;
        if (rules_->unit.empty()) return;
        scaled_request_.resize(request_.size());
        for_each_weight(n, [&](std::size_t at, std::size_t j) {
            scaled_request_[at] = unit(j) * request_[at];
        });
    }
    /// Turns products into x' r of the centred and scaled data, and the intercepts'.
    void take_products(view<pass_sums const> sums) {
        ++report_.n_passes;
        if (rules_->intercept()) {
            for_each_weight(n_vectors_, [&](std::size_t at, std::size_t j) {
                product_[at] -= rules_->mean[j] * sums[at / stride_].r;
            });
            for (std::size_t k = 0; k < n_vectors_; ++k) product_[k * stride_ + d_] = sums[k].r;
        }
        if (rules_->unit.empty()) return;
        for_each_weight(n_vectors_,
                        [&](std::size_t at, std::size_t j) { product_[at] *= unit(j); });
    }
    /// f(place of a regularised weight, its column), for n vectors
    template <class F>
    void for_each_weight(std::size_t n, F const& f) const {
        for (std::size_t k = 0; k < n; ++k) {
            for (std::size_t j = 0; j < d_; ++j) f(k * stride_ + j, j);
        }
    }
    /// The gradient at 0 is there, by whose norm later ones are judged. Asks for that at the start
    /// if it is elsewhere; whether it did.
    [[nodiscard]] bool leaves_zero(double norm) {
        if (!knows_limit_) report_.gradient_limit = tolerance_ * norm;
        knows_limit_ = true;
        if (start_.empty()) return false;
        ask(std::move(start_), pass_wants::gradient, n_scores_);
        start_.clear();
        return true;
    }
    void finish(bool converged) {
        done_ = true;
        report_.converged = converged;
    }

    solver_rules const* rules_;
    std::size_t n_scores_, d_;
    std::size_t stride_;  ///< of a vector's weights and its intercept
    std::vector<double> w_, request_{}, product_{};
    bool done_ = false;
    double tolerance_;
    solver_report report_{};

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

    std::vector<double> scaled_request_{};  ///< for the data as they are
    std::vector<double> start_{};           ///< as w_, if it is not 0 and still to be asked for
    bool knows_limit_ = false;
    pass_wants wants_ = pass_wants::gradient;
    std::size_t n_vectors_ = 0;
};

inline void pass_solver::begin_at(std::size_t k, std::span<double const> weights,
                                  double intercept) {
    start_.resize(w_.size());
    auto* const own = start_.data() + k * stride_;
    for (std::size_t j = 0; j < d_; ++j) own[j] = unit(j) > 0 ? weights[j] / unit(j) : 0;
    if (!rules_->intercept()) return;
    own[d_] = intercept;
    own[d_] -= offset_of(start_, k) - intercept;
}

}  // namespace copse::detail
