// SPDX-License-Identifier: BSD-3-Clause
#include "support/backends.hpp"

#include <copse/core/random.hpp>
#include <copse/par/algorithms.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

using namespace copse;

namespace {

/// f(backend) inside every n_jobs.
template <class Backend, class F>
void with_every_n_jobs(F const& f) {
    for (auto const n_jobs : test::job_counts) {
        auto const backend = test::with_jobs<Backend>(n_jobs);
        backend.enter([&] { f(backend.inherited()); });
    }
}

/// Floats whose sum depends on the order of adding.
std::vector<float> rough_numbers(std::size_t n) {
    random_stream const draws(n);
    std::vector<float> values(n);
    for (std::size_t i = 0; i < n; ++i) {
        auto const sign = draws.below(2, 2 * i) == 0 ? -1.0 : 1.0;
        values[i] = static_cast<float>(sign / (1e-6 + draws.uniform(2 * i + 1)));
    }
    return values;
}

struct keyed {
    int key = 0;
    std::size_t place = 0;
    bool operator==(keyed const&) const = default;
};

struct by_key {
    bool operator()(keyed const& a, keyed const& b) const { return a.key < b.key; }
};

std::vector<keyed> few_keys(std::size_t n, std::uint32_t n_keys) {
    random_stream const draws(n);
    std::vector<keyed> out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = {static_cast<int>(draws.below(n_keys, i)), i};
    return out;
}

/// Owns memory, has no default value, and cannot be copied by memcpy.
class word {
public:
    explicit word(std::uint32_t n) : text_(std::string(40, 'x') + std::to_string(n)) {}
    auto operator<=>(word const&) const = default;

private:
    std::string text_;
};

std::vector<word> words(std::size_t n) {
    std::vector<word> out;
    for (std::size_t i = 0; i < n; ++i) out.emplace_back(random_stream(n).below(1000, i));
    return out;
}

// Past the size where sort begins to divide its work.
constexpr std::size_t many = 150001;

}  // namespace

TEST_CASE("blocks cover their range and no more") {
    CHECK(n_blocks(0) == 0);
    CHECK(n_blocks(1) == 1);
    CHECK(n_blocks(block_rows) == 1);
    CHECK(n_blocks(block_rows + 1) == 2);
    CHECK(n_blocks(10, 3) == 4);
}

TEST_CASE_TEMPLATE("for_each visits every index once", Backend, COPSE_TEST_BACKENDS) {
    with_every_n_jobs<Backend>([](auto const& backend) {
        for (auto const n : test::sizes) {
            std::vector<int> visits(n);
            for_each(backend, n, [&](std::size_t i) { ++visits[i]; });
            CHECK(visits == std::vector<int>(n, 1));
        }
    });
}

TEST_CASE_TEMPLATE("for_each_range cuts by size alone", Backend, COPSE_TEST_BACKENDS) {
    with_every_n_jobs<Backend>([](auto const& backend) {
        std::vector<std::pair<std::size_t, std::size_t>> ranges(4);
        for_each_range(backend, 10, 3, [&](std::size_t block, std::size_t first, std::size_t last) {
            ranges[block] = {first, last};
        });
        CHECK(ranges ==
              std::vector<std::pair<std::size_t, std::size_t>>{{0, 3}, {3, 6}, {6, 9}, {9, 10}});
    });
}

// The reference is written out: blocks of 4096 from left to right, then the blocks.
TEST_CASE_TEMPLATE("a sum of floats has the same bits on every backend and for every n_jobs",
                   Backend, COPSE_TEST_BACKENDS) {
    for (auto const n : {std::size_t{1}, std::size_t{33}, std::size_t{4097}, std::size_t{100000}}) {
        auto const values = rough_numbers(n);
        float expected = 0;
        for (std::size_t first = 0; first < n; first += 4096) {
            float sum = 0;
            for (auto i = first; i < std::min(n, first + 4096); ++i) sum += values[i];
            expected += sum;
        }
        with_every_n_jobs<Backend>([&](auto const& backend) {
            auto const sum = reduce(backend, n, 0.0f, [&](std::size_t i) { return values[i]; });
            CHECK(std::bit_cast<std::uint32_t>(sum) == std::bit_cast<std::uint32_t>(expected));
        });
    }
}

TEST_CASE("the floats of that test tell a wrong order from the right one") {
    auto const values = rough_numbers(100000);
    auto const forwards = std::accumulate(values.begin(), values.end(), 0.0f);
    auto const backwards = std::accumulate(values.rbegin(), values.rend(), 0.0f);
    CHECK(forwards != backwards);
}

TEST_CASE_TEMPLATE("reduce keeps order, so it joins text", Backend, COPSE_TEST_BACKENDS) {
    std::string expected;
    for (std::size_t i = 0; i < 10000; ++i) expected += std::to_string(i);
    with_every_n_jobs<Backend>([&](auto const& backend) {
        auto const text =
            reduce(backend, 10000, std::string(), [](std::size_t i) { return std::to_string(i); });
        CHECK((text == expected));
    });
}

TEST_CASE_TEMPLATE("reduce of nothing is zero, of one is that one", Backend, COPSE_TEST_BACKENDS) {
    auto const value = [](std::size_t) { return 5; };
    CHECK(reduce(Backend{}, 0, 0, value) == 0);
    CHECK(reduce(Backend{}, 1, 0, value) == 5);
}

TEST_CASE_TEMPLATE("reduce answers a question about all", Backend, COPSE_TEST_BACKENDS) {
    with_every_n_jobs<Backend>([](auto const& backend) {
        for (auto const n : test::sizes) {
            auto const is_last = [n](std::size_t i) { return i + 1 == n; };
            CHECK(reduce(backend, n, false, is_last, std::logical_or<>{}) == (n > 0));
            CHECK(reduce(
                backend, 64 * block_rows, true, [](std::size_t) { return true; },
                std::logical_and<>{}));
        }
    });
}

TEST_CASE_TEMPLATE("an exclusive scan gives what comes before, and the total", Backend,
                   COPSE_TEST_BACKENDS) {
    with_every_n_jobs<Backend>([](auto const& backend) {
        for (auto const n : test::sizes) {
            std::vector<std::uint32_t> values(n);
            for (std::size_t i = 0; i < n; ++i) values[i] = random_stream(n).below(100, i);
            std::vector<std::uint32_t> expected(n);
            std::exclusive_scan(values.begin(), values.end(), expected.begin(), 0u);
            auto const total = std::accumulate(values.begin(), values.end(), 0u);
            CHECK(exclusive_scan(backend, view(values)) == total);
            CHECK((values == expected));
        }
    });
}

TEST_CASE_TEMPLATE("a scan of small integers wraps as they do", Backend, COPSE_TEST_BACKENDS) {
    std::vector<std::uint8_t> values(5000, 1);
    CHECK(exclusive_scan(Backend{}, view(values)) == 5000 % 256);
    CHECK(values[4999] == 4999 % 256);
}

TEST_CASE_TEMPLATE("sort is stable", Backend, COPSE_TEST_BACKENDS) {
    for (auto const n : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{33},
                         std::size_t{1000}, many}) {
        auto const values = few_keys(n, 7);
        auto expected = values;
        std::stable_sort(expected.begin(), expected.end(), by_key{});
        with_every_n_jobs<Backend>([&](auto const& backend) {
            auto sorted = values;
            sort(backend, view(sorted), by_key{});
            CHECK((sorted == expected));
        });
    }
}

TEST_CASE_TEMPLATE("sort takes sorted, reversed and equal values", Backend, COPSE_TEST_BACKENDS) {
    std::vector<int> rising(many);
    std::iota(rising.begin(), rising.end(), 0);
    auto const backend = test::with_jobs<Backend>(3);
    backend.enter([&] {
        auto sorted = rising;
        sort(backend.inherited(), view(sorted));
        CHECK((sorted == rising));
        std::reverse(sorted.begin(), sorted.end());
        sort(backend.inherited(), view(sorted));
        CHECK((sorted == rising));
        sort(backend.inherited(), view(sorted), std::greater<>{});
        CHECK(std::is_sorted(sorted.rbegin(), sorted.rend()));
        std::vector<int> equal(many, 3);
        sort(backend.inherited(), view(equal));
        CHECK((equal == std::vector<int>(many, 3)));
    });
}

TEST_CASE_TEMPLATE("sort moves values that own memory", Backend, COPSE_TEST_BACKENDS) {
    auto values = words(70000);
    auto expected = values;
    std::stable_sort(expected.begin(), expected.end());
    auto const backend = test::with_jobs<Backend>(2);
    backend.enter([&] { sort(backend.inherited(), view(values)); });
    CHECK((values == expected));
}

// By hand: 5 2 8 1 4, the even ones left.
TEST_CASE_TEMPLATE("partition keeps the order on both sides", Backend, COPSE_TEST_BACKENDS) {
    std::vector<int> rows{5, 2, 8, 1, 4};
    std::vector<int> scratch(5);
    auto const n_left =
        partition(Backend{}, view(rows), view(scratch), [](int row) { return row % 2 == 0; });
    CHECK(n_left == 3);
    CHECK(rows == std::vector<int>{2, 8, 4, 5, 1});
}

TEST_CASE_TEMPLATE("partition is the standard's stable partition", Backend, COPSE_TEST_BACKENDS) {
    with_every_n_jobs<Backend>([](auto const& backend) {
        for (auto const n : test::sizes) {
            for (int const cut : {-1, 0, 3, 7}) {  // none, few, some, all go left
                auto rows = few_keys(n, 7);
                auto expected = rows;
                auto const goes_left = [cut](keyed const& row) { return row.key < cut; };
                auto const middle =
                    std::stable_partition(expected.begin(), expected.end(), goes_left);
                std::vector<keyed> scratch(n);
                auto const n_left = partition(backend, view(rows), view(scratch), goes_left);
                CHECK(n_left == static_cast<std::size_t>(middle - expected.begin()));
                CHECK((rows == expected));
            }
        }
    });
}
