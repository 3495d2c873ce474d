// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Logistic regressions for several C, one after the other, each beginning where the last ended,
/// and that for several sets of row weights (folds) over one x:
///
///     fit_paths(backend, x, plan, folds, Cs, 0, [&](std::size_t c, std::size_t fold,
///                                                   std::size_t k, fitted_class fitted) { ... });
///
/// A path is of one fold and one class against the rest, or of one fold if classes depend on each
/// other. Paths are independent components; one-vs-rest ones share passes over x, 16 of them, each
/// at a C and a stage of its own, so that the folds of two classes read x once.

#include <copse/linear/column_scales.hpp>
#include <copse/linear/columns.hpp>
#include <copse/linear/l1_newton.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/multinomial_newton.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/components.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace copse::detail {

/// What is trained on: every row of x, some weighing nothing.
struct path_fold {
    std::vector<double> weights;  ///< of each row, C being 1
    column_scales scales{};
};

/// C times the weights of a fold.
template <class Real>
void set_costs(std::vector<Real>& costs, path_fold const& fold, double C) {
    costs.resize(fold.weights.size());
    std::ranges::transform(fold.weights, costs.begin(),
                           [&](double weight) { return static_cast<Real>(C * weight); });
}

/// The plan, but for a fold's scales and for weights that a path changes as it goes.
[[nodiscard]] inline linear_plan plan_of_fold(linear_plan const& plan, path_fold const& fold,
                                              std::vector<double> const& costs) {
    return {plan.who,      plan.codes,         plan.n_classes, costs,      plan.tolerance,
            plan.max_iter, plan.fit_intercept, plan.stop,      fold.scales};
}

/// One for each fold, or one for all if none has scales: moments are of all rows, whatever they
/// weigh.
template <backend B, class X>
[[nodiscard]] std::vector<solver_rules> rules_of_folds(B const& backend, X const& x,
                                                       linear_plan const& plan,
                                                       std::vector<path_fold> const& folds) {
    std::vector<solver_rules> rules;
    for (auto const& fold : folds) {
        if (!rules.empty() && fold.scales.unit.empty()) break;
        rules.push_back(rules_for(backend, x, plan_of_fold(plan, fold, plan.weights)));
    }
    return rules;
}

/// Classes against the rest; penalty ||w||^2 / 2.
template <backend B, class X, class Done>
void fit_newton_paths(B const& backend, X const& x, linear_plan const& plan,
                      std::vector<path_fold> const& folds, std::vector<double> const& Cs,
                      Done const& done) {
    using real = typename products<X>::real;
    struct path {
        std::size_t fold, k;
        std::size_t c = 0;
        std::vector<real> costs{};
    };
    auto const rules = rules_of_folds(backend, x, plan, folds);
    std::size_t const begin = plan.n_classes == 2 ? 1 : 0;
    auto const n_scores = plan.n_classes - begin;
    auto const n_paths = folds.size() * n_scores;
    for_each_component(
        backend, n_blocks(n_paths, classes_together), plan.stop, [&](std::size_t group) {
            auto const first = group * classes_together;
            std::vector<path> paths;
            for (auto p = first; p < std::min(n_paths, first + classes_together); ++p)
                paths.push_back({p / n_scores, p % n_scores});
            newton_group<logistic_loss, X> together(plan, x, paths.size());
            for (auto& own : paths) {
                set_costs(own.costs, folds[own.fold], Cs[0]);
                together.add(rules[std::min(own.fold, rules.size() - 1)],
                             static_cast<std::uint32_t>(begin + own.k), own.costs.data());
            }
            together.run(backend, [&](std::size_t p) {
                auto& own = paths[p];
                done(own.c, own.fold, own.k, together.result(p));
                if (++own.c == Cs.size()) return false;
                set_costs(own.costs, folds[own.fold], Cs[own.c]);
                together.solver(p).restart(Cs[own.c] / Cs[own.c - 1]);
                return true;
            });
        });
}

/// One softmax over all classes.
template <backend B, class X, class Done>
void fit_softmax_paths(B const& backend, X const& x, linear_plan const& plan,
                       std::vector<path_fold> const& folds, std::vector<double> const& Cs,
                       Done const& done) {
    auto const rules = rules_of_folds(backend, x, plan, folds);
    for_each_component(backend, folds.size(), plan.stop, [&](std::size_t fold) {
        std::vector<double> costs;
        set_costs(costs, folds[fold], Cs[0]);
        auto const own = plan_of_fold(plan, folds[fold], costs);
        softmax_problem<X> problem(own, rules[std::min(fold, rules.size() - 1)], x);
        for (std::size_t c = 0; c < Cs.size(); ++c) {
            if (c > 0) {
                set_costs(costs, folds[fold], Cs[c]);
                problem.restart(Cs[c] / Cs[c - 1]);
            }
            problem.run(backend);
            for (std::size_t k = 0; k < plan.n_classes; ++k) done(c, fold, k, problem.result(k));
        }
    });
}

/// Classes against the rest; penalty with a share of |w|_1. Columns are turned around once, or for
/// each fold if each has its scales.
template <backend B, class X, class Done>
void fit_l1_paths(B const& backend, X const& x, linear_plan const& plan,
                  std::vector<path_fold> const& folds, std::vector<double> const& Cs,
                  l1_penalty penalty, Done const& done) {
    check_finite(x, plan.who);
    std::size_t const begin = plan.n_classes == 2 ? 1 : 0;
    auto const n_scores = plan.n_classes - begin;
    using columns_of_x = decltype(columns_by(backend, x, plan.scales));
    auto const walk = [&](columns_of_x const& columns, std::size_t fold, std::size_t k) {
        std::vector<double> costs;
        auto const own = plan_of_fold(plan, folds[fold], costs);
        set_costs(costs, folds[fold], Cs[0]);
        l1_class<logistic_loss, columns_of_x> one(own, penalty, columns, x.cols(), begin + k);
        for (std::size_t c = 0; c < Cs.size(); ++c) {
            set_costs(costs, folds[fold], Cs[c]);
            done(c, fold, k, one.solve());
        }
    };
    if (folds[0].scales.unit.empty()) {
        auto const columns = columns_by(backend, x, folds[0].scales);
        for_each_component(backend, folds.size() * n_scores, plan.stop,
                           [&](std::size_t p) { walk(columns, p / n_scores, p % n_scores); });
    } else {
        for_each_component(backend, folds.size(), plan.stop, [&](std::size_t fold) {
            auto const columns = columns_by(backend, x, folds[fold].scales);
            for_each_component(backend, n_scores, plan.stop,
                               [&](std::size_t k) { walk(columns, fold, k); });
        });
    }
}

/// Calls done(c, fold, k, fitted_class) for every place c of Cs, every fold and every score k, from
/// several threads at once. Cs increase. Of the plan, weights and scales are not looked at.
/// Inside backend.enter. Throws stopped, and what done throws.
template <backend B, class X, class Done>
void fit_paths(B const& backend, X const& x, linear_plan const& plan, multi_class_rule rule,
               std::vector<path_fold> const& folds, std::vector<double> const& Cs, double l1_ratio,
               Done const& done) {
    if (l1_ratio > 0) {
        fit_l1_paths(backend, x, plan, folds, Cs, {l1_ratio, 1 - l1_ratio}, done);
    } else if (rule == multinomial) {
        fit_softmax_paths(backend, x, plan, folds, Cs, done);
    } else {
        fit_newton_paths(backend, x, plan, folds, Cs, done);
    }
}

}  // namespace copse::detail
