// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Linear support vector machines.
///
///     auto const svm = copse::linear_svc{.C = 0.5}.fit(x, y);      // x dense or sparse
///     auto const scores = svm.decision_function(x_new);
///     auto const few = copse::linear_svc{.l1_ratio = 1}.fit(x, y);      // most weights are 0
///     auto const joint = copse::linear_svc{.multi_class = copse::crammer_singer}.fit(x, y);

#include <copse/core/checks.hpp>
#include <copse/core/class_weights.hpp>
#include <copse/core/inputs.hpp>
#include <copse/linear/crammer_singer.hpp>
#include <copse/linear/dual_coordinate_descent.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/l1_newton.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/shards.hpp>
#include <copse/linear/svm_solver.hpp>
#include <copse/par/ranks_view.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <vector>

namespace copse {

/// What a margin m below 1 costs.
enum class svm_loss {
    squared_hinge,  ///< (1 - m)^2
    hinge           ///< 1 - m
};

/// Minimises 1/2 ||w||^2 + C sum_i weight_i loss(m_i), m_i being the margin of row i, for each
/// class against the others. With l1_ratio r the penalty is r |w|_1 + (1 - r)/2 ||w||^2, and many
/// weights are 0. Or, with crammer_singer, for all classes at once: see linear/crammer_singer.hpp.
/// Fields bear scikit-learn's names where they keep its meaning.
struct linear_svc {
    double C = 1;  ///< inverse of the regularisation's strength
    svm_loss loss = svm_loss::squared_hinge;
    multi_class_rule multi_class = multi_class_rule::one_vs_rest;  ///< or crammer_singer
    double l1_ratio = 0;           ///< of the penalty: 0 is ||w||^2 / 2, 1 is |w|_1
    bool fit_intercept = true;     ///< not regularised, but by the dual solvers
    bool standardize = false;      ///< see logistic_regression
    class_weights class_weight{};  ///< of a row's own class
    double tolerance = 1e-3;       ///< newton: see logistic_regression::fit; dual: below
    std::size_t max_iter = 1000;   ///< Newton steps, or sweeps over the rows
    svm_solver solver = svm_solver::automatic;

    /// As logistic_regression::fit. The dual solvers, which take the hinge and crammer_singer, stop
    /// when the projected gradients of all rows are within 100 times tolerance of each other and of
    /// 0 (LIBLINEAR's -e is that product), and report the duality gap. automatic tries the dual
    /// also for wide sparse x without an intercept or warm_start, and goes on with newton if it
    /// does not come to that in 300 sweeps.
    ///
    /// Throws  also if solver, loss, penalty and multi_class do not go together.
    /// Source  linear/newton.hpp, linear/dual_coordinate_descent.hpp, linear/l1_newton.hpp,
    ///         linear/crammer_singer.hpp.
    template <backend B = tbb>
    [[nodiscard]] linear_classifier fit(samples_view x, labels_view y,
                                        B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] linear_classifier fit(samples_view x, labels_view y,
                                        linear_fit_options const& options,
                                        B const& backend = {}) const;

    bool operator==(linear_svc const&) const = default;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Throws invalid_input unless somebody can solve that.
inline void check_svm(linear_svc const& svm) {
    constexpr auto who = "linear_svc::fit";
    bool const hinge = svm.loss == svm_loss::hinge;
    bool const joint = svm.multi_class == crammer_singer;
    check_range(who, "l1_ratio", svm.l1_ratio, 0, 1, "in [0, 1]");
    if (svm.multi_class == multinomial) {
        throw invalid_input(sentence(
            who,
            ": multi_class is multinomial, which is for probabilities; it must be one_vs_rest "
            "or crammer_singer"));
    }
    if (svm.solver == svm_solver::newton && (hinge || joint)) {
        throw invalid_input(sentence(who, ": newton needs a loss with a slope everywhere; ",
                                     joint ? "crammer_singer" : "the hinge",
                                     " takes svm_solver::dual or automatic"));
    }
    if (svm.l1_ratio > 0 && (hinge || joint || svm.solver == svm_solver::dual)) {
        throw invalid_input(sentence(who, ": l1_ratio is ", svm.l1_ratio,
                                     "; that needs one_vs_rest, the squared hinge and "
                                     "svm_solver::newton or automatic"));
    }
}

/// The solver's choice. Inside backend.enter.
template <backend B, class X>
[[nodiscard]] std::vector<fitted_class> solve_svm(B const& backend, X const& x,
                                                  linear_plan const& plan, linear_svc const& svm) {
    if (svm.multi_class == crammer_singer) return fit_crammer_singer(backend, x, plan);
    bool const squared = svm.loss == svm_loss::squared_hinge;
    if (!squared || svm.solver == svm_solver::dual) return fit_dual(backend, x, plan, squared);
    if (svm.l1_ratio > 0) {
        return fit_l1<squared_hinge_loss>(backend, x, plan, {svm.l1_ratio, 1 - svm.l1_ratio});
    }
    // scikit-learn's rule, dual = "auto": with more rows than columns newton is faster.
    bool const is_wide = std::same_as<X, csr_view> && x.rows() < x.cols();
    bool const may_be_dual =
        svm.solver == svm_solver::automatic && plan.ranks.size() == 1 && plan.start.empty();
    if (is_wide && !plan.fit_intercept && may_be_dual) {
        constexpr std::size_t patience = 300;
        auto few = plan;
        few.max_iter = std::min(plan.max_iter, patience);
        auto fitted = fit_dual(backend, x, few, squared);
        auto const ended = [](fitted_class const& f) { return f.report.converged; };
        if (std::ranges::all_of(fitted, ended)) return fitted;
        auto rest = plan;
        rest.on_iteration = plan.on_iteration.after(few.max_iter);
        return fit_one_vs_rest<squared_hinge_loss>(backend, x, rest);
    }
    return fit_one_vs_rest<squared_hinge_loss>(backend, x, plan);
}

}  // namespace detail

template <backend B>
linear_classifier linear_svc::fit(samples_view x, labels_view y, linear_fit_options const& options,
                                  B const& backend) const {
    detail::rank_guard const guard(options.ranks);
    detail::check_svm(*this);
    detail::check_same("linear_svc::fit", options.ranks,
                       {{"l1_ratio", l1_ratio},
                        {"loss", static_cast<double>(loss)},
                        {"solver", static_cast<double>(solver)}});
    return linear_classifier(detail::fit_linear(
        detail::settings_of("linear_svc::fit", *this), x, y, options, backend,
        [this](auto const& inside, auto const& rows, detail::linear_plan const& plan) {
            return detail::solve_svm(inside, rows, plan, *this);
        }));
}

}  // namespace copse
