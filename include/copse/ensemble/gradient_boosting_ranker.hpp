// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Gradient boosting that puts the documents of each query in order: LambdaMART.
///
///     auto const sizes = copse::query_sizes(train.query_id);    // consecutive rows of a query
///     auto const ranker =
///         copse::gradient_boosting_ranker{.n_estimators = 300}.fit(x, relevance, sizes);
///     metrics::ndcg_metric{.k = 10}(relevance_test, ranker.predict(x_test), sizes_test);
///
/// C. Burges, "From RankNet to LambdaRank to LambdaMART: An Overview", Microsoft Research
/// MSR-TR-2010-82, 2010.

#include <copse/core/inputs.hpp>
#include <copse/ensemble/boost.hpp>
#include <copse/ensemble/boosted_ranker.hpp>
#include <copse/ensemble/boosting_options.hpp>
#include <copse/ensemble/boosting_plan.hpp>
#include <copse/ensemble/dropout.hpp>
#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/ranking_objective.hpp>
#include <copse/ensemble/validation_metric.hpp>
#include <copse/loss/lambdarank.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace copse {

/// Queries that a fit is judged on but does not learn from.
struct validation_queries {
    using metric = ranking_metric;

    features_view x;
    values_view y;                        ///< relevances
    std::span<std::size_t const> groups;  ///< numbers of consecutive rows of each query
    values_view sample_weight{};
};

/// How to boost trees for ranking. Fields mean what they mean for the other boosting trainers.
struct gradient_boosting_ranker {
    std::size_t n_estimators = 100;   ///< rounds, of one tree each
    double learning_rate = 0.1;       ///< leaf values are multiplied by it
    std::size_t max_leaf_nodes = 31;  ///< the leaf that gains most is split first; or unlimited
    std::size_t max_depth = unlimited;
    std::size_t min_samples_leaf = 20;
    double l2_regularization = 0;
    lambdarank_loss loss{};
    boosting_regularization regularization{};
    boosting_sampling sampling{};
    boosting_dropout dropout{};
    std::vector<std::size_t> categorical_features{};  ///< columns of codes 0, 1, ..., 65534
    boosting_categories categories{};
    std::uint64_t random_state = 0;    ///< decides what is sampled
    std::vector<int> monotonic_cst{};  ///< per feature: 1 scores may only rise, -1 fall, 0 free
    std::vector<std::vector<std::size_t>> interaction_cst{};  ///< as for the classifier
    std::size_t max_bins = 255;                               ///< of a numeric feature; 2 to 65535

    using fit_options = boosting_fit_options<boosted_ranker, values_view, validation_queries>;

    /// `x` is (n, d), NaN meaning "missing"; `relevance` has n whole numbers from 0 to 31, and
    /// `groups` the numbers of consecutive rows of each query, n in sum.
    ///
    /// Weights  sample_weight multiplies a row's derivatives; in validation losses, 1 - NDCG@k with
    ///          k = loss.truncation_level, a query weighs the mean of its rows' weights.
    /// Missing, throws, cost and determinism as for gradient_boosting_classifier.
    template <backend B = tbb>
    [[nodiscard]] boosted_ranker fit(features_view x, values_view relevance,
                                     std::span<std::size_t const> groups,
                                     B const& backend = {}) const {
        return fit(x, relevance, groups, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] boosted_ranker fit(features_view x, values_view relevance,
                                     std::span<std::size_t const> groups,
                                     fit_options const& options, B const& backend = {}) const;

    bool operator==(gradient_boosting_ranker const&) const = default;
};

// ------------------------------------------------------------------ implementation below

template <backend B>
boosted_ranker gradient_boosting_ranker::fit(features_view x, values_view relevance,
                                             std::span<std::size_t const> groups,
                                             fit_options const& options, B const& backend) const {
    auto const plan = detail::plan_of(*this, "gradient_boosting_ranker::fit");
    detail::check_n_jobs(backend, plan.who);
    detail::check_boosting(plan, x, relevance.size(), "relevances", options.sample_weight);
    detail::check_options(plan, x, 1, options);
    check_loss(plan.who, loss);
    auto const as_targets = [&](std::string_view who, values_view y,
                                std::span<std::size_t const> sizes) {
        auto targets = detail::numeric_targets(who, loss, y);
        targets.query_starts = detail::query_starts(who, sizes, y.size());
        return targets;
    };
    auto targets = as_targets(plan.who, relevance, groups);
    targets.weight = detail::weights_of(options.sample_weight, {}, {}, plan.who);
    auto const rows = detail::checked_rows(plan.who, x, options);
    if (!rows.are_all()) {
        throw invalid_input(detail::sentence(plan.who, ": rows names ", rows.size(), " of ",
                                             x.rows(), " rows; ranking takes all"));
    }
    auto run = detail::run_of(
        plan.who, rows, options,
        [&](std::string_view who, auto const& set) { return as_targets(who, set.y, set.groups); },
        [](auto const& set, view<double const> raw, auto const& f) {
            auto const weight = detail::query_weights(set.groups, set.sample_weight);
            f(set.y, values_view(raw), set.groups, values_view(weight));
        });
    detail::boosted_parts parts;
    if (auto const* const begun = detail::begun_by(options)) parts = begun->parts();
    detail::add_checkpoint<boosted_ranker>(run, parts, options);
    detail::ranking_objective objective(loss, targets);
    detail::boost<any_backend>(plan, x, objective, parts, run, backend);
    return boosted_ranker(std::move(parts));
}

}  // namespace copse
