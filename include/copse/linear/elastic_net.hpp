// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Least squares with penalties: ridge, lasso and elastic net.
///
///     auto const smooth = copse::ridge{.alpha = 1}.fit(x, y);
///     auto const sparse = copse::lasso{.alpha = 0.01}.fit(x, y);      // most weights are 0
///     sparse.report().duality_gap;

#include <copse/core/checks.hpp>
#include <copse/core/inputs.hpp>
#include <copse/linear/column_descent.hpp>
#include <copse/linear/fit_regressor.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/value_loss.hpp>
#include <copse/linear/values_newton.hpp>
#include <copse/par/ranks_view.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <limits>

namespace copse {

/// Minimises ||y - x w - b||^2 + alpha ||w||^2, rows weighted. Fields bear scikit-learn's names
/// where they keep its meaning.
struct ridge {
    double alpha = 1;
    bool fit_intercept = true;   ///< not regularised
    bool standardize = false;    ///< see logistic_regression
    double tolerance = 1e-5;     ///< of the gradient's norm, relative to that at 0
    std::size_t max_iter = 100;  ///< Newton steps of conjugate gradients; two or three are usual

    /// `x` is (n, d), dense or sparse, finite; `y` has n finite values.
    ///
    /// Throws  invalid_input, naming the argument and both numbers, before any work.
    /// Determinism  equal for every backend, n_jobs and instruction set, by one build.
    /// Source  linear/newton.hpp: conjugate gradients on the normal equations, which are not
    ///         formed. The objective of the report is 1/(2 alpha) of that above.
    template <backend B = tbb>
    [[nodiscard]] linear_regressor fit(samples_view x, values_view y, B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] linear_regressor fit(samples_view x, values_view y,
                                       linear_fit_options const& options,
                                       B const& backend = {}) const {
        constexpr auto who = "ridge::fit";
        detail::rank_guard const guard(options.ranks);
        detail::check_range(who, "alpha", alpha, std::numeric_limits<double>::min(),
                            std::numeric_limits<double>::max(), "greater than 0 and finite");
        return detail::fit_regressor(
            detail::settings_of(who, 1 / alpha, *this), x, y, options, backend,
            [](auto const& inside, auto const& rows, auto const& problem) {
                return detail::fit_values(inside, rows, problem, detail::half_square_loss{});
            });
    }

    bool operator==(ridge const&) const = default;
};

/// Minimises 1/(2n) ||y - x w - b||^2 + alpha l1_ratio |w|_1 + alpha (1 - l1_ratio) / 2 ||w||^2,
/// rows weighted, n being the sum of weights. Fields bear scikit-learn's names where they keep its
/// meaning.
struct elastic_net {
    double alpha = 1;
    double l1_ratio = 0.5;        ///< above 0, at most 1
    bool fit_intercept = true;    ///< not regularised
    bool standardize = false;     ///< see logistic_regression
    double tolerance = 1e-4;      ///< of the duality gap, relative to ||y||^2 / n
    std::size_t max_iter = 1000;  ///< sweeps over the columns

    /// As ridge::fit. The columns of x are copied: the memory of x again.
    /// Source  linear/column_descent.hpp.
    template <backend B = tbb>
    [[nodiscard]] linear_regressor fit(samples_view x, values_view y, B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] linear_regressor fit(samples_view x, values_view y,
                                       linear_fit_options const& options,
                                       B const& backend = {}) const {
        constexpr auto who = "elastic_net::fit";
        detail::rank_guard const guard(options.ranks);
        detail::check_range(who, "l1_ratio", l1_ratio, std::numeric_limits<double>::min(), 1,
                            "above 0 and at most 1; ridge is for 0");
        return detail::fit_net(detail::settings_of(who, 1, *this), alpha,
                               {alpha * l1_ratio, alpha * (1 - l1_ratio)}, x, y, options, backend);
    }

    bool operator==(elastic_net const&) const = default;
};

/// elastic_net with l1_ratio 1.
struct lasso {
    double alpha = 1;
    bool fit_intercept = true;    ///< not regularised
    bool standardize = false;     ///< see logistic_regression
    double tolerance = 1e-4;      ///< of the duality gap, relative to ||y||^2 / n
    std::size_t max_iter = 1000;  ///< sweeps over the columns

    template <backend B = tbb>
    [[nodiscard]] linear_regressor fit(samples_view x, values_view y, B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] linear_regressor fit(samples_view x, values_view y,
                                       linear_fit_options const& options,
                                       B const& backend = {}) const {
        detail::rank_guard const guard(options.ranks);
        return detail::fit_net(detail::settings_of("lasso::fit", 1, *this), alpha, {alpha, 0}, x, y,
                               options, backend);
    }

    bool operator==(lasso const&) const = default;
};

}  // namespace copse
