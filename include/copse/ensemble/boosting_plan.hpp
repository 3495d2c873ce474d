// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a boosting trainer was told, everything that can be wrong with it, and the fits of each
/// kind of target: they turn y into what its loss needs and hand over to the rounds (boost.hpp).

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/ensemble/boost.hpp>
#include <copse/ensemble/boosted_classifier.hpp>
#include <copse/ensemble/boosted_regressor.hpp>
#include <copse/ensemble/boosting_objective.hpp>
#include <copse/ensemble/boosting_options.hpp>
#include <copse/ensemble/forest_options.hpp>
#include <copse/ensemble/forest_plan.hpp>
#include <copse/ensemble/training_rows.hpp>
#include <copse/ensemble/validation_set.hpp>
#include <copse/loss/log_loss.hpp>
#include <copse/loss/loss.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

/// The plan of a trainer: all bear the same names for the same things.
template <class Trainer>
[[nodiscard]] boosting_plan plan_of(Trainer const& t, std::string_view who) {
    boosting_plan plan;
    plan.who = who;
    plan.n_estimators = t.n_estimators;
    plan.learning_rate = t.learning_rate;
    auto& limits = plan.limits;
    limits.max_depth = t.max_depth;
    limits.max_leaf_nodes = t.max_leaf_nodes;
    limits.min_samples_leaf = t.min_samples_leaf;
    limits.monotonic = t.monotonic_cst;
    limits.interactions = t.interaction_cst;
    limits.gradients.l1 = t.regularization.l1;
    limits.gradients.l2 = t.l2_regularization;
    limits.gradients.max_delta_step = t.regularization.max_delta_step;
    limits.gradients.path_smooth = t.regularization.path_smooth;
    limits.gradients.category_smooth = t.categories.smooth;
    limits.gradients.category_handicap = t.categories.handicap;
    limits.categories = {t.categories.one_vs_rest, t.categories.min_samples,
                         t.categories.max_subset};
    limits.min_child_weight = t.regularization.min_child_weight;
    limits.min_gain = t.regularization.min_gain;
    limits.columns_by_level = t.sampling.columns_by_level;
    limits.columns_by_node = t.sampling.columns_by_node;
    plan.subsample = t.sampling.subsample;
    plan.sampling = t.sampling.rows;
    plan.columns_by_tree = t.sampling.columns_by_tree;
    plan.dropout = t.dropout;
    plan.binning.max_bins = t.max_bins;
    plan.binning.categorical_features = t.categorical_features;
    plan.binning.layout = cell_layout::columns;  // feature_rows has the rows
    plan.random_state = t.random_state;
    return plan;
}

/// Everything that can be wrong before y is looked at.
inline void check_boosting(boosting_plan const& plan, features_view x, std::size_t n_targets,
                           std::string_view targets, values_view weights) {
    auto const who = plan.who;
    constexpr double most = std::numeric_limits<double>::max();
    constexpr double least = std::numeric_limits<double>::min();
    check_training_set(who, x.rows(), x.cols(), n_targets, targets, weights);
    constexpr auto most_rounds = std::size_t{1} << 30;
    if (plan.n_estimators < 1 || plan.n_estimators > most_rounds) {
        throw invalid_input(sentence(who, ": n_estimators is ", plan.n_estimators,
                                     "; it must be in 1..", most_rounds));
    }
    check_range(who, "learning_rate", plan.learning_rate, least, 1, "in (0, 1]");
    check_at_least(who, "max_leaf_nodes", plan.limits.max_leaf_nodes, 2);
    check_at_least(who, "max_depth", plan.limits.max_depth, 1);
    check_at_least(who, "min_samples_leaf", plan.limits.min_samples_leaf, 1);
    auto const& gradients = plan.limits.gradients;
    constexpr std::string_view not_negative = "at least 0 and finite";
    check_range(who, "l2_regularization", gradients.l2, 0, most, not_negative);
    check_range(who, "l1", gradients.l1, 0, most, not_negative);
    check_range(who, "min_child_weight", plan.limits.min_child_weight, 0, most, not_negative);
    check_range(who, "min_gain", plan.limits.min_gain, 0, most, not_negative);
    check_range(who, "max_delta_step", gradients.max_delta_step, least,
                std::numeric_limits<double>::infinity(), "greater than 0");
    check_range(who, "path_smooth", gradients.path_smooth, 0, most, not_negative);
    check_range(who, "categories.smooth", gradients.category_smooth, 0, most, not_negative);
    check_range(who, "categories.handicap", gradients.category_handicap, 0, most, not_negative);
    check_at_least(who, "categories.max_subset", plan.limits.categories.max_subset, 1);
    check_range(who, "subsample", plan.subsample, least, 1, "in (0, 1]");
    check_range(who, "columns_by_tree", plan.columns_by_tree, least, 1, "in (0, 1]");
    check_range(who, "columns_by_level", plan.limits.columns_by_level, least, 1, "in (0, 1]");
    check_range(who, "columns_by_node", plan.limits.columns_by_node, least, 1, "in (0, 1]");
    check_dropout(who, plan.dropout);
    check_range(who, "max_bins", static_cast<double>(plan.binning.max_bins), 2, 65535,
                "in 2..65535");
    for (auto const& group : plan.limits.interactions) {
        for (auto const feature : group) {
            if (feature < x.cols()) continue;
            throw invalid_input(sentence(who, ": interaction_cst names column ", feature,
                                         " but x has ", x.cols(), " columns"));
        }
    }
    check_monotonic(who, plan.limits.monotonic, plan.binning.categorical_features, x.cols());
}

/// The model that a fit begins with, or none.
template <class Options>
[[nodiscard]] auto begun_by(Options const& options) {
    return options.refit != nullptr ? options.refit : options.warm_start;
}

/// What can be wrong with the options of a fit, whatever the targets.
template <class Options>
void check_options(boosting_plan const& plan, features_view x, std::size_t n_outputs,
                   Options const& options) {
    auto const who = plan.who;
    check_validation(who, x.cols(), options);
    if (options.early_stopping_rounds != unlimited && options.validation.empty()) {
        throw invalid_input(sentence(who, ": early_stopping_rounds is ",
                                     options.early_stopping_rounds,
                                     " but there are 0 validation sets; it needs at least 1"));
    }
    if (options.early_stopping_rounds != unlimited && plan.dropout.rate > 0) {
        throw invalid_input(sentence(
            who, ": early_stopping_rounds is ", options.early_stopping_rounds, " and dropout.rate ",
            plan.dropout.rate, "; later rounds change earlier ones, so none can be taken away"));
    }
    check_at_least(who, "early_stopping_rounds", options.early_stopping_rounds, 1);
    check_at_least(who, "checkpoint_rounds", options.checkpoint_rounds, 1);
    check_range(who, "min_improvement", options.min_improvement, 0,
                std::numeric_limits<double>::max(), "at least 0 and finite");
    auto const& raw = options.initial_raw;
    if (raw.rows() > 0 && (raw.rows() != x.rows() || raw.cols() != n_outputs)) {
        throw invalid_input(sentence(who, ": initial_raw is ", raw.rows(), " x ", raw.cols(),
                                     "; it must be ", x.rows(), " x ", n_outputs));
    }
    for (std::size_t i = 0; i < raw.rows(); ++i) {
        for (std::size_t k = 0; k < n_outputs; ++k) {
            if (std::isfinite(raw(i, k))) continue;
            throw invalid_input(sentence(who, ": initial_raw is ", raw(i, k), " at row ", i,
                                         "; it must be finite"));
        }
    }
    check_range(who, "refit_decay", options.refit_decay, 0, 1, "in [0, 1]");
    if (options.refit != nullptr && options.warm_start != nullptr) {
        throw invalid_input(sentence(who, ": there are both warm_start and refit; 1 must go"));
    }
    if (options.refit != nullptr && !options.rows.empty()) {
        throw invalid_input(sentence(who, ": refit takes all ", x.rows(), " rows but rows names ",
                                     options.rows.size()));
    }
    if (options.refit != nullptr && !plan.limits.monotonic.empty()) {
        throw invalid_input(sentence(who, ": refit does not keep to monotonic_cst, which has ",
                                     plan.limits.monotonic.size(), " elements; it must have 0"));
    }
    auto const* const begun = begun_by(options);
    if (begun == nullptr) return;
    auto const& warm = *begun;
    if (warm.n_features() != x.cols()) {
        throw invalid_input(sentence(who, ": warm_start was fitted on ", warm.n_features(),
                                     " columns but x has ", x.cols()));
    }
    if (options.refit == nullptr && warm.n_rounds() > plan.n_estimators) {
        throw invalid_input(sentence(who, ": warm_start has ", warm.n_rounds(),
                                     " rounds but n_estimators is ", plan.n_estimators));
    }
}

/// Weights of rows times those of their classes; empty if all are 1.
[[nodiscard]] inline std::vector<double> weights_of(values_view sample_weight,
                                                    std::vector<double> const& class_weight,
                                                    std::vector<std::uint32_t> const& codes,
                                                    std::string_view who) {
    if (sample_weight.empty() && class_weight.empty()) return {};
    auto const n = sample_weight.empty() ? codes.size() : sample_weight.size();
    std::vector<double> out(n, 1.0);
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if (!sample_weight.empty()) out[i] = sample_weight[i];
        if (!class_weight.empty()) out[i] *= class_weight[codes[i]];
        total += out[i];
    }
    if (!(total > 0)) {
        throw invalid_input(sentence(who, ": all ", n, " sample weights are 0 times class_weight"));
    }
    return out;
}

/// The run that options ask for; `targets_of(who, set)` are those of a validation set, and
/// `judge(set, raw, f)` calls f(what a metric is given...).
template <class Options, class TargetsOf, class Judge>
[[nodiscard]] boosting_run run_of(std::string_view who, training_rows const& rows,
                                  Options const& options, TargetsOf const& targets_of,
                                  Judge const& judge) {
    boosting_run run{.on_iteration = options.on_iteration};
    for (auto const& set : options.validation) {
        auto targets =
            targets_of(sentence(who, ": validation set ", &set - options.validation.data()), set);
        targets.weight = weights_of(set.sample_weight, {}, {}, "");
        run.validation.push_back({set.x, std::move(targets)});
        if (options.metrics.empty()) continue;
        run.validation.back().scores = [&, judge](view<double const> raw) {
            std::vector<double> scores;
            judge(set, raw, [&](auto const&... given) {
                for (auto const& metric : options.metrics) scores.push_back(metric(given...));
            });
            return scores;
        };
    }
    for (auto const& metric : options.metrics) {
        run.curves.push_back({std::string(metric.name()), metric.greater_is_better(), {}});
        run.curves.back().of_set.resize(options.validation.size());
    }
    run.early_stopping_rounds = options.early_stopping_rounds;
    run.min_improvement = options.min_improvement;
    run.refit = options.refit != nullptr;
    run.refit_decay = options.refit_decay;
    run.stop = options.stop;
    run.initial_raw = options.initial_raw;
    run.checkpoint_rounds = options.checkpoint_rounds;
    run.rows = rows;
    run.bins = options.bins;
    return run;
}

template <class Model, class Parts, class Options>
void add_checkpoint(boosting_run& run, Parts const& parts, Options const& options) {
    if (!options.checkpoint) return;
    run.checkpoint = [&] { options.checkpoint(Model(parts)); };
}

template <backend B>
[[nodiscard]] boosted_classifier boost_classifier(
    boosting_plan const& plan, class_weights const& class_weight, features_view x, labels_view y,
    boosting_fit_options<boosted_classifier, labels_view> const& options, B const& backend) {
    check_n_jobs(backend, plan.who);
    check_boosting(plan, x, y.size(), "labels", options.sample_weight);
    auto const rows = checked_rows(plan.who, x, options);
    auto encoded = rows.encoded(y);
    auto const n_classes = encoded.classes.size();
    auto const n_outputs = n_classes > 2 ? n_classes : std::size_t{1};
    check_options(plan, x, n_outputs, options);
    if (!plan.limits.monotonic.empty() && n_classes > 2) {
        throw invalid_input(
            sentence(plan.who, ": monotonic_cst needs 2 classes but y has ", n_classes));
    }
    boosted_classifier_parts parts;
    if (auto const* const begun = begun_by(options)) {
        parts = begun->parts();
        if (!(parts.classes == encoded.classes)) {
            throw invalid_input(sentence(plan.who, ": warm_start has ", parts.classes.size(),
                                         " classes but y has ", n_classes, " or others"));
        }
    }
    parts.classes = encoded.classes;

    auto const sample_weight = rows.values(options.sample_weight);
    std::vector<double> by_class;
    if (class_weight.kind() != class_weights::rule::none) {
        std::vector<double> counts(n_classes);
        for (std::size_t i = 0; i < encoded.codes.size(); ++i) {
            counts[encoded.codes[i]] += sample_weight.empty() ? 1.0 : sample_weight[i];
        }
        by_class = class_weight.of(encoded.classes, counts, plan.who);
    }
    auto const as_targets = [&](std::vector<std::uint32_t> codes) {
        boosting_targets targets;
        if (n_classes > 2) {
            targets.codes = std::move(codes);
        } else {
            targets.y.assign(codes.begin(), codes.end());
        }
        return targets;
    };
    auto weight = weights_of(sample_weight, by_class, encoded.codes, plan.who);
    auto targets = as_targets(std::move(encoded.codes));
    targets.weight = std::move(weight);
    auto run = run_of(
        plan.who, rows, options,
        [&](std::string_view who, auto const& set) {
            return as_targets(encode(set.y, encoded.classes, who));
        },
        [&](auto const& set, view<double const> raw, auto const& f) {
            auto const n = set.x.rows();
            matrix<float> proba(n, n_classes);
            std::vector<double> of_row(n_outputs);
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t k = 0; k < n_outputs; ++k) of_row[k] = raw[k * n + i];
                probabilities_of(of_row, proba.row(i));
            }
            f(set.y, features_view(proba), encoded.classes, set.sample_weight);
        });
    add_checkpoint<boosted_classifier>(run, parts, options);
    std::unique_ptr<boosting_objective> objective;
    if (n_classes > 2) {
        objective = std::make_unique<softmax_objective>(n_classes, targets);
    } else {
        objective = std::make_unique<pointwise_objective<log_loss>>(log_loss{}, targets);
    }
    boost(plan, x, *objective, parts, run, backend);
    return boosted_classifier(std::move(parts));
}

/// y as the loss needs it, checked.
template <class Loss>
[[nodiscard]] boosting_targets numeric_targets(std::string_view who, Loss const& loss,
                                               values_view y) {
    boosting_targets targets;
    targets.y.resize(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) targets.y[i] = y[i];
    check_targets(who, loss, view<double const>(targets.y.data(), targets.y.size()));
    return targets;
}

/// A loss for numbers, whichever it is.
struct regression_task {
    link_function link;
    std::function<boosting_targets(std::string_view who, values_view y)> targets;
    std::function<std::unique_ptr<boosting_objective>(boosting_targets const&)> objective;
};

template <pointwise_loss Loss>
[[nodiscard]] regression_task task_of(std::string_view who, Loss const& loss) {
    check_loss(who, loss);
    return {
        link_of<Loss>,
        [loss](std::string_view whose, values_view y) { return numeric_targets(whose, loss, y); },
        [loss](boosting_targets const& targets) {
            return std::make_unique<pointwise_objective<Loss>>(loss, targets);
        }};
}

template <backend B>
[[nodiscard]] boosted_regressor boost_regressor(
    boosting_plan const& plan, regression_task const& task, features_view x, values_view y,
    boosting_fit_options<boosted_regressor, values_view> const& options, B const& backend) {
    check_n_jobs(backend, plan.who);
    check_boosting(plan, x, y.size(), "values", options.sample_weight);
    check_options(plan, x, 1, options);
    auto const rows = checked_rows(plan.who, x, options);
    auto targets = task.targets(plan.who, rows.values(y));
    targets.weight = weights_of(rows.values(options.sample_weight), {}, {}, plan.who);
    auto run = run_of(
        plan.who, rows, options,
        [&](std::string_view who, auto const& set) { return task.targets(who, set.y); },
        [link = task.link](auto const& set, view<double const> raw, auto const& f) {
            std::vector<double> predicted(raw.size());
            std::transform(raw.begin(), raw.end(), predicted.begin(),
                           [&](double r) { return response(link, r); });
            f(set.y, values_view(predicted), set.sample_weight);
        });
    boosted_regressor_parts parts;
    if (auto const* const begun = begun_by(options)) parts = begun->parts();
    parts.link = task.link;
    add_checkpoint<boosted_regressor>(run, parts, options);
    auto const objective = task.objective(targets);
    boost(plan, x, *objective, parts, run, backend);
    return boosted_regressor(std::move(parts));
}

}  // namespace copse::detail
