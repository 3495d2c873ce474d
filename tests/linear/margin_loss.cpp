// SPDX-License-Identifier: BSD-3-Clause
#include <copse/linear/margin_loss.hpp>
#include <copse/linear/value_loss.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace copse::detail;

TEST_CASE("slopes and curves are the derivatives of the loss") {
    auto const check = [](auto loss) {
        double const step = 1e-5;
        for (double const y : {-1.0, 1.0}) {
            for (double score = -4.03; score < 4; score += 0.25) {
                auto const at = loss(score, y);
                auto const after = loss(score + step, y);
                auto const before = loss(score - step, y);
                CHECK(at.slope == doctest::Approx((after.loss - before.loss) / (2 * step)));
                CHECK(at.curve == doctest::Approx((after.slope - before.slope) / (2 * step)));
            }
        }
    };
    check(logistic_loss{});
    check(squared_hinge_loss{});
    check(half_square_loss{});
    check(squared_epsilon_insensitive_loss{0.7});
    // Where there is no corner.
    check(hinge_loss{});
    check(epsilon_insensitive_loss{0.7});
}

TEST_CASE("errors up to epsilon cost nothing") {
    CHECK(epsilon_insensitive_loss{0.5}(1.25, 1.0).loss == 0);
    CHECK(epsilon_insensitive_loss{0.5}(1.25, 1.0).slope == 0);
    CHECK(epsilon_insensitive_loss{0.5}(2.0, 1.0).loss == 0.5);
    CHECK(epsilon_insensitive_loss{0.5}(0.0, 1.0).slope == -1);
    CHECK(squared_epsilon_insensitive_loss{0.5}(3.0, 1.0).loss == 2.25);
    CHECK(squared_epsilon_insensitive_loss{0.5}(-1.0, 1.0).slope == -3);
    CHECK(half_square_loss{}(3.0, 1.0).loss == 2);
}

TEST_CASE("the logistic loss is finite for every finite margin") {
    CHECK(logistic_loss{}(0.0, 1.0).loss == doctest::Approx(std::log(2.0)));
    CHECK(logistic_loss{}(0.0, 1.0).slope == -0.5);
    CHECK(logistic_loss{}(0.0, -1.0).curve == 0.25);
    auto const far = logistic_loss{}(-1e30f, 1.0f);
    CHECK(far.loss == 1e30f);
    CHECK(far.slope == -1);
    CHECK(far.curve == 0);
    CHECK(logistic_loss{}(1e30f, 1.0f).loss == 0);
}

TEST_CASE("a margin of 1 or more costs nothing") {
    CHECK(squared_hinge_loss{}(1.0, 1.0).loss == 0);
    CHECK(squared_hinge_loss{}(1.0, 1.0).curve == 0);
    CHECK(squared_hinge_loss{}(-1.0, 1.0).loss == 4);
    CHECK(squared_hinge_loss{}(-1.0, 1.0).slope == -4);
}
