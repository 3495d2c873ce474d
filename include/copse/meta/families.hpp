// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Kinds of trainers and what of them is worth varying on any table: where automl searches when its
/// portfolio is done.

#include <copse/core/errors.hpp>
#include <copse/ensemble/extra_trees.hpp>
#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/random_forest.hpp>
#include <copse/linear/elastic_net.hpp>
#include <copse/linear/logistic_regression.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/candidate.hpp>
#include <copse/meta/encoding.hpp>
#include <copse/meta/portfolio.hpp>
#include <copse/model_selection/sampling.hpp>
#include <copse/model_selection/space.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace copse::detail {

/// A space of trainers of one type, whichever it is.
template <class Model, class Y>
struct trainer_family {
    std::string name;
    /// The point of a trial that may know of these.
    std::function<point(std::uint64_t, std::size_t, std::vector<observation> const&)> draw;
    std::function<std::vector<double>(point const&)> coordinates;
    std::function<candidate_trainer<Model, Y>(point const&)> at;
};

template <class Model, class Y, class Trainer>
[[nodiscard]] trainer_family<Model, Y> family_of(std::string name, Trainer const& base,
                                                 search_space<Trainer> const& space,
                                                 table_shape const& table) {
    auto const draw = [space](std::uint64_t random_state, std::size_t trial,
                              std::vector<observation> const& seen) {
        return drawn_point(space, bayesian{.n_startup = 5}, random_state, trial, seen);
    };
    auto const at = [name, base, space, table](point const& where) {
        auto out = candidate_of<Model, Y>("searched " + name, name, space.at(base, where), table);
        out.parameters = space.named(where);
        return out;
    };
    return {name, draw, [space](point const& where) { return coordinates_of(space, where); }, at};
}

template <class Boosting>
[[nodiscard]] search_space<Boosting> space_of_boosting(bool balance) {
    using sampling = boosting_sampling;
    std::vector<parameter<Boosting>> all{
        vary(&Boosting::learning_rate, loguniform(0.02, 0.3)),
        vary(&Boosting::n_estimators, qloguniform(50, 500, 10)),
        vary(&Boosting::max_leaf_nodes, qloguniform(4, 100, 1)),
        vary(&Boosting::min_samples_leaf, qloguniform(2, 100, 1)),
        vary(&Boosting::l2_regularization, loguniform(1e-3, 100)),
        vary(&Boosting::sampling, &sampling::subsample, uniform(0.5, 1)),
        vary(&Boosting::sampling, &sampling::columns_by_tree, uniform(0.4, 1))};
    if constexpr (requires { &Boosting::class_weight; }) {
        if (balance) {
            all.push_back(
                vary(&Boosting::class_weight, choice(class_weights{}, class_weights::balanced())));
        }
    }
    return search_space<Boosting>(std::move(all));
}

template <class Forest>
[[nodiscard]] search_space<Forest> space_of_forests(bool balance) {
    std::vector<parameter<Forest>> all{
        vary(&Forest::max_features, choice(feature_count::sqrt(), feature_count::fraction(0.2),
                                           feature_count::fraction(0.4),
                                           feature_count::fraction(0.7), feature_count::all())),
        vary(&Forest::min_samples_leaf, choice(1, 2, 3, 5, 8, 13, 20)),
        vary(&Forest::bootstrap, choice(true, false))};
    if constexpr (requires { &Forest::class_weight; }) {
        if (balance) {
            all.push_back(
                vary(&Forest::class_weight, choice(class_weights{}, class_weights::balanced())));
        }
    }
    return search_space<Forest>(std::move(all));
}

[[nodiscard]] inline std::vector<trainer_family<any_classifier, labels_view>> classifier_families(
    portfolio_options const& options, table_shape const& table) {
    using logistic = encoding_classifier<logistic_regression>;
    using boosting = gradient_boosting_classifier;
    using forest = random_forest_classifier;
    using extra = extra_trees_classifier;
    auto const made = [&](std::string name, auto const& base, auto const& space) {
        return family_of<any_classifier, labels_view>(std::move(name), base, space, table);
    };
    return {
        made("boosting", of_table(boosting{}, options),
             space_of_boosting<boosting>(options.balance)),
        made("random forest", of_table(forest{.n_estimators = 200}, options),
             space_of_forests<forest>(options.balance)),
        made("extra trees", of_table(extra{.n_estimators = 200}, options),
             space_of_forests<extra>(options.balance)),
        made("logistic regression", logistic{.categorical_features = options.categorical_features},
             space(vary(&logistic::trainer, &logistic_regression::C, loguniform(1e-4, 100))))};
}

[[nodiscard]] inline std::vector<trainer_family<any_regressor, values_view>> regressor_families(
    portfolio_options const& options, table_shape const& table) {
    using linear = encoding_regressor<ridge>;
    using boosting = gradient_boosting_regressor;
    using forest = random_forest_regressor;
    using extra = extra_trees_regressor;
    auto const made = [&](std::string name, auto const& base, auto const& space) {
        return family_of<any_regressor, values_view>(std::move(name), base, space, table);
    };
    return {made("boosting", of_table(boosting{}, options), space_of_boosting<boosting>(false)),
            made("random forest", of_table(forest{.n_estimators = 200}, options),
                 space_of_forests<forest>(false)),
            made("extra trees", of_table(extra{.n_estimators = 200}, options),
                 space_of_forests<extra>(false)),
            made("ridge", linear{.categorical_features = options.categorical_features},
                 space(vary(&linear::trainer, &ridge::alpha, loguniform(1e-2, 1e4))))};
}

}  // namespace copse::detail
