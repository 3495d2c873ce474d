// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Sobol's sequence: points of the unit cube that fill it more evenly than random ones.
///
///     detail::sobol(5, 2)       the 6th point's third coordinate, in [0, 1)
///
/// I. Sobol, "On the distribution of points in a cube and the approximate evaluation of integrals",
/// USSR Comput. Math. Math. Phys. 7:86-112, 1967; direction numbers of S. Joe, F. Kuo,
/// "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput.
/// 30:2635-2654, 2008.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace copse::detail {

/// So many coordinates have direction numbers.
inline constexpr std::size_t sobol_dimensions = 21;

/// The direction numbers of one coordinate, in the upper bits.
[[nodiscard]] inline std::array<std::uint32_t, 32> sobol_directions(std::size_t dimension) {
    struct polynomial {
        unsigned degree;
        unsigned inner;  // its coefficients but the first and the last
        std::array<std::uint32_t, 7> start;
    };
    static constexpr std::array<polynomial, sobol_dimensions - 1> known{{
        {1, 0, {1}},
        {2, 1, {1, 3}},
        {3, 1, {1, 3, 1}},
        {3, 2, {1, 1, 1}},
        {4, 1, {1, 1, 3, 3}},
        {4, 4, {1, 3, 5, 13}},
        {5, 2, {1, 1, 5, 5, 17}},
        {5, 4, {1, 1, 5, 5, 5}},
        {5, 7, {1, 1, 7, 11, 19}},
        {5, 11, {1, 1, 5, 1, 1}},
        {5, 13, {1, 1, 1, 3, 11}},
        {5, 14, {1, 3, 5, 5, 31}},
        {6, 1, {1, 3, 3, 9, 7, 49}},
        {6, 13, {1, 1, 1, 15, 21, 21}},
        {6, 16, {1, 3, 1, 13, 27, 49}},
        {6, 19, {1, 1, 1, 15, 7, 5}},
        {6, 22, {1, 3, 1, 15, 13, 25}},
        {6, 25, {1, 1, 5, 5, 19, 61}},
        {7, 1, {1, 3, 7, 11, 23, 15, 103}},
        {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    }};
    std::array<std::uint32_t, 32> v{};
    if (dimension == 0) {
        for (unsigned i = 0; i < 32; ++i) v[i] = 1u << (31 - i);
        return v;
    }
    auto const& p = known[dimension - 1];
    auto const s = p.degree;
    for (unsigned i = 0; i < s; ++i) v[i] = p.start[i] << (31 - i);
    for (unsigned i = s; i < 32; ++i) {
        v[i] = v[i - s] ^ (v[i - s] >> s);
        for (unsigned k = 1; k < s; ++k) {
            if ((p.inner >> (s - 1 - k) & 1) != 0) v[i] ^= v[i - k];
        }
    }
    return v;
}

/// Coordinate `dimension` of point `index`, as 32 bits behind the point. Point 0 is the origin.
[[nodiscard]] inline std::uint32_t sobol_bits(std::uint32_t index, std::size_t dimension) {
    auto const v = sobol_directions(dimension);
    auto gray = index ^ (index >> 1);
    std::uint32_t out = 0;
    for (unsigned i = 0; gray != 0; ++i, gray >>= 1) out ^= (gray & 1) != 0 ? v[i] : 0;
    return out;
}

[[nodiscard]] inline double sobol(std::uint32_t index, std::size_t dimension) {
    return sobol_bits(index, dimension) * 0x1p-32;
}

}  // namespace copse::detail
