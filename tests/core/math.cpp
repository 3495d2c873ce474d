// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/math.hpp>
#include <copse/core/random.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

using namespace copse;

namespace {

/// How many doubles lie between a and b, both of one sign or zero.
std::int64_t ulps(double a, double b) {
    return std::abs(std::bit_cast<std::int64_t>(a) - std::bit_cast<std::int64_t>(b));
}

}  // namespace

TEST_CASE("log_of is within two units in the last place of the logarithm") {
    random_stream const draws(1);
    std::int64_t worst = 0;
    for (std::uint64_t i = 0; i < 200000; ++i) {
        // Every exponent of a normal number, any mantissa.
        auto const exponent = 1 + draws.below(2046, 2 * i);
        auto const mantissa = draws.bits(2 * i + 1) >> 12;
        auto const x = std::bit_cast<double>(std::uint64_t{exponent} << 52 | mantissa);
        worst = std::max(worst, ulps(log_of(x), std::log(x)));
    }
    for (std::uint64_t i = 0; i < 200000; ++i) {
        auto const x = 0.5 + draws.uniform(i + 1000000);  // where the logarithm is near 0
        worst = std::max(worst, ulps(log_of(x), std::log(x)));
    }
    for (std::uint64_t i = 1; i < 100000; ++i) {
        worst =
            std::max(worst, ulps(log_of(static_cast<double>(i)), std::log(static_cast<double>(i))));
    }
    CHECK(worst <= 2);
}

TEST_CASE("log_of is exact where the logarithm is") {
    CHECK(log_of(1.0) == 0);
    CHECK(log_of(2.0) == std::log(2.0));
    CHECK(log_of(std::numeric_limits<double>::min()) ==
          doctest::Approx(std::log(std::numeric_limits<double>::min())).epsilon(1e-15));
    CHECK(log_of(std::numeric_limits<double>::max()) ==
          doctest::Approx(std::log(std::numeric_limits<double>::max())).epsilon(1e-15));
}

TEST_CASE("exact_product rounds before it is added to") {
    // (1 + e)(1 - e) = 1 - e^2 rounds to 1; fused with the subtraction of 1 it would leave -e^2.
    double volatile e = 0x1p-30;
    double volatile one = 1;
    CHECK(exact_product(one + e, one - e) - one == 0);
    CHECK(std::fma(one + e, one - e, -one) == -0x1p-60);
    CHECK(exact_product(3, 4) == 12);
}
