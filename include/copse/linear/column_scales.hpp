// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Standardising columns without touching x: solvers work with (x - mean) * unit, unit being 1 over
/// the standard deviation, by algebra on the weights. Sparse x stays sparse.
///
///     auto const scales = scales_of(backend, x, shares_of(sample_weight, n), fit_intercept);
///
/// With an intercept columns are centred too; without one centring would bring one in, so they are
/// only scaled.

#include <copse/core/inputs.hpp>
#include <copse/core/view.hpp>
#include <copse/data/csr.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/ranks_view.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <vector>

namespace copse::detail {

/// Both are empty where x is taken as it is, mean also where there is no intercept.
struct column_scales {
    std::vector<double> mean{};
    std::vector<double> unit{};

    /// Of a weight of column j: what one of the solver is worth in units of x.
    [[nodiscard]] double unit_of(std::size_t j) const noexcept {
        return unit.empty() ? 1.0 : unit[j];
    }
};

/// Weights as shares of their sum over all ranks.
[[nodiscard]] inline std::vector<double> shares_of(values_view weights, std::size_t n,
                                                   ranks_view ranks = {}) {
    std::vector<double> out(n, 1.0);
    double total = weights.empty() ? static_cast<double>(n) : 0;
    for (std::size_t i = 0; i < weights.size(); ++i) total += out[i] = weights[i];
    total = ranks.sum(total);
    for (auto& share : out) share /= total;
    return out;
}

/// f(column, value) for what is stored of row i.
template <class T, class F>
void for_each_in_row(matrix_view<T const> x, std::size_t i, F const& f) {
    auto const* at = x.row(i);
    for (std::size_t j = 0; j < x.cols(); ++j, at += x.col_stride()) f(j, static_cast<double>(*at));
}
template <class F>
void for_each_in_row(csr_view x, std::size_t i, F const& f) {
    auto const row = x.row(i);
    for (std::size_t k = 0; k < row.size(); ++k)
        f(std::size_t{row.indices[k]}, static_cast<double>(row.values[k]));
}

/// The sum over rows of what add(row, sums) adds to `size` sums, taken part by part.
/// Determinism  equal for every backend: rows are cut by their number alone.
template <backend B, class Add>
[[nodiscard]] std::vector<double> sum_over_rows(B const& backend, std::size_t n, std::size_t size,
                                                Add const& add) {
    auto const per_part = std::max<std::size_t>(2048, (n + 31) / 32);
    std::vector<std::vector<double>> parts(n_blocks(n, per_part));
    for_each_range(backend, n, per_part,
                   [&](std::size_t part, std::size_t first, std::size_t last) {
                       parts[part].assign(size, 0.0);
                       for (auto i = first; i < last; ++i) add(i, parts[part].data());
                   });
    std::vector<double> total(size);
    for (auto const& part : parts) {
        for (std::size_t at = 0; at < size; ++at) total[at] += part[at];
    }
    return total;
}

/// Means and deviations of the columns of all ranks' rows, which count by their shares, in two
/// passes over x: these
/// define the problem, so one pass of squares, which loses digits where means are large, is not
/// enough. A constant column has the unit 1, as in scikit-learn's StandardScaler.
template <backend B, class X>
[[nodiscard]] column_scales scales_of(B const& backend, X const& x,
                                      std::vector<double> const& shares, bool centred,
                                      ranks_view ranks = {}) {
    auto const d = x.cols();
    auto mean = sum_over_rows(backend, x.rows(), d, [&](std::size_t i, double* sum) {
        for_each_in_row(x, i, [&](std::size_t j, double value) { sum[j] += shares[i] * value; });
    });
    ranks.allreduce_sum(mean);
    // After the squares: the share of rows in which the column is stored.
    constexpr bool is_sparse = std::same_as<X, csr_view>;
    auto sums =
        sum_over_rows(backend, x.rows(), is_sparse ? 2 * d : d, [&](std::size_t i, double* sum) {
            for_each_in_row(x, i, [&](std::size_t j, double value) {
                sum[j] += shares[i] * (value - mean[j]) * (value - mean[j]);
                if constexpr (is_sparse) sum[d + j] += shares[i];
            });
        });
    ranks.allreduce_sum(sums);
    column_scales out{{}, std::vector<double>(d, 1.0)};
    auto const n = ranks.sum(static_cast<double>(x.rows()));
    auto const rounding = n * std::numeric_limits<double>::epsilon();
    for (std::size_t j = 0; j < d; ++j) {
        auto variance = sums[j];
        if constexpr (is_sparse) {
            auto const absent = 1 - sums[d + j];
            if (absent > rounding) variance += absent * mean[j] * mean[j];
        }
        auto const of_rounding = rounding * mean[j];
        if (variance > of_rounding * of_rounding) out.unit[j] = 1 / std::sqrt(variance);
    }
    if (centred) out.mean = std::move(mean);
    return out;
}

}  // namespace copse::detail
