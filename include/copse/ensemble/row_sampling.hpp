// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Which rows a round of boosting is grown on. Each row is kept with a probability of its own, by a
/// random number of its own; where rows differ in probability, one that is kept counts 1 / p times,
/// so that sums over the kept rows are right in the mean.
///
///     auto const chance = keep_chance(row_sampling::goss, scores, 0.3);
///     chance.of(scores[i]);    // the probability that row i is kept

#include <copse/core/math.hpp>
#include <copse/core/view.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace copse {

/// How the rows of a round are chosen; boosting_sampling::subsample says how many.
enum class row_sampling {
    uniform,  ///< all alike
    /// The rows of largest gradients, 2/3 of the sample, and some of the others. G. Ke et al.,
    /// "LightGBM", NIPS 2017, algorithm 2. LightGBM looks at |g h| instead, and takes 0.2 and 0.1
    /// of the rows where nothing is said.
    goss,
    /// In proportion to sqrt(g^2 + 0.1 h^2), which makes scores of splits vary least.
    /// B. Ibragimov, G. Gusev, "Minimal Variance Sampling in Stochastic Gradient Boosting", NeurIPS
    /// 2019, theorem 1.
    minimal_variance
};

namespace detail {

/// How much a row matters, from its derivatives. Scores of several outputs are added.
[[nodiscard]] inline double row_score(row_sampling how, double g, double h) noexcept {
    if (how == row_sampling::goss) return std::fabs(g);
    return std::sqrt(exact_product(g, g) + exact_product(0.1, exact_product(h, h)));
}

/// The probability that a row is kept: 1 from `sure` upwards; below, a constant, or in proportion
/// to the score.
struct keep_chance {
    float sure = 0;
    double constant = 0;
    double per_score = 0;

    keep_chance(row_sampling how, view<float const> scores, double fraction) {
        if (how == row_sampling::goss) {
            by_rank(scores, fraction);
        } else {
            in_proportion(scores, fraction);
        }
    }
    [[nodiscard]] double of(float score) const noexcept {
        return score >= sure ? 1 : constant + exact_product(per_score, static_cast<double>(score));
    }

private:
    void by_rank(view<float const> scores, double fraction) {
        auto const n = scores.size();
        auto const n_sure = static_cast<std::size_t>(2 * fraction / 3 * static_cast<double>(n));
        auto const at = std::min(n_sure, n - 1);
        std::vector<float> sorted(scores.begin(), scores.end());
        auto const place = sorted.begin() + static_cast<std::ptrdiff_t>(at);
        std::nth_element(sorted.begin(), place, sorted.end(), std::greater<>{});
        sure =
            std::nextafter(*place, 2 * *place + 1);  // ties of the first that is not sure are not
        constant = fraction / 3 / (1 - 2 * fraction / 3);
    }
    /// Scores of at least some mu are sure, p = score / mu for others, and the mean of p is
    /// `fraction`. Scores are counted by their first bits, so that one pass finds mu to 1/64.
    void in_proportion(view<float const> scores, double fraction) {
        struct slot {
            std::size_t count = 0;
            double sum = 0;
        };
        constexpr int shift = 17;  // of 23 bits behind the point, 6 remain
        std::vector<slot> slots(std::size_t{1} << (31 - shift));
        for (auto const score : scores) {
            auto& to = slots[std::bit_cast<std::uint32_t>(score) >> shift];
            ++to.count;
            to.sum += static_cast<double>(score);
        }
        double below = 0;
        for (auto const& s : slots) below += s.sum;
        auto wanted = fraction * static_cast<double>(scores.size());
        for (auto k = slots.size(); k-- > 0 && below > 0;) {
            // If no row from here upwards were sure any more, mu would be:
            auto const mu = below / wanted;
            auto const least = std::bit_cast<float>(static_cast<std::uint32_t>(k) << shift);
            if (slots[k].count > 0 && mu > slots[k].sum / static_cast<double>(slots[k].count)) {
                sure = static_cast<float>(mu);
                per_score = 1 / mu;
                return;
            }
            if (static_cast<double>(slots[k].count) >= wanted) {
                sure = least;
                per_score = 0;
                return;
            }
            wanted -= static_cast<double>(slots[k].count);
            below -= slots[k].sum;
        }
        constant = fraction;  // all scores are 0
        sure = std::nextafter(0.0f, 1.0f);
    }
};

}  // namespace detail
}  // namespace copse
