// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Dropout of boosted trees. A round is grown against what is wrong when some earlier rounds are
/// left out; afterwards it and they are scaled down, so that together they count as those before.
///
///     auto const dropped = dropped_rounds({.rate = 0.1}, n_rounds, stream);    // increasing
///
/// R. Vinayak, R. Gilad-Bachrach, "DART: Dropouts meet Multiple Additive Regression Trees",
/// AISTATS 2015, algorithm 1, with the learning rate where LightGBM has it.

#include <copse/core/checks.hpp>
#include <copse/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// Which earlier rounds a round of boosting leaves out. With k left out, its trees are multiplied
/// by learning_rate / (k + 1), and those left out by k / (k + 1).
struct boosting_dropout {
    double rate = 0;              ///< each earlier round is left out with this probability
    double skip = 0.5;            ///< the probability that a round leaves none out
    std::size_t max_rounds = 50;  ///< that are left out at once; the mean is kept to it too

    bool operator==(boosting_dropout const&) const = default;
};

namespace detail {

/// The rounds of 0..n_rounds-1 that are left out, increasing.
[[nodiscard]] inline std::vector<std::size_t> dropped_rounds(boosting_dropout const& of,
                                                             std::size_t n_rounds,
                                                             random_stream draws) {
    if (n_rounds == 0 || of.rate <= 0 || draws.uniform(n_rounds) < of.skip) return {};
    auto const most = static_cast<double>(of.max_rounds) / static_cast<double>(n_rounds);
    auto const rate = std::min(of.rate, most);
    std::vector<std::pair<double, std::size_t>> drawn;
    for (std::size_t r = 0; r < n_rounds; ++r) {
        auto const u = draws.uniform(r);
        if (u < rate) drawn.emplace_back(u, r);
    }
    if (drawn.size() > of.max_rounds) {
        std::sort(drawn.begin(), drawn.end());
        drawn.resize(of.max_rounds);
    }
    std::vector<std::size_t> out;
    for (auto const& [u, r] : drawn) out.push_back(r);
    std::sort(out.begin(), out.end());
    return out;
}

/// Whole multiples of a power of two. Sums of them are exact, as long as they stay below 2^52
/// units, so that trees may be taken out of a raw score and put back in any order: a fit that goes
/// on from a model has the bits of one that was not interrupted.
class value_grid {
public:
    value_grid() = default;  ///< every number is on it
    /// For raw scores of about so much. A unit is 2^-36 of it: 7e-12 at most.
    explicit value_grid(double scale) : unit_(std::ldexp(1.0, std::ilogb(scale) - 36)) {}

    [[nodiscard]] double nearest(double value) const noexcept {
        return unit_ > 0 ? std::nearbyint(value / unit_) * unit_ : value;
    }

private:
    double unit_ = 0;
};

inline void check_dropout(std::string_view who, boosting_dropout const& d) {
    check_range(who, "dropout.rate", d.rate, 0, 1, "in [0, 1]");
    check_range(who, "dropout.skip", d.skip, 0, 1, "in [0, 1]");
    check_at_least(who, "dropout.max_rounds", d.max_rounds, 1);
}

}  // namespace detail
}  // namespace copse
