// SPDX-License-Identifier: BSD-3-Clause
#include "cuda/device.hpp"
#include "cuda/models.hpp"
#include "support/level_growth.hpp"

#include <copse/par/sequential.hpp>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

template <class Sums>
void check_equal_tree(derived_rows const& r, std::size_t max_depth) {
    on_a_device([&](detail::cuda_stream const& stream) {
        auto const bins = bin_features(sequential{}, r.x, {});
        detail::boosting_limits limits;
        limits.max_depth = max_depth;
        limits.min_samples_leaf = 3;
        std::vector<std::uint32_t> features(r.x.cols());
        std::iota(features.begin(), features.end(), 0u);
        auto const expected = expected_tree(r, bins, limits, features, Sums::unit_hessian);
        CHECK(expected.shape.nodes().size() > 3);
        CHECK(by_levels<Sums>(stream, r, bins, limits, features) == expected);
    });
}

}  // namespace

TEST_CASE("a tree that grows on a device is the CPU's tree") {
    check_equal_tree<detail::gradient_sums>(drawn_rows(700, 3, 1, 40, false), 4);
    check_equal_tree<detail::gradient_sums>(drawn_rows(20000, 20, 2, 1000, false), 8);
    check_equal_tree<detail::gradient_sums>(drawn_rows(200000, 10, 3, 300, false), 6);
}

TEST_CASE("with unit Hessians it is, too") {
    check_equal_tree<detail::unit_gradient_sums>(drawn_rows(700, 3, 4, 40, true), 4);
    check_equal_tree<detail::unit_gradient_sums>(drawn_rows(200000, 10, 5, 300, true), 8);
}
