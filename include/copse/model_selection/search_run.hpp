// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// One search of one x: which runs there are and in what order, what each may know of the others,
/// and what is noted of them. What a run is worth: evaluation.hpp.

#include <copse/core/errors.hpp>
#include <copse/core/limits.hpp>
#include <copse/model_selection/alarm_clock.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/early_termination.hpp>
#include <copse/model_selection/evaluation.hpp>
#include <copse/model_selection/fit_on_rows.hpp>
#include <copse/model_selection/journal.hpp>
#include <copse/model_selection/json.hpp>
#include <copse/model_selection/sampling.hpp>
#include <copse/model_selection/search_options.hpp>
#include <copse/model_selection/space.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/model_selection/study.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse::detail {

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
          shape_{x.rows(), x.cols()},
          backend_(inside),
          judge_(x, y, std::move(folds), how.sample_weight, all_metrics(how),
                 !std::holds_alternative<no_termination>(how.early_termination), inside),
          goal_(how.goal.value_or(judge_.metrics()[0].greater_is_better() ? maximize : minimize)),
          termination_(how.early_termination, goal_ == maximize),
          journal_(how.journal, header()) {
        plan_points();
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
        for (auto const& m : judge_.metrics()) metrics.emplace_back(m.name());
        return json(json::object{
            {"copse_study", "rows", "columns", "splits", "parameters", "metrics", "sampling",
             "early_termination", "random_state"},
            {json(1.0), json(shape_[0]), json(shape_[1]), json(judge_.n_folds()),
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
            for (auto const r : todo) judge_.prepare(trainer_of(r));
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
        judge_.prepare(base_);
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
        auto const& metrics = judge_.metrics();
        for (std::size_t m = 0; m < run.record.scores.size() && m < metrics.size(); ++m)
            run.record.scores[m].greater_is_better = metrics[m].greater_is_better();
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

    void evaluate(run_record& record, std::size_t n_known) {
        std::stop_source stop;
        auto const request = [&] { stop.request_stop(); };
        std::stop_callback const on_over(over_.get_token(), request);
        std::stop_callback const on_cancel(record.handle.token(), request);
        alarm_clock const alarm(options_.max_run_duration, stop);
        bool given_up = false;
        auto const report = [&](double score) {
            if (given_up) return;
            given_up = gives_up(record, score, n_known);
            if (given_up) stop.request_stop();
        };
        try {
            record.scores = judge_(trainer_of(record.index), stop.get_token(), report);
            if (given_up) throw stopped("given up");
            record.score = record.scores[0].mean();
            record.status = run_status::finished;
            if (std::isnan(record.score)) fail(record, "the score is NaN");
        } catch (stopped const&) {
            record.scores.clear();
            if (!record.reports.empty()) record.score = record.reports.back();
            record.status = given_up ? run_status::stopped_early : run_status::cancelled;
            record.reason = given_up ? std::string(name_of(options_.early_termination))
                            : record.handle.is_cancelled() ? "the run was cancelled"
                            : over_.stop_requested()       ? search_is_over
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
        return termination_.stops({record.index, record.reports, false}, others);
    }

    // -- after the last run

    [[nodiscard]] std::optional<model> best_model(std::vector<run_record> const& runs) const {
        auto const* const best = best_of(runs, goal_);
        if (!options_.refit || best == nullptr || options_.stop.stop_requested())
            return std::nullopt;
        auto const trainer = best->index == 0 ? base_ : space_.at(base_, best->point);
        try {
            return judge_.fit_all(trainer, options_.stop);
        } catch (stopped const&) {
            return std::nullopt;
        }
    }

    Trainer const& base_;
    search_space<Trainer> const& space_;
    options const& options_;
    std::array<std::size_t, 2> shape_;  // of x
    any_backend backend_;
    evaluation<Trainer, X, Y> judge_;
    copse::goal goal_;
    judge_of_runs termination_;
    study_journal journal_;
    std::size_t n_runs_ = 0;
    std::vector<point> grid_{};
    std::stop_source over_{};
    std::mutex guard_{};
    std::deque<planned_run> runs_{};  // which do not move
};

}  // namespace copse::detail
