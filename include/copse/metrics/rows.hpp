// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What every metric does with its rows: check them, weigh them, sum over them.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

namespace copse::metrics::detail {

using copse::detail::sentence;

/// A sum that does not lose the low digits of what is added.
///
/// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM
/// 54:39-51, 1974, algorithm IV.
class running_sum {
public:
    void operator+=(double x) noexcept {
        double const sum = sum_ + x;
        lost_ += std::abs(sum_) >= std::abs(x) ? (sum_ - sum) + x : (x - sum) + sum_;
        sum_ = sum;
    }
    [[nodiscard]] double value() const noexcept {
        return std::isfinite(sum_) ? sum_ + lost_ : sum_;  // an overflow makes lost_ a NaN
    }

private:
    double sum_ = 0;
    double lost_ = 0;
};

/// "NaN", not one of the ways in which a NaN prints.
[[nodiscard]] inline std::string written(double x) {
    return std::isnan(x) ? std::string("NaN") : sentence(x);
}

/// Throws unless `what`, which has `size` `items`, matches y_true.
inline void check_size(std::string_view metric, std::string_view what, std::size_t size,
                       std::string_view items, std::size_t n_true) {
    if (size != n_true) {
        throw invalid_input(
            sentence(metric, ": ", what, " has ", size, " ", items, " but y_true has ", n_true));
    }
    if (n_true == 0) throw invalid_input(sentence(metric, ": y_true and ", what, " are empty"));
}

/// Throws if one of the numbers is NaN. Infinite scores rank like any other.
inline void check_no_nan(std::string_view metric, std::string_view what, values_view values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) {
            throw invalid_input(sentence(metric, ": ", what, " is NaN at row ", i));
        }
    }
}

/// Throws if one of the numbers is NaN or infinite.
inline void check_finite(std::string_view metric, std::string_view what, values_view values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            throw invalid_input(sentence(metric, ": ", what, " is ", written(values[i]), " at row ",
                                         i, "; it must be finite"));
        }
    }
}

/// What weights belong to: rows of y_true, or the groups of group_sizes.
enum class weighed { rows, groups };

/// The weights of n rows, checked: finite, none negative, not all 0. Ones if none are given.
class row_weights {
public:
    row_weights(std::string_view metric, values_view weights, std::size_t n,
                weighed what = weighed::rows)
        : weights_(weights), total_(static_cast<double>(n)) {
        if (weights.empty()) return;
        bool const rows = what == weighed::rows;
        auto const who = sentence(metric, rows ? ": sample_weight" : ": group_weight");
        if (weights.size() != n) {
            throw invalid_input(sentence(who, " has ", weights.size(), " weights but ",
                                         rows ? "y_true" : "group_sizes", " has ", n));
        }
        running_sum total;
        for (std::size_t i = 0; i < n; ++i) {
            double const w = weights[i];
            if (!(w >= 0) || std::isinf(w)) {
                throw invalid_input(sentence(who, " is ", written(w),
                                             rows ? " at row " : " at group ", i,
                                             "; it must be finite and at least 0"));
            }
            total += w;
        }
        total_ = total.value();
        if (total_ == 0) {
            throw invalid_input(sentence(metric, ": the ", n, rows ? " sample" : " group",
                                         " weights sum to 0; some must be positive"));
        }
    }

    [[nodiscard]] bool given() const noexcept { return !weights_.empty(); }
    [[nodiscard]] double operator[](std::size_t row) const {
        return weights_.empty() ? 1.0 : weights_[row];
    }
    [[nodiscard]] double total() const noexcept { return total_; }

private:
    values_view weights_;
    double total_;
};

/// sum over rows of w[row] f(row), over the sum of w. f is not called on rows that weigh nothing.
template <class F>
[[nodiscard]] double mean_over(std::size_t n, row_weights const& weights, F f) {
    running_sum sum;
    for (std::size_t i = 0; i < n; ++i) {
        double const w = weights[i];
        if (w > 0) sum += w * f(i);
    }
    return sum.value() / weights.total();
}

}  // namespace copse::metrics::detail
