// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A fitted forest for classification, and how it votes.
///
///     labels const y = forest.predict(x);                     // the most probable class of each
///     row xt::xtensor<float, 2> p = forest.predict_proba(x, tbb{.n_jobs = 2});

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/forest_model.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

class forest_classifier : public detail::forest_model<detail::classifier_parts> {
public:
    using forest_model::forest_model;

    /// The distinct labels of the training set, increasing.
    [[nodiscard]] labels const& classes() const noexcept { return parts_.classes; }

    /// The most probable class of each row by predict_proba. Ties go to the lower class.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] labels predict(features_view x, B const& backend = {}) const;

    /// (n, classes().size()): the mean over trees of the class frequencies in the row's leaf. Rows
    /// sum to 1 up to rounding; column j belongs to classes()[j].
    /// Determinism  the same bits for every backend: trees are added in order.
    template <backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const {
        return probabilities_of<any_backend>(x, backend, "forest_classifier::predict_proba");
    }

    /// The same for one row of n_features() values, into `out` of classes().size() places. Neither
    /// checks nor allocates.
    template <class T>
    void predict_proba(std::span<T const> row, std::span<float> out) const noexcept;

    /// Element (i, t) is the code of the class that tree t gives row i: an index into classes().
    template <backend B = tbb>
    [[nodiscard]] matrix<std::uint32_t> predict_trees(features_view x, B const& backend = {}) const;

    /// Accuracy on, and class frequencies of, rows by the trees that did not see them. Empty unless
    /// the fit was asked for it.
    [[nodiscard]] std::optional<out_of_bag<matrix<float>>> const& oob() const noexcept {
        return parts_.oob;
    }

    bool operator==(forest_classifier const&) const = default;

private:
    template <backend B>
    [[nodiscard]] matrix<float> probabilities_of(features_view x, B const& backend,
                                                 std::string_view who) const;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Adds a leaf's class frequencies to votes.
inline void add_votes(tree const& t, std::uint32_t leaf, std::span<double> votes) noexcept {
    add_votes(t.nodes()[leaf], t.frequencies().data(), votes.data(), votes.size());
}

/// The labels of rows with these class frequencies: the most frequent, the lower of equals.
[[nodiscard]] inline labels most_frequent(labels const& classes, matrix<float> const& proba) {
    std::vector<std::size_t> codes(proba.rows());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        auto const row = proba.row(i);
        codes[i] = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return classes.at_codes(codes);
}

/// The class of a leaf: the most frequent, the lower of equals.
[[nodiscard]] inline std::uint32_t class_of(tree const& t, std::uint32_t leaf,
                                            std::size_t n_classes) noexcept {
    auto const& n = t.nodes()[leaf];
    if (n.is_pure()) return n.distribution();
    auto const* const row = t.frequencies().data() + n.distribution() * n_classes;
    return static_cast<std::uint32_t>(std::max_element(row, row + n_classes) - row);
}

}  // namespace detail

template <backend B>
matrix<float> forest_classifier::probabilities_of(features_view x, B const& backend,
                                                  std::string_view who) const {
    detail::check_n_jobs(backend, who);
    check_columns(x, who);
    auto const n_classes = classes().size();
    auto const n_trees = static_cast<double>(trees().size());
    matrix<float> out(x.rows(), n_classes);
    detail::for_each_block_of_leaves(
        trees(), x, backend, [&](std::size_t first, std::size_t count, auto& leaves) {
            std::vector<double> votes(count * n_classes);
            for (std::size_t t = 0; t < trees().size(); ++t) {
                auto const& at = leaves(t);
                for (std::size_t i = 0; i < count; ++i) {
                    detail::add_votes(trees()[t], at[i],
                                      std::span(votes).subspan(i * n_classes, n_classes));
                }
            }
            std::transform(votes.begin(), votes.end(), out.row(first).data(),
                           [&](double sum) { return static_cast<float>(sum / n_trees); });
        });
    return out;
}

template <class T>
void forest_classifier::predict_proba(std::span<T const> row, std::span<float> out) const noexcept {
    constexpr auto together = detail::walks_at_once;
    std::uint32_t leaves[together];
    auto const n_trees = static_cast<double>(trees().size());
    // Votes of 16 classes at a time fit on the stack; a row rarely has more.
    constexpr std::size_t most_classes = 16;
    for (std::size_t k = 0; k < out.size(); k += most_classes) {
        double votes[most_classes] = {};
        auto const n_votes = std::min(most_classes, out.size() - k);
        for (std::size_t first = 0; first < trees().size(); first += together) {
            auto const some = trees().subspan(first, std::min(together, trees().size() - first));
            detail::leaves_of(some, row.data(), 1, view<std::uint32_t>(leaves, some.size()));
            for (std::size_t t = 0; t < some.size(); ++t) {
                auto const& n = some[t].nodes()[leaves[t]];
                if (n.is_pure()) {
                    if (n.distribution() - k < n_votes) votes[n.distribution() - k] += 1;
                    continue;
                }
                auto const* const row_of =
                    some[t].frequencies().data() + n.distribution() * out.size() + k;
                for (std::size_t j = 0; j < n_votes; ++j)
                    votes[j] += static_cast<double>(row_of[j]);
            }
        }
        for (std::size_t j = 0; j < n_votes; ++j)
            out[k + j] = static_cast<float>(votes[j] / n_trees);
    }
}

template <backend B>
labels forest_classifier::predict(features_view x, B const& backend) const {
    return detail::most_frequent(
        classes(), probabilities_of<any_backend>(x, backend, "forest_classifier::predict"));
}

template <backend B>
matrix<std::uint32_t> forest_classifier::predict_trees(features_view x, B const& backend) const {
    auto out = apply(x, backend);
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t t = 0; t < out.cols(); ++t) {
            out(i, t) = detail::class_of(trees()[t], out(i, t), classes().size());
        }
    }
    return out;
}

}  // namespace copse
