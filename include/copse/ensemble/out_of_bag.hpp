// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a forest's trees say of the rows they were not grown on: an honest estimate of accuracy,
/// and of what shuffling a feature costs, without a test set.
///
/// A tree's bag is drawn again from its stream, so nothing about it needs to be kept.
/// L. Breiman, "Out-of-bag estimation", 1996; "Random Forests", 2001, section 10.

#include <copse/core/inputs.hpp>
#include <copse/core/random.hpp>
#include <copse/ensemble/bootstrap.hpp>
#include <copse/ensemble/forest_classifier.hpp>
#include <copse/ensemble/forest_regressor.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/components.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stop_token>
#include <utility>
#include <vector>

namespace copse::detail {

/// Which trees to ask about which rows.
struct bags {
    std::uint64_t random_state;
    std::size_t n_rows;
    std::size_t n_draws;
    std::vector<double> const& weight;  ///< of the rows; or empty

    [[nodiscard]] random_stream stream(std::size_t tree) const noexcept {
        return random_stream(random_state).split(tree);
    }
    [[nodiscard]] std::vector<std::uint8_t> times(std::size_t tree) const {
        return times_drawn(stream(tree), n_rows, n_draws, weight);
    }
};

/// f(tree, row, leaf) for every tree and every row out of its bag: one row's trees in order, rows
/// concurrently. Bags are drawn for some trees at a time, so memory is bounded.
template <backend B, class F>
void for_each_out_of_bag(std::vector<tree> const& trees, bags const& drawn, features_view x,
                         std::stop_token const& stop, B const& backend, F const& f) {
    constexpr std::size_t wave = 32;
    for (std::size_t first = 0; first < trees.size(); first += wave) {
        auto const n = std::min(wave, trees.size() - first);
        std::vector<std::vector<std::uint8_t>> times(n);
        for_each_component(backend, n, stop,
                           [&](std::size_t i) { times[i] = drawn.times(first + i); });
        x.visit([&](auto matrix) {
            for_each_range(backend, drawn.n_rows, 1024,
                           [&](std::size_t, std::size_t from, std::size_t to) {
                               for (std::size_t i = 0; i < n; ++i) {
                                   auto const& t = trees[first + i];
                                   for (auto row = from; row < to; ++row) {
                                       if (times[i][row] > 0) continue;
                                       f(t, row, t.leaf_of(matrix.row(row), matrix.col_stride()));
                                   }
                               }
                           });
        });
    }
}

/// For each feature and tree: what shuffling the feature among the tree's out-of-bag rows costs.
/// loss(tree, leaf, row) of the shuffled rows minus that of the rows as they are, a mean over the
/// tree's rows, then over the trees.
template <backend B, class Loss>
[[nodiscard]] std::vector<double> permutation_importances(std::vector<tree> const& trees,
                                                          bags const& drawn, features_view x,
                                                          std::stop_token const& stop,
                                                          B const& backend, Loss const& loss) {
    std::vector<std::vector<double>> of_tree(trees.size());
    for_each_component(backend, trees.size(), stop, [&](std::size_t t) {
        auto const& grown = trees[t];
        auto const times = drawn.times(t);
        std::vector<std::size_t> rows;
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (times[i] == 0) rows.push_back(i);
        }
        std::vector<bool> used(x.cols());
        for (auto const& n : grown.nodes()) {
            if (!n.is_leaf()) used[n.feature()] = true;
        }
        auto& rise = of_tree[t];
        rise.assign(x.cols(), 0.0);
        if (rows.empty()) return;
        x.visit([&](auto matrix) {
            for (std::size_t j = 0; j < x.cols(); ++j) {
                if (!used[j]) continue;
                auto shuffled = rows;
                auto const draws = drawn.stream(t).split(purpose::permutation).split(j);
                for (auto i = shuffled.size(); i > 1; --i) {
                    std::swap(shuffled[i - 1],
                              shuffled[draws.below(static_cast<std::uint32_t>(i), i)]);
                }
                double sum = 0;
                for (std::size_t i = 0; i < rows.size(); ++i) {
                    auto const* const row = matrix.row(rows[i]);
                    auto const other = matrix(shuffled[i], j);
                    std::uint32_t at = 0;
                    while (!grown.nodes()[at].is_leaf()) {
                        auto const& n = grown.nodes()[at];
                        auto const f = static_cast<std::ptrdiff_t>(n.feature());
                        at = grown.child_of(
                            n, n.feature() == j ? other : row[f * matrix.col_stride()]);
                    }
                    sum += loss(grown, at, rows[i]) -
                           loss(grown, grown.leaf_of(row, matrix.col_stride()), rows[i]);
                }
                rise[j] = sum / static_cast<double>(rows.size());
            }
        });
    });
    std::vector<double> mean(x.cols());
    for (auto const& rise : of_tree) {
        for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += rise[j];
    }
    for (auto& m : mean) m /= static_cast<double>(trees.size());
    return mean;
}

/// Accuracy and shares of votes, of which row i has votes.row(i); a row without is not judged.
[[nodiscard]] inline out_of_bag<matrix<float>> judged_votes(
    matrix<double> const& votes, std::vector<std::uint32_t> const& codes) {
    out_of_bag<matrix<float>> out{0, matrix<float>(votes.rows(), votes.cols())};
    std::size_t right = 0;
    std::size_t asked = 0;
    for (std::size_t i = 0; i < votes.rows(); ++i) {
        auto const vote = votes.row(i);
        auto const sum = std::accumulate(vote.begin(), vote.end(), 0.0);
        for (std::size_t k = 0; k < vote.size(); ++k) {
            out.prediction(i, k) = sum > 0 ? static_cast<float>(vote[k] / sum)
                                           : std::numeric_limits<float>::quiet_NaN();
        }
        if (sum == 0) continue;
        auto const best = std::max_element(vote.begin(), vote.end()) - vote.begin();
        right += static_cast<std::size_t>(best) == codes[i] ? 1 : 0;
        ++asked;
    }
    out.score = static_cast<double>(right) / static_cast<double>(asked);
    return out;
}

/// R2 and means of what was answered, of which row i has asked[i] of that sum; a row that nobody
/// was asked about is not judged.
[[nodiscard]] inline out_of_bag<column<double>> judged_means(
    std::vector<double> const& sum, std::vector<std::uint32_t> const& asked, values_view y) {
    out_of_bag<column<double>> out{0, column<double>(sum.size())};
    double mean = 0;
    double n = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
        out.prediction[i] = sum[i] / asked[i];  // NaN where nobody was asked
        if (asked[i] > 0) {
            mean += y[i];
            ++n;
        }
    }
    mean /= n;
    double error = 0;
    double spread = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
        if (asked[i] == 0) continue;
        error += (y[i] - out.prediction[i]) * (y[i] - out.prediction[i]);
        spread += (y[i] - mean) * (y[i] - mean);
    }
    // Of constant targets R2 is 0 / 0: 1 if all were met, as scikit-learn has it, else 0.
    auto const of_constant = error == 0 ? 1.0 : 0.0;
    out.score = n == 0       ? std::numeric_limits<double>::quiet_NaN()
                : spread > 0 ? 1 - error / spread
                             : of_constant;
    return out;
}

template <class Plan, backend B>
void add_out_of_bag(classifier_parts& parts, Plan const& plan, features_view x,
                    std::vector<std::uint32_t> const& codes, std::vector<double> const& weight,
                    std::stop_token const& stop, B const& backend) {
    auto const n_classes = parts.classes.size();
    bags const drawn{plan.random_state, x.rows(), plan.max_samples.of(x.rows(), plan.who), weight};
    if (plan.oob_score) {
        matrix<double> votes(x.rows(), n_classes);
        for_each_out_of_bag(parts.trees, drawn, x, stop, backend,
                            [&](tree const& t, std::size_t row, std::uint32_t leaf) {
                                add_votes(t, leaf, votes.row(row));
                            });
        parts.oob = judged_votes(votes, codes);
    }
    if (plan.oob_permutation_importances) {
        parts.oob_permutation_importances = permutation_importances(
            parts.trees, drawn, x, stop, backend,
            [&](tree const& t, std::uint32_t leaf, std::size_t row) {
                return class_of(t, leaf, n_classes) == codes[row] ? 0.0 : 1.0;
            });
    }
}

template <class Plan, backend B>
void add_out_of_bag(regressor_parts& parts, Plan const& plan, features_view x,
                    std::vector<double> const& y, std::vector<double> const& weight,
                    std::stop_token const& stop, B const& backend) {
    bags const drawn{plan.random_state, x.rows(), plan.max_samples.of(x.rows(), plan.who), weight};
    if (plan.oob_score) {
        std::vector<double> sum(x.rows());
        std::vector<std::uint32_t> asked(x.rows());
        for_each_out_of_bag(parts.trees, drawn, x, stop, backend,
                            [&](tree const& t, std::size_t row, std::uint32_t leaf) {
                                sum[row] += t.nodes()[leaf].value();
                                ++asked[row];
                            });
        parts.oob = judged_means(sum, asked, y);
    }
    if (plan.oob_permutation_importances) {
        parts.oob_permutation_importances =
            permutation_importances(parts.trees, drawn, x, stop, backend,
                                    [&](tree const& t, std::uint32_t leaf, std::size_t row) {
                                        auto const error = t.nodes()[leaf].value() - y[row];
                                        return error * error;
                                    });
    }
}

}  // namespace copse::detail
