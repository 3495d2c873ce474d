// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Small data sets made by arithmetic, the same everywhere.
///
///     auto const [x, y] = labelled_grid(300, 5, 1);

#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/random.hpp>
#include <copse/data/csr.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace copse::test {

inline constexpr float missing = std::numeric_limits<float>::quiet_NaN();
inline constexpr float infinity = std::numeric_limits<float>::infinity();

struct labelled {
    matrix<float> x;
    std::vector<int> y;
};

struct valued {
    matrix<float> x;
    std::vector<double> y;
};

/// (n, d) whole numbers in [0, levels).
[[nodiscard]] inline matrix<float> grid(std::size_t n, std::size_t d, std::uint64_t seed,
                                        std::uint32_t levels = 10) {
    matrix<float> x(n, d);
    random_stream const draws(seed);
    for (std::size_t i = 0; i < n * d; ++i)
        x.data()[i] = static_cast<float>(draws.below(levels, i));
    return x;
}

/// A target that depends on the first three columns (those there are), and on noise: a multiple
/// of 1/4 in [0, 50).
[[nodiscard]] inline std::vector<double> targets_of(matrix<float> const& x, std::uint64_t seed) {
    auto const noise = random_stream(seed).split(1);
    std::vector<double> y(x.rows());
    for (std::size_t i = 0; i < y.size(); ++i) {
        auto const at = [&](std::size_t j) { return static_cast<double>(x(i, j % x.cols())); };
        y[i] = at(0) + (at(1) > 4 ? 10.0 : 0.0) + (at(0) > 6 ? 2 * at(2) : 0.0) +
               0.25 * noise.below(16, i);
    }
    return y;
}

[[nodiscard]] inline valued valued_grid(std::size_t n, std::size_t d, std::uint64_t seed) {
    valued out{grid(n, d, seed), {}};
    out.y = targets_of(out.x, seed);
    return out;
}

/// Labels -1, 5 and 7.
[[nodiscard]] inline labelled labelled_grid(std::size_t n, std::size_t d, std::uint64_t seed) {
    auto const [x, values] = valued_grid(n, d, seed);
    labelled out{x, {}};
    for (auto const v : values) out.y.push_back(v < 8 ? 5 : v < 16 ? -1 : 7);
    return out;
}

/// (n, d) numbers that hardly ever repeat, in [0, 1).
[[nodiscard]] inline matrix<float> uniform(std::size_t n, std::size_t d, std::uint64_t seed) {
    matrix<float> x(n, d);
    random_stream const draws(seed);
    for (std::size_t i = 0; i < n * d; ++i) x.data()[i] = static_cast<float>(draws.uniform(i));
    return x;
}

/// The elements of x that are not 0.
[[nodiscard]] inline csr_matrix sparse(matrix<float> const& x) {
    std::vector<std::size_t> offsets{0};
    std::vector<std::uint32_t> indices;
    std::vector<float> values;
    for (std::size_t i = 0; i < x.rows(); ++i) {
        for (std::size_t j = 0; j < x.cols(); ++j) {
            if (x(i, j) == 0) continue;
            indices.push_back(static_cast<std::uint32_t>(j));
            values.push_back(x(i, j));
        }
        offsets.push_back(indices.size());
    }
    return {offsets, indices, values, x.cols()};
}

/// The rows of x, or the elements of y, that `rows` names, in that order.
template <class T>
[[nodiscard]] matrix<T> rows_of(matrix<T> const& x, std::vector<std::size_t> const& rows) {
    matrix<T> out(rows.size(), x.cols());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < x.cols(); ++j) out(i, j) = x(rows[i], j);
    }
    return out;
}
template <class T>
[[nodiscard]] std::vector<T> rows_of(std::vector<T> const& y,
                                     std::vector<std::size_t> const& rows) {
    std::vector<T> out;
    for (auto const i : rows) out.push_back(y[i]);
    return out;
}

/// 0, ..., n - 1 in a random order.
[[nodiscard]] inline std::vector<std::size_t> shuffled(std::size_t n, std::uint64_t seed) {
    std::vector<std::size_t> rows(n);
    for (std::size_t i = 0; i < n; ++i) rows[i] = i;
    random_stream const draws(seed);
    for (auto i = n; i > 1; --i)
        std::swap(rows[i - 1], rows[draws.below(static_cast<std::uint32_t>(i), i)]);
    return rows;
}

}  // namespace copse::test
