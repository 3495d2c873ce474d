// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Arithmetic whose result is the same bit for bit on every compiler, instruction set and device:
/// products that are never fused into an addition, and an exponential and logarithm that are not
/// the platform's.
///
///     score = exact_product(a, log_of(b)) + exact_product(c, log_of(d));

#include <copse/core/config.hpp>

#include <cmath>
#include <cstdint>

namespace copse {

/// The bits of `value` as a To: std::bit_cast, which is no device function.
template <class To, class From>
[[nodiscard]] COPSE_FN constexpr To bits_as(From value) noexcept {
    return __builtin_bit_cast(To, value);
}

/// std::min, std::max and std::clamp, which are no device functions. Of equals the first.
template <class T>
[[nodiscard]] COPSE_FN constexpr T least(T a, T b) noexcept {
    return b < a ? b : a;
}
template <class T>
[[nodiscard]] COPSE_FN constexpr T greatest(T a, T b) noexcept {
    return a < b ? b : a;
}
template <class T>
[[nodiscard]] COPSE_FN constexpr T clamped(T x, T low, T high) noexcept {
    return x < low ? low : high < x ? high : x;
}

/// a * b, rounded. A compiler may turn x * y + z into one fused operation, which rounds once; code
/// whose result must not depend on that choice multiplies with this.
[[nodiscard]] COPSE_FN inline double exact_product(double a, double b) noexcept {
#if defined(__CUDA_ARCH__)
    return __dmul_rn(a, b);
#else
    double product = a * b;
    // Without a fused instruction there is nothing to guard, and loops stay open to vectorisation:
    // exp_of takes 2.4 ns instead of 4.
#if defined(__x86_64__) && !defined(__FMA__) && !defined(__FMA4__)
#elif (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
    __asm__("" : "+x"(product));
#elif (defined(__GNUC__) || defined(__clang__)) && defined(__aarch64__)
    __asm__("" : "+w"(product));
#endif
    return product;
#endif
}

/// The natural logarithm of a positive, finite, normal x, within 2 units in the last place.
///
/// x = 2^k m with m in [sqrt(1/2), sqrt(2)); ln m = 2 atanh(s), s = (m - 1) / (m + 1), by its odd
/// series to s^21, which |s| <= 0.1716 brings below 2^-58.
[[nodiscard]] COPSE_FN inline double log_of(double x) noexcept {
    constexpr double ln2_high = 0x1.62e42fee00000p-1;  // k * ln2_high is exact for |k| < 2^11
    constexpr double ln2_low = 0x1.a39ef35793c76p-33;
    auto const bits = bits_as<std::uint64_t>(x);
    auto k = static_cast<int>((bits >> 52) & 0x7ff) - 1023;
    double m = bits_as<double>((bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        ++k;
    }
    double const s = (m - 1.0) / (m + 1.0);
    double const z = exact_product(s, s);
    double series = 1.0 / 21.0;
    for (int n = 19; n >= 3; n -= 2) series = exact_product(series, z) + 1.0 / n;
    double const tail = exact_product(exact_product(series, z), 2.0 * s);
    return exact_product(k, ln2_high) + (2.0 * s + (tail + exact_product(k, ln2_low)));
}

/// log(1 + x) for x >= 0, within 4 units in the last place also where x is small.
///
/// Source  W. Kahan's correction: log(u) / (u - 1) changes so slowly near 1 that the rounding of
///         u = 1 + x cancels. HP-15C Advanced Functions Handbook, 1982, appendix.
[[nodiscard]] COPSE_FN inline double log1p_of(double x) noexcept {
    double const u = 1.0 + x;
    return u == 1.0 ? x : exact_product(log_of(u), x / (u - 1.0));
}

/// e to the power x, within 1 unit in the last place where the result is normal: 0 from -746
/// down, infinity from 709.8 up, NaN of NaN.
///
/// x = k ln 2 + r with |r| <= ln 2 / 2; e^r = 1 + r + r c / (2 - c), c = r - r^2 P(r^2) with P of
/// degree 4; then two multiplications by powers of two, since 2^k alone can overflow.
/// Cost    no branches and no tables, so loops over it vectorise: 2.4 ns in SSE2, 1.3 in AVX2, 4 as
///         long as products are guarded one by one.
/// Source  fdlibm, e_exp.c (Sun Microsystems, 1993), whose coefficients these are.
[[nodiscard]] COPSE_FN inline double exp_of(double x) noexcept {
    constexpr double ln2_high = 0x1.62e42fee00000p-1;
    constexpr double ln2_low = 0x1.a39ef35793c76p-33;
    constexpr double log2_e = 1.4426950408889634;
    constexpr double whole = 0x1.8p52;  // x + whole has the nearest integer to x in its low bits
    double const inside = std::fabs(x) > 750.0 ? std::copysign(750.0, x) : x;  // NaN stays
    auto const k =
        static_cast<std::int32_t>(bits_as<std::uint64_t>(exact_product(inside, log2_e) + whole));
    double const high = inside - exact_product(k, ln2_high);
    double const low = exact_product(k, ln2_low);
    double const r = high - low;
    double const z = exact_product(r, r);
    double p = exact_product(z, 4.13813679705723846039e-08) - 1.65339022054652515390e-06;
    p = exact_product(z, p) + 6.61375632143793436117e-05;
    p = exact_product(z, p) - 2.77777777770155933842e-03;
    p = exact_product(z, p) + 1.66666666666666019037e-01;
    double const c = r - exact_product(z, p);
    double const scaled = 1.0 - ((low - r * c / (2.0 - c)) - high);
    auto const exponents = static_cast<std::uint32_t>(k) + 2 * 1023;
    auto const first = bits_as<double>(std::uint64_t{exponents / 2} << 52);
    auto const second = bits_as<double>(std::uint64_t{exponents - exponents / 2} << 52);
    return exact_product(exact_product(scaled, first), second);
}

}  // namespace copse
