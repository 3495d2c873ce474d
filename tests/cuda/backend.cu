// SPDX-License-Identifier: BSD-3-Clause
#include "cuda/device.hpp"

#include <copse/core/random.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/block_verbs.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

constexpr std::size_t n_bins = 256;
constexpr std::size_t rows_per_block = 1000;

/// A histogram, then its running sums, over the block layer's names.
struct count_and_scan {
    view<std::uint8_t const> bins;
    view<std::uint32_t> counts;
    view<std::uint64_t> wide_counts;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const mine = b.template scratch<std::uint32_t>(n_bins);
        auto const totals = b.template scratch<std::uint32_t>(b.size());
        auto const first = b.id() * rows_per_block;
        b.items(first, least(first + rows_per_block, bins.size()),
                [&](std::size_t i) { b.add(mine[bins[i]], 1u); });
        scan_in_block(b, mine, totals, detail::add_counts{});
        b.items(0, n_bins, [&](std::size_t bin) {
            b.add_global(counts[bin], mine[bin]);
            b.add_global(wide_counts[bin], std::uint64_t{mine[bin]} << 32);
        });
    }
};

}  // namespace

TEST_CASE("what a machine lacks is named, with what to use instead") {
    detail::cuda_machine machine{13000, 13000, 2, {}};
    CHECK(detail::why_not(machine, 0).empty());
    CHECK(detail::why_not(machine, 1).empty());
    CHECK(detail::why_not(machine, 2) ==
          "copse::cuda: device is 2 but this machine has 2; copse::tbb{} runs on the CPU and gives "
          "the same");
    CHECK(detail::why_not(machine, -1) == "copse::cuda: device is -1; it must be at least 0");
    machine.driver = 0;
    CHECK(detail::why_not(machine, 0) ==
          "copse::cuda: this machine has no CUDA driver, so device 0 cannot be used; copse::tbb{} "
          "runs on the CPU and gives the same");
    machine.driver = 12040;
    CHECK(detail::why_not(machine, 0) ==
          "copse::cuda: the driver is for CUDA 12.4 but the program was built with 13.0; install a "
          "newer driver; copse::tbb{} runs on the CPU and gives the same");
    machine.driver = 13010;
    CHECK(detail::why_not(machine, 0).empty());
    machine.error = "the system is not yet initialized";
    CHECK(detail::why_not(machine, 0) ==
          "copse::cuda: cudaGetDeviceCount: the system is not yet initialized; copse::tbb{} runs "
          "on the CPU and gives the same");
    CHECK(detail::too_little_memory(1, 4000, 3000, 10000) ==
          "copse::cuda: device 1 was asked for 4000 bytes but has 3000 free of 10000; fewer rows "
          "need less, and copse::tbb{} uses the host's memory");
}

TEST_CASE("an error names the call and what CUDA says of it") {
    CHECK_NOTHROW(detail::check_cuda(cudaSuccess, "cudaMemcpyAsync"));
    CHECK_THROWS_WITH_AS(detail::check_cuda(cudaErrorInvalidValue, "cudaMemcpyAsync"),
                         "copse::cuda: cudaMemcpyAsync: invalid argument (cudaErrorInvalidValue)",
                         device_error);
}

TEST_CASE("what is uploaded comes back, and zero is zero") {
    on_a_device([](detail::cuda_stream const& stream) {
        for (std::size_t const n : {0u, 1u, 1000u, 100000u}) {
            std::vector<std::uint32_t> values(n);
            for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<std::uint32_t>(i * i);
            auto here = detail::uploaded(stream, values);
            std::vector<std::uint32_t> back(n);
            stream.download(view<std::uint32_t const>(here.view()), view<std::uint32_t>(back));
            CHECK(back == values);
            stream.zero(here.view());
            stream.download(view<std::uint32_t const>(here.view()), view<std::uint32_t>(back));
            CHECK(back == std::vector<std::uint32_t>(n));
        }
    });
}

TEST_CASE("blocks count and add up what a loop does") {
    on_a_device([](detail::cuda_stream const& stream) {
        for (std::size_t const n : {0u, 1u, 999u, 1000u, 1001u, 123456u}) {
            random_stream const draws(n);
            std::vector<std::uint8_t> bins(n);
            std::vector<std::uint32_t> expected(n_bins);
            for (std::size_t i = 0; i < n; ++i) {
                bins[i] = static_cast<std::uint8_t>(draws.below(n_bins, i));
                for (std::size_t bin = bins[i]; bin < n_bins; ++bin) ++expected[bin];
            }
            auto const here = detail::uploaded(stream, bins);
            auto const counts = stream.buffer<std::uint32_t>(n_bins);
            auto const wide = stream.buffer<std::uint64_t>(n_bins);
            stream.zero(counts.view());
            stream.zero(wide.view());
            stream.for_each_block(
                n_blocks(n, rows_per_block), 4 * (n_bins + stream.members()),
                count_and_scan{view<std::uint8_t const>(here.view()), counts.view(), wide.view()});
            std::vector<std::uint32_t> got(n_bins);
            std::vector<std::uint64_t> got_wide(n_bins);
            stream.download(view<std::uint32_t const>(counts.view()), view<std::uint32_t>(got));
            stream.download(view<std::uint64_t const>(wide.view()), view<std::uint64_t>(got_wide));
            CHECK(got == expected);
            for (std::size_t bin = 0; bin < n_bins; ++bin)
                CHECK(got_wide[bin] == std::uint64_t{expected[bin]} << 32);
        }
    });
}

TEST_CASE("more memory than a device has gets a sentence, and the stream goes on") {
    on_a_device([](detail::cuda_stream const& stream) {
        CHECK_THROWS_AS((void)stream.buffer<double>(std::size_t{1} << 50), device_error);
        CHECK(stream.buffer<double>(10).size() == 10);
    });
}

TEST_CASE("the calling thread's device is as it was") {
    on_a_device([](detail::cuda_stream const& stream) {
        int before = -1;
        int after = -1;
        REQUIRE(cudaGetDevice(&before) == cudaSuccess);
        (void)stream.buffer<int>(10);
        REQUIRE(cudaGetDevice(&after) == cudaSuccess);
        CHECK(before == after);
    });
}
