// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Linear support vector regression: errors up to epsilon cost nothing.
///
///     auto const svr = copse::linear_svr{.C = 10, .epsilon = 0.1}.fit(x, y);      // x dense or
///     sparse auto const y_new = svr.predict(x_new);

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/linear/dual_regression.hpp>
#include <copse/linear/fit_regressor.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/shards.hpp>
#include <copse/linear/svm_solver.hpp>
#include <copse/linear/value_loss.hpp>
#include <copse/linear/values_newton.hpp>
#include <copse/par/ranks_view.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <limits>

namespace copse {

/// What an error beyond epsilon by e costs.
enum class svr_loss {
    squared_epsilon_insensitive,  ///< e^2
    epsilon_insensitive           ///< e
};

/// Minimises 1/2 ||w||^2 + C sum_i weight_i loss_i. Fields bear scikit-learn's names where they
/// keep its meaning.
struct linear_svr {
    double C = 1;        ///< inverse of the regularisation's strength
    double epsilon = 0;  ///< in units of y
    svr_loss loss = svr_loss::squared_epsilon_insensitive;
    bool fit_intercept = true;    ///< the dual solver regularises its distance from y's mean
    bool standardize = false;     ///< columns of x: see logistic_regression
    double tolerance = 1e-4;      ///< below
    std::size_t max_iter = 1000;  ///< Newton steps, or sweeps over the rows
    svm_solver solver = svm_solver::automatic;  ///< newton for the squared loss, dual for the other

    /// `x` is (n, d), dense or sparse, finite; `y` has n finite values. Newton stops when the
    /// gradient's norm is at most tolerance of that at 0, the dual solver when the optimality
    /// conditions are violated by at most 1000 times tolerance of the first sweep's violations, in
    /// sum: LIBLINEAR's -e is tolerance, or that product.
    ///
    /// Throws  invalid_input, naming the argument and both numbers, before any work.
    /// Determinism  equal for every backend, n_jobs and instruction set, by one build.
    /// Source  linear/newton.hpp, linear/dual_regression.hpp.
    template <backend B = tbb>
    [[nodiscard]] linear_regressor fit(samples_view x, values_view y, B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] linear_regressor fit(samples_view x, values_view y,
                                       linear_fit_options const& options,
                                       B const& backend = {}) const {
        constexpr auto who = "linear_svr::fit";
        detail::rank_guard const guard(options.ranks);
        constexpr auto most = std::numeric_limits<double>::max();
        detail::check_range(who, "C", C, std::numeric_limits<double>::min(), most,
                            "greater than 0 and finite");
        detail::check_range(who, "epsilon", epsilon, 0, most, "at least 0 and finite");
        bool const squared = loss == svr_loss::squared_epsilon_insensitive;
        if (!squared && solver == svm_solver::newton) {
            throw invalid_input(
                detail::sentence(who,
                                 ": newton needs a loss with a slope everywhere; "
                                 "epsilon_insensitive takes svm_solver::dual or automatic"));
        }
        detail::check_same(who, options.ranks,
                           {{"epsilon", epsilon},
                            {"loss", static_cast<double>(loss)},
                            {"solver", static_cast<double>(solver)}});
        bool const dual = !squared || solver == svm_solver::dual;
        return detail::fit_regressor(
            detail::settings_of(who, C, *this), x, y, options, backend,
            [&](auto const& inside, auto const& rows, auto const& problem) {
                if (dual)
                    return detail::fit_dual_regression(inside, rows, problem, epsilon, squared);
                return detail::fit_values(inside, rows, problem,
                                          detail::squared_epsilon_insensitive_loss{epsilon});
            });
    }

    bool operator==(linear_svr const&) const = default;
};

}  // namespace copse
