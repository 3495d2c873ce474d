// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a metric is: a small value that is called on the truth and a prediction and returns a
/// double. Metrics can be named, compared, passed to a search and given options.
///
///     using namespace copse;
///     double const a = metrics::accuracy(y_test, model.predict(x_test));
///     double const b = metrics::roc_auc(y_test, model.predict_proba(x_test), model.classes());
///     double const c = metrics::f1_metric{.average = metrics::average::macro}(y_test, predicted);
///     double const d = metrics::mean_pinball_loss{.alpha = 0.9}(y_test, predicted, weights);
///
/// A metric without necessary options is a constant, `accuracy`, of type `accuracy_metric`; options
/// are the fields of that type. One with an option that everybody sets is only a type,
/// `mean_pinball_loss`. Each has
///
///     name                what it is called here, and in its error messages
///     greater_is_better   false if it is a loss
///     needs               what to ask a model for: prediction::labels, scores, probabilities,
///     values
///
/// and is called in one of the five ways of the concepts below. Names are scikit-learn's, less
/// "_score" and "_loss" where that is how its scorers call them.
///
/// Held by every metric:
///     Weights  sample_weight is optional: without it every row weighs 1. Weight 2 means the row
///              twice, weight 0 the row left out.
///     Throws   invalid_input before any work, naming the metric, the fact and both numbers: sizes
///              that differ, nothing to compare, a weight that is negative or not finite, weights
///              that sum to 0, a prediction that is NaN.
///     Cost     O(n), unless it says that it sorts: O(n log n).
///     Order    sums run over the rows in order, on one thread: the same bits every time.

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

namespace copse::metrics {

/// What a metric compares with the truth.
enum class prediction {
    labels,         ///< a class for each row: predict(x)
    scores,         ///< a number for each row, greater meaning "rather the greater of two classes":
                    ///< decision_function(x), or probabilities
    probabilities,  ///< (n, K), with the K classes that the columns stand for: predict_proba(x)
    values          ///< a number for each row: a regressor's predict(x)
};

/// How the scores of single classes make one.
enum class average {
    binary,   ///< the score of the positive class; only for two classes
    macro,    ///< their mean
    micro,    ///< the score of all classes' counts taken together
    weighted  ///< their mean, each class weighing as much as its true rows
};

/// Something that is called a metric in this library.
template <class M>
concept metric = std::copyable<M> && requires {
    { M::name } -> std::convertible_to<std::string_view>;
    { M::greater_is_better } -> std::convertible_to<bool>;
    { M::needs } -> std::convertible_to<prediction>;
};

namespace detail {

template <class M, class Truth, class... Prediction>
concept compares = metric<M> &&
    requires(M const& m, Truth y_true, Prediction... predicted, values_view sample_weight) {
    { m(y_true, predicted...) } -> std::same_as<double>;
    { m(y_true, predicted..., sample_weight) } -> std::same_as<double>;
};

}  // namespace detail

/// Called as m(y_true, y_pred[, sample_weight]) with labels.
template <class M>
concept label_metric = detail::compares<M, labels_view, labels_view>;

/// Called as m(y_true, y_score[, sample_weight]), y_true having two classes.
template <class M>
concept score_metric = detail::compares<M, labels_view, values_view>;

/// Called as m(y_true, y_proba, classes[, sample_weight]).
template <class M>
concept probability_metric = detail::compares<M, labels_view, features_view, labels const&>;

/// Called as m(y_true, y_pred[, sample_weight]) with numbers.
template <class M>
concept value_metric = detail::compares<M, values_view, values_view>;

/// Called as m(y_true, y_score, group_sizes[, group_weight]) with the consecutive rows of queries.
template <class M>
concept query_metric = detail::compares<M, values_view, values_view, std::span<std::size_t const>>;

}  // namespace copse::metrics
