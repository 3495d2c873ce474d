// SPDX-License-Identifier: BSD-3-Clause
#include "support/backends.hpp"

#include <copse/core/random.hpp>
#include <copse/core/view.hpp>
#include <copse/tree/part_rows.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace copse;
using namespace copse::detail;

namespace {

struct item {
    std::uint32_t row;

    friend bool operator==(item, item) = default;
    friend bool operator<(item a, item b) { return a.row < b.row; }
};
using items = std::vector<item>;

items of_rows(std::size_t n) {
    items out(n);
    for (std::size_t i = 0; i < n; ++i) out[i].row = static_cast<std::uint32_t>(i);
    return out;
}

items sorted(items v) {
    std::sort(v.begin(), v.end());
    return v;
}

}  // namespace

TEST_CASE("parted items are those that go left in order, and the others from the back") {
    // Even rows go left.
    items const all{{4}, {7}, {2}, {9}, {8}};
    items to(5);
    auto const n_left = part_items(view<item const>(all), to.data(), 0, 5,
                                   [](std::uint32_t row) { return row % 2 == 0; });
    CHECK(n_left == 3);
    CHECK(to == items{{4}, {2}, {8}, {9}, {7}});
}

TEST_CASE_TEMPLATE("many threads part items as one does, but for their order", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const draws = random_stream(7);
    // Of a thousand rows, so many go left: none, few and unevenly, half, all.
    for (std::uint64_t const share : {0u, 3u, 500u, 1000u}) {
        auto const goes_left = [&](std::uint32_t row) {
            return row % 10'000 < 5'000 ? draws.bits(row) % 1000 < share : share == 1000;
        };
        for (std::size_t const n : {0u, 1u, 8'191u, 8'192u, 50'001u}) {
            auto const all = of_rows(n);
            items left;
            items right;
            for (auto const i : all) (goes_left(i.row) ? left : right).push_back(i);
            for (auto const n_jobs : copse::test::job_counts) {
                auto const backend = copse::test::with_jobs<Backend>(n_jobs);
                items to(n);
                backend.enter([&] {
                    part_items_shared(backend.inherited(), view<item const>(all), to.data(),
                                      left.size(), goes_left);
                });
                auto const middle = to.begin() + static_cast<std::ptrdiff_t>(left.size());
                CHECK(sorted(items(to.begin(), middle)) == left);
                CHECK(sorted(items(middle, to.end())) == right);
            }
        }
    }
}
