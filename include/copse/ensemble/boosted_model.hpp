// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What fitted boosting models share: trees, each a small correction of those before it. Immutable
/// values, ignorant of the trainer and the backend that grew them; predicting from any number of
/// threads at once is safe.
///
///     model.predict_raw(x);                  // sums of trees, before any link function
///     model.first_rounds(50).predict(x);     // as if boosting had stopped there
///     model.feature_importances(importance::gain);

#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/leaf_blocks.hpp>
#include <copse/ensemble/validation_metric.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// What a feature's importance is summed over its splits.
enum class importance {
    gain,   ///< decreases of the training loss
    split,  ///< 1
    cover   ///< training rows that were parted
};

namespace detail {

struct boosted_parts {
    std::vector<tree> trees;          ///< round by round, n_outputs() of them in each
    std::vector<double> initial_raw;  ///< where the sums begin, per output
    std::size_t n_features = 0;
    std::vector<double> gain;  ///< per feature
    std::vector<double> splits;
    std::vector<double> cover;
    std::vector<std::vector<double>> validation_losses;  ///< per set and round
    std::vector<metric_curve> validation_scores;         ///< per metric

    [[nodiscard]] std::size_t n_outputs() const noexcept { return initial_raw.size(); }

    bool operator==(boosted_parts const&) const = default;
};

/// Forgets all rounds after the first n, of which there are at least so many.
inline void keep_rounds(boosted_parts& parts, std::size_t n) {
    parts.trees.resize(n * parts.n_outputs());
    for (auto& losses : parts.validation_losses) losses.resize(std::min(n, losses.size()));
    for (auto& curve : parts.validation_scores) {
        for (auto& scores : curve.of_set) scores.resize(std::min(n, scores.size()));
    }
}

/// The face that all kinds share. Derived is the model; Parts is or extends boosted_parts.
template <class Derived, class Parts>
class boosted_model {
public:
    explicit boosted_model(Parts parts) : parts_(std::move(parts)) {}

    /// Round by round; with several outputs, the tree of output k in round r is r * n_outputs() +
    /// k.
    [[nodiscard]] std::span<tree const> trees() const noexcept { return parts_.trees; }
    [[nodiscard]] std::size_t n_rounds() const noexcept {
        return parts_.trees.size() / parts_.n_outputs();
    }
    [[nodiscard]] std::size_t n_features() const noexcept { return parts_.n_features; }
    /// Raw scores per row: 1, or the number of classes if that is greater than 2.
    [[nodiscard]] std::size_t n_outputs() const noexcept { return parts_.n_outputs(); }

    /// (n, n_outputs()) sums of the trees' values, on the scale of the loss: log-odds, say.
    /// Determinism  the same bits for every backend: trees are added in order.
    template <backend B = tbb>
    [[nodiscard]] matrix<double> predict_raw(features_view x, B const& backend = {}) const {
        return raw_of(x, backend, "predict_raw");
    }

    /// Element (i, t) is the index of the leaf of tree t that row i reaches.
    template <backend B = tbb>
    [[nodiscard]] matrix<std::uint32_t> apply(features_view x, B const& backend = {}) const;

    /// The model of the first n rounds; of all if there are fewer.
    [[nodiscard]] Derived first_rounds(std::size_t n) const;

    /// f(round, raw) after each round, where raw is that of first_rounds(round).predict_raw(x).
    /// Cost: that of one predict_raw.
    template <class F, backend B = tbb>
    void staged_raw(features_view x, F const& f, B const& backend = {}) const;

    /// Sums over the splits of each feature, scaled to sum 1 unless there is no split. All rounds
    /// that were trained count, also for first_rounds().
    [[nodiscard]] column<double> feature_importances(importance what = importance::gain) const;

    /// The mean loss of each validation set after each round that was kept.
    [[nodiscard]] std::vector<std::vector<double>> const& validation_losses() const noexcept {
        return parts_.validation_losses;
    }
    /// For each metric that the fit was given, its name and what it said of each validation set
    /// after each round that was kept.
    [[nodiscard]] std::vector<metric_curve> const& validation_scores() const noexcept {
        return parts_.validation_scores;
    }

    /// What the model occupies.
    [[nodiscard]] std::size_t n_bytes() const noexcept {
        std::size_t bytes = sizeof(*this);
        for (auto const& t : parts_.trees) bytes += t.n_bytes();
        return bytes;
    }

    /// Everything the model knows, for saving it and growing it further.
    [[nodiscard]] Parts const& parts() const noexcept { return parts_; }

    bool operator==(boosted_model const&) const = default;

protected:
    void check_columns(features_view x, std::string_view what) const {
        if (x.cols() != parts_.n_features) {
            throw invalid_input(sentence(Derived::name, "::", what, ": x has ", x.cols(),
                                         " columns but the model was fitted on ",
                                         parts_.n_features));
        }
    }
    [[nodiscard]] matrix<double> raw_of(features_view x, any_backend const& backend,
                                        std::string_view what) const;

    /// The raw scores of one row into `raw`, n_outputs() of them. Neither checks nor allocates.
    template <class T>
    void add_raw(std::span<T const> row, std::span<double> raw) const noexcept;

    Parts parts_;
};

}  // namespace detail

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Adds the values of trees [first, last) to the rows of raw, which is (n, n_outputs).
template <backend B>
void add_trees(std::span<tree const> trees, features_view x, B const& backend,
               matrix<double>& raw) {
    auto const n_outputs = raw.cols();
    for_each_block_of_leaves(trees, x, backend,
                             [&](std::size_t first, std::size_t count, auto& leaves) {
                                 for (std::size_t t = 0; t < trees.size(); ++t) {
                                     auto const& at = leaves(t);
                                     auto const nodes = trees[t].nodes();
                                     auto* out = &raw(first, t % n_outputs);
                                     for (std::size_t i = 0; i < count; ++i)
                                         out[i * n_outputs] += nodes[at[i]].value();
                                 }
                             });
}

template <class Derived, class Parts>
matrix<double> boosted_model<Derived, Parts>::raw_of(features_view x, any_backend const& backend,
                                                     std::string_view what) const {
    check_n_jobs(backend, sentence(Derived::name, "::", what));
    check_columns(x, what);
    matrix<double> raw(x.rows(), n_outputs());
    for (std::size_t i = 0; i < x.rows(); ++i)
        std::copy(parts_.initial_raw.begin(), parts_.initial_raw.end(), raw.row(i).begin());
    add_trees<any_backend>(trees(), x, backend, raw);
    return raw;
}

template <class Derived, class Parts>
template <class T>
void boosted_model<Derived, Parts>::add_raw(std::span<T const> row,
                                            std::span<double> raw) const noexcept {
    std::copy(parts_.initial_raw.begin(), parts_.initial_raw.end(), raw.begin());
    std::uint32_t leaves[walks_at_once];
    auto const n_outputs = raw.size();
    std::size_t output = 0;
    for (std::size_t first = 0; first < trees().size(); first += walks_at_once) {
        auto const some = trees().subspan(first, std::min(walks_at_once, trees().size() - first));
        leaves_of(some, row.data(), 1, view<std::uint32_t>(leaves, some.size()));
        for (std::size_t t = 0; t < some.size(); ++t) {
            raw[output] += some[t].nodes()[leaves[t]].value();
            output = output + 1 == n_outputs ? 0 : output + 1;
        }
    }
}

template <class Derived, class Parts>
template <backend B>
matrix<std::uint32_t> boosted_model<Derived, Parts>::apply(features_view x,
                                                           B const& backend) const {
    check_n_jobs(backend, sentence(Derived::name, "::apply"));
    check_columns(x, "apply");
    return all_leaves(trees(), x, backend);
}

template <class Derived, class Parts>
Derived boosted_model<Derived, Parts>::first_rounds(std::size_t n) const {
    auto parts = parts_;
    auto const kept = std::min(n, n_rounds());
    detail::keep_rounds(parts, kept);
    return Derived(std::move(parts));
}

template <class Derived, class Parts>
template <class F, backend B>
void boosted_model<Derived, Parts>::staged_raw(features_view x, F const& f,
                                               B const& backend) const {
    auto raw = first_rounds(0).predict_raw(x, backend);
    for (std::size_t r = 0; r < n_rounds(); ++r) {
        add_trees(trees().subspan(r * n_outputs(), n_outputs()), x, backend, raw);
        f(r + 1, std::as_const(raw));
    }
}

template <class Derived, class Parts>
column<double> boosted_model<Derived, Parts>::feature_importances(importance what) const {
    auto const& sums = what == importance::gain    ? parts_.gain
                       : what == importance::split ? parts_.splits
                                                   : parts_.cover;
    column<double> out(sums.begin(), sums.end());
    double total = 0;
    for (auto const sum : sums) total += sum;
    for (auto& value : out) value = total > 0 ? value / total : 0;
    return out;
}

}  // namespace detail
}  // namespace copse
