// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Gradient boosting: trees grown one after another, each towards what the sum of those before it
/// still gets wrong.
///
///     auto const boosted = copse::gradient_boosting_classifier{.n_estimators = 300}.fit(x, y);
///     auto const stopped_early = copse::gradient_boosting_regressor{.n_estimators = 5000}.fit(
///         x, y, {.validation = {{x_val, y_val}}, .early_stopping_rounds = 50});
///
/// J. Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", The Annals of
/// Statistics 29:1189-1232, 2001; T. Chen, C. Guestrin, "XGBoost: A Scalable Tree Boosting System",
/// KDD 2016; G. Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NIPS
/// 2017. Unlike theirs, sums of derivatives are integers, so a model does not depend on n_jobs or
/// backend.

#include <copse/core/inputs.hpp>
#include <copse/ensemble/boost.hpp>
#include <copse/ensemble/boosted_classifier.hpp>
#include <copse/ensemble/boosted_regressor.hpp>
#include <copse/ensemble/boosting_objective.hpp>
#include <copse/ensemble/boosting_options.hpp>
#include <copse/ensemble/boosting_plan.hpp>
#include <copse/ensemble/dropout.hpp>
#include <copse/ensemble/fit_by_levels.hpp>
#include <copse/ensemble/forest_options.hpp>
#include <copse/ensemble/row_sampling.hpp>
#include <copse/loss/absolute_error.hpp>
#include <copse/loss/gamma.hpp>
#include <copse/loss/huber.hpp>
#include <copse/loss/log_loss.hpp>
#include <copse/loss/poisson.hpp>
#include <copse/loss/quantile.hpp>
#include <copse/loss/squared_error.hpp>
#include <copse/loss/tweedie.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/kernel_stream.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <variant>
#include <vector>

namespace copse {

/// What makes leaves smaller and splits rarer. Names are LightGBM's and XGBoost's.
struct boosting_regularization {
    double l1 = 0;                   ///< of leaf values
    double min_child_weight = 1e-3;  ///< least sum of Hessians in a leaf
    double min_gain = 0;  ///< a split must lower the loss, as LightGBM's min_gain_to_split, by more
    double max_delta_step = std::numeric_limits<double>::infinity();  ///< greatest |leaf value|
    double path_smooth = 0;  ///< draws a leaf of n rows to its parent by path_smooth / (n + that)

    bool operator==(boosting_regularization const&) const = default;
};

/// Which rows and features a round, a level and a node are given: fractions in (0, 1].
struct boosting_sampling {
    double subsample = 1;                       ///< of the rows, by round, without replacement
    double columns_by_tree = 1;                 ///< of the features
    double columns_by_level = 1;                ///< of the tree's features
    double columns_by_node = 1;                 ///< of the level's features
    row_sampling rows = row_sampling::uniform;  ///< how a subsample below 1 is chosen

    bool operator==(boosting_sampling const&) const = default;
};

/// What keeps splits of categorical features from fitting noise. In a node, up to one_vs_rest
/// categories are parted one from the rest. More are ordered by their mean gradient, and the first
/// or the last of them are parted from the rest.
///
/// Deviation  LightGBM adds to L2 (cat_l2) and keeps candidates apart (min_data_per_group); here
///            the gain that chance alone would bring is subtracted, which served better
///            (tree/gradient_tally.hpp). Its cat_smooth draws to 0, ours to the mean of the node.
struct boosting_categories {
    std::size_t one_vs_rest = 4;
    double handicap = 1;           ///< times the gain of chance, subtracted from a split's
    double smooth = 10;            ///< as so much Hessian, draws a category's place to the mean
    std::size_t min_samples = 10;  ///< a category of fewer rows in a node stays with the rest
    std::size_t max_subset = 32;   ///< categories that are parted from the rest

    bool operator==(boosting_categories const&) const = default;
};

/// How to boost trees for classification. Fields bear scikit-learn's names where they keep its
/// meaning.
struct gradient_boosting_classifier {
    std::size_t n_estimators =
        100;                     ///< rounds; each grows one tree, or one for each of K > 2 classes
    double learning_rate = 0.1;  ///< leaf values are multiplied by it
    std::size_t max_leaf_nodes = 31;  ///< the leaf that gains most is split first; or unlimited
    std::size_t max_depth = unlimited;
    std::size_t min_samples_leaf = 20;
    double l2_regularization = 0;
    boosting_regularization regularization{};
    boosting_sampling sampling{};
    boosting_dropout dropout{};
    class_weights class_weight{};
    std::vector<std::size_t> categorical_features{};  ///< columns of codes 0, 1, ..., 65534
    boosting_categories categories{};
    std::uint64_t random_state = 0;    ///< decides what is sampled
    std::vector<int> monotonic_cst{};  ///< two classes; per feature: 1 P(second class) may only
                                       ///< rise, -1 fall, 0 free
    /// Groups of features that may be split on along one path; those not named are one more group.
    /// A feature may be in several. No groups: anything goes.
    std::vector<std::vector<std::size_t>> interaction_cst{};
    std::size_t max_bins = 255;  ///< of a numeric feature; 2 to 65535

    using fit_options = boosting_fit_options<boosted_classifier, labels_view>;

    /// Minimises log loss, or softmax loss. `x` is (n, d), n and d at least 1, NaN meaning
    /// "missing"; `y` has n labels, integers or strings.
    ///
    /// Missing  rows go where they lower the loss most; where a node saw none, with the larger
    /// side. Throws   invalid_input, naming the argument and both numbers, before any work. Cost
    /// O(n_estimators * K * n * d) per level of depth; 2 bytes a cell, 32 a row. Determinism  equal
    /// for every backend and n_jobs.
    ///
    /// On a device, copse::cuda{} say: the same model, for two classes and trees that are limited
    /// by depth alone, with max_leaf_nodes = unlimited; up to 255 bins; no categories, constraints,
    /// path_smooth, max_delta_step, samples of rows, levels or nodes, dropout and class weights.
    /// Throws invalid_input for anything else, and device_error if the device cannot.
    template <backend_or_device B = tbb>
    [[nodiscard]] boosted_classifier fit(features_view x, labels_view y,
                                         B const& backend = {}) const {
        if constexpr (stream_handle<B>) {
            auto const plan = detail::plan_of(*this, "gradient_boosting_classifier::fit");
            return detail::fit_classifier_by_levels(plan, class_weight, x, y, backend);
        } else {
            return fit(x, y, fit_options{}, backend);
        }
    }
    template <backend B = tbb>
    [[nodiscard]] boosted_classifier fit(features_view x, labels_view y, fit_options const& options,
                                         B const& backend = {}) const {
        auto const plan = detail::plan_of(*this, "gradient_boosting_classifier::fit");
        return detail::boost_classifier<any_backend>(plan, class_weight, x, y, options, backend);
    }

    bool operator==(gradient_boosting_classifier const&) const = default;
};

/// What a boosting regressor minimises; `pointwise_loss` says how to bring your own.
using regression_loss = std::variant<squared_error_loss, absolute_error_loss, huber_loss,
                                     quantile_loss, poisson_loss, gamma_loss, tweedie_loss>;

/// How to boost trees for regression. Fields bear scikit-learn's names where they keep its meaning.
struct gradient_boosting_regressor {
    std::size_t n_estimators = 100;   ///< rounds, of one tree each
    double learning_rate = 0.1;       ///< leaf values are multiplied by it
    std::size_t max_leaf_nodes = 31;  ///< the leaf that gains most is split first; or unlimited
    std::size_t max_depth = unlimited;
    std::size_t min_samples_leaf = 20;
    double l2_regularization = 0;
    regression_loss loss = squared_error_loss{};
    boosting_regularization regularization{};
    boosting_sampling sampling{};
    boosting_dropout dropout{};
    std::vector<std::size_t> categorical_features{};  ///< columns of codes 0, 1, ..., 65534
    boosting_categories categories{};
    std::uint64_t random_state = 0;    ///< decides what is sampled
    std::vector<int> monotonic_cst{};  ///< per feature: 1 prediction may only rise, -1 fall, 0 free
    /// Groups of features that may be split on along one path; those not named are one more group.
    /// A feature may be in several. No groups: anything goes.
    std::vector<std::vector<std::size_t>> interaction_cst{};
    std::size_t max_bins = 255;  ///< of a numeric feature; 2 to 65535

    using fit_options = boosting_fit_options<boosted_regressor, values_view>;

    /// Minimises `loss`. `x` is (n, d), n and d at least 1, NaN meaning "missing"; `y` has n values
    /// that the loss accepts. Missing, throws, cost and determinism as for the classifier.
    /// On a device, the limits are the classifier's, and losses whose leaves are quantiles,
    /// absolute_error_loss and quantile_loss, are refused.
    template <backend_or_device B = tbb>
    [[nodiscard]] boosted_regressor fit(features_view x, values_view y,
                                        B const& backend = {}) const {
        if constexpr (stream_handle<B>) {
            auto const plan = detail::plan_of(*this, "gradient_boosting_regressor::fit");
            return std::visit(
                [&](auto const& chosen) {
                    return detail::fit_regressor_by_levels(plan, chosen, x, y, backend);
                },
                loss);
        } else {
            return fit(x, y, fit_options{}, backend);
        }
    }
    template <backend B = tbb>
    [[nodiscard]] boosted_regressor fit(features_view x, values_view y, fit_options const& options,
                                        B const& backend = {}) const {
        return std::visit(
            [&](auto const& chosen) { return fit_loss(chosen, x, y, options, backend); }, loss);
    }
    /// Minimises a loss of your own; `loss` is not looked at. predict() gives raw scores unless the
    /// loss has `static constexpr link_function prediction = link_function::log`.
    template <pointwise_loss Loss, backend B = tbb>
    [[nodiscard]] boosted_regressor fit_loss(Loss const& own, features_view x, values_view y,
                                             fit_options const& options = {},
                                             B const& backend = {}) const {
        auto const plan = detail::plan_of(*this, "gradient_boosting_regressor::fit");
        return detail::boost_regressor<any_backend>(plan, detail::task_of(plan.who, own), x, y,
                                                    options, backend);
    }

    bool operator==(gradient_boosting_regressor const&) const = default;
};

}  // namespace copse
