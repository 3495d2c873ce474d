// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How all four forest trainers fit: check, bin once, grow the trees as independent components,
/// then ask the trees about the rows they did not see. The trainers themselves only name fields.

#include <copse/core/inputs.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/ensemble/bootstrap.hpp>
#include <copse/ensemble/forest_model.hpp>
#include <copse/ensemble/forest_options.hpp>
#include <copse/ensemble/out_of_bag.hpp>
#include <copse/par/components.hpp>
#include <copse/par/pool.hpp>
#include <copse/tree/grow.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse::detail {

/// A trainer's fields in the terms of this file.
struct forest_plan {
    std::string_view who;  ///< "random_forest_classifier::fit"
    std::size_t n_estimators;
    feature_count max_features;
    std::size_t max_bins;
    std::vector<std::size_t> const& categorical_features;
    std::vector<int> const& monotonic_cst;
    growth_limits limits;  ///< max_features, monotonic and gain_unit are filled in here
    bool bootstrap;
    sample_count max_samples;
    std::uint64_t random_state;
    bool oob_score;
    bool oob_permutation_importances;
};

/// Throws invalid_input unless value is in [low, high] or, if `open`, above low.
inline void check_range(std::string_view who, std::string_view name, double value, double low,
                        double high, std::string_view accepted) {
    if (!(value >= low && value <= high)) {
        throw invalid_input(sentence(who, ": ", name, " is ", value, "; it must be ", accepted));
    }
}

inline void check_at_least(std::string_view who, std::string_view name, std::size_t value,
                           std::size_t least) {
    if (value < least) {
        throw invalid_input(
            sentence(who, ": ", name, " is ", value, "; it must be at least ", least));
    }
}

/// Everything that can be wrong before y is looked at.
inline void check_forest(forest_plan const& plan, features_view x, std::size_t n_targets,
                         std::string_view targets, values_view weights) {
    auto const who = plan.who;
    if (x.rows() == 0 || x.cols() == 0) {
        throw invalid_input(sentence(who, ": x is ", x.rows(), " x ", x.cols(),
                                     "; it must have at least 1 row and 1 column"));
    }
    if (n_targets != x.rows()) {
        throw invalid_input(
            sentence(who, ": y has ", n_targets, " ", targets, " but x has ", x.rows(), " rows"));
    }
    if (x.rows() > (std::size_t{1} << 30)) {
        throw invalid_input(
            sentence(who, ": x has ", x.rows(), " rows; at most 2^30 are supported"));
    }
    if (!weights.empty() && weights.size() != x.rows()) {
        throw invalid_input(sentence(who, ": sample_weight has ", weights.size(),
                                     " values but x has ", x.rows(), " rows"));
    }
    bool any = weights.empty();
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (!(weights[i] >= 0) || !std::isfinite(weights[i])) {
            throw invalid_input(sentence(who, ": sample_weight is ", weights[i], " at row ", i,
                                         "; it must be at least 0 and finite"));
        }
        any = any || weights[i] > 0;
    }
    if (!any) {
        throw invalid_input(sentence(who, ": all ", weights.size(), " sample weights are 0"));
    }
    check_at_least(who, "n_estimators", plan.n_estimators, 1);
    check_at_least(who, "max_depth", plan.limits.max_depth, 1);
    check_at_least(who, "min_samples_split", plan.limits.min_samples_split, 2);
    check_at_least(who, "min_samples_leaf", plan.limits.min_samples_leaf, 1);
    check_at_least(who, "max_leaf_nodes", plan.limits.max_leaf_nodes, 2);
    check_range(who, "min_weight_fraction_leaf", plan.limits.min_weight_fraction_leaf, 0, 0.5,
                "in [0, 0.5]");
    auto const most = std::numeric_limits<double>::max();
    check_range(who, "min_impurity_decrease", plan.limits.min_impurity_decrease, 0, most,
                "at least 0 and finite");
    check_range(who, "ccp_alpha", plan.limits.ccp_alpha, 0, most, "at least 0 and finite");
    check_range(who, "max_bins", static_cast<double>(plan.max_bins), 2, 65535, "in 2..65535");
    if (!plan.monotonic_cst.empty() && plan.monotonic_cst.size() != x.cols()) {
        throw invalid_input(sentence(who, ": monotonic_cst has ", plan.monotonic_cst.size(),
                                     " values but x has ", x.cols(), " columns"));
    }
    for (auto const c : plan.monotonic_cst) {
        if (c < -1 || c > 1) {
            throw invalid_input(
                sentence(who, ": monotonic_cst holds ", c, "; it must be -1, 0 or 1"));
        }
    }
    for (auto const feature : plan.categorical_features) {
        if (feature < plan.monotonic_cst.size() && plan.monotonic_cst[feature] != 0) {
            throw invalid_input(sentence(who, ": column ", feature,
                                         " is categorical and has monotonic_cst ",
                                         plan.monotonic_cst[feature], "; it must be 0 there"));
        }
    }
    if (!plan.bootstrap && (plan.oob_score || plan.oob_permutation_importances)) {
        throw invalid_input(sentence(
            who, ": out-of-bag results need bootstrap = true, or every tree has seen every row"));
    }
    if (!plan.bootstrap && !plan.max_samples.is_all()) {
        throw invalid_input(sentence(who, ": max_samples needs bootstrap = true"));
    }
    (void)plan.max_samples.of(x.rows(), who);
    (void)plan.max_features.of(x.cols(), who);
}

/// Trees and what each feature gained in each, for trees first, first + 1, ..., n_estimators - 1.
struct grown_trees {
    std::vector<tree> trees;
    std::vector<std::vector<double>> gains;
};

/// Grows the trees, components of the forest. fill(items, t, times) makes tree t's sample, where
/// row i, of weight weight[i] or 1, was drawn times[i] times; after_tree(t, tree, items) sees each
/// tree when it is done.
template <class Item, backend B, class Fill, class AfterTree>
[[nodiscard]] grown_trees grow_trees(forest_plan const& plan, growth_limits const& limits,
                                     binned_matrix const& bins, std::size_t n_classes,
                                     splitter_factory<Item> const& splitters,
                                     std::vector<double> const& weight, std::size_t first_tree,
                                     std::stop_token const& stop, B const& backend,
                                     Fill const& fill, AfterTree const& after_tree) {
    auto const n_trees = plan.n_estimators - first_tree;
    auto const n_draws = plan.max_samples.of(bins.rows(), plan.who);
    grown_trees out{std::vector<tree>(n_trees), std::vector<std::vector<double>>(n_trees)};
    struct buffers {
        std::vector<std::uint8_t> times;
        sample<Item> rows;
        branch grown;
    };
    pool<buffers> idle;
    tree_grower<Item, B> grower(bins, limits, n_classes, splitters, backend);
    // Whole trees share out the work until fewer are left than threads; those grow forked.
    auto const n_whole = n_trees - n_trees % backend.concurrency();
    for_each_component(backend, n_trees, stop, [&](std::size_t i) {
        auto const t = first_tree + i;
        auto const stream = random_stream(plan.random_state).split(t);
        auto const own = idle.borrow([] { return std::make_unique<buffers>(); });
        if (plan.bootstrap) {
            draw_times(stream, bins.rows(), n_draws, weight, own->times);
        } else {
            own->times.assign(bins.rows(), 1);
        }
        own->rows.items.clear();
        fill(own->rows.items, t, own->times);
        grower.grow(own->rows, stream, i >= n_whole, own->grown);
        out.gains[i].resize(bins.cols());
        out.trees[i] = own->grown.finish(bins, n_classes, out.gains[i]);
        after_tree(t, out.trees[i], own->times);
    });
    return out;
}

/// Appends the trees to those of a warm start and adds their importances, in order.
inline void append_trees(forest_parts& parts, grown_trees grown) {
    parts.importance_sum.resize(parts.n_features);
    for (std::size_t t = 0; t < grown.trees.size(); ++t) {
        double total = 0;
        for (auto const gain : grown.gains[t]) total += gain;
        for (std::size_t j = 0; j < parts.n_features && total > 0; ++j) {
            parts.importance_sum[j] += grown.gains[t][j] / total;
        }
        parts.trees.push_back(std::move(grown.trees[t]));
    }
}

/// The parts that a warm start brings, checked against this fit; without one, none.
template <class Parts, class Model>
[[nodiscard]] Parts warm_parts(forest_plan const& plan, features_view x, Model const* warm) {
    Parts parts;
    parts.n_features = x.cols();
    if (warm == nullptr) return parts;
    if (warm->n_features() != x.cols()) {
        throw invalid_input(sentence(plan.who, ": warm_start was fitted on ", warm->n_features(),
                                     " columns but x has ", x.cols()));
    }
    if (warm->trees().size() > plan.n_estimators) {
        throw invalid_input(sentence(plan.who, ": warm_start has ", warm->trees().size(),
                                     " trees but n_estimators is ", plan.n_estimators));
    }
    parts = warm->parts();
    // Out-of-bag results are of all trees, so those of the first ones are out of date.
    parts.oob.reset();
    parts.oob_permutation_importances.clear();
    return parts;
}

/// Calls on_iteration with the number of trees done, one call at a time.
template <class Options>
[[nodiscard]] auto progress_reporter(Options const& options, std::size_t done, std::size_t total) {
    struct reporter {
        Options const& options;
        progress now;
        std::mutex guard;
        void operator()() {
            if (!options.on_iteration) return;
            std::lock_guard const lock(guard);
            ++now.done;
            options.on_iteration(now);
        }
    };
    return reporter{options, {done, total}, {}};
}

/// The growth limits of a plan for x.
[[nodiscard]] inline growth_limits limits_for(forest_plan const& plan, features_view x,
                                              double gain_unit) {
    auto limits = plan.limits;
    limits.max_features = plan.max_features.of(x.cols(), plan.who);
    limits.monotonic = plan.monotonic_cst;
    limits.gain_unit = gain_unit;
    return limits;
}

/// What of the limits concerns single splits. It borrows from `limits`.
[[nodiscard]] inline split_rules rules_of(growth_limits const& limits) noexcept {
    return {limits.min_samples_leaf, limits.random_cuts, limits.monotonic};
}

/// Each row's weight before it is multiplied by how often a tree drew it, and their sum's scale.
class row_weights {
public:
    /// Sample weights times weights of codes' classes; all 1 if both are empty. Only ratios count,
    /// so each kind is brought below 1 by a power of two: no sum or product can overflow.
    /// Throws invalid_input, beginning with `who`, if nothing is left.
    row_weights(values_view sample_weight, std::vector<double> const& class_weight,
                std::vector<std::uint32_t> const& codes, std::size_t n, std::string_view who) {
        if (sample_weight.empty() && class_weight.empty()) return;
        auto const below_one = exponent_of_greatest(sample_weight);
        auto const class_below_one = exponent_of_greatest(class_weight);
        weight_.assign(n, 1.0);
        double total = 0;
        for (std::size_t i = 0; i < n; ++i) {
            if (!sample_weight.empty()) weight_[i] = std::ldexp(sample_weight[i], -below_one);
            if (!class_weight.empty())
                weight_[i] *= std::ldexp(class_weight[codes[i]], -class_below_one);
            total += weight_[i];
        }
        if (total == 0) {
            throw invalid_input(
                sentence(who, ": all ", n, " sample weights are 0 times class_weight"));
        }
    }
    /// Of the rows; empty if all are 1.
    [[nodiscard]] std::vector<double> const& values() const noexcept { return weight_; }
    [[nodiscard]] bool all_one() const noexcept { return weight_.empty(); }
    [[nodiscard]] double operator[](std::size_t i) const noexcept {
        return all_one() ? 1.0 : weight_[i];
    }
    /// For a tree that drew row i times[i] times.
    template <class Extra>
    [[nodiscard]] double scale(std::vector<std::uint8_t> const& times, Extra const& extra) const {
        double total = 0;
        for (std::size_t i = 0; i < times.size(); ++i) total += times[i] * (*this)[i] * extra(i);
        return weight_scale(total);
    }

private:
    /// The least e such that all values are below 2^e.
    [[nodiscard]] static int exponent_of_greatest(values_view values) {
        double greatest = 0;
        for (std::size_t i = 0; i < values.size(); ++i) greatest = std::max(greatest, values[i]);
        int exponent = 0;
        std::frexp(greatest, &exponent);
        return exponent;
    }

    std::vector<double> weight_;
};

/// f(i, weight) for each row in a tree's bag; its weight as an integer.
template <class Extra, class F>
void for_each_in_bag(row_weights const& weights, std::vector<std::uint8_t> const& times,
                     bool reweighted, Extra const& extra, F const& f) {
    if (weights.all_one() && !reweighted) {
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (times[i] > 0) f(static_cast<std::uint32_t>(i), std::uint32_t{times[i]});
        }
        return;
    }
    auto const scale = weights.scale(times, extra);
    for (std::size_t i = 0; i < times.size(); ++i) {
        auto const weight = times[i] * weights[i] * extra(i);
        if (weight > 0) f(static_cast<std::uint32_t>(i), integer_weight(weight, scale));
    }
}

template <backend B>
[[nodiscard]] classifier_parts fit_classifier(forest_plan const& plan, class_criterion criterion,
                                              class_weights const& class_weight, features_view x,
                                              labels_view y,
                                              forest_fit_options<forest_classifier> const& options,
                                              B const& outer) {
    check_n_jobs(outer, plan.who);
    check_forest(plan, x, y.size(), "labels", options.sample_weight);
    // clang 14 cannot capture the names of a structured binding.
    auto const encoded = encode(y);
    auto const& classes = encoded.classes;
    auto const& codes = encoded.codes;
    auto const n_classes = classes.size();
    if (!plan.monotonic_cst.empty() && n_classes > 2) {
        throw invalid_input(
            sentence(plan.who, ": monotonic_cst needs 2 classes but y has ", n_classes));
    }
    auto parts = warm_parts<classifier_parts>(plan, x, options.warm_start);
    auto const first_tree = parts.trees.size();
    if (first_tree > 0 && !(parts.classes == classes)) {
        throw invalid_input(sentence(plan.who, ": warm_start has ", parts.classes.size(),
                                     " classes but y has ", n_classes,
                                     ", or they are not the same ones"));
    }
    parts.classes = classes;

    std::vector<double> counts(n_classes);
    for (auto const k : codes) ++counts[k];
    bool const subsample = class_weight.kind() == class_weights::rule::balanced_subsample;
    auto const of_class = class_weight.kind() == class_weights::rule::none || subsample
                              ? std::vector<double>{}
                              : class_weight.of(classes, counts, plan.who);
    row_weights const weights(options.sample_weight, of_class, codes, x.rows(), plan.who);

    return outer.enter([&] {
        auto const backend = outer.inherited();
        auto const bins =
            bin_features(backend, x, {plan.max_bins, plan.categorical_features}, plan.who);
        auto report = progress_reporter(options, first_tree, plan.n_estimators);
        auto const fill = [&](std::vector<class_item>& items, std::size_t,
                              std::vector<std::uint8_t> const& times) {
            std::vector<double> extra(n_classes, 1.0);
            if (subsample) {
                std::vector<double> drawn(n_classes);
                for (std::size_t i = 0; i < times.size(); ++i) drawn[codes[i]] += times[i];
                extra = class_weight.of(classes, drawn, plan.who);
            }
            items.reserve(times.size() * 2 / 3);
            for_each_in_bag(
                weights, times, subsample, [&](std::size_t i) { return extra[codes[i]]; },
                [&](std::uint32_t row, std::uint32_t weight) {
                    items.push_back({row, weight, codes[row]});
                });
        };
        auto const after = [&](auto&&...) { report(); };
        auto const limits = limits_for(plan, x, 1.0);
        auto const splitters =
            class_splitters(criterion, n_classes, bins.most_bins(), rules_of(limits));
        append_trees(parts, grow_trees(plan, limits, bins, n_classes, splitters, weights.values(),
                                       first_tree, options.stop, backend, fill, after));
        add_out_of_bag(parts, plan, x, codes, weights.values(), options.stop, backend);
        return std::move(parts);
    });
}

/// Throws invalid_input unless every target is finite and, for Poisson, at least 0 and not all 0.
inline void check_targets(std::string_view who, std::vector<double> const& y,
                          real_criterion criterion) {
    double total = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (!std::isfinite(y[i])) {
            throw invalid_input(
                sentence(who, ": y is ", y[i], " at row ", i, "; it must be finite"));
        }
        if (criterion == real_criterion::poisson && y[i] < 0) {
            throw invalid_input(sentence(who, ": y is ", y[i], " at row ", i,
                                         "; the Poisson criterion needs targets of at least 0"));
        }
        total += y[i];
    }
    if (criterion == real_criterion::poisson && total == 0) {
        throw invalid_input(sentence(who, ": all ", y.size(),
                                     " targets are 0; the Poisson criterion needs a positive sum"));
    }
}

template <backend B>
[[nodiscard]] regressor_parts fit_regressor(forest_plan const& plan, real_criterion criterion,
                                            bool keep_leaf_targets, features_view x,
                                            values_view targets,
                                            forest_fit_options<forest_regressor> const& options,
                                            B const& outer) {
    check_n_jobs(outer, plan.who);
    check_forest(plan, x, targets.size(), "values", options.sample_weight);
    std::vector<double> y(targets.size());
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = targets[i];
    check_targets(plan.who, y, criterion);
    if (criterion == real_criterion::absolute_error && !plan.monotonic_cst.empty()) {
        throw invalid_input(
            sentence(plan.who, ": monotonic_cst is not supported with absolute_error"));
    }
    auto parts = warm_parts<regressor_parts>(plan, x, options.warm_start);
    auto const first_tree = parts.trees.size();
    if (keep_leaf_targets && parts.targets.size() != first_tree) {
        throw invalid_input(sentence(plan.who,
                                     ": keep_leaf_targets is set but warm_start kept those of ",
                                     parts.targets.size(), " of its ", first_tree, " trees"));
    }
    parts.targets.resize(keep_leaf_targets ? plan.n_estimators : 0);
    row_weights const weights(options.sample_weight, {}, {}, x.rows(), plan.who);

    return outer.enter([&] {
        auto const backend = outer.inherited();
        auto const bins =
            bin_features(backend, x, {plan.max_bins, plan.categorical_features}, plan.who);
        auto report = progress_reporter(options, first_tree, plan.n_estimators);
        auto const one = [](std::size_t) { return 1.0; };
        bool const squared = criterion == real_criterion::squared_error;
        auto const heaviest = weights.all_one() ? x.rows() : std::size_t{1} << 31;
        auto const units = fixed_point::of(y, heaviest, criterion != real_criterion::poisson);
        std::vector<std::int64_t> quantised(y.size());
        for (std::size_t i = 0; i < y.size(); ++i) quantised[i] = units.quantised(y[i]);
        auto const fill = [&](std::vector<real_item>& items, std::size_t,
                              std::vector<std::uint8_t> const& times) {
            items.reserve(times.size() * 2 / 3);
            for_each_in_bag(weights, times, false, one,
                            [&](std::uint32_t row, std::uint32_t weight) {
                                items.push_back({row, weight, quantised[row]});
                            });
        };
        auto const after = [&](std::size_t t, tree const& grown,
                               std::vector<std::uint8_t> const& times) {
            if (keep_leaf_targets) {
                std::vector<std::uint32_t> leaf;
                std::vector<std::uint32_t> weight;
                std::vector<double> target;
                for_each_in_bag(
                    weights, times, false, one, [&](std::uint32_t row, std::uint32_t w) {
                        leaf.push_back(x.visit(
                            [&](auto m) { return grown.leaf_of(m.row(row), m.col_stride()); }));
                        weight.push_back(w);
                        target.push_back(y[row]);
                    });
                parts.targets[t] = targets_by_leaf(grown.nodes().size(), leaf, target, weight);
            }
            report();
        };
        auto const limits =
            limits_for(plan, x, 1 / (squared ? units.scale * units.scale : units.scale));
        auto const splitters = real_splitters(criterion, units, bins.most_bins(), rules_of(limits));
        append_trees(parts, grow_trees(plan, limits, bins, 0, splitters, weights.values(),
                                       first_tree, options.stop, backend, fill, after));
        add_out_of_bag(parts, plan, x, y, weights.values(), options.stop, backend);
        return std::move(parts);
    });
}

}  // namespace copse::detail
