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
#include <copse/meta/bagging.hpp>
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
    bool balance = false;  ///< also trainers for which all classes weigh, or are drawn, the same
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

/// add(name, family, trainer) for each trainer of the portfolio, as it is typed.
template <class Add>
void for_each_classifier(portfolio_options const& options, Add const& add) {
    auto const leaf = leaf_rows(options.n_rows);
    auto const tree = [&](char const* name, char const* family, auto trainer) {
        add(name, family, of_table(std::move(trainer), options));
    };
    auto const linear = [&](char const* name, any_classifier_trainer trainer) {
        add(name, "logistic regression",
            encoding_classifier<>{std::move(trainer), options.categorical_features});
    };
    gradient_boosting_classifier const boosting{.min_samples_leaf = leaf};
    random_forest_classifier const forest{.n_estimators = 200};
    logistic_regression const logistic{};
    tree("small boosting", "boosting",
         gradient_boosting_classifier{
             .n_estimators = 30, .max_leaf_nodes = 15, .min_samples_leaf = leaf});
    linear("logistic regression", logistic);
    tree("boosting", "boosting", boosting);
    tree("random forest", "random forest", forest);
    tree("extra trees", "extra trees", extra_trees_classifier{.n_estimators = 200});
    tree("slow boosting", "boosting",
         gradient_boosting_classifier{.n_estimators = 400,
                                      .learning_rate = 0.03,
                                      .max_leaf_nodes = 15,
                                      .min_samples_leaf = leaf,
                                      .l2_regularization = 1,
                                      .sampling = {.subsample = 0.8, .columns_by_tree = 0.6}});
    tree("smooth random forest", "random forest",
         random_forest_classifier{.n_estimators = 200,
                                  .max_features = feature_count::fraction(0.5),
                                  .min_samples_leaf = 5});
    tree("wide boosting", "boosting",
         gradient_boosting_classifier{.n_estimators = 200,
                                      .learning_rate = 0.05,
                                      .max_leaf_nodes = 63,
                                      .min_samples_leaf = 2 * leaf,
                                      .sampling = {.columns_by_node = 0.5}});
    linear("strongly regularised logistic regression", logistic_regression{.C = 0.01});
    tree("boosted stumps", "boosting",
         gradient_boosting_classifier{
             .n_estimators = 300, .max_leaf_nodes = 3, .min_samples_leaf = leaf});
    linear("vector machine",
           calibrated<linear_svc>{.trainer = {.C = 0.1}, .folds = {.n_splits = 3}});
    if (options.balance) {
        tree("balanced boosting", "boosting", balanced(boosting));
        tree("balanced random forest", "random forest", balanced(forest));
        linear("balanced logistic regression", balanced(logistic));
        add("balanced bags of boosting", "boosting",
            bagging_classifier<gradient_boosting_classifier>{.trainer = of_table(boosting, options),
                                                             .n_estimators = 5,
                                                             .balanced = true,
                                                             .random_state = options.random_state});
    }
}
template <class Add>
void for_each_regressor(portfolio_options const& options, Add const& add) {
    auto const leaf = leaf_rows(options.n_rows);
    auto const tree = [&](char const* name, char const* family, auto trainer) {
        add(name, family, of_table(std::move(trainer), options));
    };
    auto const linear = [&](char const* name, any_regressor_trainer trainer) {
        add(name, "ridge", encoding_regressor<>{std::move(trainer), options.categorical_features});
    };
    tree("small boosting", "boosting",
         gradient_boosting_regressor{
             .n_estimators = 30, .max_leaf_nodes = 15, .min_samples_leaf = leaf});
    linear("ridge", ridge{});
    tree("boosting", "boosting", gradient_boosting_regressor{.min_samples_leaf = leaf});
    tree("random forest", "random forest",
         random_forest_regressor{.n_estimators = 200,
                                 .max_features = feature_count::fraction(0.33)});
    tree("extra trees", "extra trees", extra_trees_regressor{.n_estimators = 200});
    tree("slow boosting", "boosting",
         gradient_boosting_regressor{.n_estimators = 400,
                                     .learning_rate = 0.03,
                                     .max_leaf_nodes = 15,
                                     .min_samples_leaf = leaf,
                                     .l2_regularization = 1,
                                     .sampling = {.subsample = 0.8, .columns_by_tree = 0.6}});
    tree("wide boosting", "boosting",
         gradient_boosting_regressor{.n_estimators = 200,
                                     .learning_rate = 0.05,
                                     .max_leaf_nodes = 63,
                                     .min_samples_leaf = 2 * leaf,
                                     .sampling = {.columns_by_node = 0.5}});
    tree("smooth random forest", "random forest",
         random_forest_regressor{.n_estimators = 200, .min_samples_leaf = 5});
    linear("strongly regularised ridge", ridge{.alpha = 100});
    tree("boosted stumps", "boosting",
         gradient_boosting_regressor{
             .n_estimators = 300, .max_leaf_nodes = 3, .min_samples_leaf = leaf});
}

}  // namespace detail

inline std::vector<named_trainer<any_classifier_trainer>> classifier_portfolio(
    portfolio_options const& options) {
    std::vector<named_trainer<any_classifier_trainer>> out;
    detail::for_each_classifier(options, [&](char const* name, char const*, auto trainer) {
        out.push_back({name, std::move(trainer)});
    });
    return out;
}

inline std::vector<named_trainer<any_regressor_trainer>> regressor_portfolio(
    portfolio_options const& options) {
    std::vector<named_trainer<any_regressor_trainer>> out;
    detail::for_each_regressor(options, [&](char const* name, char const*, auto trainer) {
        out.push_back({name, std::move(trainer)});
    });
    return out;
}

}  // namespace copse
