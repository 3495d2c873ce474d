// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a forest trainer was told, in one form for all four, and everything that can be wrong with
/// it: a fit is refused here, in a sentence, before any work.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/ensemble/forest_options.hpp>
#include <copse/tree/grow.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace copse::detail {

/// A trainer's fields, whichever trainer it is.
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

/// Which cuts of a feature a node looks at.
enum class cuts { best, random };

/// The plan of a trainer, which must outlive it: the four bear the same names for the same things.
template <class Trainer>
[[nodiscard]] forest_plan plan_of(Trainer const& trainer, std::string_view who, cuts wanted) {
    return {who,
            trainer.n_estimators,
            trainer.max_features,
            trainer.max_bins,
            trainer.categorical_features,
            trainer.monotonic_cst,
            {.max_depth = trainer.max_depth,
             .min_samples_split = trainer.min_samples_split,
             .min_samples_leaf = trainer.min_samples_leaf,
             .min_samples_category = trainer.min_samples_category,
             .min_weight_fraction_leaf = trainer.min_weight_fraction_leaf,
             .max_leaf_nodes = trainer.max_leaf_nodes,
             .min_impurity_decrease = trainer.min_impurity_decrease,
             .ccp_alpha = trainer.ccp_alpha,
             .random_cuts = wanted == cuts::random},
            trainer.bootstrap,
            trainer.max_samples,
            trainer.random_state,
            trainer.oob_score,
            trainer.oob_permutation_importances};
}

/// What can be wrong with monotonic constraints on x.
inline void check_monotonic(std::string_view who, std::vector<int> const& monotonic_cst,
                            std::vector<std::size_t> const& categorical_features,
                            std::size_t n_features) {
    if (!monotonic_cst.empty() && monotonic_cst.size() != n_features) {
        throw invalid_input(sentence(who, ": monotonic_cst has ", monotonic_cst.size(),
                                     " values but x has ", n_features, " columns"));
    }
    for (auto const c : monotonic_cst) {
        if (c < -1 || c > 1) {
            throw invalid_input(
                sentence(who, ": monotonic_cst holds ", c, "; it must be -1, 0 or 1"));
        }
    }
    for (auto const feature : categorical_features) {
        if (feature < monotonic_cst.size() && monotonic_cst[feature] != 0) {
            throw invalid_input(sentence(who, ": column ", feature,
                                         " is categorical and has monotonic_cst ",
                                         monotonic_cst[feature], "; it must be 0 there"));
        }
    }
}

/// Everything that can be wrong before y is looked at.
inline void check_forest(forest_plan const& plan, features_view x, std::size_t n_targets,
                         std::string_view targets, values_view weights) {
    auto const who = plan.who;
    check_training_set(who, x.rows(), x.cols(), n_targets, targets, weights);
    constexpr auto most_trees = std::size_t{1} << 30;
    if (plan.n_estimators < 1 || plan.n_estimators > most_trees) {
        throw invalid_input(sentence(who, ": n_estimators is ", plan.n_estimators,
                                     "; it must be in 1..", most_trees));
    }
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
    check_monotonic(who, plan.monotonic_cst, plan.categorical_features, x.cols());
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

/// How a plan bins x.
[[nodiscard]] inline binning_options binning_for(forest_plan const& plan, features_view x) {
    return {.max_bins = plan.max_bins,
            .categorical_features = plan.categorical_features,
            .layout = layout_for_growth(x.rows(), x.cols())};
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
    return {limits.min_samples_leaf,
            limits.random_cuts,
            limits.monotonic,
            {.min_rows_by_target = limits.min_samples_category}};
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

}  // namespace copse::detail
