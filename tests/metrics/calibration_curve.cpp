// SPDX-License-Identifier: BSD-3-Clause
#include <copse/metrics/calibration_curve.hpp>

#include "data.hpp"
#include "meta/calibration_reference.inc"

#include <string>
#include <vector>

using namespace copse;
using test::check_near;
namespace known = calibration_reference;
using metrics::calibration_bins;

TEST_CASE("the calibration curve by hand") {
    // Bins up to 1/2 and above: 0.5 itself is in the lower.
    std::vector<int> const y{0, 1, 0, 1, 1};
    std::vector<double> const p{0.1, 0.5, 0.3, 0.9, 0.7};
    auto const curve = metrics::calibration_curve(y, p, {}, {.n_bins = 2});
    check_near(curve.predicted, {0.3, 0.8});
    check_near(curve.observed, {1.0 / 3, 1});
    CHECK(curve.weight == std::vector<double>{3, 2});
    // (3 * 1/30 + 2 * 1/5) / 5
    CHECK(metrics::expected_calibration_error(curve) == doctest::Approx(0.1));
}

TEST_CASE("the calibration curve is scikit-learn's") {
    auto const uniform =
        metrics::calibration_curve(known::positive, known::curve_p, {}, {.n_bins = 6});
    check_near(uniform.observed, known::curve_uniform_observed);
    check_near(uniform.predicted, known::curve_uniform_predicted);
    auto const quantile = metrics::calibration_curve(
        known::positive, known::curve_p, {}, {.n_bins = 6, .strategy = calibration_bins::quantile});
    check_near(quantile.observed, known::curve_quantile_observed);
    check_near(quantile.predicted, known::curve_quantile_predicted);
}

TEST_CASE("bins without rows make no point, and weights count rows") {
    std::vector<std::string> const y{"no", "yes", "no"};
    std::vector<double> const p{0.05, 0.95, 0.9};
    auto const curve = metrics::calibration_curve(y, p, std::vector<double>{1, 3, 1});
    REQUIRE(curve.weight == std::vector<double>{1, 4});
    CHECK(curve.observed[1] == 0.75);
    auto const of_no = metrics::calibration_curve(y, p, {}, {.pos_label = "no"});
    CHECK(of_no.observed == std::vector<double>{1, 0.5});
    auto const without = metrics::calibration_curve(
        y, p, std::vector<double>{1, 1, 0}, {.n_bins = 2, .strategy = calibration_bins::quantile});
    CHECK(without.predicted == std::vector<double>{0.05, 0.95});
}

TEST_CASE("the calibration curve refuses what are no probabilities of two classes") {
    auto const refuses = [](std::vector<int> const& y, std::vector<double> const& p,
                            metrics::calibration_curve_options options, char const* text) {
        CHECK_THROWS_WITH_AS((void)metrics::calibration_curve(y, p, {}, options), text,
                             invalid_input);
    };
    refuses({0, 1}, {0.5, 1.5}, {},
            "calibration_curve: y_proba is 1.5 at row 1; it must be in [0, 1]");
    refuses({0, 1}, {0.5}, {}, "calibration_curve: y_proba has 1 values but y_true has 2");
    refuses({0, 1}, {0.5, 1}, {.n_bins = 0},
            "calibration_curve: n_bins is 0; it must be at least 1");
    refuses({0, 1, 2}, {0.5, 1, 0}, {},
            "calibration_curve: y_true has 3 classes; one number for each row tells 2 apart");
}
