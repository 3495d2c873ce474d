// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How a search is to go: what is tried, judged by what, given up when, and until when.
///
///     {.sampling = bayesian{}, .primary_metric = metrics::roc_auc, .max_total_runs = 40}

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/limits.hpp>
#include <copse/model_selection/early_termination.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/model_selection/sampling.hpp>
#include <copse/model_selection/shuffle_split.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/model_selection/study.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

namespace copse {

/// What a run may know of the others.
enum class study_mode {
    /// Runs go in waves of wave_size. Sampling and early termination know the waves before, so a
    /// study is the same for every backend, n_jobs and max_concurrent_runs.
    deterministic,
    /// They know all that is known at the time. No thread waits for a wave to end; what is found
    /// depends on timing.
    asynchronous
};

inline constexpr std::chrono::duration<double> no_time_limit{
    std::numeric_limits<double>::infinity()};

/// How to search. `Metric` is classification_metric or regression_metric.
template <class Metric>
struct search_options {
    sampling_rule sampling = random_sampling{};
    std::optional<Metric> primary_metric{};  ///< accuracy, or r2
    std::optional<copse::goal> goal{};       ///< that of the metric, unless said otherwise
    std::size_t max_total_runs = 20;         ///< run 0 among them; a grid may have fewer
    std::size_t max_concurrent_runs = unlimited;
    /// When it is over, running ones are cancelled and no others begin.
    std::chrono::duration<double> max_duration = no_time_limit;
    termination_rule early_termination = no_termination{};
    /// One split of a fifth of the rows if there are more than 20,000, otherwise five folds,
    /// stratified if the targets are labels.
    std::optional<any_splitter> splits{};
    std::vector<Metric> metrics{};  ///< to be noted, too
    labels_view groups{};           ///< of the rows, for splitters that keep them together
    values_view sample_weight{};    ///< of the rows, in fits and in scores
    std::uint64_t random_state = 0;
    std::chrono::duration<double> max_run_duration = no_time_limit;  ///< then a run is cancelled
    /// When a run begins and when it is over, one call at a time. It must not fit or predict. It
    /// can cancel that run, then or later, by run_record::handle.
    std::function<void(run_record const&)> on_run{};
    std::stop_token stop{};  ///< what is running is cancelled; run() returns what there is
    bool refit = true;       ///< fit the best trainer on all rows
    study_mode mode = study_mode::deterministic;
    std::size_t wave_size = 8;
    /// Where runs are noted when they are over, and taken from if it exists: journal.hpp.
    std::filesystem::path journal{};
    /// Runs of earlier studies of the same space: bayesian sampling and early termination know
    /// them.
    std::vector<run_record> warm_start{};
};

// ------------------------------------------------------------------ implementation below

namespace detail {

[[nodiscard]] inline any_splitter splitter_of_search(std::optional<any_splitter> const& given,
                                                     labels_view y, std::uint64_t random_state) {
    constexpr std::size_t most_for_folds = 20'000;
    if (given) return *given;
    if (y.size() <= most_for_folds) return stratified_k_fold{5, true, random_state};
    return stratified_shuffle_split{1, 0.2, std::nullopt, random_state};
}
[[nodiscard]] inline any_splitter splitter_of_search(std::optional<any_splitter> const& given,
                                                     values_view y, std::uint64_t random_state) {
    constexpr std::size_t most_for_folds = 20'000;
    if (given) return *given;
    if (y.size() <= most_for_folds) return k_fold{5, true, random_state};
    return shuffle_split{1, 0.2, std::nullopt, random_state};
}

template <class Metric>
void check_search(std::string_view who, search_options<Metric> const& options,
                  std::size_t n_dimensions) {
    if (options.max_total_runs < 1 || options.max_concurrent_runs < 1 || options.wave_size < 1) {
        throw invalid_input(sentence(who, ": max_total_runs is ", options.max_total_runs,
                                     ", max_concurrent_runs ", options.max_concurrent_runs,
                                     " and wave_size ", options.wave_size,
                                     "; they must be at least 1"));
    }
    auto const shortest = std::min(options.max_duration, options.max_run_duration).count();
    if (!(shortest > 0)) {
        throw invalid_input(
            sentence(who, ": a duration is ", shortest, " seconds; it must be greater than 0"));
    }
    for (auto const& run : options.warm_start) {
        if (run.point.size() == n_dimensions) continue;
        throw invalid_input(sentence(who, ": warm_start has a run of ", run.point.size(),
                                     " parameters but the space has ", n_dimensions));
    }
    check_rule(who, options.early_termination);
}

}  // namespace detail
}  // namespace copse
