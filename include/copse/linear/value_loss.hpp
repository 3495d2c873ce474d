// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Losses of a score against a number, and their derivatives in the score.
///
///     auto const at = half_square_loss{}(score, y);      // at.loss, at.slope, at.curve

#include <copse/linear/margin_loss.hpp>

#include <algorithm>
#include <cmath>

namespace copse::detail {

/// (score - y)^2 / 2.
struct half_square_loss {
    template <class T>
    [[nodiscard]] loss_at<T> operator()(T score, T y) const noexcept {
        auto const error = score - y;
        return {T{0.5} * error * error, error, T{1}};
    }
};

/// max(0, |score - y| - epsilon). At its corners the slope is 0.
struct epsilon_insensitive_loss {
    double epsilon;

    template <class T>
    [[nodiscard]] loss_at<T> operator()(T score, T y) const noexcept {
        auto const error = score - y;
        auto const beyond = std::max(T{0}, std::abs(error) - static_cast<T>(epsilon));
        return {beyond, beyond > 0 ? std::copysign(T{1}, error) : T{0}, T{0}};
    }
};

/// max(0, |score - y| - epsilon)^2. Its second derivative jumps: 2 where there is a loss, else 0.
struct squared_epsilon_insensitive_loss {
    double epsilon;

    template <class T>
    [[nodiscard]] loss_at<T> operator()(T score, T y) const noexcept {
        auto const error = score - y;
        auto const beyond = std::max(T{0}, std::abs(error) - static_cast<T>(epsilon));
        return {beyond * beyond, T{2} * std::copysign(beyond, error), beyond > 0 ? T{2} : T{0}};
    }
};

}  // namespace copse::detail
