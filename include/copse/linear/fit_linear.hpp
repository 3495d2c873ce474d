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
#include <copse/linear/linear_start.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/linear/products.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/ranks_view.hpp>

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
    /// Who have more rows of the same columns: see linear/shards.hpp. x, y and sample_weight are of
    /// this rank's rows, of which there may be none; all ranks call fit with the same settings, and
    /// the same model is returned to all, bit for bit. A rank that throws aborts the others, where
    /// fit throws copse::aborted. Solvers that make passes and stochastic gradient descent take
    /// ranks; what does not throws invalid_input.
    ranks_view ranks{};
    /// A linear model of the same columns and classes to begin from. Solvers that work on the
    /// weights take it; dual solvers, which begin at 0, and stochastic gradient descent, which has
    /// partial_fit, throw invalid_input.
    linear_start warm_start{};
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

/// Those of a trainer, by its fields; what it lacks is as here.
template <class Trainer>
[[nodiscard]] linear_settings settings_of(std::string_view who, Trainer const& trainer) noexcept {
    linear_settings out{who,
                        1,
                        1,
                        1,
                        trainer.fit_intercept,
                        false,
                        trainer.class_weight,
                        multi_class_rule::one_vs_rest};
    if constexpr (requires { trainer.C; }) out.C = trainer.C;
    if constexpr (requires { trainer.tolerance; }) out.tolerance = trainer.tolerance;
    if constexpr (requires { trainer.max_iter; }) out.max_iter = trainer.max_iter;
    if constexpr (requires { trainer.standardize; }) out.standardize = trainer.standardize;
    if constexpr (requires { trainer.multi_class; }) out.rule = trainer.multi_class;
    return out;
}

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

/// C times sample weight times class weight of each row. Throws if a class has none on any rank.
[[nodiscard]] inline std::vector<double> row_costs(linear_settings const& s,
                                                   encoded_labels const& y,
                                                   values_view sample_weight,
                                                   ranks_view ranks = {}) {
    std::vector<double> counts(y.classes.size());
    for (auto const code : y.codes) ++counts[code];
    ranks.allreduce_sum(counts);
    std::vector<double> of_class(counts.size(), 1.0);
    if (s.class_weight.kind() != class_weights::rule::none)
        of_class = s.class_weight.of(y.classes, counts, s.who);
    std::vector<double> out(y.codes.size(), s.C);
    std::vector<double> in_all(counts.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] *= of_class[y.codes[i]] * (sample_weight.empty() ? 1.0 : sample_weight[i]);
        in_all[y.codes[i]] += out[i];
    }
    ranks.allreduce_sum(in_all);
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

/// 4 or 8: of one number of x, `x` being what visits rows.
template <class Samples>
[[nodiscard]] double bytes_of_number(Samples const& x) {
    std::size_t out = 0;
    x.visit([&]<class Rows>(Rows const&) { out = sizeof(typename products<Rows>::real); });
    return static_cast<double>(out);
}

/// Throws invalid_input unless all ranks were called alike: `others` are what not every kind of
/// settings has.
template <class Settings, class Samples>
void check_same_fit(Settings const& s, Samples const& x, ranks_view ranks,
                    std::vector<named_number> others) {
    if (ranks.size() == 1) return;
    others.insert(others.end(), {{"the number of columns of x", static_cast<double>(x.cols())},
                                 {"the bytes of a number of x", bytes_of_number(x)},
                                 {"tolerance", s.tolerance},
                                 {"max_iter", static_cast<double>(s.max_iter)},
                                 {"fit_intercept", s.fit_intercept ? 1.0 : 0.0},
                                 {"standardize", s.standardize ? 1.0 : 0.0}});
    check_same(s.who, ranks, others);
}

/// solve(backend, x, plan) finds the scores' weights, where there is more than one class. `x` is a
/// samples_view, or what else visits rows; those that are made up as a pass goes are not scaled.
template <class Samples, class Solve>
[[nodiscard]] linear_parts fit_linear(linear_settings const& s, Samples const& x, labels_view y,
                                      linear_fit_options const& options, any_backend const& outer,
                                      Solve const& solve) {
    auto const ranks = options.ranks;
    check_n_jobs(outer, s.who);
    check_shard(s.who, ranks, x.rows(), x.cols(), y.size(), "labels", options.sample_weight);
    check_settings(s);
    check_same_fit(s, x, ranks,
                   {{"C", s.C},
                    {"multi_class", static_cast<double>(s.rule)},
                    {"warm_start", options.warm_start.empty() ? 0.0 : 1.0}});
    x.visit([](auto const& rows) {
        if constexpr (requires { rows.validate(); }) rows.validate();
    });
    auto encoded = encode_shard(s.who, ranks, y);
    check_start(s.who, options.warm_start, x.cols(), &encoded.classes, s.rule);
    auto const costs = row_costs(s, encoded, options.sample_weight, ranks);
    linear_plan plan{s.who,      encoded.codes,     encoded.classes.size(), costs, s.tolerance,
                     s.max_iter, s.fit_intercept,   options.stop,           {},    {},
                     ranks,      options.warm_start};
    plan.on_iteration = iteration_hook(options.on_iteration, s.max_iter);
    std::vector<fitted_class> fitted;
    outer.enter([&] {
        auto const backend = outer.inherited();
        x.visit([&](auto const& rows) {
            if constexpr (rows_that_stay<decltype(rows)>) {
                if (s.standardize) {
                    plan.scales =
                        scales_of(backend, rows, shares_of(options.sample_weight, x.rows(), ranks),
                                  s.fit_intercept, ranks);
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
