// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Forests as the benchmarks ask for them: the same words for classification and regression.
///
///     auto const forest = fit(set, classifier_of(given, set), copse::tbb{.n_jobs = 2});

#include <copse/ensemble/random_forest.hpp>

#include "asking.hpp"
#include "options.hpp"
#include "prepared_set.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// "sqrt", "third" of the columns, "all", or a number.
[[nodiscard]] inline copse::feature_count features_of(std::string const& text, std::size_t d) {
    if (text == "sqrt") return copse::feature_count::sqrt();
    if (text == "third") return std::max(std::size_t{1}, d / 3);
    if (text == "all") return copse::feature_count::all();
    return std::stoull(text);
}

/// The trainer that the command line describes.
template <class Trainer>
[[nodiscard]] Trainer trainer_of(options const& given, prepared_set const& set) {
    Trainer out;
    out.n_estimators = given.number("--trees", 100);
    out.max_depth = given.number("--max-depth", copse::unlimited);
    out.max_bins = given.number("--max-bins", 255);
    out.random_state = given.number("--seed", 0);
    out.max_features = features_of(
        given.text("--max-features", set.is_regression() ? "third" : "sqrt"), set.x.cols);
    if (given.text("--categories", "ordinal") == "native") {
        out.categorical_features = set.categorical;
    }
    return out;
}

template <class B>
[[nodiscard]] auto fit(prepared_set const& set, copse::random_forest_classifier const& trainer,
                       B const& backend) {
    return trainer.fit(view_of(set.x), set.labels.values, backend);
}
template <class B>
[[nodiscard]] auto fit(prepared_set const& set, copse::random_forest_regressor const& trainer,
                       B const& backend) {
    return trainer.fit(view_of(set.x), set.values.values, backend);
}

struct quality {
    char const* metric;
    double score;
    double rmse;
};

/// Accuracy on the test rows.
[[nodiscard]] inline quality judge(copse::forest_classifier const& forest,
                                   prepared_set const& set) {
    auto const predicted = forest.predict(view_of(set.x_test));
    auto const& truth = set.labels_test.values;
    double right = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        right += predicted.integers()[i] == truth[i] ? 1 : 0;
    }
    return {"accuracy", right / static_cast<double>(truth.size()), 0};
}

/// R2 and root mean squared error on the test rows.
[[nodiscard]] inline quality judge(copse::forest_regressor const& forest, prepared_set const& set) {
    auto const predicted = forest.predict(view_of(set.x_test));
    auto const& truth = set.values_test.values;
    auto const n = static_cast<double>(truth.size());
    double mean = 0;
    for (double const y : truth) mean += y / n;
    double residual = 0;
    double total = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
        residual += std::pow(truth[i] - predicted[i], 2);
        total += std::pow(truth[i] - mean, 2);
    }
    return {"r2", 1 - residual / total, std::sqrt(residual / n)};
}

/// f(trainer) for the task of the set.
template <class F>
void with_trainer(options const& given, prepared_set const& set, F const& f) {
    if (set.is_regression()) {
        f(trainer_of<copse::random_forest_regressor>(given, set));
    } else {
        f(trainer_of<copse::random_forest_classifier>(given, set));
    }
}

}  // namespace bench
