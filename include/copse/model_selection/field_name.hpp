// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a trainer's field is called, for tables of results: C++ does not say it of a pointer to
/// a member. All that copse's trainers call their fields is known; others can be given a name.
///
///     detail::field_name(&gradient_boosting_classifier::learning_rate);     // "learning_rate"

#include <concepts>
#include <string>

namespace copse::detail {

/// Empty if it is none of the names below.
template <class T, class Field>
[[nodiscard]] std::string field_name(Field T::*field) {
    std::string out;
    auto const is = [&](auto known, char const* name) {
        if constexpr (std::same_as<decltype(known), Field T::*>) {
            if (known == field) out = name;
        }
    };
    if constexpr (requires { &T::n_estimators; }) is(&T::n_estimators, "n_estimators");
    if constexpr (requires { &T::learning_rate; }) is(&T::learning_rate, "learning_rate");
    if constexpr (requires { &T::max_leaf_nodes; }) is(&T::max_leaf_nodes, "max_leaf_nodes");
    if constexpr (requires { &T::max_depth; }) is(&T::max_depth, "max_depth");
    if constexpr (requires { &T::min_samples_leaf; }) is(&T::min_samples_leaf, "min_samples_leaf");
    if constexpr (requires { &T::min_samples_split; })
        is(&T::min_samples_split, "min_samples_split");
    if constexpr (requires { &T::l2_regularization; })
        is(&T::l2_regularization, "l2_regularization");
    if constexpr (requires { &T::max_features; }) is(&T::max_features, "max_features");
    if constexpr (requires { &T::max_samples; }) is(&T::max_samples, "max_samples");
    if constexpr (requires { &T::max_bins; }) is(&T::max_bins, "max_bins");
    if constexpr (requires { &T::bootstrap; }) is(&T::bootstrap, "bootstrap");
    if constexpr (requires { &T::criterion; }) is(&T::criterion, "criterion");
    if constexpr (requires { &T::class_weight; }) is(&T::class_weight, "class_weight");
    if constexpr (requires { &T::ccp_alpha; }) is(&T::ccp_alpha, "ccp_alpha");
    if constexpr (requires { &T::min_weight_fraction_leaf; })
        is(&T::min_weight_fraction_leaf, "min_weight_fraction_leaf");
    if constexpr (requires { &T::min_impurity_decrease; })
        is(&T::min_impurity_decrease, "min_impurity_decrease");
    if constexpr (requires { &T::random_state; }) is(&T::random_state, "random_state");
    if constexpr (requires { &T::loss; }) is(&T::loss, "loss");
    // gradient boosting's nested ones
    if constexpr (requires { &T::regularization; }) is(&T::regularization, "regularization");
    if constexpr (requires { &T::sampling; }) is(&T::sampling, "sampling");
    if constexpr (requires { &T::categories; }) is(&T::categories, "categories");
    if constexpr (requires { &T::l1; }) is(&T::l1, "l1");
    if constexpr (requires { &T::min_child_weight; }) is(&T::min_child_weight, "min_child_weight");
    if constexpr (requires { &T::min_gain; }) is(&T::min_gain, "min_gain");
    if constexpr (requires { &T::max_delta_step; }) is(&T::max_delta_step, "max_delta_step");
    if constexpr (requires { &T::path_smooth; }) is(&T::path_smooth, "path_smooth");
    if constexpr (requires { &T::subsample; }) is(&T::subsample, "subsample");
    if constexpr (requires { &T::columns_by_tree; }) is(&T::columns_by_tree, "columns_by_tree");
    if constexpr (requires { &T::columns_by_level; }) is(&T::columns_by_level, "columns_by_level");
    if constexpr (requires { &T::columns_by_node; }) is(&T::columns_by_node, "columns_by_node");
    if constexpr (requires { &T::rows; }) is(&T::rows, "rows");
    if constexpr (requires { &T::one_vs_rest; }) is(&T::one_vs_rest, "one_vs_rest");
    if constexpr (requires { &T::smooth; }) is(&T::smooth, "smooth");
    if constexpr (requires { &T::handicap; }) is(&T::handicap, "handicap");
    if constexpr (requires { &T::min_samples; }) is(&T::min_samples, "min_samples");
    if constexpr (requires { &T::max_subset; }) is(&T::max_subset, "max_subset");
    // linear models
    if constexpr (requires { &T::C; }) is(&T::C, "C");
    if constexpr (requires { &T::alpha; }) is(&T::alpha, "alpha");
    if constexpr (requires { &T::l1_ratio; }) is(&T::l1_ratio, "l1_ratio");
    if constexpr (requires { &T::multi_class; }) is(&T::multi_class, "multi_class");
    if constexpr (requires { &T::fit_intercept; }) is(&T::fit_intercept, "fit_intercept");
    if constexpr (requires { &T::tolerance; }) is(&T::tolerance, "tolerance");
    if constexpr (requires { &T::max_iter; }) is(&T::max_iter, "max_iter");
    if constexpr (requires { &T::solver; }) is(&T::solver, "solver");
    if constexpr (requires { &T::standardize; }) is(&T::standardize, "standardize");
    if constexpr (requires { &T::penalty; }) is(&T::penalty, "penalty");
    if constexpr (requires { &T::epsilon; }) is(&T::epsilon, "epsilon");
    if constexpr (requires { &T::eta0; }) is(&T::eta0, "eta0");
    if constexpr (requires { &T::average_after; }) is(&T::average_after, "average_after");
    if constexpr (requires { &T::kernel; }) is(&T::kernel, "kernel");
    if constexpr (requires { &T::stopping; }) is(&T::stopping, "stopping");
    if constexpr (requires { &T::n_iter_no_change; }) is(&T::n_iter_no_change, "n_iter_no_change");
    if constexpr (requires { &T::validation_fraction; })
        is(&T::validation_fraction, "validation_fraction");
    // trainers of trainers
    if constexpr (requires { &T::trainer; }) is(&T::trainer, "trainer");
    if constexpr (requires { &T::members; }) is(&T::members, "members");
    if constexpr (requires { &T::meta; }) is(&T::meta, "meta");
    if constexpr (requires { &T::folds; }) is(&T::folds, "folds");
    if constexpr (requires { &T::n_splits; }) is(&T::n_splits, "n_splits");
    if constexpr (requires { &T::passthrough; }) is(&T::passthrough, "passthrough");
    if constexpr (requires { &T::voting; }) is(&T::voting, "voting");
    if constexpr (requires { &T::weights; }) is(&T::weights, "weights");
    if constexpr (requires { &T::method; }) is(&T::method, "method");
    if constexpr (requires { &T::max_categories; }) is(&T::max_categories, "max_categories");
    if constexpr (requires { &T::categorical_features; })
        is(&T::categorical_features, "categorical_features");
    return out;
}

}  // namespace copse::detail
