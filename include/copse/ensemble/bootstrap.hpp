// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A tree's own sample of the rows: how often each was drawn, and the integer weights it gets.
///
///     auto const times = times_drawn(stream, n_rows, n_draws);    // 0 where a row is out of bag
///
/// A function of the tree's stream alone, so what a tree did not see can be found again later.

#include <copse/core/random.hpp>
#include <copse/core/view.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse::detail {

/// How often each of n rows is drawn in n_draws draws with replacement. Counts stop at 255, which
/// takes more luck than 10^-300 for n above 255 and is impossible below.
/// `weight` has a weight for each row, some of them positive, or is empty; a bag in which no row
/// has weight says nothing and is drawn again. B. Efron, "Bootstrap Methods: Another Look at the
/// Jackknife", Ann. Statist. 7:1-26, 1979.
inline void draw_times(random_stream tree, std::size_t n, std::size_t n_draws,
                       std::vector<double> const& weight, std::vector<std::uint8_t>& times) {
    auto draws = tree.split(purpose::bootstrap);
    for (bool any = false; !any; draws = draws.split(purpose::bootstrap)) {
        times.assign(n, 0);
        any = weight.empty();
        for (std::size_t i = 0; i < n_draws; ++i) {
            auto const row = draws.below(static_cast<std::uint32_t>(n), i);
            auto& count = times[row];
            count = static_cast<std::uint8_t>(count + (count < 255 ? 1 : 0));
            any = any || weight[row] > 0;
        }
    }
}
[[nodiscard]] inline std::vector<std::uint8_t> times_drawn(random_stream tree, std::size_t n,
                                                           std::size_t n_draws,
                                                           std::vector<double> const& weight) {
    std::vector<std::uint8_t> times;
    draw_times(tree, n, n_draws, weight, times);
    return times;
}

/// The power of two that brings a sum of weights just below 2^30, so that rounding each weight up
/// keeps the sum below 2^31.
[[nodiscard]] inline double weight_scale(double total) noexcept {
    int exponent = 0;
    std::frexp(total, &exponent);  // total < 2^exponent
    return std::ldexp(1.0, 30 - exponent);
}

/// A positive weight as an integer of at least 1.
[[nodiscard]] inline std::uint32_t integer_weight(double weight, double scale) noexcept {
    return static_cast<std::uint32_t>(std::max(1.0, std::nearbyint(weight * scale)));
}

}  // namespace copse::detail
