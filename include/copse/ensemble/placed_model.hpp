// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A fitted model whose trees lie where the kernels of a stream run, so that they are uploaded once
/// and many rows are predicted there. <copse/cuda.hpp> makes one on a GPU:
///
///     auto const on_gpu = copse::on_device(forest, copse::cuda{.device = 0});
///     copse::labels const y = on_gpu.predict(x);
///
/// Answers are the model's own, bit for bit: the walks' formulas and the order of sums are shared.
/// A placed model is immutable and may be moved, not copied. Two threads may predict with it at the
/// same time; the stream runs their kernels one after the other.

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/boosted_classifier.hpp>
#include <copse/ensemble/boosted_regressor.hpp>
#include <copse/ensemble/forest_classifier.hpp>
#include <copse/ensemble/forest_regressor.hpp>
#include <copse/loss/link.hpp>
#include <copse/par/kernel_stream.hpp>
#include <copse/tree/walk_rows.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace copse {

namespace detail {

inline void check_placed_columns(std::string_view who, std::size_t n_features, features_view x) {
    if (x.cols() == n_features) return;
    throw invalid_input(
        sentence(who, ": x has ", x.cols(), " columns but the model was fitted on ", n_features));
}

/// What the boosted ones share.
template <kernel_stream S>
class placed_booster {
public:
    template <class Model>
    placed_booster(Model const& model, S const& stream)
        : trees_(stream, model.trees(), model.n_features()),
          initial_raw_(model.parts().initial_raw),
          n_features_(model.n_features()) {}

    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] std::size_t n_outputs() const noexcept { return initial_raw_.size(); }

    [[nodiscard]] matrix<double> raw_of(std::string_view who, features_view x) const {
        check_placed_columns(who, n_features_, x);
        matrix<double> raw(x.rows(), n_outputs());
        for (std::size_t i = 0; i < x.rows(); ++i)
            std::copy(initial_raw_.begin(), initial_raw_.end(), raw.row(i).begin());
        if (x.rows() > 0) trees_.add_values(x, raw);
        return raw;
    }

private:
    tree_table<S> trees_;
    std::vector<double> initial_raw_;
    std::size_t n_features_;
};

}  // namespace detail

/// A Model in the memory of a stream; those that there are follow.
template <class Model, kernel_stream S>
class placed_model;

template <kernel_stream S>
class placed_model<boosted_regressor, S> {
public:
    placed_model(boosted_regressor const& model, S const& stream)
        : own_(model, stream), link_(model.link()) {}

    /// As boosted_regressor's: (n, 1) sums of the trees' values.
    [[nodiscard]] matrix<double> predict_raw(features_view x) const {
        return own_.raw_of("boosted_regressor::predict_raw", x);
    }
    /// As boosted_regressor's. Throws invalid_input if the columns do not match.
    [[nodiscard]] column<double> predict(features_view x) const {
        auto const raw = own_.raw_of("boosted_regressor::predict", x);
        column<double> out(x.rows());
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = response(link_, raw(i, 0));
        return out;
    }

private:
    detail::placed_booster<S> own_;
    link_function link_;
};

template <kernel_stream S>
class placed_model<boosted_classifier, S> {
public:
    placed_model(boosted_classifier const& model, S const& stream)
        : own_(model, stream), classes_(model.classes()) {}

    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    /// As boosted_classifier's: (n, 1) log-odds, or (n, K) scores.
    [[nodiscard]] matrix<double> predict_raw(features_view x) const {
        return own_.raw_of("boosted_classifier::predict_raw", x);
    }
    /// As boosted_classifier's. Throws invalid_input if the columns do not match.
    [[nodiscard]] labels predict(features_view x) const {
        return detail::most_probable(classes_, own_.raw_of("boosted_classifier::predict", x));
    }
    [[nodiscard]] matrix<float> predict_proba(features_view x) const {
        return detail::probabilities_of(own_.raw_of("boosted_classifier::predict_proba", x),
                                        classes_.size());
    }

private:
    detail::placed_booster<S> own_;
    labels classes_;
};

template <kernel_stream S>
class placed_model<forest_regressor, S> {
public:
    placed_model(forest_regressor const& model, S const& stream)
        : trees_(stream, model.trees(), model.n_features()),
          n_trees_(model.trees().size()),
          n_features_(model.n_features()) {}

    /// As forest_regressor's. Throws invalid_input if the columns do not match.
    [[nodiscard]] column<double> predict(features_view x) const {
        detail::check_placed_columns("forest_regressor::predict", n_features_, x);
        matrix<double> sums(x.rows(), 1);
        if (x.rows() > 0) trees_.add_values(x, sums);
        column<double> out(x.rows());
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = sums(i, 0) / static_cast<double>(n_trees_);
        return out;
    }

private:
    detail::tree_table<S> trees_;
    std::size_t n_trees_;
    std::size_t n_features_;
};

template <kernel_stream S>
class placed_model<forest_classifier, S> {
public:
    placed_model(forest_classifier const& model, S const& stream)
        : trees_(stream, model.trees(), model.n_features(), model.classes().size()),
          classes_(model.classes()),
          n_features_(model.n_features()) {}

    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    /// As forest_classifier's. Throws invalid_input if the columns do not match.
    [[nodiscard]] matrix<float> predict_proba(features_view x) const {
        return proba_of("forest_classifier::predict_proba", x);
    }
    [[nodiscard]] labels predict(features_view x) const {
        return detail::most_frequent(classes_, proba_of("forest_classifier::predict", x));
    }

private:
    [[nodiscard]] matrix<float> proba_of(std::string_view who, features_view x) const {
        detail::check_placed_columns(who, n_features_, x);
        return x.rows() > 0 ? trees_.mean_votes(x) : matrix<float>(0, classes_.size());
    }

    detail::tree_table<S> trees_;
    labels classes_;
    std::size_t n_features_;
};

}  // namespace copse
