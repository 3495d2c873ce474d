// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Means and mean squares of the columns of x, and the proof that all its values are finite.

#include <copse/core/errors.hpp>
#include <copse/core/view.hpp>
#include <copse/data/csr.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/ranks_view.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

namespace copse::detail {

struct column_moments {
    std::vector<double> mean;
    std::vector<double> square;
};

template <class T>
[[noreturn]] void refuse_value(std::string_view who, T value, std::size_t row, std::size_t column) {
    throw invalid_input(sentence(who, ": x is ", value, " at row ", row, ", column ", column,
                                 "; a linear model needs finite numbers"));
}

/// Throws invalid_input naming the first value, by rows, that is not finite.
template <class T>
void check_finite(matrix_view<T const> x, std::string_view who) {
    for (std::size_t i = 0; i < x.rows(); ++i) {
        for (std::size_t j = 0; j < x.cols(); ++j) {
            if (!std::isfinite(x(i, j))) refuse_value(who, x(i, j), i, j);
        }
    }
}
inline void check_finite(csr_view x, std::string_view who) {
    for (std::size_t i = 0; i < x.rows(); ++i) {
        auto const row = x.row(i);
        for (std::size_t k = 0; k < row.size(); ++k) {
            if (!std::isfinite(row.values[k])) refuse_value(who, row.values[k], i, row.indices[k]);
        }
    }
}

/// Adds row i to sums of values and of squares.
template <class T>
void add_row(matrix_view<T const> x, std::size_t i, T* sum, T* square) {
    auto const* at = x.row(i);
    if (x.col_stride() == 1) {
        for (std::size_t j = 0; j < x.cols(); ++j) {
            sum[j] += at[j];
            square[j] += at[j] * at[j];
        }
        return;
    }
    for (std::size_t j = 0; j < x.cols(); ++j, at += x.col_stride()) {
        sum[j] += *at;
        square[j] += *at * *at;
    }
}
inline void add_row(csr_view x, std::size_t i, float* sum, float* square) {
    auto const row = x.row(i);
    for (std::size_t k = 0; k < row.size(); ++k) {
        sum[row.indices[k]] += row.values[k];
        square[row.indices[k]] += row.values[k] * row.values[k];
    }
}

/// Throws invalid_input, beginning with `who`, if a value is not finite.
/// Determinism  equal for every backend: rows are cut by their number alone. Sums are taken in x's
/// precision over 512 rows: these are scales, and any centre would do.
template <class T, backend B, class X>
[[nodiscard]] column_moments moments_of(B const& backend, X const& x, std::string_view who) {
    constexpr std::size_t exact_rows = 512;
    auto const d = x.cols();
    auto const per_part = std::max(4 * exact_rows, (x.rows() + 31) / 32);
    auto const n_parts = n_blocks(x.rows(), per_part);
    std::vector<std::vector<double>> parts(n_parts);
    for_each_range(backend, x.rows(), per_part,
                   [&](std::size_t part, std::size_t first, std::size_t last) {
                       auto& total = parts[part];
                       total.assign(2 * d, 0.0);
                       std::vector<T> sums(2 * d);
                       for (auto i = first; i < last; ++i) {
                           add_row(x, i, sums.data(), sums.data() + d);
                           if ((i + 1 - first) % exact_rows != 0 && i + 1 != last) continue;
                           for (std::size_t j = 0; j < 2 * d; ++j)
                               total[j] += static_cast<double>(sums[j]);
                           std::fill(sums.begin(), sums.end(), T{0});
                       }
                   });
    std::vector<double> total(2 * d);
    for (auto const& part : parts) {
        for (std::size_t j = 0; j < 2 * d; ++j) total[j] += part[j];
    }
    auto const finite = [](double value) { return std::isfinite(value); };
    if (!std::all_of(total.begin(), total.end(), finite)) check_finite(x, who);
    column_moments out;
    auto const n = static_cast<double>(x.rows());
    for (std::size_t j = 0; j < d; ++j) out.mean.push_back(total[j] / n);
    for (std::size_t j = d; j < 2 * d; ++j) out.square.push_back(total[j] / n);
    return out;
}

/// Turns moments of this rank's n_rows rows into those of all ranks' rows.
inline void add_moments(column_moments& own, std::size_t n_rows, ranks_view ranks) {
    if (ranks.size() == 1) return;
    auto const n = static_cast<double>(n_rows);
    auto const total = ranks.sum(n);
    for (auto* const of : {&own.mean, &own.square}) {
        for (auto& value : *of) value = n_rows == 0 ? 0 : value * (n / total);
        ranks.allreduce_sum(*of);
    }
}

}  // namespace copse::detail
