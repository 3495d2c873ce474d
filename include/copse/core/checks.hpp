// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What every trainer refuses, in the same words.
///
///     check_training_set(who, x.rows(), x.cols(), y.size(), "labels", sample_weight);
///     check_range(who, "tolerance", tolerance, 0, 1, "in [0, 1]");

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>

#include <cmath>
#include <cstddef>
#include <string_view>

namespace copse::detail {

/// Throws invalid_input unless value is in [low, high], which `accepted` says in words.
inline void check_range(std::string_view who, std::string_view name, double value, double low,
                        double high, std::string_view accepted) {
    if (!(value >= low && value <= high)) {
        throw invalid_input(sentence(who, ": ", name, " is ", value, "; it must be ", accepted));
    }
}

inline void check_at_least(std::string_view who, std::string_view name, std::size_t value,
                           std::size_t least) {
    if (value < least) {
        throw invalid_input(
            sentence(who, ": ", name, " is ", value, "; it must be at least ", least));
    }
}

/// x has rows and columns, y as many targets (`targets`: "labels", "values") as x rows, and so has
/// weights unless it is empty; weights are finite, none below 0, not all 0.
inline void check_training_set(std::string_view who, std::size_t rows, std::size_t cols,
                               std::size_t n_targets, std::string_view targets,
                               values_view weights) {
    if (rows == 0 || cols == 0) {
        throw invalid_input(sentence(who, ": x is ", rows, " x ", cols,
                                     "; it must have at least 1 row and 1 column"));
    }
    if (n_targets != rows) {
        throw invalid_input(
            sentence(who, ": y has ", n_targets, " ", targets, " but x has ", rows, " rows"));
    }
    if (rows > (std::size_t{1} << 30)) {
        throw invalid_input(sentence(who, ": x has ", rows, " rows; at most 2^30 are supported"));
    }
    if (!weights.empty() && weights.size() != rows) {
        throw invalid_input(sentence(who, ": sample_weight has ", weights.size(),
                                     " values but x has ", rows, " rows"));
    }
    bool any = weights.empty();
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (!(weights[i] >= 0) || !std::isfinite(weights[i])) {
            throw invalid_input(sentence(who, ": sample_weight is ", weights[i], " at row ", i,
                                         "; it must be at least 0 and finite"));
        }
        any = any || weights[i] > 0;
    }
    if (!any) {
        throw invalid_input(sentence(who, ": all ", weights.size(), " sample weights are 0"));
    }
}

}  // namespace copse::detail
