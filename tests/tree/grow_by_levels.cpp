// SPDX-License-Identifier: BSD-3-Clause
#include "support/emulated_block.hpp"
#include "support/level_growth.hpp"
#include "support/samples.hpp"

#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>
#include <copse/tree/grow_by_histogram.hpp>
#include <copse/tree/grow_by_levels.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// By the CPU's grower and by kernels on a block of one, of several and of many.
template <class Sums>
std::size_t check_same(derived_rows const& r, detail::boosting_limits const& limits,
                       std::vector<std::uint32_t> features = {}, std::size_t chunk = 4096) {
    constexpr std::size_t max_bins = 255;
    auto const bins = bin_features(sequential{}, r.x, {.max_bins = max_bins});
    CHECK(detail::why_not_by_levels(limits, 0, max_bins).empty());
    if (features.empty()) {
        features.resize(r.x.cols());
        std::iota(features.begin(), features.end(), 0u);
    }
    auto const expected = by_histogram<Sums>(r, bins, limits, features);
    CHECK(by_levels<Sums>(host_stream<sequential>{}, r, bins, limits, features) == expected);
    CHECK(by_levels<Sums>(host_stream<copse::tbb>{}, r, bins, limits, features) == expected);
    CHECK(by_levels<Sums>(host_stream<sequential>{}, r, bins, limits, features, 16) == expected);
    for_some_emulated_streams([&](emulated_stream const& stream) {
        CHECK(by_levels<Sums>(stream, r, bins, limits, features) == expected);
        if (chunk == 4096) return;
        CHECK(by_levels<Sums>(stream, r, bins, limits, features, chunk) == expected);
    });
    return expected.shape.nodes().size();
}

detail::boosting_limits depth(std::size_t most) {
    detail::boosting_limits limits;
    limits.max_depth = most;
    return limits;
}

/// The sums of items in the middle one of three cells.
struct short_kernel_items {
    view<detail::gradient_sums::item const> items;
    view<detail::gradient_sums::cell> out;
    detail::short_sums<detail::gradient_sums> own;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const words = b.template scratch<std::uint32_t>(4 * 3);
        b.items(0, items.size(), [&](std::size_t i) { own.add(b, words, 3, 1, items[i]); });
        b.sync();
        b.items(0, 3, [&](std::size_t c) {
            own.add_global(b, out[c],
                           own.cell_at(view<std::uint32_t const>(words.data(), 12), 3, c));
        });
    }
};

struct short_unit_items {
    view<detail::unit_gradient_sums::item const> items;
    view<detail::unit_gradient_sums::cell> out;
    detail::short_sums<detail::unit_gradient_sums> own;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const words = b.template scratch<std::uint32_t>(2);
        b.items(0, items.size(), [&](std::size_t i) { own.add(b, words, 1, 0, items[i]); });
        b.sync();
        b.items(0, 1, [&](std::size_t c) {
            own.add_global(b, out[c],
                           own.cell_at(view<std::uint32_t const>(words.data(), 2), 1, c));
        });
    }
};

}  // namespace

TEST_CASE("the greatest derivatives of as many rows as a block takes fit its words") {
    using any_sums = detail::gradient_sums;
    for (int count_bits = 1; count_bits <= 31; ++count_bits) {
        detail::short_sums<any_sums> const own(count_bits);
        auto const most_h = std::uint32_t{1} << any_sums::hessian_bits(count_bits);
        for (std::int32_t const g : {1 << 30, -(1 << 30), 0, -1, 1234567}) {
            std::vector<any_sums::item> const items(own.most_rows(), {0, g, most_h});
            std::vector<any_sums::cell> out(3);
            host_stream<sequential>{}.for_each_block(1, 64, short_kernel_items{items, out, own});
            auto const n = items.size();
            CHECK(out[1].gradient == std::int64_t{g} * static_cast<std::int64_t>(n));
            CHECK(out[1].rest == (std::uint64_t{most_h} * n << count_bits) + n);
            CHECK((any_sums::empty(out[0]) && any_sums::empty(out[2])));
        }
    }
}

TEST_CASE("with unit Hessians they fit, too") {
    using unit_sums = detail::unit_gradient_sums;
    for (int count_bits = 1; count_bits <= 31; ++count_bits) {
        detail::short_sums<unit_sums> const own(count_bits);
        auto const most = std::int32_t{1} << unit_sums::gradient_bits(count_bits);
        for (std::int32_t const g : {most, -most, 0, -1, most / 3}) {
            std::vector<unit_sums::item> const items(own.most_rows(), {0, g});
            std::vector<unit_sums::cell> out(1);
            host_stream<sequential>{}.for_each_block(1, 64, short_unit_items{items, out, own});
            auto const n = static_cast<std::int64_t>(items.size());
            CHECK(out[0] == g * n * (std::int64_t{1} << count_bits) + n);
        }
    }
}

TEST_CASE("a tree that grows by levels is the CPU's tree, its gains and rows too") {
    CHECK(check_same<detail::gradient_sums>(drawn_rows(700, 3, 1, 40, false), depth(4)) > 15);
    CHECK(check_same<detail::unit_gradient_sums>(drawn_rows(700, 3, 2, 40, true), depth(4)) > 15);
}

TEST_CASE("small trees of all kinds are the same") {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        auto limits = depth(1 + seed % 4);
        limits.min_samples_leaf = 1 + seed % 3;
        limits.min_child_weight = 0.25 * static_cast<double>(seed % 4);
        limits.min_gain = static_cast<double>(seed % 2);
        limits.gradients.l1 = 0.5 * static_cast<double>(seed % 3);
        limits.gradients.l2 = 0.25 * static_cast<double>(seed % 5);
        auto const r = drawn_rows(10 + 20 * seed, 1 + seed % 3, seed, 6, false);
        check_same<detail::gradient_sums>(r, limits);
        auto ones = r;
        std::fill(ones.h.begin(), ones.h.end(), 1.0);
        check_same<detail::unit_gradient_sums>(ones, limits);
    }
}

TEST_CASE("nodes of many chunks are summed and parted the same") {
    CHECK(check_same<detail::gradient_sums>(drawn_rows(300, 2, 3, 10, false), depth(2), {}, 40) >
          3);
    CHECK(check_same<detail::unit_gradient_sums>(drawn_rows(300, 2, 4, 10, true), depth(2), {},
                                                 40) > 3);
}

TEST_CASE("a tree grows until no split gains anything") {
    CHECK(check_same<detail::gradient_sums>(drawn_rows(60, 2, 5, 50, false), {}) > 50);
}

TEST_CASE("a tree of one leaf is the same") {
    auto limits = depth(3);
    limits.min_gain = 1e9;
    CHECK(check_same<detail::gradient_sums>(drawn_rows(50, 2, 6, 5, false), limits) == 1);
    CHECK(check_same<detail::gradient_sums>(drawn_rows(1, 2, 6, 5, false), depth(3)) == 1);
}

TEST_CASE("only the features that a tree is given are split on") {
    CHECK(check_same<detail::gradient_sums>(drawn_rows(200, 5, 7, 20, false), depth(3), {1, 4}) >
          3);
}

TEST_CASE("many features with many bins take several groups of a block's words") {
    CHECK(check_same<detail::gradient_sums>(drawn_rows(400, 20, 8, 1000, false), depth(2)) > 3);
}

TEST_CASE("equal columns lose to the first of them") {
    auto r = drawn_rows(100, 3, 9, 10, false);
    for (std::size_t i = 0; i < 100; ++i) r.x(i, 1) = r.x(i, 2) = r.x(i, 0);
    CHECK(check_same<detail::gradient_sums>(r, depth(3)) > 3);
}

TEST_CASE("what cannot be grown by levels is named") {
    auto const said = [](auto const& change) {
        detail::boosting_limits limits;
        change(limits);
        return detail::why_not_by_levels(limits, 0, 255);
    };
    CHECK(said([](auto& l) { l.max_leaf_nodes = 31; }) ==
          "max_leaf_nodes is 31; it must be unlimited, and max_depth then limits a tree");
    CHECK(said([](auto& l) {
              l.monotonic = {1, 0};
          }) == "monotonic_cst has 2 elements; it must have 0");
    CHECK(said([](auto& l) { l.interactions = {{0}}; }) ==
          "interaction_cst has 1 groups; it must have 0");
    CHECK(said([](auto& l) { l.gradients.max_delta_step = 2; }) ==
          "max_delta_step is 2; it must be infinite");
    CHECK(said([](auto& l) { l.gradients.path_smooth = 1; }) == "path_smooth is 1; it must be 0");
    CHECK(said([](auto& l) { l.columns_by_node = 0.5; }) ==
          "columns_by_level or columns_by_node is 0.5; it must be 1");
    CHECK(detail::why_not_by_levels({}, 2, 255) ==
          "categorical_features has 2 columns; it must have 0");
    CHECK(detail::why_not_by_levels({}, 0, 256) == "max_bins is 256; it must be at most 255");
}
