// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How a prediction follows from a raw score, the sum of the trees.
///
///     response(link_function::log, 0.0)        // 1

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>

namespace copse {

enum class link_function {
    identity,  ///< they are the same
    log        ///< a raw score is the logarithm of a positive prediction
};

namespace detail {

/// e^300 is greater than any mean, and its products with other such numbers are still finite.
inline constexpr double greatest_log = 300.0;

/// A raw score, brought into [-300, 300]: derivatives stay finite however far a score runs.
[[nodiscard]] COPSE_FN inline double bounded_log(double raw) noexcept {
    return raw > greatest_log ? greatest_log : (raw < -greatest_log ? -greatest_log : raw);
}

}  // namespace detail

/// The prediction. Of link_function::log, raw scores count as in [-300, 300].
[[nodiscard]] COPSE_FN inline double response(link_function kind, double raw) noexcept {
    return kind == link_function::log ? exp_of(detail::bounded_log(raw)) : raw;
}

}  // namespace copse
