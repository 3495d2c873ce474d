// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Rows of kernel features, made when a pass comes to them, a block at a time, and never kept: what
/// a linear model's passes take instead of x.
///
///     kernel_weights<float> const weights(map.parts());
///     products<kernel_rows<float>> pass(kernel_rows<float>(x, weights), n_classes);
///
/// Directions are multiplied by the kernels of linear models, as if they were classes.

#include <copse/core/inputs.hpp>
#include <copse/core/math.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/view.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/kernels.hpp>
#include <copse/linear/products.hpp>
#include <copse/linear/scores.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

namespace copse::detail {

/// What a kernel map is made of. With `whitening` directions are rows of the training set.
struct kernel_parts {
    double gamma = 1;
    matrix<double> directions{};   ///< (n_components, n_features)
    std::vector<double> phases{};  ///< of random features
    matrix<double> whitening{};    ///< of landmarks: (n_components, n_components), lower; or empty

    [[nodiscard]] bool has_landmarks() const noexcept { return whitening.rows() > 0; }
    bool operator==(kernel_parts const&) const = default;
};

/// The parts in the precision of x, padded for the kernels.
template <class T>
struct kernel_weights {
    std::size_t n_features, n_components;
    double gamma;
    std::vector<T> directions;   ///< n_components rows of padded n_features
    std::vector<double> shifts;  ///< phases, or the squares of landmarks
    std::vector<T> whitening;    ///< n_components rows of padded n_components; or empty

    explicit kernel_weights(kernel_parts const& parts)
        : n_features(parts.directions.cols()),
          n_components(parts.directions.rows()),
          gamma(parts.gamma),
          directions(padded_rows(parts.directions)),
          shifts(parts.phases),
          whitening(padded_rows(parts.whitening)) {
        if (!parts.has_landmarks()) return;
        for (std::size_t k = 0; k < n_components; ++k) {
            auto const* const at = directions.data() + k * padded<T>(n_features);
            shifts.push_back(static_cast<double>(twin::dot(at, at, padded<T>(n_features))));
        }
    }

private:
    [[nodiscard]] static std::vector<T> padded_rows(matrix<double> const& from) {
        auto const stride = padded<T>(from.cols());
        std::vector<T> out(from.rows() * stride);
        for (std::size_t i = 0; i < from.rows(); ++i) {
            std::ranges::transform(from.row(i), out.data() + i * stride,
                                   [](double value) { return static_cast<T>(value); });
        }
        return out;
    }
};

/// (n, n_components) features of rows of x. Both arguments must outlive it.
template <class T>
class kernel_rows {
public:
    using value_type = T;

    kernel_rows(matrix_view<T const> x, kernel_weights<T> const& weights)
        : x_(x), weights_(&weights) {}

    [[nodiscard]] std::size_t rows() const noexcept { return x_.rows(); }
    [[nodiscard]] std::size_t cols() const noexcept { return weights_->n_components; }
    /// The columns, padded.
    [[nodiscard]] std::size_t stride() const noexcept { return padded<T>(cols()); }
    [[nodiscard]] matrix_view<T const> x() const noexcept { return x_; }

    /// Features of rows first, ..., in `memory`.
    [[nodiscard]] dense_rows<T> block(std::size_t first, std::size_t count,
                                      std::vector<T>& memory) const {
        auto const& w = *weights_;
        auto const width = padded<T>(w.n_features);
        memory.assign(count * (stride() + width + cols()), T{0});
        auto* const out = memory.data();
        auto* const given = out + count * stride();
        auto* const z = given + count * width;
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t j = 0; j < w.n_features; ++j) given[i * width + j] = x_(first + i, j);
        }
        auto const kernels = dense_kernels_of<T>(best_simd());
        kernels.dots({given, count, width, width}, w.directions.data(), cols(), z, count);
        if (w.whitening.empty()) {
            auto const scale = std::sqrt(2 / static_cast<double>(cols()));
            to_rows(z, count, out, [&](std::size_t k, double product) {
                return scale * std::cos(product + w.shifts[k]);
            });
            return {out, count, stride(), stride()};
        }
        // exp(-gamma (|x|^2 + |l|^2 - 2 x . l)): first z becomes its sum with |x|^2 / -2.
        for (std::size_t i = 0; i < count; ++i) {
            auto const* const row = given + i * width;
            auto const square = twin::dot(row, row, width);
            for (std::size_t k = 0; k < cols(); ++k) z[k * count + i] -= square / 2;
        }
        to_rows(z, count, out, [&](std::size_t k, double sum) {
            return exp_of(-w.gamma * std::max(0.0, w.shifts[k] - 2 * sum));
        });
        kernels.dots({out, count, stride(), stride()}, w.whitening.data(), cols(), z, count);
        to_rows(z, count, out, [](std::size_t, double product) { return product; });
        return {out, count, stride(), stride()};
    }

private:
    /// out[i][k] = f(k, z[k][i])
    template <class F>
    void to_rows(T const* z, std::size_t count, T* out, F const& f) const {
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t k = 0; k < cols(); ++k) {
                out[i * stride() + k] = static_cast<T>(f(k, static_cast<double>(z[k * count + i])));
            }
        }
    }

    matrix_view<T const> x_;
    kernel_weights<T> const* weights_;
};

/// What fit_linear takes: x by way of a map. Both must outlive it.
class kernel_samples {
public:
    kernel_samples(features_view x, kernel_parts const& parts) : x_(x), parts_(&parts) {}

    [[nodiscard]] std::size_t rows() const { return x_.rows(); }
    [[nodiscard]] std::size_t cols() const noexcept { return parts_->directions.rows(); }
    /// f(kernel_rows<float>) or f(kernel_rows<double>).
    template <class F>
    void visit(F const& f) const {
        x_.visit([&]<class T>(matrix_view<T const> x) {
            kernel_weights<T> const weights(*parts_);
            f(kernel_rows<T>(x, weights));
        });
    }

private:
    features_view x_;
    kernel_parts const* parts_;
};

/// A pass that makes the features as it goes.
template <class T>
class products<kernel_rows<T>> : public dense_products<T, kernel_rows<T>> {
public:
    products(kernel_rows<T> x, std::size_t most_classes)
        : dense_products<T, kernel_rows<T>>(x, most_classes) {}
};

inline constexpr std::size_t kernel_block_rows = 64;

/// f(first, block of rows) for blocks of rows [first, last).
template <class T, class F>
void for_each_block_of(kernel_rows<T> const& x, std::size_t first, std::size_t last, F const& f) {
    std::vector<T> memory;
    for (auto at = first; at < last; at += kernel_block_rows)
        f(at, x.block(at, std::min(kernel_block_rows, last - at), memory));
}

template <class T>
void check_finite(kernel_rows<T> const& x, std::string_view who) {
    check_finite(x.x(), who);
}

/// As of rows that are there.
template <class T, backend B>
[[nodiscard]] column_moments moments_of(B const& backend, kernel_rows<T> const& x,
                                        std::string_view who) {
    check_finite(x, who);
    auto const d = x.cols();
    auto const per_part = std::max<std::size_t>(2048, (x.rows() + 31) / 32);
    std::vector<std::vector<double>> parts(n_blocks(x.rows(), per_part));
    for_each_range(
        backend, x.rows(), per_part, [&](std::size_t part, std::size_t first, std::size_t last) {
            auto& total = parts[part];
            total.assign(2 * d, 0.0);
            for_each_block_of(x, first, last, [&](std::size_t, dense_rows<T> rows) {
                for (std::size_t i = 0; i < rows.rows; ++i) {
                    for (std::size_t j = 0; j < d; ++j) {
                        auto const value = static_cast<double>(rows.first[i * rows.stride + j]);
                        total[j] += value;
                        total[d + j] += value * value;
                    }
                }
            });
        });
    column_moments out{std::vector<double>(d), std::vector<double>(d)};
    auto const n = static_cast<double>(x.rows());
    for (auto const& part : parts) {
        for (std::size_t j = 0; j < d; ++j) {
            out.mean[j] += part[j] / n;
            out.square[j] += part[d + j] / n;
        }
    }
    return out;
}

/// out(i, k) = feature k of row i.
template <class T, backend B>
void write_rows(B const& backend, kernel_rows<T> const& x, matrix<double>& out) {
    for_each_range(backend, x.rows(), kernel_block_rows,
                   [&](std::size_t, std::size_t first, std::size_t last) {
                       for_each_block_of(x, first, last, [&](std::size_t at, dense_rows<T> rows) {
                           for (std::size_t i = 0; i < rows.rows; ++i) {
                               std::copy_n(rows.first + i * rows.stride, x.cols(),
                                           out.row(at + i).begin());
                           }
                       });
                   });
}

/// As of rows that are there.
template <class T, backend B>
void add_scores(B const& backend, kernel_rows<T> const& x, matrix<double> const& coef,
                std::vector<double> const& intercept, matrix<double>& out) {
    add_dense_scores<T>(backend, x, coef, intercept, out);
}

}  // namespace copse::detail
