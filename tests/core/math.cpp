// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/math.hpp>
#include <copse/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
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

TEST_CASE("exp_of is within a unit in the last place of the exponential") {
    random_stream const draws(2);
    std::int64_t worst = 0;
    for (std::uint64_t i = 0; i < 300000; ++i) {
        double const width = i % 3 == 0 ? 1416 : (i % 3 == 1 ? 40 : 1);  // whatever is normal
        double const x = (draws.uniform(i) - 0.5) * width;
        worst = std::max(worst, ulps(exp_of(x), std::exp(x)));
    }
    CHECK(worst <= 1);
}

TEST_CASE("exp_of does not fall where its argument rises") {
    double before = 0;
    for (double x = -760; x < 720; x += 0x1p-8) {
        CHECK(exp_of(x) >= before);
        before = exp_of(x);
    }
    for (double x = 0.34; x < 0.36; x += 0x1p-20) CHECK(exp_of(x) < exp_of(x + 0x1p-20));
}

TEST_CASE("exp_of ends in 0, infinity and NaN") {
    double const infinity = std::numeric_limits<double>::infinity();
    CHECK(exp_of(0.0) == 1);
    CHECK(exp_of(-0.0) == 1);
    CHECK(exp_of(0x1p-60) == 1);
    CHECK(exp_of(-745.0) == std::numeric_limits<double>::denorm_min());
    CHECK(exp_of(709.7) == doctest::Approx(std::exp(709.7)).epsilon(1e-15));
    for (double const x : {-746.0, -1e4, -1e300, -infinity}) CHECK(exp_of(x) == 0);
    for (double const x : {710.0, 1e4, 1e300, infinity}) CHECK(exp_of(x) == infinity);
    CHECK(std::isnan(exp_of(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("log1p_of keeps small arguments") {
    random_stream const draws(3);
    std::int64_t worst = 0;
    for (std::uint64_t i = 0; i < 200000; ++i) {
        double const x = exp_of((draws.uniform(i) - 0.5) * 100);
        worst = std::max(worst, ulps(log1p_of(x), std::log1p(x)));
    }
    CHECK(worst <= 4);
    CHECK(log1p_of(0) == 0);
    CHECK(log1p_of(1e-300) == 1e-300);
}

TEST_CASE("exact_product rounds before it is added to") {
    // (1 + e)(1 - e) = 1 - e^2 rounds to 1; fused with the subtraction of 1 it would leave -e^2.
    double volatile e = 0x1p-30;
    double volatile one = 1;
    CHECK(exact_product(one + e, one - e) - one == 0);
    CHECK(std::fma(one + e, one - e, -one) == -0x1p-60);
    CHECK(exact_product(3, 4) == 12);
}
