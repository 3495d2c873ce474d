// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The common entrance of linear trainers: arguments are checked, rows get their weights, and the
/// model's parts are put together from what a solver found.

#include <copse/core/checks.hpp>
#include <copse/core/class_weights.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/progress.hpp>
#include <copse/linear/column_scales.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/par/any_backend.hpp>

#include <cstddef>
#include <functional>
#include <limits>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// What else the fit of a linear model can be given.
struct linear_fit_options {
    values_view sample_weight{};  ///< n numbers >= 0, each times C
    /// After each iteration of the solver that changes the weights: a Newton step, a sweep, an
    /// epoch. Several classes are then solved at the same pace, which takes the memory of them all.
    std::function<void(progress const&)> on_iteration{};
    std::stop_token stop{};  ///< asked between passes; fit then throws copse::stopped
};

namespace detail {

/// The fields that all linear classifiers have.
struct linear_settings {
    std::string_view who;
    double C;
    double tolerance;
    std::size_t max_iter;
    bool fit_intercept;
    bool standardize;
    class_weights const& class_weight;
    multi_class_rule rule;
};

inline void check_settings(linear_settings const& s) {
    constexpr auto least = std::numeric_limits<double>::min();
    constexpr auto most = std::numeric_limits<double>::max();
    check_range(s.who, "C", s.C, least, most, "greater than 0 and finite");
    check_range(s.who, "tolerance", s.tolerance, least, most, "greater than 0 and finite");
    check_at_least(s.who, "max_iter", s.max_iter, 1);
    if (s.class_weight.kind() == class_weights::rule::balanced_subsample) {
        throw invalid_input(sentence(
            s.who,
            ": class_weight balanced_subsample is for forests; use class_weights::balanced()"));
    }
}

/// C times sample weight times class weight of each row. Throws if a class has none.
[[nodiscard]] inline std::vector<double> row_costs(linear_settings const& s,
                                                   encoded_labels const& y,
                                                   values_view sample_weight) {
    std::vector<double> counts(y.classes.size());
    for (auto const code : y.codes) ++counts[code];
    std::vector<double> of_class(counts.size(), 1.0);
    if (s.class_weight.kind() != class_weights::rule::none)
        of_class = s.class_weight.of(y.classes, counts, s.who);
    std::vector<double> out(y.codes.size(), s.C);
    std::vector<double> in_all(counts.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] *= of_class[y.codes[i]] * (sample_weight.empty() ? 1.0 : sample_weight[i]);
        in_all[y.codes[i]] += out[i];
    }
    for (std::size_t k = 0; k < in_all.size(); ++k) {
        if (!(in_all[k] > 0)) {
            throw invalid_input(sentence(s.who, ": all ", counts[k], " rows of class ",
                                         y.classes[k].to_string(), " have weight 0"));
        }
    }
    return out;
}

/// Rows that can be read again and again, rather than made up as a pass goes.
template <class Rows>
concept rows_that_stay = requires(Rows const& rows, void (*see)(std::size_t, double)) {
    for_each_in_row(rows, std::size_t{}, see);
};

/// solve(backend, x, plan) finds the scores' weights, where there is more than one class. `x` is a
/// samples_view, or what else visits rows; those that are made up as a pass goes are not scaled.
template <class Samples, class Solve>
[[nodiscard]] linear_parts fit_linear(linear_settings const& s, Samples const& x, labels_view y,
                                      linear_fit_options const& options, any_backend const& outer,
                                      Solve const& solve) {
    check_n_jobs(outer, s.who);
    check_training_set(s.who, x.rows(), x.cols(), y.size(), "labels", options.sample_weight);
    check_settings(s);
    x.visit([](auto const& rows) {
        if constexpr (requires { rows.validate(); }) rows.validate();
    });
    auto encoded = encode(y);
    auto const costs = row_costs(s, encoded, options.sample_weight);
    linear_plan plan{s.who,       encoded.codes, encoded.classes.size(), costs,
                     s.tolerance, s.max_iter,    s.fit_intercept,        options.stop};
    plan.on_iteration = iteration_hook(options.on_iteration, s.max_iter);
    std::vector<fitted_class> fitted;
    outer.enter([&] {
        auto const backend = outer.inherited();
        x.visit([&](auto const& rows) {
            if constexpr (rows_that_stay<decltype(rows)>) {
                if (s.standardize) {
                    plan.scales = scales_of(
                        backend, rows, shares_of(options.sample_weight, x.rows()), s.fit_intercept);
                }
            }
            if (plan.n_classes > 1) {
                fitted = solve(backend, rows, plan);
            } else {
                (void)rules_for(backend, rows, plan);  // refuses what a fit would
            }
        });
    });
    linear_parts parts{
        std::move(encoded.classes), matrix<double>(fitted.size(), x.cols()), {}, {}, s.rule};
    for (std::size_t k = 0; k < fitted.size(); ++k) {
        std::ranges::copy(fitted[k].coef, parts.coef.row(k).begin());
        parts.intercept.push_back(fitted[k].intercept);
        if (k == 0 || s.rule == multi_class_rule::one_vs_rest)
            parts.reports.push_back(fitted[k].report);
    }
    return parts;
}

}  // namespace detail
}  // namespace copse
