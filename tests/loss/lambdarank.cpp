// SPDX-License-Identifier: BSD-3-Clause
#include <copse/loss/lambdarank.hpp>

#include "data.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

using namespace copse;
using test::near;
namespace ref = loss_reference;

namespace {

std::vector<derivatives> at(lambdarank_loss const& loss, std::vector<double> const& relevance,
                            std::vector<double> const& raw) {
    std::vector<derivatives> out(raw.size(), {7, 7});
    loss.at(relevance, raw, out);
    return out;
}

/// LightGBM computes in float with a table of sigmoids.
void check_query_against(lambdarank_loss const& loss, std::vector<double> const& raw,
                         std::vector<double> const& gradient, std::vector<double> const& hessian) {
    auto const out = at(loss, ref::relevance, raw);
    for (std::size_t i = 0; i < out.size(); ++i) {
        CHECK(out[i].gradient == near(gradient[i], 2e-5));
        CHECK(out[i].hessian == near(hessian[i], 2e-5));
    }
}

}  // namespace

TEST_CASE("lambdarank agrees with LightGBM") {
    check_query_against({}, ref::scores, ref::rank_gradient, ref::rank_hessian);
    check_query_against({.truncation_level = 3, .sigmoid = 2}, ref::scores, ref::rank_cut_gradient,
                        ref::rank_cut_hessian);
    check_query_against({.normalize = false}, ref::scores, ref::rank_plain_gradient,
                        ref::rank_plain_hessian);
    check_query_against({}, std::vector<double>(12), ref::rank_equal_gradient,
                        ref::rank_equal_hessian);
}

TEST_CASE("a pair by hand") {
    // The wrong order of gains 3 and 1; swapping changes DCG by 2 (1 - 1 / log2 3), and the
    // greatest DCG is 3 + 1 / log2 3.
    double const log2_3 = std::log2(3.0);
    double const delta = 2 * (1 - 1 / log2_3) / (3 + 1 / log2_3);
    double const p = 1 / (1 + std::exp(-0.5));
    auto const out = at({.normalize = false}, {1, 2}, {0.5, 0});
    CHECK(out[1].gradient == near(-delta * p));
    CHECK(out[0].gradient == near(delta * p));
    CHECK(out[0].hessian == near(delta * p * (1 - p)));
    CHECK(out[1].hessian == near(delta * p * (1 - p)));
    CHECK(lambdarank_loss{}.value(std::vector<double>{1, 2}, std::vector<double>{0.5, 0}) ==
          near(1 - (1 + 3 / log2_3) / (3 + 1 / log2_3)));
    CHECK(lambdarank_loss{}.value(std::vector<double>{1, 2}, std::vector<double>{0, 0.5}) == 0);
}

TEST_CASE("lambdarank pushes documents apart without moving their sum") {
    for (auto const& loss : {lambdarank_loss{}, lambdarank_loss{.truncation_level = 2}}) {
        double sum = 0;
        for (auto const& d : at(loss, ref::relevance, ref::scores)) {
            sum += d.gradient;
            CHECK(d.hessian >= 0);
        }
        CHECK(sum == near(0));
    }
}

TEST_CASE("documents of equal score rank in the order given, but are judged in all orders") {
    std::vector<double> const raw{1, 1, 1};
    std::vector<double> const first{1, 0, 0};
    std::vector<double> const last{0, 0, 1};
    double const second = 1 / std::log2(3.0);
    lambdarank_loss const loss{.normalize = false};
    CHECK(at(loss, first, raw)[0].gradient == near(-((1 - second) + (1 - 0.5)) / 2));
    CHECK(at(loss, last, raw)[2].gradient == near(-((1 - 0.5) + (second - 0.5)) / 2));
    CHECK(loss.value(first, raw) == near(1 - (1 + second + 0.5) / 3));
    CHECK(loss.value(last, raw) == loss.value(first, raw));
}

TEST_CASE("a query without a pair has no derivatives") {
    for (auto const& relevance : {std::vector<double>{0, 0, 0}, std::vector<double>{2, 2, 2}}) {
        CHECK(at({}, relevance, {3, 1, 2}) == std::vector<derivatives>(3));
        CHECK(lambdarank_loss{}.value(relevance, std::vector<double>{3, 1, 2}) == 0);
    }
    CHECK(at({}, {1}, {5}) == std::vector<derivatives>(1));
}

TEST_CASE("pairs below the truncation level do not count") {
    // Ranks 2 and 3 are in the wrong order.
    auto const out = at({.truncation_level = 1}, {1, 1, 0, 1}, {4, 3, 2, 1});
    auto const more = at({.truncation_level = 3}, {1, 1, 0, 1}, {4, 3, 2, 1});
    CHECK(out[3] == derivatives{});
    CHECK(more[3].gradient < 0);
    CHECK(lambdarank_loss{.truncation_level = 2}.value(std::vector<double>{3, 2, 0, 1},
                                                       std::vector<double>{4, 3, 2, 1}) == 0);
}

TEST_CASE("lambdarank does not overflow") {
    for (auto const& d : at({}, {0, 31, 5}, {1e3, -1e3, 1e300})) {
        CHECK(std::isfinite(d.gradient));
        CHECK(std::isfinite(d.hessian));
    }
}
