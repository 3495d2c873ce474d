// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// x by columns, for solvers that change a weight at a time: copies, for_each(j, f) calling
/// f(row, value) for what is stored of column j, scaled if the columns are.

#include <copse/core/view.hpp>
#include <copse/data/csr.hpp>
#include <copse/linear/column_scales.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse::detail {

template <class T>
class dense_columns {
public:
    template <backend B>
    dense_columns(B const& backend, matrix_view<T const> x, column_scales const& scales)
        : scales_(scales), rows_(x.rows()), values_(x.rows() * x.cols()) {
        for_each_range(backend, x.cols(), 16,
                       [&](std::size_t, std::size_t first, std::size_t last) {
                           for (std::size_t i = 0; i < rows_; ++i) {
                               for (auto j = first; j < last; ++j) values_[j * rows_ + i] = x(i, j);
                           }
                       });
    }
    template <class F>
    void for_each(std::size_t j, F const& f) const {
        auto const* const column = values_.data() + j * rows_;
        auto const unit = scales_.unit_of(j);
        for (std::size_t i = 0; i < rows_; ++i) f(i, unit * static_cast<double>(column[i]));
    }
    [[nodiscard]] double unit(std::size_t j) const noexcept { return scales_.unit_of(j); }

private:
    column_scales const& scales_;
    std::size_t rows_;
    std::vector<T> values_;
};

class sparse_columns {
public:
    template <backend B>
    sparse_columns(B const&, csr_view x, column_scales const& scales)
        : scales_(scales), offsets_(x.cols() + 1), rows_(x.n_stored()), values_(x.n_stored()) {
        for (auto const j : x.indices()) ++offsets_[j + 1];
        for (std::size_t j = 0; j < x.cols(); ++j) offsets_[j + 1] += offsets_[j];
        auto next = offsets_;
        for (std::size_t i = 0; i < x.rows(); ++i) {
            auto const row = x.row(i);
            for (std::size_t k = 0; k < row.size(); ++k) {
                auto const at = next[row.indices[k]]++;
                rows_[at] = static_cast<std::uint32_t>(i);
                values_[at] = row.values[k];
            }
        }
    }
    template <class F>
    void for_each(std::size_t j, F const& f) const {
        auto const unit = scales_.unit_of(j);
        for (auto k = offsets_[j]; k < offsets_[j + 1]; ++k)
            f(std::size_t{rows_[k]}, unit * static_cast<double>(values_[k]));
    }
    [[nodiscard]] double unit(std::size_t j) const noexcept { return scales_.unit_of(j); }

private:
    column_scales const& scales_;
    std::vector<std::size_t> offsets_;
    std::vector<std::uint32_t> rows_;
    std::vector<float> values_;
};

/// The columns of x, whichever it is. `scales` must outlive them.
template <backend B, class X>
[[nodiscard]] auto columns_by(B const& backend, X const& x, column_scales const& scales) {
    if constexpr (std::same_as<X, csr_view>) {
        return sparse_columns(backend, x, scales);
    } else {
        return dense_columns<typename X::value_type>(backend, x, scales);
    }
}

}  // namespace copse::detail
