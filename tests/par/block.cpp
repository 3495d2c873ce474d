// SPDX-License-Identifier: BSD-3-Clause
#include "support/backends.hpp"

#include <copse/core/random.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/block.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

using namespace copse;

namespace {

constexpr std::size_t n_bins = 256;
constexpr std::size_t rows_per_block = 1000;

/// A histogram over the block layer's names.
struct count_bins {
    view<std::uint8_t const> bins;
    view<std::uint32_t> out;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const mine = b.template scratch<std::uint32_t>(n_bins);
        auto const first = b.id() * rows_per_block;
        auto const rest = bins.size() - first;
        b.items(first, first + (rest < rows_per_block ? rest : rows_per_block),
                [&](std::size_t i) { b.add(mine[bins[i]], 1u); });
        b.sync();
        b.items(0, n_bins, [&](std::size_t bin) {
            if (mine[bin] != 0) b.add_global(out[bin], mine[bin]);
        });
    }
};

std::vector<std::uint8_t> random_bins(std::size_t n) {
    random_stream const draws(n);
    std::vector<std::uint8_t> bins(n);
    for (std::size_t i = 0; i < n; ++i) {  // squared: some bins far more often than others
        auto const u = draws.uniform(i);
        bins[i] = static_cast<std::uint8_t>(256 * u * u);
    }
    return bins;
}

}  // namespace

TEST_CASE_TEMPLATE("a histogram by blocks is the plain one", Backend, COPSE_TEST_BACKENDS) {
    for (auto const n : test::sizes) {
        auto const bins = random_bins(n);
        std::vector<std::uint32_t> expected(n_bins);
        for (auto const bin : bins) ++expected[bin];
        for (auto const n_jobs : test::job_counts) {
            std::vector<std::uint32_t> counts(n_bins);
            auto const backend = test::with_jobs<Backend>(n_jobs);
            backend.enter([&] {
                for_each_block(backend.inherited(), n_blocks(n, rows_per_block),
                               n_bins * sizeof(std::uint32_t), count_bins{bins, counts});
            });
            CHECK(counts == expected);
        }
    }
}

TEST_CASE_TEMPLATE("scratch is zeroed for every block, and its pieces do not overlap", Backend,
                   COPSE_TEST_BACKENDS) {
    std::vector<int> dirty(200);
    auto const kernel = [&](auto& b) {
        auto const bytes = b.template scratch<std::uint8_t>(3);
        auto const doubles = b.template scratch<double>(5);
        auto const all_zero =
            std::all_of(bytes.begin(), bytes.end(), [](auto x) { return x == 0; }) &&
            std::all_of(doubles.begin(), doubles.end(), [](auto x) { return x == 0; });
        std::fill(bytes.begin(), bytes.end(), std::uint8_t{255});
        auto const apart =
            std::all_of(doubles.begin(), doubles.end(), [](auto x) { return x == 0; });
        std::fill(doubles.begin(), doubles.end(), 1.0);
        if (!all_zero || !apart) dirty[b.id()] = 1;
    };
    for_each_block(Backend{}, 200, 128, kernel);
    CHECK(dirty == std::vector<int>(200));
}

TEST_CASE_TEMPLATE("a block may launch blocks and keep its scratch", Backend, COPSE_TEST_BACKENDS) {
    constexpr std::size_t n_outer = 8;
    std::vector<std::uint32_t> sums(n_outer);
    for_each_block(Backend{}, n_outer, 64, [&](auto& outer) {
        auto const mine = outer.template scratch<std::uint32_t>(1);
        mine[0] = 1000;
        for_each_block(Backend{}, 4, 256, [&](auto& inner) {
            auto const theirs = inner.template scratch<std::uint32_t>(64);
            std::fill(theirs.begin(), theirs.end(), 1u);
            inner.add_global(sums[outer.id()], theirs[63]);
        });
        outer.add_global(sums[outer.id()], mine[0]);
    });
    CHECK(sums == std::vector<std::uint32_t>(n_outer, 1004));
}

TEST_CASE("a block on the CPU is a team of one") {
    for_each_block(sequential{}, 1, 0, [](auto& b) {
        CHECK(b.id() == 0);
        CHECK(b.rank() == 0);
        CHECK(b.size() == 1);
        int n = 0;
        b.items(3, 7, [&](std::size_t i) { n += static_cast<int>(i); });
        CHECK(n == 3 + 4 + 5 + 6);
    });
}
