// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How all boosting trainers fit: check, bin once, then round by round: derivatives of the loss at
/// the current raw scores, a tree for each output, new raw scores. The rounds are *dependent*
/// components, so what is parallel is inside them: rows, nodes, features, and the trees of a round.
///
/// J. Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", The Annals of
/// Statistics 29:1189-1232, 2001, algorithm 1, with second-order leaves (gradient_tally.hpp).

#include <copse/core/inputs.hpp>
#include <copse/core/random.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/ensemble/boosted_model.hpp>
#include <copse/ensemble/boosting_objective.hpp>
#include <copse/ensemble/boosting_run.hpp>
#include <copse/ensemble/drawn_rows.hpp>
#include <copse/ensemble/dropout.hpp>
#include <copse/ensemble/forest_plan.hpp>
#include <copse/ensemble/leaf_blocks.hpp>
#include <copse/ensemble/training_rows.hpp>
#include <copse/loss/averages.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/components.hpp>
#include <copse/par/pool.hpp>
#include <copse/tree/grow_by_histogram.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

template <class Sums, backend B>
class booster {
public:
    using item = typename Sums::item;

    booster(boosting_plan const& plan, features_view x, bins_of_fit const& bins, training_rows rows,
            boosting_objective& objective, B const& backend)
        : plan_(plan),
          x_(x),
          bins_(bins.bins()),
          learnt_(rows),
          position_(rows.positions(x.rows())),
          objective_(objective),
          backend_(backend),
          grower_(bins_, plan.limits, backend, bins.rows()),
          n_(rows.size()),
          n_outputs_(objective.n_outputs()) {}

    /// Adds rounds to `parts`, whose trees are those of a warm start.
    void run(boosted_parts& parts, boosting_run& run) {
        if (run.refit) return refit(parts, run);
        start(parts, run);
        best_round best(run);
        auto const done = parts.trees.size() / n_outputs_;
        for (std::size_t r = 0; r < done; ++r) best.look_at(parts, r);
        for (auto r = done; r < plan_.n_estimators && !best.is_long_ago(r); ++r) {
            if (run.stop.stop_requested()) throw stopped("stopped between rounds of boosting");
            add_round(parts, run, r);
            judge(parts, run, r);
            best.look_at(parts, r);
            report(parts, run, r);
        }
        if (run.early_stopping_rounds != unlimited) keep_rounds(parts, best.number());
    }

private:
    struct buffers {
        sample<item> rows;
        branch grown;
    };
    struct grown_tree {
        tree shape;
        std::vector<double> gain, splits, cover;
    };
    /// Of the derivatives of a block of rows.
    struct summary {
        derivatives most;
        derivatives noise;  // sums of squared gradients and of Hessians, if anybody asks
    };
    static constexpr std::size_t block = 1024;

    // -- before the first round

    void start(boosted_parts& parts, boosting_run& run) {
        if (parts.initial_raw.empty()) {
            parts.n_features = bins_.cols();
            parts.initial_raw = run.initial_raw.rows() > 0 ? std::vector<double>(n_outputs_)
                                                           : objective_.initial_raw();
            for (auto& raw : parts.initial_raw) raw = grid_.nearest(raw);
            parts.gain.assign(bins_.cols(), 0);
            parts.splits = parts.cover = parts.gain;
        }
        if (plan_.dropout.rate > 0) grid_ = value_grid(greatest_raw(run));
        // In the order in which an undisturbed fit adds them up.
        raw_ = initial_raw(parts, n_);
        for (std::size_t i = 0; i < n_ && run.initial_raw.rows() > 0; ++i) {
            for (std::size_t k = 0; k < n_outputs_; ++k)
                raw_[k * n_ + i] += grid_.nearest(run.initial_raw(learnt_[i], k));
        }
        add_own_values(parts.trees);
        // Losses of earlier rounds are looked at again: a warm start may come with other sets.
        parts.validation_losses.assign(run.validation.size(), {});
        parts.validation_scores = run.curves;
        for (auto& set : run.validation) {
            set.raw = initial_raw(parts, set.x.rows());
            if (set.scores) (void)set.scores(set.raw);  // what it cannot judge it says now
        }
        for (std::size_t r = 0; r < parts.trees.size() / n_outputs_; ++r) judge(parts, run, r);
    }
    [[nodiscard]] double greatest_raw(boosting_run const& run) const {
        auto greatest = objective_.greatest_raw();
        for (std::size_t i = 0; i < run.initial_raw.rows(); ++i) {
            for (std::size_t k = 0; k < n_outputs_; ++k)
                greatest = std::max(greatest, std::fabs(run.initial_raw(i, k)));
        }
        return greatest;
    }
    [[nodiscard]] std::vector<double> initial_raw(boosted_parts const& parts, std::size_t n) const {
        std::vector<double> raw(n * n_outputs_);
        for (std::size_t k = 0; k < n_outputs_; ++k) {
            std::fill_n(raw.begin() + static_cast<std::ptrdiff_t>(k * n), n, parts.initial_raw[k]);
        }
        return raw;
    }
    /// Adds the trees' values in order, so that raw scores are the same bits as round by round.
    void add_values(std::span<tree const> trees, features_view x, std::vector<double>& raw) {
        for_each_block_of_leaves(
            trees, x, backend_, [&](std::size_t first, std::size_t count, auto& leaves) {
                for (std::size_t t = 0; t < trees.size(); ++t) {
                    auto const& at = leaves(t);
                    auto* const out = raw.data() + t % n_outputs_ * x.rows() + first;
                    for (std::size_t i = 0; i < count; ++i)
                        out[i] += trees[t].nodes()[at[i]].value();
                }
            });
    }

    /// The same for the rows that are learnt from.
    void add_own_values(std::span<tree const> trees) {
        if (learnt_.are_all()) return add_values(trees, x_, raw_);
        x_.visit([&](auto x) {
            for_each_range(
                backend_, n_, block, [&](std::size_t, std::size_t first, std::size_t last) {
                    for (auto i = first; i < last; ++i) {
                        auto const* const row = x.row(learnt_[i]);
                        for (std::size_t t = 0; t < trees.size(); ++t) {
                            auto const leaf = trees[t].leaf_of(row, x.col_stride());
                            raw_[t % n_outputs_ * n_ + i] += trees[t].nodes()[leaf].value();
                        }
                    }
                });
        });
    }
    /// Where raw_ and the targets have row `row` of x.
    [[nodiscard]] std::size_t position(std::uint32_t row) const noexcept {
        return position_.empty() ? row : position_[row];
    }

    // -- a round

    void begin_round() {
        if (objective_.n_units() > 0) {
            for_each_range(backend_, objective_.n_units(), block,
                           [&](std::size_t, std::size_t first, std::size_t last) {
                               objective_.begin_round(view<double const>(raw_.data(), raw_.size()),
                                                      first, last);
                           });
        }
    }
    void add_round(boosted_parts& parts, boosting_run& run, std::size_t round) {
        auto const stream = random_stream(plan_.random_state).split(round);
        auto const dropped = dropped_rounds(plan_.dropout, round, stream.split(purpose::dropout));
        if (!dropped.empty())
            add_own_values(trees_of(parts, dropped, [](double value) { return -value; }));
        step_ = plan_.learning_rate / static_cast<double>(dropped.size() + 1);
        begin_round();
        drawn_ = draw_rows(plan_, objective_, {raw_.data(), raw_.size()},
                           stream.split(purpose::bootstrap), backend_);
        auto const features = draw_features(stream);
        std::vector<grown_tree> grown(n_outputs_);
        for_each_component(backend_, n_outputs_,
                           [&](std::size_t k) { grown[k] = grow(k, features, stream.split(k)); });
        for (auto& g : grown) {
            for (std::size_t j = 0; j < bins_.cols(); ++j) {
                parts.gain[j] += g.gain[j];
                parts.splits[j] += g.splits[j];
                parts.cover[j] += g.cover[j];
            }
            parts.trees.push_back(std::move(g.shape));
        }
        if (!drawn_.rows.empty()) update_left_out(parts);
        if (!dropped.empty()) bring_back(parts, dropped, run);
    }

    /// The trees of these rounds, with f(value) in their leaves.
    template <class F>
    [[nodiscard]] std::vector<tree> trees_of(boosted_parts const& parts,
                                             std::vector<std::size_t> const& rounds,
                                             F const& f) const {
        std::vector<tree> out;
        for (auto const r : rounds) {
            for (std::size_t k = 0; k < n_outputs_; ++k) {
                out.push_back(
                    with_leaf_values(parts.trees[r * n_outputs_ + k],
                                     [&](std::size_t, double value) { return f(value); }));
            }
        }
        return out;
    }
    /// Scales the rounds that were left out of this one, and puts them back into raw scores.
    void bring_back(boosted_parts& parts, std::vector<std::size_t> const& dropped,
                    boosting_run& run) {
        auto const k = static_cast<double>(dropped.size());
        auto const scaled = [&](double value) { return grid_.nearest(value * (k / (k + 1))); };
        auto trees = trees_of(parts, dropped, scaled);
        add_own_values(trees);
        auto const lost =
            trees_of(parts, dropped, [&](double value) { return scaled(value) - value; });
        for (auto& set : run.validation) add_values(lost, set.x, set.raw);
        for (std::size_t t = 0; t < trees.size(); ++t) {
            auto const at = dropped[t / n_outputs_] * n_outputs_ + t % n_outputs_;
            parts.trees[at] = std::move(trees[t]);
        }
    }

    [[nodiscard]] grown_tree grow(std::size_t k, std::vector<std::uint32_t> const& features,
                                  random_stream stream) {
        auto const own = idle_.borrow([] { return std::make_unique<buffers>(); });
        auto const units = fill(k, own->rows.items);
        quantise(own->rows.items, units);
        auto const leaves = grower_.grow(own->rows, units, features, stream, own->grown);
        auto* const raw = raw_.data() + k * n_;
        auto const quantile = objective_.leaf_quantile();
        for_each_component(backend_, leaves.size(), [&](std::size_t l) {
            auto const& leaf = leaves[l];
            auto const value = grid_.nearest(
                step_ * (quantile ? residual_quantile(raw, leaf.items, *quantile) : leaf.value));
            own->grown[leaf.at].leaf = node::leaf(value);
            for (auto const& i : leaf.items) raw[position(i.row)] += value;
        });
        grown_tree out;
        out.gain.resize(bins_.cols());
        out.shape = own->grown.finish(bins_, 0, out.gain);
        out.splits.resize(bins_.cols());
        out.cover.resize(bins_.cols());
        own->grown.count_splits(out.splits, out.cover);
        return out;
    }

    [[nodiscard]] double residual_quantile(double const* raw, view<item const> items,
                                           double q) const {
        auto const& targets = objective_.targets();
        std::vector<double> residual;
        std::vector<double> weight;
        for (auto const& i : items) {
            auto const at = position(i.row);
            residual.push_back(targets.y[at] - raw[at]);
            if (!targets.weight.empty()) weight.push_back(targets.weight[at]);
        }
        return quantile_of(view<double const>(residual.data(), residual.size()),
                           view<double const>(weight.data(), weight.size()), q);
    }

    /// The rows of this round with their derivatives, still as floats because the units of integers
    /// follow from the greatest, and those units.
    gradient_units fill(std::size_t k, std::vector<item>& items) {
        auto const n = drawn_.rows.empty() ? n_ : drawn_.rows.size();
        items.resize(n);
        std::vector<summary> of_block(n_blocks(n, block));
        auto const raw = view<double const>(raw_.data() + k * n_, n_);
        for_each_range(backend_, n, block, [&](std::size_t b, std::size_t first, std::size_t last) {
            of_block[b] = fill_block(k, raw, items.data(), first, last);
        });
        derivatives greatest;
        derivatives noise;
        for (auto const& one : of_block) {
            greatest.gradient = std::max(greatest.gradient, one.most.gradient);
            greatest.hessian = std::max(greatest.hessian, one.most.hessian);
            noise.gradient += one.noise.gradient;
            noise.hessian += one.noise.hessian;
        }
        if (!std::isfinite(greatest.gradient)) {
            throw invalid_input(too_great_derivative(plan_.who));
        }
        auto units = Sums::units_for(n, greatest.gradient, greatest.hessian);
        if (noise.hessian > 0) units.noise = noise.gradient / noise.hessian / units.score();
        return units;
    }
    summary fill_block(std::size_t k, view<double const> raw, item* items, std::size_t first,
                       std::size_t last) const {
        auto const from = drawn_.rows.empty() ? first : drawn_.rows[first];
        auto const to = drawn_.rows.empty() ? last : drawn_.rows[last - 1] + 1;
        std::vector<double> g(to - from);
        std::vector<double> h(to - from);
        objective_.at(k, raw, from, to, g.data(), h.data());
        summary out;
        bool sound = true;
        for (auto i = first; i < last; ++i) {
            auto const row = static_cast<std::uint32_t>(drawn_.rows.empty() ? i : drawn_.rows[i]);
            auto const at = row - from;
            if (!drawn_.factor.empty()) {
                g[at] *= drawn_.factor[i];
                h[at] *= drawn_.factor[i];
            }
            items[i] = Sums::unquantised(learnt_[row], g[at], h[at]);
            // NaN is not <= anything.
            sound = sound && std::fabs(g[at]) <= most_derivative && h[at] >= 0 &&
                    h[at] <= most_derivative;
            out.most.gradient = std::max(out.most.gradient, std::fabs(g[at]));
            out.most.hessian = std::max(out.most.hessian, h[at]);
        }
        if (!sound) out.most.gradient = std::numeric_limits<double>::infinity();
        if (plan_.binning.categorical_features.empty()) return out;
        for (std::size_t at = 0; at < g.size(); ++at) {
            out.noise.gradient += exact_product(g[at], g[at]);
            out.noise.hessian += h[at];
        }
        return out;
    }
    void quantise(std::vector<item>& items, gradient_units const& units) const {
        for_each_range(backend_, items.size(), 16 * block,
                       [&](std::size_t, std::size_t first, std::size_t last) {
                           for (auto i = first; i < last; ++i) Sums::quantise(items[i], units);
                       });
    }

    [[nodiscard]] std::vector<std::uint32_t> draw_features(random_stream stream) const {
        std::vector<std::uint32_t> all(bins_.cols());
        std::iota(all.begin(), all.end(), 0u);
        return drawn_features(all, plan_.columns_by_tree, stream.split(purpose::features));
    }
    /// Rows that the round's trees were not grown on are in no leaf's items.
    void update_left_out(boosted_parts const& parts) {
        auto const first_tree = parts.trees.size() - n_outputs_;
        std::vector<bool> seen(n_);
        for (auto const row : drawn_.rows) seen[row] = true;
        x_.visit([&](auto x) {
            for_each_range(
                backend_, n_, block, [&](std::size_t, std::size_t first, std::size_t last) {
                    for (auto i = first; i < last; ++i) {
                        if (seen[i]) continue;
                        for (std::size_t k = 0; k < n_outputs_; ++k) {
                            auto const& t = parts.trees[first_tree + k];
                            auto const leaf = t.leaf_of(x.row(learnt_[i]), x.col_stride());
                            raw_[k * n_ + i] += t.nodes()[leaf].value();
                        }
                    }
                });
        });
    }

    // -- new leaves for given trees

    void refit(boosted_parts& parts, boosting_run& run) {
        auto const old = std::exchange(parts.trees, {});
        start(parts, run);
        for (std::size_t r = 0; r < old.size() / n_outputs_; ++r) {
            if (run.stop.stop_requested()) throw stopped("stopped between rounds of boosting");
            begin_round();
            std::vector<tree> renewed(n_outputs_);
            for_each_component(backend_, n_outputs_, [&](std::size_t k) {
                renewed[k] = refit(old[r * n_outputs_ + k], k, run.refit_decay);
            });
            std::move(renewed.begin(), renewed.end(), std::back_inserter(parts.trees));
            judge(parts, run, r);
            report(parts, run, r);
        }
    }
    [[nodiscard]] tree refit(tree const& old, std::size_t k, double decay) {
        auto const own = idle_.borrow([] { return std::make_unique<buffers>(); });
        auto& items = own->rows.items;
        auto const units = fill(k, items);
        quantise(items, units);
        auto const first = sort_by_leaf(old, items);
        leaf_formula const formula(plan_.limits.gradients, units);
        auto const quantile = objective_.leaf_quantile();
        auto* const raw = raw_.data() + k * n_;
        return with_leaf_values(old, [&](std::size_t at, double was) {
            view<item const> const of_leaf(items.data() + first[at], first[at + 1] - first[at]);
            if (of_leaf.empty()) return was;
            typename Sums::cell sum{};
            for (auto const& i : of_leaf) Sums::add(sum, Sums::cell_of(i, units.count_bits));
            auto const own_value =
                formula.value(Sums::total_of(sum, units.count_bits),
                              was / plan_.learning_rate / formula.restored(1), {});
            auto const step =
                quantile ? residual_quantile(raw, of_leaf, *quantile) : formula.restored(own_value);
            auto const value =
                exact_product(decay, was) + exact_product((1 - decay) * plan_.learning_rate, step);
            for (auto const& i : of_leaf) raw[i.row] += value;
            return value;
        });
    }
    /// Puts the items of each leaf together; where those of each node begin, and the end.
    [[nodiscard]] std::vector<std::size_t> sort_by_leaf(tree const& t, std::vector<item>& items) {
        std::vector<std::uint32_t> leaf(n_);
        x_.visit([&](auto x) {
            for_each_range(backend_, n_, block,
                           [&](std::size_t, std::size_t first, std::size_t last) {
                               for (auto i = first; i < last; ++i)
                                   leaf[i] = t.leaf_of(x.row(i), x.col_stride());
                           });
        });
        std::stable_sort(items.begin(), items.end(),
                         [&](item const& a, item const& b) { return leaf[a.row] < leaf[b.row]; });
        std::vector<std::size_t> first(t.nodes().size() + 1);
        for (auto const at : leaf) ++first[at + 1];
        std::partial_sum(first.begin(), first.end(), first.begin());
        return first;
    }

    // -- after a round

    void judge(boosted_parts& parts, boosting_run& run, std::size_t round) {
        auto const grown =
            std::span<tree const>(parts.trees).subspan(round * n_outputs_, n_outputs_);
        for (std::size_t s = 0; s < run.validation.size(); ++s) {
            auto& set = run.validation[s];
            add_values(grown, set.x, set.raw);
            parts.validation_losses[s].push_back(mean_loss(set));
            if (!set.scores) continue;
            auto const scores = set.scores(set.raw);
            for (std::size_t m = 0; m < scores.size(); ++m)
                parts.validation_scores[m].of_set[s].push_back(scores[m]);
        }
    }
    [[nodiscard]] double mean_loss(judged_rows const& set) const {
        auto const n = set.targets.size();
        std::vector<double> sums(n_blocks(n, block));
        for_each_range(backend_, n, block, [&](std::size_t b, std::size_t first, std::size_t last) {
            sums[b] = objective_.loss_of(
                set.targets, view<double const>(set.raw.data(), set.raw.size()), first, last);
        });
        double total = 0;
        for (auto const sum : sums) total += sum;
        return total / objective_.total_weight(set.targets);
    }
    void report(boosted_parts const& parts, boosting_run const& run, std::size_t round) const {
        if (run.on_iteration) {
            std::vector<double> latest;
            std::vector<double> scores;
            for (std::size_t s = 0; s < parts.validation_losses.size(); ++s) {
                latest.push_back(parts.validation_losses[s].back());
                for (auto const& curve : parts.validation_scores)
                    scores.push_back(curve.of_set[s].back());
            }
            progress now{round + 1, plan_.n_estimators};
            now.validation_losses = latest;
            now.validation_scores = scores;
            run.on_iteration(now);
        }
        if (run.checkpoint && (round + 1) % run.checkpoint_rounds == 0) run.checkpoint();
    }

    boosting_plan const& plan_;
    features_view x_;
    binned_matrix const& bins_;
    training_rows learnt_;                 // row i of the fit is row learnt_[i] of x
    std::vector<std::uint32_t> position_;  // and back; empty if they are all
    boosting_objective& objective_;
    B backend_;
    histogram_grower<Sums, B> grower_;
    std::size_t n_;
    std::size_t n_outputs_;
    value_grid grid_;          // of leaves, where trees may be dropped
    double step_ = 0;          // leaves of this round are multiplied by it
    std::vector<double> raw_;  // output by output
    drawn_rows drawn_;         // of this round
    pool<buffers> idle_;
};

/// Adds rounds to `parts`, choosing how gradients are summed.
template <backend B>
void boost(boosting_plan const& plan, features_view x, boosting_objective& objective,
           boosted_parts& parts, boosting_run& run, B const& outer) {
    outer.enter([&] {
        auto const backend = outer.inherited();
        bins_of_fit const bins(backend, x, plan.binning, run.bins, plan.who);
        bool const all_alike = plan.subsample >= 1 || plan.sampling == row_sampling::uniform;
        if (objective.unit_hessian() && all_alike) {
            booster<unit_gradient_sums, B>(plan, x, bins, run.rows, objective, backend)
                .run(parts, run);
        } else {
            booster<gradient_sums, B>(plan, x, bins, run.rows, objective, backend).run(parts, run);
        }
    });
}

}  // namespace copse::detail
