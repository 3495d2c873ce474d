// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A fitted forest for regression: means, single trees' answers, and quantiles.
///
///     xt::xtensor<double, 1> y = forest.predict(x);
///     auto const middle_half = forest.predict_quantiles(x, {0.25, 0.75});

#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/forest_model.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

class forest_regressor : public detail::forest_model<detail::regressor_parts> {
public:
    using forest_model::forest_model;

    /// The mean over trees of the value of each row's leaf.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] column<double> predict(features_view x, B const& backend = {}) const {
        return values_of<any_backend>(x, backend);
    }

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

private:
    template <backend B>
    [[nodiscard]] column<double> values_of(features_view x, B const& backend) const;
};

// ------------------------------------------------------------------ implementation below

template <backend B>
column<double> forest_regressor::values_of(features_view x, B const& backend) const {
    detail::check_n_jobs(backend, "forest_regressor::predict");
    check_columns(x, "forest_regressor::predict");
    column<double> out(x.rows());
    detail::for_each_block_of_leaves(trees(), x, backend,
                                     [&](std::size_t first, std::size_t count, auto& leaves) {
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
