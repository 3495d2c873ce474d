// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Stochastic gradient descent: a row at a time, in an order drawn anew for each epoch.
///
///     minimise alpha penalty(w) + mean_i c_i loss(w . x_i + b, y_i)
///
/// What it was doing is kept as data (sgd_state.hpp), so that it can go on where it stopped, with
/// the same rows or with others.
///
/// Source  sgd_steps.hpp for the steps. W. Xu, "Towards Optimal One Pass Large Scale Learning with
///         Averaged Stochastic Gradient Descent", 2011, for the average. scikit-learn's rules for
///         the learning rate and for stopping.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/limits.hpp>
#include <copse/core/random.hpp>
#include <copse/linear/dual_weights.hpp>
#include <copse/linear/iterations.hpp>
#include <copse/linear/row_order.hpp>
#include <copse/linear/sgd_state.hpp>
#include <copse/linear/sgd_steps.hpp>
#include <copse/linear/solver_report.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

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
        if (rules_.rate == sgd_rate::adagrad) return epoch_of(adagrad_steps(rules_, state_));
        return epoch_of(common_rate_steps(rules_, begin_, state_));
    }

private:
    template <class Steps>
    double epoch_of(Steps steps) {
        double sum = 0;
        order_.sweep(order_.size(), state_.n_epochs, [&](std::size_t i) {
            auto const at = loss_(steps.score(x_, i), y_[i]);
            // A row of huge values must not throw the weights out of the numbers.
            constexpr double most = 1e12;
            steps.move(x_, i, std::clamp(costs_[i] * at.slope, -most, most));
            sum += costs_[i] * at.loss;
            return true;
        });
        ++state_.n_epochs;
        steps.finish();
        return sum / static_cast<double>(std::max<std::size_t>(order_.size(), 1));
    }

    sgd_rules const& rules_;
    Loss const& loss_;
    X x_;
    std::vector<double> const& y_;
    std::vector<double> const& costs_;
    sgd_state& state_;
    row_order order_;
    double begin_ = 0;
};

/// Throws invalid_input.
inline void check_sgd(std::string_view who, sgd_rules const& rules, double l1_ratio,
                      sgd_stopping const& stopping) {
    constexpr auto least = std::numeric_limits<double>::min();
    constexpr auto most = std::numeric_limits<double>::max();
    check_range(who, "alpha", rules.alpha, least, most, "greater than 0 and finite");
    check_range(who, "l1_ratio", l1_ratio, 0, 1, "in [0, 1]");
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

/// Epochs, one by one, until the mean loss, of the rows that are trained on or of those held out,
/// has not fallen by tolerance for n_iter_no_change of them. `held_out` may be empty.
template <class Loss, class X>
class sgd_epochs {
public:
    sgd_epochs(std::string_view who, sgd_rules const& rules, sgd_stopping const& stopping,
               Loss const& loss, X x, std::vector<double> target, std::vector<double> const& costs,
               std::vector<std::size_t> const& held_out, sgd_state& state, std::stop_token stop)
        : who_(who),
          rules_(rules),
          stopping_(stopping),
          loss_(loss),
          x_(x),
          target_(std::move(target)),
          held_out_(held_out),
          state_(state),
          run_(rules, loss, x, target_, costs, state),
          stop_(std::move(stop)) {}
    sgd_epochs(sgd_epochs const&) = delete;
    sgd_epochs& operator=(sgd_epochs const&) = delete;

    /// An epoch; whether another is to follow.
    [[nodiscard]] bool step() {
        if (stop_.stop_requested()) throw stopped(sentence(who_, ": was stopped"));
        loss_of_epoch_ = run_.epoch();
        ++report_.n_iter;
        auto judged = loss_of_epoch_;
        if (!held_out_.empty()) {
            auto const w = state_.coef();
            double sum = 0;
            for (auto const i : held_out_)
                sum += loss_(row_times(x_, i, w.data()) + state_.intercept(), target_[i]).loss;
            judged = sum / static_cast<double>(held_out_.size());
        }
        n_worse_ = judged > best_ - stopping_.tolerance ? n_worse_ + 1 : 0;
        best_ = std::min(best_, judged);
        report_.converged = n_worse_ >= stopping_.n_iter_no_change;
        return report_.n_iter < stopping_.max_iter && !report_.converged;
    }
    [[nodiscard]] fitted_class so_far() const {
        return {state_.coef(), state_.intercept(), report_};
    }
    [[nodiscard]] fitted_class result() {
        report_.n_passes = report_.n_iter;
        report_.objective = state_.cost(rules_.penalty) + loss_of_epoch_;
        return so_far();
    }

private:
    std::string_view who_;
    sgd_rules const& rules_;
    sgd_stopping const& stopping_;
    Loss const& loss_;
    X x_;
    std::vector<double> target_;
    std::vector<std::size_t> const& held_out_;
    sgd_state& state_;
    sgd_run<Loss, X> run_;
    std::stop_token stop_;
    solver_report report_{};
    double best_ = std::numeric_limits<double>::infinity();
    std::size_t n_worse_ = 0;
    double loss_of_epoch_ = 0;
};

}  // namespace detail
}  // namespace copse
