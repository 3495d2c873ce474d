// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Search for the best hyper-parameters: runs of one trainer with different fields, each judged by
/// cross-validation, all within one n_jobs and over one binned x.
///
///     using gbc = gradient_boosting_classifier;
///     auto const study = search(gbc{.n_estimators = 300},
///                               space(vary(&gbc::learning_rate, loguniform(0.01, 0.3)),
///                                     vary(&gbc::max_leaf_nodes, choice(15, 31, 63))),
///                               {.sampling = bayesian{}, .primary_metric = metrics::roc_auc,
///                                .max_total_runs = 40, .max_duration = 20min})
///                            .run(x, y, tbb{.n_jobs = -1});
///     study.best_run().parameters;      study.best_model();
///
/// Run 0 is the trainer as it was given, so that a study says what searching was worth.

#include <copse/core/inputs.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/fit_on_rows.hpp>
#include <copse/model_selection/sampling.hpp>
#include <copse/model_selection/search_options.hpp>
#include <copse/model_selection/search_run.hpp>
#include <copse/model_selection/space.hpp>
#include <copse/model_selection/study.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>

#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace copse {

/// A trainer, its space and how to search it; run() does.
template <trainer Trainer>
class searcher {
public:
    using options = search_options<detail::metric_of<Trainer>>;

    searcher(Trainer base, search_space<Trainer> space, options how)
        : base_(std::move(base)), space_(std::move(space)), options_(std::move(how)) {}

    /// Searches. `x` is (n, d), dense, or sparse if the trainer takes that.
    ///
    /// Failures   a run that throws, or whose score is NaN, is recorded as failed with the reason;
    ///            the others go on.
    /// Duplicates a run at the point of an earlier one takes over its result.
    /// Intervals  see early_termination.hpp. With early termination the splits of a run follow one
    ///            another; without, they are components too.
    /// Throws     invalid_input before any run: what cross_validate refuses; grid sampling of
    ///            distributions; a Gaussian process over choices; budgets of 0; file_error for a
    ///            journal that cannot be read or written.
    /// Determinism see study_mode. Limits of time are never deterministic.
    template <class X, backend B = tbb>
    [[nodiscard]] auto run(X const& x, detail::targets_of<Trainer> y, B const& backend = {}) const;

private:
    Trainer base_;
    search_space<Trainer> space_;
    options options_;
};

/// See the top of this file.
template <trainer Trainer>
[[nodiscard]] searcher<Trainer> search(
    Trainer base, std::type_identity_t<search_space<Trainer>> space,
    std::type_identity_t<search_options<detail::metric_of<Trainer>>> options = {}) {
    return {std::move(base), std::move(space), std::move(options)};
}

// ------------------------------------------------------------------ implementation below

template <trainer Trainer>
template <class X, backend B>
auto searcher<Trainer>::run(X const& x, detail::targets_of<Trainer> y, B const& outer) const {
    constexpr std::string_view who = "search::run";
    using targets = detail::targets_of<Trainer>;
    detail::check_n_jobs(outer, who);
    detail::check_search(who, options_, space_.size());
    detail::check_sampling(who, options_.sampling, space_);
    auto const rows = detail::borrowed(x);
    auto folds = detail::folds_of(
        who, rows, y, options_.sample_weight, options_.groups,
        std::optional(detail::splitter_of_search(options_.splits, y, options_.random_state)));
    any_backend const where = outer;
    return where.enter([&] {
        detail::search_run<Trainer, detail::borrowed_as<X>, targets> all(
            base_, space_, options_, rows, y, std::move(folds), where.inherited());
        return all();
    });
}

}  // namespace copse
