// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A trainer that automl may try: what it is called, how it is fitted on some rows of an x whose
/// bins many fits share, and what memory that will take, about.

#include <copse/core/inputs.hpp>
#include <copse/core/limits.hpp>
#include <copse/ensemble/training_rows.hpp>
#include <copse/model_selection/fit_on_rows.hpp>
#include <copse/model_selection/space.hpp>
#include <copse/par/any_backend.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace copse::detail {

/// What a table is made of, as far as memory depends on it.
struct table_shape {
    std::size_t n_rows = 0;
    std::size_t n_columns = 0;
    std::size_t n_encoded = 0;  ///< columns of numbers that its columns become for linear models
    std::size_t n_outputs = 1;  ///< of more than two classes, their number
};

/// Bytes that a fit of all rows takes besides x and shared bins, and those that stay.
struct fit_bytes {
    std::size_t working = 0;
    std::size_t model = 0;
};

/// An estimate from above: trees that go to purity may end in a leaf for each row of their bag.
template <class Trainer>
[[nodiscard]] fit_bytes bytes_of_fit(Trainer const& trainer, table_shape const& table) {
    constexpr std::size_t node = 24;  // with what it has in a frequency table
    if constexpr (grows_forest<Trainer>) {
        auto const in_bag = trainer.bootstrap ? table.n_rows * 2 / 3 : table.n_rows;
        auto const leaves =
            std::min({in_bag / std::max<std::size_t>(trainer.min_samples_leaf, 1) + 1,
                      trainer.max_leaf_nodes,
                      trainer.max_depth < 40 ? std::size_t{1} << trainer.max_depth : unlimited});
        return {24 * table.n_rows * 4, trainer.n_estimators * 2 * leaves * node};
    } else if constexpr (boosts<Trainer>) {
        auto const leaves = std::min(trainer.max_leaf_nodes, table.n_rows);
        return {table.n_rows * (16 + 24 * table.n_outputs),
                trainer.n_estimators * table.n_outputs * 2 * leaves * node};
    } else if constexpr (requires {
                             trainer.trainer;
                             trainer.n_estimators;
                         }) {
        auto const one = bytes_of_fit(trainer.trainer, table);
        auto const copied = 4 * table.n_rows * table.n_columns;
        return {trainer.n_estimators * (one.working + copied), trainer.n_estimators * one.model};
    } else {
        return {table.n_rows * (4 * table.n_encoded + 16 * table.n_outputs),
                8 * table.n_encoded * table.n_outputs};
    }
}

/// Y is labels_view or values_view, Model any_classifier or any_regressor.
template <class Model, class Y>
struct candidate_trainer {
    std::string name;
    std::string family;  ///< what it is another setting of
    fit_bytes bytes;
    std::function<void(shared_bins&, features_view, any_backend const&)> prepare;
    std::function<Model(features_view, Y, row_fit<Y> const&, any_backend const&)> fit;
    std::vector<named_value> parameters{};
};

template <class Model, class Y, class Trainer>
[[nodiscard]] candidate_trainer<Model, Y> candidate_of(std::string name, std::string family,
                                                       Trainer const& trainer,
                                                       table_shape const& table) {
    return {std::move(name),
            std::move(family),
            bytes_of_fit(trainer, table),
            [trainer](shared_bins& bins, features_view x, any_backend const& inside) {
                prepare_bins(&bins, trainer, x, inside);
            },
            [trainer](features_view x, Y y, row_fit<Y> const& fit, any_backend const& inside) {
                return Model(fit_on_rows(trainer, x, y, fit, inside));
            },
            {}};
}

}  // namespace copse::detail
