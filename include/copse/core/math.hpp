// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Arithmetic whose result is the same bit for bit on every compiler, instruction set and device:
/// products that are never fused into an addition, and a logarithm that is not the platform's.
///
///     score = exact_product(a, log_of(b)) + exact_product(c, log_of(d));

#include <copse/core/config.hpp>

#include <cstdint>

namespace copse {

/// The bits of `value` as a To: std::bit_cast, which is no device function.
template <class To, class From>
[[nodiscard]] COPSE_FN constexpr To bits_as(From value) noexcept {
    return __builtin_bit_cast(To, value);
}

/// a * b, rounded. A compiler may turn x * y + z into one fused operation, which rounds once; code
/// whose result must not depend on that choice multiplies with this.
[[nodiscard]] COPSE_FN inline double exact_product(double a, double b) noexcept {
#if defined(__CUDA_ARCH__)
    return __dmul_rn(a, b);
#else
    double product = a * b;
#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
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

}  // namespace copse
