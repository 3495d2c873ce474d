// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What the rounds of boosting are told: the trainer's fields, and the options of one fit; and when
/// validation sets say that it is enough.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/limits.hpp>
#include <copse/core/view.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/ensemble/boosted_model.hpp>
#include <copse/ensemble/boosting_objective.hpp>
#include <copse/ensemble/boosting_options.hpp>
#include <copse/ensemble/dropout.hpp>
#include <copse/ensemble/row_sampling.hpp>
#include <copse/ensemble/training_rows.hpp>
#include <copse/tree/grow_by_histogram.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

/// A boosting trainer's fields, whichever trainer it is.
struct boosting_plan {
    std::string_view who;  ///< "gradient_boosting_classifier::fit"
    std::size_t n_estimators;
    double learning_rate;
    boosting_limits limits;
    double subsample;
    row_sampling sampling;
    double columns_by_tree;
    boosting_dropout dropout;
    binning_options binning;
    std::uint64_t random_state;
};

/// Derivatives are floats before they are integers.
inline constexpr double most_derivative = 1e38;

[[nodiscard]] inline std::string too_great_derivative(std::string_view who) {
    return sentence(who,
                    ": a gradient of the loss is not in [-1e38, 1e38], or a Hessian not in [0, "
                    "1e38]; scale y down or lower learning_rate");
}

/// Rows that are judged after each round.
struct judged_rows {
    features_view x;
    boosting_targets targets;
    /// What each metric says of these raw scores; empty if there are none.
    std::function<std::vector<double>(view<double const>)> scores{};
    std::vector<double> raw{};  // output by output
};

/// What the rounds are given besides the plan.
struct boosting_run {
    std::vector<judged_rows> validation{};
    std::vector<metric_curve> curves{};  ///< of the metrics, without numbers
    std::size_t early_stopping_rounds = unlimited;
    double min_improvement = 0;
    bool refit = false;  ///< the trees that are there get new leaves, and no tree is added
    double refit_decay = 0.9;
    std::function<void(progress const&)> const& on_iteration;
    std::stop_token stop{};
    features_view initial_raw{};
    /// Called after every checkpoint_rounds rounds; or empty.
    std::function<void()> checkpoint{};
    std::size_t checkpoint_rounds = 0;
    training_rows rows{};
    shared_bins const* bins = nullptr;
};

/// The best round so far by the first validation set, and whether to stop waiting for a better one.
/// Rounds are counted from 1; 0 means that none is known.
class best_round {
public:
    explicit best_round(boosting_run const& run)
        : watches_(!run.validation.empty()),
          patience_(run.early_stopping_rounds),
          min_improvement_(run.min_improvement) {}

    /// Looks at round `round`, counted from 0, of those that `parts` has scores of.
    void look_at(boosted_parts const& parts, std::size_t round) {
        if (!watches_) return;
        auto const& [curve, sign] = watched(parts);
        bool const better =
            best_ == 0 || sign * curve[round] < sign * curve[best_ - 1] - min_improvement_;
        if (better) best_ = round + 1;
    }
    [[nodiscard]] bool is_long_ago(std::size_t n_rounds) const noexcept {
        return patience_ != unlimited && best_ > 0 && n_rounds - best_ >= patience_;
    }
    [[nodiscard]] std::size_t number() const noexcept { return best_; }

private:
    /// What early stopping looks at, and 1 if it is to fall, -1 if it is to rise.
    [[nodiscard]] static std::pair<std::vector<double> const&, int> watched(
        boosted_parts const& parts) {
        if (parts.validation_scores.empty()) return {parts.validation_losses[0], 1};
        auto const& curve = parts.validation_scores[0];
        return {curve.of_set[0], curve.greater_is_better ? -1 : 1};
    }

    bool watches_;
    std::size_t patience_;
    double min_improvement_;
    std::size_t best_ = 0;
};

}  // namespace copse::detail
