// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How all four forest trainers fit: check, bin once, grow the trees as independent components,
/// then ask the trees about the rows they did not see. The trainers themselves only name fields.

#include <copse/core/inputs.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/ensemble/bootstrap.hpp>
#include <copse/ensemble/forest_classifier.hpp>
#include <copse/ensemble/forest_options.hpp>
#include <copse/ensemble/forest_plan.hpp>
#include <copse/ensemble/forest_regressor.hpp>
#include <copse/ensemble/forest_watch.hpp>
#include <copse/ensemble/out_of_bag.hpp>
#include <copse/ensemble/row_weights.hpp>
#include <copse/ensemble/training_rows.hpp>
#include <copse/ensemble/validation_set.hpp>
#include <copse/par/components.hpp>
#include <copse/par/pool.hpp>
#include <copse/tree/grow.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

/// Trees and what each feature gained in each, for trees first, first + 1, ..., n_estimators - 1.
struct grown_trees {
    std::vector<tree> trees;
    std::vector<std::vector<double>> gains;
};

/// Grows the trees, components of the forest, from n_rows rows. fill(items, t, times) makes tree
/// t's sample, where the fit's row i, of weight weight[i] or 1, was drawn times[i] times;
/// after_tree(t, tree, items) sees each tree when it is done.
template <class Item, backend B, class Fill, class AfterTree>
[[nodiscard]] grown_trees grow_trees(forest_plan const& plan, growth_limits const& limits,
                                     binned_matrix const& bins, std::size_t n_rows,
                                     std::size_t n_classes, splitter_factory<Item> const& splitters,
                                     std::vector<double> const& weight, std::size_t first_tree,
                                     std::stop_token const& stop, B const& backend,
                                     Fill const& fill, AfterTree const& after_tree) {
    auto const n_trees = plan.n_estimators - first_tree;
    auto const n_draws = plan.max_samples.of(n_rows, plan.who);
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
            draw_times(stream, n_rows, n_draws, weight, own->times);
        } else {
            own->times.assign(n_rows, 1);
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

/// The rows to learn from, which must be all if trees are to be asked about those out of their
/// bags.
template <class Options>
[[nodiscard]] training_rows rows_of_forest(forest_plan const& plan, features_view x,
                                           Options const& options) {
    check_validation(plan.who, x.cols(), options);
    auto const rows = checked_rows(plan.who, x, options);
    if (!rows.are_all() && (plan.oob_score || plan.oob_permutation_importances)) {
        throw invalid_input(sentence(plan.who, ": out-of-bag results need all ", x.rows(),
                                     " rows but rows names ", rows.size()));
    }
    (void)plan.max_samples.of(rows.size(), plan.who);
    return rows;
}

template <backend B>
[[nodiscard]] classifier_parts fit_classifier(forest_plan const& plan, class_criterion criterion,
                                              class_weights const& class_weight, features_view x,
                                              labels_view y,
                                              forest_fit_options<forest_classifier> const& options,
                                              B const& outer) {
    check_n_jobs(outer, plan.who);
    check_forest(plan, x, y.size(), "labels", options.sample_weight);
    auto const rows = rows_of_forest(plan, x, options);
    // clang 14 cannot capture the names of a structured binding.
    auto const encoded = rows.encoded(y);
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
    auto const sample_weight = rows.values(options.sample_weight);
    row_weights const weights(sample_weight, of_class, codes, rows.size(), plan.who);

    return outer.enter([&] {
        auto const backend = outer.inherited();
        bins_of_fit const of_fit(backend, x, binning_for(plan, x), options.bins, plan.who);
        auto const& bins = of_fit.bins();
        std::vector<class_opinion> opinions;
        for (auto const& set : options.validation) opinions.emplace_back(set, classes);
        forest_watch watch(options, std::move(opinions), parts.trees, plan.n_estimators, backend);
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
                    items.push_back({rows[row], weight, codes[row]});
                });
        };
        auto const after = [&](std::size_t t, tree const& grown, auto const&) {
            watch.done(t, grown);
        };
        auto const limits = limits_for(plan, x, 1.0);
        auto const splitters =
            class_splitters(criterion, n_classes, bins.most_bins(), rules_of(limits));
        append_trees(parts,
                     grow_trees(plan, limits, bins, rows.size(), n_classes, splitters,
                                weights.values(), first_tree, options.stop, backend, fill, after));
        add_out_of_bag(parts, plan, x, codes, weights.values(), options.stop, backend);
        return std::move(parts);
    });
}

template <backend B>
[[nodiscard]] regressor_parts fit_regressor(forest_plan const& plan, real_criterion criterion,
                                            bool keep_leaf_targets, features_view x,
                                            values_view targets,
                                            forest_fit_options<forest_regressor> const& options,
                                            B const& outer) {
    check_n_jobs(outer, plan.who);
    check_forest(plan, x, targets.size(), "values", options.sample_weight);
    auto const rows = rows_of_forest(plan, x, options);
    auto const y = rows.values(targets);
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
    auto const sample_weight = rows.values(options.sample_weight);
    row_weights const weights(sample_weight, {}, {}, rows.size(), plan.who);

    return outer.enter([&] {
        auto const backend = outer.inherited();
        bins_of_fit const of_fit(backend, x, binning_for(plan, x), options.bins, plan.who);
        auto const& bins = of_fit.bins();
        std::vector<value_opinion> opinions(options.validation.begin(), options.validation.end());
        forest_watch watch(options, std::move(opinions), parts.trees, plan.n_estimators, backend);
        auto const one = [](std::size_t) { return 1.0; };
        bool const squared = criterion == real_criterion::squared_error;
        auto const heaviest = weights.all_one() ? rows.size() : std::size_t{1} << 31;
        auto const units = fixed_point::of(y, heaviest, criterion != real_criterion::poisson);
        std::vector<std::int64_t> quantised(y.size());
        for (std::size_t i = 0; i < y.size(); ++i) quantised[i] = units.quantised(y[i]);
        auto const fill = [&](std::vector<real_item>& items, std::size_t,
                              std::vector<std::uint8_t> const& times) {
            items.reserve(times.size() * 2 / 3);
            for_each_in_bag(weights, times, false, one,
                            [&](std::uint32_t row, std::uint32_t weight) {
                                items.push_back({rows[row], weight, quantised[row]});
                            });
        };
        auto const after = [&](std::size_t t, tree const& grown,
                               std::vector<std::uint8_t> const& times) {
            if (keep_leaf_targets) {
                std::vector<std::uint32_t> leaf;
                std::vector<std::uint32_t> weight;
                std::vector<double> target;
                for_each_in_bag(weights, times, false, one,
                                [&](std::uint32_t row, std::uint32_t w) {
                                    leaf.push_back(x.visit([&](auto m) {
                                        return grown.leaf_of(m.row(rows[row]), m.col_stride());
                                    }));
                                    weight.push_back(w);
                                    target.push_back(y[row]);
                                });
                parts.targets[t] = targets_by_leaf(grown.nodes().size(), leaf, target, weight);
            }
            watch.done(t, grown);
        };
        auto const limits =
            limits_for(plan, x, 1 / (squared ? units.scale * units.scale : units.scale));
        auto const splitters = real_splitters(criterion, units, bins.most_bins(), rules_of(limits));
        append_trees(parts,
                     grow_trees(plan, limits, bins, rows.size(), 0, splitters, weights.values(),
                                first_tree, options.stop, backend, fill, after));
        add_out_of_bag(parts, plan, x, y, weights.values(), options.stop, backend);
        return std::move(parts);
    });
}

}  // namespace copse::detail
