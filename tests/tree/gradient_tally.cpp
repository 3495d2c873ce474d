// SPDX-License-Identifier: BSD-3-Clause
// Leaves and scores by hand. Gradients sum to G, Hessians to H; T(G) is G less l1, towards 0.
#include <copse/tree/gradient_tally.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace copse;
using namespace copse::detail;

namespace {

constexpr value_bounds free_value{};

double value_of(gradient_rules const& rules, gradient_total const& t, double parent = 0,
                value_bounds bounds = free_value) {
    return leaf_formula(rules, {}).value(t, parent, bounds);
}

}  // namespace

TEST_CASE("by hand: a leaf is -T(G) / (H + l2), and its score T(G)^2 / (H + l2)") {
    gradient_total const t{-6, 3, 4};
    CHECK(value_of({}, t) == 2);                                      // 6 / 3
    CHECK(value_of({.l2 = 1}, t) == 1.5);                             // 6 / 4
    CHECK(value_of({.l1 = 2, .l2 = 1}, t) == 1);                      // (6 - 2) / 4
    CHECK(value_of({.l1 = 6}, t) == 0);                               // nothing is left of 6
    CHECK(value_of({.l1 = 2}, {5, 3, 4}) == -1);                      // -(5 - 2) / 3
    CHECK(value_of({}, {5, 0, 4}) == 0);                              // no curvature, no step
    CHECK(leaf_formula({}, {}).plain_score(t) == 12);                 // 36 / 3
    CHECK(leaf_formula({.l1 = 2, .l2 = 1}, {}).plain_score(t) == 4);  // 16 / 4
    CHECK(leaf_formula({}, {}).plain_score({5, 0, 4}) == 0);
}

TEST_CASE("by hand: max_delta_step, path smoothing and bounds, in this order") {
    gradient_total const t{-6, 3, 4};
    CHECK(value_of({.max_delta_step = 0.5}, t) == 0.5);
    CHECK(value_of({.max_delta_step = 0.5}, {6, 3, 4}) == -0.5);
    // 4 rows and path_smooth 12: a quarter of 2 and three quarters of the parent's 1.
    CHECK(value_of({.path_smooth = 12}, t, 1) == 1.25);
    // The step is cut before it is smoothed: a quarter of 1, three quarters of 4.
    CHECK(value_of({.max_delta_step = 1, .path_smooth = 12}, t, 4) == 3.25);
    CHECK(value_of({.path_smooth = 12}, t, 1, {-1, 1.2}) == 1.2);
    CHECK(value_of({}, t, 0, {2.5, 3}) == 2.5);
}

TEST_CASE("by hand: the score of a value that is not free to be the best") {
    // -(2 G w + H w^2) with G = -6, H = 3: w = 2 gives 12, w = 0.5 gives 6 - 0.75.
    leaf_formula const formula({}, {});
    CHECK(formula.score_of_value({-6, 3, 4}, 2) == 12);
    CHECK(formula.score_of_value({-6, 3, 4}, 0.5) == 5.25);
    CHECK(formula.score_of_value({-6, 3, 4}, -1) == -15);
}

TEST_CASE("rules are in the loss's units, whatever the integers' units") {
    gradient_units units;
    units.gradient = 0.25;
    units.hessian = 0.5;
    units.per_gradient = 4;
    units.per_hessian = 2;
    // G = -6 and H = 3 in these units; l1 = 2, l2 = 1: the leaf is (6 - 2) / (3 + 1).
    gradient_total const t{-24, 6, 4};
    leaf_formula const formula({.l1 = 2, .l2 = 1}, units);
    CHECK(formula.restored(formula.value(t, 0, free_value)) == 1);
    CHECK(formula.plain_score(t) * units.score() == 4);
    leaf_formula const stepped({.max_delta_step = 0.125}, units);
    CHECK(stepped.restored(stepped.value(t, 0, free_value)) == 0.125);
}

TEST_CASE(
    "by hand: a tally scores both sides, and orders categories by smoothed gradient over Hessian") {
    gradient_tally<unit_gradient_sums> tally({.category_smooth = 1}, false, 4);
    gradient_units units;
    units.count_bits = 8;
    tally.start(units);
    auto const bin = [](int g, int n) { return std::int64_t{g} * 256 + n; };
    std::vector<std::int64_t> const bins{bin(2, 1), 0, bin(-9, 3), bin(4, 1)};
    tally.enter(bins[0] + bins[2] + bins[3], 0, free_value);  // G = -3, H = 5
    CHECK(tally.weight() == 5);
    CHECK(tally.own_value() == 0.6);
    CHECK(tally.own_score() == 1.8);
    tally.fill(view<std::int64_t const>(bins.data(), bins.size()));
    REQUIRE(tally.occupied().size() == 3);
    CHECK(tally.occupied()[1] == 2);
    CHECK(tally.rows_in(2) == 3);
    // A Hessian of category_smooth = 1 has the node's mean, -3 / 5.
    CHECK(tally.order_key(2, 0) == doctest::Approx((-9 - 0.6) / (3 + 1)));
    CHECK(tally.order_key(0, 0) == doctest::Approx((2 - 0.6) / (1 + 1)));
    tally.start();
    tally.take(0);
    tally.take(2);
    CHECK(tally.left_weight() == 4);
    CHECK(tally.left_value() == 1.75);  // 7 / 4
    CHECK(tally.right_value() == -4);   // -4 / 1
    CHECK(tally.score() == 49.0 / 4 + 16);
}
