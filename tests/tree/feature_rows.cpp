// SPDX-License-Identifier: BSD-3-Clause
#include "support/samples.hpp"

#include <copse/data/binned_matrix.hpp>
#include <copse/par/sequential.hpp>
#include <copse/tree/feature_rows.hpp>
#include <copse/tree/gradient_sums.hpp>
#include <copse/tree/histogram_shape.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

using namespace copse;
using namespace copse::detail;
using namespace copse::test;

namespace {

using sums = gradient_sums;

/// Rows first, first + step, ... as items whose derivatives are functions of the row.
std::vector<sums::item> items_of(std::size_t n, std::uint32_t first, std::uint32_t step) {
    std::vector<sums::item> items;
    for (auto i = first; i < n; i += step) {
        items.push_back({i, static_cast<std::int32_t>(i * 7919) - 50000, i * 31 % 1000});
    }
    return items;
}

std::vector<sums::cell> filled(binned_matrix const& bins, std::vector<sums::item> const& items,
                               int count_bits) {
    feature_rows const rows(bins, sequential{});
    std::vector<sums::cell> out(histogram_shape(bins).size());
    view<sums::item const> const all(items.data(), items.size());
    rows.add<sums>(all, count_bits, out.data());
    rows.complete<sums>(rows.total<sums>(all, count_bits, out), out.data());
    return out;
}

}  // namespace

TEST_CASE("a histogram has the sums of each bin's rows, missing ones in bin 0") {
    auto x = grid(500, 5, 3, 40);
    for (std::size_t i = 0; i < 500; ++i) {
        if (i % 7 == 0) x(i, 1) = missing;
        x(i, 2) = i % 40 == 0 ? 5 : 1;    // nearly always the same
        x(i, 3) = 1;                      // one bin
        x(i, 4) = static_cast<float>(i);  // 500 bins: two bytes a cell
    }
    auto const bins = bin_features(sequential{}, x, {.max_bins = 1000});
    histogram_shape const shape(bins);
    REQUIRE(shape.n_features() == 5);
    CHECK(shape.n_bins(3) == 2);
    CHECK(shape.n_bins(4) == 501);
    for (std::uint32_t const step : {1u, 3u, 50u}) {
        auto const items = items_of(500, step / 2, step);
        auto const cells = filled(bins, items, 20);
        for (std::size_t j = 0; j < 5; ++j) {
            std::vector<gradient_total> expected(shape.n_bins(j));
            for (auto const& i : items) {
                auto const bin = bins.cuts(j).bin_of(static_cast<double>(x(i.row, j)));
                expected[bin].gradient += i.gradient;
                expected[bin].hessian += i.hessian;
                ++expected[bin].count;
            }
            for (std::size_t b = 0; b < expected.size(); ++b) {
                auto const found = sums::total_of(cells[shape.first(j) + b], 20);
                CHECK(found.gradient == expected[b].gradient);
                CHECK(found.hessian == expected[b].hessian);
                CHECK(found.count == expected[b].count);
            }
        }
    }
}

TEST_CASE("a child's histogram is its parent's less its sibling's") {
    auto const x = grid(300, 4, 9, 12);
    auto const bins = bin_features(sequential{}, x, {});
    auto whole = filled(bins, items_of(300, 0, 1), 9);
    auto const odd = filled(bins, items_of(300, 1, 2), 9);
    auto const even = filled(bins, items_of(300, 0, 2), 9);
    for (std::size_t c = 0; c < whole.size(); ++c) sums::subtract(whole[c], odd[c]);
    CHECK(std::memcmp(whole.data(), even.data(), whole.size() * sizeof(sums::cell)) == 0);
}
