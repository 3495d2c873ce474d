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

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/model_selection/alarm_clock.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/early_termination.hpp>
#include <copse/model_selection/fit_on_rows.hpp>
#include <copse/model_selection/journal.hpp>
#include <copse/model_selection/judge.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/model_selection/sampling.hpp>
#include <copse/model_selection/shuffle_split.hpp>
#include <copse/model_selection/space.hpp>
#include <copse/model_selection/study.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
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
    /// When a run begins and when it is over, one call at a time. It must not fit or predict.
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

namespace detail {

/// One search of one x.
template <class Trainer, class X, class Y>
class search_run {
public:
    using metric = metric_of<Trainer>;
    using options = search_options<metric>;
    using model = model_of<Trainer, X>;

    search_run(Trainer const& base, search_space<Trainer> const& space, options const& how, X x,
               Y y, std::vector<row_split> folds, any_backend const& inside)
        : base_(base),
          space_(space),
          options_(how),
          x_(x),
          y_(y),
          folds_(std::move(folds)),
          backend_(inside),
          metrics_(all_metrics(how)),
          goal_(how.goal.value_or(metrics_[0].greater_is_better() ? maximize : minimize)),
          judge_(how.early_termination, goal_ == maximize),
          bins_(bins_over(x)),
          journal_(how.journal, header()) {
        plan_points();
        take_test_rows();
    }

    [[nodiscard]] study<Trainer, model> operator()() {
        std::stop_callback const on_stop(options_.stop, [this] { over_.request_stop(); });
        {
            alarm_clock const alarm(options_.max_duration, over_);
            if (options_.mode == study_mode::deterministic) {
                run_waves();
            } else {
                run_as_they_come();
            }
        }
        std::vector<run_record> runs;
        for (auto& r : runs_) runs.push_back(std::move(r.record));
        auto refitted = best_model(runs);
        return {base_, space_, goal_, std::move(runs), std::move(refitted)};
    }

private:
    struct planned_run {
        run_record record;
        std::vector<double> u{};               // its coordinates
        std::optional<std::size_t> same_as{};  // an earlier run at the same point
    };

    // -- before the first run

    [[nodiscard]] static std::vector<metric> all_metrics(options const& how) {
        std::vector<metric> out;
        if (how.primary_metric) out.push_back(*how.primary_metric);
        add_default_metric(out);
        out.insert(out.end(), how.metrics.begin(), how.metrics.end());
        return out;
    }
    /// What makes it another search.
    [[nodiscard]] json header() const {
        json::list parameters, metrics;
        for (auto const& d : space_.dimensions()) parameters.emplace_back(d.name);
        for (auto const& m : metrics_) metrics.emplace_back(m.name());
        return json(json::object{
            {"copse_study", "rows", "columns", "splits", "parameters", "metrics", "sampling",
             "early_termination", "random_state"},
            {json(1.0), json(x_.rows()), json(x_.cols()), json(folds_.size()),
             json(std::move(parameters)), json(std::move(metrics)), json(options_.sampling.index()),
             json(name_of(options_.early_termination)),
             json(detail::sentence(options_.random_state))}});
    }
    void plan_points() {
        n_runs_ = options_.max_total_runs;
        if (!std::holds_alternative<grid_sampling>(options_.sampling)) return;
        auto const own = space_.point_of(base_);
        grid_ = grid_of(space_, options_.max_total_runs);
        std::erase_if(grid_, [&](point const& at) { return same_point(at, own); });
        n_runs_ = std::min(n_runs_, grid_.size() + 1);
    }
    /// One split's rows to test are needed after every round of every run: copied once.
    void take_test_rows() {
        if constexpr (watches_rounds) {
            if (!is_watched()) return;
            auto const& test = folds_[0].test;
            x_.visit([&](auto rows) { test_x_ = take(rows, test); });
            test_y_ = take(y_, test);
            if (!options_.sample_weight.empty()) test_weight_ = take(options_.sample_weight, test);
        }
    }

    [[nodiscard]] static bool same_point(point const& a, point const& b) {
        for (std::size_t d = 0; d < a.size(); ++d) {
            if (a[d] != b[d] && !(std::isnan(a[d]) && std::isnan(b[d]))) return false;
        }
        return true;
    }

    // -- which runs there are

    /// Adds the next run, which may know of the first n_known ones; those after it are running.
    void propose(std::size_t n_known) {
        planned_run next;
        next.record.index = runs_.size();
        auto& at = next.record.point;
        if (next.record.index == 0) {
            at = space_.point_of(base_);
        } else if (std::holds_alternative<grid_sampling>(options_.sampling)) {
            at = grid_[next.record.index - 1];
        } else {
            at = drawn_point(space_, options_.sampling, options_.random_state,
                             next.record.index - 1, observations(n_known));
        }
        next.u = coordinates_of(space_, at);
        next.record.parameters = space_.named(at);
        if (next.record.index > 0) {
            for (std::size_t r = 0; r < runs_.size() && !next.same_as; ++r) {
                // Run 0 may have values that are no options, which its point does not tell.
                if (r > 0 && same_point(runs_[r].record.point, at)) next.same_as = r;
            }
        }
        runs_.push_back(std::move(next));
    }
    [[nodiscard]] std::vector<observation> observations(std::size_t n_known) const {
        std::vector<observation> out;
        auto const add = [&](run_record const& run, std::vector<double> u, bool known) {
            bool const scored = run.is_finished() ||
                                (run.status == run_status::stopped_early && !std::isnan(run.score));
            if (known && !scored) return;
            out.push_back({std::move(u), known ? loss_of(run.score) : 0.0, !known});
        };
        for (auto const& run : options_.warm_start)
            add(run, coordinates_of(space_, run.point), true);
        for (std::size_t r = 0; r < runs_.size(); ++r) {
            auto const& run = runs_[r];
            bool const known = r < n_known && run.record.status != run_status::running &&
                               run.record.status != run_status::queued;
            add(run.record, run.u, known);
        }
        return out;
    }
    [[nodiscard]] double loss_of(double score) const { return goal_ == maximize ? -score : score; }

    // -- how they are run

    /// More runs at a time than threads would only cost memory.
    [[nodiscard]] std::size_t n_workers(std::size_t n) const {
        return std::min({n, options_.max_concurrent_runs, backend_.concurrency()});
    }
    void run_waves() {
        while (runs_.size() < n_runs_ && !over_.stop_requested()) {
            auto const first = runs_.size();
            auto const n = std::min(options_.wave_size, n_runs_ - first);
            for (std::size_t i = 0; i < n; ++i) propose(first);
            std::vector<std::size_t> todo;
            for (auto r = first; r < first + n; ++r) {
                if (!take_known(r)) todo.push_back(r);
            }
            for (auto const r : todo)
                prepare_bins(bins_ ? &*bins_ : nullptr, trainer_of(r), x_, backend_);
            std::atomic<std::size_t> next = 0;
            for_each_component(backend_, n_workers(todo.size()), [&](std::size_t) {
                for (auto i = next++; i < todo.size(); i = next++) run_one(todo[i], first);
            });
            for (auto r = first; r < first + n; ++r) {
                if (runs_[r].same_as && runs_[r].record.status == run_status::queued) take_over(r);
            }
        }
    }
    void run_as_they_come() {
        prepare_bins(bins_ ? &*bins_ : nullptr, base_, x_, backend_);
        for_each_component(backend_, n_workers(n_runs_), [&](std::size_t) {
            for (;;) {
                std::size_t r = 0;
                {
                    std::lock_guard const lock(guard_);
                    if (runs_.size() >= n_runs_ || over_.stop_requested()) return;
                    r = runs_.size();
                    propose(r);
                    if (auto const* const known = journal_.find(r)) {
                        restore(r, *known);
                        continue;
                    }
                    runs_[r].record.status = run_status::running;
                }
                run_one(r, unlimited);
            }
        });
    }

    /// Whether the run is over before it began: by the journal, or because it is an earlier one.
    [[nodiscard]] bool take_known(std::size_t r) {
        auto& run = runs_[r];
        if (auto const* const known = journal_.find(r, run.record.point)) {
            restore(r, *known);
            return true;
        }
        return run.same_as.has_value();
    }
    void restore(std::size_t r, run_record const& known) {
        auto& run = runs_[r];
        run.record = known;
        run.u = coordinates_of(space_, known.point);
        run.record.parameters = space_.named(known.point);
        for (std::size_t m = 0; m < run.record.scores.size() && m < metrics_.size(); ++m)
            run.record.scores[m].greater_is_better = metrics_[m].greater_is_better();
    }
    void take_over(std::size_t r) {
        auto const& from = runs_[*runs_[r].same_as].record;
        auto& to = runs_[r].record;
        to.status = from.status;
        to.score = from.score;
        to.scores = from.scores;
        to.reports = from.reports;
        to.reason =
            sentence("the same as run ", from.index, from.reason.empty() ? "" : ", ", from.reason);
        finish(to);
    }

    /// Runs r, which may compare itself with the first n_known ones.
    void run_one(std::size_t r, std::size_t n_known) {
        run_record record;
        {
            std::lock_guard const lock(guard_);
            auto& own = runs_[r].record;
            own.status = over_.stop_requested() ? run_status::cancelled : run_status::running;
            if (own.status == run_status::cancelled) own.reason = search_is_over;
            record = own;
            if (options_.on_run) options_.on_run(record);
        }
        auto const begin = seconds_clock::now();
        if (record.status == run_status::running)
            backend_.isolate([&] { evaluate(record, n_known); });
        record.seconds = seconds_since(begin);
        std::lock_guard const lock(guard_);
        runs_[r].record = record;
        finish(runs_[r].record);
    }
    /// Tells everybody.
    void finish(run_record const& record) {
        journal_.add(record);
        if (options_.on_run) options_.on_run(record);
    }

    [[nodiscard]] Trainer trainer_of(std::size_t r) const {
        return r == 0 ? base_ : space_.at(base_, runs_[r].record.point);
    }

    // -- one run

    static constexpr char const* search_is_over = "the search is over";
    static constexpr bool watches_rounds = boosts<Trainer> && shares_bins<Trainer, X, Y>;

    [[nodiscard]] bool is_watched() const {
        return folds_.size() == 1 &&
               !std::holds_alternative<no_termination>(options_.early_termination);
    }

    void evaluate(run_record& record, std::size_t n_known) {
        std::stop_source stop;
        std::stop_callback const on_over(over_.get_token(), [&] { stop.request_stop(); });
        alarm_clock const alarm(options_.max_run_duration, stop);
        bool given_up = false;
        auto const report = [&](double score) {
            if (given_up) return;
            given_up = gives_up(record, score, n_known);
            if (given_up) stop.request_stop();
        };
        try {
            run_folds(record, stop, report);
            if (given_up) throw stopped("given up");
            record.score = record.scores[0].mean();
            record.status = run_status::finished;
            if (std::isnan(record.score)) fail(record, "the score is NaN");
        } catch (stopped const&) {
            record.scores.clear();
            if (!record.reports.empty()) record.score = record.reports.back();
            record.status = given_up ? run_status::stopped_early : run_status::cancelled;
            record.reason = given_up ? std::string(name_of(options_.early_termination))
                            : over_.stop_requested() ? search_is_over
                                                     : "max_run_duration is over";
        } catch (std::exception const& e) {
            fail(record, e.what());
        }
    }
    static void fail(run_record& record, std::string_view why) {
        record.scores.clear();
        record.score = std::numeric_limits<double>::quiet_NaN();
        record.status = run_status::failed;
        record.reason = why;
    }

    template <class Report>
    void run_folds(run_record& record, std::stop_source const& stop, Report const& report) {
        auto const trainer = record.index == 0 ? base_ : space_.at(base_, record.point);
        record.scores = empty_scores(metrics_, folds_.size(), false);
        auto const one = [&](std::size_t f, row_fit<Y>& fit) {
            fit.rows = folds_[f].train;
            fit.sample_weight = options_.sample_weight;
            fit.stop = stop.get_token();
            fit.bins = bins_ ? &*bins_ : nullptr;
            auto const fitted = fit_on_rows(trainer, x_, y_, fit, backend_);
            if (fit.stop.stop_requested()) throw stopped("stopped between a fit and its scores");
            auto const said =
                judged(fitted, x_, y_, folds_[f].test, options_.sample_weight, metrics_, backend_);
            for (std::size_t m = 0; m < said.size(); ++m) record.scores[m].test[f] = said[m];
        };
        if (std::holds_alternative<no_termination>(options_.early_termination)) {
            for_each_component(backend_, folds_.size(), stop.get_token(), [&](std::size_t f) {
                row_fit<Y> fit;
                one(f, fit);
            });
            return;
        }
        double sum = 0;
        for (std::size_t f = 0; f < folds_.size(); ++f) {
            row_fit<Y> fit;
            bool const by_rounds = watch(fit, report);
            one(f, fit);
            sum += record.scores[0].test[f];
            if (!by_rounds) report(sum / static_cast<double>(f + 1));
            if (f + 1 < folds_.size() && stop.stop_requested())
                throw stopped("stopped between splits");
        }
    }
    /// Whether the fit will report after each round.
    template <class Report>
    [[nodiscard]] bool watch([[maybe_unused]] row_fit<Y>& fit,
                             [[maybe_unused]] Report const& report) const {
        if constexpr (watches_rounds) {
            if (!is_watched()) return false;
            fit.judged.emplace();
            std::visit([&](auto const& x) { fit.judged->x = x; }, test_x_);
            fit.judged->y = test_y_;
            fit.judged->sample_weight = test_weight_;
            fit.metric = metrics_[0];
            fit.on_iteration = [&report](progress const& p) { report(p.validation_scores[0]); };
            return true;
        } else {
            return false;
        }
    }
    /// Notes the report; whether the run is to be stopped.
    [[nodiscard]] bool gives_up(run_record& record, double score, std::size_t n_known) {
        record.reports.push_back(score);
        std::vector<reports_of_run> others;
        std::unique_lock<std::mutex> lock;
        if (n_known == unlimited) {
            lock = std::unique_lock(guard_);
            runs_[record.index].record.reports = record.reports;
        }
        for (auto const& run : options_.warm_start) others.push_back({run.index, run.reports});
        for (std::size_t r = 0; r < std::min(n_known, runs_.size()); ++r) {
            auto const& other = runs_[r].record;
            if (r != record.index)
                others.push_back({r, other.reports, other.status != run_status::running});
        }
        return judge_.stops({record.index, record.reports, false}, others);
    }

    // -- after the last run

    [[nodiscard]] std::optional<model> best_model(std::vector<run_record> const& runs) const {
        auto const* const best = best_of(runs, goal_);
        if (!options_.refit || best == nullptr || options_.stop.stop_requested())
            return std::nullopt;
        auto const trainer = best->index == 0 ? base_ : space_.at(base_, best->point);
        try {
            return fit_gathered(trainer, x_, y_, options_.sample_weight, options_.stop, backend_);
        } catch (stopped const&) {
            return std::nullopt;
        }
    }

    Trainer const& base_;
    search_space<Trainer> const& space_;
    options const& options_;
    X x_;
    Y y_;
    std::vector<row_split> folds_;
    any_backend backend_;
    std::vector<metric> metrics_;
    copse::goal goal_;
    judge_of_runs judge_;
    std::optional<shared_bins> bins_;
    study_journal journal_;
    std::size_t n_runs_ = 0;
    std::vector<point> grid_{};
    std::variant<matrix<float>, matrix<double>> test_x_{};
    std::conditional_t<classifies<Trainer>, labels, column<double>> test_y_{};
    column<double> test_weight_{};
    std::stop_source over_{};
    std::mutex guard_{};
    std::deque<planned_run> runs_{};  // which do not move
};

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
