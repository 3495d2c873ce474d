// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a boosting fit can be given besides x and y: validation sets, early stopping, a model to go
/// on from, and a look at every round.

#include <copse/core/inputs.hpp>
#include <copse/core/limits.hpp>
#include <copse/core/progress.hpp>
#include <copse/ensemble/validation_set.hpp>
#include <copse/tree/grow.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>
#include <type_traits>
#include <vector>

namespace copse {

class shared_bins;

/// What else a fit of gradient boosting can be given. `Model` is what it returns.
template <class Model, class Labels, class Set = validation_set<Labels>>
struct boosting_fit_options {
    values_view sample_weight{};  ///< n numbers >= 0
    /// After each round the mean loss of each set is noted: Model::validation_losses().
    std::vector<Set> validation{};
    /// What else each set is judged by: Model::validation_scores().
    std::vector<typename Set::metric> metrics{};
    /// Stop when the first of `metrics`, or the loss if there are none, has not become better on
    /// the first validation set for so many rounds; the model keeps the rounds up to its best.
    std::size_t early_stopping_rounds = unlimited;
    double min_improvement = 0;  ///< by how much it has to become better to count
    /// After each round. progress::validation_losses has the latest.
    std::function<void(progress const&)> on_iteration{};
    std::stop_token stop{};             ///< asked between rounds; fit then throws copse::stopped
    Model const* warm_start = nullptr;  ///< go on from this model: n_estimators counts its rounds
    /// Keep this model's trees and give their leaves new values: refit_decay times the old one plus
    /// the rest times what these rows would have given it. A leaf that no row reaches keeps its
    /// value; path_smooth draws to the old one. Nothing is sampled, and n_estimators is not looked
    /// at. As LightGBM's refit, but initial scores stay as they are.
    Model const* refit = nullptr;
    double refit_decay = 0.9;  ///< in [0, 1]
    /// (n) or (n, K) raw scores to start from, as in predict_raw, instead of a constant. They are
    /// no part of the model.
    features_view initial_raw{};
    /// Called with the model so far after every checkpoint_rounds rounds. A fit warm-started from
    /// it ends in the model of an undisturbed fit.
    std::function<void(Model const&)> checkpoint{};
    std::size_t checkpoint_rounds = 10;
    /// Learn from these rows of x alone, increasing; none means all. y, sample_weight and
    /// initial_raw are of all rows. Not with refit, nor for ranking.
    std::span<std::size_t const> rows{};
    shared_bins const* bins = nullptr;  ///< of x, shared with other fits
};

}  // namespace copse
