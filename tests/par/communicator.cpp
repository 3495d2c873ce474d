// SPDX-License-Identifier: BSD-3-Clause
#include <copse/par/communicator.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

using namespace copse;

TEST_CASE("every rank gets the sum over all ranks, taken in their order, again and again") {
    for (std::size_t const n : {std::size_t{1}, std::size_t{2}, std::size_t{4}, std::size_t{7}}) {
        std::vector<std::vector<double>> found(n);
        run_ranks(n, [&](thread_communicator& ranks) {
            CHECK(ranks.size() == n);
            auto const r = static_cast<double>(ranks.rank());
            for (int round = 0; round < 50; ++round) {
                std::vector<double> numbers{1, r, 0.1 * (r + 1)};
                ranks.allreduce_sum(numbers);
                if (round == 0) {
                    found[ranks.rank()] = numbers;
                } else if (numbers != found[ranks.rank()]) {
                    throw std::runtime_error("a later round gave another sum");
                }
            }
        });
        double tenths = 0;
        for (std::size_t r = 0; r < n; ++r) tenths += 0.1 * (static_cast<double>(r) + 1);
        auto const m = static_cast<double>(n);
        for (auto const& numbers : found)
            CHECK(numbers == std::vector<double>{m, m * (m - 1) / 2, tenths});
    }
}

TEST_CASE("a broadcast gives every rank the numbers of one") {
    std::vector<std::vector<double>> found(3);
    run_ranks(3, [&](thread_communicator& ranks) {
        std::vector<double> numbers(2, static_cast<double>(ranks.rank()));
        ranks.broadcast(numbers, 2);
        found[ranks.rank()] = numbers;
    });
    for (auto const& numbers : found) CHECK(numbers == std::vector<double>{2, 2});
}

TEST_CASE("nobody passes a barrier before all are there") {
    std::atomic<int> here = 0;
    std::atomic<bool> early = false;
    run_ranks(4, [&](thread_communicator& ranks) {
        ++here;
        ranks.barrier();
        if (here != 4) early = true;
    });
    CHECK(!early);
}

TEST_CASE("a rank that throws ends the others, and its exception is the one that is thrown") {
    std::atomic<int> n_aborted = 0;
    CHECK_THROWS_WITH_AS(run_ranks(4,
                                   [&](thread_communicator& ranks) {
                                       if (ranks.rank() == 2) throw std::runtime_error("of rank 2");
                                       try {
                                           std::vector<double> numbers(5);
                                           ranks.allreduce_sum(numbers);
                                       } catch (aborted const&) {
                                           ++n_aborted;
                                           throw;
                                       }
                                   }),
                         "of rank 2", std::runtime_error);
    CHECK(n_aborted == 3);
    CHECK_THROWS_AS(run_ranks(3,
                              [&](thread_communicator& ranks) {
                                  if (ranks.rank() == 0) {
                                      ranks.abort();
                                  } else {
                                      ranks.barrier();
                                  }
                              }),
                    aborted);
}

TEST_CASE("ranks whose numbers do not match are told, instead of waiting for each other") {
    CHECK_THROWS_WITH_AS(run_ranks(2,
                                   [&](thread_communicator& ranks) {
                                       std::vector<double> numbers(3 + ranks.rank());
                                       ranks.allreduce_sum(numbers);
                                   }),
                         "communicator: rank 1 has 4 numbers but rank 0 has 3", invalid_input);
    CHECK_THROWS_WITH_AS(run_ranks(0, [](thread_communicator&) {}),
                         "run_ranks: n is 0; it must be at least 1", invalid_input);
}
