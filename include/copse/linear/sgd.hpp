// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Stochastic gradient descent: a row at a time, in an order drawn anew for each epoch.
///
///     minimise alpha/2 ||w||^2 + mean_i c_i loss(w . x_i + b, y_i)
///
/// What it was doing is kept as data (sgd_state), so that it can go on where it stopped, with the
/// same rows or with others.
///
/// Source  L. Bottou, "Stochastic Gradient Descent Tricks", in Neural Networks: Tricks of the
/// Trade,
///         2012: weights are a scale times a vector, so that shrinking them costs nothing (section
///         5.1). W. Xu, "Towards Optimal One Pass Large Scale Learning with Averaged Stochastic
///         Gradient Descent", 2011, for the average. scikit-learn's rules for the learning rate and
///         for stopping. Deviation: the average's lazy sum is taken with the sum of scales.

#include <copse/core/checks.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/limits.hpp>
#include <copse/core/random.hpp>
#include <copse/linear/column_scales.hpp>
#include <copse/linear/dual_weights.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/row_order.hpp>
#include <copse/linear/solver_report.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// How far a step goes, t being the number of the row since the first.
enum class sgd_rate {
    optimal,          ///< 1 / (alpha (t0 + t)), t0 such that the first steps suit weights of size 1
    inverse_scaling,  ///< eta0 / t^(1/4)
    constant          ///< eta0
};

/// When to stop, for a classifier and for a regressor alike.
struct sgd_stopping {
    std::size_t max_iter = 1000;       ///< epochs
    double tolerance = 1e-3;           ///< of the mean loss: to have fallen by less is no progress
    std::size_t n_iter_no_change = 5;  ///< epochs without progress
    /// Above 0, that share of the rows, drawn, is not trained on, and its mean loss is looked at.
    double validation_fraction = 0;

    bool operator==(sgd_stopping const&) const = default;
};

namespace detail {

struct sgd_rules {
    double alpha;
    sgd_rate rate;
    double eta0;
    std::size_t average_after;
    bool fit_intercept;
    std::uint64_t seed;
};

/// All that a run of descent knows.
struct sgd_state {
    std::vector<double> w;  ///< as it is now
    double b = 0;
    std::size_t n_rows = 0;       ///< seen so far, in all epochs
    std::size_t n_epochs = 0;     ///< decides the next order of rows
    std::vector<double> w_sum{};  ///< over the rows since the average began
    double b_sum = 0;
    std::size_t n_summed = 0;

    explicit sgd_state(std::size_t d = 0) : w(d) {}

    /// What predicts: the average, if there is one.
    [[nodiscard]] std::vector<double> coef() const {
        if (n_summed == 0) return w;
        auto out = w_sum;
        for (auto& value : out) value /= static_cast<double>(n_summed);
        return out;
    }
    [[nodiscard]] double intercept() const noexcept {
        return n_summed == 0 ? b : b_sum / static_cast<double>(n_summed);
    }

    bool operator==(sgd_state const&) const = default;
};

/// Goes over rows of x, changing a state. y[i] is the target of row i and costs[i] its weight; rows
/// of cost 0 are passed over.
template <class Loss, class X>
class sgd_run {
public:
    sgd_run(sgd_rules const& rules, Loss const& loss, X x, std::vector<double> const& y,
            std::vector<double> const& costs, sgd_state& state)
        : rules_(rules),
          loss_(loss),
          x_(x),
          y_(y),
          costs_(costs),
          state_(state),
          order_(costs, random_stream(rules.seed)) {
        // A weight's typical size, and the slope of the loss there: Bottou's.
        auto const size = std::sqrt(1 / std::sqrt(rules.alpha));
        auto const slope = std::abs(loss_(-size, 1.0).slope);
        begin_ = std::max(1.0, slope) / (size * rules.alpha);
    }

    [[nodiscard]] std::size_t n_rows() const noexcept { return order_.size(); }

    /// One epoch; returns the mean of the weighted losses, each before its row's step.
    double epoch() {
        state_.w_sum.resize(state_.w.size());
        // w_sum holds what is to be taken off the sum of scales times the vector.
        scale_ = 1;
        scales_summed_ = 0;
        double sum = 0;
        order_.sweep(order_.size(), state_.n_epochs, [&](std::size_t i) {
            sum += step(i);
            return true;
        });
        ++state_.n_epochs;
        for (std::size_t j = 0; j < state_.w.size(); ++j) {
            state_.w_sum[j] += state_.w[j] * scales_summed_;
            state_.w[j] *= scale_;
        }
        return sum / static_cast<double>(std::max<std::size_t>(order_.size(), 1));
    }

private:
    [[nodiscard]] double rate() const {
        auto const t = static_cast<double>(state_.n_rows);
        switch (rules_.rate) {
            case sgd_rate::optimal:
                return 1 / (rules_.alpha * (begin_ + t));
            case sgd_rate::inverse_scaling:
                return rules_.eta0 / std::sqrt(std::sqrt(t + 1));
            case sgd_rate::constant:
                break;
        }
        return rules_.eta0;
    }

    double step(std::size_t i) {
        auto const at = loss_(scale_ * row_times(x_, i, state_.w.data()) + state_.b, y_[i]);
        auto const eta = rate();
        ++state_.n_rows;
        shrink(std::max(0.0, 1 - eta * rules_.alpha));
        // A row of huge values must not throw the weights out of the numbers.
        constexpr double most = 1e12;
        auto const change = -eta * std::clamp(costs_[i] * at.slope, -most, most);
        if (change != 0) {
            auto const own = change / scale_;
            for_each_in_row(x_, i, [&](std::size_t j, double value) {
                state_.w[j] += own * value;
                state_.w_sum[j] -= own * value * scales_summed_;
            });
            if (rules_.fit_intercept) state_.b += change;
        }
        if (state_.n_rows > rules_.average_after) {
            scales_summed_ += scale_;
            state_.b_sum += state_.b;
            ++state_.n_summed;
        }
        return costs_[i] * at.loss;
    }

    void shrink(double factor) {
        scale_ *= factor;
        constexpr double least = 1e-9;
        if (scale_ >= least) return;
        // Before digits are lost, the scale goes into the vector; of a factor of 0 nothing is left.
        for (std::size_t j = 0; j < state_.w.size(); ++j) {
            state_.w_sum[j] += state_.w[j] * scales_summed_;
            state_.w[j] *= scale_;
        }
        scale_ = 1;
        scales_summed_ = 0;
    }

    sgd_rules const& rules_;
    Loss const& loss_;
    X x_;
    std::vector<double> const& y_;
    std::vector<double> const& costs_;
    sgd_state& state_;
    row_order order_;
    double begin_ = 0;
    double scale_ = 1;
    double scales_summed_ = 0;  ///< of the steps that are in the average, since scale_ was 1
};

/// Throws invalid_input.
inline void check_sgd(std::string_view who, sgd_rules const& rules, sgd_stopping const& stopping) {
    constexpr auto least = std::numeric_limits<double>::min();
    constexpr auto most = std::numeric_limits<double>::max();
    check_range(who, "alpha", rules.alpha, least, most, "greater than 0 and finite");
    check_range(who, "eta0", rules.eta0, least, most, "greater than 0 and finite");
    check_at_least(who, "stopping.max_iter", stopping.max_iter, 1);
    check_at_least(who, "stopping.n_iter_no_change", stopping.n_iter_no_change, 1);
    check_range(who, "stopping.tolerance", stopping.tolerance, 0, most, "at least 0 and finite");
    check_range(who, "stopping.validation_fraction", stopping.validation_fraction, 0, 0.9,
                "in [0, 0.9]");
}

/// Of each row: its weight, or 1.
[[nodiscard]] inline std::vector<double> costs_of(values_view weights, std::size_t n) {
    std::vector<double> out(n, 1.0);
    for (std::size_t i = 0; i < weights.size(); ++i) out[i] = weights[i];
    return out;
}

/// Rows that are not trained on: they lose their costs.
[[nodiscard]] inline std::vector<std::size_t> hold_out(std::vector<double>& costs, double fraction,
                                                       std::uint64_t seed) {
    auto const n = costs.size();
    auto const count = static_cast<std::size_t>(fraction * static_cast<double>(n));
    auto const draws = random_stream(seed).split(purpose::split);
    std::vector<std::size_t> rows(n);
    for (std::size_t i = 0; i < n; ++i) rows[i] = i;
    for (std::size_t i = 0; i < count; ++i)
        std::swap(rows[i], rows[i + draws.below(static_cast<std::uint32_t>(n - i), i)]);
    rows.resize(count);
    for (auto const i : rows) costs[i] = 0;
    return rows;
}

/// Epochs until the mean loss, of the rows that are trained on or of those held out, has not fallen
/// by tolerance for n_iter_no_change of them. `held_out` may be empty.
template <class Loss, class X, class Stopped>
[[nodiscard]] solver_report run_epochs(sgd_run<Loss, X>& run, Loss const& loss, X const& x,
                                       std::vector<double> const& y,
                                       std::vector<std::size_t> const& held_out,
                                       sgd_state const& state, sgd_rules const& rules,
                                       sgd_stopping const& stopping, Stopped const& check_stop) {
    solver_report report;
    auto best = std::numeric_limits<double>::infinity();
    std::size_t n_worse = 0;
    double loss_of_epoch = 0;
    while (report.n_iter < stopping.max_iter && !report.converged) {
        check_stop();
        loss_of_epoch = run.epoch();
        ++report.n_iter;
        auto judged = loss_of_epoch;
        if (!held_out.empty()) {
            auto const w = state.coef();
            double sum = 0;
            for (auto const i : held_out)
                sum += loss(row_times(x, i, w.data()) + state.intercept(), y[i]).loss;
            judged = sum / static_cast<double>(held_out.size());
        }
        n_worse = judged > best - stopping.tolerance ? n_worse + 1 : 0;
        best = std::min(best, judged);
        report.converged = n_worse >= stopping.n_iter_no_change;
    }
    report.n_passes = report.n_iter;
    double square = 0;
    for (auto const value : state.coef()) square += value * value;
    report.objective = 0.5 * rules.alpha * square + loss_of_epoch;
    return report;
}

}  // namespace detail
}  // namespace copse
