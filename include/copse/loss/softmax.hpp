// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The loss of K classes: one raw score for each, and one tree for each in every round.
///
///     softmax_loss{}.at(code, raw, out);        // K raw scores of a row in, K derivatives out

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/loss.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse {

/// The negative log-likelihood, in nats, of class `code` with probabilities
/// p_k = exp(raw_k) / sum_j exp(raw_j):
///
///     value       -log p_code
///     gradient_k  p_k - [k = code]
///     hessian_k   K / (K - 1) p_k (1 - p_k)
///     response_k  p_k
///
/// The Hessian is the diagonal, times LightGBM's factor; XGBoost's is 2, scikit-learn's 1. With it
/// a round of two classes moves raw_1 - raw_0 as far as a round of log_loss moves its raw score.
///
/// Shapes  raw, out: K >= 2 numbers; code < K. In response, out may be raw.
/// Cost    K exponentials.
/// Source  J. Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", The Annals of
///         Statistics 29:1189-1232, 2001, algorithm 6.
struct softmax_loss {
    COPSE_FN void at(std::uint32_t code, view<double const> raw,
                     view<derivatives> out) const noexcept;
    [[nodiscard]] COPSE_FN double value(std::uint32_t code, view<double const> raw) const noexcept;
    COPSE_FN void response(view<double const> raw, view<double> out) const noexcept;

    /// The logarithm of each class's share of the weight, which counts as at least 1e-15 (as
    /// LightGBM). Sums run over the rows in order. An empty weight means ones.
    [[nodiscard]] std::vector<double> initial_raw(view<std::uint32_t const> codes,
                                                  std::size_t n_classes,
                                                  view<double const> weight) const;

    bool operator==(softmax_loss const&) const = default;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Of at least one. Scores less the greatest have exponentials that cannot overflow.
[[nodiscard]] COPSE_FN inline double greatest_of(view<double const> raw) noexcept {
    double top = raw[0];
    for (std::size_t k = 1; k < raw.size(); ++k) top = raw[k] > top ? raw[k] : top;
    return top;
}

}  // namespace detail

COPSE_FN inline void softmax_loss::at(std::uint32_t code, view<double const> raw,
                                      view<derivatives> out) const noexcept {
    auto const n_classes = static_cast<double>(raw.size());
    double const factor = n_classes / (n_classes - 1.0);
    double const top = detail::greatest_of(raw);
    double total = 0;
    for (std::size_t k = 0; k < raw.size(); ++k) {
        out[k].gradient = exp_of(raw[k] - top);
        total += out[k].gradient;
    }
    for (std::size_t k = 0; k < raw.size(); ++k) {
        double const p = out[k].gradient / total;
        out[k] = {p, exact_product(factor, exact_product(p, 1.0 - p))};
    }
    out[code].gradient -= 1.0;
}

COPSE_FN inline double softmax_loss::value(std::uint32_t code,
                                           view<double const> raw) const noexcept {
    double const top = detail::greatest_of(raw);
    double total = 0;
    for (std::size_t k = 0; k < raw.size(); ++k) total += exp_of(raw[k] - top);
    return log_of(total) - (raw[code] - top);
}

COPSE_FN inline void softmax_loss::response(view<double const> raw,
                                            view<double> out) const noexcept {
    double const top = detail::greatest_of(raw);
    double total = 0;
    for (std::size_t k = 0; k < raw.size(); ++k) {
        out[k] = exp_of(raw[k] - top);
        total += out[k];
    }
    for (std::size_t k = 0; k < raw.size(); ++k) out[k] /= total;
}

inline std::vector<double> softmax_loss::initial_raw(view<std::uint32_t const> codes,
                                                     std::size_t n_classes,
                                                     view<double const> weight) const {
    std::vector<double> raw(n_classes);
    double total = 0;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        double const w = weight.empty() ? 1.0 : weight[i];
        raw[codes[i]] += w;
        total += w;
    }
    for (auto& r : raw) r = log_of(r / total > 1e-15 ? r / total : 1e-15);
    return raw;
}

}  // namespace copse
