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
/// fitted fold by fold; and those are put together that make the best mean of what was said of rows
/// not trained on. What a model needs to read the table is part of it.
///
/// N. Erickson et al., "AutoGluon-Tabular: Robust and Accurate AutoML for Structured Data",
/// arXiv:2003.06505, 2020: a portfolio instead of a search; R. Caruana et al. 2004 for the mean.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/limits.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/dataset.hpp>
#include <copse/ensemble/validation_metric.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/bagging.hpp>
#include <copse/meta/deadline.hpp>
#include <copse/meta/ensemble_selection.hpp>
#include <copse/meta/fold_fits.hpp>
#include <copse/meta/gathered.hpp>
#include <copse/meta/guardrails.hpp>
#include <copse/meta/members.hpp>
#include <copse/meta/opinions.hpp>
#include <copse/meta/portfolio.hpp>
#include <copse/meta/voting.hpp>
#include <copse/metrics/probability.hpp>
#include <copse/metrics/regression.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/model_selection/shuffle_split.hpp>
#include <copse/model_selection/take.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>
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
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse {

enum class candidate_status {
    finished,
    stopped,  ///< its time was up
    failed,   ///< `error` says why
    not_run   ///< time was up before it
};

/// What became of a trainer of the portfolio.
struct automl_candidate {
    std::string name;
    candidate_status status = candidate_status::not_run;
    double score = std::numeric_limits<double>::quiet_NaN();  ///< of rows it was not trained on
    double seconds = 0;                                       ///< of the fits of its folds
    double weight = 0;                                        ///< in the model; they sum to 1
    bool refitted = false;  ///< on all rows; or else the models of the folds answer
    std::string error{};
};

/// What was found.
struct automl_result {
    std::vector<automl_candidate> leaderboard;  ///< the best first, then those without a score
    std::vector<guardrail> guardrails;
    std::vector<std::size_t> columns;  ///< of the table that are learnt from
    std::string metric;                ///< what scores are
    double score = 0;                  ///< of the weighted mean, by the same rows
    double seconds = 0;                ///< of it all

    /// The model. Throws invalid_input if the target was of the other kind.
    [[nodiscard]] any_classifier const& classifier() const;
    [[nodiscard]] any_regressor const& regressor() const;

    std::optional<any_classifier> of_labels{};
    std::optional<any_regressor> of_values{};
};

/// How far an automl has come.
struct automl_progress {
    std::size_t done = 0;
    std::size_t total = 0;
    automl_candidate const* last = nullptr;
};

/// How to search. A fit has the same result for every n_jobs and backend if time is not what ends
/// it: nothing was stopped or not run, and all was refitted.
struct automl {
    /// Of the whole fit. What runs when it is over is stopped at its next tree, round or pass. The
    /// first candidate, a small one, is always finished.
    std::chrono::milliseconds max_duration{std::chrono::seconds(60)};
    std::size_t max_candidates = unlimited;
    /// What candidates are judged by: log loss and squared error unless given.
    std::optional<classification_metric> metric{};
    std::optional<regression_metric> value_metric{};
    /// Without it, up to 20,000 rows are validated by 3 folds, below 1,000 by 10; of more, a fifth
    /// is held out once.
    std::optional<std::size_t> n_folds{};
    std::size_t ensemble_rounds = 50;  ///< 1 for the best model alone
    std::uint64_t random_state = 0;    ///< decides folds and what trainers draw
    std::function<void(automl_progress const&)> on_candidate{};  ///< after each
    std::stop_token stop{};                                      ///< fit then throws copse::stopped

    /// Learns `table.y`, with `table.sample_weight` if it has one. Rows of weight 0 are left out.
    ///
    /// Throws  invalid_input before any work: no rows, columns or targets, weights as every fit,
    ///         classes of a single row; copse::stopped if `stop` was asked; and what the first
    ///         candidate throws if no candidate could be fitted.
    /// Threads  one more than the backend's waits for the end of time.
    template <backend B = tbb>
    [[nodiscard]] automl_result fit(dataset const& table, B const& backend = {}) const {
        return fit_on(table, backend);
    }

private:
    [[nodiscard]] automl_result fit_on(dataset const& table, any_backend const& where) const;
};

// ------------------------------------------------------------------ implementation below

inline any_classifier const& automl_result::classifier() const {
    if (!of_labels) {
        throw invalid_input("automl_result::classifier: the target held numbers; see regressor()");
    }
    return *of_labels;
}

inline any_regressor const& automl_result::regressor() const {
    if (!of_values) {
        throw invalid_input("automl_result::regressor: the target held labels; see classifier()");
    }
    return *of_values;
}

namespace detail {

/// What differs between labels and values: how a model is asked, judged, and made of several.
struct automl_of_labels {
    using targets = labels_view;
    using model = any_classifier;

    labels_view y;
    labels classes;
    classification_metric metric;
    labels judged_y{};  ///< of the rows that are judged

    [[nodiscard]] matrix<double> ask(any_classifier const& m, features_view x,
                                     any_backend const& inside) const {
        class_shares sum(x.rows(), classes);
        sum.add_probabilities(m, x, 1, inside);
        return sum.sums();
    }
    /// Greater is better.
    [[nodiscard]] double score(matrix<double> const& said, values_view weights) const {
        auto const s = metric(judged_y, said, classes, weights);
        return metric.greater_is_better() ? s : -s;
    }
    [[nodiscard]] any_classifier together(std::vector<any_classifier> members,
                                          std::vector<double> weights, std::size_t d) const {
        if (members.size() == 1 && members[0].classes() == classes) return members[0];
        return voted_classifier(classes, std::move(members), std::move(weights), voting_rule::soft,
                                d);
    }
    [[nodiscard]] any_classifier of_columns(any_classifier m, std::vector<std::size_t> columns,
                                            std::size_t d) const {
        return bagged_classifier<any_classifier>(classes, {{std::move(m), std::move(columns)}}, d);
    }
};

struct automl_of_values {
    using targets = values_view;
    using model = any_regressor;

    values_view y;
    regression_metric metric;
    column<double> judged_y{};

    [[nodiscard]] matrix<double> ask(any_regressor const& m, features_view x,
                                     any_backend const& inside) const {
        return opinion_of(m, x, inside);
    }
    [[nodiscard]] double score(matrix<double> const& said, values_view weights) const {
        auto const s =
            metric(judged_y, column<double>(said.data(), said.data() + said.rows()), weights);
        return metric.greater_is_better() ? s : -s;
    }
    [[nodiscard]] any_regressor together(std::vector<any_regressor> members,
                                         std::vector<double> weights, std::size_t d) const {
        if (members.size() == 1) return members[0];
        return voted_regressor(std::move(members), std::move(weights), d);
    }
    [[nodiscard]] any_regressor of_columns(any_regressor m, std::vector<std::size_t> columns,
                                           std::size_t d) const {
        return bagged_regressor<any_regressor>({{std::move(m), std::move(columns)}}, d);
    }
};

/// How many folds, 1 meaning that a part is held out.
[[nodiscard]] inline std::size_t automl_folds(std::optional<std::size_t> wanted, std::size_t n,
                                              std::size_t least_of_class) {
    auto const usual = n > 20'000 ? 1 : n < 1'000 ? 10 : 3;
    auto const folds = wanted.value_or(static_cast<std::size_t>(usual));
    return folds == 1 ? 1 : std::max<std::size_t>(2, std::min({folds, n, least_of_class}));
}

/// Tries candidates one by one, each with its folds at the same time, and puts them together. Kind
/// is automl_of_labels or automl_of_values.
template <class Kind>
class automl_run {
public:
    using model = typename Kind::model;

    automl_run(Kind kind, features_view x, values_view weights, std::vector<std::size_t> rows,
               std::vector<row_split> folds, deadline const& until, any_backend const& inside)
        : kind_(std::move(kind)),
          x_(x),
          weights_(weights),
          rows_(std::move(rows)),
          folds_(std::move(folds)),
          until_(until),
          inside_(inside) {
        for (auto const& fold : folds_)
            judged_.insert(judged_.end(), fold.test.begin(), fold.test.end());
        kind_.judged_y = take(kind_.y, judged_);
        judged_weights_ = weights_of(weights_, judged_);
    }

    /// `needed` candidates do not look at the time.
    template <class Trainer>
    void run(named_trainer<Trainer> const& candidate, bool needed) {
        automl_candidate out;
        out.name = candidate.name;
        std::vector<std::optional<model>> models(folds_.size());
        auto const begin = std::chrono::steady_clock::now();
        auto const stop = needed ? until_.users_stop() : until_.stop();
        try {
            std::vector<matrix<double>> said(folds_.size());
            for_each_component(inside_, folds_.size(), stop, [&](std::size_t f) {
                models[f].emplace(fit_rows(candidate.trainer, x_, kind_.y, folds_[f].train,
                                           {weights_, stop}, inside_));
                gathered_features const test(x_, folds_[f].test);
                said[f] = kind_.ask(*models[f], test.view(), inside_);
            });
            auto all = said[0];
            if (said.size() > 1) all = stacked(said);
            out.score = kind_.score(all, judged_weights_);
            out.status = candidate_status::finished;
            if (!std::isnan(out.score)) keep(candidates_.size(), std::move(all), models);
        } catch (stopped const&) {
            if (until_.users_stop().stop_requested()) throw;
            out.status = candidate_status::stopped;
        } catch (std::exception const& error) {
            if (first_failure_ == nullptr) first_failure_ = std::current_exception();
            out.status = candidate_status::failed;
            out.error = error.what();
        }
        out.seconds = seconds_since(begin);
        candidates_.push_back(std::move(out));
    }

    [[nodiscard]] std::vector<automl_candidate>& candidates() noexcept { return candidates_; }

    /// The model, and into the candidates what they have to do with it.
    template <class Trainer>
    [[nodiscard]] model finish(std::vector<named_trainer<Trainer>> const& portfolio,
                               std::size_t n_rounds, double& score) {
        if (said_.empty()) {
            if (first_failure_ != nullptr) std::rethrow_exception(first_failure_);
            throw invalid_input("automl::fit: no candidate has a score");
        }
        auto const chosen = select_ensemble(
            said_, [&](matrix<double> const& mean) { return kind_.score(mean, judged_weights_); },
            {.n_rounds = n_rounds, .stop = until_.stop()}, inside_);
        score = chosen.score;
        std::vector<model> members;
        std::vector<double> weights;
        for (std::size_t k = 0; k < said_.size(); ++k) {
            if (chosen.weights[k] == 0) continue;
            auto& candidate = candidates_[of_[k]];
            candidate.weight = chosen.weights[k];
            if (auto refitted = refit(portfolio[of_[k]].trainer, candidate.seconds)) {
                candidate.refitted = true;
                members.push_back(std::move(*refitted));
            } else {
                auto const n_models = models_[k].size();
                members.push_back(kind_.together(std::move(models_[k]),
                                                 std::vector<double>(n_models, 1.0), x_.cols()));
            }
            weights.push_back(chosen.weights[k]);
        }
        return kind_.together(std::move(members), std::move(weights), x_.cols());
    }

private:
    [[nodiscard]] static double seconds_since(std::chrono::steady_clock::time_point begin) {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    /// Rows of all folds, one after the other.
    [[nodiscard]] matrix<double> stacked(std::vector<matrix<double>> const& said) const {
        matrix<double> out(judged_.size(), said[0].cols());
        auto* to = out.data();
        for (auto const& part : said)
            to = std::copy(part.data(), part.data() + part.rows() * part.cols(), to);
        return out;
    }
    void keep(std::size_t candidate, matrix<double> said,
              std::vector<std::optional<model>>& models) {
        of_.push_back(candidate);
        said_.push_back(std::move(said));
        models_.emplace_back();
        for (auto& m : models) models_.back().push_back(std::move(*m));
    }
    /// The trainer's model of all rows, if the time allows it. It takes about as long as the folds.
    template <class Trainer>
    [[nodiscard]] std::optional<model> refit(Trainer const& trainer, double seconds) const {
        if (until_.seconds_left() < 1.5 * seconds) return std::nullopt;
        try {
            return fit_rows(trainer, x_, kind_.y, rows_, {weights_, until_.stop()}, inside_);
        } catch (stopped const&) {
            if (until_.users_stop().stop_requested()) throw;
            return std::nullopt;
        }
    }

    Kind kind_;
    features_view x_;
    values_view weights_;
    std::vector<std::size_t> rows_;
    std::vector<row_split> folds_;
    deadline const& until_;
    any_backend const& inside_;
    std::vector<std::size_t> judged_;
    column<double> judged_weights_;
    std::vector<automl_candidate> candidates_;
    std::exception_ptr first_failure_;
    std::vector<std::size_t> of_;  ///< of those that have a score: which candidate
    std::vector<matrix<double>> said_;
    std::vector<std::vector<model>> models_;
};

/// Columns of the table that the guardrails leave.
[[nodiscard]] inline std::vector<std::size_t> useful_columns(
    std::vector<guardrail> const& guardrails, std::size_t d) {
    std::vector<bool> useless(d);
    for (auto const& g : guardrails) {
        bool const drops = g.kind == guardrail_kind::constant_columns ||
                           g.kind == guardrail_kind::identifier_columns;
        for (std::size_t c = 0; drops && c < g.columns.size(); ++c) useless[g.columns[c]] = true;
    }
    std::vector<std::size_t> out;
    for (std::size_t j = 0; j < d; ++j) {
        if (!useless[j]) out.push_back(j);
    }
    return out.empty() ? first_numbers(d) : out;
}

/// The whole portfolio, in order, until the time or the candidates are over.
template <class Kind, class Trainer>
[[nodiscard]] auto run_portfolio(automl const& how, automl_run<Kind>& run,
                                 std::vector<named_trainer<Trainer>> const& portfolio,
                                 deadline const& until, automl_result& out) {
    auto const n = std::min(portfolio.size(), how.max_candidates);
    bool any = false;
    for (std::size_t k = 0; k < n; ++k) {
        if (any && until.stop().stop_requested()) {
            run.candidates().push_back({.name = portfolio[k].name});
        } else {
            run.run(portfolio[k], !any);
        }
        auto const& last = run.candidates().back();
        any = any || last.status == candidate_status::finished;
        if (how.on_candidate) how.on_candidate({k + 1, n, &last});
    }
    auto model = run.finish(portfolio, how.ensemble_rounds, out.score);
    out.leaderboard = std::move(run.candidates());
    std::ranges::stable_sort(out.leaderboard, [](auto const& a, auto const& b) {
        return !std::isnan(a.score) && (std::isnan(b.score) || a.score > b.score);
    });
    return model;
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
    values_view const weights = table.sample_weight;
    auto const rows = detail::weighed_rows(table.x.rows(), weights);
    bool const of_labels = table.y.is_classification();
    auto least_of_class = rows.size();
    encoded_labels kept;
    if (of_labels) {
        kept = encode(take(labels_view(table.y), rows));
        std::vector<std::size_t> counts(kept.classes.size());
        for (auto const code : kept.codes) ++counts[code];
        auto const rarest = std::ranges::min_element(counts) - counts.begin();
        least_of_class = counts[static_cast<std::size_t>(rarest)];
        if (kept.classes.size() < 2 || least_of_class < 2) {
            throw invalid_input(detail::sentence(
                who, ": class ", kept.classes[static_cast<std::size_t>(rarest)].to_string(),
                " has ", least_of_class, " rows and there are ", kept.classes.size(),
                " classes; at least 2 of each are needed"));
        }
    } else if (rows.size() < 2) {
        throw invalid_input(
            detail::sentence(who, ": there are ", rows.size(), " rows; at least 2 are needed"));
    }
    detail::deadline const until(begin + max_duration, stop);
    automl_result out;
    where.enter([&] {
        auto const inside = where.inherited();
        out.guardrails = inspect_table(table, inside);
        out.columns = detail::useful_columns(out.guardrails, table.x.cols());
        bool const all_columns = out.columns.size() == table.x.cols();
        detail::gathered_features const narrow(
            table.x,
            all_columns ? std::vector<std::size_t>{} : detail::first_numbers(table.x.rows()),
            out.columns);
        features_view const x = all_columns ? features_view(table.x) : narrow.view();

        auto const labels_of_rows = of_labels ? kept.classes.at_codes(kept.codes) : labels{};
        auto const n_parts = detail::automl_folds(n_folds, rows.size(), least_of_class);
        std::vector<row_split> folds;
        if (n_parts == 1 && of_labels) {
            folds = detail::folds_of(
                stratified_shuffle_split{
                    .n_splits = 1, .test_size = 0.2, .random_state = random_state},
                rows, labels_of_rows);
        } else if (n_parts == 1) {
            folds = detail::folds_of(
                shuffle_split{.n_splits = 1, .test_size = 0.2, .random_state = random_state}, rows,
                {});
        } else if (of_labels) {
            folds = detail::folds_of(stratified_k_fold{n_parts, true, random_state}, rows,
                                     labels_of_rows);
        } else {
            folds = detail::folds_of(k_fold{n_parts, true, random_state}, rows, {});
        }

        portfolio_options options{
            .n_rows = rows.size(),
            .categorical_features = detail::places_of(table.categorical_features(), out.columns),
            .random_state = random_state};
        if (of_labels) {
            for (auto const& g : out.guardrails) {
                options.balance = options.balance || (g.kind == guardrail_kind::class_imbalance &&
                                                      g.state == guardrail_state::alerted);
            }
            detail::automl_of_labels kind{
                table.y, kept.classes, metric.value_or(classification_metric(metrics::log_loss))};
            out.metric = kind.metric.name();
            detail::automl_run run(kind, x, weights, rows, std::move(folds), until, inside);
            auto model =
                detail::run_portfolio(*this, run, classifier_portfolio(options), until, out);
            if (!all_columns)
                model = kind.of_columns(std::move(model), out.columns, table.x.cols());
            out.of_labels.emplace(std::move(model));
        } else {
            detail::automl_of_values kind{
                table.y, value_metric.value_or(regression_metric(metrics::mean_squared_error))};
            out.metric = kind.metric.name();
            detail::automl_run run(kind, x, weights, rows, std::move(folds), until, inside);
            auto model =
                detail::run_portfolio(*this, run, regressor_portfolio(options), until, out);
            if (!all_columns)
                model = kind.of_columns(std::move(model), out.columns, table.x.cols());
            out.of_values.emplace(std::move(model));
        }
    });
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return out;
}

}  // namespace copse
