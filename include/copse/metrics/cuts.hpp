// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Rows by decreasing score, and what lies above each threshold: the beginning of every ranking
/// metric.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/metrics/rows.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace copse::metrics::detail {

/// The weight of the positive and the negative rows whose score is at least `threshold`.
struct cut {
    double threshold;
    double positives;
    double negatives;
};

struct ranked_row {
    double score;
    double weight;
    bool positive;
};

/// One cut for each distinct score, thresholds decreasing. Rows that weigh nothing make no cut.
/// score(i) and is_positive(i) are asked for i in [0, n).
///
/// Ties are one cut. Within a tie rows are added in an order of their own, so permuting the rows
/// does not change a bit.
template <class Score, class Positive>
[[nodiscard]] std::vector<cut> cuts(std::size_t n, Score score, Positive is_positive,
                                    row_weights const& weights) {
    std::vector<ranked_row> rows;
    rows.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
        double const w = weights[i];
        if (w > 0) rows.push_back({score(i), w, is_positive(i)});
    }
    std::sort(rows.begin(), rows.end(), [](ranked_row const& a, ranked_row const& b) {
        if (a.score != b.score) return a.score > b.score;
        if (a.positive != b.positive) return a.positive;
        return a.weight < b.weight;
    });
    std::vector<cut> out;
    running_sum positives, negatives;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        (rows[i].positive ? positives : negatives) += rows[i].weight;
        if (i + 1 < rows.size() && rows[i + 1].score == rows[i].score) continue;
        out.push_back({rows[i].score, positives.value(), negatives.value()});
    }
    return out;
}

/// The part of the pairs of a positive and a negative row in which the positive one scores higher;
/// ties are half. Both kinds must have weight.
[[nodiscard]] inline double pairs_in_order(std::vector<cut> const& cuts) {
    running_sum ordered;
    double above = 0;
    double negatives = 0;
    for (auto const& c : cuts) {
        ordered += (c.negatives - negatives) * (above + c.positives);
        above = c.positives;
        negatives = c.negatives;
    }
    return ordered.value() / 2 / (above * negatives);
}

/// The sum over the cuts of precision times the recall gained. Positive rows must have weight.
[[nodiscard]] inline double mean_precision(std::vector<cut> const& cuts) {
    running_sum sum;
    double found = 0;
    for (auto const& c : cuts) {
        sum += (c.positives - found) * (c.positives / (c.positives + c.negatives));
        found = c.positives;
    }
    return sum.value() / found;
}

}  // namespace copse::metrics::detail
