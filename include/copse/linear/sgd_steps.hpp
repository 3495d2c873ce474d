// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The two kinds of steps of stochastic gradient descent: with one rate for all weights, or with
/// one for each (AdaGrad). Both cost what is stored of a row; penalties wait until a weight is
/// looked at.
///
///     common_rate_steps steps(rules, state);
///     auto const score = steps.score(x, i);
///     steps.move(x, i, slope);                     // of the row's loss, in its score
///     steps.move_by(slopes, slope, n);             // or of n rows: in each weight, the intercept
///     steps.finish();                              // before the state is looked at
///
/// Source  L. Bottou, "Stochastic Gradient Descent Tricks", in Neural Networks: Tricks of the
///         Trade, 2012: weights are a scale times a vector, so that shrinking them costs nothing
///         (section 5.1). Y. Tsuruoka, J. Tsujii, S. Ananiadou, "Stochastic Gradient Descent
///         Training for L1-regularized Log-linear Models with Cumulative Penalty", ACL 2009,
///         figure 2. J. Duchi, E. Hazan, Y. Singer, "Adaptive Subgradient Methods for Online
///         Learning and Stochastic Optimization", JMLR 12, 2011: composite mirror descent with
///         diagonal matrices (figure 1, delta = 0).
/// Deviations  At the end of an epoch all weights pay what |w|_1 is due, not only those of the last
///         rows; at a step of a batch they do, too. The average's lazy sum is taken with the sum of
///         scales. Where a weight has no slope, AdaGrad's steps are taken together, in closed form.

#include <copse/linear/column_scales.hpp>
#include <copse/linear/dual_weights.hpp>
#include <copse/linear/l1_penalty.hpp>
#include <copse/linear/sgd_state.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace copse::detail {

/// f(j, slopes[j]) for every weight.
template <class F>
void for_each_weight(std::vector<double> const& slopes, F const& f) {
    for (std::size_t j = 0; j < slopes.size(); ++j) f(j, slopes[j]);
}

/// Weights move by one rate, which depends on the number of the row. `begin` is where `optimal`
/// begins to count.
class common_rate_steps {
public:
    common_rate_steps(sgd_rules const& rules, double begin, sgd_state& state)
        : rules_(rules), begin_(begin), state_(state) {
        // w_sum holds what is to be taken off the sum of scales times the vector.
        state_.w_sum.resize(state_.w.size());
        if (rules_.penalty.l1 > 0) state_.l1_paid.resize(state_.w.size());
    }

    template <class X>
    [[nodiscard]] double score(X const& x, std::size_t i) const {
        return scale_ * row_times(x, i, state_.w.data()) + state_.b;
    }

    template <class X>
    void move(X const& x, std::size_t i, double slope) {
        step([&](auto const& f) { for_each_in_row(x, i, f); }, slope, slope, 1);
    }
    /// The step of n rows: by the mean of their losses' slopes in each weight, and in the
    /// intercept.
    void move_by(std::vector<double> const& slopes, double of_intercept, std::size_t n) {
        step([&](auto const& f) { for_each_weight(slopes, f); }, 1, of_intercept, n);
    }

    void finish() {
        if (rules_.penalty.l1 > 0) {
            for (std::size_t j = 0; j < state_.w.size(); ++j) pay(j);
        }
        fold_scale();
    }

private:
    /// for_each(f) calls f(j, value): the slope in weight j is `slope` times value.
    template <class ForEach>
    void step(ForEach const& for_each, double slope, double of_intercept, std::size_t n) {
        auto const eta = rate();
        state_.n_rows += n;
        shrink(std::max(0.0, 1 - eta * rules_.penalty.l2));
        auto const change = -eta * slope;
        if (change != 0) {
            auto const own = change / scale_;
            for_each([&](std::size_t j, double value) { add(j, own * value); });
            if (rules_.fit_intercept) state_.b -= eta * of_intercept;
        }
        if (rules_.penalty.l1 > 0) {
            state_.l1_due += eta * rules_.penalty.l1;
            for_each([&](std::size_t j, double) { pay(j); });
        }
        average();
    }
    void average() {
        if (state_.n_rows <= rules_.average_after) return;
        scales_summed_ += scale_;
        state_.b_sum += state_.b;
        ++state_.n_summed;
    }
    [[nodiscard]] double rate() const {
        auto const t = static_cast<double>(state_.n_rows) / static_cast<double>(rules_.batch_size);
        switch (rules_.rate) {
            case sgd_rate::optimal:
                return 1 / (rules_.alpha * (begin_ + t));
            case sgd_rate::inverse_scaling:
                return rules_.eta0 / std::sqrt(std::sqrt(t + 1));
            case sgd_rate::constant:
            case sgd_rate::adagrad:
                break;
        }
        return rules_.eta0;
    }

    void add(std::size_t j, double change) noexcept {
        state_.w[j] += change;
        state_.w_sum[j] -= change * scales_summed_;
    }

    /// Takes off weight j what |w|_1 has cost since it last paid, as far as it has so much.
    void pay(std::size_t j) noexcept {
        auto const w = scale_ * state_.w[j];
        if (w == 0) return;
        auto& paid = state_.l1_paid[j];
        auto const left = w > 0 ? std::max(0.0, w - (state_.l1_due + paid))
                                : std::min(0.0, w + (state_.l1_due - paid));
        paid += left - w;
        if (left == 0) {
            state_.w_sum[j] += state_.w[j] * scales_summed_;
            state_.w[j] = 0;  // not what rounding leaves
        } else {
            add(j, (left - w) / scale_);
        }
    }

    void shrink(double factor) {
        scale_ *= factor;
        constexpr double least = 1e-9;
        // Before digits are lost, the scale goes into the vector; of a factor of 0 nothing is left.
        if (scale_ < least) fold_scale();
    }
    void fold_scale() {
        for (std::size_t j = 0; j < state_.w.size(); ++j) {
            state_.w_sum[j] += state_.w[j] * scales_summed_;
            state_.w[j] *= scale_;
        }
        scale_ = 1;
        scales_summed_ = 0;
    }

    sgd_rules const& rules_;
    double begin_;
    sgd_state& state_;
    double scale_ = 1;
    double scales_summed_ = 0;  ///< of the steps that are in the average, since scale_ was 1
};

/// A weight after some steps, and the sum of what it was after each.
struct idle_weight {
    double w, sum;
};

/// Of a weight that takes n steps of the penalty alone: from w each goes to the least of
/// penalty.of(v) + (v - w)^2 / (2 rate). Cost does not depend on n.
[[nodiscard]] inline idle_weight idle_steps(double w, double rate, l1_penalty penalty,
                                            std::size_t n) noexcept {
    auto const steps = static_cast<double>(n);
    auto const down = rate * penalty.l1;
    auto const shrinks = rate * penalty.l2;  // |w| becomes (|w| - down) / (1 + shrinks)
    if (w == 0 || n == 0 || (down == 0 && shrinks == 0)) return {w, steps * w};
    if (n == 1) {
        auto const next = shrunk(w, down) / (1 + shrinks);
        return {next, next};
    }
    auto const size = std::abs(w);
    if (shrinks == 0) {
        auto const moving = std::min(steps, std::floor(size / down));
        auto const end = moving < steps ? 0.0 : size - moving * down;
        return {std::copysign(end, w),
                std::copysign(moving * size - 0.5 * down * moving * (moving + 1), w)};
    }
    // |w| + l1 / l2 is divided by 1 + shrinks at each step, until |w| is 0.
    auto const below = penalty.l1 / penalty.l2;
    auto const log_factor = std::log1p(shrinks);
    auto const moving =
        below > 0 ? std::min(steps, std::floor(std::log1p(size / below) / log_factor)) : steps;
    auto const lost = -std::expm1(-moving * log_factor) * (size + below);
    auto const end = moving < steps ? 0.0 : std::max(0.0, size - lost);
    return {std::copysign(end, w), std::copysign(lost / shrinks - moving * below, w)};
}

/// Each weight moves by a rate of its own. A weight's rate changes only when its slope is not 0, so
/// all that the penalty does to it in between is known when it is next looked at.
class adagrad_steps {
public:
    adagrad_steps(sgd_rules const& rules, sgd_state& state)
        : rules_(rules),
          state_(state),
          paid_at_(state.w.size()),
          averages_(state.n_rows >= rules.average_after) {
        state_.w_sum.resize(state_.w.size());
        state_.squares.resize(state_.w.size());
    }

    template <class X>
    [[nodiscard]] double score(X const& x, std::size_t i) {
        for_each_in_row(x, i, [&](std::size_t j, double) { catch_up(j); });
        return row_times(x, i, state_.w.data()) + state_.b;
    }

    /// score() of the row was the last call.
    template <class X>
    void move(X const& x, std::size_t i, double slope) {
        step([&](auto const& f) { for_each_in_row(x, i, f); }, slope, slope, 1);
    }
    /// finish() was the last call but score().
    void move_by(std::vector<double> const& slopes, double of_intercept, std::size_t n) {
        step([&](auto const& f) { for_each_weight(slopes, f); }, 1, of_intercept, n);
    }

    void finish() {
        for (std::size_t j = 0; j < state_.w.size(); ++j) catch_up(j);
    }

private:
    template <class ForEach>
    void step(ForEach const& for_each, double slope, double of_intercept, std::size_t n) {
        bool const averages = state_.n_rows >= rules_.average_after;
        // Steps on either side of where the average begins are not taken together.
        if (averages != averages_) finish();
        averages_ = averages;
        state_.n_rows += n;
        ++n_steps_;
        if (slope != 0) {
            for_each([&](std::size_t j, double value) {
                state_.w[j] -= step_of(state_.squares[j], slope * value);
            });
            if (rules_.fit_intercept) state_.b -= step_of(state_.b_square, of_intercept);
        }
        if (!averages_) return;
        state_.b_sum += state_.b;
        ++state_.n_summed;
    }

    [[nodiscard]] double step_of(double& square, double slope) const noexcept {
        square += slope * slope;
        return square > 0 ? rules_.eta0 / std::sqrt(square) * slope : 0;
    }

    /// Takes the penalty's steps that weight j has put off. A weight that has had no slope has no
    /// rate yet and stays.
    void catch_up(std::size_t j) noexcept {
        auto const square = state_.squares[j];
        auto const rate = square > 0 ? rules_.eta0 / std::sqrt(square) : 0;
        auto const after = idle_steps(state_.w[j], rate, rules_.penalty, n_steps_ - paid_at_[j]);
        state_.w[j] = after.w;
        if (averages_) state_.w_sum[j] += after.sum;
        paid_at_[j] = n_steps_;
    }

    sgd_rules const& rules_;
    sgd_state& state_;
    std::vector<std::size_t> paid_at_;  ///< of each weight: the steps whose penalty it has paid
    std::size_t n_steps_ = 0;
    bool averages_;  ///< whether the steps not yet paid for are in the average
};

}  // namespace copse::detail
