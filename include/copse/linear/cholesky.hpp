// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Linear equations of a symmetric matrix that is positive, or nearly so.
///
///     solve_by_cholesky(a, b);       // a: n x n, used up; b becomes the solution

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace copse::detail {

/// a b' = b, by the lower triangle of `a`, which becomes its Cholesky factor. Where a pivot has
/// lost all its digits, a column is a combination of others: its part of the solution is 0. Cost
/// n^3 / 6 multiplications. Source  G. Golub, C. Van Loan, "Matrix Computations", 4th edition,
/// 2013, Algorithm 4.2.2, by
///         rows.
inline void solve_by_cholesky(std::vector<double>& a, std::vector<double>& b) {
    auto const n = b.size();
    constexpr double of_rounding = 1e-14;
    auto const row = [&](std::size_t i) { return a.data() + i * n; };
    auto const part = [](double const* u, double const* v, std::size_t count) {
        double sum = 0;
        for (std::size_t k = 0; k < count; ++k) sum += u[k] * v[k];
        return sum;
    };
    for (std::size_t i = 0; i < n; ++i) {
        auto const least = of_rounding * std::abs(row(i)[i]);
        for (std::size_t j = 0; j < i; ++j) {
            auto const pivot = row(j)[j];
            row(i)[j] = pivot > 0 ? (row(i)[j] - part(row(i), row(j), j)) / pivot : 0;
        }
        auto const pivot = row(i)[i] - part(row(i), row(i), i);
        row(i)[i] = pivot > least ? std::sqrt(pivot) : 0;
    }
    for (std::size_t i = 0; i < n; ++i) {
        auto const pivot = row(i)[i];
        b[i] = pivot > 0 ? (b[i] - part(row(i), b.data(), i)) / pivot : 0;
    }
    for (auto i = n; i-- > 0;) {
        auto const pivot = row(i)[i];
        for (std::size_t k = i + 1; k < n; ++k) b[i] -= row(k)[i] * b[k];
        b[i] = pivot > 0 ? b[i] / pivot : 0;
    }
}

}  // namespace copse::detail
