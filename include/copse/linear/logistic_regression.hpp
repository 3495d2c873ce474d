// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Logistic regression: log-odds that are linear in the features.
///
///     auto const model = copse::logistic_regression{.C = 0.1}.fit(x, y);      // x dense or sparse
///     auto const p = model.predict_proba(x_new);
///     auto const softmax = copse::logistic_regression{.multi_class = copse::multinomial}.fit(x,
///     y);

#include <copse/core/checks.hpp>
#include <copse/core/class_weights.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/l1_newton.hpp>
#include <copse/linear/l1_penalty.hpp>
#include <copse/linear/lbfgs.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/logistic_solver.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/multinomial_newton.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/ranks_view.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace copse {

namespace detail {

/// Throws invalid_input.
inline void check_logistic(std::string_view who, double l1_ratio, multi_class_rule rule) {
    check_range(who, "l1_ratio", l1_ratio, 0, 1, "in [0, 1]");
    if (rule == crammer_singer) {
        throw invalid_input(sentence(who,
                                     ": multi_class is crammer_singer, which is linear_svc's; it "
                                     "must be one_vs_rest or multinomial"));
    }
}

/// Throws invalid_input unless that solver takes such a problem.
inline void check_logistic_solver(std::string_view who, logistic_solver solver, double l1_ratio,
                                  multi_class_rule rule) {
    auto const refuse = [&](std::string_view name, std::string_view needs) {
        throw invalid_input(sentence(
            who, ": solver is ", name, ", l1_ratio ", l1_ratio, " and multi_class ",
            rule == multinomial ? "multinomial" : "one_vs_rest", "; ", name, " needs ", needs));
    };
    if (solver == logistic_solver::newton_cg && l1_ratio > 0)
        refuse("newton_cg", "an l1_ratio of 0");
    if (solver == logistic_solver::newton_cholesky && (l1_ratio > 0 || rule == multinomial))
        refuse("newton_cholesky", "an l1_ratio of 0 and one_vs_rest");
    if (solver == logistic_solver::coordinate_descent && (l1_ratio == 0 || rule == multinomial))
        refuse("coordinate_descent", "an l1_ratio above 0 and one_vs_rest");
}

/// What automatic stands for: |w|_1 of one class at a time is coordinate descent's, which needs all
/// rows on one rank.
[[nodiscard]] inline logistic_solver chosen_solver(logistic_solver asked, double l1_ratio,
                                                   linear_plan const& plan, multi_class_rule rule) {
    if (asked != logistic_solver::automatic) return asked;
    if (l1_ratio == 0) return logistic_solver::newton_cg;
    return rule == multinomial || plan.ranks.size() > 1 ? logistic_solver::lbfgs
                                                        : logistic_solver::coordinate_descent;
}

/// Each class against the others, or all in one softmax. Inside backend.enter. Throws stopped.
template <class Solver, backend B, class X>
[[nodiscard]] std::vector<fitted_class> fit_by_passes(B const& backend, X const& x,
                                                      linear_plan const& plan,
                                                      multi_class_rule rule,
                                                      solver_choice choice = {}) {
    if (rule == multinomial) return fit_multinomial<Solver>(backend, x, plan, choice);
    return fit_one_vs_rest<logistic_loss, Solver>(backend, x, plan, choice);
}

/// By the solver that was asked for.
template <backend B, class X>
[[nodiscard]] std::vector<fitted_class> solve_logistic(B const& backend, X const& x,
                                                       linear_plan const& plan,
                                                       multi_class_rule rule, double l1_ratio,
                                                       logistic_solver asked) {
    l1_penalty const penalty{l1_ratio, 1 - l1_ratio};
    auto const solver = chosen_solver(asked, l1_ratio, plan, rule);
    if (solver == logistic_solver::coordinate_descent)
        return fit_l1<logistic_loss>(backend, x, plan, penalty);
    if (solver == logistic_solver::lbfgs)
        return fit_by_passes<lbfgs>(backend, x, plan, rule, {penalty});
    return fit_by_passes<newton>(backend, x, plan, rule,
                                 {.factorises = solver == logistic_solver::newton_cholesky});
}

}  // namespace detail

/// Minimises 1/2 ||w||^2 + C sum_i weight_i loss_i, for each class against the others or for all
/// at once. With l1_ratio r the penalty is r |w|_1 + (1 - r)/2 ||w||^2, and many weights are 0.
/// Fields bear scikit-learn's names where they keep its meaning.
struct logistic_regression {
    double C = 1;  ///< inverse of the regularisation's strength
    multi_class_rule multi_class = multi_class_rule::one_vs_rest;
    double l1_ratio = 0;           ///< of the penalty: 0 is ||w||^2 / 2, 1 is |w|_1
    bool fit_intercept = true;     ///< not regularised
    bool standardize = false;      ///< see below
    class_weights class_weight{};  ///< of a row's own class
    double tolerance = 1e-3;       ///< LIBLINEAR's -e: see below
    std::size_t max_iter = 1000;   ///< steps
    logistic_solver solver = logistic_solver::automatic;

    /// `x` is (n, d), dense or sparse, finite; `y` has n labels, integers or strings.
    ///
    /// automatic takes newton_cg where l1_ratio is 0, else coordinate_descent, or lbfgs (OWL-QN) if
    /// multi_class is multinomial or there are ranks.
    ///
    /// Stops when the gradient's norm is at most tolerance * m / n of that at 0, where the rarer
    /// side of a class against the rest has m rows; reports() say whether it came to that. In float
    /// a tolerance below 1e-5 may not be met; the objective is then exact to about 1e-8 all the
    /// same. One class gives a model that always predicts it.
    ///
    /// With standardize the model is that of columns with mean 0 and deviation 1 (without an
    /// intercept: with deviation 1), rows counting by sample_weight, its weights then given in
    /// units of x, which is neither touched nor copied; sparse x stays sparse. Columns of different
    /// scales are then regularised alike, and solved in fewer passes.
    ///
    /// With options.ranks rows are on several ranks (linear_fit_options); each pass then sends, for
    /// each class, d + 3 numbers. The model is that of all rows on one but for the order of sums.
    ///
    /// Throws  invalid_input, naming the argument and both numbers, before any work; also if
    /// solver,
    ///         penalty and multi_class do not go together.
    /// Cost    some ten passes over x for each decimal digit, all classes sharing them, 16 at a
    /// time;
    ///         4 bytes (8 if x is double) a row and class.
    /// Determinism  equal for every backend, n_jobs and instruction set, by one build on one
    /// machine.
    /// Source  linear/newton.hpp, linear/lbfgs.hpp, linear/l1_newton.hpp.
    template <backend B = tbb>
    [[nodiscard]] logistic_classifier fit(samples_view x, labels_view y,
                                          B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] logistic_classifier fit(samples_view x, labels_view y,
                                          linear_fit_options const& options,
                                          B const& backend = {}) const {
        constexpr auto who = "logistic_regression::fit";
        detail::rank_guard const guard(options.ranks);
        detail::check_logistic(who, l1_ratio, multi_class);
        detail::check_logistic_solver(who, solver, l1_ratio, multi_class);
        detail::check_same(who, options.ranks,
                           {{"l1_ratio", l1_ratio}, {"solver", static_cast<double>(solver)}});
        return logistic_classifier(detail::fit_linear(
            detail::settings_of(who, *this), x, y, options, backend,
            [this](auto const& inside, auto const& rows, auto const& plan) {
                return detail::solve_logistic(inside, rows, plan, multi_class, l1_ratio, solver);
            }));
    }

    bool operator==(logistic_regression const&) const = default;
};

}  // namespace copse
