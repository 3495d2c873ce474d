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
#include <copse/ensemble/boosting_options.hpp>
#include <copse/ensemble/forest_plan.hpp>
#include <copse/ensemble/leaf_blocks.hpp>
#include <copse/ensemble/row_sampling.hpp>
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

/// A boosting trainer's fields, whichever trainer it is.
struct boosting_plan {
    std::string_view who;  ///< "gradient_boosting_classifier::fit"
    std::size_t n_estimators;
    double learning_rate;
    boosting_limits limits;
    double subsample;
    row_sampling sampling;
    double columns_by_tree;
    binning_options binning;
    std::uint64_t random_state;
};

/// Rows that are judged after each round.
struct judged_rows {
    features_view x;
    boosting_targets targets;
    /// What each metric says of these raw scores; empty if there are none.
    std::function<std::vector<double>(view<double const>)> scores{};
    std::vector<double> raw{};  // output by output
};

/// What the rounds are given besides the plan.
struct boosting_run {
    std::vector<judged_rows> validation{};
    std::vector<metric_curve> curves{};  ///< of the metrics, without numbers
    std::size_t early_stopping_rounds = unlimited;
    double min_improvement = 0;
    bool refit = false;  ///< the trees that are there get new leaves, and no tree is added
    double refit_decay = 0.9;
    std::function<void(progress const&)> const& on_iteration;
    std::stop_token stop{};
    features_view initial_raw{};
    /// Called after every checkpoint_rounds rounds; or empty.
    std::function<void()> checkpoint{};
    std::size_t checkpoint_rounds = 0;
    training_rows rows{};
    shared_bins const* bins = nullptr;
};

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
          n_outputs_(objective.n_outputs()) {
        auto const& weight = objective.targets().weight;
        some_weigh_nothing_ = std::find(weight.begin(), weight.end(), 0.0) != weight.end();
    }

    /// Adds rounds to `parts`, whose trees are those of a warm start.
    void run(boosted_parts& parts, boosting_run& run) {
        if (run.refit) return refit(parts, run);
        start(parts, run);
        auto const watches = !run.validation.empty();
        std::size_t best = 0;
        auto const done = parts.trees.size() / n_outputs_;
        for (std::size_t r = 0; watches && r < done; ++r)
            best = best_with(parts, best, r, run.min_improvement);
        for (auto r = done; r < plan_.n_estimators; ++r) {
            if (is_over(parts, best, run)) break;
            if (run.stop.stop_requested()) throw stopped("stopped between rounds of boosting");
            add_round(parts, r);
            judge(parts, run, r);
            if (watches) best = best_with(parts, best, r, run.min_improvement);
            report(parts, run, r);
        }
        if (run.early_stopping_rounds != unlimited) keep_rounds(parts, best);
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
    // Derivatives are floats before they are integers.
    static constexpr double most_derivative = 1e38;

    // -- before the first round

    void start(boosted_parts& parts, boosting_run& run) {
        if (parts.initial_raw.empty()) {
            parts.n_features = bins_.cols();
            parts.initial_raw = run.initial_raw.rows() > 0 ? std::vector<double>(n_outputs_)
                                                           : objective_.initial_raw();
            parts.gain.assign(bins_.cols(), 0);
            parts.splits = parts.cover = parts.gain;
        }
        // In the order in which an undisturbed fit adds them up.
        raw_ = initial_raw(parts, n_);
        for (std::size_t i = 0; i < n_ && run.initial_raw.rows() > 0; ++i) {
            for (std::size_t k = 0; k < n_outputs_; ++k)
                raw_[k * n_ + i] += run.initial_raw(learnt_[i], k);
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
            trees, x, backend_, [&](std::size_t first, std::size_t count, auto const& leaves) {
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
    void add_round(boosted_parts& parts, std::size_t round) {
        auto const stream = random_stream(plan_.random_state).split(round);
        begin_round();
        draw_rows(stream);
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
        if (!rows_.empty()) update_left_out(parts);
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
            auto const value =
                plan_.learning_rate *
                (quantile ? residual_quantile(raw, leaf.items, *quantile) : leaf.value);
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
        auto const n = rows_.empty() ? n_ : rows_.size();
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
            throw invalid_input(sentence(plan_.who,
                                         ": a gradient of the loss is not in [-1e38, 1e38], or a "
                                         "Hessian not in [0, 1e38]; scale y down or lower "
                                         "learning_rate"));
        }
        auto units = Sums::units_for(n, greatest.gradient, greatest.hessian);
        if (noise.hessian > 0) units.noise = noise.gradient / noise.hessian / units.score();
        return units;
    }
    summary fill_block(std::size_t k, view<double const> raw, item* items, std::size_t first,
                       std::size_t last) const {
        auto const from = rows_.empty() ? first : rows_[first];
        auto const to = rows_.empty() ? last : rows_[last - 1] + 1;
        std::vector<double> g(to - from);
        std::vector<double> h(to - from);
        objective_.at(k, raw, from, to, g.data(), h.data());
        summary out;
        bool sound = true;
        for (auto i = first; i < last; ++i) {
            auto const row = static_cast<std::uint32_t>(rows_.empty() ? i : rows_[i]);
            auto const at = row - from;
            if (!factor_.empty()) {
                g[at] *= factor_[i];
                h[at] *= factor_[i];
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

    void draw_rows(random_stream stream) {
        rows_.clear();
        factor_.clear();
        if (plan_.subsample >= 1 && !some_weigh_nothing_) return;
        auto const draws = stream.split(purpose::bootstrap);
        if (plan_.subsample < 1 && plan_.sampling != row_sampling::uniform) {
            draw_by_derivatives(draws);
        } else {
            draw_uniformly(draws);
        }
    }
    void draw_uniformly(random_stream draws) {
        auto const& targets = objective_.targets();
        std::uint32_t last = 0;
        for (std::uint32_t i = 0; i < n_; ++i) {
            if (targets.weight_of(i) == 0) continue;
            last = i;
            if (plan_.subsample >= 1 || draws.uniform(i) < plan_.subsample) rows_.push_back(i);
        }
        if (rows_.empty()) rows_.push_back(last);
    }
    void draw_by_derivatives(random_stream draws) {
        std::vector<float> scores(n_);
        for_each_range(backend_, n_, block, [&](std::size_t, std::size_t first, std::size_t last) {
            std::vector<double> g(last - first);
            std::vector<double> h(last - first);
            std::vector<double> sum(last - first);
            for (std::size_t k = 0; k < n_outputs_; ++k) {
                objective_.at(k, {raw_.data() + k * n_, n_}, first, last, g.data(), h.data());
                for (std::size_t i = 0; i < sum.size(); ++i)
                    sum[i] += row_score(plan_.sampling, g[i], h[i]);
            }
            std::transform(sum.begin(), sum.end(),
                           scores.begin() + static_cast<std::ptrdiff_t>(first),
                           [](double score) { return static_cast<float>(score); });
        });
        keep_chance const chance(plan_.sampling, scores, plan_.subsample);
        auto const& targets = objective_.targets();
        for (std::uint32_t i = 0; i < n_; ++i) {
            if (targets.weight_of(i) == 0) continue;
            auto const p = chance.of(scores[i]);
            if (draws.uniform(i) >= p) continue;
            rows_.push_back(i);
            factor_.push_back(1 / p);
        }
        if (rows_.empty()) draw_uniformly(draws), factor_.assign(rows_.size(), 1.0);
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
        for (auto const row : rows_) seen[row] = true;
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
        std::vector<node> nodes(old.nodes().begin(), old.nodes().end());
        auto* const raw = raw_.data() + k * n_;
        for (std::size_t at = 0; at < nodes.size(); ++at) {
            view<item const> const of_leaf(items.data() + first[at], first[at + 1] - first[at]);
            if (of_leaf.empty()) continue;
            typename Sums::cell sum{};
            for (auto const& i : of_leaf) Sums::add(sum, Sums::cell_of(i, units.count_bits));
            auto const was = nodes[at].value();
            auto const own_value =
                formula.value(Sums::total_of(sum, units.count_bits),
                              was / plan_.learning_rate / formula.restored(1), {});
            auto const step =
                quantile ? residual_quantile(raw, of_leaf, *quantile) : formula.restored(own_value);
            auto const value =
                exact_product(decay, was) + exact_product((1 - decay) * plan_.learning_rate, step);
            nodes[at] = node::leaf(value);
            for (auto const& i : of_leaf) raw[i.row] += value;
        }
        return {std::move(nodes), {}, {old.category_words().begin(), old.category_words().end()}};
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
            run.on_iteration({round + 1, plan_.n_estimators, latest, scores});
        }
        if (run.checkpoint && (round + 1) % run.checkpoint_rounds == 0) run.checkpoint();
    }

    // -- early stopping: rounds are counted from 1, and 0 means none is known

    /// What early stopping looks at, and 1 if it is to fall, -1 if it is to rise.
    [[nodiscard]] static std::pair<std::vector<double> const&, int> watched(
        boosted_parts const& parts) {
        if (parts.validation_scores.empty()) return {parts.validation_losses[0], 1};
        auto const& curve = parts.validation_scores[0];
        return {curve.of_set[0], curve.greater_is_better ? -1 : 1};
    }
    /// The best of rounds 1 to round + 1, if `best` is that of those before.
    [[nodiscard]] static std::size_t best_with(boosted_parts const& parts, std::size_t best,
                                               std::size_t round, double min_improvement) {
        auto const& [curve, sign] = watched(parts);
        bool const better =
            best == 0 || sign * curve[round] < sign * curve[best - 1] - min_improvement;
        return better ? round + 1 : best;
    }
    [[nodiscard]] bool is_over(boosted_parts const& parts, std::size_t best,
                               boosting_run const& run) const {
        return run.early_stopping_rounds != unlimited && best > 0 &&
               parts.trees.size() / n_outputs_ - best >= run.early_stopping_rounds;
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
    bool some_weigh_nothing_ = false;  // rows that no tree is grown on
    std::vector<double> raw_;          // output by output
    std::vector<std::uint32_t> rows_;  // of this round, increasing; empty means all
    std::vector<double> factor_;       // how often each of rows_ counts; empty means once
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
