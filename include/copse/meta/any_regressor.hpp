// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Any trainer of a regressor, and any fitted regressor, as values of one type; as
/// meta/any_classifier.hpp has them for classifiers.
///
///     std::vector<any_regressor_trainer> const trainers{random_forest_regressor{}, ridge{}};
///     any_regressor const model = trainers[1].fit(x, y, tbb{.n_jobs = 2});
///     model.predict(x_new);

#include <copse/core/fit_options.hpp>
#include <copse/core/inputs.hpp>
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
concept answers_values = requires(Model const& model, features_view x, any_backend const& where) {
    { model.n_features() } -> std::convertible_to<std::size_t>;
    { model.predict(x, where) } -> std::same_as<column<double>>;
};

}  // namespace detail

/// What a fitted regressor offers at least.
template <class Model>
concept regressor_model =
    detail::answers_values<Model> && std::copyable<Model> && std::equality_comparable<Model>;

namespace detail {

template <class Trainer>
concept fits_values = requires(Trainer const& trainer, features_view x, values_view y,
                               fit_options const& options, any_backend const& where) {
    trainer.fit(x, y, {.sample_weight = options.sample_weight, .stop = options.stop}, where);
};

// The expression is not repeated as a trailing return type: nvcc 13 takes those two for different.
template <fits_values Trainer>
auto fitted_regressor(Trainer const& trainer, features_view x, values_view y,
                      fit_options const& options, any_backend const& where) {
    return trainer.fit(x, y, {.sample_weight = options.sample_weight, .stop = options.stop}, where);
}

template <class Trainer>
concept learns_values = fits_values<Trainer> &&
    requires(Trainer const& trainer, features_view x, values_view y, fit_options const& options,
             any_backend const& where) {
    { fitted_regressor(trainer, x, y, options, where) } -> regressor_model;
};

}  // namespace detail

/// A trainer whose fit returns a regressor_model.
template <class Trainer>
concept regressor_trainer =
    detail::learns_values<Trainer> && std::copyable<Trainer> && std::equality_comparable<Trainer>;

/// What a trainer's fit returns.
template <regressor_trainer Trainer>
using regressor_of = decltype(detail::fitted_regressor(
    std::declval<Trainer const&>(), features_view{}, values_view{},
    std::declval<fit_options const&>(), std::declval<any_backend const&>()));

/// A fitted regressor of whatever type. A value; copies share the model, which never changes.
class any_regressor {
public:
    template <class Model>
    requires(!std::same_as<Model, any_regressor> && regressor_model<Model>)
        any_regressor(Model model)
        : held_(std::make_shared<holder_of<Model> const>(std::move(model))) {}

    [[nodiscard]] std::size_t n_features() const noexcept { return held_->n_features(); }

    /// As the model does it. Throws what the model throws.
    template <backend B = tbb>
    [[nodiscard]] column<double> predict(features_view x, B const& backend = {}) const {
        return held_->predict(x, backend);
    }

    /// The model, if it is a Model, or nullptr.
    template <class Model>
    [[nodiscard]] Model const* get_if() const noexcept {
        auto const* const own = dynamic_cast<holder_of<Model> const*>(held_.get());
        return own == nullptr ? nullptr : &own->model;
    }

    /// Whether both are models of one type, and equal.
    bool operator==(any_regressor const& other) const {
        return held_ == other.held_ || held_->equals(*other.held_);
    }

private:
    struct holder {
        virtual ~holder() = default;
        [[nodiscard]] virtual std::size_t n_features() const noexcept = 0;
        [[nodiscard]] virtual column<double> predict(features_view x,
                                                     any_backend const& where) const = 0;
        [[nodiscard]] virtual bool equals(holder const& other) const = 0;
    };

    template <class Model>
    struct holder_of final : holder {
        explicit holder_of(Model m) : model(std::move(m)) {}

        [[nodiscard]] std::size_t n_features() const noexcept override {
            return model.n_features();
        }
        [[nodiscard]] column<double> predict(features_view x,
                                             any_backend const& where) const override {
            return model.predict(x, where);
        }
        [[nodiscard]] bool equals(holder const& other) const override {
            auto const* const same = dynamic_cast<holder_of const*>(&other);
            return same != nullptr && same->model == model;
        }

        Model model;
    };

    std::shared_ptr<holder const> held_;
};

/// A trainer of a regressor, of whatever type. A value.
class any_regressor_trainer {
public:
    template <class Trainer>
    requires(!std::same_as<Trainer, any_regressor_trainer> && regressor_trainer<Trainer>)
        any_regressor_trainer(Trainer trainer)
        : held_(std::make_shared<holder_of<Trainer> const>(std::move(trainer))) {}

    /// The trainer's fit. `x` is (n, d), dense; missing values, errors, cost and determinism are
    /// the trainer's.
    template <backend B = tbb>
    [[nodiscard]] any_regressor fit(features_view x, values_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] any_regressor fit(features_view x, values_view y, fit_options const& options,
                                    B const& backend = {}) const {
        return held_->fit(x, y, options, backend);
    }

    /// The trainer with this seed; as it was, if it draws nothing.
    [[nodiscard]] any_regressor_trainer with_random_state(std::uint64_t seed) const {
        return held_->with_random_state(seed);
    }
    /// The trainer for an x of only these of d columns.
    [[nodiscard]] any_regressor_trainer on_columns(std::span<std::size_t const> columns,
                                                   std::size_t d) const {
        return held_->on_columns(columns, d);
    }

    /// The trainer, if it is a Trainer, or nullptr.
    template <class Trainer>
    [[nodiscard]] Trainer const* get_if() const noexcept {
        auto const* const own = dynamic_cast<holder_of<Trainer> const*>(held_.get());
        return own == nullptr ? nullptr : &own->trainer;
    }

    bool operator==(any_regressor_trainer const& other) const {
        return held_ == other.held_ || held_->equals(*other.held_);
    }

private:
    struct holder {
        virtual ~holder() = default;
        [[nodiscard]] virtual any_regressor fit(features_view x, values_view y,
                                                fit_options const& options,
                                                any_backend const& where) const = 0;
        [[nodiscard]] virtual any_regressor_trainer with_random_state(std::uint64_t seed) const = 0;
        [[nodiscard]] virtual any_regressor_trainer on_columns(std::span<std::size_t const> columns,
                                                               std::size_t d) const = 0;
        [[nodiscard]] virtual bool equals(holder const& other) const = 0;
    };

    template <class Trainer>
    struct holder_of final : holder {
        explicit holder_of(Trainer t) : trainer(std::move(t)) {}

        [[nodiscard]] any_regressor fit(features_view x, values_view y, fit_options const& options,
                                        any_backend const& where) const override {
            return detail::fitted_regressor(trainer, x, y, options, where);
        }
        [[nodiscard]] any_regressor_trainer with_random_state(std::uint64_t seed) const override {
            return detail::with_random_state(trainer, seed);
        }
        [[nodiscard]] any_regressor_trainer on_columns(std::span<std::size_t const> columns,
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
