// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Any trainer of a classifier, and any fitted classifier, as values of one type: for lists of
/// trainers that are known when the program runs.
///
///     std::vector<any_classifier_trainer> const trainers{
///         random_forest_classifier{}, logistic_regression{.C = 0.1}};
///     any_classifier const model = trainers[1].fit(x, y, tbb{.n_jobs = 2});
///     model.predict_proba(x_new);
///     model.get_if<logistic_classifier>()->coef();
///
/// A fit or a prediction is one virtual call; below it runs the trainer's own code, compiled once
/// for any_backend.

#include <copse/core/errors.hpp>
#include <copse/core/fit_options.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/meta/adapt_trainer.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace copse {

namespace detail {

template <class Model>
concept answers_labels = requires(Model const& model, features_view x, any_backend const& where) {
    { model.classes() } -> std::same_as<labels const&>;
    { model.n_features() } -> std::convertible_to<std::size_t>;
    { model.predict(x, where) } -> std::same_as<labels>;
};

}  // namespace detail

/// What a fitted classifier offers at least.
template <class Model>
concept classifier_model =
    detail::answers_labels<Model> && std::copyable<Model> && std::equality_comparable<Model>;

namespace detail {

template <class Trainer>
concept fits_labels = requires(Trainer const& trainer, features_view x, labels_view y,
                               fit_options const& options, any_backend const& where) {
    trainer.fit(x, y, {.sample_weight = options.sample_weight, .stop = options.stop}, where);
};

// The expression is not repeated as a trailing return type: nvcc 13 takes those two for different.
template <fits_labels Trainer>
auto fitted_classifier(Trainer const& trainer, features_view x, labels_view y,
                       fit_options const& options, any_backend const& where) {
    return trainer.fit(x, y, {.sample_weight = options.sample_weight, .stop = options.stop}, where);
}

template <class Trainer>
concept learns_labels = fits_labels<Trainer> &&
    requires(Trainer const& trainer, features_view x, labels_view y, fit_options const& options,
             any_backend const& where) {
    { fitted_classifier(trainer, x, y, options, where) } -> classifier_model;
};

template <class Model>
concept gives_probabilities = requires(Model const& model, features_view x,
                                       any_backend const& where) {
    { model.predict_proba(x, where) } -> std::same_as<matrix<float>>;
};

template <class Model>
concept gives_decisions = requires(Model const& model, features_view x, any_backend const& where) {
    { model.decision_function(x, where) } -> std::same_as<matrix<double>>;
};

}  // namespace detail

/// A trainer whose fit returns a classifier_model.
template <class Trainer>
concept classifier_trainer =
    detail::learns_labels<Trainer> && std::copyable<Trainer> && std::equality_comparable<Trainer>;

/// What a trainer's fit returns.
template <classifier_trainer Trainer>
using classifier_of = decltype(detail::fitted_classifier(
    std::declval<Trainer const&>(), features_view{}, labels_view{},
    std::declval<fit_options const&>(), std::declval<any_backend const&>()));

namespace detail {

/// Whether the models of a trainer have predict_proba.
template <class Trainer>
[[nodiscard]] bool trains_probabilities(Trainer const& trainer) noexcept {
    if constexpr (requires { trainer.gives_probabilities(); }) {
        return trainer.gives_probabilities();
    } else {
        return gives_probabilities<classifier_of<Trainer>>;
    }
}

/// Whether a fitted model gives probabilities, or a decision function: its type says, or itself.
template <class Model>
[[nodiscard]] bool has_probabilities(Model const& model) noexcept {
    if constexpr (requires { model.has_predict_proba(); }) {
        return model.has_predict_proba();
    } else {
        return gives_probabilities<Model>;
    }
}
template <class Model>
[[nodiscard]] bool has_decisions(Model const& model) noexcept {
    if constexpr (requires { model.has_decision_function(); }) {
        return model.has_decision_function();
    } else {
        return gives_decisions<Model>;
    }
}

}  // namespace detail

/// A fitted classifier of whatever type. A value; copies share the model, which never changes.
class any_classifier {
public:
    template <class Model>
    requires(!std::same_as<Model, any_classifier> && classifier_model<Model>)
        any_classifier(Model model)
        : held_(std::make_shared<holder_of<Model> const>(std::move(model))) {}

    [[nodiscard]] labels const& classes() const noexcept { return held_->classes(); }
    [[nodiscard]] std::size_t n_features() const noexcept { return held_->n_features(); }

    /// As the model does it. Throws what the model throws.
    template <backend B = tbb>
    [[nodiscard]] labels predict(features_view x, B const& backend = {}) const {
        return held_->predict(x, backend);
    }
    /// Throws invalid_input if the model gives no probabilities.
    template <backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const {
        return held_->predict_proba(x, backend);
    }
    /// Throws invalid_input if the model has no decision function.
    template <backend B = tbb>
    [[nodiscard]] matrix<double> decision_function(features_view x, B const& backend = {}) const {
        return held_->decision_function(x, backend);
    }
    [[nodiscard]] bool has_predict_proba() const noexcept { return held_->has_predict_proba(); }
    [[nodiscard]] bool has_decision_function() const noexcept {
        return held_->has_decision_function();
    }

    /// The model, if it is a Model, or nullptr.
    template <class Model>
    [[nodiscard]] Model const* get_if() const noexcept {
        auto const* const own = dynamic_cast<holder_of<Model> const*>(held_.get());
        return own == nullptr ? nullptr : &own->model;
    }

    /// Whether both are models of one type, and equal.
    bool operator==(any_classifier const& other) const {
        return held_ == other.held_ || held_->equals(*other.held_);
    }

private:
    struct holder {
        virtual ~holder() = default;
        [[nodiscard]] virtual labels const& classes() const noexcept = 0;
        [[nodiscard]] virtual std::size_t n_features() const noexcept = 0;
        [[nodiscard]] virtual labels predict(features_view x, any_backend const& where) const = 0;
        [[nodiscard]] virtual matrix<float> predict_proba(features_view x,
                                                          any_backend const& where) const = 0;
        [[nodiscard]] virtual matrix<double> decision_function(features_view x,
                                                               any_backend const& where) const = 0;
        [[nodiscard]] virtual bool has_predict_proba() const noexcept = 0;
        [[nodiscard]] virtual bool has_decision_function() const noexcept = 0;
        [[nodiscard]] virtual bool equals(holder const& other) const = 0;
    };

    template <class Model>
    struct holder_of final : holder {
        explicit holder_of(Model m) : model(std::move(m)) {}

        [[nodiscard]] labels const& classes() const noexcept override { return model.classes(); }
        [[nodiscard]] std::size_t n_features() const noexcept override {
            return model.n_features();
        }
        [[nodiscard]] labels predict(features_view x, any_backend const& where) const override {
            return model.predict(x, where);
        }
        [[nodiscard]] matrix<float> predict_proba(features_view x,
                                                  any_backend const& where) const override {
            if constexpr (detail::gives_probabilities<Model>) {
                return model.predict_proba(x, where);
            } else {
                throw invalid_input(
                    "any_classifier::predict_proba: the model gives no probabilities; fit it "
                    "calibrated");
            }
        }
        [[nodiscard]] matrix<double> decision_function(features_view x,
                                                       any_backend const& where) const override {
            if constexpr (detail::gives_decisions<Model>) {
                return model.decision_function(x, where);
            } else {
                throw invalid_input(
                    "any_classifier::decision_function: the model has none; it has "
                    "predict_proba");
            }
        }
        [[nodiscard]] bool has_predict_proba() const noexcept override {
            return detail::has_probabilities(model);
        }
        [[nodiscard]] bool has_decision_function() const noexcept override {
            return detail::has_decisions(model);
        }
        [[nodiscard]] bool equals(holder const& other) const override {
            auto const* const same = dynamic_cast<holder_of const*>(&other);
            return same != nullptr && same->model == model;
        }

        Model model;
    };

    std::shared_ptr<holder const> held_;
};

/// A trainer of a classifier, of whatever type. A value.
class any_classifier_trainer {
public:
    template <class Trainer>
    requires(!std::same_as<Trainer, any_classifier_trainer> && classifier_trainer<Trainer>)
        any_classifier_trainer(Trainer trainer)
        : held_(std::make_shared<holder_of<Trainer> const>(std::move(trainer))) {}

    /// The trainer's fit. `x` is (n, d), dense; missing values, errors, cost and determinism are
    /// the trainer's.
    template <backend B = tbb>
    [[nodiscard]] any_classifier fit(features_view x, labels_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] any_classifier fit(features_view x, labels_view y, fit_options const& options,
                                     B const& backend = {}) const {
        return held_->fit(x, y, options, backend);
    }

    /// Whether its models have predict_proba.
    [[nodiscard]] bool gives_probabilities() const noexcept { return held_->gives_probabilities(); }

    /// The trainer with this seed; as it was, if it draws nothing.
    [[nodiscard]] any_classifier_trainer with_random_state(std::uint64_t seed) const {
        return held_->with_random_state(seed);
    }
    /// The trainer for an x of only these of d columns.
    [[nodiscard]] any_classifier_trainer on_columns(std::span<std::size_t const> columns,
                                                    std::size_t d) const {
        return held_->on_columns(columns, d);
    }

    /// The trainer, if it is a Trainer, or nullptr.
    template <class Trainer>
    [[nodiscard]] Trainer const* get_if() const noexcept {
        auto const* const own = dynamic_cast<holder_of<Trainer> const*>(held_.get());
        return own == nullptr ? nullptr : &own->trainer;
    }

    bool operator==(any_classifier_trainer const& other) const {
        return held_ == other.held_ || held_->equals(*other.held_);
    }

private:
    struct holder {
        virtual ~holder() = default;
        [[nodiscard]] virtual any_classifier fit(features_view x, labels_view y,
                                                 fit_options const& options,
                                                 any_backend const& where) const = 0;
        [[nodiscard]] virtual bool gives_probabilities() const noexcept = 0;
        [[nodiscard]] virtual any_classifier_trainer with_random_state(
            std::uint64_t seed) const = 0;
        [[nodiscard]] virtual any_classifier_trainer on_columns(
            std::span<std::size_t const> columns, std::size_t d) const = 0;
        [[nodiscard]] virtual bool equals(holder const& other) const = 0;
    };

    template <class Trainer>
    struct holder_of final : holder {
        explicit holder_of(Trainer t) : trainer(std::move(t)) {}

        [[nodiscard]] any_classifier fit(features_view x, labels_view y, fit_options const& options,
                                         any_backend const& where) const override {
            return detail::fitted_classifier(trainer, x, y, options, where);
        }
        [[nodiscard]] bool gives_probabilities() const noexcept override {
            return detail::trains_probabilities(trainer);
        }
        [[nodiscard]] any_classifier_trainer with_random_state(std::uint64_t seed) const override {
            return detail::with_random_state(trainer, seed);
        }
        [[nodiscard]] any_classifier_trainer on_columns(std::span<std::size_t const> columns,
                                                        std::size_t d) const override {
            return detail::on_columns(trainer, columns, d);
        }
        [[nodiscard]] bool equals(holder const& other) const override {
            auto const* const same = dynamic_cast<holder_of const*>(&other);
            return same != nullptr && same->trainer == trainer;
        }

        Trainer trainer;
    };

    std::shared_ptr<holder const> held_;
};

}  // namespace copse
