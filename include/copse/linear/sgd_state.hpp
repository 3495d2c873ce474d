// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a run of stochastic gradient descent is told, and all that it knows: kept as data, so that
/// it can go on where it stopped.

#include <copse/linear/l1_penalty.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace copse {

/// How far a step goes, t being the number of the row, or batch of rows, since the first.
enum class sgd_rate {
    optimal,          ///< 1 / (alpha (t0 + t)), t0 such that the first steps suit weights of size 1
    inverse_scaling,  ///< eta0 / t^(1/4)
    constant,         ///< eta0
    adagrad           ///< of each weight its own: eta0 / sqrt(the sum of its squared slopes so far)
};

/// What weights cost, times alpha.
enum class sgd_penalty {
    l2,          ///< ||w||^2 / 2
    l1,          ///< |w|_1: many weights become 0
    elasticnet,  ///< l1_ratio |w|_1 + (1 - l1_ratio) ||w||^2 / 2
    none         ///< nothing; alpha then sets the optimal rate alone
};

namespace detail {

struct sgd_rules {
    double alpha;
    l1_penalty penalty;  ///< alpha included
    sgd_rate rate;
    double eta0;
    std::size_t average_after;
    bool fit_intercept;
    std::uint64_t seed;
    std::size_t batch_size = 1;
    std::optional<std::size_t> local_epochs{};
};

/// alpha times the penalty.
[[nodiscard]] constexpr l1_penalty penalty_of(sgd_penalty kind, double alpha,
                                              double l1_ratio) noexcept {
    switch (kind) {
        case sgd_penalty::l2:
            return {0, alpha};
        case sgd_penalty::l1:
            return {alpha, 0};
        case sgd_penalty::elasticnet:
            return {alpha * l1_ratio, alpha * (1 - l1_ratio)};
        case sgd_penalty::none:
            break;
    }
    return {0, 0};
}

/// All that a run of descent knows.
struct sgd_state {
    std::vector<double> w;  ///< as it is now
    double b = 0;
    std::size_t n_rows = 0;       ///< seen so far, in all epochs
    std::size_t n_epochs = 0;     ///< decides the next order of rows
    std::vector<double> w_sum{};  ///< over the rows since the average began
    double b_sum = 0;
    std::size_t n_summed = 0;
    double l1_due = 0;              ///< what |w|_1 has cost any weight so far, at most
    std::vector<double> l1_paid{};  ///< of each weight: the same of itself, signed; empty: nothing
    std::vector<double> squares{};  ///< of each weight's slopes: their sum; empty: no adagrad yet
    double b_square = 0;

    explicit sgd_state(std::size_t d = 0) : w(d) {}

    /// What predicts: the average, if there is one.
    [[nodiscard]] std::vector<double> coef() const {
        if (n_summed == 0) return w;
        auto out = w_sum;
        for (auto& value : out) value /= static_cast<double>(n_summed);
        return out;
    }
    [[nodiscard]] double intercept() const noexcept {
        return n_summed == 0 ? b : b_sum / static_cast<double>(n_summed);
    }
    /// What the weights that predict cost.
    [[nodiscard]] double cost(l1_penalty penalty) const {
        double sum = 0;
        for (auto const value : coef()) sum += penalty.of(value);
        return sum;
    }

    bool operator==(sgd_state const&) const = default;
};

}  // namespace detail
}  // namespace copse
