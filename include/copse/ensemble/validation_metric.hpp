// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Metrics that a fit of trees computes as it goes on, whatever their types:
///
///     model = trainer.fit(x, y, {.validation = {{x_val, y_val}},
///                                .metrics = {metrics::roc_auc, metrics::f1_metric{}}});
///     model.validation_scores()[0].name;          // "roc_auc"
///     model.validation_scores()[0].of_set[0];     // after each round, of the first set

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/metrics/metric.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copse {

/// What a metric said of each validation set after each round.
struct metric_curve {
    std::string name;
    bool greater_is_better = true;
    std::vector<std::vector<double>> of_set{};

    bool operator==(metric_curve const&) const = default;
};

namespace detail {

/// A metric of classes from probabilities: as they are, or as the score of the second of two
/// classes, or as the most probable class.
template <class M>
[[nodiscard]] double judge_with(M const& metric, labels_view y, features_view proba,
                                labels const& classes, values_view weight) {
    if constexpr (metrics::probability_metric<M>) {
        return metric(y, proba, classes, weight);
    } else if constexpr (metrics::score_metric<M>) {
        std::vector<double> score(proba.rows());
        for (std::size_t i = 0; i < score.size(); ++i) score[i] = proba(i, proba.cols() - 1);
        return metric(y, score, weight);
    } else {
        std::vector<std::size_t> codes(proba.rows());
        for (std::size_t i = 0; i < codes.size(); ++i) {
            for (std::size_t k = 1; k < proba.cols(); ++k)
                if (proba(i, k) > proba(i, codes[i])) codes[i] = k;
        }
        return metric(y, classes.at_codes(codes), weight);
    }
}
template <metrics::value_metric M>
[[nodiscard]] double judge_with(M const& metric, values_view y, values_view predicted,
                                values_view weight) {
    return metric(y, predicted, weight);
}
template <metrics::query_metric M>
[[nodiscard]] double judge_with(M const& metric, values_view y, values_view scores,
                                std::span<std::size_t const> groups, values_view weight) {
    return metric(y, scores, groups, weight);
}

template <class M, class... Given>
concept judges = metrics::metric<M> && requires(M const& metric, Given... given) {
    { judge_with(metric, given...) } -> std::same_as<double>;
};

/// The same of any type but Self; copying a Self must not ask whether it is a metric.
template <class M, class Self, class... Given>
concept judges_for = !std::same_as<M, Self> && judges<M, Given...>;

/// Made from any metric that can judge what is given.
template <class... Given>
class validation_metric {
public:
    template <judges_for<validation_metric, Given...> M>
    validation_metric(M const& metric)
        : name_(M::name),
          greater_is_better_(M::greater_is_better),
          judge_([metric](Given... given) { return judge_with(metric, given...); }) {}

    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    [[nodiscard]] bool greater_is_better() const noexcept { return greater_is_better_; }
    [[nodiscard]] double operator()(Given... given) const { return judge_(given...); }

private:
    std::string_view name_;
    bool greater_is_better_;
    std::function<double(Given...)> judge_;
};

}  // namespace detail

/// label_metric, score_metric or probability_metric.
class classification_metric
    : public detail::validation_metric<labels_view, features_view, labels const&, values_view> {
    using base = detail::validation_metric<labels_view, features_view, labels const&, values_view>;

public:
    template <detail::judges_for<classification_metric, labels_view, features_view, labels const&,
                                 values_view>
                  M>
    classification_metric(M const& metric) : base(metric), needs_(M::needs) {
        if constexpr (metrics::label_metric<M>) {
            of_labels_ = [metric](labels_view y, labels_view predicted, values_view weight) {
                return metric(y, predicted, weight);
            };
        }
        if constexpr (metrics::score_metric<M>) {
            of_scores_ = [metric](labels_view y, values_view scores, values_view weight) {
                return metric(y, scores, weight);
            };
        }
    }

    /// What to ask a model for; operator() makes do with probabilities.
    [[nodiscard]] metrics::prediction needs() const noexcept { return needs_; }
    /// Of labels, if needs() says so.
    [[nodiscard]] double of_labels(labels_view y, labels_view predicted, values_view weight) const {
        return of_labels_(y, predicted, weight);
    }
    /// Of one score a row, greater meaning "rather the second of two classes", if needs() says so.
    [[nodiscard]] double of_scores(labels_view y, values_view scores, values_view weight) const {
        return of_scores_(y, scores, weight);
    }

private:
    metrics::prediction needs_;
    std::function<double(labels_view, labels_view, values_view)> of_labels_{};
    std::function<double(labels_view, values_view, values_view)> of_scores_{};
};
/// value_metric.
using regression_metric = detail::validation_metric<values_view, values_view, values_view>;
/// query_metric; a query weighs the mean of its rows' weights.
using ranking_metric =
    detail::validation_metric<values_view, values_view, std::span<std::size_t const>, values_view>;

}  // namespace copse
