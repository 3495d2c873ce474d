// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Draws the rows that a round of boosting is grown on.
///
///     auto const drawn = draw_rows(plan, objective, raw, stream, backend);
///     drawn.rows;      // increasing; empty means all

#include <copse/core/random.hpp>
#include <copse/core/view.hpp>
#include <copse/ensemble/boosting_objective.hpp>
#include <copse/ensemble/boosting_run.hpp>
#include <copse/ensemble/row_sampling.hpp>
#include <copse/par/algorithms.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse::detail {

struct drawn_rows {
    std::vector<std::uint32_t> rows{};  ///< increasing; empty means all
    std::vector<double> factor{};       ///< how often each of them counts; empty means once
};

/// Each row of positive weight by itself, with probability plan.subsample; at least one.
[[nodiscard]] inline drawn_rows draw_uniformly(boosting_plan const& plan,
                                               boosting_targets const& targets,
                                               random_stream draws) {
    drawn_rows out;
    std::uint32_t last = 0;
    auto const n = static_cast<std::uint32_t>(targets.size());
    for (std::uint32_t i = 0; i < n; ++i) {
        if (targets.weight_of(i) == 0) continue;
        last = i;
        if (plan.subsample >= 1 || draws.uniform(i) < plan.subsample) out.rows.push_back(i);
    }
    if (out.rows.empty()) out.rows.push_back(last);
    return out;
}

/// Each row by the size of its derivatives, added over outputs.
template <backend B>
[[nodiscard]] drawn_rows draw_by_derivatives(boosting_plan const& plan,
                                             boosting_objective const& objective,
                                             view<double const> raw, random_stream draws,
                                             B const& backend) {
    auto const& targets = objective.targets();
    auto const n = targets.size();
    std::vector<float> scores(n);
    for_each_range(backend, n, 1024, [&](std::size_t, std::size_t first, std::size_t last) {
        std::vector<double> g(last - first);
        std::vector<double> h(last - first);
        std::vector<double> sum(last - first);
        for (std::size_t k = 0; k < objective.n_outputs(); ++k) {
            objective.at(k, raw.part(k * n, n), first, last, g.data(), h.data());
            for (std::size_t i = 0; i < sum.size(); ++i)
                sum[i] += row_score(plan.sampling, g[i], h[i]);
        }
        std::transform(sum.begin(), sum.end(), scores.begin() + static_cast<std::ptrdiff_t>(first),
                       [](double score) { return static_cast<float>(score); });
    });
    keep_chance const chance(plan.sampling, scores, plan.subsample);
    drawn_rows out;
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(n); ++i) {
        if (targets.weight_of(i) == 0) continue;
        auto const p = chance.of(scores[i]);
        if (draws.uniform(i) >= p) continue;
        out.rows.push_back(i);
        out.factor.push_back(1 / p);
    }
    if (!out.rows.empty()) return out;
    out = draw_uniformly(plan, targets, draws);
    out.factor.assign(out.rows.size(), 1.0);
    return out;
}

/// `raw` are the raw scores, output by output. Rows that weigh nothing are never drawn.
template <backend B>
[[nodiscard]] drawn_rows draw_rows(boosting_plan const& plan, boosting_objective const& objective,
                                   view<double const> raw, random_stream draws, B const& backend) {
    auto const& weight = objective.targets().weight;
    if (plan.subsample < 1 && plan.sampling != row_sampling::uniform)
        return draw_by_derivatives(plan, objective, raw, draws, backend);
    if (plan.subsample < 1 || std::find(weight.begin(), weight.end(), 0.0) != weight.end())
        return draw_uniformly(plan, objective.targets(), draws);
    return {};
}

}  // namespace copse::detail
