// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Features whose inner products are about those of a kernel, k(a, b) = exp(-gamma ||a - b||^2), so
/// that a linear model of them is nearly a kernel machine.
///
///     kernel_map const map = rbf_sampler{.gamma = 0.1, .n_components = 500}.fit(x);
///     matrix<double> const features = map.transform(x_new);      // or kernel_logistic_regression
///
/// For as many features nystroem is usually nearer to the kernel, and rbf_sampler cheaper.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/math.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/random.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/kernel_rows.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse {

/// A value that turns rows into features.
class kernel_map {
public:
    explicit kernel_map(detail::kernel_parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] std::size_t n_features() const noexcept { return parts_.directions.cols(); }
    [[nodiscard]] std::size_t n_components() const noexcept { return parts_.directions.rows(); }
    [[nodiscard]] double gamma() const noexcept { return parts_.gamma; }

    /// (n, n_components()), in the precision of x, whose rows should be of the scale of
    /// 1 / sqrt(gamma). Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] matrix<double> transform(features_view x, B const& backend = {}) const;

    /// Throws invalid_input, beginning with `who`, if x has not n_features() columns.
    void check_columns(features_view x, std::string_view who) const {
        if (x.cols() == n_features()) return;
        throw invalid_input(detail::sentence(who, ": x has ", x.cols(),
                                             " columns but the map was fitted on ", n_features()));
    }

    /// Everything the map knows, for saving it.
    [[nodiscard]] detail::kernel_parts const& parts() const noexcept { return parts_; }
    bool operator==(kernel_map const&) const = default;

private:
    detail::kernel_parts parts_;
};

/// Cosines along random directions: sqrt(2 / D) cos(w . x + b), w normal with variance 2 gamma and
/// b uniform in [0, 2 pi). Fields bear scikit-learn's names. Source  A. Rahimi, B. Recht, "Random
/// Features for Large-Scale Kernel Machines", NIPS 2007,
///         algorithm 1.
struct rbf_sampler {
    double gamma = 1;
    std::size_t n_components = 100;
    std::uint64_t random_state = 0;

    /// Looks at nothing of x but its number of columns. Throws invalid_input.
    [[nodiscard]] kernel_map fit(features_view x) const;
    bool operator==(rbf_sampler const&) const = default;
};

/// Kernels with rows drawn from the training set, whitened: L^-1 k(x, landmarks), K = L L' being
/// the kernels of the landmarks among each other; a landmark that is a combination of those before
/// it gives a feature that is 0. Fields bear scikit-learn's names. Source  C. Williams, M. Seeger,
/// "Using the Nystroem Method to Speed Up Kernel Machines", NIPS
///         2000. Deviation: whitened by K's Cholesky factor, which gives the same inner products as
///         its square root.
struct nystroem {
    double gamma = 1;
    std::size_t n_components = 100;
    std::uint64_t random_state = 0;

    /// Throws invalid_input: also if x has fewer rows than n_components.
    /// Cost    n_components^2 (n_features + n_components).
    [[nodiscard]] kernel_map fit(features_view x) const;
    bool operator==(nystroem const&) const = default;
};

/// Either.
using kernel_sampler = std::variant<rbf_sampler, nystroem>;

// ------------------------------------------------------------------ implementation below

namespace detail {

inline void check_kernel(std::string_view who, double gamma, std::size_t n_components,
                         features_view x) {
    check_range(who, "gamma", gamma, std::numeric_limits<double>::min(),
                std::numeric_limits<double>::max(), "greater than 0 and finite");
    check_at_least(who, "n_components", n_components, 1);
    if (x.rows() == 0 || x.cols() == 0) {
        throw invalid_input(sentence(who, ": x is ", x.rows(), " x ", x.cols(),
                                     "; it must have at least 1 row and 1 column"));
    }
    x.visit([&](auto rows) { check_finite(rows, who); });
}

/// L^-1 of the kernels of `rows` among each other, row by row, those of pivots that vanish being 0.
[[nodiscard]] inline matrix<double> whitening_of(matrix<double> const& rows, double gamma) {
    auto const n = rows.rows();
    matrix<double> out(n, n);
    std::vector<double> kernel(n), factor(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t l = 0; l < i; ++l) {
            double square = 0;
            for (std::size_t j = 0; j < rows.cols(); ++j)
                square += (rows(i, j) - rows(l, j)) * (rows(i, j) - rows(l, j));
            kernel[l] = exp_of(-gamma * square);
        }
        // Row i of L, then (e_i - sum_j L_ij out_j) / L_ii.
        double pivot = 1;
        for (std::size_t j = 0; j < i; ++j) {
            factor[j] = 0;
            for (std::size_t l = 0; l <= j; ++l) factor[j] += out(j, l) * kernel[l];
            pivot -= factor[j] * factor[j];
        }
        constexpr double least = 1e-10;
        if (pivot < least) continue;
        out(i, i) = 1;
        for (std::size_t j = 0; j < i; ++j) {
            for (std::size_t l = 0; l <= j; ++l) out(i, l) -= factor[j] * out(j, l);
        }
        for (std::size_t l = 0; l <= i; ++l) out(i, l) /= std::sqrt(pivot);
    }
    return out;
}

/// Some rows of x, drawn without putting back.
[[nodiscard]] inline matrix<double> drawn_landmarks(features_view x, std::size_t count,
                                                    random_stream draws) {
    std::vector<std::size_t> rows(x.rows());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    matrix<double> out(count, x.cols());
    x.visit([&](auto all) {
        for (std::size_t k = 0; k < count; ++k) {
            auto const left = static_cast<std::uint32_t>(rows.size() - k);
            std::swap(rows[k], rows[k + draws.below(left, k)]);
            for (std::size_t j = 0; j < x.cols(); ++j)
                out(k, j) = static_cast<double>(all(rows[k], j));
        }
    });
    return out;
}

}  // namespace detail

inline kernel_map rbf_sampler::fit(features_view x) const {
    detail::check_kernel("rbf_sampler::fit", gamma, n_components, x);
    constexpr auto turn = 2 * std::numbers::pi;
    auto const draws = random_stream(random_state).split(purpose::features);
    detail::kernel_parts parts{gamma, matrix<double>(n_components, x.cols())};
    for (std::size_t k = 0; k < n_components; ++k) {
        auto const own = draws.split(k);
        parts.phases.push_back(turn * own.uniform(0));
        for (std::size_t j = 0; j < x.cols(); ++j) {
            // G. Box, M. Muller, "A Note on the Generation of Random Normal Deviates", 1958.
            auto const length = std::sqrt(-2 * log_of(1 - own.uniform(2 * j + 1)));
            auto const normal = length * std::cos(turn * own.uniform(2 * j + 2));
            parts.directions(k, j) = std::sqrt(2 * gamma) * normal;
        }
    }
    return kernel_map(std::move(parts));
}

inline kernel_map nystroem::fit(features_view x) const {
    constexpr std::string_view who = "nystroem::fit";
    detail::check_kernel(who, gamma, n_components, x);
    if (x.rows() < n_components) {
        throw invalid_input(detail::sentence(who, ": n_components is ", n_components, " but x has ",
                                             x.rows(), " rows"));
    }
    auto const draws = random_stream(random_state).split(purpose::rows);
    detail::kernel_parts parts{gamma, detail::drawn_landmarks(x, n_components, draws)};
    parts.whitening = detail::whitening_of(parts.directions, gamma);
    return kernel_map(std::move(parts));
}

template <backend B>
matrix<double> kernel_map::transform(features_view x, B const& backend) const {
    constexpr std::string_view who = "kernel_map::transform";
    detail::check_n_jobs(backend, who);
    check_columns(x, who);
    matrix<double> out(x.rows(), n_components());
    backend.enter([&] {
        detail::kernel_samples(x, parts_).visit(
            [&](auto const& rows) { detail::write_rows(backend.inherited(), rows, out); });
    });
    return out;
}

}  // namespace copse
