// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The arithmetic of ranked documents that the NDCG metric and the LambdaRank loss share.
///
///     relevance_gain(2)        // 3: 2^2 - 1
///     rank_discount(0)         // 1: 1 / log2(2)
///
/// K. Jarvelin and J. Kekalainen, "Cumulated Gain-Based Evaluation of IR Techniques", ACM
/// Transactions on Information Systems 20:422-446, 2002, with the discount of C. Burges et al.,
/// "Learning to Rank using Gradient Descent", ICML 2005, section 6.

#include <copse/core/math.hpp>
#include <copse/core/view.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace copse::detail {

/// 2^relevance - 1 of a whole relevance from 0 to 31.
[[nodiscard]] inline double relevance_gain(double relevance) noexcept {
    return static_cast<double>((std::uint64_t{1} << static_cast<unsigned>(relevance)) - 1);
}

/// 1 / log2(rank + 2), rank = 0, 1, ...
[[nodiscard]] inline double rank_discount(std::size_t rank) {
    constexpr double ln_2 = 0.69314718055994531;
    auto const compute = [](std::size_t r) { return ln_2 / log_of(static_cast<double>(r + 2)); };
    static auto const first = [&] {
        std::array<double, 1024> table{};
        for (std::size_t r = 0; r < table.size(); ++r) table[r] = compute(r);
        return table;
    }();
    return rank < first.size() ? first[rank] : compute(rank);
}

/// The documents by decreasing score, equal ones in the order given.
[[nodiscard]] inline std::vector<std::uint32_t> ranking_by(view<double const> score) {
    std::vector<std::uint32_t> order(score.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return score[a] != score[b] ? score[a] > score[b] : a < b;
    });
    return order;
}

/// The discounted cumulated gain of the first k documents when they rank by score. Where scores are
/// equal, the mean over all orders of those documents, so that the order given does not matter.
/// Source  F. McSherry and M. Najork, "Computing Information Retrieval Performance Measures
///         Efficiently in the Presence of Tied Scores", ECIR 2008, section 2.6.
[[nodiscard]] inline double dcg_at(std::size_t k, view<double const> gain,
                                   view<double const> score) {
    auto const order = ranking_by(score);
    double sum = 0;
    for (std::size_t first = 0, last = 0; first < std::min(k, order.size()); first = last) {
        double gains = 0;
        double discounts = 0;
        for (; last < order.size() && score[order[last]] == score[order[first]]; ++last) {
            gains += gain[order[last]];
            if (last < k) discounts += rank_discount(last);
        }
        sum += exact_product(gains / static_cast<double>(last - first), discounts);
    }
    return sum;
}

/// The greatest that dcg_at can be.
[[nodiscard]] inline double greatest_dcg_at(std::size_t k, view<double const> gain) {
    return dcg_at(k, gain, gain);
}

}  // namespace copse::detail
