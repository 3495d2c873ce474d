// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fitted forests: forest_classifier and forest_regressor. Immutable values, ignorant of the
/// trainer and the backend that grew them; predicting from any number of threads at once is safe.
///
///     labels const y = forest.predict(x);                     // the most probable class of each
///     row xt::xtensor<float, 2> p = forest.predict_proba(x, tbb{.n_jobs = 2});
///     forest.feature_importances();

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/leaf_blocks.hpp>
#include <copse/ensemble/leaf_targets.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/tbb.hpp>
#include <copse/tree/traverse.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// What the trees say of rows that they were not grown on. A row that every tree saw has NaN.
template <class Prediction>
struct out_of_bag {
    double score = 0;       ///< accuracy, or R2, over the rows that some tree did not see
    Prediction prediction;  ///< class frequencies (n, n_classes), or means (n)

    bool operator==(out_of_bag const& other) const noexcept;
};

namespace detail {

/// What both kinds of forest are made of.
struct forest_parts {
    std::vector<tree> trees;
    std::size_t n_features = 0;
    std::vector<double> importance_sum;  ///< over trees, each tree's gains scaled to sum 1
    std::vector<double> oob_permutation_importances;

    bool operator==(forest_parts const&) const = default;
};

struct classifier_parts : forest_parts {
    labels classes;
    std::optional<out_of_bag<matrix<float>>> oob;

    bool operator==(classifier_parts const&) const = default;
};

struct regressor_parts : forest_parts {
    std::optional<out_of_bag<column<double>>> oob;
    std::vector<leaf_targets> targets;  ///< per tree, if kept

    bool operator==(regressor_parts const&) const = default;
};

/// The face that both kinds share. Parts is classifier_parts or regressor_parts.
template <class Parts>
class forest_model {
public:
    explicit forest_model(Parts parts) : parts_(std::move(parts)) {}

    [[nodiscard]] std::span<tree const> trees() const noexcept { return parts_.trees; }
    [[nodiscard]] std::size_t n_features() const noexcept { return parts_.n_features; }

    /// How much of the decrease in impurity came from each feature: the mean over trees, of sum 1
    /// unless no tree has a split. Breiman et al. 1984, section 5.3.4; biased towards features with
    /// many values.
    [[nodiscard]] column<double> feature_importances() const;

    /// By how much a tree's accuracy falls, or its squared error rises, when a feature's values are
    /// shuffled among the rows it was not grown on: the mean over trees. Empty unless the fit was
    /// asked for it. Breiman 2001, section 10.
    [[nodiscard]] std::vector<double> const& oob_permutation_importances() const noexcept {
        return parts_.oob_permutation_importances;
    }

    /// Element (i, t) is the index of the leaf of tree t that row i reaches.
    template <backend B = tbb>
    [[nodiscard]] matrix<std::uint32_t> apply(features_view x, B const& backend = {}) const;

    /// What the model occupies.
    [[nodiscard]] std::size_t n_bytes() const noexcept {
        std::size_t bytes = sizeof(*this);
        for (auto const& t : parts_.trees) bytes += t.n_bytes();
        return bytes;
    }

    /// Everything the model knows, for saving it and growing it further.
    [[nodiscard]] Parts const& parts() const noexcept { return parts_; }

    bool operator==(forest_model const&) const = default;

protected:
    void check_columns(features_view x, std::string_view who) const {
        if (x.cols() != parts_.n_features) {
            throw invalid_input(sentence(who, ": x has ", x.cols(),
                                         " columns but the model was fitted on ",
                                         parts_.n_features));
        }
    }

    Parts parts_;
};

}  // namespace detail

// ------------------------------------------------------------------ implementation below

template <class Prediction>
bool out_of_bag<Prediction>::operator==(out_of_bag const& other) const noexcept {
    // Bits, not values: rows without a prediction are NaN in both.
    auto const bytes = [](Prediction const& p) {
        std::size_t size = 0;
        if constexpr (requires { p.rows(); }) {
            size = p.rows() * p.cols();
        } else {
            size = p.size();
        }
        return std::as_bytes(std::span(p.data(), size));
    };
    return std::bit_cast<std::uint64_t>(score) == std::bit_cast<std::uint64_t>(other.score) &&
           std::ranges::equal(bytes(prediction), bytes(other.prediction));
}

namespace detail {

template <class Parts>
column<double> forest_model<Parts>::feature_importances() const {
    column<double> out(parts_.n_features);
    double total = 0;
    for (auto const sum : parts_.importance_sum) total += sum;
    if (total == 0) return out;
    for (std::size_t j = 0; j < out.size(); ++j) out[j] = parts_.importance_sum[j] / total;
    return out;
}

template <class Parts>
template <backend B>
matrix<std::uint32_t> forest_model<Parts>::apply(features_view x, B const& backend) const {
    check_n_jobs(backend, "forest::apply");
    check_columns(x, "forest::apply");
    return all_leaves(trees(), x, backend);
}

}  // namespace detail

}  // namespace copse
