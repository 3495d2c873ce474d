// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Means and quantiles of weighted numbers: where boosting starts, and what renewed leaves hold.

#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/link.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace copse::detail {

/// sum weight[i] f(i) / sum weight[i] over [0, n), summed in order; weights are 1 if there are
/// none.
template <class F>
[[nodiscard]] double weighted_mean(std::size_t n, view<double const> weight, F const& f) {
    double sum = 0;
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
        double const w = weight.empty() ? 1.0 : weight[i];
        sum += exact_product(w, f(i));
        total += w;
    }
    return sum / total;
}

[[nodiscard]] inline double weighted_mean(view<double const> y, view<double const> weight) {
    return weighted_mean(y.size(), weight, [&](std::size_t i) { return y[i]; });
}

/// The logarithm of the weighted mean of y, none of which is negative; -300 if all are 0.
[[nodiscard]] inline double log_of_mean(view<double const> y, view<double const> weight) {
    double const mean = weighted_mean(y, weight);
    return mean < exp_of(-greatest_log) ? -greatest_log : bounded_log(log_of(mean));
}

/// A number and its weight.
using weighted_value = std::pair<double, double>;

/// The q quantile, 0 < q < 1, of at least one number: the least that a share q of them does not
/// exceed, or where exactly q does not, the mean of it and the next greater. It minimises the
/// pinball loss; the median is what it is called by everybody. Reorders the numbers.
///
/// Ties    "exactly" allows for rounding, 2^-52 of the total weight.
/// Cost    O(n).
/// Source  R. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The American
///         Statistician 50:361-365, 1996, definition 2.
[[nodiscard]] inline double quantile_of(view<double> values, double q) {
    auto const n = static_cast<double>(values.size());
    double const slack = std::numeric_limits<double>::epsilon() * n;
    double const share = q * n;
    auto below = static_cast<std::size_t>(std::max(share - slack, 0.0));  // of lesser ones
    below = std::min(below, values.size() - 1);
    auto const at = values.begin() + below;
    std::nth_element(values.begin(), at, values.end());
    bool const exactly = static_cast<double>(below + 1) - share <= slack;
    if (!exactly || at + 1 == values.end()) return *at;
    return (*at + *std::min_element(at + 1, values.end())) / 2;
}

/// With weights, at least one of which is positive; those of weight 0 do not count. Sorts.
[[nodiscard]] inline double quantile_of(view<weighted_value> values, double q) {
    std::sort(values.begin(),
              values.end());  // by weight too: sums do not depend on the order given
    double total = 0;
    for (auto const& [value, weight] : values) total += weight;
    double const slack = std::numeric_limits<double>::epsilon() * total;
    double below = 0;
    weighted_value const* exact = nullptr;
    for (auto const& pair : values) {
        if (pair.second <= 0) continue;
        if (exact != nullptr) return (exact->first + pair.first) / 2;
        below += pair.second;
        if (below - q * total > slack) return pair.first;
        if (below - q * total >= -slack) exact = &pair;
    }
    return exact != nullptr ? exact->first : values[values.size() - 1].first;
}

/// Of y, which is copied.
[[nodiscard]] inline double quantile_of(view<double const> y, view<double const> weight, double q) {
    if (weight.empty()) {
        std::vector<double> values(y.begin(), y.end());
        return quantile_of(view<double>(values), q);
    }
    std::vector<weighted_value> values(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) values[i] = {y[i], weight[i]};
    return quantile_of(view<weighted_value>(values), q);
}

}  // namespace copse::detail
