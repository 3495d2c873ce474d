// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// From how much probability on a row is of the second of two classes. One half is right if both
/// errors cost the same and nothing else counts; where classes are unequal, or a metric such as f1
/// decides, another threshold is better.
///
///     matrix<float> const p = cross_val_predict_proba(trainer, x, y);
///     auto const t = copse::best_threshold(y, p, classes, metrics::f1);
///     copse::thresholded_classifier const model(trainer.fit(x, y), t.threshold);
///     model.predict(x_new);
///
/// The probabilities must be of rows that the model was not trained on, or the threshold is too
/// good to be true.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/validation_metric.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/metrics/metric.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace copse {

/// A threshold and what the metric says of it.
struct chosen_threshold {
    double threshold = 0.5;
    double score = 0;

    bool operator==(chosen_threshold const&) const = default;
};

/// The threshold of the second class's probability that is best by a metric of labels, among at
/// most 200 quantiles of the probabilities and 0.5. `proba` is (n, 2).
///
/// Ties    the threshold nearest to 0.5, then the lower one.
/// Throws  invalid_input unless there are 2 classes and as many labels as probabilities, and the
///         metric is one of labels; and what the metric throws.
/// Cost    O(n log n) and 201 times the metric.
[[nodiscard]] chosen_threshold best_threshold(labels_view y, features_view proba,
                                              labels const& classes,
                                              classification_metric const& metric,
                                              values_view sample_weight = {});

/// A classifier of two classes that says the second where its probability is at least a threshold.
template <class Model = any_classifier>
class thresholded_classifier {
public:
    /// Throws invalid_input unless the model has 2 classes and gives probabilities, and the
    /// threshold is in [0, 1].
    thresholded_classifier(Model model, double threshold)
        : model_(std::move(model)), threshold_(threshold) {
        constexpr auto who = "thresholded_classifier";
        if (model_.classes().size() != 2) {
            throw invalid_input(detail::sentence(who, ": the model has ", model_.classes().size(),
                                                 " classes; it must have 2"));
        }
        if (!detail::has_probabilities(model_))
            throw invalid_input("thresholded_classifier: the model gives no probabilities");
        if (!(threshold >= 0 && threshold <= 1)) {
            throw invalid_input(
                detail::sentence(who, ": threshold is ", threshold, "; it must be in [0, 1]"));
        }
    }

    [[nodiscard]] labels const& classes() const noexcept { return model_.classes(); }
    [[nodiscard]] std::size_t n_features() const noexcept { return model_.n_features(); }
    [[nodiscard]] Model const& model() const noexcept { return model_; }
    [[nodiscard]] double threshold() const noexcept { return threshold_; }

    /// Throws what the model throws.
    template <backend B = tbb>
    [[nodiscard]] labels predict(features_view x, B const& backend = {}) const {
        auto const p = model_.predict_proba(x, backend);
        std::vector<std::size_t> codes(p.rows());
        for (std::size_t i = 0; i < codes.size(); ++i)
            codes[i] = static_cast<double>(p(i, 1)) >= threshold_ ? 1 : 0;
        return classes().at_codes(codes);
    }
    /// The model's.
    template <backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const {
        return model_.predict_proba(x, backend);
    }

    bool operator==(thresholded_classifier const&) const = default;

private:
    Model model_;
    double threshold_;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// 0.5, and between the distinct ones of `p` if they are few, or else quantiles of them.
[[nodiscard]] inline std::vector<double> thresholds_of(std::vector<double> p) {
    constexpr std::size_t most = 200;
    std::ranges::sort(p);
    p.erase(std::unique(p.begin(), p.end()), p.end());
    std::vector<double> out{0.5};
    auto const n = p.size();
    auto const count = std::min(most, n - 1);
    for (std::size_t t = 1; t <= count; ++t) {
        auto const at = t * n / (count + 1);  // in 1..n - 1
        out.push_back(std::midpoint(p[at - 1], p[at]));
    }
    std::ranges::stable_sort(
        out, [](double a, double b) { return std::abs(a - 0.5) < std::abs(b - 0.5); });
    return out;
}

}  // namespace detail

inline chosen_threshold best_threshold(labels_view y, features_view proba, labels const& classes,
                                       classification_metric const& metric,
                                       values_view sample_weight) {
    constexpr auto who = "best_threshold";
    if (classes.size() != 2 || proba.cols() != 2 || proba.rows() != y.size() || y.size() == 0) {
        throw invalid_input(detail::sentence(who, ": there are ", y.size(), " labels, ",
                                             classes.size(), " classes and probabilities of ",
                                             proba.rows(), " x ", proba.cols(),
                                             "; there must be 2 classes and n x 2 of n labels"));
    }
    if (metric.needs() != metrics::prediction::labels) {
        throw invalid_input(detail::sentence(
            who, ": ", metric.name(), " is no metric of labels, so no threshold changes it"));
    }
    std::vector<double> p(y.size());
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = proba(i, 1);
    chosen_threshold best;
    bool any = false;
    for (auto const threshold : detail::thresholds_of(p)) {
        std::vector<std::size_t> codes(p.size());
        for (std::size_t i = 0; i < p.size(); ++i) codes[i] = p[i] >= threshold ? 1 : 0;
        auto const score = metric.of_labels(y, classes.at_codes(codes), sample_weight);
        bool const better = metric.greater_is_better() ? score > best.score : score < best.score;
        if (any && !better) continue;
        if (std::isnan(score)) continue;
        best = {threshold, score};
        any = true;
    }
    return best;
}

}  // namespace copse
