// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The weights that a solver of a dual problem keeps up to date, w = sum_i a_i x_i, while it
/// changes one multiplier a_i at a time. The intercept is the weight of a column of ones.
///
///     dual_rows const rows(backend, x, scales, fit_intercept);      // what all classes share
///     dual_weights w(rows);
///     w.add(i, change);               // a_i += change
///     w.times(i);                     // w . x_i + b
///
/// Rows may be standardised (column_scales.hpp) although x is not. With u the squared units, m the
/// means, q = u m and c = sum_i a_i,
///
///     p = sum_i a_i u x_i       w . x_i = x_i . p - c x_i . q - m . p + c m . q
///
/// so that a step costs what is stored of its row, and no more.

#include <copse/core/view.hpp>
#include <copse/data/csr.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/column_scales.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

namespace copse::detail {

/// x[i] . w, in four partial sums.
template <class T>
[[nodiscard]] double row_times(matrix_view<T const> x, std::size_t i, double const* w) noexcept {
    double sum[4] = {};
    auto const* at = x.row(i);
    for (std::size_t j = 0; j < x.cols(); ++j, at += x.col_stride())
        sum[j % 4] += static_cast<double>(*at) * w[j];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}
[[nodiscard]] inline double row_times(csr_view x, std::size_t i, double const* w) noexcept {
    auto const row = x.row(i);
    auto const* const at = row.indices.data();
    auto const* const values = row.values.data();
    auto const n = row.size();
    double sum[4] = {};
    std::size_t k = 0;
    for (; k + 4 <= n; k += 4) {
        for (std::size_t l = 0; l < 4; ++l)
            sum[l] += static_cast<double>(values[k + l]) * w[at[k + l]];
    }
    for (; k < n; ++k) sum[0] += static_cast<double>(values[k]) * w[at[k]];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

/// What the duals of all classes know of the rows.
template <class X>
class dual_rows {
public:
    /// Throws invalid_input, beginning with `who`, if a value of x is not finite. x and `scales`
    /// must outlive it.
    template <backend B>
    dual_rows(B const& backend, X const& x, column_scales const& scales, bool intercept,
              std::string_view who)
        : x_(x), scales_(scales), intercept_(intercept), square_(x.rows()) {
        for (auto const unit : scales.unit) unit_square_.push_back(unit * unit);
        for (std::size_t j = 0; j < scales.mean.size(); ++j) {
            centre_.push_back(unit_square_[j] * scales.mean[j]);
            centre_square_ += centre_[j] * scales.mean[j];
        }
        if (is_centred()) with_centre_.resize(x.rows());
        for_each(backend, x.rows(), [&](std::size_t i) {
            double sum = intercept ? 1 : 0;
            for_each_in_row(x, i, [&](std::size_t j, double value) {
                sum += value * value * (unit_square_.empty() ? 1.0 : unit_square_[j]);
            });
            if (is_centred()) {
                with_centre_[i] = row_times(x, i, centre_.data());
                sum += centre_square_ - 2 * with_centre_[i];
            }
            square_[i] = std::isnan(sum) ? sum : std::max(sum, 0.0);
        });
        if (!std::ranges::all_of(square_, [](double s) { return std::isfinite(s); }))
            check_finite(x, who);
    }

    [[nodiscard]] std::size_t rows() const noexcept { return x_.rows(); }
    [[nodiscard]] std::size_t cols() const noexcept { return x_.cols(); }
    /// x_i . x_i, the column of ones included.
    [[nodiscard]] double square(std::size_t i) const noexcept { return square_[i]; }
    [[nodiscard]] bool is_centred() const noexcept { return !scales_.mean.empty(); }

private:
    template <class Y>
    friend class dual_weights;

    X x_;
    column_scales const& scales_;
    bool intercept_;
    std::vector<double> unit_square_{};  ///< u
    std::vector<double> centre_{};       ///< q
    double centre_square_ = 0;           ///< m . q
    std::vector<double> with_centre_{};  ///< of each row: x_i . q
    std::vector<double> square_;
};

template <class X>
class dual_weights {
public:
    explicit dual_weights(dual_rows<X> const& rows) : rows_(&rows), p_(rows.cols()) {}

    [[nodiscard]] double times(std::size_t i) const noexcept {
        auto out = row_times(rows_->x_, i, p_.data());
        if (rows_->intercept_) out += sum_;
        if (rows_->is_centred())
            out += sum_ * (rows_->centre_square_ - rows_->with_centre_[i]) - mean_times_;
        return out;
    }

    void add(std::size_t i, double change) noexcept {
        auto* const p = p_.data();
        if (rows_->unit_square_.empty()) {
            for_each_in_row(rows_->x_, i,
                            [&](std::size_t j, double value) { p[j] += change * value; });
        } else {
            auto const* const unit = rows_->unit_square_.data();
            for_each_in_row(rows_->x_, i,
                            [&](std::size_t j, double value) { p[j] += change * value * unit[j]; });
        }
        if (rows_->is_centred()) mean_times_ += change * rows_->with_centre_[i];
        sum_ += change;
    }

    /// ||w||^2, the intercept included: it is a weight like others here.
    [[nodiscard]] double square() const {
        double sum = rows_->intercept_ ? sum_ * sum_ : 0;
        auto const w = coef();
        for (std::size_t j = 0; j < w.size(); ++j) {
            auto const own = w[j] / rows_->scales_.unit_of(j);
            sum += own * own;
        }
        return sum;
    }

    /// In units of x.
    [[nodiscard]] std::vector<double> coef() const {
        auto out = p_;
        for (std::size_t j = 0; j < rows_->centre_.size(); ++j) out[j] -= sum_ * rows_->centre_[j];
        return out;
    }
    [[nodiscard]] double intercept() const noexcept {
        auto const of_centre = rows_->is_centred() ? sum_ * rows_->centre_square_ - mean_times_ : 0;
        return (rows_->intercept_ ? sum_ : 0) + of_centre;
    }

private:
    dual_rows<X> const* rows_;
    std::vector<double> p_;
    double sum_ = 0;         ///< c
    double mean_times_ = 0;  ///< m . p
};

}  // namespace copse::detail
