// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/random.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

using copse::purpose;
using copse::random_stream;

// The stream of key k is the generator splitmix64 started at k: the values are those of
// S. Vigna's splitmix64.c, which other projects publish for these two seeds.
TEST_CASE("a stream's bits are splitmix64's") {
    auto const zero = random_stream::from_key(0);
    CHECK(zero.bits(0) == 0xe220a8397b1dcdafu);
    CHECK(zero.bits(1) == 0x6e789e6aa1b965f4u);
    CHECK(zero.bits(2) == 0x06c45d188009454fu);
    auto const other = random_stream::from_key(1234567);
    CHECK(other.bits(0) == 6457827717110365317u);
    CHECK(other.bits(1) == 3203168211198807973u);
    CHECK(other.bits(2) == 9817491932198370423u);
}

TEST_CASE("streams never change: models that were saved would no longer be reproduced") {
    CHECK(random_stream(7).key() == 1346066267577507604u);
    CHECK(random_stream(7).split(3).bits(5) == 3826446861142430276u);
    CHECK(random_stream(7).split(purpose::bootstrap).below(1000, 5) == 364u);
}

TEST_CASE("a number does not depend on what was drawn before it") {
    random_stream const draws(42);
    std::vector<std::uint64_t> forwards;
    for (std::uint64_t i = 0; i < 100; ++i) forwards.push_back(draws.bits(i));
    for (std::uint64_t i = 100; i-- > 0;) CHECK(draws.bits(i) == forwards[i]);
}

TEST_CASE("a stream is rebuilt from its key") {
    auto const draws = random_stream(5).split(purpose::features).split(9);
    CHECK(random_stream::from_key(draws.key()).bits(17) == draws.bits(17));
}

TEST_CASE("streams of other seeds, indices and purposes share no number") {
    std::set<std::uint64_t> seen;
    std::size_t n_drawn = 0;
    auto const draw = [&](random_stream const& stream) {
        for (std::uint64_t i = 0; i < 50; ++i, ++n_drawn) seen.insert(stream.bits(i));
    };
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        random_stream const root(seed);
        draw(root);
        for (std::uint64_t index = 0; index < 20; ++index) draw(root.split(index));
        for (auto const use : {purpose::bootstrap, purpose::features, purpose::thresholds,
                               purpose::permutation, purpose::rows, purpose::split}) {
            draw(root.split(use));
        }
    }
    CHECK(seen.size() == n_drawn);
}

TEST_CASE("the order of splits matters") {
    CHECK(random_stream(1).split(2).split(3).key() != random_stream(1).split(3).split(2).key());
}

TEST_CASE("below(n) is in [0, n) and below(1) is 0") {
    random_stream const draws(3);
    for (std::uint32_t const n : {1u, 2u, 3u, 10u, 1000u, 4294967295u}) {
        for (std::uint64_t i = 0; i < 1000; ++i) CHECK(draws.below(n, i) < n);
    }
}

// Chi-squared with 9 degrees of freedom stays below 27.9 with probability 0.999.
TEST_CASE("below is uniform within and across streams") {
    constexpr std::uint32_t n_values = 10;
    constexpr std::uint64_t n_draws = 100000;
    auto const chi_squared = [&](auto const& draw) {
        std::vector<double> counts(n_values);
        for (std::uint64_t i = 0; i < n_draws; ++i) ++counts[draw(i)];
        constexpr double expected = static_cast<double>(n_draws) / n_values;
        double sum = 0;
        for (auto const count : counts) sum += (count - expected) * (count - expected) / expected;
        return sum;
    };
    random_stream const draws(11);
    CHECK(chi_squared([&](std::uint64_t i) { return draws.below(n_values, i); }) < 27.9);
    CHECK(chi_squared([&](std::uint64_t i) { return draws.split(i).below(n_values, 0); }) < 27.9);
    CHECK(chi_squared([&](std::uint64_t i) { return random_stream(i).below(n_values, 0); }) < 27.9);
}

TEST_CASE("uniform has mean 1/2 and variance 1/12 in [0, 1)") {
    random_stream const draws(13);
    constexpr std::uint64_t n = 100000;
    double sum = 0;
    double squares = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
        auto const u = draws.uniform(i);
        REQUIRE(u >= 0);
        REQUIRE(u < 1);
        sum += u;
        squares += u * u;
    }
    auto const mean = sum / n;
    CHECK(std::abs(mean - 0.5) < 0.004);  // four standard errors
    CHECK(std::abs(squares / n - mean * mean - 1.0 / 12) < 0.001);
}

TEST_CASE("draws are constant expressions") {
    static_assert(random_stream(1).split(2).uniform(3) < 1);
    static_assert(random_stream(1).below(10, 3) < 10);
}
