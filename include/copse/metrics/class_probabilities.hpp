// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// True labels beside the probabilities of their classes, checked, or beside one score a row.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/metrics/class_counts.hpp>
#include <copse/metrics/rows.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::metrics::detail {

/// How far from 1 the sum of a row of probabilities may be. A row of 1000 floats is off by less;
/// scores that were taken for probabilities by more.
inline constexpr double sum_tolerance = 1e-3;

inline void check_probability(std::string_view metric, double p, std::size_t row) {
    if (!(p >= 0 && p <= 1)) {
        throw invalid_input(sentence(metric, ": y_proba is ", written(p), " at row ", row,
                                     "; it must be in [0, 1]"));
    }
}

/// Throws unless y_proba has a row for each of n rows, a column for each class, and rows of
/// probabilities that sum to 1.
inline void check_probabilities(std::string_view metric, features_view y_proba,
                                labels const& classes, std::size_t n) {
    check_size(metric, "y_proba", y_proba.rows(), "rows", n);
    if (y_proba.cols() != classes.size()) {
        throw invalid_input(sentence(metric, ": y_proba has ", y_proba.cols(),
                                     " columns but there are ", classes.size(), " classes"));
    }
    if (classes.size() < 2) {
        throw invalid_input(
            sentence(metric, ": there is ", classes.size(), " class; at least 2 are needed"));
    }
    check_increasing(metric, classes);
    for (std::size_t i = 0; i < n; ++i) {
        running_sum sum;
        for (std::size_t k = 0; k < y_proba.cols(); ++k) {
            check_probability(metric, y_proba(i, k), i);
            sum += y_proba(i, k);
        }
        if (std::abs(sum.value() - 1) > sum_tolerance) {
            throw invalid_input(sentence(metric, ": row ", i, " of y_proba sums to ", sum.value(),
                                         "; probabilities sum to 1"));
        }
    }
}

/// y_true in terms of its own two classes. Throws if it has another number of them.
[[nodiscard]] inline std::vector<std::uint32_t> codes_of_two(std::string_view metric,
                                                             labels_view y_true) {
    auto encoded = encode(y_true);
    auto const n_classes = encoded.classes.size();
    if (n_classes != 2) {
        throw invalid_input(sentence(metric, ": y_true has ", n_classes,
                                     n_classes == 1 ? " class" : " classes",
                                     "; one number for each row tells 2 apart"));
    }
    return std::move(encoded.codes);
}

}  // namespace copse::metrics::detail
