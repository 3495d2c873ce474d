// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Rows that have several labels, or none: a model for each label, independent of the others.
///
///     matrix<int> y(n, K);                                  // 1 where row i has label k
///     auto const model = one_vs_rest{logistic_regression{}}.fit(x, label_sets(y));
///     matrix<int> const y_new = model.predict(x_new);
///     matrix<float> const p = model.predict_proba(x_new);   // rows need not sum to 1

#include <copse/core/containers.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse {

/// Which of K labels each of n rows has. An owned copy.
class label_sets {
public:
    /// From an (n, K) array of zeros and ones of any arithmetic type. Throws invalid_input if it
    /// has other numbers, or not two dimensions.
    template <detail::dense_array Array>
    requires std::is_arithmetic_v<detail::element_of<Array>>
    explicit label_sets(Array const& y) {
        auto const dimensions = static_cast<std::size_t>(y.shape().size());
        if (dimensions != 2) {
            throw invalid_input(
                detail::sentence("label_sets: y has ", dimensions, " dimensions; it must have 2"));
        }
        has_ = matrix<int>(static_cast<std::size_t>(y.shape()[0]),
                           static_cast<std::size_t>(y.shape()[1]));
        auto const* const first = detail::first_element(y);
        for (std::size_t i = 0; i < has_.rows(); ++i) {
            for (std::size_t k = 0; k < has_.cols(); ++k) {
                auto const value = first[static_cast<std::ptrdiff_t>(i) * y.strides()[0] +
                                         static_cast<std::ptrdiff_t>(k) * y.strides()[1]];
                has_(i, k) = value == 1 ? 1 : 0;
                if (value == 0 || value == 1) continue;
                throw invalid_input(detail::sentence("label_sets: y is ", +value, " at row ", i,
                                                     ", column ", k, "; it must be 0 or 1"));
            }
        }
    }

    [[nodiscard]] std::size_t rows() const noexcept { return has_.rows(); }
    /// How many labels there are.
    [[nodiscard]] std::size_t cols() const noexcept { return has_.cols(); }
    /// Of each row: 1 if it has label k.
    [[nodiscard]] std::vector<int> column(std::size_t k) const {
        std::vector<int> out(rows());
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = has_(i, k);
        return out;
    }

    bool operator==(label_sets const&) const = default;

private:
    matrix<int> has_;
};

/// A model of two classes, 0 and 1, for each label. One of a label that all training rows had, or
/// none, always answers that.
template <class Model>
class multi_label_classifier {
public:
    multi_label_classifier(std::vector<Model> models, std::size_t n_features)
        : models_(std::move(models)), n_features_(n_features) {}

    [[nodiscard]] std::size_t n_labels() const noexcept { return models_.size(); }
    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] std::vector<Model> const& models() const noexcept { return models_; }

    /// (n, n_labels()): 1 where the model of the label says so.
    /// Throws  what the models throw.
    template <class X, backend B = tbb>
    [[nodiscard]] matrix<int> predict(X const& x, B const& backend = {}) const {
        matrix<int> out;
        for (std::size_t k = 0; k < models_.size(); ++k) {
            auto const answer = models_[k].predict(x, backend);
            if (k == 0) out = matrix<int>(answer.size(), models_.size());
            for (std::size_t i = 0; i < out.rows(); ++i) out(i, k) = answer[i] == 1 ? 1 : 0;
        }
        return out;
    }

    /// (n, n_labels()): how likely each label is, whatever the others are.
    template <class X, backend B = tbb>
    requires requires(Model const& model, X const& x) { model.predict_proba(x); }
    [[nodiscard]] matrix<float> predict_proba(X const& x, B const& backend = {}) const {
        matrix<float> out;
        for (std::size_t k = 0; k < models_.size(); ++k) {
            auto const p = models_[k].predict_proba(x, backend);
            if (k == 0) out = matrix<float>(p.rows(), models_.size());
            bool const is_constant = p.cols() == 1;
            for (std::size_t i = 0; i < out.rows(); ++i) {
                out(i, k) = is_constant ? (models_[k].classes()[0] == 1 ? 1.0f : 0.0f) : p(i, 1);
            }
        }
        return out;
    }

    bool operator==(multi_label_classifier const&) const = default;

private:
    std::vector<Model> models_;
    std::size_t n_features_;
};

}  // namespace copse
