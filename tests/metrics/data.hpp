// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What the metric tests share: scikit-learn's numbers, and rows repeated and shuffled.

#include <doctest/doctest.h>

#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace reference {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
#include "reference.inc"

}  // namespace reference

namespace test {

inline doctest::Approx near(double x) { return doctest::Approx(x).epsilon(1e-13); }

inline void check_near(std::vector<double> const& found, std::vector<double> const& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == near(expected[i]));
}

/// The weights 1, 2, 0, 1, 2, 0, ...
inline std::vector<double> one_two_none(std::size_t n) {
    std::vector<double> w(n);
    for (std::size_t i = 0; i < n; ++i) w[i] = static_cast<double>((i + 1) % 3);
    return w;
}

/// Each row of `width` elements as often as those weights say.
template <class T>
std::vector<T> repeated(std::vector<T> const& rows, std::size_t width = 1) {
    std::vector<T> out;
    for (std::size_t i = 0; i < rows.size() / width; ++i) {
        for (std::size_t copy = 0; copy < (i + 1) % 3; ++copy) {
            auto const first = rows.begin() + static_cast<std::ptrdiff_t>(i * width);
            out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(width));
        }
    }
    return out;
}

/// The rows in another order, the same one for each column of 60.
template <class T>
std::vector<T> shuffled(std::vector<T> const& rows, std::size_t width = 1) {
    std::vector<T> out;
    auto const n = rows.size() / width;
    for (std::size_t i = 0; i < n; ++i) {
        auto const from = (i * 37 + 11) % n;  // 37 and 60 share no factor
        for (std::size_t k = 0; k < width; ++k) out.push_back(rows[from * width + k]);
    }
    return out;
}

}  // namespace test
