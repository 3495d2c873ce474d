// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a search found: every run with its parameters, scores and end, and the best of them.
///
///     study.best_run().parameters;      study.best_model();      study.best_trainer();
///     write(study.to_csv());            for (run_record const& r : study.runs()) ...

#include <copse/core/errors.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/json.hpp>
#include <copse/model_selection/space.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// Which way a score is to go.
enum class goal { maximize, minimize };
inline constexpr auto maximize = goal::maximize;
inline constexpr auto minimize = goal::minimize;

enum class run_status {
    queued,  ///< the search ended before it began
    running,
    finished,
    stopped_early,  ///< given up by the rule of early termination; reason says which
    failed,         ///< by an error, which reason has, or a score that is NaN
    cancelled       ///< by a stop request, or out of time
};

[[nodiscard]] constexpr std::string_view name_of(run_status status) noexcept {
    constexpr std::string_view names[] = {"queued",        "running", "finished",
                                          "stopped_early", "failed",  "cancelled"};
    return names[static_cast<std::size_t>(status)];
}

/// A way to one run of a search that is going on. Copies are of the same run; it may be used from
/// any thread, and after the search, when it does nothing.
class run_handle {
public:
    /// The run is stopped at its next tree, round, pass or split, and is then cancelled; one that
    /// is over stays as it is. It has no score and teaches the search nothing.
    void cancel() const {
        auto source = source_;
        source.request_stop();
    }
    [[nodiscard]] bool is_cancelled() const noexcept { return source_.stop_requested(); }
    [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }

private:
    std::stop_source source_{};
};

/// One run of a search.
struct run_record {
    std::size_t index = 0;
    run_status status = run_status::queued;
    std::vector<named_value> parameters{};  ///< those that count in this run
    /// Of the primary metric, the mean over the splits; of a run that did not finish its last
    /// report, or NaN.
    double score = std::numeric_limits<double>::quiet_NaN();
    std::vector<metric_scores> scores{};  ///< the primary metric, then the others
    std::vector<double> reports{};        ///< of the primary metric, one for each interval
    double seconds = 0;                   ///< wall clock, whatever else ran meanwhile
    std::string reason{};                 ///< why it is not finished
    detail::point point{};                ///< the parameters as numbers
    run_handle handle{};                  ///< to cancel it

    [[nodiscard]] bool is_finished() const noexcept { return status == run_status::finished; }
};

/// A search that is over. `Model` is what the trainer fits.
template <class Trainer, class Model>
class study {
public:
    study(Trainer base, search_space<Trainer> space, copse::goal goal, std::vector<run_record> runs,
          std::optional<Model> model)
        : base_(std::move(base)),
          space_(std::move(space)),
          goal_(goal),
          runs_(std::move(runs)),
          model_(std::move(model)) {}

    /// In the order of their numbers. Run 0 is the trainer as it was given.
    [[nodiscard]] std::vector<run_record> const& runs() const noexcept { return runs_; }
    [[nodiscard]] copse::goal goal() const noexcept { return goal_; }

    /// The finished run of the best score; of equals the first.
    /// Throws invalid_input if none finished, with the first run's reason.
    [[nodiscard]] run_record const& best_run() const;
    /// The trainer that it was a run of.
    [[nodiscard]] Trainer best_trainer() const { return space_.at(base_, best_run().point); }
    /// That trainer's model of all rows. Throws invalid_input if it was not refitted: by request,
    /// or because no run finished or a stop was requested.
    [[nodiscard]] Model const& best_model() const {
        if (!model_) {
            (void)best_run();
            throw invalid_input("study::best_model: the best trainer was not refitted");
        }
        return *model_;
    }

    /// A line for each run: run, status, score, seconds, parameters, other metrics, reason.
    [[nodiscard]] std::string to_csv() const;
    /// A list of objects, one for each run.
    [[nodiscard]] std::string to_json() const;

private:
    Trainer base_;
    search_space<Trainer> space_;
    copse::goal goal_;
    std::vector<run_record> runs_;
    std::optional<Model> model_;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// The finished run of the best score, or null.
[[nodiscard]] inline run_record const* best_of(std::vector<run_record> const& runs, goal to) {
    run_record const* best = nullptr;
    for (auto const& run : runs) {
        if (!run.is_finished()) continue;
        bool const better =
            best != nullptr && (to == maximize ? run.score > best->score : run.score < best->score);
        if (best == nullptr || better) best = &run;
    }
    return best;
}

[[nodiscard]] inline std::string table_cell(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
    std::string out = "\"";
    for (auto const c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}
[[nodiscard]] inline std::string table_cell(double value) {
    return std::isnan(value) ? std::string() : sentence(value);
}

[[nodiscard]] inline json json_of(named_value const& v) {
    return std::visit([](auto const& value) { return json(value); }, v.value);
}

/// A run as a study's journal and its table have it.
[[nodiscard]] inline json json_of(run_record const& run) {
    json::object parameters, scores;
    for (auto const& p : run.parameters) {
        parameters.names.push_back(p.name);
        parameters.values.push_back(json_of(p));
    }
    for (auto const& s : run.scores) {
        scores.names.push_back(s.name);
        scores.values.push_back(json(s.test));
    }
    return json(json::object{
        {"run", "status", "score", "seconds", "parameters", "scores", "reports", "reason", "point"},
        {json(run.index), json(name_of(run.status)), json(run.score), json(run.seconds),
         json(std::move(parameters)), json(std::move(scores)), json(run.reports), json(run.reason),
         json(run.point)}});
}

}  // namespace detail

template <class Trainer, class Model>
run_record const& study<Trainer, Model>::best_run() const {
    if (auto const* const best = detail::best_of(runs_, goal_)) return *best;
    throw invalid_input(detail::sentence("study::best_run: of ", runs_.size(),
                                         " runs 0 finished; run 0 ", name_of(runs_.front().status),
                                         runs_.front().reason.empty() ? "" : ": ",
                                         runs_.front().reason));
}

template <class Trainer, class Model>
std::string study<Trainer, Model>::to_csv() const {
    // Branches may share a name; a name is one column.
    std::vector<std::string> columns;
    for (auto const& d : space_.dimensions()) {
        if (std::ranges::find(columns, d.name) == columns.end()) columns.push_back(d.name);
    }
    std::vector<std::string> metrics;
    for (auto const& run : runs_) {
        for (std::size_t m = metrics.size() + 1; m < run.scores.size(); ++m)
            metrics.push_back(run.scores[m].name);
    }
    std::string out = "run,status,score,seconds";
    for (auto const& name : columns) out += ',' + detail::table_cell(name);
    for (auto const& name : metrics) out += ',' + detail::table_cell(name);
    out += ",reason\n";
    for (auto const& run : runs_) {
        out += detail::sentence(run.index, ",", name_of(run.status), ",",
                                detail::table_cell(run.score), ",", run.seconds);
        for (auto const& name : columns) {
            auto const at = std::ranges::find(run.parameters, name, &named_value::name);
            out += ',';
            if (at != run.parameters.end()) out += detail::table_cell(at->to_string());
        }
        for (std::size_t m = 0; m < metrics.size(); ++m) {
            out += ',';
            if (m + 1 < run.scores.size()) out += detail::table_cell(run.scores[m + 1].mean());
        }
        out += ',' + detail::table_cell(run.reason) + '\n';
    }
    return out;
}

template <class Trainer, class Model>
std::string study<Trainer, Model>::to_json() const {
    detail::json::list out;
    for (auto const& run : runs_) out.push_back(detail::json_of(run));
    return detail::json(std::move(out)).to_string();
}

}  // namespace copse
