// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How any trainer is fitted on some rows of an x that many fits share.
///
///     forests, boosting   the shared bins, rows by index: nothing is copied
///     linear models       all rows, those that are not meant weighing nothing: 8 bytes a row
///     other trainers      copies of the rows
///
/// A trainer is whatever has fit(x, y) or, better, fit(x, y, backend), and gives a model with
/// predict(x). A classifier's fit takes labels_view.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/progress.hpp>
#include <copse/data/csr.hpp>
#include <copse/ensemble/boosting_plan.hpp>
#include <copse/ensemble/forest_classifier.hpp>
#include <copse/ensemble/forest_options.hpp>
#include <copse/ensemble/forest_plan.hpp>
#include <copse/ensemble/forest_regressor.hpp>
#include <copse/ensemble/training_rows.hpp>
#include <copse/ensemble/validation_metric.hpp>
#include <copse/ensemble/validation_set.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/model_selection/take.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/backend.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse {

namespace detail {

template <class Trainer>
concept classifies = requires(Trainer const& t, features_view x, labels_view y) {
    t.fit(x, y);
}
|| requires(Trainer const& t, csr_view x, labels_view y) { t.fit(x, y); };

template <class Trainer>
concept regresses =
    !classifies<Trainer> &&
    (
        requires(Trainer const& t, features_view x, values_view y) { t.fit(x, y); } ||
        requires(Trainer const& t, csr_view x, values_view y) { t.fit(x, y); });

}  // namespace detail

/// Something that learns labels or values from rows.
template <class T>
concept trainer = std::copyable<T> &&(detail::classifies<T> || detail::regresses<T>);

namespace detail {

/// What a trainer takes as targets, and is judged by.
template <trainer T>
using targets_of = std::conditional_t<classifies<T>, labels_view, values_view>;
template <trainer T>
using metric_of = std::conditional_t<classifies<T>, classification_metric, regression_metric>;

/// x as functions of this folder pass it on.
template <class X>
[[nodiscard]] auto borrowed(X const& x) {
    if constexpr (std::convertible_to<X const&, csr_view>) {
        return csr_view(x);
    } else {
        return features_view(x);
    }
}
template <class X>
using borrowed_as = decltype(borrowed(std::declval<X const&>()));

template <class Trainer>
concept grows_forest = requires(Trainer const& t) {
    t.max_bins;
    t.max_features;
    t.bootstrap;
};
template <class Trainer>
concept boosts = requires(Trainer const& t) {
    t.max_bins;
    t.learning_rate;
    t.regularization;
};

/// Fits that can share bins and name rows.
template <class Trainer, class X, class Y>
concept shares_bins = std::same_as<X, features_view> &&
    (grows_forest<Trainer> || boosts<Trainer>)&&requires(Trainer const& t, X x, Y y,
                                                         std::span<std::size_t const> rows,
                                                         shared_bins const* bins) {
    t.fit(x, y, {.rows = rows, .bins = bins});
};
template <class Trainer, class X, class Y>
concept is_linear = requires(Trainer const& t, X x, Y y, linear_fit_options const& options) {
    t.fit(x, y, options);
};

/// Sees to it that the bins are there which this trainer will ask for.
template <class Trainer, class X, backend B>
void prepare_bins(shared_bins* bins, Trainer const& trainer, X x, B const& backend) {
    if constexpr (shares_bins<Trainer, X, targets_of<Trainer>>) {
        constexpr std::string_view who = "bin_features";
        if constexpr (boosts<Trainer>) {
            bins->add(plan_of(trainer, who).binning, backend, who);
        } else {
            bins->add(binning_for(plan_of(trainer, who, cuts::best), x), backend, who);
        }
    }
}

/// What fits on rows are given; what a trainer does not take is left out.
template <class Y>
struct row_fit {
    std::span<std::size_t const> rows;
    values_view sample_weight{};  ///< of all rows of x
    std::stop_token stop{};
    shared_bins const* bins = nullptr;
    /// Trees: rows that on_iteration is told of, and what they are judged by.
    std::optional<validation_set<Y>> judged{};
    std::optional<typename validation_set<Y>::metric> metric{};
    /// Not where the trainer is given copies, unless it is linear.
    std::function<void(progress const&)> on_iteration{};
};

template <class Trainer, class X, class Y, backend B>
[[nodiscard]] auto fit_gathered(
    Trainer const& trainer, X const& x, Y const& y, values_view weight, std::stop_token const& stop,
    B const& backend,
    [[maybe_unused]] std::function<void(progress const&)> const& on_iteration = {}) {
    if constexpr (is_linear<Trainer, X, Y>) {
        return trainer.fit(
            x, y, {.sample_weight = weight, .on_iteration = on_iteration, .stop = stop}, backend);
    } else if constexpr (requires {
                             trainer.fit(x, y, {.sample_weight = weight, .stop = stop}, backend);
                         }) {
        return trainer.fit(x, y, {.sample_weight = weight, .stop = stop}, backend);
    } else {
        if (!weight.empty()) {
            throw invalid_input(sentence("fit: there are ", weight.size(),
                                         " sample weights, but this trainer takes none"));
        }
        if constexpr (requires { trainer.fit(x, y, backend); }) {
            return trainer.fit(x, y, backend);
        } else {
            return trainer.fit(x, y);
        }
    }
}

template <class Trainer, class Y, backend B>
[[nodiscard]] auto fit_copies(Trainer const& trainer, features_view x, Y y, row_fit<Y> const& fit,
                              B const& backend) {
    auto const own_y = take(y, fit.rows);
    auto const weight =
        fit.sample_weight.empty() ? column<double>{} : take(fit.sample_weight, fit.rows);
    return x.visit([&](auto rows) {
        auto const own_x = take(rows, fit.rows);
        return fit_gathered(trainer, features_view(own_x), Y(own_y), weight, fit.stop, backend,
                            fit.on_iteration);
    });
}
template <class Trainer, class Y, backend B>
[[nodiscard]] auto fit_copies(Trainer const& trainer, csr_view x, Y y, row_fit<Y> const& fit,
                              B const& backend) {
    auto const own_y = take(y, fit.rows);
    auto const weight =
        fit.sample_weight.empty() ? column<double>{} : take(fit.sample_weight, fit.rows);
    auto const own_x = take(x, fit.rows);
    return fit_gathered(trainer, csr_view(own_x), Y(own_y), weight, fit.stop, backend,
                        fit.on_iteration);
}

/// Whether the rows lack one of y's classes, which a fit that weighs all rows would want to learn.
[[nodiscard]] inline bool lack_a_class(labels_view y, std::span<std::size_t const> rows) {
    auto const all = encode(y);
    std::vector<bool> seen(all.classes.size());
    for (auto const row : rows) seen[all.codes[row]] = true;
    for (bool const there : seen) {
        if (!there) return true;
    }
    return false;
}
[[nodiscard]] inline bool lack_a_class(values_view, std::span<std::size_t const>) { return false; }

template <class Trainer>
[[nodiscard]] bool wants_out_of_bag(Trainer const& trainer) {
    if constexpr (requires { trainer.oob_score; }) {
        return trainer.oob_score || trainer.oob_permutation_importances;
    } else {
        return false;
    }
}

/// What a fit of trees is given.
template <class Options, class Y>
[[nodiscard]] Options tree_options(row_fit<Y> const& fit) {
    Options out;
    out.sample_weight = fit.sample_weight;
    if (fit.judged) out.validation.push_back(*fit.judged);
    if (fit.metric) out.metrics.push_back(*fit.metric);
    out.on_iteration = fit.on_iteration;
    out.stop = fit.stop;
    out.rows = fit.rows;
    out.bins = fit.bins;
    return out;
}

/// The trainer's model of rows fit.rows of x.
template <class Trainer, class X, class Y, backend B>
[[nodiscard]] auto fit_on_rows(Trainer const& trainer, X x, Y y, row_fit<Y> const& fit,
                               B const& backend) {
    if (fit.rows.empty()) {
        throw invalid_input(sentence("fit: of ", x.rows(), " rows, 0 are to train"));
    }
    if constexpr (shares_bins<Trainer, X, Y>) {
        if constexpr (boosts<Trainer>) {
            return trainer.fit(x, y, tree_options<typename Trainer::fit_options>(fit), backend);
        } else {
            if (wants_out_of_bag(trainer)) return fit_copies(trainer, x, y, fit, backend);
            using options =
                forest_fit_options<std::conditional_t<std::same_as<Y, labels_view>,
                                                      forest_classifier, forest_regressor>>;
            return trainer.fit(x, y, tree_options<options>(fit), backend);
        }
    } else if constexpr (is_linear<Trainer, X, Y>) {
        if (lack_a_class(y, fit.rows)) return fit_copies(trainer, x, y, fit, backend);
        std::vector<double> weight(x.rows());
        for (auto const row : fit.rows)
            weight[row] = fit.sample_weight.empty() ? 1.0 : fit.sample_weight[row];
        return trainer.fit(
            x, y, {.sample_weight = weight, .on_iteration = fit.on_iteration, .stop = fit.stop},
            backend);
    } else {
        return fit_copies(trainer, x, y, fit, backend);
    }
}

template <class Trainer, class X>
using model_of = decltype(fit_on_rows(
    std::declval<Trainer const&>(), std::declval<X>(), std::declval<targets_of<Trainer>>(),
    std::declval<row_fit<targets_of<Trainer>> const&>(), std::declval<any_backend const&>()));

}  // namespace detail
}  // namespace copse
