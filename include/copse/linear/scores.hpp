// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// x times the weights of every class: what a linear model predicts by.

#include <copse/core/matrix.hpp>
#include <copse/core/view.hpp>
#include <copse/data/csr.hpp>
#include <copse/linear/kernels.hpp>
#include <copse/linear/products.hpp>
#include <copse/par/algorithms.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace copse::detail {

inline constexpr std::size_t score_rows = 256;

/// out(i, k) = x[i] . coef[k] + intercept[k], in the precision of x, a source of blocks of rows.
template <class T, class Source, backend B>
void add_dense_scores(B const& backend, Source const& source, matrix<double> const& coef,
                      std::vector<double> const& intercept, matrix<double>& out) {
    auto const n_classes = coef.rows();
    std::vector<T> weights(n_classes * source.stride());
    for (std::size_t k = 0; k < n_classes; ++k) {
        std::transform(coef.row(k).begin(), coef.row(k).end(), weights.data() + k * source.stride(),
                       [](double value) { return static_cast<T>(value); });
    }
    auto const kernels = dense_kernels_of<T>(best_simd());
    for_each_range(
        backend, source.rows(), score_rows, [&](std::size_t, std::size_t first, std::size_t last) {
            std::vector<T> copy;
            std::vector<T> z(n_classes * score_rows);
            auto const rows = source.block(first, last - first, copy);
            kernels.dots(rows, weights.data(), n_classes, z.data(), score_rows);
            for (auto i = first; i < last; ++i) {
                for (std::size_t k = 0; k < n_classes; ++k) {
                    out(i, k) = static_cast<double>(z[k * score_rows + i - first]) + intercept[k];
                }
            }
        });
}

/// The same of x as it is.
template <class T, backend B>
void add_scores(B const& backend, matrix_view<T const> x, matrix<double> const& coef,
                std::vector<double> const& intercept, matrix<double>& out) {
    add_dense_scores<T>(backend, row_source<T>(x), coef, intercept, out);
}
template <backend B>
void add_scores(B const& backend, csr_view x, matrix<double> const& coef,
                std::vector<double> const& intercept, matrix<double>& out) {
    for (std::size_t of = 0; of < coef.rows(); of += most_lanes) {
        auto const count = std::min(most_lanes, coef.rows() - of);
        auto const lanes = *std::ranges::lower_bound(lane_counts, count);
        std::vector<float> weights(lanes * x.cols());
        for (std::size_t k = 0; k < count; ++k) {
            for (std::size_t j = 0; j < x.cols(); ++j)
                weights[j * lanes + k] = static_cast<float>(coef(of + k, j));
        }
        auto const kernels = csr_kernels_of(best_simd(), lanes);
        for_each_range(
            backend, x.rows(), score_rows, [&](std::size_t, std::size_t first, std::size_t last) {
                std::vector<float> z(score_rows * lanes);
                kernels.dots(rows_of(x, first, last - first), weights.data(), z.data());
                for (auto i = first; i < last; ++i) {
                    for (std::size_t k = 0; k < count; ++k) {
                        out(i, of + k) =
                            static_cast<double>(z[(i - first) * lanes + k]) + intercept[of + k];
                    }
                }
            });
    }
}

}  // namespace copse::detail
