// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Curves from the scores of a classifier to probabilities, fitted on rows that it was not trained
/// on.
///
///     auto const curve = copse::fit_sigmoid(scores, is_positive);       // or fit_isotonic
///     double const p = curve(0.3);
///     double const b = copse::fit_temperature(logits, codes);           // softmax(b * logits)
///
/// Held by all three fits:
///     Weights  weight 2 is the row twice, weight 0 is no row; all rows weigh 1 if none are given.
///     Throws   invalid_input before any work for sizes that differ, no rows, a score that is not
///              finite, weights that are negative, not finite, or all 0.
///     Order    sums run over the rows in order, on one thread: the same bits every time.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/linear/linear_classifier.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// p(score) = 1 / (1 + exp(a * score + b)); a is below 0 where greater scores are likelier.
struct sigmoid_curve {
    double a = 0;
    double b = 0;

    [[nodiscard]] double operator()(double score) const noexcept {
        return detail::sigmoid(-(a * score + b));
    }
    bool operator==(sigmoid_curve const&) const = default;
};

/// A curve through points, straight between them, constant beyond the first and the last.
struct isotonic_curve {
    std::vector<double> scores;         ///< increasing
    std::vector<double> probabilities;  ///< never falling

    [[nodiscard]] double operator()(double score) const noexcept;
    bool operator==(isotonic_curve const&) const = default;
};

/// Platt's scaling: the sigmoid of greatest likelihood for targets drawn from 1 and 0 towards the
/// middle, (N1 + 1) / (N1 + 2) and 1 / (N0 + 2), N1 and N0 being the weights of both kinds of rows.
/// `positive` has 1 for rows of the class, else 0.
///
/// Source  J. Platt, "Probabilistic Outputs for Support Vector Machines", Advances in Large Margin
///         Classifiers, 1999, section 2.2; solved by Newton's method as in H.-T. Lin, C.-J. Lin,
///         R. Weng, "A Note on Platt's Probabilistic Outputs", Machine Learning 68:267-276, 2007,
///         algorithm 1, until the gradient is 1e-10 of the weights.
/// Cost    O(n) a step; some ten steps.
[[nodiscard]] sigmoid_curve fit_sigmoid(values_view scores, values_view positive,
                                        values_view sample_weight = {});

/// The never falling curve of least squared error: neighbours in the wrong order are pooled. Rows
/// of equal scores are one point, of their mean.
///
/// Source  M. Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete
///         Information", Ann. Math. Statist. 26:641-647, 1955 (pool adjacent violators); for
///         classifiers B. Zadrozny, C. Elkan, KDD 2002.
/// Cost    O(n log n).
[[nodiscard]] isotonic_curve fit_isotonic(values_view scores, values_view positive,
                                          values_view sample_weight = {});

/// The b, in [e^-10, e^10], for which softmax(b * logits) has the least log loss: the inverse of a
/// temperature. `logits` is (n, K), `codes` has the column of each row's class.
///
/// Source  C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, equation (9). The
///         loss is convex in b: its slope's zero is found by Newton's method, kept in a bracket.
/// Cost    O(n K) a step; some ten steps.
[[nodiscard]] double fit_temperature(features_view logits, std::span<std::uint32_t const> codes,
                                     values_view sample_weight = {});

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Checked rows of a calibration: scores, and weights that sum to 1.
struct calibration_rows {
    std::vector<double> score;
    std::vector<double> positive;
    std::vector<double> weight;
    double total = 0;  ///< of the weights as given

    calibration_rows(std::string_view who, values_view scores, values_view is_positive,
                     values_view weights) {
        auto const n = scores.size();
        check_training_set(who, n, 1, is_positive.size(), "values", weights);
        for (std::size_t i = 0; i < n; ++i) {
            if (!std::isfinite(scores[i])) {
                throw invalid_input(sentence(who, ": a score is ", scores[i], " at row ", i,
                                             "; it must be finite"));
            }
            if (is_positive[i] != 0 && is_positive[i] != 1) {
                throw invalid_input(sentence(who, ": positive is ", is_positive[i], " at row ", i,
                                             "; it must be 0 or 1"));
            }
            auto const w = weights.empty() ? 1.0 : weights[i];
            if (w == 0) continue;
            score.push_back(scores[i]);
            positive.push_back(is_positive[i]);
            weight.push_back(w);
            total += w;
        }
        for (auto& w : weight) w /= total;
    }
};

/// Mean loss, gradient and Hessian of Platt's sigmoid at (a, b).
struct platt_sums {
    double loss = 0;
    double ga = 0;
    double gb = 0;
    double haa = 0;
    double hab = 0;
    double hbb = 0;

    platt_sums(calibration_rows const& rows, std::vector<double> const& target, double a,
               double b) noexcept {
        for (std::size_t i = 0; i < rows.score.size(); ++i) {
            auto const w = rows.weight[i];
            auto const s = rows.score[i];
            auto const z = a * s + b;
            auto const p = sigmoid(-z);
            loss += w * (target[i] * z + std::max(-z, 0.0) + std::log1p(std::exp(-std::abs(z))));
            auto const slope = w * (target[i] - p);
            auto const bend = w * p * (1 - p);
            ga += slope * s;
            gb += slope;
            haa += bend * s * s;
            hab += bend * s;
            hbb += bend;
        }
    }
};

/// Whole numbers by increasing value, equal ones as they are.
[[nodiscard]] inline std::vector<std::size_t> order_of(std::vector<double> const& values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return values[i]; });
    return order;
}

/// Slope and curvature in b of the mean log loss of softmax(b * logits).
struct temperature_sums {
    double slope = 0;
    double curvature = 0;

    temperature_sums(features_view logits, std::span<std::uint32_t const> codes,
                     std::vector<double> const& weight, double b) {
        for (std::size_t i = 0; i < codes.size(); ++i) {
            if (weight[i] == 0) continue;
            auto greatest = logits(i, 0);
            for (std::size_t k = 1; k < logits.cols(); ++k)
                greatest = std::max(greatest, logits(i, k));
            double sum = 0;
            double mean = 0;
            double square = 0;
            for (std::size_t k = 0; k < logits.cols(); ++k) {
                auto const z = logits(i, k) - greatest;
                auto const e = std::exp(b * z);
                sum += e;
                mean += e * z;
                square += e * z * z;
            }
            mean /= sum;
            slope += weight[i] * (mean - (logits(i, codes[i]) - greatest));
            curvature += weight[i] * (square / sum - mean * mean);
        }
    }
};

}  // namespace detail

inline double isotonic_curve::operator()(double score) const noexcept {
    auto const after = std::ranges::upper_bound(scores, score);
    if (after == scores.begin()) return probabilities.front();
    if (after == scores.end()) return probabilities.back();
    auto const k = static_cast<std::size_t>(after - scores.begin());
    auto const part = (score - scores[k - 1]) / (scores[k] - scores[k - 1]);
    return probabilities[k - 1] + part * (probabilities[k] - probabilities[k - 1]);
}

inline sigmoid_curve fit_sigmoid(values_view scores, values_view positive,
                                 values_view sample_weight) {
    detail::calibration_rows rows("fit_sigmoid", scores, positive, sample_weight);
    // Scores in [-1, 1], so that one limit fits all.
    double scale = 0;
    for (auto const s : rows.score) scale = std::max(scale, std::abs(s));
    if (scale == 0) scale = 1;
    for (auto& s : rows.score) s /= scale;

    double n_positive = 0;
    for (std::size_t i = 0; i < rows.score.size(); ++i)
        n_positive += rows.positive[i] * rows.weight[i] * rows.total;
    auto const n_negative = std::max(rows.total - n_positive, 0.0);
    std::vector<double> target;
    for (auto const is_positive : rows.positive) {
        target.push_back(is_positive > 0 ? (n_positive + 1) / (n_positive + 2)
                                         : 1 / (n_negative + 2));
    }

    double a = 0;
    double b = std::log((n_negative + 1) / (n_positive + 1));
    detail::platt_sums at(rows, target, a, b);
    constexpr int most_steps = 100;
    for (int step = 0; step < most_steps; ++step) {
        if (std::abs(at.ga) < 1e-10 && std::abs(at.gb) < 1e-10) break;
        constexpr double ridge = 1e-12;  // keeps the Hessian of equal scores invertible
        auto const haa = at.haa + ridge;
        auto const hbb = at.hbb + ridge;
        auto const determinant = haa * hbb - at.hab * at.hab;
        auto const da = -(hbb * at.ga - at.hab * at.gb) / determinant;
        auto const db = -(haa * at.gb - at.hab * at.ga) / determinant;
        auto const slope = at.ga * da + at.gb * db;
        double length = 1;
        for (; length > 1e-10; length /= 2) {
            detail::platt_sums const there(rows, target, a + length * da, b + length * db);
            if (there.loss < at.loss + 1e-4 * length * slope) {
                a += length * da;
                b += length * db;
                at = there;
                break;
            }
        }
        if (length <= 1e-10) break;  // as low as rounding lets it see
    }
    return {a / scale, b};
}

inline isotonic_curve fit_isotonic(values_view scores, values_view positive,
                                   values_view sample_weight) {
    detail::calibration_rows const rows("fit_isotonic", scores, positive, sample_weight);
    struct block {
        double first;
        double last;
        double weight;
        double sum;
        [[nodiscard]] double mean() const noexcept { return sum / weight; }
        void take(block const& next) noexcept {
            last = next.last;
            weight += next.weight;
            sum += next.sum;
        }
    };
    std::vector<block> blocks;
    for (auto const i : detail::order_of(rows.score)) {
        block const row{rows.score[i], rows.score[i], rows.weight[i],
                        rows.weight[i] * rows.positive[i]};
        if (!blocks.empty() && blocks.back().last == row.first) {
            blocks.back().take(row);
        } else {
            blocks.push_back(row);
        }
    }
    std::vector<block> pooled;
    for (auto const& next : blocks) {
        pooled.push_back(next);
        while (pooled.size() > 1 && pooled[pooled.size() - 2].mean() >= pooled.back().mean()) {
            auto const last = pooled.back();
            pooled.pop_back();
            pooled.back().take(last);
        }
    }
    isotonic_curve out;
    for (auto const& b : pooled) {
        out.scores.push_back(b.first);
        out.probabilities.push_back(b.mean());
        if (b.last == b.first) continue;
        out.scores.push_back(b.last);
        out.probabilities.push_back(b.mean());
    }
    return out;
}

inline double fit_temperature(features_view logits, std::span<std::uint32_t const> codes,
                              values_view sample_weight) {
    constexpr std::string_view who = "fit_temperature";
    detail::check_training_set(who, logits.rows(), logits.cols(), codes.size(), "labels",
                               sample_weight);
    std::vector<double> weight(codes.size(), 1.0);
    double total = 0;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (codes[i] >= logits.cols()) {
            throw invalid_input(detail::sentence(who, ": the class of row ", i, " is ", codes[i],
                                                 " but logits has ", logits.cols(), " columns"));
        }
        for (std::size_t k = 0; k < logits.cols(); ++k) {
            if (!std::isfinite(logits(i, k))) {
                throw invalid_input(detail::sentence(who, ": a logit is ", logits(i, k), " at row ",
                                                     i, "; it must be finite"));
            }
        }
        if (!sample_weight.empty()) weight[i] = sample_weight[i];
        total += weight[i];
    }
    for (auto& w : weight) w /= total;

    auto low = std::exp(-10.0);
    auto high = std::exp(10.0);
    if (detail::temperature_sums(logits, codes, weight, low).slope >= 0) return low;
    if (detail::temperature_sums(logits, codes, weight, high).slope <= 0) return high;
    double b = 1;
    constexpr int most_steps = 100;  // bisection alone would need about 50
    for (int step = 0; step < most_steps && high - low > 1e-14 * high; ++step) {
        detail::temperature_sums const at(logits, codes, weight, b);
        if (at.slope == 0) break;
        (at.slope < 0 ? low : high) = b;
        auto next = b - at.slope / at.curvature;
        if (!(next > low && next < high)) next = std::sqrt(low * high);
        if (std::abs(next - b) <= 1e-15 * b) break;
        b = next;
    }
    return b;
}

}  // namespace copse
