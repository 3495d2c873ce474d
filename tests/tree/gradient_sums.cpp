// SPDX-License-Identifier: BSD-3-Clause
#include "support/samples.hpp"

#include <copse/tree/gradient_sums.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>

using namespace copse;
using namespace copse::detail;

namespace {

/// The sum of n equal cells, by doubling.
template <class Sums>
typename Sums::cell times(std::uint64_t n, typename Sums::cell power) {
    typename Sums::cell sum{};
    for (; n > 0; n /= 2) {
        if (n % 2 == 1) Sums::add(sum, power);
        if (n > 1) Sums::add(power, typename Sums::cell(power));
    }
    return sum;
}

template <class Sums>
typename Sums::item item_of(double g, double h, gradient_units const& units) {
    auto i = Sums::unquantised(0, g, h);
    Sums::quantise(i, units);
    return i;
}

/// n rows with the greatest derivatives there are, of either sign: the sums are exact.
template <class Sums>
void check_bounds(std::uint64_t n, double most_g, double most_h) {
    CAPTURE(n);
    CAPTURE(most_g);
    CAPTURE(most_h);
    auto const units = Sums::units_for(n, most_g, most_h);
    for (double const g : {most_g, -most_g}) {
        auto const i = item_of<Sums>(g, most_h, units);
        auto const total =
            Sums::total_of(times<Sums>(n, Sums::cell_of(i, units.count_bits)), units.count_bits);
        CHECK(total.count == n);
        CHECK(total.gradient == static_cast<std::int64_t>(n) * i.gradient);
        if constexpr (Sums::unit_hessian) {
            CHECK(total.hessian == n);
        } else {
            CHECK(total.hessian == n * i.hessian);
        }
    }
}

}  // namespace

TEST_CASE("sums of the most rows with the greatest derivatives do not overflow") {
    for (std::uint64_t const n : {1ull, 2ull, 3ull, 1000ull, 65535ull, 65536ull, 1ull << 20,
                                  (1ull << 24) - 1, (1ull << 29) + 1, 1ull << 30}) {
        // Powers of two meet the bound; what is next to them rounds up to it.
        for (double const most : {1.0, 0.999999999999, 1.000000001, 3e-300, 1e30, 7.0, 0.0}) {
            check_bounds<gradient_sums>(n, most, 0.25);
            check_bounds<gradient_sums>(n, 1, most);
            check_bounds<unit_gradient_sums>(n, most, 1);
        }
    }
}

TEST_CASE("an integer is the nearest to its derivative") {
    CHECK(nearest(0.5) == 0);
    CHECK(nearest(1.5) == 2);
    CHECK(nearest(2.5) == 2);
    CHECK(nearest(-0.5) == 0);
    CHECK(nearest(-1.5) == -2);
    CHECK(nearest(-1.75) == -2);
    CHECK(nearest(0x1p50 + 0.25) == std::int64_t{1} << 50);
    auto const draws = random_stream(3);
    auto const units = gradient_sums::units_for(1000, 5.7, 0.25);
    for (std::uint64_t k = 0; k < 1000; ++k) {
        // What a float holds is the derivative.
        auto const g = static_cast<double>(static_cast<float>(11.4 * draws.uniform(2 * k) - 5.7));
        auto const h = static_cast<double>(static_cast<float>(0.25 * draws.uniform(2 * k + 1)));
        auto const i = item_of<gradient_sums>(g, h, units);
        CHECK(std::abs(i.gradient * units.gradient - g) <= units.gradient / 2);
        CHECK(std::abs(i.hessian * units.hessian - h) <= units.hessian / 2);
    }
}

TEST_CASE("units are powers of two that use the bits there are, and no more") {
    for (double const most : {1.0, 1.5, 0.1, 1e-30, 1e30}) {
        for (int const bits : {2, 16, 30}) {
            auto const unit = gradient_units::unit_of(most, bits);
            int exponent = 0;
            CHECK(std::frexp(unit, &exponent) == 0.5);
            CHECK(most / unit <= std::ldexp(1.0, bits));
            CHECK(most / unit > std::ldexp(1.0, bits - 1));
        }
    }
    CHECK(gradient_units::unit_of(0, 30) == 1);
}

TEST_CASE("a million rows keep 24 bits of Hessians and 23 of unit losses' gradients") {
    CHECK(gradient_sums::units_for(1000000, 1, 1).hessian == 0x1p-24);
    CHECK(gradient_sums::units_for(1000000, 1, 1).gradient == 0x1p-30);
    CHECK(unit_gradient_sums::units_for(1000000, 1, 1).gradient == 0x1p-23);
}

TEST_CASE("a part taken from a sum leaves the rest, exactly") {
    auto const check = []<class Sums>(Sums) {
        auto const units = Sums::units_for(300, 2, 1);
        typename Sums::cell whole{};
        typename Sums::cell part{};
        typename Sums::cell rest{};
        random_stream const draws(5);
        for (std::uint64_t k = 0; k < 300; ++k) {
            auto const more = Sums::cell_of(
                item_of<Sums>(4 * draws.uniform(2 * k) - 2, draws.uniform(2 * k + 1), units),
                units.count_bits);
            Sums::add(whole, more);
            Sums::add(k % 3 == 0 ? part : rest, more);
        }
        Sums::subtract(whole, part);
        CHECK(std::memcmp(&whole, &rest, sizeof whole) == 0);
        Sums::subtract(whole, rest);
        CHECK(Sums::empty(whole));
        CHECK(!Sums::empty(rest));
    };
    check(gradient_sums{});
    check(unit_gradient_sums{});
}
