// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/math.hpp>
#include <copse/loss.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace copse;

namespace {

/// The example of loss.hpp: only what is required.
struct log_cosh_loss {
    derivatives at(double y, double raw) const {
        double const t = std::tanh(raw - y);
        return {t, 1 - t * t};
    }
    double value(double y, double raw) const { return std::log(std::cosh(raw - y)); }
    bool operator==(log_cosh_loss const&) const = default;
};

static_assert(pointwise_loss<log_cosh_loss>);
static_assert(!has_unit_hessian<log_cosh_loss> && !renews_leaves<log_cosh_loss>);
static_assert(has_unit_hessian<squared_error_loss> && has_unit_hessian<absolute_error_loss>);
static_assert(has_unit_hessian<quantile_loss> && has_unit_hessian<huber_loss>);
static_assert(!has_unit_hessian<poisson_loss> && !has_unit_hessian<log_loss>);
static_assert(!renews_leaves<squared_error_loss> && !renews_leaves<huber_loss>);
static_assert(link_of<log_cosh_loss> == link_function::identity &&
              link_of<huber_loss> == link_function::identity);
static_assert(link_of<poisson_loss> == link_function::log &&
              link_of<tweedie_loss> == link_function::log);
static_assert(!pointwise_loss<softmax_loss> && !pointwise_loss<lambdarank_loss>);

}  // namespace

TEST_CASE("what a loss leaves out has a default") {
    log_cosh_loss const loss;
    std::vector<double> const y{3, 4};
    CHECK(initial_raw_of(loss, y, {}) == 0);
    CHECK(accepts_target(loss, -7));
    CHECK(!accepts_target(loss, std::numeric_limits<double>::quiet_NaN()));
    CHECK(!accepts_target(loss, std::numeric_limits<double>::infinity()));
    CHECK_NOTHROW(check_loss("fit", loss));
}

TEST_CASE("what a loss has is used") {
    std::vector<double> const y{3, 5};
    CHECK(initial_raw_of(squared_error_loss{}, y, {}) == 4);
    CHECK(initial_raw_of(squared_error_loss{}, y, std::vector<double>{1, 3}) == 4.5);
}

TEST_CASE("predictions follow from raw scores") {
    CHECK(response(link_function::identity, -2.5) == -2.5);
    CHECK(response(link_function::log, 0) == 1);
    CHECK(response(link_function::log, 1) == exp_of(1));
    CHECK(response(link_function::log, -1e300) > 0);
    CHECK(std::isfinite(response(link_function::log, 1e300)));
}

TEST_CASE("targets that are not legal are named with their row") {
    double const infinity = std::numeric_limits<double>::infinity();
    CHECK_NOTHROW(check_targets("fit", poisson_loss{}, std::vector<double>{0, 1, 1e300}));
    CHECK_THROWS_WITH_AS(check_targets("fit", poisson_loss{}, std::vector<double>{0, 1, -1}),
                         "fit: y is -1 at row 2; poisson_loss needs targets of at least 0",
                         invalid_input);
    CHECK_THROWS_WITH_AS(check_targets("fit", gamma_loss{}, std::vector<double>{1, 0}),
                         "fit: y is 0 at row 1; gamma_loss needs targets above 0", invalid_input);
    CHECK_THROWS_WITH_AS(check_targets("fit", tweedie_loss{}, std::vector<double>{-0.5}),
                         "fit: y is -0.5 at row 0; tweedie_loss needs targets of at least 0",
                         invalid_input);
    CHECK_THROWS_WITH_AS(check_targets("fit", log_loss{}, std::vector<double>{0, 0.5, 1, 2}),
                         "fit: y is 2 at row 3; log_loss needs targets in [0, 1]", invalid_input);
    CHECK_THROWS_WITH_AS(check_targets("fit", squared_error_loss{}, std::vector<double>{infinity}),
                         "fit: y is inf at row 0; targets must be finite", invalid_input);
    CHECK_THROWS_WITH_AS(check_targets("fit", gamma_loss{}, std::vector<double>{-std::nan("")}),
                         "fit: y is NaN at row 0; targets must be finite", invalid_input);
    for (double const relevance : {-1.0, 0.5, 32.0}) {
        CHECK(!accepts_target(lambdarank_loss{}, relevance));
    }
    CHECK(accepts_target(lambdarank_loss{}, 0));
    CHECK(accepts_target(lambdarank_loss{}, 31));
}

TEST_CASE("parameters that make no sense are named with their value") {
    CHECK_NOTHROW(check_loss("fit", quantile_loss{.alpha = 0.01}));
    CHECK_THROWS_WITH_AS(check_loss("fit", quantile_loss{.alpha = 1}),
                         "fit: quantile_loss.alpha is 1; it must be in (0, 1)", invalid_input);
    CHECK_THROWS_WITH_AS(check_loss("fit", huber_loss{.delta = 0}),
                         "fit: huber_loss.delta is 0; it must be positive and finite",
                         invalid_input);
    CHECK_THROWS_WITH_AS(check_loss("fit", tweedie_loss{.power = 2}),
                         "fit: tweedie_loss.power is 2; it must be in (1, 2)", invalid_input);
    CHECK_THROWS_WITH_AS(check_loss("fit", poisson_loss{.max_delta_step = -1}),
                         "fit: poisson_loss.max_delta_step is -1; it must be in [0, 100]",
                         invalid_input);
    CHECK_THROWS_WITH_AS(check_loss("fit", lambdarank_loss{.truncation_level = 0}),
                         "fit: lambdarank_loss.truncation_level is 0; it must be at least 1",
                         invalid_input);
    CHECK_THROWS_WITH_AS(check_loss("fit", lambdarank_loss{.sigmoid = -2}),
                         "fit: lambdarank_loss.sigmoid is -2; it must be positive and finite",
                         invalid_input);
}
