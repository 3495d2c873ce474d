// SPDX-License-Identifier: BSD-3-Clause
#include "support/emulated_block.hpp"

#include <copse/core/random.hpp>
#include <copse/par/block_verbs.hpp>
#include <copse/par/kernel_stream.hpp>
#include <copse/par/sequential.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

static_assert(kernel_stream<host_stream<sequential>> && kernel_stream<emulated_stream>);

struct add_numbers {
    COPSE_FN void operator()(std::int64_t& sum, std::int64_t more) const { sum += more; }
};

/// Running sums of the block's values, by way of scratch.
struct scan_kernel {
    view<std::int64_t> values;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const mine = b.template scratch<std::int64_t>(values.size());
        auto const totals = b.template scratch<std::int64_t>(b.size());
        b.items(0, values.size(), [&](std::size_t i) { mine[i] = values[i]; });
        scan_in_block(b, mine, totals, add_numbers{});
        b.items(0, values.size(), [&](std::size_t i) { values[i] = mine[i]; });
    }
};

struct is_greater {
    COPSE_FN bool operator()(std::int64_t a, std::int64_t b) const { return a > b; }
};

struct greatest_kernel {
    view<std::int64_t const> values;
    view<std::int64_t> out;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const slots = b.template scratch<std::int64_t>(b.size());
        std::int64_t mine = -1;
        b.items(0, values.size(), [&](std::size_t i) { mine = greatest(mine, values[i]); });
        auto const best = best_in_block(b, mine, slots, is_greater{});
        // Whoever goes on first writes what the others have yet to read.
        auto const rank = static_cast<std::int64_t>(b.rank());
        auto const last = best_in_block(b, rank, slots, is_greater{});
        b.add_global(out[b.id()], best + last);
    }
};

/// Even numbers to the front, odd ones behind them, both in order.
struct part_kernel {
    view<std::int64_t const> from;
    view<std::int64_t> to;
    std::size_t n_even;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const counts = b.template scratch<std::uint32_t>(b.size());
        auto const totals = b.template scratch<std::uint32_t>(b.size());
        for_each_ranked(
            b, 0, from.size(), counts, totals, [&](std::size_t i) { return from[i] % 2 == 0; },
            [&](std::size_t i, bool even, std::size_t before) {
                to[even ? before : n_even + i - before] = from[i];
            });
    }
};

/// Each cell becomes the sum of its neighbours, twice; the syncs can be left out.
struct neighbours_kernel {
    view<std::uint32_t> out;
    bool first_sync;
    bool second_sync;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const n = out.size();
        auto const cells = b.template scratch<std::uint32_t>(n);
        b.items(0, n, [&](std::size_t i) { cells[i] = static_cast<std::uint32_t>(i * i); });
        if (first_sync) b.sync();
        b.items(0, n, [&](std::size_t i) { out[i] = cells[(i + 1) % n] + cells[(i + n - 1) % n]; });
        if (second_sync) b.sync();
        b.items(0, n, [&](std::size_t i) { cells[i] = 0; });
    }
};

/// Half of the members come to a sync that the others pass by.
struct parting_kernel {
    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        if (b.rank() % 2 == 0) b.sync();
    }
};

struct cell_pairs_kernel {
    view<std::uint32_t> visits;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        b.items(2, 7, 3,
                [&](std::size_t i, std::size_t j) { b.add_global(visits[(i - 2) * 3 + j], 1u); });
    }
};

std::vector<std::int64_t> drawn_numbers(std::size_t n) {
    random_stream const draws(n);
    std::vector<std::int64_t> out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = draws.below(1000, i);
    return out;
}

/// What every stream must make of a kernel, the one of a single member included.
template <class F>
void for_each_stream(F const& f) {
    f(host_stream<sequential>{});
    for_each_emulated_stream(f);
}

constexpr std::size_t many_bytes = 1 << 16;

/// Orders of five members under which the kernel does not give the neighbours' sums.
std::size_t wrong_orders(bool first_sync, bool second_sync) {
    std::size_t n_wrong = 0;
    for (auto const order :
         {member_order::forwards, member_order::backwards, member_order::shuffled}) {
        std::vector<std::uint32_t> out(20);
        emulated_stream{5, order}.for_each_block(1, 4096,
                                                 neighbours_kernel{out, first_sync, second_sync});
        bool right = true;
        for (std::uint32_t i = 0; i < 20; ++i) {
            auto const a = (i + 1) % 20;
            auto const b = (i + 19) % 20;
            right = right && out[i] == a * a + b * b;
        }
        n_wrong += right ? 0 : 1;
    }
    return n_wrong;
}

}  // namespace

TEST_CASE("running sums of a block are those of a loop, whatever its members") {
    for (std::size_t const n : {0u, 1u, 2u, 31u, 32u, 33u, 256u, 300u}) {
        auto const values = drawn_numbers(n);
        std::vector<std::int64_t> expected(n);
        std::partial_sum(values.begin(), values.end(), expected.begin());
        for_each_stream([&](auto const& stream) {
            auto got = values;
            stream.for_each_block(1, many_bytes, scan_kernel{got});
            CHECK(got == expected);
        });
    }
}

TEST_CASE("all members are told the best of what they hold, again and again") {
    for (std::size_t const n : {0u, 1u, 5u, 100u}) {
        auto const values = drawn_numbers(n);
        auto const best = std::accumulate(values.begin(), values.end(), std::int64_t{-1},
                                          [](auto a, auto b) { return greatest(a, b); });
        for_each_stream([&](auto const& stream) {
            std::vector<std::int64_t> out(3);
            stream.for_each_block(3, many_bytes, greatest_kernel{values, out});
            auto const n_members = static_cast<std::int64_t>(stream.members());
            CHECK(out == std::vector<std::int64_t>(3, n_members * (best + n_members - 1)));
        });
    }
}

TEST_CASE("items are placed by their rank among those of their kind, in order") {
    for (std::size_t const n : {0u, 1u, 31u, 32u, 33u, 200u}) {
        auto const values = drawn_numbers(n);
        auto expected = values;
        auto const middle = std::stable_partition(expected.begin(), expected.end(),
                                                  [](auto v) { return v % 2 == 0; });
        auto const n_even = static_cast<std::size_t>(middle - expected.begin());
        for_each_stream([&](auto const& stream) {
            std::vector<std::int64_t> got(n);
            stream.for_each_block(1, many_bytes, part_kernel{values, got, n_even});
            CHECK(got == expected);
        });
    }
}

TEST_CASE("items of a range and a width are visited once each") {
    for_each_stream([](auto const& stream) {
        std::vector<std::uint32_t> visits(15);
        stream.for_each_block(2, 64, cell_pairs_kernel{visits});
        CHECK(visits == std::vector<std::uint32_t>(15, 2));
    });
}

TEST_CASE("with all syncs, a kernel's answer is right in every order") {
    CHECK(wrong_orders(true, true) == 0);
}

TEST_CASE("a sync that is missing after writing is seen in every order") {
    CHECK(wrong_orders(false, true) == 3);
}

TEST_CASE("a sync that is missing before overwriting is seen") {
    CHECK(wrong_orders(true, false) >= 1);
}

TEST_CASE("members that come to different syncs are reported") {
    CHECK_THROWS_AS(
        (emulated_stream{4, member_order::forwards}.for_each_block(2, 0, parting_kernel{})),
        members_part);
    CHECK_NOTHROW(
        (emulated_stream{1, member_order::forwards}.for_each_block(2, 0, parting_kernel{})));
}

TEST_CASE("more scratch than a launch asked for is refused") {
    std::vector<std::uint32_t> out(20);
    CHECK_THROWS_AS((emulated_stream{3, member_order::forwards}.for_each_block(
                        1, 64, neighbours_kernel{out, true, true})),
                    std::logic_error);
}
