// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Linear support vector machines.
///
///     auto const svm = copse::linear_svc{.C = 0.5}.fit(x, y);      // x dense or sparse
///     auto const scores = svm.decision_function(x_new);

#include <copse/core/class_weights.hpp>
#include <copse/core/inputs.hpp>
#include <copse/linear/dual_coordinate_descent.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/linear/samples_view.hpp>
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

enum class svm_solver {
    automatic,  ///< dual for the hinge and for wide sparse x without intercept, otherwise newton
    newton,     ///< all classes share each pass over x; squared hinge only
    dual        ///< coordinate descent, a class at a time; the intercept is regularised
};

namespace detail {

/// The solver's choice. Inside backend.enter.
template <backend B, class X>
[[nodiscard]] std::vector<fitted_class> solve_svm(B const& backend, X const& x,
                                                  linear_plan const& plan, svm_loss loss,
                                                  svm_solver solver) {
    bool const squared = loss == svm_loss::squared_hinge;
    if (!squared || solver == svm_solver::dual) return fit_dual(backend, x, plan, squared);
    // scikit-learn's rule, dual = "auto": with more rows than columns newton is faster.
    bool const is_wide = std::same_as<X, csr_view> && x.rows() < x.cols();
    if (is_wide && !plan.fit_intercept && solver == svm_solver::automatic) {
        constexpr std::size_t patience = 300;
        auto few = plan;
        few.max_iter = std::min(plan.max_iter, patience);
        auto fitted = fit_dual(backend, x, few, squared);
        auto const ended = [](fitted_class const& f) { return f.report.converged; };
        if (std::ranges::all_of(fitted, ended)) return fitted;
    }
    return fit_one_vs_rest<squared_hinge_loss>(backend, x, plan);
}

}  // namespace detail

/// Minimises 1/2 ||w||^2 + C sum_i weight_i loss(m_i), m_i being the margin of row i, for each
/// class against the others. Fields bear scikit-learn's names where they keep its meaning.
struct linear_svc {
    double C = 1;  ///< inverse of the regularisation's strength
    svm_loss loss = svm_loss::squared_hinge;
    bool fit_intercept = true;     ///< not regularised, but by the dual solver
    class_weights class_weight{};  ///< of a row's own class
    double tolerance = 1e-3;       ///< newton: see logistic_regression::fit; dual: below
    std::size_t max_iter = 1000;   ///< Newton steps, or sweeps over the rows
    svm_solver solver = svm_solver::automatic;

    /// As logistic_regression::fit. The dual solver stops when the projected gradients of all rows
    /// are within 100 times tolerance of each other and of 0 (LIBLINEAR's -e is that product), and
    /// reports the duality gap; automatic goes on with newton if it does not come to that in 300
    /// sweeps.
    ///
    /// Throws  also if newton is to solve the hinge loss.
    /// Source  linear/newton.hpp, linear/dual_coordinate_descent.hpp.
    template <backend B = tbb>
    [[nodiscard]] linear_classifier fit(samples_view x, labels_view y,
                                        B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] linear_classifier fit(samples_view x, labels_view y,
                                        linear_fit_options const& options,
                                        B const& backend = {}) const {
        if (loss == svm_loss::hinge && solver == svm_solver::newton) {
            throw invalid_input(
                "linear_svc::fit: newton needs a loss with a slope everywhere; the hinge takes "
                "svm_solver::dual or automatic");
        }
        return linear_classifier(detail::fit_linear(
            {"linear_svc::fit", C, tolerance, max_iter, fit_intercept, class_weight,
             multi_class_rule::one_vs_rest},
            x, y, options, backend,
            [this](auto const& inside, auto const& rows, detail::linear_plan const& plan) {
                return detail::solve_svm(inside, rows, plan, loss, solver);
            }));
    }

    bool operator==(linear_svc const&) const = default;
};

}  // namespace copse
