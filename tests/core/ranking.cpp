// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/ranking.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using namespace copse::detail;

TEST_CASE("gains double with relevance and discounts fall with rank") {
    CHECK(relevance_gain(0) == 0);
    CHECK(relevance_gain(3) == 7);
    CHECK(relevance_gain(31) == 2147483647.0);
    CHECK(rank_discount(0) == 1);
    for (std::size_t const rank : {2u, 100u, 1023u, 1024u, 5000u}) {
        CHECK(rank_discount(rank) ==
              doctest::Approx(1 / std::log2(static_cast<double>(rank + 2))).epsilon(1e-15));
    }
}

TEST_CASE("ranking_by keeps the order of equal scores") {
    CHECK(ranking_by(std::vector<double>{1, 3, 2, 3, 1}) ==
          std::vector<std::uint32_t>{1, 3, 2, 0, 4});
    CHECK(ranking_by(std::vector<double>{}).empty());
}

TEST_CASE("dcg_at by hand") {
    std::vector<double> const gain{1, 7, 3};
    double const second = rank_discount(1);
    double const third = rank_discount(2);
    CHECK(dcg_at(3, gain, std::vector<double>{3, 2, 1}) == 1 + 7 * second + 3 * third);
    CHECK(dcg_at(2, gain, std::vector<double>{3, 2, 1}) == 1 + 7 * second);
    CHECK(greatest_dcg_at(2, gain) == 7 + 3 * second);
    // One of 7 and 3, as likely either, is at each of the last two ranks; the third is cut off.
    CHECK(dcg_at(2, gain, std::vector<double>{3, 2, 2}) == 1 + 5 * second);
    CHECK(dcg_at(9, gain, std::vector<double>{2, 2, 2}) ==
          doctest::Approx(11.0 / 3 * (1 + second + third)).epsilon(1e-15));
}
