// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;

namespace {

/// 100 rows in two halves, told apart by x; their targets are 1, 2, ..., 50, and ten times that.
struct two_halves {
    std::vector<float> x = std::vector<float>(100);
    std::vector<double> y = std::vector<double>(100);

    two_halves() {
        for (std::size_t i = 0; i < 100; ++i) {
            x[i] = i < 50 ? 0.0f : 1.0f;
            y[i] = static_cast<double>(1 + i % 50) * (i < 50 ? 1 : 10);
        }
    }
};

struct both {
    double low, high;
};

/// What is predicted for each half, after enough rounds of full steps.
both predicted(regression_loss const& loss) {
    two_halves const data;
    auto const model =
        gradient_boosting_regressor{.n_estimators = 400, .learning_rate = 1, .loss = loss}.fit(
            features_view(data.x.data(), 100, 1), data.y, sequential{});
    auto const y = model.predict(features_view(data.x.data(), 100, 1), sequential{});
    CHECK(model.predict(std::span(data.x).first(1)) == y[0]);
    return {y[0], y[99]};
}

void check_near(both found, double low, double high) {
    CHECK(found.low == doctest::Approx(low).epsilon(1e-3));
    CHECK(found.high == doctest::Approx(high).epsilon(1e-3));
}

}  // namespace

TEST_CASE("a boosting regressor predicts the mean") {
    check_near(predicted(squared_error_loss{}), 25.5, 255);
}

TEST_CASE("under a logarithmic link the mean is predicted, too, not its logarithm") {
    check_near(predicted(poisson_loss{}), 25.5, 255);
    check_near(predicted(gamma_loss{}), 25.5, 255);
    check_near(predicted(tweedie_loss{.power = 1.5}), 25.5, 255);
}

TEST_CASE("a boosting regressor predicts the median or another quantile") {
    // The nearest whole numbers: any value between two targets is as good.
    auto const median = predicted(absolute_error_loss{});
    CHECK(std::abs(median.low - 25.5) <= 0.5);
    CHECK(std::abs(median.high - 255) <= 5);
    auto const upper = predicted(quantile_loss{.alpha = 0.9});
    CHECK(std::abs(upper.low - 45.5) <= 0.5);
    CHECK(std::abs(upper.high - 455) <= 5);
}

TEST_CASE("Huber's loss predicts the mean where delta is great, the median where it is small") {
    check_near(predicted(huber_loss{.delta = 1e4}), 25.5, 255);
    auto const median = predicted(huber_loss{.delta = 0.5});
    CHECK(std::abs(median.low - 25.5) <= 0.5);
}
