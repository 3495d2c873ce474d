// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Random forests: many decision trees, each grown on its own sample of the rows and offered a
/// fresh sample of the features at every node, predicting together by their mean.
///
///     auto const forest = copse::random_forest_classifier{.n_estimators = 200}.fit(x, y);
///     xt::xtensor<int, 1> labels = forest.predict(x_new);
///
/// L. Breiman, "Random Forests", Machine Learning 45:5-32, 2001. Unlike the paper, cuts are chosen
/// among at most max_bins quantiles of each feature; a feature with fewer distinct values loses
/// nothing by it.

#include <copse/core/inputs.hpp>
#include <copse/ensemble/forest_classifier.hpp>
#include <copse/ensemble/forest_options.hpp>
#include <copse/ensemble/forest_regressor.hpp>
#include <copse/ensemble/grow_forest.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse {

/// How to grow a random forest for classification. Fields bear scikit-learn's names where they keep
/// its meaning.
struct random_forest_classifier {
    std::size_t n_estimators = 100;
    feature_count max_features = feature_count::sqrt();  ///< offered at each node
    std::size_t max_depth = unlimited;
    std::size_t min_samples_split = 2;
    std::size_t min_samples_leaf = 1;        ///< rows, however often each was drawn
    std::size_t max_leaf_nodes = unlimited;  ///< if limited, the best leaf is split first
    class_criterion criterion = class_criterion::gini;
    bool bootstrap = true;  ///< each tree draws max_samples rows with replacement
    sample_count max_samples = sample_count::all();
    class_weights class_weight{};
    bool oob_score = false;  ///< judge each row by the trees that did not draw it
    std::vector<std::size_t> categorical_features{};  ///< columns of codes 0, 1, ..., 65534
    std::size_t min_samples_category = 100;  ///< of over 64, rows each to order a node's by target
    std::uint64_t random_state = 0;          ///< decides the forest, whatever the backend
    double min_weight_fraction_leaf = 0;
    double min_impurity_decrease = 0;
    double ccp_alpha = 0;  ///< prune trees to the least cost for this
    std::vector<int>
        monotonic_cst{};         ///< per feature: 1 P(second class) may only rise, -1 fall, 0 free
    std::size_t max_bins = 255;  ///< of a numeric feature; 2 to 65535
    bool oob_permutation_importances = false;

    /// Grows the forest. `x` is (n, d), n and d at least 1, NaN meaning "missing"; `y` has n
    /// labels, integers or strings.
    ///
    /// Missing  rows go where they reduce impurity most; where a node saw none, with the larger
    /// side. Throws   invalid_input, naming the argument and both numbers, before any work. Cost
    /// O(n_estimators * max_features * n) per level of depth; n * d bytes, and 24 bytes a
    ///          row for each tree that is growing.
    /// Determinism  equal for every backend and n_jobs: sums are integers, draws are indexed.
    template <backend B = tbb>
    [[nodiscard]] forest_classifier fit(features_view x, labels_view y,
                                        B const& backend = {}) const {
        return fit(x, y, forest_fit_options<forest_classifier>{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] forest_classifier fit(features_view x, labels_view y,
                                        forest_fit_options<forest_classifier> const& options,
                                        B const& backend = {}) const {
        return forest_classifier(detail::fit_classifier<any_backend>(
            detail::plan_of(*this, "random_forest_classifier::fit", detail::cuts::best), criterion,
            class_weight, x, y, options, backend));
    }

    bool operator==(random_forest_classifier const&) const = default;
};

/// How to grow a random forest for regression. Fields bear scikit-learn's names where they keep its
/// meaning.
struct random_forest_regressor {
    std::size_t n_estimators = 100;
    feature_count max_features = feature_count::all();  ///< offered at each node
    std::size_t max_depth = unlimited;
    std::size_t min_samples_split = 2;
    std::size_t min_samples_leaf = 1;        ///< rows, however often each was drawn
    std::size_t max_leaf_nodes = unlimited;  ///< if limited, the best leaf is split first
    real_criterion criterion = real_criterion::squared_error;
    bool bootstrap = true;  ///< each tree draws max_samples rows with replacement
    sample_count max_samples = sample_count::all();
    bool oob_score = false;  ///< judge each row by the trees that did not draw it
    std::vector<std::size_t> categorical_features{};  ///< columns of codes 0, 1, ..., 65534
    std::size_t min_samples_category = 100;  ///< of over 64, rows each to order a node's by target
    std::uint64_t random_state = 0;          ///< decides the forest, whatever the backend
    double min_weight_fraction_leaf = 0;
    double min_impurity_decrease = 0;
    double ccp_alpha = 0;              ///< prune trees to the least cost for this
    std::vector<int> monotonic_cst{};  ///< per feature: 1 prediction may only rise, -1 fall, 0 free
    std::size_t max_bins = 255;        ///< of a numeric feature; 2 to 65535
    bool oob_permutation_importances = false;
    bool keep_leaf_targets = false;  ///< for predict_quantiles; costs memory

    /// Grows the forest. `x` is (n, d), n and d at least 1, NaN meaning "missing"; `y` has n finite
    /// values.
    ///
    /// Missing  rows go where they reduce impurity most; where a node saw none, with the larger
    /// side. Throws   invalid_input, naming the argument and both numbers, before any work. Cost
    /// O(n_estimators * max_features * n) per level of depth; n * d bytes, and 24 bytes a
    ///          row for each tree that is growing.
    /// Determinism  equal for every backend and n_jobs: sums are integers, draws are indexed.
    template <backend B = tbb>
    [[nodiscard]] forest_regressor fit(features_view x, values_view y,
                                       B const& backend = {}) const {
        return fit(x, y, forest_fit_options<forest_regressor>{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] forest_regressor fit(features_view x, values_view y,
                                       forest_fit_options<forest_regressor> const& options,
                                       B const& backend = {}) const {
        return forest_regressor(detail::fit_regressor<any_backend>(
            detail::plan_of(*this, "random_forest_regressor::fit", detail::cuts::best), criterion,
            keep_leaf_targets, x, y, options, backend));
    }

    bool operator==(random_forest_regressor const&) const = default;
};

}  // namespace copse
