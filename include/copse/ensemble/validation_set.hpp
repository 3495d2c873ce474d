// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Rows that a fit of trees is judged on but does not learn from.
///
///     trainer.fit(x, y, {.validation = {{x_val, y_val}}, .metrics = {metrics::roc_auc}});

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/ensemble/validation_metric.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace copse {

/// Labels is labels_view or values_view.
template <class Labels>
struct validation_set {
    using metric = std::conditional_t<std::same_as<Labels, labels_view>, classification_metric,
                                      regression_metric>;
    features_view x;
    Labels y;
    values_view sample_weight{};
};

namespace detail {

/// Throws invalid_input unless sets have n_columns columns and a target a row, and there are some
/// if there are metrics. Options have `validation` and `metrics`.
template <class Options>
void check_validation(std::string_view who, std::size_t n_columns, Options const& options) {
    for (std::size_t s = 0; s < options.validation.size(); ++s) {
        auto const& set = options.validation[s];
        if (set.x.cols() != n_columns) {
            throw invalid_input(sentence(who, ": validation set ", s, " has ", set.x.cols(),
                                         " columns but x has ", n_columns));
        }
        check_training_set(sentence(who, ": validation set ", s), set.x.rows(), set.x.cols(),
                           set.y.size(), "targets", set.sample_weight);
    }
    if (!options.metrics.empty() && options.validation.empty()) {
        throw invalid_input(sentence(who, ": there are ", options.metrics.size(),
                                     " metrics but 0 validation sets; they need at least 1"));
    }
}

}  // namespace detail
}  // namespace copse
