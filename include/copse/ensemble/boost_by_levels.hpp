// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Rounds of boosting by the kernels of a stream: derivatives of the loss, a tree that grows level
/// by level, its leaves added to the raw scores, all where the stream's memory is. The model equals
/// the CPU's (boost.hpp), bit for bit: losses are shared arithmetic, sums are of integers, and each
/// row's raw score is added to in the order of rounds.
///
///     boost_by_levels(plan, bins, log_loss{}, targets, stream, parts);
///
/// One output: numbers, or two classes. What it does not do, why_not_boosted_by_levels() says.

#include <copse/core/errors.hpp>
#include <copse/core/random.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/ensemble/boosted_model.hpp>
#include <copse/ensemble/boosting_objective.hpp>
#include <copse/ensemble/boosting_run.hpp>
#include <copse/loss/loss.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/kernel_stream.hpp>
#include <copse/tree/grow_by_histogram.hpp>
#include <copse/tree/grow_by_levels.hpp>
#include <copse/tree/level_kernels.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse::detail {

/// Why a plan's rounds cannot be boosted by levels; empty if they can.
[[nodiscard]] inline std::string why_not_boosted_by_levels(boosting_plan const& plan) {
    auto const reason = why_not_by_levels(plan.limits, plan.binning.categorical_features.size(),
                                          plan.binning.max_bins);
    if (!reason.empty()) return reason;
    if (plan.subsample < 1) return sentence("subsample is ", plan.subsample, "; it must be 1");
    if (plan.dropout.rate > 0) {
        return sentence("dropout.rate is ", plan.dropout.rate, "; it must be 0");
    }
    return {};
}

template <class Sums, pointwise_loss Loss, kernel_stream S>
class level_booster {
public:
    using item = typename Sums::item;

    level_booster(boosting_plan const& plan, binned_matrix const& bins, Loss const& loss,
                  boosting_targets const& targets, S const& stream)
        : plan_(plan),
          bins_(bins),
          loss_(loss),
          stream_(stream),
          grower_(bins, plan.limits, stream),
          y_(uploaded(stream, targets.y)),
          weight_(uploaded(stream, targets.weight)),
          raw_(stream.template buffer<double>(bins.rows())),
          most_(stream.template buffer<derivatives>(n_blocks(bins.rows(), rows_per_derivation))) {}

    /// Adds all rounds to `parts`, which has no trees but the initial raw score.
    void run(boosted_parts& parts) {
        std::vector<double> const raw(bins_.rows(), parts.initial_raw[0]);
        stream_.upload(view<double const>(raw), raw_.view());
        for (std::size_t r = 0; r < plan_.n_estimators; ++r) add_round(parts, r);
    }

private:
    void add_round(boosted_parts& parts, std::size_t round) {
        auto const stream = random_stream(plan_.random_state).split(round);
        std::vector<std::uint32_t> all(bins_.cols());
        std::iota(all.begin(), all.end(), 0u);
        auto const features =
            drawn_features(all, plan_.columns_by_tree, stream.split(purpose::features));
        auto const units = derive();
        auto const leaves = grower_.grow(units, features, grown_);
        std::vector<double> values;
        for (auto const& leaf : leaves) {
            values.push_back(plan_.learning_rate * leaf.value);
            grown_[leaf.at].leaf = node::leaf(values.back());
        }
        auto const here = uploaded(stream_, values);
        grower_.for_leaves(leaves, [&](auto chunks, auto items) {
            return add_leaf_values<item>{chunks, items, view<double const>(here.view()),
                                         raw_.view()};
        });
        add_tree(parts);
    }
    void add_tree(boosted_parts& parts) const {
        std::vector<double> gain(bins_.cols());
        std::vector<double> splits(bins_.cols());
        std::vector<double> cover(bins_.cols());
        parts.trees.push_back(grown_.finish(bins_, 0, gain));
        grown_.count_splits(splits, cover);
        for (std::size_t j = 0; j < bins_.cols(); ++j) {
            parts.gain[j] += gain[j];
            parts.splits[j] += splits[j];
            parts.cover[j] += cover[j];
        }
    }
    /// Every row's derivatives, in integers of the units that follow from the greatest.
    [[nodiscard]] gradient_units derive() const {
        auto const items = grower_.items(0);
        stream_.for_each_block(most_.size(), cpu_block::rounded(stream_.members() * sizeof(double)),
                               derive_items<Sums, Loss>{loss_, view<double const>(y_.view()),
                                                        view<double const>(weight_.view()),
                                                        view<double const>(raw_.view()), items,
                                                        most_.view(), most_derivative});
        std::vector<derivatives> of_block(most_.size());
        stream_.download(view<derivatives const>(most_.view()), view<derivatives>(of_block));
        derivatives most;
        for (auto const& one : of_block) {
            most.gradient = std::max(most.gradient, one.gradient);
            most.hessian = std::max(most.hessian, one.hessian);
        }
        if (!std::isfinite(most.gradient)) throw invalid_input(too_great_derivative(plan_.who));
        auto const units = Sums::units_for(bins_.rows(), most.gradient, most.hessian);
        stream_.for_each_block(most_.size(), 0, quantise_items<Sums>{items, units});
        return units;
    }

    boosting_plan const& plan_;
    binned_matrix const& bins_;
    Loss loss_;
    S stream_;
    level_grower<Sums, S> grower_;
    buffer_of<S, double> y_;
    buffer_of<S, double> weight_;
    buffer_of<S, double> raw_;
    buffer_of<S, derivatives> most_;
    branch grown_{};
};

/// Grows all rounds of `plan` into `parts`, which is empty. why_not_boosted_by_levels() must be
/// empty, and the loss's leaves Newton steps. Throws what the stream throws, and invalid_input if a
/// derivative is out of bounds.
template <pointwise_loss Loss, kernel_stream S>
void boost_by_levels(boosting_plan const& plan, binned_matrix const& bins, Loss const& loss,
                     boosting_targets const& targets, S const& stream, boosted_parts& parts) {
    static_assert(std::is_trivially_copyable_v<Loss> && !renews_leaves<Loss>);
    parts.n_features = bins.cols();
    pointwise_objective<Loss> const objective(loss, targets);
    parts.initial_raw = objective.initial_raw();
    parts.gain.assign(bins.cols(), 0);
    parts.splits = parts.cover = parts.gain;
    if (objective.unit_hessian()) {
        level_booster<unit_gradient_sums, Loss, S>(plan, bins, loss, targets, stream).run(parts);
    } else {
        level_booster<gradient_sums, Loss, S>(plan, bins, loss, targets, stream).run(parts);
    }
}

}  // namespace copse::detail
