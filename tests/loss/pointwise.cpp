// SPDX-License-Identifier: BSD-3-Clause
#include <copse/loss.hpp>

#include "data.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using test::near;
namespace ref = loss_reference;

namespace {

/// Legal targets of each loss, away from raw scores where it has a kink.
std::vector<double> targets(log_loss) { return {0, 1, 0.25}; }
std::vector<double> targets(gamma_loss) { return {0.25, 1, 9}; }
template <class L>
std::vector<double> targets(L) {
    return {0, 1, 9.125};
}

/// With the second derivative as its Hessian.
template <class L>
L exact() {
    return {};
}
template <>
poisson_loss exact() {
    return {.max_delta_step = 0};
}

template <class L, class Columns>
void check_against(L const& loss, Columns const& columns) {
    auto const& [y, gradient, hessian, value] = columns;
    for (std::size_t i = 0; i < ref::raw.size(); ++i) {
        CHECK(loss.at(y[i], ref::raw[i]).gradient == near(gradient[i]));
        CHECK(loss.at(y[i], ref::raw[i]).hessian == near(hessian[i]));
        CHECK(loss.value(y[i], ref::raw[i]) == near(value[i]));
    }
}

struct columns {
    std::vector<double> const &y, &gradient, &hessian, &value;
};

double initial(auto const& loss, std::vector<double> const& y,
               std::vector<double> const& weight = {}) {
    return loss.initial_raw(y, weight);
}

}  // namespace

TEST_CASE("losses by hand") {
    CHECK(squared_error_loss{}.at(1, 3) == derivatives{2, 1});
    CHECK(squared_error_loss{}.value(1, 3) == 2);
    CHECK(absolute_error_loss{}.at(1, 3) == derivatives{1, 1});
    CHECK(absolute_error_loss{}.at(3, 1) == derivatives{-1, 1});
    CHECK(absolute_error_loss{}.at(3, 3) == derivatives{0, 1});
    CHECK(absolute_error_loss{}.value(3, 1) == 2);
    CHECK(quantile_loss{.alpha = 0.75}.at(3, 1) == derivatives{-0.75, 1});
    CHECK(quantile_loss{.alpha = 0.75}.at(3, 3) == derivatives{0.25, 1});
    CHECK(quantile_loss{.alpha = 0.75}.at(1, 3) == derivatives{0.25, 1});
    CHECK(quantile_loss{.alpha = 0.75}.value(1, 3) == 0.5);
    CHECK(quantile_loss{.alpha = 0.75}.value(3, 1) == 1.5);
    CHECK(huber_loss{.delta = 2}.at(0, 1) == derivatives{1, 1});
    CHECK(huber_loss{.delta = 2}.at(0, -5) == derivatives{-2, 1});
    CHECK(huber_loss{.delta = 2}.value(0, 2) == 2);
    CHECK(huber_loss{.delta = 2}.value(0, -5) == 8);
    CHECK(poisson_loss{.max_delta_step = 0}.at(3, 0) == derivatives{-2, 1});
    CHECK(poisson_loss{}.at(3, 0).hessian == near(std::exp(0.7)));
    CHECK(gamma_loss{}.at(3, 0) == derivatives{-2, 3});
    CHECK(tweedie_loss{}.at(3, 0) == derivatives{-2, 2});
    CHECK(log_loss{}.at(1, 0) == derivatives{-0.5, 0.25});
    CHECK(log_loss{}.at(0.25, 0) == derivatives{0.25, 0.25});
    CHECK(log_loss{}.value(0, 0) == near(std::log(2.0)));
}

TEST_CASE_TEMPLATE("derivatives are slopes", L, squared_error_loss, huber_loss, poisson_loss,
                   gamma_loss, tweedie_loss, log_loss, absolute_error_loss, quantile_loss) {
    L const loss = exact<L>();
    double const h = 1e-5;
    for (double const y : targets(loss)) {
        for (double raw = -3.97; raw < 4.5; raw += 0.5) {  // not where there is a kink
            double const slope = (loss.value(y, raw + h) - loss.value(y, raw - h)) / (2 * h);
            CHECK(loss.at(y, raw).gradient == near(slope, 1e-8));
            if (has_unit_hessian<L>) continue;
            double const bend =
                (loss.at(y, raw + h).gradient - loss.at(y, raw - h).gradient) / (2 * h);
            CHECK(loss.at(y, raw).hessian == near(bend, 1e-8));
        }
    }
}

TEST_CASE_TEMPLATE("no raw score is too great or too small", L, squared_error_loss, huber_loss,
                   poisson_loss, gamma_loss, tweedie_loss, log_loss, absolute_error_loss,
                   quantile_loss) {
    L const loss{};
    for (double const y : targets(loss)) {
        for (double const raw : {-1e300, -1e3, -745.0, -40.0, 0.0, 40.0, 745.0, 1e3, 1e300}) {
            auto const [gradient, hessian] = loss.at(y, raw);
            CHECK(std::isfinite(gradient));
            CHECK(std::isfinite(hessian));
            CHECK(hessian >= 0);
            CHECK(loss.value(y, raw) >= 0);
            // It does not point away from the target, whose raw score may be infinite.
            if (raw < -300) CHECK(gradient < 1e-60);
            if (raw > 300) CHECK(gradient > -1e-60);
        }
    }
}

TEST_CASE_TEMPLATE("values are 0 at the target and less nowhere else", L, squared_error_loss,
                   huber_loss, poisson_loss, gamma_loss, tweedie_loss, absolute_error_loss,
                   quantile_loss) {
    L const loss{};
    for (double const y : {0.5, 1.0, 20.0}) {
        double const raw = link_of<L> == link_function::identity ? y : std::log(y);
        CHECK(loss.value(y, raw) == near(0));
        CHECK(loss.value(y, raw + 0.01) > 1e-6);
        CHECK(loss.value(y, raw - 0.01) > 1e-6);
    }
}

TEST_CASE_TEMPLATE("boosting starts where the gradients cancel", L, squared_error_loss,
                   poisson_loss, gamma_loss, tweedie_loss, log_loss) {
    L const loss{};
    auto const y = targets(loss);
    std::vector<double> const weight{2, 0.5, 3};
    double const raw = loss.initial_raw(y, weight);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += weight[i] * loss.at(y[i], raw).gradient;
    CHECK(sum == near(0));
}

TEST_CASE("losses agree with scikit-learn") {
    check_against(squared_error_loss{}, columns{ref::squared_y, ref::squared_gradient,
                                                ref::squared_hessian, ref::squared_value});
    check_against(
        poisson_loss{.max_delta_step = 0},
        columns{ref::poisson_y, ref::poisson_gradient, ref::poisson_hessian, ref::poisson_value});
    check_against(gamma_loss{},
                  columns{ref::gamma_y, ref::gamma_gradient, ref::gamma_hessian, ref::gamma_value});
    check_against(tweedie_loss{.power = 1.3}, columns{ref::tweedie_y, ref::tweedie_gradient,
                                                      ref::tweedie_hessian, ref::tweedie_value});
    check_against(log_loss{}, columns{ref::binary_y, ref::binary_gradient, ref::binary_hessian,
                                      ref::binary_value});
    for (std::size_t i = 0; i < ref::raw.size(); ++i) {
        double const y = ref::huber_y[i];
        double const raw = ref::raw[i];
        CHECK(huber_loss{.delta = 1.25}.at(y, raw).gradient == near(ref::huber_gradient[i]));
        CHECK(huber_loss{.delta = 1.25}.value(y, raw) == near(ref::huber_value[i]));
        CHECK(absolute_error_loss{}.value(y, raw) == near(ref::absolute_value[i]));
        CHECK(quantile_loss{.alpha = 0.7}.value(y, raw) == near(ref::pinball_value[i]));
        if (y == raw) continue;  // any slope between the two will do
        CHECK(absolute_error_loss{}.at(y, raw).gradient == near(ref::absolute_gradient[i]));
        CHECK(quantile_loss{.alpha = 0.7}.at(y, raw).gradient == near(ref::pinball_gradient[i]));
    }
}

TEST_CASE("starting points agree with scikit-learn") {
    auto const check = [](auto const& loss, auto const& y, auto const& plain,
                          auto const& weighted) {
        CHECK(initial(loss, y) == near(plain[0]));
        CHECK(initial(loss, y, ref::weights) == near(weighted[0]));
    };
    check(squared_error_loss{}, ref::squared_y, ref::squared_initial, ref::squared_initial_w);
    check(poisson_loss{}, ref::poisson_y, ref::poisson_initial, ref::poisson_initial_w);
    check(gamma_loss{}, ref::gamma_y, ref::gamma_initial, ref::gamma_initial_w);
    check(tweedie_loss{}, ref::tweedie_y, ref::tweedie_initial, ref::tweedie_initial_w);
    check(log_loss{}, ref::binary_y, ref::binary_initial, ref::binary_initial_w);
    check(huber_loss{.delta = 1.25}, ref::huber_y, ref::huber_initial, ref::huber_initial_w);
    check(absolute_error_loss{}, ref::absolute_y, ref::absolute_initial, ref::absolute_initial_w);
    // scikit-learn interpolates without weights.
    CHECK(initial(quantile_loss{.alpha = 0.7}, ref::pinball_y) == 1.5);
    CHECK(initial(quantile_loss{.alpha = 0.7}, ref::pinball_y, ref::weights) ==
          ref::pinball_initial_w[0]);
}

TEST_CASE("targets all alike give a finite start") {
    CHECK(initial(poisson_loss{}, {0, 0}) == -300);
    CHECK(initial(tweedie_loss{}, {0, 0}) == -300);
    CHECK(initial(log_loss{}, {1, 1}) == near(-std::log(1e-15), 1e-4));
    CHECK(initial(log_loss{}, {0, 0}) == near(std::log(1e-15)));
    CHECK(initial(huber_loss{}, {3, 3, 3}) == 3);
}

TEST_CASE("log_loss keeps what is small") {
    CHECK(log_loss{}.at(1, 50).gradient == near(-std::exp(-50.0), 1e-30));
    CHECK(log_loss{}.at(1, 50).gradient < 0);
    CHECK(log_loss{}.at(1, 50).hessian > 0);
    CHECK(log_loss{}.value(1, 50) > 0);
    CHECK(log_loss{}.at(1, -1000) == derivatives{-1, 0});
    CHECK(log_loss{}.at(0, 1000) == derivatives{1, 0});
    CHECK(log_loss{}.value(1, -1000) == 1000);
    CHECK(log_loss{}.value(0, 1000) == 1000);
    CHECK(log_loss{}.value(1, 1000) == 0);
    CHECK(log_loss{}.response(-1000) == 0);
    CHECK(log_loss{}.response(1000) == 1);
    for (double raw = -30; raw < 30; raw += 0.37) {
        CHECK(log_loss{}.response(raw) + log_loss{}.response(-raw) == near(1));
        CHECK(log_loss{}.at(1, raw).gradient == -log_loss{}.at(0, -raw).gradient);
    }
}
