// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Some rows of a matrix, dense or sparse, as a matrix of their own: for what cannot take rows by
/// their numbers.
///
///     auto const part = gather_rows(x, rows);      // matrix<float>, matrix<double> or csr_matrix

#include <copse/core/matrix.hpp>
#include <copse/core/view.hpp>
#include <copse/data/csr.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace copse::detail {

template <class T>
[[nodiscard]] matrix<T> gather_rows(matrix_view<T const> x, view<std::size_t const> rows) {
    matrix<T> out(rows.size(), x.cols());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const* at = x.row(rows[i]);
        auto* const to = out.row(i).data();
        for (std::size_t j = 0; j < x.cols(); ++j, at += x.col_stride()) to[j] = *at;
    }
    return out;
}

/// Throws invalid_input unless x is valid.
[[nodiscard]] inline csr_matrix gather_rows(csr_view x, view<std::size_t const> rows) {
    std::vector<std::size_t> offsets{0};
    std::vector<std::uint32_t> indices;
    std::vector<float> values;
    for (auto const i : rows) {
        auto const row = x.row(i);
        indices.insert(indices.end(), row.indices.begin(), row.indices.end());
        values.insert(values.end(), row.values.begin(), row.values.end());
        offsets.push_back(indices.size());
    }
    return {std::move(offsets), std::move(indices), std::move(values), x.cols()};
}

}  // namespace copse::detail
