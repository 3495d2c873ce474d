// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A trainer of numbers made one of tables: columns are encoded first, and the encoder is part of
/// the model.
///
///     auto const model = copse::encoding_classifier<copse::logistic_regression>{
///         .categorical_features = train.categorical_features()}.fit(train.x, train.y);
///     model.predict(test.x);                  // as the table is, with its missing values
///
/// What encoding is: preprocessing/table_encoder.hpp.

#include <copse/core/checks.hpp>
#include <copse/core/fit_options.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/members.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>
#include <copse/preprocessing/table_encoder.hpp>

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

namespace detail {

/// f(encoded x, backend) once x and the backend are checked.
template <backend B, class F>
auto with_encoded(std::string_view who, table_encoder const& encoder, features_view x,
                  B const& backend, F const& f) {
    check_n_jobs(backend, who);
    check_n_features(who, x, encoder.n_features());
    any_backend const where = backend;
    return where.enter([&] {
        auto const inside = where.inherited();
        return f(encoder.transform(x, inside), inside);
    });
}

}  // namespace detail

/// A fitted classifier of encoded tables.
template <class Model>
class encoded_classifier {
public:
    encoded_classifier(table_encoder encoder, Model model)
        : encoder_(std::move(encoder)), model_(std::move(model)) {}

    [[nodiscard]] labels const& classes() const noexcept { return model_.classes(); }
    /// Columns of the table.
    [[nodiscard]] std::size_t n_features() const noexcept { return encoder_.n_features(); }
    [[nodiscard]] table_encoder const& encoder() const noexcept { return encoder_; }
    [[nodiscard]] Model const& model() const noexcept { return model_; }

    /// What the model says of the encoded rows. Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] labels predict(features_view x, B const& backend = {}) const {
        return detail::with_encoded(
            "encoded_classifier::predict", encoder_, x, backend,
            [&](features_view rows, auto const& inside) { return model_.predict(rows, inside); });
    }
    template <backend B = tbb>
    requires detail::gives_probabilities<Model>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const {
        return detail::with_encoded("encoded_classifier::predict_proba", encoder_, x, backend,
                                    [&](features_view rows, auto const& inside) {
                                        return model_.predict_proba(rows, inside);
                                    });
    }
    template <backend B = tbb>
    requires detail::gives_decisions<Model>
    [[nodiscard]] matrix<double> decision_function(features_view x, B const& backend = {}) const {
        return detail::with_encoded("encoded_classifier::decision_function", encoder_, x, backend,
                                    [&](features_view rows, auto const& inside) {
                                        return model_.decision_function(rows, inside);
                                    });
    }
    [[nodiscard]] bool has_predict_proba() const noexcept {
        return detail::has_probabilities(model_);
    }
    [[nodiscard]] bool has_decision_function() const noexcept {
        return detail::has_decisions(model_);
    }

    bool operator==(encoded_classifier const&) const = default;

private:
    table_encoder encoder_;
    Model model_;
};

/// A fitted regressor of encoded tables.
template <class Model>
class encoded_regressor {
public:
    encoded_regressor(table_encoder encoder, Model model)
        : encoder_(std::move(encoder)), model_(std::move(model)) {}

    /// Columns of the table.
    [[nodiscard]] std::size_t n_features() const noexcept { return encoder_.n_features(); }
    [[nodiscard]] table_encoder const& encoder() const noexcept { return encoder_; }
    [[nodiscard]] Model const& model() const noexcept { return model_; }

    /// What the model says of the encoded rows. Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] column<double> predict(features_view x, B const& backend = {}) const {
        return detail::with_encoded(
            "encoded_regressor::predict", encoder_, x, backend,
            [&](features_view rows, auto const& inside) { return model_.predict(rows, inside); });
    }

    bool operator==(encoded_regressor const&) const = default;

private:
    table_encoder encoder_;
    Model model_;
};

/// How to train a classifier of encoded tables.
template <classifier_trainer Trainer = any_classifier_trainer>
struct encoding_classifier {
    Trainer trainer{};
    std::vector<std::size_t> categorical_features{};  ///< columns of codes 0, 1, ..., 65534
    std::size_t max_categories = 100;  ///< of a column, the most frequent get a column each

    /// `x` is (n, d), dense, NaN meaning "missing"; the rest is the trainer's. Rows of weight 0 are
    /// encoded like others.
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, labels_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, labels_view y, fit_options const& options,
                           B const& backend = {}) const {
        constexpr auto who = "encoding_classifier::fit";
        detail::check_n_jobs(backend, who);
        detail::check_training_set(who, x.rows(), x.cols(), y.size(), "labels",
                                   options.sample_weight);
        any_backend const where = backend;
        return where.enter([&] {
            auto const inside = where.inherited();
            auto encoder = fit_table_encoder(x, {categorical_features, max_categories});
            auto model =
                trainer.fit(encoder.transform(x, inside), y,
                            {.sample_weight = options.sample_weight, .stop = options.stop}, inside);
            return encoded_classifier<decltype(model)>(std::move(encoder), std::move(model));
        });
    }
    [[nodiscard]] bool gives_probabilities() const noexcept {
        return detail::trains_probabilities(trainer);
    }

    bool operator==(encoding_classifier const&) const = default;
};

/// How to train a regressor of encoded tables.
template <regressor_trainer Trainer = any_regressor_trainer>
struct encoding_regressor {
    Trainer trainer{};
    std::vector<std::size_t> categorical_features{};  ///< columns of codes 0, 1, ..., 65534
    std::size_t max_categories = 100;  ///< of a column, the most frequent get a column each

    /// As encoding_classifier::fit; `y` has n values.
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, values_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, values_view y, fit_options const& options,
                           B const& backend = {}) const {
        constexpr auto who = "encoding_regressor::fit";
        detail::check_n_jobs(backend, who);
        detail::check_training_set(who, x.rows(), x.cols(), y.size(), "values",
                                   options.sample_weight);
        any_backend const where = backend;
        return where.enter([&] {
            auto const inside = where.inherited();
            auto encoder = fit_table_encoder(x, {categorical_features, max_categories});
            auto model =
                trainer.fit(encoder.transform(x, inside), y,
                            {.sample_weight = options.sample_weight, .stop = options.stop}, inside);
            return encoded_regressor<decltype(model)>(std::move(encoder), std::move(model));
        });
    }

    bool operator==(encoding_regressor const&) const = default;
};

}  // namespace copse
