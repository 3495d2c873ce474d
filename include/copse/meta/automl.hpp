// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// From a table to a good model within a given time, without deciding anything.
///
///     auto const found = copse::automl{.max_duration = std::chrono::seconds(60)}.fit(train);
///     found.classifier().predict(test.x);              // or regressor()
///     for (auto const& c : found.leaderboard) ...      // name, score, seconds, weight, status
///     for (auto const& g : found.guardrails) ...       // what the table looks like
///     copse::save(found.classifier(), "model.copse");  // with <copse/io/meta_format.hpp>
///
/// The table is inspected; columns that cannot help are left out; the trainers of a portfolio are
/// fitted fold by fold; then the two best kinds of trainers are searched for better settings; and
/// those are put together that make the best mean of what was said of rows not trained on. What a
/// model needs to read the table is part of it.
///
/// N. Erickson et al., "AutoGluon-Tabular: Robust and Accurate AutoML for Structured Data",
/// arXiv:2003.06505, 2020: a portfolio first; R. Caruana et al. 2004 for the mean.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/limits.hpp>
#include <copse/data/dataset.hpp>
#include <copse/ensemble/training_rows.hpp>
#include <copse/ensemble/validation_metric.hpp>
#include <copse/meta/automl_kinds.hpp>
#include <copse/meta/automl_result.hpp>
#include <copse/meta/automl_run.hpp>
#include <copse/meta/automl_table.hpp>
#include <copse/meta/deadline.hpp>
#include <copse/meta/guardrails.hpp>
#include <copse/meta/threshold.hpp>
#include <copse/metrics/probability.hpp>
#include <copse/metrics/regression.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse {

/// How to search. A fit has the same result for every n_jobs and backend if time is not what ends
/// it: nothing was stopped or not run, max_candidates were tried, and all was refitted.
struct automl {
    /// Of the whole fit. What runs when it is over is stopped at its next tree, round or pass. If
    /// there is no model by then, a small one of 1,000 rows is fitted all the same.
    std::chrono::milliseconds max_duration{std::chrono::seconds(60)};
    std::size_t max_candidates = 100;  ///< of the portfolio, then of the search
    /// What candidates are judged by: log loss and squared error unless given.
    std::optional<classification_metric> metric{};
    std::optional<regression_metric> value_metric{};
    /// Of two classes: choose by this metric of labels from how much probability on predict says
    /// the second. If it is not given, by `metric` if that is one of labels; else it stays one
    /// half.
    std::optional<classification_metric> threshold_metric{};
    /// Without it, up to 20,000 rows are validated by 3 folds, below 1,000 by 10; of more, a fifth
    /// is held out once.
    std::optional<std::size_t> n_folds{};
    std::size_t ensemble_rounds = 50;  ///< 1 for the best model alone
    /// Of bytes that candidates and kept models may take besides the table and its bins. By
    /// estimates from above, made before a fit: candidates that may take more are left out.
    std::size_t max_memory = unlimited;
    std::uint64_t random_state = 0;  ///< decides folds, what trainers draw and what is searched
    std::function<void(automl_progress const&)> on_candidate{};  ///< after each
    std::stop_token stop{};                                      ///< fit then throws copse::stopped

    /// Learns `table.y`, with `table.sample_weight` if it has one. Rows of weight 0 are left out.
    ///
    /// Throws  invalid_input before any work: no rows, columns or targets, weights as every fit,
    ///         classes of a single row; copse::stopped if `stop` was asked; what the first
    ///         candidate throws if no candidate could be fitted; invalid_input if max_memory
    ///         allows none.
    /// Memory  folds are rows of one x; of x there is a copy if columns or rows are left out, and
    ///         for trainers of numbers one for each of their folds.
    /// Threads  one more than the backend's waits for the end of time.
    template <backend B = tbb>
    [[nodiscard]] automl_result fit(dataset const& table, B const& backend = {}) const {
        return fit_on(table, backend);
    }

private:
    [[nodiscard]] automl_result fit_on(dataset const& table, any_backend const& where) const;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Tries better settings of the two best families, in turn, while there is time to fit the best
/// five on all rows afterwards. The first of the candidates are `portfolio`. told() after each.
template <class Kind, class Told>
void search_families(automl const& how, automl_run<Kind>& run,
                     std::vector<typename automl_run<Kind>::candidate> const& portfolio,
                     automl_table const& table, deadline const& until, Told const& told) {
    auto const families = run.kind().families(table.options, table.shape);
    struct past {
        std::size_t family;
        double best;
        std::size_t n_trials = 0;
        std::vector<observation> seen{};
    };
    std::vector<past> order;
    for (std::size_t f = 0; f < families.size(); ++f) {
        order.push_back({f, -std::numeric_limits<double>::infinity()});
        for (std::size_t k = 0; k < std::min(portfolio.size(), run.candidates().size()); ++k) {
            auto const score = run.candidates()[k].score;
            if (portfolio[k].family == families[f].name && score > order[f].best)
                order[f].best = score;
        }
    }
    constexpr std::size_t most_refitted = 5;
    for (std::size_t trial = 0; run.candidates().size() < how.max_candidates; ++trial) {
        if (until.seconds_left() <= run.seconds_to_refit(most_refitted)) return;
        std::ranges::stable_sort(order,
                                 [](auto const& a, auto const& b) { return a.best > b.best; });
        auto& own = order[trial % 2];
        auto const& family = families[own.family];
        auto const at = family.draw(how.random_state, own.n_trials++, own.seen);
        run.run(family.at(at));
        told();
        auto const score = run.candidates().back().score;
        if (std::isnan(score)) continue;
        own.seen.push_back({family.coordinates(at), -score});
        own.best = std::max(own.best, score);
    }
}

/// A model of few rows when the time was too short for any of all.
template <class Kind>
[[nodiscard]] typename Kind::model hasty_model(automl const& how, Kind kind,
                                               typename automl_run<Kind>::candidate const& trainer,
                                               automl_table const& table, deadline const& until,
                                               any_backend const& inside, automl_result& out) {
    constexpr std::size_t most_rows = 1'000;
    auto const few = few_rows(table, most_rows, how.random_state);
    auto const y = take(kind.y, few.rows);
    kind.y = y;
    shared_bins bins(few.x.view());
    automl_run<Kind> run(std::move(kind), few.x.view(), few.weights, {few.split}, unlimited, bins,
                         until, inside);
    run.run(trainer, patience::until_the_user_stops);
    if (!run.has_models() && run.first_failure() != nullptr)
        std::rethrow_exception(run.first_failure());
    auto model = run.finish(1, out);
    out.leaderboard.insert(out.leaderboard.begin(), run.candidates().front());
    return model;
}

/// The portfolio in order, and then the search.
template <class Kind, class Finish>
[[nodiscard]] typename Kind::model run_candidates(automl const& how, Kind const& kind,
                                                  automl_table const& table, deadline const& until,
                                                  any_backend const& inside, automl_result& out,
                                                  Finish const& after) {
    shared_bins bins(table.x);
    automl_run<Kind> run(kind, table.x, table.weights, table.folds, how.max_memory, bins, until,
                         inside);
    auto const portfolio = kind.portfolio(table.options, table.shape);
    auto const told = [&] {
        auto const& all = run.candidates();
        if (how.on_candidate) how.on_candidate({all.size(), how.max_candidates, &all.back()});
    };
    for (std::size_t k = 0; k < std::min(portfolio.size(), how.max_candidates); ++k) {
        if (until.stop().stop_requested()) {
            run.pass_over(portfolio[k]);
        } else {
            run.run(portfolio[k]);
        }
        told();
    }
    if (until.users_stop().stop_requested()) throw stopped("automl::fit: was stopped");
    if (!run.has_models()) {
        out.leaderboard = run.candidates();
        auto const ended_by_time = [](automl_candidate const& c) {
            return c.status == candidate_status::stopped || c.status == candidate_status::not_run;
        };
        auto const first = std::ranges::find_if(out.leaderboard, ended_by_time);
        if (first != out.leaderboard.end()) {
            auto const k = static_cast<std::size_t>(first - out.leaderboard.begin());
            out.leaderboard.erase(first);
            return hasty_model(how, kind, portfolio[k], table, until, inside, out);
        }
        if (run.first_failure() != nullptr) std::rethrow_exception(run.first_failure());
        throw invalid_input(sentence("automl::fit: of ", out.leaderboard.size(),
                                     " candidates none has a score; ", out.leaderboard[0].name,
                                     out.leaderboard[0].error.empty() ? "" : ": ",
                                     out.leaderboard[0].error));
    }
    search_families(how, run, portfolio, table, until, told);
    auto model = run.finish(how.ensemble_rounds, out);
    out.leaderboard = run.candidates();
    std::ranges::stable_sort(out.leaderboard, [](auto const& a, auto const& b) {
        return !std::isnan(a.score) && (std::isnan(b.score) || a.score > b.score);
    });
    after(run);
    return model;
}

/// Of two classes, from where on the second is said; none if nobody asked for it.
[[nodiscard]] inline std::optional<chosen_threshold> threshold_of(
    automl const& how, automl_run<automl_of_labels> const& run) {
    auto const& kind = run.kind();
    auto by = how.threshold_metric;
    if (!by && kind.metric.needs() == metrics::prediction::labels) by = kind.metric;
    if (!by || kind.classes.size() != 2) return std::nullopt;
    return best_threshold(kind.judged_y, run.mean_said(), kind.classes, *by, run.judged_weights());
}

}  // namespace detail

inline automl_result automl::fit_on(dataset const& table, any_backend const& where) const {
    constexpr std::string_view who = "automl::fit";
    auto const begin = std::chrono::steady_clock::now();
    detail::check_n_jobs(where, who);
    detail::check_training_set(who, table.x.rows(), table.x.cols(), table.y.size(), "targets",
                               table.sample_weight);
    detail::check_at_least(who, "max_candidates", max_candidates, 1);
    detail::check_at_least(who, "ensemble_rounds", ensemble_rounds, 1);
    if (n_folds) detail::check_at_least(who, "n_folds", *n_folds, 1);
    if (max_duration <= max_duration.zero()) {
        throw invalid_input(detail::sentence(who, ": max_duration is ", max_duration.count(),
                                             " ms; it must be greater than 0"));
    }
    if (threshold_metric && threshold_metric->needs() != metrics::prediction::labels) {
        throw invalid_input(detail::sentence(who, ": threshold_metric is ",
                                             threshold_metric->name(),
                                             "; it must be a metric of labels"));
    }
    auto const rows = detail::weighed_rows(table.x.rows(), table.sample_weight);
    detail::check_automl_targets(who, table.y, rows);
    detail::deadline const until(begin + max_duration, stop);
    automl_result out;
    where.enter([&] {
        auto const inside = where.inherited();
        out.guardrails = inspect_table(table, inside);
        out.columns = detail::useful_columns(out.guardrails, table.x.cols());
        detail::automl_table const own(table, rows, out.columns, out.guardrails, n_folds,
                                       random_state);
        bool const all_columns = out.columns.size() == table.x.cols();
        auto const of_table = [&](auto const& kind, auto model) {
            return all_columns ? model
                               : kind.of_columns(std::move(model), out.columns, table.x.cols());
        };
        if (table.y.is_classification()) {
            detail::automl_of_labels const kind{
                own.y_labels, encode(own.y_labels).classes,
                metric.value_or(classification_metric(metrics::log_loss))};
            out.metric = kind.metric.name();
            auto model = detail::run_candidates(
                *this, kind, own, until, inside, out,
                [&](auto const& run) { out.threshold = detail::threshold_of(*this, run); });
            model = of_table(kind, std::move(model));
            if (out.threshold && out.threshold->threshold != 0.5)
                model = thresholded_classifier<>(std::move(model), out.threshold->threshold);
            out.of_labels.emplace(std::move(model));
        } else {
            detail::automl_of_values const kind{
                own.y_values,
                value_metric.value_or(regression_metric(metrics::mean_squared_error))};
            out.metric = kind.metric.name();
            auto model =
                detail::run_candidates(*this, kind, own, until, inside, out, [](auto const&) {});
            out.of_values.emplace(of_table(kind, std::move(model)));
        }
    });
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return out;
}

}  // namespace copse
