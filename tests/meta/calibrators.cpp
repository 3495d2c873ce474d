// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/matrix.hpp>
#include <copse/meta/calibrators.hpp>

#include "calibration_reference.inc"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace copse;
namespace ref = calibration_reference;

namespace {

features_view three_columns(std::vector<double> const& values) {
    return features_view(values.data(), values.size() / 3, 3);
}

}  // namespace

TEST_CASE("Platt's sigmoid is scikit-learn's") {
    auto const same = [](sigmoid_curve curve, std::vector<double> const& expected) {
        CHECK(curve.a == doctest::Approx(expected[0]).epsilon(1e-4));
        CHECK(curve.b == doctest::Approx(expected[1]).epsilon(1e-4));
    };
    same(fit_sigmoid(ref::scores, ref::positive), ref::sigmoid);
    same(fit_sigmoid(ref::scores, ref::positive, ref::weights), ref::sigmoid_w);
    auto far = ref::scores;
    for (auto& s : far) s *= 40;
    same(fit_sigmoid(far, ref::positive), ref::sigmoid_far);
    same(fit_sigmoid(far, ref::positive, ref::weights), ref::sigmoid_far_w);
}

TEST_CASE("scores that say nothing get the share of positive rows, drawn to the middle") {
    // Targets are 4/5 for three rows and 1/3 for one: their mean is (12/5 + 1/3) / 4.
    auto const curve = fit_sigmoid(std::vector<double>{2, 2, 2, 2}, std::vector<int>{1, 0, 1, 1});
    CHECK(curve(2) == doctest::Approx((12.0 / 5 + 1.0 / 3) / 4));
    auto const of_zeros = fit_sigmoid(std::vector<double>{0, 0}, std::vector<int>{1, 0});
    CHECK(of_zeros(0) == doctest::Approx(0.5));
}

TEST_CASE("separable scores get the targets of Platt, not certainty") {
    auto const curve =
        fit_sigmoid(std::vector<double>{-1, -1, 1, 1, 1}, std::vector<int>{0, 0, 1, 1, 1});
    CHECK(curve(1) == doctest::Approx(4.0 / 5));
    CHECK(curve(-1) == doctest::Approx(1.0 / 4));
    CHECK(curve.a < 0);
}

TEST_CASE("the isotonic curve is scikit-learn's") {
    auto const same = [](isotonic_curve const& curve, std::vector<double> const& expected) {
        for (std::size_t i = 0; i < expected.size(); ++i)
            CHECK(curve(-4 + 0.25 * static_cast<double>(i)) ==
                  doctest::Approx(expected[i]).epsilon(1e-9));
    };
    same(fit_isotonic(ref::scores, ref::positive), ref::isotonic);
    same(fit_isotonic(ref::scores, ref::positive, ref::weights), ref::isotonic_w);
}

TEST_CASE("neighbours in the wrong order are pooled, by hand") {
    // 1, then 0 and 0 pool to 1/3; equal scores 4 are one point of mean 1/2; 5 is 1.
    auto const curve =
        fit_isotonic(std::vector<double>{5, 1, 2, 3, 4, 4}, std::vector<int>{1, 1, 0, 0, 1, 0});
    CHECK(curve.scores == std::vector<double>{1, 3, 4, 5});
    CHECK(curve.probabilities[0] == doctest::Approx(1.0 / 3));
    CHECK(curve.probabilities[1] == doctest::Approx(1.0 / 3));
    CHECK(curve.probabilities[2] == doctest::Approx(0.5));
    CHECK(curve.probabilities[3] == 1);
    CHECK(curve(0) == curve.probabilities[0]);
    CHECK(curve(4.5) == doctest::Approx(0.75));
    CHECK(curve(9) == 1);
}

TEST_CASE("the temperature is scikit-learn's") {
    auto const logits = three_columns(ref::logits);
    CHECK(fit_temperature(logits, ref::true_class) ==
          doctest::Approx(ref::inverse_temperature[0]).epsilon(1e-6));
    CHECK(fit_temperature(logits, ref::true_class, ref::weights) ==
          doctest::Approx(ref::inverse_temperature_w[0]).epsilon(1e-6));
}

TEST_CASE("a temperature is bounded where the classes are never, or always, as said") {
    std::vector<double> const logits{1, 0, 0, 0, 1, 0};
    CHECK(fit_temperature(three_columns(logits), std::vector<std::uint32_t>{0, 1}) ==
          std::exp(10.0));
    CHECK(fit_temperature(three_columns(logits), std::vector<std::uint32_t>{1, 2}) ==
          std::exp(-10.0));
}

TEST_CASE("a weight of two is the row twice, and of zero no row") {
    std::vector<double> const s{-2, -1, 0.5, 1, 3, 7};
    std::vector<int> const y{0, 1, 0, 1, 1, 0};
    std::vector<double> const weight{2, 1, 1, 2, 1, 0};
    std::vector<double> const s_twice{-2, -2, -1, 0.5, 1, 1, 3};
    std::vector<int> const y_twice{0, 0, 1, 0, 1, 1, 1};
    auto const a = fit_sigmoid(s, y, weight);
    auto const b = fit_sigmoid(s_twice, y_twice);
    CHECK(a.a == doctest::Approx(b.a).epsilon(1e-7));
    CHECK(a.b == doctest::Approx(b.b).epsilon(1e-7));
    auto const c = fit_isotonic(s, y, weight);
    auto const d = fit_isotonic(s_twice, y_twice);
    CHECK(c.scores == d.scores);
    for (std::size_t i = 0; i < c.scores.size(); ++i)
        CHECK(c.probabilities[i] == doctest::Approx(d.probabilities[i]));
}

TEST_CASE("what cannot be calibrated gets a sentence") {
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS((void)fit_sigmoid(std::vector<double>{1, nan}, std::vector<int>{0, 1}),
                         "fit_sigmoid: a score is nan at row 1; it must be finite", invalid_input);
    CHECK_THROWS_WITH_AS((void)fit_isotonic(std::vector<double>{1, 2}, std::vector<int>{0, 3}),
                         "fit_isotonic: positive is 3 at row 1; it must be 0 or 1", invalid_input);
    CHECK_THROWS_WITH_AS((void)fit_isotonic(std::vector<double>{1, 2}, std::vector<int>{0}),
                         "fit_isotonic: y has 1 values but x has 2 rows", invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)fit_temperature(three_columns(ref::logits), std::vector<std::uint32_t>(60, 3)),
        "fit_temperature: the class of row 0 is 3 but logits has 3 columns", invalid_input);
}
