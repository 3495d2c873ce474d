// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// LambdaRank as an objective of boosting: derivatives are those of whole queries, whose rows lie
/// together.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/ensemble/boosting_objective.hpp>
#include <copse/loss/lambdarank.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace copse::detail {

/// The first row of each query, and the number of rows. Throws invalid_input, beginning with `who`,
/// if a query is empty or they do not sum to n.
[[nodiscard]] inline std::vector<std::size_t> query_starts(std::string_view who,
                                                           std::span<std::size_t const> groups,
                                                           std::size_t n) {
    std::vector<std::size_t> starts{0};
    for (std::size_t q = 0; q < groups.size(); ++q) {
        if (groups[q] == 0 || groups[q] > n - starts.back()) {
            throw invalid_input(sentence(who, ": group ", q, " has ", groups[q],
                                         " rows; it must have 1 to the ", n - starts.back(),
                                         " that are left of ", n));
        }
        starts.push_back(starts.back() + groups[q]);
    }
    if (starts.back() == n) return starts;
    throw invalid_input(
        sentence(who, ": groups have ", starts.back(), " rows in sum but x has ", n));
}

/// The mean of each query's weights; empty if there are none.
[[nodiscard]] inline std::vector<double> query_weights(std::span<std::size_t const> groups,
                                                       values_view sample_weight) {
    std::vector<double> means;
    std::size_t row = 0;
    for (std::size_t q = 0; q < groups.size() && !sample_weight.empty(); ++q) {
        double sum = 0;
        for (auto const end = row + groups[q]; row < end; ++row) sum += sample_weight[row];
        means.push_back(sum / static_cast<double>(groups[q]));
    }
    return means;
}

/// A query's loss weighs the mean of its rows' weights; derivatives are multiplied by their row's.
class ranking_objective final : public boosting_objective {
public:
    ranking_objective(lambdarank_loss loss, boosting_targets const& targets)
        : loss_(loss), targets_(targets), of_row_(targets.size()) {}

    [[nodiscard]] boosting_targets const& targets() const noexcept override { return targets_; }
    [[nodiscard]] std::vector<double> initial_raw() const override { return {0.0}; }

    [[nodiscard]] std::size_t n_units() const noexcept override { return targets_.size(); }
    void begin_round(view<double const> raw, std::size_t first, std::size_t last) override {
        for_each_query(targets_, first, last, [&](std::size_t from, std::size_t n) {
            loss_.at({targets_.y.data() + from, n}, raw.part(from, n), {&of_row_[from], n});
        });
    }
    void at(std::size_t, view<double const>, std::size_t first, std::size_t last, double* g,
            double* h) const override {
        for (auto i = first; i < last; ++i) {
            auto const w = targets_.weight_of(i);
            g[i - first] = w * of_row_[i].gradient;
            h[i - first] = w * of_row_[i].hessian;
        }
    }

    [[nodiscard]] double loss_of(boosting_targets const& targets, view<double const> raw,
                                 std::size_t first, std::size_t last) const override {
        double sum = 0;
        for_each_query(targets, first, last, [&](std::size_t from, std::size_t n) {
            sum += exact_product(mean_weight(targets, from, n),
                                 loss_.value({targets.y.data() + from, n}, raw.part(from, n)));
        });
        return sum;
    }
    [[nodiscard]] double total_weight(boosting_targets const& targets) const override {
        double sum = 0;
        for_each_query(targets, 0, targets.size(), [&](std::size_t from, std::size_t n) {
            sum += mean_weight(targets, from, n);
        });
        return sum;
    }

private:
    /// f(first row, number of rows) for the queries that begin in rows [first, last).
    template <class F>
    static void for_each_query(boosting_targets const& targets, std::size_t first, std::size_t last,
                               F const& f) {
        auto const& starts = targets.query_starts;
        auto q = std::lower_bound(starts.begin(), starts.end() - 1, first);
        for (; q != starts.end() - 1 && *q < last; ++q) f(*q, *(q + 1) - *q);
    }
    [[nodiscard]] static double mean_weight(boosting_targets const& targets, std::size_t first,
                                            std::size_t n) {
        double sum = 0;
        for (auto i = first; i < first + n; ++i) sum += targets.weight_of(i);
        return sum / static_cast<double>(n);
    }

    lambdarank_loss loss_;
    boosting_targets const& targets_;
    std::vector<derivatives> of_row_;
};

}  // namespace copse::detail
