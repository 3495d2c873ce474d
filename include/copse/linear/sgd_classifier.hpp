// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Linear classifiers by stochastic gradient descent: for rows that are too many for passes over
/// all of them, or that arrive bit by bit.
///
///     auto const svm = copse::sgd_classifier{}.fit(x, y);
///
///     copse::sgd_classifier const trainer{.loss = copse::sgd_loss::logistic};
///     auto model = trainer.start(classes, n_features);                  // knows nothing yet
///     while (...) model = trainer.partial_fit(model, x_batch, y_batch);
///
/// A step depends on the last, so the classes, each against the others, are what runs at the same
/// time. Columns should be of one scale: see preprocessing, or logistic_regression, which can
/// standardise them itself.

#include <copse/core/checks.hpp>
#include <copse/core/class_weights.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/limits.hpp>
#include <copse/core/matrix.hpp>
#include <copse/linear/class_solvers.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/iterations.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/sgd.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/ranks_view.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// What a margin m costs.
enum class sgd_loss {
    hinge,          ///< max(0, 1 - m)
    squared_hinge,  ///< max(0, 1 - m)^2
    logistic        ///< log(1 + exp(-m))
};

/// A linear classifier that can be trained on: it knows where its descent was.
class online_classifier : public linear_classifier {
public:
    online_classifier(detail::linear_parts parts, std::vector<detail::sgd_state> states)
        : linear_classifier(std::move(parts)), states_(std::move(states)) {}

    /// Of each row of coef().
    [[nodiscard]] std::vector<detail::sgd_state> const& states() const noexcept { return states_; }

    bool operator==(online_classifier const&) const = default;

private:
    std::vector<detail::sgd_state> states_;
};

/// Minimises alpha penalty(w) + mean_i weight_i loss(m_i), m_i being the margin of row i, for each
/// class against the others. Fields bear scikit-learn's names where they keep its meaning.
struct sgd_classifier {
    sgd_loss loss = sgd_loss::hinge;
    sgd_penalty penalty = sgd_penalty::l2;
    double alpha = 1e-4;
    double l1_ratio = 0.15;     ///< of elasticnet
    bool fit_intercept = true;  ///< not regularised
    sgd_rate learning_rate = sgd_rate::optimal;
    double eta0 = 0.01;  ///< for the other rates; adagrad may want 1
    std::size_t average_after =
        unlimited;                 ///< rows; the model is the mean of the weights from then on
    class_weights class_weight{};  ///< of a row's own class; fit alone
    sgd_stopping stopping{};
    std::size_t batch_size = 1;  ///< rows of a step, which goes by the mean of their slopes
    std::optional<std::size_t> local_epochs{};  ///< with options.ranks: see linear/sgd.hpp
    std::uint64_t random_state = 0;

    /// `x` is (n, d), dense or sparse, finite; `y` has n labels, integers or strings.
    ///
    /// With options.ranks rows are on several ranks. A step, or as many epochs as local_epochs
    /// says, sends d + 2 numbers, or the state, for each class; without local_epochs the model is
    /// that of all rows on one rank, rank after rank, but for the order of sums and, with |w|_1,
    /// for when weights are charged that no row of a step has.
    ///
    /// Throws  invalid_input, naming the argument and both numbers, before any work.
    /// Cost    an epoch is one pass over x for each class; a step of several rows, or ranks, costs
    ///         d more. With ranks classes are fitted one after the other; 12 bytes a row of all
    ///         ranks.
    /// Determinism  equal for every backend and n_jobs: the order of rows is drawn by epoch.
    /// Source  linear/sgd.hpp. The report's objective is that of the last epoch, each loss being
    ///         taken when its row's turn came; its iterations are epochs.
    template <backend B = tbb>
    [[nodiscard]] online_classifier fit(samples_view x, labels_view y,
                                        B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] online_classifier fit(samples_view x, labels_view y,
                                        linear_fit_options const& options,
                                        B const& backend = {}) const;

    /// A model that has seen no rows. `classes` are all labels that will come, in any order.
    [[nodiscard]] online_classifier start(labels_view classes, std::size_t n_features) const;

    /// What one epoch over these rows makes of a model of this trainer; `before` stays as it is.
    /// Every label of `y` must be one of its classes; class_weight is passed over.
    template <backend B = tbb>
    [[nodiscard]] online_classifier partial_fit(online_classifier const& before, samples_view x,
                                                labels_view y, B const& backend = {}) const {
        return partial_fit(before, x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] online_classifier partial_fit(online_classifier const& before, samples_view x,
                                                labels_view y, linear_fit_options const& options,
                                                B const& backend = {}) const;

    bool operator==(sgd_classifier const&) const = default;

private:
    [[nodiscard]] detail::sgd_rules rules() const noexcept { return detail::rules_of(*this); }
    /// train(backend, loss, rows), inside.
    template <backend B, class Train>
    void with_loss_and_rows(B const& outer, samples_view x, std::string_view who,
                            Train const& train) const;
    [[nodiscard]] static online_classifier made(labels classes, std::size_t n_features,
                                                std::vector<detail::sgd_state> states,
                                                std::vector<solver_report> reports);
};

// ------------------------------------------------------------------ implementation below

template <backend B, class Train>
void sgd_classifier::with_loss_and_rows(B const& outer, samples_view x, std::string_view who,
                                        Train const& train) const {
    outer.enter([&] {
        auto const inside = outer.inherited();
        x.visit([&](auto const& rows) {
            if constexpr (requires { rows.validate(); }) rows.validate();
            detail::check_finite(rows, who);
            switch (loss) {
                case sgd_loss::hinge:
                    return train(inside, detail::hinge_loss{}, rows);
                case sgd_loss::squared_hinge:
                    return train(inside, detail::squared_hinge_loss{}, rows);
                case sgd_loss::logistic:
                    return train(inside, detail::logistic_loss{}, rows);
            }
        });
    });
}

namespace detail {

/// Of score k of so many: 1 for the rows of its class, the second of two, -1 for the others.
[[nodiscard]] inline std::vector<double> signs_of(std::vector<std::uint32_t> const& codes,
                                                  std::size_t k, std::size_t n_scores) {
    auto const own = n_scores == 1 ? 1 : k;
    std::vector<double> out(codes.size());
    std::ranges::transform(codes, out.begin(), [&](auto code) { return code == own ? 1.0 : -1.0; });
    return out;
}

}  // namespace detail

inline online_classifier sgd_classifier::made(labels classes, std::size_t n_features,
                                              std::vector<detail::sgd_state> states,
                                              std::vector<solver_report> reports) {
    detail::linear_parts parts{
        std::move(classes), matrix<double>(states.size(), n_features), {}, std::move(reports)};
    for (std::size_t k = 0; k < states.size(); ++k) {
        std::ranges::copy(states[k].coef(), parts.coef.row(k).begin());
        parts.intercept.push_back(states[k].intercept());
    }
    return {std::move(parts), std::move(states)};
}

inline online_classifier sgd_classifier::start(labels_view classes, std::size_t n_features) const {
    constexpr std::string_view who = "sgd_classifier::start";
    detail::check_sgd(who, rules(), l1_ratio, stopping);
    if (classes.size() == 0 || n_features == 0) {
        throw invalid_input(detail::sentence(who, ": there are ", classes.size(), " classes and ",
                                             n_features,
                                             " features; there must be 1 of each at least"));
    }
    auto encoded = encode(classes);
    auto const n_classes = encoded.classes.size();
    auto const n_scores = n_classes == 1 ? 0 : n_classes == 2 ? 1 : n_classes;
    return made(std::move(encoded.classes), n_features,
                std::vector<detail::sgd_state>(n_scores, detail::sgd_state(n_features)),
                std::vector<solver_report>(n_scores));
}

template <backend B>
online_classifier sgd_classifier::fit(samples_view x, labels_view y,
                                      linear_fit_options const& options, B const& backend) const {
    constexpr std::string_view who = "sgd_classifier::fit";
    auto const& ranks = options.ranks;
    detail::rank_guard const guard(ranks);
    detail::check_no_start(who, options.warm_start, "partial_fit goes on from a model");
    detail::check_n_jobs(backend, who);
    detail::check_shard(who, ranks, x.rows(), x.cols(), y.size(), "labels", options.sample_weight);
    detail::check_sgd(who, rules(), l1_ratio, stopping);
    detail::check_same_descent(who, ranks, x.cols(), rules(), stopping);
    auto const encoded = detail::encode_shard(who, ranks, y);
    auto const begin = start(encoded.classes, x.cols());
    auto const settings = detail::settings_of(who, *this);
    detail::check_settings(settings);
    detail::sgd_rows all(detail::row_costs(settings, encoded, options.sample_weight, ranks), ranks);
    detail::hold_out(all, stopping.validation_fraction, random_state);
    auto states = begin.states();
    auto reports = begin.reports();
    auto const own_rules = rules();
    detail::iteration_hook const hook(options.on_iteration, stopping.max_iter);
    with_loss_and_rows(backend, x, who, [&](auto const& inside, auto const& loss_of, auto rows) {
        auto const fitted = detail::solve_classes(
            inside, ranks, states.size(), options.stop, hook, [&](std::size_t k) {
                return detail::sgd_epochs(who, own_rules, stopping, loss_of, rows,
                                          detail::signs_of(encoded.codes, k, states.size()), all,
                                          states[k], options.stop);
            });
        for (std::size_t k = 0; k < fitted.size(); ++k) reports[k] = fitted[k].report;
    });
    return made(encoded.classes, x.cols(), std::move(states), std::move(reports));
}

template <backend B>
online_classifier sgd_classifier::partial_fit(online_classifier const& before, samples_view x,
                                              labels_view y, linear_fit_options const& options,
                                              B const& backend) const {
    constexpr std::string_view who = "sgd_classifier::partial_fit";
    auto const& ranks = options.ranks;
    detail::rank_guard const guard(ranks);
    detail::check_no_start(who, options.warm_start, "partial_fit goes on from a model");
    detail::check_n_jobs(backend, who);
    detail::check_shard(who, ranks, x.rows(), x.cols(), y.size(), "labels", options.sample_weight);
    detail::check_sgd(who, rules(), l1_ratio, stopping);
    if (x.cols() != before.n_features()) {
        throw invalid_input(detail::sentence(who, ": x has ", x.cols(),
                                             " columns but the model was started with ",
                                             before.n_features()));
    }
    detail::check_same_descent(who, ranks, x.cols(), rules(), stopping);
    auto const codes =
        y.size() > 0 ? encode(y, before.classes(), who) : std::vector<std::uint32_t>();
    detail::sgd_rows const all(detail::costs_of(options.sample_weight, y.size()), ranks);
    auto states = before.states();
    auto reports = before.reports();
    auto const own_rules = rules();
    with_loss_and_rows(backend, x, who, [&](auto const& inside, auto const& loss_of, auto rows) {
        detail::for_each_ranked(inside, ranks, states.size(), options.stop, [&](std::size_t k) {
            auto const target = detail::signs_of(codes, k, states.size());
            detail::sgd_run run(own_rules, loss_of, rows, target, all, states[k]);
            auto const loss_of_epoch = run.epoch();
            run.meet();
            reports[k].objective = loss_of_epoch + states[k].cost(own_rules.penalty);
            ++reports[k].n_iter;
            ++reports[k].n_passes;
        });
    });
    return made(before.classes(), x.cols(), std::move(states), std::move(reports));
}

}  // namespace copse
