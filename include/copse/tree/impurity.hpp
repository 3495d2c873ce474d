// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How impure a set of targets is, as *scores*: a split is the better, the greater the score of its
/// left side plus the score of its right side. The weighted impurity of a set is a constant of the
/// training set minus its score, so maximising one minimises the other.
///
///     gini             w (1 - sum_k p_k^2)             score  sum_k w_k^2 / w
///     entropy          -w sum_k p_k log2 p_k           score  sum_k f(w_k) - f(w), f(w) = w log2 w
///     squared_error    sum_i w_i (y_i - mean)^2        score  s^2 / w,             s = sum_i w_i
///     y_i poisson          half the Poisson deviance       score  s log(s / w) absolute_error
///     sum_i w_i |y_i - median|        score  minus itself
///
/// Weights and targets are integers here (see tally.hpp), so equal sets have equal scores whatever
/// the order in which they were summed. Products feed divisions or exact_product only: no compiler
/// can fuse them, and scores agree on every CPU and GPU.
///
/// L. Breiman et al., "Classification and Regression Trees", 1984, chapters 4 and 8.

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>

#include <array>
#include <cstdint>

namespace copse {

/// What a classification tree's splits make purer. log_loss is entropy by another name.
enum class class_criterion { gini, entropy, log_loss = entropy };

/// What a regression tree's splits make smaller.
enum class real_criterion { squared_error, absolute_error, poisson };

namespace detail {

/// sum_k w_k^2 / w. Weights sum to at most 2^31, so squares fit in 62 bits.
struct gini {
    using sum_type = std::uint64_t;

    /// What `sum` gains when a class goes from weight `before` to `before + more`.
    [[nodiscard]] COPSE_FN sum_type gain(std::uint64_t before, std::uint64_t more) const noexcept {
        return more * (2 * before + more);
    }
    [[nodiscard]] COPSE_FN double score(sum_type sum, std::uint64_t weight) const noexcept {
        // Both are below 2^63, and signed numbers become doubles in one instruction.
        return static_cast<double>(static_cast<std::int64_t>(sum)) /
               static_cast<double>(static_cast<std::int64_t>(weight));
    }
};

/// sum_k f(w_k) - f(w) with f(w) = w log2 w in steps of 2^-20, so that sums are exact.
class entropy {
public:
    using sum_type = std::int64_t;

    [[nodiscard]] sum_type gain(std::uint64_t before, std::uint64_t more) const noexcept {
        return f(before + more) - f(before);
    }
    [[nodiscard]] double score(sum_type sum, std::uint64_t weight) const noexcept {
        return static_cast<double>(sum - f(weight)) * 0x1p-20;
    }

    [[nodiscard]] static sum_type f(std::uint64_t w) noexcept {
        return w < small.size() ? small[w] : compute(w);
    }

private:
    [[nodiscard]] static sum_type compute(std::uint64_t w) noexcept {
        constexpr double steps_per_nat = 1.4426950408889634 * 0x1p20;
        if (w < 2) return 0;
        auto const x = static_cast<double>(w);
        return static_cast<sum_type>(exact_product(exact_product(x, log_of(x)), steps_per_nat) +
                                     0.5);
    }
    // Most nodes are small, and a logarithm costs as much as twenty table look-ups.
    inline static std::array<sum_type, 4096> const small = [] {
        std::array<sum_type, 4096> table{};
        for (std::size_t w = 0; w < table.size(); ++w) table[w] = compute(w);
        return table;
    }();
};

struct squared_error {
    [[nodiscard]] COPSE_FN double score(std::int64_t sum, std::uint64_t weight) const noexcept {
        auto const s = static_cast<double>(sum);
        return s * s / static_cast<double>(weight);
    }
};

struct poisson {
    [[nodiscard]] COPSE_FN double score(std::int64_t sum, std::uint64_t weight) const noexcept {
        if (sum <= 0) return 0;  // the limit of s log s
        auto const s = static_cast<double>(sum);
        return exact_product(s, log_of(s / static_cast<double>(weight)));
    }
};

}  // namespace detail
}  // namespace copse
