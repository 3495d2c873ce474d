// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Trainers of every kind with settings that are good on most tables: what automl tries, in this
/// order. Cheap ones go first, and then ones that are unlike those before them.
///
///     for (auto const& c : copse::classifier_portfolio(x.rows(), categorical)) c.trainer.fit(x,
///     y);

#include <copse/ensemble/extra_trees.hpp>
#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/random_forest.hpp>
#include <copse/linear/elastic_net.hpp>
#include <copse/linear/linear_svc.hpp>
#include <copse/linear/logistic_regression.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/calibrated.hpp>
#include <copse/meta/encoding.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace copse {

/// A trainer with a name for it.
template <class Trainer>
struct named_trainer {
    std::string name;
    Trainer trainer;

    bool operator==(named_trainer const&) const = default;
};

/// What a portfolio is made for.
struct portfolio_options {
    std::size_t n_rows = 0;
    std::vector<std::size_t> categorical_features{};  ///< columns of codes 0, 1, ..., 65534
    bool balance = false;  ///< also trainers for which all classes weigh the same
    std::uint64_t random_state = 0;
};

[[nodiscard]] std::vector<named_trainer<any_classifier_trainer>> classifier_portfolio(
    portfolio_options const& options);

[[nodiscard]] std::vector<named_trainer<any_regressor_trainer>> regressor_portfolio(
    portfolio_options const& options);

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Boosting takes leaves of fewer rows where there are few.
[[nodiscard]] inline std::size_t leaf_rows(std::size_t n_rows) noexcept {
    return std::clamp<std::size_t>(n_rows / 100, 3, 20);
}

/// The fields that all trees have.
template <class Trainer>
[[nodiscard]] Trainer of_table(Trainer trainer, portfolio_options const& options) {
    trainer.categorical_features = options.categorical_features;
    if constexpr (requires { trainer.random_state; }) trainer.random_state = options.random_state;
    return trainer;
}

template <class Trainer>
[[nodiscard]] Trainer balanced(Trainer trainer) {
    trainer.class_weight = class_weights::balanced();
    return trainer;
}

}  // namespace detail

inline std::vector<named_trainer<any_classifier_trainer>> classifier_portfolio(
    portfolio_options const& options) {
    using detail::balanced;
    auto const leaf = detail::leaf_rows(options.n_rows);
    auto const tree = [&](auto trainer) { return detail::of_table(std::move(trainer), options); };
    auto const linear = [&](any_classifier_trainer trainer) {
        return encoding_classifier<>{std::move(trainer), options.categorical_features};
    };
    gradient_boosting_classifier const boosting{.min_samples_leaf = leaf};
    gradient_boosting_classifier const slow{.n_estimators = 400,
                                            .learning_rate = 0.03,
                                            .max_leaf_nodes = 15,
                                            .min_samples_leaf = leaf,
                                            .l2_regularization = 1,
                                            .sampling = {.subsample = 0.8, .columns_by_tree = 0.6}};
    gradient_boosting_classifier const wide{.n_estimators = 200,
                                            .learning_rate = 0.05,
                                            .max_leaf_nodes = 63,
                                            .min_samples_leaf = 2 * leaf,
                                            .sampling = {.columns_by_node = 0.5}};
    gradient_boosting_classifier const stumps{
        .n_estimators = 300, .max_leaf_nodes = 3, .min_samples_leaf = leaf};
    random_forest_classifier const forest{.n_estimators = 200};
    random_forest_classifier const smooth{
        .n_estimators = 200, .max_features = feature_count::fraction(0.5), .min_samples_leaf = 5};
    extra_trees_classifier const extra{.n_estimators = 200};
    logistic_regression const logistic{};
    std::vector<named_trainer<any_classifier_trainer>> out{
        {"small boosting",
         tree(gradient_boosting_classifier{
             .n_estimators = 30, .max_leaf_nodes = 15, .min_samples_leaf = leaf})},
        {"logistic regression", linear(logistic)},
        {"boosting", tree(boosting)},
        {"random forest", tree(forest)},
        {"extra trees", tree(extra)},
        {"slow boosting", tree(slow)},
        {"smooth random forest", tree(smooth)},
        {"wide boosting", tree(wide)},
        {"strongly regularised logistic regression", linear(logistic_regression{.C = 0.01})},
        {"boosted stumps", tree(stumps)},
        {"vector machine",
         linear(calibrated<linear_svc>{.trainer = {.C = 0.1}, .folds = {.n_splits = 3}})}};
    if (options.balance) {
        out.push_back({"balanced boosting", tree(balanced(boosting))});
        out.push_back({"balanced random forest", tree(balanced(forest))});
        out.push_back({"balanced logistic regression", linear(balanced(logistic))});
    }
    return out;
}

inline std::vector<named_trainer<any_regressor_trainer>> regressor_portfolio(
    portfolio_options const& options) {
    auto const leaf = detail::leaf_rows(options.n_rows);
    auto const tree = [&](auto trainer) { return detail::of_table(std::move(trainer), options); };
    auto const linear = [&](any_regressor_trainer trainer) {
        return encoding_regressor<>{std::move(trainer), options.categorical_features};
    };
    return {
        {"small boosting",
         tree(gradient_boosting_regressor{
             .n_estimators = 30, .max_leaf_nodes = 15, .min_samples_leaf = leaf})},
        {"ridge", linear(ridge{})},
        {"boosting", tree(gradient_boosting_regressor{.min_samples_leaf = leaf})},
        {"random forest", tree(random_forest_regressor{
                              .n_estimators = 200, .max_features = feature_count::fraction(0.33)})},
        {"extra trees", tree(extra_trees_regressor{.n_estimators = 200})},
        {"slow boosting",
         tree(gradient_boosting_regressor{.n_estimators = 400,
                                          .learning_rate = 0.03,
                                          .max_leaf_nodes = 15,
                                          .min_samples_leaf = leaf,
                                          .l2_regularization = 1,
                                          .sampling = {.subsample = 0.8, .columns_by_tree = 0.6}})},
        {"wide boosting", tree(gradient_boosting_regressor{.n_estimators = 200,
                                                           .learning_rate = 0.05,
                                                           .max_leaf_nodes = 63,
                                                           .min_samples_leaf = 2 * leaf,
                                                           .sampling = {.columns_by_node = 0.5}})},
        {"smooth random forest",
         tree(random_forest_regressor{.n_estimators = 200, .min_samples_leaf = 5})},
        {"strongly regularised ridge", linear(ridge{.alpha = 100})},
        {"boosted stumps",
         tree(gradient_boosting_regressor{
             .n_estimators = 300, .max_leaf_nodes = 3, .min_samples_leaf = leaf})}};
}

}  // namespace copse
