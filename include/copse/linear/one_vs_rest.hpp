// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// One class against the others, with any trainer of two classes: a model for each class, trained
/// at the same time, and the greatest score wins.
///
///     auto const model = copse::one_vs_rest{copse::linear_svc{.C = 0.5}}.fit(x, y);
///     auto const trees = copse::one_vs_rest{copse::random_forest_classifier{}}.fit(x, y);
///     auto const tags = copse::one_vs_rest{copse::linear_svc{}}.fit(x, copse::label_sets(y));
///
/// Linear trainers are one-vs-rest by themselves, and faster: their classes share passes over x.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/fit_options.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/linear/multi_label.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/components.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace copse {

namespace detail {

/// Rows of which a model gives probabilities.
template <class X, class Model>
concept rated_by = requires(Model const& model, X const& x) {
    model.predict_proba(x);
};

}  // namespace detail

/// A model for each class, or for the second of two. `Model` has predict_proba, or a
/// decision_function of one column.
template <class Model>
class one_vs_rest_classifier {
public:
    one_vs_rest_classifier(labels classes, std::vector<Model> models, std::size_t n_features)
        : classes_(std::move(classes)), models_(std::move(models)), n_features_(n_features) {}

    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] std::vector<Model> const& models() const noexcept { return models_; }

    /// (n, models().size()): each model's score, or the probability of its class.
    template <class X, backend B = tbb>
    [[nodiscard]] matrix<double> decision_function(X const& x, B const& backend = {}) const;

    /// The class of the greatest score; ties go to the lower class.
    template <class X, backend B = tbb>
    [[nodiscard]] labels predict(X const& x, B const& backend = {}) const;

    /// (n, classes().size()): each model's probability of its class, scaled to the sum 1; if all
    /// are 0, all classes are equally likely.
    template <detail::rated_by<Model> X, backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(X const& x, B const& backend = {}) const;

    bool operator==(one_vs_rest_classifier const&) const = default;

private:
    labels classes_;
    std::vector<Model> models_;
    std::size_t n_features_;
};

/// How to train it. `Trainer` is any trainer of a classifier.
template <class Trainer>
struct one_vs_rest {
    Trainer trainer;

    /// `x` is whatever the trainer takes; `y` has n labels, integers or strings. The trainer sees
    /// labels 0 and 1. One class gives a model that always predicts it.
    ///
    /// Throws  invalid_input before any work, and what the trainer throws.
    /// Determinism  the trainer's.
    template <class X, backend B = tbb>
    [[nodiscard]] auto fit(X const& x, labels_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <class X, backend B = tbb>
    [[nodiscard]] auto fit(X const& x, labels_view y, fit_options const& options,
                           B const& backend = {}) const;

    /// Each label of (n, K) label sets on its own: see linear/multi_label.hpp.
    template <class X, backend B = tbb>
    [[nodiscard]] auto fit(X const& x, label_sets const& y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <class X, backend B = tbb>
    [[nodiscard]] auto fit(X const& x, label_sets const& y, fit_options const& options,
                           B const& backend = {}) const;

    bool operator==(one_vs_rest const&) const = default;

private:
    /// A model for each of `n`; targets(k) are the labels that number k is trained on.
    template <class X, class Targets, backend B>
    [[nodiscard]] auto fit_all(X const& x, std::size_t n, Targets const& targets,
                               fit_options const& options, B const& outer) const {
        auto const fit_one = [&](std::size_t k, B const& inside) {
            return trainer.fit(x, targets(k),
                               {.sample_weight = options.sample_weight, .stop = options.stop},
                               inside);
        };
        using model = decltype(fit_one(0, outer));
        std::vector<std::optional<model>> fitted(n);
        outer.enter([&] {
            auto const inside = outer.inherited();
            for_each_component(inside, n, options.stop,
                               [&](std::size_t k) { fitted[k].emplace(fit_one(k, inside)); });
        });
        std::vector<model> models;
        for (auto& m : fitted) models.push_back(std::move(*m));
        return models;
    }
};

template <class Trainer>
one_vs_rest(Trainer) -> one_vs_rest<Trainer>;

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Rows and columns of an array of any kind that trainers take.
template <class X>
[[nodiscard]] std::pair<std::size_t, std::size_t> shape_of(X const& x) {
    if constexpr (requires { x.rows(), x.cols(); }) {
        return {x.rows(), x.cols()};
    } else {
        features_view const view(x);
        return {view.rows(), view.cols()};
    }
}

}  // namespace detail

template <class Trainer>
template <class X, backend B>
auto one_vs_rest<Trainer>::fit(X const& x, labels_view y, fit_options const& options,
                               B const& outer) const {
    constexpr auto who = "one_vs_rest::fit";
    detail::check_n_jobs(outer, who);
    auto const shape = detail::shape_of(x);
    detail::check_training_set(who, shape.first, shape.second, y.size(), "labels",
                               options.sample_weight);
    auto encoded = encode(y);
    auto const n_classes = encoded.classes.size();
    std::size_t const begin = n_classes == 2 ? 1 : 0;
    auto const is_class = [&](std::size_t k) {
        std::vector<int> one(y.size());
        std::ranges::transform(encoded.codes, one.begin(),
                               [&](auto code) { return code == begin + k ? 1 : 0; });
        return one;
    };
    auto models = fit_all(x, n_classes == 1 ? 0 : n_classes - begin, is_class, options, outer);
    using model = typename decltype(models)::value_type;
    return one_vs_rest_classifier<model>(std::move(encoded.classes), std::move(models),
                                         shape.second);
}

template <class Trainer>
template <class X, backend B>
auto one_vs_rest<Trainer>::fit(X const& x, label_sets const& y, fit_options const& options,
                               B const& outer) const {
    constexpr auto who = "one_vs_rest::fit";
    detail::check_n_jobs(outer, who);
    auto const shape = detail::shape_of(x);
    detail::check_training_set(who, shape.first, shape.second, y.rows(), "label sets",
                               options.sample_weight);
    if (y.cols() == 0) throw invalid_input(detail::sentence(who, ": y has 0 labels"));
    auto models = fit_all(
        x, y.cols(), [&](std::size_t k) { return y.column(k); }, options, outer);
    using model = typename decltype(models)::value_type;
    return multi_label_classifier<model>(std::move(models), shape.second);
}

template <class Model>
template <class X, backend B>
matrix<double> one_vs_rest_classifier<Model>::decision_function(X const& x,
                                                                B const& backend) const {
    auto const shape = detail::shape_of(x);
    if (shape.second != n_features_) {
        throw invalid_input(detail::sentence("one_vs_rest_classifier::predict: x has ",
                                             shape.second, " columns but the model was fitted on ",
                                             n_features_));
    }
    detail::check_n_jobs(backend, "one_vs_rest_classifier::predict");
    matrix<double> out(shape.first, models_.size());
    for (std::size_t k = 0; k < models_.size(); ++k) {
        auto const fill = [&](auto const& scores, std::size_t column) {
            for (std::size_t i = 0; i < out.rows(); ++i)
                out(i, k) = static_cast<double>(scores(i, column));
        };
        if constexpr (requires { models_[k].decision_function(x, backend); }) {
            fill(models_[k].decision_function(x, backend), 0);
        } else {
            fill(models_[k].predict_proba(x, backend), 1);
        }
    }
    return out;
}

template <class Model>
template <class X, backend B>
labels one_vs_rest_classifier<Model>::predict(X const& x, B const& backend) const {
    auto const scores = decision_function(x, backend);
    double threshold = 0;
    if constexpr (!requires(Model m) { m.decision_function(x, backend); }) threshold = 0.5;
    std::vector<std::size_t> codes(scores.rows());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        auto const row = scores.row(i);
        if (row.size() == 1) {
            codes[i] = row[0] > threshold ? 1 : 0;
        } else if (!row.empty()) {
            codes[i] =
                static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
        }
    }
    return classes_.at_codes(codes);
}

template <class Model>
template <detail::rated_by<Model> X, backend B>
matrix<float> one_vs_rest_classifier<Model>::predict_proba(X const& x, B const& backend) const {
    auto const n = classes_.size();
    matrix<float> out(detail::shape_of(x).first, n, 1.0f);
    for (std::size_t k = 0; k < models_.size(); ++k) {
        auto const p = models_[k].predict_proba(x, backend);
        for (std::size_t i = 0; i < out.rows(); ++i) {
            if (n == 2) out(i, 0) = p(i, 0);
            out(i, n == 2 ? 1 : k) = p(i, 1);
        }
    }
    if (n <= 2) return out;
    for (std::size_t i = 0; i < out.rows(); ++i) {
        auto const row = out.row(i);
        float sum = 0;
        for (auto const value : row) sum += value;
        for (auto& value : row) value = sum > 0 ? value / sum : 1 / static_cast<float>(n);
    }
    return out;
}

}  // namespace copse
