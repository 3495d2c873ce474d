// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Linear support vector machines.
///
///     auto const svm = copse::linear_svc{.C = 0.5}.fit(x, y);      // x dense or sparse
///     auto const scores = svm.decision_function(x_new);

#include <copse/core/class_weights.hpp>
#include <copse/core/inputs.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>

namespace copse {

/// Minimises 1/2 ||w||^2 + C sum_i weight_i max(0, 1 - m_i)^2, m_i being the margin of row i, for
/// each class against the others. Fields bear scikit-learn's names where they keep its meaning.
struct linear_svc {
    double C = 1;                  ///< inverse of the regularisation's strength
    bool fit_intercept = true;     ///< not regularised
    class_weights class_weight{};  ///< of a row's own class
    double tolerance = 1e-3;       ///< LIBLINEAR's -e: see logistic_regression::fit
    std::size_t max_iter = 1000;   ///< Newton steps

    /// As logistic_regression::fit.
    template <backend B = tbb>
    [[nodiscard]] linear_classifier fit(samples_view x, labels_view y,
                                        B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] linear_classifier fit(samples_view x, labels_view y,
                                        linear_fit_options const& options,
                                        B const& backend = {}) const {
        return linear_classifier(detail::fit_linear(
            {"linear_svc::fit", C, tolerance, max_iter, fit_intercept, class_weight,
             multi_class_rule::one_vs_rest},
            x, y, options, backend, [](auto const& inside, auto const& rows, auto const& plan) {
                return detail::fit_one_vs_rest<detail::squared_hinge_loss>(inside, rows, plan);
            }));
    }

    bool operator==(linear_svc const&) const = default;
};

}  // namespace copse
