// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What automl found: a model, who made it, and what the table is like.
///
///     for (auto const& c : found.leaderboard) ...      // name, score, seconds, weight, status
///     found.classifier().predict(x);                   // or regressor()

#include <copse/core/errors.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/guardrails.hpp>
#include <copse/meta/threshold.hpp>
#include <copse/model_selection/space.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace copse {

enum class candidate_status {
    finished,
    stopped,   ///< its time was up
    failed,    ///< `error` says why
    not_run,   ///< time was up before it
    too_large  ///< it might take more memory than it is allowed: `error` says how much
};

/// What became of a trainer of the portfolio, or of one that was searched for.
struct automl_candidate {
    std::string name;
    std::vector<named_value> parameters{};  ///< of those that were searched for
    candidate_status status = candidate_status::not_run;
    double score = std::numeric_limits<double>::quiet_NaN();  ///< of rows it was not trained on
    double seconds = 0;                                       ///< of the fits of its folds
    double weight = 0;                                        ///< in the model; they sum to 1
    bool refitted = false;  ///< on all rows; or else the models of the folds answer
    std::string error{};
};

/// What was found.
struct automl_result {
    std::vector<automl_candidate> leaderboard;  ///< the best first, then those without a score
    std::vector<guardrail> guardrails;
    std::vector<std::size_t> columns;  ///< of the table that are learnt from
    std::string metric;                ///< what scores are
    double score = 0;                  ///< of the weighted mean, by the same rows
    double seconds = 0;                ///< of it all
    /// From how much probability on predict says the second of two classes, and what that is worth
    /// by the metric that it was chosen by; none if it was not: one half.
    std::optional<chosen_threshold> threshold{};

    /// The model. Throws invalid_input if the target was of the other kind.
    [[nodiscard]] any_classifier const& classifier() const;
    [[nodiscard]] any_regressor const& regressor() const;

    std::optional<any_classifier> of_labels{};
    std::optional<any_regressor> of_values{};
};

/// How far an automl has come.
struct automl_progress {
    std::size_t done = 0;
    std::size_t total = 0;  ///< at most so many
    automl_candidate const* last = nullptr;
};

// ------------------------------------------------------------------ implementation below

inline any_classifier const& automl_result::classifier() const {
    if (!of_labels) {
        throw invalid_input("automl_result::classifier: the target held numbers; see regressor()");
    }
    return *of_labels;
}

inline any_regressor const& automl_result::regressor() const {
    if (!of_values) {
        throw invalid_input("automl_result::regressor: the target held labels; see classifier()");
    }
    return *of_values;
}

}  // namespace copse
