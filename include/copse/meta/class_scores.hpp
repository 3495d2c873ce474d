// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a fitted classifier of any kind says of rows, as numbers for another model to read: its
/// decision function, or else its probabilities.

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/members.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

namespace copse::detail {

/// Numbers about rows, and what they are.
struct class_scores {
    matrix<double> values;  ///< (n, K), or of two classes (n, 1): the second's
    bool are_probabilities = false;
};

/// As doubles. Of two classes, one column.
template <class Scores>
[[nodiscard]] matrix<double> as_scores(Scores const& scores, bool are_probabilities) {
    auto const n_columns = scores.cols() == 2 ? 1 : scores.cols();
    matrix<double> out(scores.rows(), n_columns);
    for (std::size_t i = 0; i < out.rows(); ++i) {
        if (scores.cols() == 2) {
            auto const second = static_cast<double>(scores(i, 1));
            out(i, 0) = are_probabilities ? second : second - static_cast<double>(scores(i, 0));
        } else {
            for (std::size_t k = 0; k < n_columns; ++k)
                out(i, k) = static_cast<double>(scores(i, k));
        }
    }
    return out;
}

/// Its decision function; of two classes, one score of the second against the first.
template <class Model, backend B>
[[nodiscard]] class_scores scores_of(Model const& model, features_view x, B const& inside) {
    if constexpr (requires { model.decision_function(x, inside); }) {
        if (has_decisions(model))
            return {as_scores(model.decision_function(x, inside), false), false};
    }
    if constexpr (requires { model.predict_proba(x, inside); }) {
        return {as_scores(model.predict_proba(x, inside), true), true};
    } else {
        static_assert(gives_decisions<Model>,
                      "copse: the model has neither decision_function nor predict_proba");
        return {};
    }
}

/// The logarithm of a probability, or of 1e-12 beside it: a probability of 0 is not forever.
[[nodiscard]] inline double log_odds_part(double p) noexcept { return std::log(p + 1e-12); }

/// (n, K) numbers whose softmax are the probabilities: the decision function, 0 and it for two
/// classes, or the logarithms of probabilities.
[[nodiscard]] inline matrix<double> logits_of(class_scores const& scores) {
    auto const& from = scores.values;
    matrix<double> out(from.rows(), from.cols() == 1 ? 2 : from.cols());
    for (std::size_t i = 0; i < out.rows(); ++i) {
        if (from.cols() == 1) {
            out(i, 0) = scores.are_probabilities ? log_odds_part(1 - from(i, 0)) : 0;
            out(i, 1) = scores.are_probabilities ? log_odds_part(from(i, 0)) : from(i, 0);
        } else {
            for (std::size_t k = 0; k < out.cols(); ++k)
                out(i, k) = scores.are_probabilities ? log_odds_part(from(i, k)) : from(i, k);
        }
    }
    return out;
}

}  // namespace copse::detail
