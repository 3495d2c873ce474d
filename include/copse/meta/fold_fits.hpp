// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A trainer fitted on some rows, and trainers fitted on each fold: what calibration, stacking and
/// selection are given by rows that a model was not trained on.

#include <copse/core/errors.hpp>
#include <copse/core/fit_options.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/meta/gathered.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/model_selection/take.hpp>
#include <copse/par/backend.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace copse::detail {

/// The rows of weight above 0.
[[nodiscard]] inline std::vector<std::size_t> weighed_rows(std::size_t n, values_view weights) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < n; ++i) {
        if (weights.empty() || weights[i] > 0) out.push_back(i);
    }
    return out;
}

/// The weights of some rows; none if there are none.
[[nodiscard]] inline column<double> weights_of(values_view weights,
                                               std::span<std::size_t const> rows) {
    return weights.empty() ? column<double>{} : take(weights, rows);
}

/// trainer.fit of these rows of x, y and the weights.
template <class Trainer, class Targets, backend B>
[[nodiscard]] auto fit_rows(Trainer const& trainer, features_view x, Targets y,
                            std::span<std::size_t const> rows, fit_options const& options,
                            B const& inside) {
    gathered_features const part(x, rows);
    auto const weights = weights_of(options.sample_weight, rows);
    return trainer.fit(part.view(), take(y, rows), {.sample_weight = weights, .stop = options.stop},
                       inside);
}

/// Folds of `rows`, as rows of x. A splitter sees only these rows.
template <class Splitter>
[[nodiscard]] std::vector<row_split> folds_of(Splitter const& splitter,
                                              std::vector<std::size_t> const& rows, labels_view y) {
    auto folds = splitter.split({.n_rows = rows.size(), .y = y});
    for (auto& fold : folds) {
        for (auto& i : fold.train) i = rows[i];
        for (auto& i : fold.test) i = rows[i];
    }
    return folds;
}

/// Throws unless every class has a row for each fold.
inline void check_classes_of_folds(std::string_view who, encoded_labels const& y,
                                   std::size_t n_splits) {
    std::vector<std::size_t> counts(y.classes.size());
    for (auto const code : y.codes) ++counts[code];
    for (std::size_t k = 0; k < counts.size(); ++k) {
        if (counts[k] < n_splits) {
            throw invalid_input(sentence(who, ": class ", y.classes[k].to_string(), " has ",
                                         counts[k], " rows but there are ", n_splits,
                                         " folds; each needs one of every class"));
        }
    }
}

}  // namespace copse::detail
