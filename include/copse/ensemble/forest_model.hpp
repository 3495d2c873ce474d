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
#include <copse/ensemble/leaf_targets.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/tbb.hpp>
#include <copse/tree/traverse.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <bit>
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

    /// f(first, count, leaves) for blocks of rows, where leaves(t) are the rows' leaves in tree t.
    template <backend B, class F>
    void for_each_block_of_rows(features_view x, B const& backend, F const& f) const;

    Parts parts_;
};

}  // namespace detail

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
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const;

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
};

class forest_regressor : public detail::forest_model<detail::regressor_parts> {
public:
    using forest_model::forest_model;

    /// The mean over trees of the value of each row's leaf.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] column<double> predict(features_view x, B const& backend = {}) const;

    /// The same for one row of n_features() values. Neither checks nor allocates.
    template <class T>
    [[nodiscard]] double predict(std::span<T const> row) const noexcept;

    /// Element (i, t) is tree t's answer for row i.
    template <backend B = tbb>
    [[nodiscard]] matrix<double> predict_trees(features_view x, B const& backend = {}) const;

    /// (n, quantiles.size()): quantiles in [0, 1] of the training targets that share leaves with a
    /// row, each weighted by its share of its leaf. The smallest target whose cumulated weight
    /// reaches the quantile. Throws invalid_input unless the fit kept leaf targets.
    /// N. Meinshausen, "Quantile Regression Forests", JMLR 7:983-999, 2006.
    template <backend B = tbb>
    [[nodiscard]] matrix<double> predict_quantiles(features_view x,
                                                   std::span<double const> quantiles,
                                                   B const& backend = {}) const;
    template <backend B = tbb>
    [[nodiscard]] matrix<double> predict_quantiles(features_view x,
                                                   std::initializer_list<double> quantiles,
                                                   B const& backend = {}) const {
        return predict_quantiles(x, std::span(quantiles.begin(), quantiles.size()), backend);
    }

    /// R2 on, and predictions for, rows by the trees that did not see them. Empty unless the fit
    /// was asked for it.
    [[nodiscard]] std::optional<out_of_bag<column<double>>> const& oob() const noexcept {
        return parts_.oob;
    }

    bool operator==(forest_regressor const&) const = default;
};

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
template <backend B, class F>
void forest_model<Parts>::for_each_block_of_rows(features_view x, B const& backend,
                                                 F const& f) const {
    // Large enough that a tree's upper nodes serve many rows while they are in cache, small enough
    // that the rows stay there too, and that there is work for every thread.
    constexpr std::size_t block_bytes = 256 * 1024;
    auto const most =
        std::clamp(block_bytes / (x.cols() * sizeof(float)), walks_at_once, 32 * walks_at_once);
    backend.enter([&] {
        auto const inner = backend.inherited();
        auto const size = std::clamp(x.rows() / (8 * inner.concurrency()), std::size_t{16}, most);
        x.visit([&](auto matrix) {
            for_each_range(
                inner, x.rows(), size, [&](std::size_t, std::size_t first, std::size_t last) {
                    std::vector<std::uint32_t> leaves(last - first);
                    f(first, last - first, [&](std::size_t t) -> std::vector<std::uint32_t> const& {
                        leaves_of(parts_.trees[t], matrix, first, view(leaves));
                        return leaves;
                    });
                });
        });
    });
}

template <class Parts>
template <backend B>
matrix<std::uint32_t> forest_model<Parts>::apply(features_view x, B const& backend) const {
    check_n_jobs(backend, "forest::apply");
    check_columns(x, "forest::apply");
    matrix<std::uint32_t> out(x.rows(), trees().size());
    for_each_block_of_rows(x, backend,
                           [&](std::size_t first, std::size_t count, auto const& leaves) {
                               for (std::size_t t = 0; t < trees().size(); ++t) {
                                   auto const& at = leaves(t);
                                   for (std::size_t i = 0; i < count; ++i)
                                       out(first + i, t) = at[i];
                               }
                           });
    return out;
}

/// Adds a leaf's class frequencies to votes.
inline void add_votes(tree const& t, std::uint32_t leaf, std::span<double> votes) noexcept {
    auto const& n = t.nodes()[leaf];
    if (n.is_pure()) {
        votes[n.distribution()] += 1;
        return;
    }
    auto const* const row = t.frequencies().data() + n.distribution() * votes.size();
    for (std::size_t k = 0; k < votes.size(); ++k) votes[k] += static_cast<double>(row[k]);
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
matrix<float> forest_classifier::predict_proba(features_view x, B const& backend) const {
    detail::check_n_jobs(backend, "forest_classifier::predict_proba");
    check_columns(x, "forest_classifier::predict_proba");
    auto const n_classes = classes().size();
    auto const n_trees = static_cast<double>(trees().size());
    matrix<float> out(x.rows(), n_classes);
    for_each_block_of_rows(
        x, backend, [&](std::size_t first, std::size_t count, auto const& leaves) {
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
    detail::check_n_jobs(backend, "forest_classifier::predict");
    check_columns(x, "forest_classifier::predict");
    auto const proba = predict_proba(x, backend);
    std::vector<std::size_t> codes(x.rows());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        auto const row = proba.row(i);
        codes[i] = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return classes().at_codes(codes);
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

template <backend B>
column<double> forest_regressor::predict(features_view x, B const& backend) const {
    detail::check_n_jobs(backend, "forest_regressor::predict");
    check_columns(x, "forest_regressor::predict");
    column<double> out(x.rows());
    for_each_block_of_rows(x, backend,
                           [&](std::size_t first, std::size_t count, auto const& leaves) {
                               for (std::size_t t = 0; t < trees().size(); ++t) {
                                   auto const& at = leaves(t);
                                   auto const nodes = trees()[t].nodes();
                                   for (std::size_t i = 0; i < count; ++i)
                                       out[first + i] += nodes[at[i]].value();
                               }
                               for (std::size_t i = 0; i < count; ++i)
                                   out[first + i] /= static_cast<double>(trees().size());
                           });
    return out;
}

template <class T>
double forest_regressor::predict(std::span<T const> row) const noexcept {
    constexpr auto together = detail::walks_at_once;
    std::uint32_t leaves[together];
    double sum = 0;
    for (std::size_t first = 0; first < trees().size(); first += together) {
        auto const some = trees().subspan(first, std::min(together, trees().size() - first));
        detail::leaves_of(some, row.data(), 1, view<std::uint32_t>(leaves, some.size()));
        for (std::size_t t = 0; t < some.size(); ++t) sum += some[t].nodes()[leaves[t]].value();
    }
    return sum / static_cast<double>(trees().size());
}

template <backend B>
matrix<double> forest_regressor::predict_trees(features_view x, B const& backend) const {
    auto const at = apply(x, backend);
    matrix<double> out(at.rows(), at.cols());
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t t = 0; t < out.cols(); ++t)
            out(i, t) = trees()[t].nodes()[at(i, t)].value();
    }
    return out;
}

template <backend B>
matrix<double> forest_regressor::predict_quantiles(features_view x,
                                                   std::span<double const> quantiles,
                                                   B const& backend) const {
    constexpr std::string_view who = "forest_regressor::predict_quantiles";
    detail::check_n_jobs(backend, who);
    check_columns(x, who);
    if (parts_.targets.size() != trees().size()) {
        throw invalid_input(detail::sentence(who, ": the model has ", trees().size(),
                                             " trees but leaf targets of ", parts_.targets.size(),
                                             "; fit with keep_leaf_targets = true"));
    }
    for (auto const q : quantiles) {
        if (!(q >= 0 && q <= 1)) {
            throw invalid_input(
                detail::sentence(who, ": a quantile is ", q, "; it must be in [0, 1]"));
        }
    }
    auto const at = apply(x, backend);
    matrix<double> out(x.rows(), quantiles.size());
    backend.enter([&] {
        for_each_range(backend.inherited(), x.rows(), 64,
                       [&](std::size_t, std::size_t first, std::size_t last) {
                           for (auto i = first; i < last; ++i) {
                               detail::quantiles_of(parts_.targets, at.row(i), quantiles,
                                                    out.row(i));
                           }
                       });
    });
    return out;
}

}  // namespace copse
