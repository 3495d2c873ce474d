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
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/multinomial_newton.hpp>
#include <copse/linear/one_vs_rest_newton.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/par/ranks_view.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <string_view>

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
    if (l1_ratio > 0 && rule == multinomial) {
        throw invalid_input(sentence(who, ": l1_ratio is ", l1_ratio,
                                     " and multi_class multinomial; that needs one_vs_rest"));
    }
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
    std::size_t max_iter = 1000;   ///< Newton steps

    /// `x` is (n, d), dense or sparse, finite; `y` has n labels, integers or strings.
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
    /// Throws  invalid_input, naming the argument and both numbers, before any work.
    /// Cost    some ten passes over x for each decimal digit, all classes sharing them, 16 at a
    /// time;
    ///         4 bytes (8 if x is double) a row and class.
    /// Determinism  equal for every backend, n_jobs and instruction set, by one build on one
    /// machine. Source  linear/newton.hpp.
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
        return logistic_classifier(detail::fit_linear(
            {who, C, tolerance, max_iter, fit_intercept, standardize, class_weight, multi_class}, x,
            y, options, backend, [this](auto const& inside, auto const& rows, auto const& plan) {
                if (l1_ratio > 0) {
                    return detail::fit_l1<detail::logistic_loss>(inside, rows, plan,
                                                                 {l1_ratio, 1 - l1_ratio});
                }
                return multi_class == multinomial
                           ? detail::fit_multinomial(inside, rows, plan)
                           : detail::fit_one_vs_rest<detail::logistic_loss>(inside, rows, plan);
            }));
    }

    bool operator==(logistic_regression const&) const = default;
};

}  // namespace copse
