// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Whether probabilities are frequencies: rows are put into bins by what was said of them, and each
/// bin's mean probability is set against the share of its rows that are positive.
///
///     auto const curve = metrics::calibration_curve(y_test, p);      // p of the greater class
///     curve.predicted[3], curve.observed[3], curve.weight[3];        // a good model's agree
///     metrics::expected_calibration_error(curve);
///
/// The positive class is pos_label, by default the greater of two.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/metrics/class_probabilities.hpp>
#include <copse/metrics/rows.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::metrics {

enum class calibration_bins {
    uniform,  ///< of equal width
    quantile  ///< of as many rows each, up to ties
};

struct calibration_curve_options {
    std::size_t n_bins = 5;
    calibration_bins strategy = calibration_bins::uniform;
    std::optional<label> pos_label = std::nullopt;
};

/// One point for each bin that has rows, in order of their probabilities.
struct calibration_points {
    column<double> predicted;  ///< mean probability
    column<double> observed;   ///< share of positive rows
    column<double> weight;     ///< of the bin's rows

    bool operator==(calibration_points const&) const = default;
};

/// A probability on the edge of two bins is in the lower. With weights, means are weighted; edges
/// are quantiles of the rows that weigh more than 0, linear between two rows.
///
/// Throws  invalid_input before any work: sizes that differ, no rows, weights as every metric, a
///         probability outside [0, 1], no bins, a y_true that has not two classes.
/// Cost    O(n log n).
[[nodiscard]] calibration_points calibration_curve(labels_view y_true, values_view y_proba,
                                                   values_view sample_weight = {},
                                                   calibration_curve_options options = {});

/// The weighted mean distance between what was predicted and what was observed, over the bins.
/// Source  M. Pakdaman Naeini, G. Cooper, M. Hauskrecht, "Obtaining Well Calibrated Probabilities
///         Using Bayesian Binning", AAAI 2015, equation (3).
[[nodiscard]] double expected_calibration_error(calibration_points const& curve);

// ------------------------------------------------------------------ implementation below

namespace detail {

/// The edges between n_bins bins.
[[nodiscard]] inline std::vector<double> inner_edges(std::vector<double> p, std::size_t n_bins,
                                                     calibration_bins strategy) {
    std::vector<double> edges;
    std::ranges::sort(p);
    for (std::size_t b = 1; b < n_bins; ++b) {
        auto const share = static_cast<double>(b) / static_cast<double>(n_bins);
        if (strategy == calibration_bins::uniform) {
            edges.push_back(share);
            continue;
        }
        auto const at = share * static_cast<double>(p.size() - 1);
        auto const below = static_cast<std::size_t>(at);
        auto const above = std::min(below + 1, p.size() - 1);
        edges.push_back(p[below] + (at - std::floor(at)) * (p[above] - p[below]));
    }
    return edges;
}

}  // namespace detail

inline calibration_points calibration_curve(labels_view y_true, values_view y_proba,
                                            values_view sample_weight,
                                            calibration_curve_options options) {
    constexpr std::string_view metric = "calibration_curve";
    detail::check_size(metric, "y_proba", y_proba.size(), "values", y_true.size());
    for (std::size_t i = 0; i < y_proba.size(); ++i)
        detail::check_probability(metric, y_proba[i], i);
    detail::row_weights const weights(metric, sample_weight, y_true.size());
    if (options.n_bins < 1) {
        throw invalid_input(
            detail::sentence(metric, ": n_bins is ", options.n_bins, "; it must be at least 1"));
    }
    std::vector<bool> positive(y_true.size());
    if (options.pos_label) {
        for (std::size_t i = 0; i < positive.size(); ++i)
            positive[i] = y_true[i] == *options.pos_label;
    } else {
        auto const codes = detail::codes_of_two(metric, y_true);
        for (std::size_t i = 0; i < positive.size(); ++i) positive[i] = codes[i] == 1;
    }
    std::vector<double> weighed;
    for (std::size_t i = 0; i < positive.size(); ++i) {
        if (weights[i] > 0) weighed.push_back(y_proba[i]);
    }
    auto const edges = detail::inner_edges(std::move(weighed), options.n_bins, options.strategy);

    struct bin {
        detail::running_sum weight;
        detail::running_sum predicted;
        detail::running_sum positive;
    };
    std::vector<bin> bins(options.n_bins);
    for (std::size_t i = 0; i < positive.size(); ++i) {
        auto const below = std::ranges::lower_bound(edges, y_proba[i]) - edges.begin();
        auto& to = bins[static_cast<std::size_t>(below)];
        to.weight += weights[i];
        to.predicted += weights[i] * y_proba[i];
        to.positive += positive[i] ? weights[i] : 0.0;
    }
    calibration_points out;
    for (auto const& b : bins) {
        if (!(b.weight.value() > 0)) continue;
        out.predicted.push_back(b.predicted.value() / b.weight.value());
        out.observed.push_back(b.positive.value() / b.weight.value());
        out.weight.push_back(b.weight.value());
    }
    return out;
}

inline double expected_calibration_error(calibration_points const& curve) {
    detail::running_sum sum;
    detail::running_sum total;
    for (std::size_t b = 0; b < curve.weight.size(); ++b) {
        sum += curve.weight[b] * std::abs(curve.predicted[b] - curve.observed[b]);
        total += curve.weight[b];
    }
    return sum.value() / total.value();
}

}  // namespace copse::metrics
