// SPDX-License-Identifier: BSD-3-Clause
#include <copse/loss/log_loss.hpp>
#include <copse/loss/softmax.hpp>

#include "data.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace copse;
using test::near;
namespace ref = loss_reference;

namespace {

std::vector<derivatives> at(std::uint32_t code, std::vector<double> const& raw) {
    std::vector<derivatives> out(raw.size());
    softmax_loss{}.at(code, raw, out);
    return out;
}

}  // namespace

TEST_CASE("softmax by hand") {
    auto const out = at(1, {0, 0, 0});
    CHECK(out[0].gradient == near(1.0 / 3));
    CHECK(out[1].gradient == near(-2.0 / 3));
    CHECK(out[2].hessian == near(1.5 * 2 / 9));
    CHECK(softmax_loss{}.value(1, std::vector<double>{0, 0, 0}) == near(std::log(3.0)));
}

TEST_CASE("softmax agrees with scikit-learn, its Hessian but for LightGBM's factor K / (K - 1)") {
    for (std::size_t i = 0; i < ref::codes.size(); ++i) {
        auto const code = static_cast<std::uint32_t>(ref::codes[i]);
        view<double const> const raw(ref::softmax_raw.data() + 4 * i, 4);
        std::vector<derivatives> out(4);
        std::vector<double> p(4);
        softmax_loss{}.at(code, raw, out);
        softmax_loss{}.response(raw, p);
        CHECK(softmax_loss{}.value(code, raw) == near(ref::softmax_value[i]));
        for (std::size_t k = 0; k < 4; ++k) {
            CHECK(out[k].gradient == near(ref::softmax_gradient[4 * i + k]));
            CHECK(out[k].hessian == near(ref::softmax_hessian[4 * i + k] * 4 / 3));
            CHECK(p[k] == near(ref::softmax_response[4 * i + k]));
        }
    }
}

TEST_CASE("softmax gradients are slopes and sum to 0") {
    std::vector<double> const raw{0.5, -1, 2, 0.25, -3};
    double const h = 1e-5;
    for (std::uint32_t code = 0; code < raw.size(); ++code) {
        auto const out = at(code, raw);
        double sum = 0;
        for (std::size_t k = 0; k < raw.size(); ++k) {
            auto above = raw;
            auto below = raw;
            above[k] += h;
            below[k] -= h;
            softmax_loss const loss;
            CHECK(out[k].gradient ==
                  near((loss.value(code, above) - loss.value(code, below)) / (2 * h), 1e-8));
            CHECK(
                out[k].hessian * 4 / 5 ==
                near((at(code, above)[k].gradient - at(code, below)[k].gradient) / (2 * h), 1e-8));
            sum += out[k].gradient;
        }
        CHECK(sum == near(0));
    }
}

TEST_CASE("softmax of two classes is log_loss of the difference") {
    for (double const raw : {-3.0, -0.5, 0.0, 1.25}) {
        auto const out = at(1, {1.0, 1.0 + raw});
        auto const binary = log_loss{}.at(1, raw);
        CHECK(out[1].gradient == near(binary.gradient));
        CHECK(out[0].gradient == near(-binary.gradient));
        CHECK(out[1].hessian == near(2 * binary.hessian));
        CHECK(softmax_loss{}.value(1, std::vector<double>{1.0, 1.0 + raw}) ==
              near(log_loss{}.value(1, raw)));
    }
}

TEST_CASE("softmax does not overflow") {
    for (double const far : {1e3, 1e300}) {
        std::vector<double> raw{far, -far, 0};
        auto const out = at(2, raw);
        CHECK(out[0] == derivatives{1, 0});
        CHECK(out[1] == derivatives{0, 0});
        CHECK(out[2] == derivatives{-1, 0});
        CHECK(softmax_loss{}.value(2, raw) == far);
        CHECK(softmax_loss{}.value(0, raw) == 0);
        softmax_loss{}.response(raw, raw);
        CHECK(raw == std::vector<double>{1, 0, 0});
    }
}

TEST_CASE("softmax starts at the logarithms of the classes' shares") {
    std::vector<std::uint32_t> const codes{0, 2, 2, 0, 2};
    auto const raw = softmax_loss{}.initial_raw(codes, 3, {});
    CHECK(raw[0] == near(std::log(0.4)));
    CHECK(raw[1] == near(std::log(1e-15)));
    CHECK(raw[2] == near(std::log(0.6)));
    auto const weighted = softmax_loss{}.initial_raw(codes, 3, std::vector<double>{3, 1, 1, 3, 2});
    CHECK(weighted[0] == near(std::log(0.6)));
}
