// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Losses of a margin m = y (w . x + b), y being -1 or 1, and their derivatives in w . x + b.
///
///     auto const at = logistic_loss{}(score, y);      // at.loss, at.slope, at.curve

#include <algorithm>
#include <cmath>

namespace copse::detail {

template <class T>
struct loss_at {
    T loss;
    T slope;  ///< first derivative in the score
    T curve;  ///< second derivative
};

/// log(1 + exp(-m)).
struct logistic_loss {
    template <class T>
    [[nodiscard]] loss_at<T> operator()(T score, T y) const noexcept {
        auto const m = y * score;
        auto const e = std::exp(-std::abs(m));  // never overflows
        auto const likely = T{1} / (T{1} + e);
        auto const miss = m > 0 ? e * likely : likely;  // 1 / (1 + exp(m))
        return {std::max(T{0}, -m) + std::log1p(e), -y * miss, e * likely * likely};
    }
};

/// max(0, 1 - m). At its corner the slope is 0.
struct hinge_loss {
    template <class T>
    [[nodiscard]] loss_at<T> operator()(T score, T y) const noexcept {
        auto const short_by = std::max(T{0}, T{1} - y * score);
        return {short_by, short_by > 0 ? -y : T{0}, T{0}};
    }
};

/// max(0, 1 - m)^2. Its second derivative jumps: 2 where there is a loss, 0 elsewhere.
struct squared_hinge_loss {
    template <class T>
    [[nodiscard]] loss_at<T> operator()(T score, T y) const noexcept {
        auto const short_by = std::max(T{0}, T{1} - y * score);
        return {short_by * short_by, T{-2} * y * short_by, short_by > 0 ? T{2} : T{0}};
    }
};

}  // namespace copse::detail
