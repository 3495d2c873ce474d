// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// When a search gives up on a run: rules over what runs have reported, interval by interval.
///
///     {.early_termination = median_stopping{.delay_evaluation = 5}}
///     bandit{.slack_factor = 0.1}     bandit{.slack_amount = 0.02}
///     truncation_selection{.truncation_percentage = 20}     asha{}     no_termination{}
///
/// An interval is one report of the primary metric. If there is one split, that is a round of
/// boosting, a tree of a forest, a step of a linear solver or an epoch, whatever the trainer tells
/// its on_iteration of; else, and for other trainers, a split, whose report is the mean over the
/// splits so far. Intervals count from 1. Bandit, median
/// and truncation are asked where the interval is a multiple of evaluation_interval and at least
/// delay_evaluation, as Azure's HyperDrive does. A NaN is worse than any number.
///
/// D. Golovin et al., "Google Vizier: A Service for Black-Box Optimization", KDD 2017, section
/// 3.5.2 (median); L. Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys
/// 2020, algorithm 2 (ASHA).

#include <copse/core/errors.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace copse {

/// No run is given up.
struct no_termination {
    bool operator==(no_termination const&) const = default;
};

/// Stops a run whose best report so far is outside the slack of the best of any run up to the same
/// interval: of a greatest b > 0, below b / (1 + slack_factor), or below b - slack_amount; of a
/// least, above b (1 + slack_factor), or above b + slack_amount. Exactly one slack is given.
struct bandit {
    std::optional<double> slack_factor{};
    std::optional<double> slack_amount{};
    std::size_t evaluation_interval = 1;
    std::size_t delay_evaluation = 0;

    bool operator==(bandit const&) const = default;
};

/// Stops a run whose best report so far is worse than the median, over the runs that have come to
/// this interval, of the means of their reports up to it.
struct median_stopping {
    std::size_t evaluation_interval = 1;
    std::size_t delay_evaluation = 0;

    bool operator==(median_stopping const&) const = default;
};

/// Stops a run whose report is among the worst truncation_percentage of all runs' reports at this
/// interval, or at their last before it; of equals none.
struct truncation_selection {
    std::size_t truncation_percentage = 20;  ///< 1 to 99
    std::size_t evaluation_interval = 1;
    std::size_t delay_evaluation = 0;
    bool exclude_finished_runs = false;  ///< in a deterministic study no other run is unfinished

    bool operator==(truncation_selection const&) const = default;
};

/// Asynchronous successive halving: at intervals min_resource * reduction_factor^k, k >= the run's
/// bracket, a run goes on if its report is in the best 1 / reduction_factor of those that its
/// bracket's runs made there, or the best of fewer. Run i is in bracket i mod n_brackets; several
/// brackets are Hyperband's.
struct asha {
    std::size_t min_resource = 1;
    std::size_t reduction_factor = 4;
    std::size_t n_brackets = 1;

    bool operator==(asha const&) const = default;
};

using termination_rule =
    std::variant<no_termination, bandit, median_stopping, truncation_selection, asha>;

namespace detail {

/// What a run has reported.
struct reports_of_run {
    std::size_t run = 0;
    std::span<double const> values{};
    bool is_over = true;
};

inline void check_rule(std::string_view who, termination_rule const& rule) {
    std::visit(
        [&](auto const& r) {
            if constexpr (requires { r.evaluation_interval; }) {
                if (r.evaluation_interval < 1) {
                    throw invalid_input(
                        sentence(who, ": evaluation_interval is 0; it must be at least 1"));
                }
            }
            if constexpr (requires { r.slack_factor; }) {
                if (r.slack_factor.has_value() == r.slack_amount.has_value()) {
                    throw invalid_input(
                        sentence(who, ": bandit has ", r.slack_factor.has_value() ? 2 : 0,
                                 " of slack_factor and slack_amount; it needs exactly 1"));
                }
                auto const slack = r.slack_factor.value_or(r.slack_amount.value_or(0));
                if (!(slack >= 0) || !std::isfinite(slack)) {
                    throw invalid_input(sentence(who, ": bandit's slack is ", slack,
                                                 "; it must be at least 0 and finite"));
                }
            }
            if constexpr (requires { r.truncation_percentage; }) {
                if (r.truncation_percentage < 1 || r.truncation_percentage > 99) {
                    throw invalid_input(sentence(who, ": truncation_percentage is ",
                                                 r.truncation_percentage, "; it must be in 1..99"));
                }
            }
            if constexpr (requires { r.reduction_factor; }) {
                if (r.min_resource < 1 || r.reduction_factor < 2 || r.n_brackets < 1) {
                    throw invalid_input(sentence(who, ": asha has min_resource ", r.min_resource,
                                                 ", reduction_factor ", r.reduction_factor,
                                                 " and n_brackets ", r.n_brackets,
                                                 "; they must be at least 1, 2 and 1"));
                }
            }
        },
        rule);
}

[[nodiscard]] inline std::string_view name_of(termination_rule const& rule) {
    constexpr std::string_view names[] = {"no_termination", "bandit", "median_stopping",
                                          "truncation_selection", "asha"};
    return names[rule.index()];
}

/// Decides for one run. Reports are compared as "greater is better".
class judge_of_runs {
public:
    judge_of_runs(termination_rule const& rule, bool greater_is_better)
        : rule_(rule), sign_(greater_is_better ? 1 : -1) {}

    /// Whether to stop `own` after its latest report, in view of `others`.
    [[nodiscard]] bool stops(reports_of_run const& own,
                             std::vector<reports_of_run> const& others) const {
        if (own.values.empty() || others.empty()) return false;
        return std::visit(
            [&](auto const& rule) {
                if constexpr (requires { rule.evaluation_interval; }) {
                    auto const n = own.values.size();
                    if (n % rule.evaluation_interval != 0 || n < rule.delay_evaluation)
                        return false;
                }
                return stops_by(rule, own, others);
            },
            rule_);
    }

private:
    [[nodiscard]] double as_gain(double value) const {
        return std::isnan(value) ? -std::numeric_limits<double>::infinity() : sign_ * value;
    }
    /// Of the first n reports, or all if there are fewer.
    [[nodiscard]] double best(std::span<double const> values, std::size_t n) const {
        double out = -std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < std::min(n, values.size()); ++i)
            out = std::max(out, as_gain(values[i]));
        return out;
    }

    [[nodiscard]] static bool stops_by(no_termination const&, reports_of_run const&,
                                       std::vector<reports_of_run> const&) {
        return false;
    }
    [[nodiscard]] bool stops_by(bandit const& rule, reports_of_run const& own,
                                std::vector<reports_of_run> const& others) const {
        auto const n = own.values.size();
        auto best_of_all = best(own.values, n);
        for (auto const& other : others) best_of_all = std::max(best_of_all, best(other.values, n));
        double allowed = best_of_all - rule.slack_amount.value_or(0);
        if (rule.slack_factor) {
            // A gain above 0 shrinks, one below 0, a loss say, grows: worse either way.
            auto const factor = 1 + *rule.slack_factor;
            allowed = best_of_all > 0 ? best_of_all / factor : best_of_all * factor;
        }
        return best(own.values, n) < allowed;
    }
    [[nodiscard]] bool stops_by(median_stopping const&, reports_of_run const& own,
                                std::vector<reports_of_run> const& others) const {
        auto const n = own.values.size();
        std::vector<double> means;
        for (auto const& other : others) {
            if (other.values.size() < n) continue;
            double sum = 0;
            for (std::size_t i = 0; i < n; ++i) sum += as_gain(other.values[i]);
            means.push_back(sum / static_cast<double>(n));
        }
        if (means.empty()) return false;
        std::ranges::sort(means);
        auto const half = means.size() / 2;
        auto const median =
            means.size() % 2 == 1 ? means[half] : (means[half - 1] + means[half]) / 2;
        return best(own.values, n) < median;
    }
    [[nodiscard]] bool stops_by(truncation_selection const& rule, reports_of_run const& own,
                                std::vector<reports_of_run> const& others) const {
        auto const n = own.values.size();
        auto const mine = as_gain(own.values[n - 1]);
        std::size_t compared = 1;
        std::size_t not_better = 0;
        for (auto const& other : others) {
            if (other.values.empty() || (rule.exclude_finished_runs && other.is_over)) continue;
            ++compared;
            auto const theirs = as_gain(other.values[std::min(n, other.values.size()) - 1]);
            not_better += theirs <= mine ? 1 : 0;
        }
        return not_better < compared * rule.truncation_percentage / 100;
    }
    [[nodiscard]] bool stops_by(asha const& rule, reports_of_run const& own,
                                std::vector<reports_of_run> const& others) const {
        auto const n = own.values.size();
        auto const bracket = own.run % rule.n_brackets;
        if (!is_rung(rule, n, bracket)) return false;
        auto const mine = as_gain(own.values[n - 1]);
        std::size_t compared = 1;
        std::size_t better = 0;
        for (auto const& other : others) {
            if (other.values.size() < n || other.run % rule.n_brackets != bracket) continue;
            ++compared;
            better += as_gain(other.values[n - 1]) > mine ? 1 : 0;
        }
        return better >= std::max(compared / rule.reduction_factor, std::size_t{1});
    }
    [[nodiscard]] static bool is_rung(asha const& rule, std::size_t n, std::size_t bracket) {
        auto at = rule.min_resource;
        for (std::size_t k = 0; at <= n; ++k) {
            if (at == n) return k >= bracket;
            if (at > n / rule.reduction_factor) return false;
            at *= rule.reduction_factor;
        }
        return false;
    }

    termination_rule rule_;
    double sign_;
};

}  // namespace detail
}  // namespace copse
