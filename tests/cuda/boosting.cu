// SPDX-License-Identifier: BSD-3-Clause
#include "cuda/device.hpp"
#include "cuda/models.hpp"

#include <copse/ensemble/gradient_boosting.hpp>

#include <vector>

using namespace copse;
using namespace copse::test;

TEST_CASE("a boosting regressor fitted on a device is the CPU's model") {
    auto const data = valued_grid(20000, 6, 5);
    for (regression_loss const& loss :
         {regression_loss(squared_error_loss{}), regression_loss(poisson_loss{})}) {
        auto const trainer = depth_wise_regressor(loss);
        on_a_device([&](detail::cuda_stream const&) {
            auto const on_gpu = trainer.fit(data.x, data.y, cuda{});
            CHECK(on_gpu == fitted_on_cpu(trainer, data));
            CHECK(trainer.fit(data.x, data.y, cuda{}) == on_gpu);
        });
    }
}

TEST_CASE("a boosting classifier fitted on a device is the CPU's model, log loss included") {
    auto data = labelled_grid(20000, 6, 6);
    for (auto& label : data.y) label = label == 7 ? 5 : label;
    auto const trainer = depth_wise_classifier();
    on_a_device([&](detail::cuda_stream const&) {
        CHECK(trainer.fit(data.x, data.y, cuda{}) == fitted_on_cpu(trainer, data));
    });
}
