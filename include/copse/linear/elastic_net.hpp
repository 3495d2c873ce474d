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
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/squares_newton.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>

namespace copse {

/// Minimises ||y - x w - b||^2 + alpha ||w||^2, rows weighted. Fields bear scikit-learn's names
/// where they keep its meaning.
struct ridge {
    double alpha = 1;
    bool fit_intercept = true;   ///< not regularised
    double tolerance = 1e-5;     ///< of the gradient's norm, relative to that at 0
    std::size_t max_iter = 100;  ///< Newton steps of conjugate gradients; two or three are usual

    /// `x` is (n, d), dense or sparse, finite; `y` has n finite values.
    ///
    /// Throws  invalid_input, naming the argument and both numbers, before any work.
    /// Determinism  equal for every backend, n_jobs and instruction set, by one build.
    /// Source  linear/newton.hpp: conjugate gradients on the normal equations, which are not
    /// formed.
    template <backend B = tbb>
    [[nodiscard]] linear_regressor fit(samples_view x, values_view y, B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] linear_regressor fit(samples_view x, values_view y,
                                       linear_fit_options const& options,
                                       B const& backend = {}) const {
        return detail::fit_squares({"ridge::fit", alpha, 0, tolerance, max_iter, fit_intercept}, x,
                                   y, options, backend);
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
        return detail::fit_columns(
            {"elastic_net::fit", alpha, l1_ratio, tolerance, max_iter, fit_intercept}, x, y,
            options, backend);
    }

    bool operator==(elastic_net const&) const = default;
};

/// elastic_net with l1_ratio 1.
struct lasso {
    double alpha = 1;
    bool fit_intercept = true;    ///< not regularised
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
        return detail::fit_columns({"lasso::fit", alpha, 1, tolerance, max_iter, fit_intercept}, x,
                                   y, options, backend);
    }

    bool operator==(lasso const&) const = default;
};

}  // namespace copse
