// SPDX-License-Identifier: BSD-3-Clause
#include <copse/metrics/regression.hpp>

#include "data.hpp"

#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

using namespace copse;
using test::near;
namespace ref = reference;

TEST_CASE("errors by hand") {
    std::vector<double> const y{1, 2, 3};
    std::vector<float> const p{1, 4, 2};  // errors 0, 2, 1
    CHECK(metrics::mean_squared_error(y, p) == near(5.0 / 3));
    CHECK(metrics::root_mean_squared_error(y, p) == near(std::sqrt(5.0 / 3)));
    CHECK(metrics::mean_absolute_error(y, p) == 1);
    CHECK(metrics::median_absolute_error(y, p) == 1);
    CHECK(metrics::r2(y, p) == near(1 - 5.0 / 2));
    // 0.9 * 1 above, 0.1 * 2 below
    CHECK(metrics::mean_pinball_loss{.alpha = 0.9}(y, p) == near(1.1 / 3));
    // 2 (2 log(2/4) - 2 + 4 + 3 log(3/2) - 3 + 2) / 3
    CHECK(metrics::mean_poisson_deviance(y, p) ==
          near(2 * (2 * std::log(0.5) + 3 * std::log(1.5) + 1) / 3));
    CHECK(metrics::mean_poisson_deviance(std::vector<int>{0}, std::vector<int>{3}) == 6);
    CHECK(metrics::mean_gamma_deviance(std::vector<int>{6}, std::vector<int>{3}) ==
          near(2 * (1 - std::log(2.0))));
    // y = 0 leaves 2 sqrt(p), twice
    CHECK(metrics::mean_tweedie_deviance{}(std::vector<int>{0}, std::vector<int>{9}) == near(12));
    CHECK(metrics::mean_tweedie_deviance{}(std::vector<int>{9}, std::vector<int>{9}) == near(0));
    CHECK(metrics::mean_huber_loss{.delta = 1}(y, p) == near((0 + 1.5 + 0.5) / 3));
}

TEST_CASE("the median lies between two errors when exactly half of the weight is below") {
    std::vector<double> const zeros(4);
    std::vector<double> const p{1, 2, 3, 5};
    CHECK(metrics::median_absolute_error(zeros, p) == 2.5);
    CHECK(metrics::median_absolute_error(zeros, p, std::vector<double>{1, 1, 1, 4}) == 5);
    CHECK(metrics::median_absolute_error(zeros, p, std::vector<double>{2, 1, 0, 3}) == 3.5);
    CHECK(metrics::median_absolute_error(zeros, p, std::vector<double>{0, 0, 7, 0}) == 3);
    // 0.1 + 0.2 and 0.3 are equal halves, though not in binary
    CHECK(metrics::median_absolute_error(zeros, p, std::vector<double>{0.1, 0.2, 0.3, 0}) == 2.5);
    for (double const scale : {1e-20, 1.0, 1e20}) {
        CHECK(metrics::median_absolute_error(
                  zeros, p, std::vector<double>{scale, scale, 2 * scale, scale}) == 3);
    }
}

TEST_CASE("r2 of a constant truth is 1 or 0") {
    std::vector<double> const y(7, 0.1);
    auto p = y;
    CHECK(metrics::r2(y, p) == 1);
    p[3] = 0.2;
    CHECK(metrics::r2(y, p) == 0);
    CHECK(metrics::r2(y, p, std::vector<double>{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}) == 0);
}

TEST_CASE("regression metrics agree with scikit-learn") {
    auto const& [y, p, w] = std::tie(ref::yr, ref::pr, ref::weights);
    metrics::mean_pinball_loss const pinball{.alpha = 0.9};
    CHECK(metrics::mean_squared_error(y, p) == near(ref::mse));
    CHECK(metrics::mean_squared_error(y, p, w) == near(ref::mse_w));
    CHECK(metrics::root_mean_squared_error(y, p) == near(ref::rmse));
    CHECK(metrics::root_mean_squared_error(y, p, w) == near(ref::rmse_w));
    CHECK(metrics::mean_absolute_error(y, p) == near(ref::mae));
    CHECK(metrics::mean_absolute_error(y, p, w) == near(ref::mae_w));
    CHECK(metrics::median_absolute_error(y, p) == ref::median);
    CHECK(metrics::median_absolute_error(y, p, w) == ref::median_w);
    CHECK(metrics::median_absolute_error(std::vector(y.begin(), y.end() - 1),
                                         std::vector(p.begin(), p.end() - 1)) == ref::median_odd);
    CHECK(metrics::median_absolute_error(std::vector<int>(4), std::vector<int>{1, 2, 3, 4},
                                         std::vector<double>{1.5, 1.5, 0, 3}) == ref::median_half);
    CHECK(metrics::r2(y, p) == near(ref::r2));
    CHECK(metrics::r2(y, p, w) == near(ref::r2_w));
    CHECK(pinball(y, p) == near(ref::pinball_90));
    CHECK(pinball(y, p, w) == near(ref::pinball_90_w));
    CHECK(metrics::mean_poisson_deviance(y, p) == near(ref::poisson));
    CHECK(metrics::mean_poisson_deviance(y, p, w) == near(ref::poisson_w));
    metrics::mean_tweedie_deviance const tweedie{.power = 1.3};
    CHECK(tweedie(y, p) == near(ref::tweedie_13));
    CHECK(tweedie(y, p, w) == near(ref::tweedie_13_w));
    auto above = y;
    for (auto& value : above) value += 0.5;
    CHECK(metrics::mean_gamma_deviance(above, p) == near(ref::gamma));
    CHECK(metrics::mean_gamma_deviance(above, p, w) == near(ref::gamma_w));
    metrics::mean_huber_loss const huber{.delta = 1.5};
    CHECK(huber(y, p) == near(ref::huber));
    CHECK(huber(y, p, w) == near(ref::huber_w));
}

TEST_CASE_TEMPLATE("a regression metric takes weight 2 for the row twice, and rows in any order",
                   Metric, metrics::mean_squared_error_metric,
                   metrics::root_mean_squared_error_metric, metrics::mean_absolute_error_metric,
                   metrics::median_absolute_error_metric, metrics::r2_metric,
                   metrics::mean_pinball_loss, metrics::mean_poisson_deviance_metric,
                   metrics::mean_tweedie_deviance, metrics::mean_huber_loss) {
    Metric const metric{};
    CHECK(metric(ref::yr, ref::pr, test::one_two_none(60)) ==
          near(metric(test::repeated(ref::yr), test::repeated(ref::pr))));
    CHECK(metric(test::shuffled(ref::yr), test::shuffled(ref::pr)) ==
          near(metric(ref::yr, ref::pr)));
}

TEST_CASE("a great delta makes the Huber loss half the squared error") {
    CHECK(metrics::mean_huber_loss{.delta = 1e6}(ref::yr, ref::pr) ==
          near(metrics::mean_squared_error(ref::yr, ref::pr) / 2));
}

TEST_CASE("at alpha 1/2 the pinball loss is half the mean absolute error") {
    CHECK(metrics::mean_pinball_loss{}(ref::yr, ref::pr) ==
          near(metrics::mean_absolute_error(ref::yr, ref::pr) / 2));
}

TEST_CASE("a sum keeps what is small beside what is great") {
    std::vector<double> const y{1e8, 1, 1, 1};
    std::vector<double> const p(4);
    CHECK(metrics::mean_squared_error(y, p) == (1e16 + 3) / 4);
    CHECK(metrics::mean_squared_error(std::vector<double>{1e200, 1}, std::vector<double>(2)) ==
          ref::infinity);
}

TEST_CASE("regression metrics say what is wrong with their arguments") {
    std::vector<double> const y{1, 2};
    CHECK_THROWS_WITH_AS((void)metrics::mean_squared_error(y, std::vector<double>{1, 2, 3}),
                         "mean_squared_error: y_pred has 3 values but y_true has 2", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::r2(values_view{}, values_view{}),
                         "r2: y_true and y_pred are empty", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::r2(std::vector<int>{4}, std::vector<int>{4}),
                         "r2: y_true has 1 value; at least 2 are needed", invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::mean_absolute_error(y, std::vector<double>{1, std::nan("")}),
        "mean_absolute_error: y_pred is NaN at row 1; it must be finite", invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::median_absolute_error(std::vector<double>{-ref::infinity, 1}, y),
        "median_absolute_error: y_true is -inf at row 0; it must be finite", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::mean_pinball_loss{.alpha = 1.5}(y, y),
                         "mean_pinball_loss: alpha is 1.5; it must be in [0, 1]", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::mean_poisson_deviance(y, std::vector<double>{1, 0}),
                         "mean_poisson_deviance: y_pred is 0 at row 1; it must be positive",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::mean_poisson_deviance(std::vector<double>{-1, 0}, y),
                         "mean_poisson_deviance: y_true is -1 at row 0; it must be at least 0",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::mean_gamma_deviance(std::vector<double>{1, 0}, y),
                         "mean_gamma_deviance: y_true is 0 at row 1; it must be positive",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::mean_tweedie_deviance{.power = 2}(y, y),
                         "mean_tweedie_deviance: power is 2; it must be in (1, 2)", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::mean_huber_loss{.delta = -1}(y, y),
                         "mean_huber_loss: delta is -1; it must be positive and finite",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::root_mean_squared_error(y, y, std::vector<double>{1}),
                         "root_mean_squared_error: sample_weight has 1 weights but y_true has 2",
                         invalid_input);
}
