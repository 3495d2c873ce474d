// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Each class against each other, with any trainer of two classes: a model for every pair, fitted
/// to the rows of the two, all at the same time; the class with the most votes wins.
///
///     auto const model = copse::one_vs_one{copse::linear_svc{.C = 0.5}}.fit(x, y);
///     auto const trees = copse::one_vs_one{copse::random_forest_classifier{}}.fit(x, y);
///
/// K classes are K (K - 1) / 2 models of 2/K of the rows each: for trainers whose cost grows faster
/// than their rows. Linear models are faster one-vs-rest.
///
/// Source  J. Friedman, "Another Approach to Polychotomous Classification", Stanford, 1996; ties
/// are
///         broken by the sum of scores, as scikit-learn's OneVsOneClassifier does.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/fit_options.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/csr.hpp>
#include <copse/data/gather_rows.hpp>
#include <copse/linear/one_vs_rest.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/components.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace copse {

/// A model for each pair of classes: (0, 1), (0, 2), ..., (1, 2), ... `Model` has a
/// decision_function of one column, or predict_proba.
template <class Model>
class one_vs_one_classifier {
public:
    one_vs_one_classifier(labels classes, std::vector<Model> models, std::size_t n_features)
        : classes_(std::move(classes)), models_(std::move(models)), n_features_(n_features) {}

    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] std::vector<Model> const& models() const noexcept { return models_; }

    /// (n, classes().size()): the votes of each class, and what its pairs' scores make of it, a
    /// third of a vote at most. A vote is a score above 0, or a probability above 1/2.
    template <class X, backend B = tbb>
    [[nodiscard]] matrix<double> decision_function(X const& x, B const& backend = {}) const;

    /// The class of the greatest of these; ties go to the lower class.
    template <class X, backend B = tbb>
    [[nodiscard]] labels predict(X const& x, B const& backend = {}) const;

    bool operator==(one_vs_one_classifier const&) const = default;

private:
    labels classes_;
    std::vector<Model> models_;
    std::size_t n_features_;
};

/// How to train it. `Trainer` is any trainer of a classifier.
template <class Trainer>
struct one_vs_one {
    Trainer trainer;

    /// `x` is (n, d), dense or, if the trainer takes that, sparse; `y` has n labels, integers or
    /// strings. The trainer sees label 1 for the higher class of a pair, 0 for the lower. One class
    /// gives a model that always predicts it.
    ///
    /// Throws  invalid_input before any work, and what the trainer throws.
    /// Cost    that of the models; the rows of a pair are copied while its model is fitted.
    /// Determinism  the trainer's.
    template <class X, backend B = tbb>
    [[nodiscard]] auto fit(X const& x, labels_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <class X, backend B = tbb>
    [[nodiscard]] auto fit(X const& x, labels_view y, fit_options const& options,
                           B const& backend = {}) const;

    bool operator==(one_vs_one const&) const = default;
};

template <class Trainer>
one_vs_one(Trainer) -> one_vs_one<Trainer>;

// ------------------------------------------------------------------ implementation below

namespace detail {

struct class_pair {
    std::size_t low, high;
};

/// In the order of a one_vs_one_classifier's models.
[[nodiscard]] inline std::vector<class_pair> pairs_of(std::size_t n_classes) {
    std::vector<class_pair> out;
    for (std::size_t low = 0; low < n_classes; ++low) {
        for (auto high = low + 1; high < n_classes; ++high) out.push_back({low, high});
    }
    return out;
}

/// The rows of one pair, and which of the two each is of.
struct pair_rows {
    std::vector<std::size_t> rows;
    std::vector<int> is_high;
    std::vector<double> weight;  ///< empty if rows have none

    pair_rows(encoded_labels const& y, class_pair pair, values_view weights) {
        for (std::size_t i = 0; i < y.codes.size(); ++i) {
            if (y.codes[i] != pair.low && y.codes[i] != pair.high) continue;
            rows.push_back(i);
            is_high.push_back(y.codes[i] == pair.high ? 1 : 0);
            if (!weights.empty()) weight.push_back(weights[i]);
        }
    }
};

}  // namespace detail

template <class Trainer>
template <class X, backend B>
auto one_vs_one<Trainer>::fit(X const& x, labels_view y, fit_options const& options,
                              B const& outer) const {
    constexpr auto who = "one_vs_one::fit";
    detail::check_n_jobs(outer, who);
    auto const shape = detail::shape_of(x);
    detail::check_training_set(who, shape.first, shape.second, y.size(), "labels",
                               options.sample_weight);
    auto encoded = encode(y);
    auto const pairs = detail::pairs_of(encoded.classes.size());
    auto const fit_pair = [&](auto const& all, detail::class_pair pair, B const& inside) {
        detail::pair_rows const part(encoded, pair, options.sample_weight);
        return trainer.fit(detail::gather_rows(all, part.rows), part.is_high,
                           {.sample_weight = part.weight, .stop = options.stop}, inside);
    };
    auto const fit_pairs = [&](auto const& all) {
        using model = decltype(fit_pair(all, detail::class_pair{}, outer));
        std::vector<std::optional<model>> fitted(pairs.size());
        outer.enter([&] {
            auto const inside = outer.inherited();
            for_each_component(inside, pairs.size(), options.stop, [&](std::size_t p) {
                fitted[p].emplace(fit_pair(all, pairs[p], inside));
            });
        });
        std::vector<model> models;
        for (auto& m : fitted) models.push_back(std::move(*m));
        return one_vs_one_classifier<model>(std::move(encoded.classes), std::move(models),
                                            shape.second);
    };
    if constexpr (std::convertible_to<X const&, csr_view>) {
        csr_view const all = x;
        all.validate();
        return fit_pairs(all);
    } else {
        return features_view(x).visit([&](auto const& all) { return fit_pairs(all); });
    }
}

template <class Model>
template <class X, backend B>
matrix<double> one_vs_one_classifier<Model>::decision_function(X const& x, B const& backend) const {
    detail::check_n_jobs(backend, "one_vs_one_classifier::predict");
    auto const shape = detail::shape_of(x);
    if (shape.second != n_features_) {
        throw invalid_input(detail::sentence("one_vs_one_classifier::predict: x has ", shape.second,
                                             " columns but the model was fitted on ", n_features_));
    }
    matrix<double> votes(shape.first, classes_.size());
    matrix<double> sums(shape.first, classes_.size());
    auto const pairs = detail::pairs_of(classes_.size());
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        auto const count = [&](auto const& scores, std::size_t column, double middle) {
            for (std::size_t i = 0; i < votes.rows(); ++i) {
                auto const score = static_cast<double>(scores(i, column)) - middle;
                votes(i, score > 0 ? pairs[p].high : pairs[p].low) += 1;
                sums(i, pairs[p].high) += score;
                sums(i, pairs[p].low) -= score;
            }
        };
        if constexpr (requires { models_[p].decision_function(x, backend); }) {
            count(models_[p].decision_function(x, backend), 0, 0);
        } else {
            count(models_[p].predict_proba(x, backend), 1, 0.5);
        }
    }
    for (std::size_t i = 0; i < votes.rows(); ++i) {
        for (std::size_t k = 0; k < votes.cols(); ++k)
            votes(i, k) += sums(i, k) / (3 * (std::abs(sums(i, k)) + 1));
    }
    return votes;
}

template <class Model>
template <class X, backend B>
labels one_vs_one_classifier<Model>::predict(X const& x, B const& backend) const {
    auto const votes = decision_function(x, backend);
    std::vector<std::size_t> codes(votes.rows());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        auto const row = votes.row(i);
        codes[i] = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return classes_.at_codes(codes);
}

}  // namespace copse
