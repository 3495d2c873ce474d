// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Stochastic gradient descent: a row at a time, in an order drawn anew for each epoch.
///
///     minimise alpha penalty(w) + mean_i c_i loss(w . x_i + b, y_i)
///
/// A step can be of several rows (batch_size). Where rows are on several ranks (fit's
/// options.ranks), the rows of a step are drawn from those of all ranks, who add up its slopes: the
/// same steps, however the rows are shared out. Or each rank descends alone over its rows for some
/// epochs (local_epochs), and then all go on from the mean of their weights: a message in so many
/// epochs, not in each step.
///
/// What it was doing is kept as data (sgd_state.hpp), so that it can go on where it stopped, with
/// the same rows or with others.
///
/// Source  sgd_steps.hpp for the steps. M. Zinkevich, M. Weimer, A. Smola, L. Li, "Parallelized
///         Stochastic Gradient Descent", NIPS 2010, and S. Stich, "Local SGD Converges Fast and
///         Communicates Little", ICLR 2019, Algorithm 1, for ranks that descend alone; ranks count
///         by their rows. W. Xu, "Towards Optimal One Pass Large Scale Learning with
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
#include <copse/linear/shards.hpp>
#include <copse/linear/solver_report.hpp>
#include <copse/par/ranks_view.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
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

/// Those of a trainer, for classes or for numbers.
template <class Trainer>
[[nodiscard]] sgd_rules rules_of(Trainer const& t) noexcept {
    return {t.alpha,         penalty_of(t.penalty, t.alpha, t.l1_ratio),
            t.learning_rate, t.eta0,
            t.average_after, t.fit_intercept,
            t.random_state,  t.batch_size,
            t.local_epochs};
}

/// The rows of all ranks. What is drawn is drawn from all of them, so that it does not depend on
/// how they are shared out.
struct sgd_rows {
    std::vector<double> costs;  ///< of each row, rank by rank; of cost 0: passed over
    std::size_t first = 0;      ///< of this rank's rows
    std::size_t n_own = 0;      ///< from there on
    ranks_view ranks{};
    std::vector<std::size_t> held_out{};  ///< of this rank's: rows that are judged by

    sgd_rows(std::vector<double> own, ranks_view all) : n_own(own.size()), ranks(all) {
        if (ranks.size() > 1) {
            auto const offsets = rank_offsets(ranks, n_own);
            first = offsets[ranks.rank()];
            own = gathered(ranks, own, offsets);
        }
        costs = std::move(own);
    }
    [[nodiscard]] std::span<double const> own_costs() const noexcept {
        return std::span(costs).subspan(first, n_own);
    }
    /// Whether row i is this rank's: its number there is i - first.
    [[nodiscard]] bool has(std::size_t i) const noexcept { return i - first < n_own; }
};

/// Becomes the mean of all ranks' states, which count by their share of the rows. All were `before`
/// when they began; sums over rows are added up.
inline void average(ranks_view ranks, double share, sgd_state const& before, sgd_state& state) {
    std::vector<double> packed;
    auto const add = [&](auto value) { packed.push_back(static_cast<double>(value)); };
    for (auto const* of : {&state.w, &state.l1_paid, &state.squares}) {
        for (auto const value : *of) add(share * value);
    }
    add(share * state.b);
    add(share * state.l1_due);
    add(share * state.b_square);
    add(share * static_cast<double>(state.n_rows - before.n_rows));
    add(state.n_summed - before.n_summed);
    add(state.b_sum - before.b_sum);
    for (std::size_t j = 0; j < state.w_sum.size(); ++j)
        add(state.w_sum[j] - (before.w_sum.empty() ? 0.0 : before.w_sum[j]));
    ranks.allreduce_sum(packed);
    auto at = packed.begin();
    for (auto* of : {&state.w, &state.l1_paid, &state.squares}) {
        for (auto& value : *of) value = *at++;
    }
    state.b = *at++;
    state.l1_due = *at++;
    state.b_square = *at++;
    state.n_rows = before.n_rows + static_cast<std::size_t>(std::llround(*at++));
    state.n_summed = before.n_summed + static_cast<std::size_t>(*at++);
    state.b_sum = before.b_sum + *at++;
    for (std::size_t j = 0; j < state.w_sum.size(); ++j)
        state.w_sum[j] = (before.w_sum.empty() ? 0.0 : before.w_sum[j]) + *at++;
}

/// Goes over rows of x, changing a state. y[i] is the target of this rank's row i.
template <class Loss, class X>
class sgd_run {
public:
    sgd_run(sgd_rules const& rules, Loss const& loss, X x, std::vector<double> const& y,
            sgd_rows const& rows, sgd_state& state)
        : rules_(rules),
          loss_(loss),
          x_(x),
          y_(y),
          rows_(rows),
          costs_(rows.own_costs()),
          state_(state),
          before_(state),
          is_local_(rows.ranks.size() > 1 && rules.local_epochs),
          order_(is_local_ ? costs_ : std::span(rows.costs), random_stream(rules.seed)),
          n_rows_(static_cast<double>(order_.size())) {
        if (is_local_) {
            auto const all = rows.ranks.sum(n_rows_);
            share_ = n_rows_ / std::max(all, 1.0);
            n_rows_ = all;
        }
        // A weight's typical size, and the slope of the loss there: Bottou's.
        auto const size = std::sqrt(1 / std::sqrt(rules.alpha));
        auto const slope = std::abs(loss_(-size, 1.0).slope);
        begin_ = std::max(1.0, slope) / (size * rules.alpha);
    }

    /// One epoch; returns the mean of the weighted losses, each before its row's step.
    double epoch() {
        if (rules_.rate == sgd_rate::adagrad) return epoch_of(adagrad_steps(rules_, state_));
        return epoch_of(common_rate_steps(rules_, begin_, state_));
    }

    /// Ranks that descend alone: all go on from the mean.
    void meet() {
        if (!is_local_) return;
        average(rows_.ranks, share_, before_, state_);
        before_ = state_;
    }

private:
    /// What a row's step is made of.
    struct row_slope {
        double slope, loss;
    };
    template <class Steps>
    [[nodiscard]] row_slope slope_of(Steps& steps, std::size_t i) const {
        auto const at = loss_(steps.score(x_, i), y_[i]);
        // A row of huge values must not throw the weights out of the numbers.
        constexpr double most = 1e12;
        return {std::clamp(costs_[i] * at.slope, -most, most), costs_[i] * at.loss};
    }

    template <class Steps>
    double epoch_of(Steps steps) {
        bool const together = rows_.ranks.size() > 1 && !is_local_;
        auto sum = together || rules_.batch_size > 1 ? sum_by_batches(steps, together)
                                                     : sum_by_rows(steps);
        if (is_local_) sum = rows_.ranks.sum(sum);
        ++state_.n_epochs;
        steps.finish();
        return sum / std::max(n_rows_, 1.0);
    }

    template <class Steps>
    double sum_by_rows(Steps& steps) {
        double sum = 0;
        order_.sweep(order_.size(), state_.n_epochs, [&](std::size_t i) {
            auto const at = slope_of(steps, i);
            steps.move(x_, i, at.slope);
            sum += at.loss;
            return true;
        });
        return sum;
    }

    template <class Steps>
    double sum_by_batches(Steps& steps, bool together) {
        auto const d = state_.w.size();
        // Of a batch: slopes in the weights and the intercept, then the loss.
        std::vector<double> sums(d + 2), slopes(d);
        double loss = 0;
        std::size_t n_in_batch = 0, n_left = order_.size();
        order_.sweep(order_.size(), state_.n_epochs, [&](std::size_t i) {
            if (!together || rows_.has(i)) {
                auto const own = together ? i - rows_.first : i;
                auto const at = slope_of(steps, own);
                for_each_in_row(x_, own,
                                [&](std::size_t j, double value) { sums[j] += at.slope * value; });
                sums[d] += at.slope;
                sums[d + 1] += at.loss;
            }
            --n_left;
            if (++n_in_batch < rules_.batch_size && n_left > 0) return true;
            if (together) rows_.ranks.allreduce_sum(sums);
            auto const n = static_cast<double>(n_in_batch);
            for (std::size_t j = 0; j < d; ++j) slopes[j] = sums[j] / n;
            steps.move_by(slopes, sums[d] / n, n_in_batch);
            steps.finish();  // so that all ranks' weights are in the same state
            loss += sums[d + 1];
            std::ranges::fill(sums, 0.0);
            n_in_batch = 0;
            return true;
        });
        return loss;
    }

    sgd_rules const& rules_;
    Loss const& loss_;
    X x_;
    std::vector<double> const& y_;
    sgd_rows const& rows_;
    std::span<double const> costs_;  ///< of this rank's rows
    sgd_state& state_;
    sgd_state before_;  ///< what all ranks began with
    bool is_local_;     ///< whether this rank descends alone, between meetings
    row_order order_;
    double n_rows_;     ///< of all ranks
    double share_ = 1;  ///< of them, this rank's
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
    check_at_least(who, "batch_size", rules.batch_size, 1);
    if (rules.local_epochs) check_at_least(who, "local_epochs", *rules.local_epochs, 1);
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

/// Throws invalid_input unless all ranks descend alike.
inline void check_same_descent(std::string_view who, ranks_view ranks, std::size_t n_features,
                               sgd_rules const& rules, sgd_stopping const& stopping) {
    auto const number = [](auto value) { return static_cast<double>(value); };
    check_same(who, ranks,
               {{"the number of columns of x", number(n_features)},
                {"alpha", rules.alpha},
                {"l1_ratio times alpha", rules.penalty.l1},
                {"learning_rate", number(rules.rate)},
                {"eta0", rules.eta0},
                {"average_after", number(rules.average_after)},
                {"fit_intercept", number(rules.fit_intercept)},
                {"batch_size", number(rules.batch_size)},
                {"local_epochs", number(rules.local_epochs.value_or(0))},
                {"random_state", number(rules.seed)},
                {"stopping.max_iter", number(stopping.max_iter)},
                {"stopping.tolerance", stopping.tolerance},
                {"stopping.n_iter_no_change", number(stopping.n_iter_no_change)},
                {"stopping.validation_fraction", stopping.validation_fraction}});
}

/// Rows that are not trained on: they lose their costs.
inline void hold_out(sgd_rows& all, double fraction, std::uint64_t seed) {
    auto const n = all.costs.size();
    auto const count = static_cast<std::size_t>(fraction * static_cast<double>(n));
    auto const draws = random_stream(seed).split(purpose::split);
    std::vector<std::size_t> rows(n);
    for (std::size_t i = 0; i < n; ++i) rows[i] = i;
    for (std::size_t i = 0; i < count; ++i)
        std::swap(rows[i], rows[i + draws.below(static_cast<std::uint32_t>(n - i), i)]);
    rows.resize(count);
    for (auto const i : rows) {
        all.costs[i] = 0;
        if (all.has(i)) all.held_out.push_back(i - all.first);
    }
}

/// The mean loss of what is held out on all ranks.
template <class Loss, class X>
[[nodiscard]] double held_out_loss(Loss const& loss, X const& x, std::vector<double> const& y,
                                   sgd_rows const& rows, sgd_state const& state) {
    auto const w = state.coef();
    double sums[] = {0, static_cast<double>(rows.held_out.size())};
    for (auto const i : rows.held_out)
        sums[0] += loss(row_times(x, i, w.data()) + state.intercept(), y[i]).loss;
    rows.ranks.allreduce_sum(sums);
    return sums[0] / sums[1];
}

/// Epochs, one by one, until the mean loss, of the rows that are trained on or of those held out,
/// has not fallen by tolerance for n_iter_no_change of them.
template <class Loss, class X>
class sgd_epochs {
public:
    sgd_epochs(std::string_view who, sgd_rules const& rules, sgd_stopping const& stopping,
               Loss const& loss, X x, std::vector<double> target, sgd_rows const& rows,
               sgd_state& state, std::stop_token stop)
        : who_(who),
          rules_(rules),
          stopping_(stopping),
          loss_(loss),
          x_(x),
          target_(std::move(target)),
          rows_(rows),
          state_(state),
          run_(rules, loss, x, target_, rows, state),
          stop_(std::move(stop)),
          any_held_out_(rows.ranks.sum(static_cast<double>(rows.held_out.size())) > 0) {}
    sgd_epochs(sgd_epochs const&) = delete;
    sgd_epochs& operator=(sgd_epochs const&) = delete;

    /// An epoch; whether another is to follow.
    [[nodiscard]] bool step() {
        if (stop_.stop_requested()) throw stopped(sentence(who_, ": was stopped"));
        loss_of_epoch_ = run_.epoch();
        ++report_.n_iter;
        auto const judged =
            any_held_out_ ? held_out_loss(loss_, x_, target_, rows_, state_) : loss_of_epoch_;
        n_worse_ = judged > best_ - stopping_.tolerance ? n_worse_ + 1 : 0;
        best_ = std::min(best_, judged);
        report_.converged = n_worse_ >= stopping_.n_iter_no_change;
        bool const over = report_.converged || report_.n_iter == stopping_.max_iter;
        if (over || report_.n_iter % rules_.local_epochs.value_or(1) == 0) run_.meet();
        return !over;
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
    sgd_rows const& rows_;
    sgd_state& state_;
    sgd_run<Loss, X> run_;
    std::stop_token stop_;
    bool any_held_out_;  ///< on any rank
    solver_report report_{};
    double best_ = std::numeric_limits<double>::infinity();
    std::size_t n_worse_ = 0;
    double loss_of_epoch_ = 0;
};

}  // namespace detail
}  // namespace copse
