// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Linear regressors by stochastic gradient descent: for rows that are too many for passes over all
/// of them, or that arrive bit by bit.
///
///     auto const line = copse::sgd_regressor{}.fit(x, y);
///
///     copse::sgd_regressor const trainer{};
///     auto model = trainer.start(n_features);                           // knows nothing yet
///     while (...) model = trainer.partial_fit(model, x_batch, y_batch);
///
/// Columns, and y, should be of the scale of 1.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/limits.hpp>
#include <copse/linear/class_solvers.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/fit_regressor.hpp>
#include <copse/linear/iterations.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/sgd.hpp>
#include <copse/linear/value_loss.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/ranks_view.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// What an error e, beyond epsilon if there is one, costs.
enum class sgd_value_loss {
    squared_error,               ///< e^2 / 2
    epsilon_insensitive,         ///< |e|
    squared_epsilon_insensitive  ///< e^2
};

/// A linear regressor that can be trained on: it knows where its descent was.
class online_regressor : public linear_regressor {
public:
    online_regressor(detail::sgd_state state, solver_report report)
        : linear_regressor(state.coef(), state.intercept(), report), state_(std::move(state)) {}

    [[nodiscard]] detail::sgd_state const& state() const noexcept { return state_; }

    bool operator==(online_regressor const&) const = default;

private:
    detail::sgd_state state_;
};

/// Minimises alpha penalty(w) + mean_i weight_i loss_i. Fields bear scikit-learn's names where they
/// keep its meaning.
struct sgd_regressor {
    sgd_value_loss loss = sgd_value_loss::squared_error;
    sgd_penalty penalty = sgd_penalty::l2;
    double alpha = 1e-4;
    double l1_ratio = 0.15;     ///< of elasticnet
    double epsilon = 0.1;       ///< of the losses that have one, in units of y
    bool fit_intercept = true;  ///< not regularised
    sgd_rate learning_rate = sgd_rate::inverse_scaling;
    double eta0 = 0.01;                     ///< for the rates that have it
    std::size_t average_after = unlimited;  ///< rows; from then on weights are averaged
    sgd_stopping stopping{};
    std::size_t batch_size = 1;  ///< rows of a step, which goes by the mean of their slopes
    std::optional<std::size_t> local_epochs{};  ///< with options.ranks: see linear/sgd.hpp
    std::uint64_t random_state = 0;

    /// `x` is (n, d), dense or sparse, finite; `y` has n finite values. options.ranks: see
    /// sgd_classifier.
    ///
    /// Throws  invalid_input, naming the argument and both numbers, before any work.
    /// Determinism  equal for every backend and n_jobs: steps depend on each other, so that all but
    ///         the checks is one task.
    /// Source  linear/sgd.hpp. The report's objective is that of the last epoch, each loss being
    ///         taken when its row's turn came; its iterations are epochs.
    template <backend B = tbb>
    [[nodiscard]] online_regressor fit(samples_view x, values_view y, B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] online_regressor fit(samples_view x, values_view y,
                                       linear_fit_options const& options,
                                       B const& backend = {}) const;

    /// A model that has seen no rows.
    [[nodiscard]] online_regressor start(std::size_t n_features) const;

    /// What one epoch over these rows makes of a model of this trainer; `before` stays as it is.
    template <backend B = tbb>
    [[nodiscard]] online_regressor partial_fit(online_regressor const& before, samples_view x,
                                               values_view y, B const& backend = {}) const {
        return partial_fit(before, x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] online_regressor partial_fit(online_regressor const& before, samples_view x,
                                               values_view y, linear_fit_options const& options,
                                               B const& backend = {}) const;

    bool operator==(sgd_regressor const&) const = default;

private:
    [[nodiscard]] detail::sgd_rules rules() const noexcept { return detail::rules_of(*this); }
    void check(std::string_view who) const {
        detail::check_sgd(who, rules(), l1_ratio, stopping);
        detail::check_range(who, "epsilon", epsilon, 0, std::numeric_limits<double>::max(),
                            "at least 0 and finite");
    }
    /// train(loss, rows)
    template <backend B, class Train>
    void with_loss_and_rows(B const& outer, samples_view x, std::string_view who,
                            Train const& train) const;
};

// ------------------------------------------------------------------ implementation below

template <backend B, class Train>
void sgd_regressor::with_loss_and_rows(B const& outer, samples_view x, std::string_view who,
                                       Train const& train) const {
    outer.enter([&] {
        x.visit([&](auto const& rows) {
            detail::check_finite(rows, who);
            switch (loss) {
                case sgd_value_loss::squared_error:
                    return train(detail::half_square_loss{}, rows);
                case sgd_value_loss::epsilon_insensitive:
                    return train(detail::epsilon_insensitive_loss{epsilon}, rows);
                case sgd_value_loss::squared_epsilon_insensitive:
                    return train(detail::squared_epsilon_insensitive_loss{epsilon}, rows);
            }
        });
    });
}

inline online_regressor sgd_regressor::start(std::size_t n_features) const {
    constexpr std::string_view who = "sgd_regressor::start";
    check(who);
    detail::check_at_least(who, "n_features", n_features, 1);
    return {detail::sgd_state(n_features), {}};
}

template <backend B>
online_regressor sgd_regressor::fit(samples_view x, values_view y,
                                    linear_fit_options const& options, B const& backend) const {
    constexpr std::string_view who = "sgd_regressor::fit";
    auto const& ranks = options.ranks;
    detail::rank_guard const guard(ranks);
    detail::check_no_start(who, options.warm_start, "partial_fit goes on from a model");
    detail::check_n_jobs(backend, who);
    auto const target = detail::checked_targets(detail::settings_of(who, 1, *this), x, y,
                                                options.sample_weight, ranks);
    check(who);
    auto const own_rules = rules();
    detail::check_same_descent(who, ranks, x.cols(), own_rules, stopping);
    detail::sgd_rows all(detail::costs_of(options.sample_weight, y.size()), ranks);
    detail::hold_out(all, stopping.validation_fraction, random_state);
    detail::sgd_state state(x.cols());
    detail::iteration_hook const hook(options.on_iteration, stopping.max_iter);
    solver_report report;
    with_loss_and_rows(backend, x, who, [&](auto const& of_value, auto const& rows) {
        report = detail::solve_classes(sequential{}, ranks, 1, options.stop, hook,
                                       [&](std::size_t) {
                                           return detail::sgd_epochs(who, own_rules, stopping,
                                                                     of_value, rows, target, all,
                                                                     state, options.stop);
                                       })[0]
                     .report;
    });
    return {std::move(state), report};
}

template <backend B>
online_regressor sgd_regressor::partial_fit(online_regressor const& before, samples_view x,
                                            values_view y, linear_fit_options const& options,
                                            B const& backend) const {
    constexpr std::string_view who = "sgd_regressor::partial_fit";
    auto const& ranks = options.ranks;
    detail::rank_guard const guard(ranks);
    detail::check_no_start(who, options.warm_start, "partial_fit goes on from a model");
    detail::check_n_jobs(backend, who);
    auto const target = detail::checked_targets(detail::settings_of(who, 1, *this), x, y,
                                                options.sample_weight, ranks);
    check(who);
    if (x.cols() != before.n_features()) {
        throw invalid_input(detail::sentence(who, ": x has ", x.cols(),
                                             " columns but the model was started with ",
                                             before.n_features()));
    }
    auto const own_rules = rules();
    detail::check_same_descent(who, ranks, x.cols(), own_rules, stopping);
    detail::sgd_rows const all(detail::costs_of(options.sample_weight, y.size()), ranks);
    auto state = before.state();
    auto report = before.report();
    with_loss_and_rows(backend, x, who, [&](auto const& of_value, auto const& rows) {
        detail::sgd_run run(own_rules, of_value, rows, target, all, state);
        report.objective = run.epoch();
        run.meet();
    });
    ++report.n_iter;
    ++report.n_passes;
    report.objective += state.cost(own_rules.penalty);
    return {std::move(state), report};
}

}  // namespace copse
