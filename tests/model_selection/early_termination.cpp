// SPDX-License-Identifier: BSD-3-Clause
// Traces worked by hand.
#include <copse/model_selection/early_termination.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <limits>
#include <vector>

using namespace copse;

namespace {

using values = std::vector<double>;

/// Whether the rule stops a run that reported `own`, the others having reported `others`.
bool stops(termination_rule const& rule, values const& own, std::vector<values> const& others,
           bool greater = true, std::size_t run = 100) {
    std::vector<detail::reports_of_run> list;
    for (std::size_t i = 0; i < others.size(); ++i) list.push_back({i, others[i], true});
    return detail::judge_of_runs(rule, greater).stops({run, own, false}, list);
}

}  // namespace

TEST_CASE("bandit stops outside the slack of the best, as HyperDrive's example has it") {
    // Best 0.8, factor 0.2: stopped below 0.8 / 1.2 = 0.6667.
    bandit const factor{.slack_factor = 0.2};
    CHECK(stops(factor, {0.66}, {{0.8}}));
    CHECK(!stops(factor, {0.67}, {{0.8}}));
    CHECK(!stops(factor, {0.7, 0.1}, {{0.8, 0.8}}));  // its best so far counts
    CHECK(!stops(factor, {0.66}, {{0.1, 0.8}}));      // the other had 0.1 at interval 1
    bandit const amount{.slack_amount = 0.1};
    CHECK(stops(amount, {0.69}, {{0.8}}));
    CHECK(!stops(amount, {0.71}, {{0.8}}));
    // Losses: best 0.5, stopped above 0.5 * 1.2 = 0.6, or above 0.6.
    CHECK(stops(factor, {0.61}, {{0.5}}, false));
    CHECK(!stops(factor, {0.59}, {{0.5}}, false));
    CHECK(stops(amount, {0.61}, {{0.5}}, false));
    CHECK(!stops(amount, {0.59}, {{0.5}}, false));
}

TEST_CASE("rules are asked at multiples of the interval, not before the delay") {
    bandit const rule{.slack_amount = 0.1, .evaluation_interval = 2, .delay_evaluation = 4};
    std::vector<values> const others{{1, 1, 1, 1, 1, 1}};
    CHECK(!stops(rule, {0, 0}, others));
    CHECK(!stops(rule, {0, 0, 0}, others));
    CHECK(stops(rule, {0, 0, 0, 0}, others));
    CHECK(!stops(rule, {0, 0, 0, 0, 0}, others));
    CHECK(stops(rule, {0, 0, 0, 0, 0, 0}, others));
}

TEST_CASE("median stopping compares the best so far with the median of running averages") {
    // Running averages up to interval 2: 0.5, 0.7, 0.9; median 0.7.
    std::vector<values> const others{{0.4, 0.6}, {0.6, 0.8}, {0.8, 1.0, 1.0}, {0.99}};
    median_stopping const rule{};
    CHECK(stops(rule, {0.1, 0.69}, others));
    CHECK(!stops(rule, {0.1, 0.71}, others));
    CHECK(!stops(rule, {0.71, 0.1}, others));
    // Of two, the mean of both: (0.5 + 0.7) / 2.
    CHECK(stops(rule, {0.1, 0.59}, {others[0], others[1]}));
    CHECK(!stops(rule, {0.1, 0.61}, {others[0], others[1]}));
    CHECK(!stops(rule, {0.1, 0.1, 0.1}, {others[0]}));  // nobody has come so far
    CHECK(stops(rule, {0.9, 0.71}, others, false));
    CHECK(!stops(rule, {0.9, 0.69}, others, false));
}

TEST_CASE("truncation stops the worst share, at the same or the last interval") {
    // Five others and itself: 40 % of 6 are 2 runs.
    std::vector<values> const others{{0.1}, {0.2}, {0.3, 0.9}, {0.4}, {0.5}};
    truncation_selection const rule{.truncation_percentage = 40};
    CHECK(stops(rule, {0.15}, others));
    CHECK(!stops(rule, {0.25}, others));
    CHECK(stops(rule, {0.9, 0.15}, others));
    CHECK(!stops(rule, {0.5}, {{0.5}, {0.5}, {0.5}}));
    auto running = rule;
    running.exclude_finished_runs = true;
    CHECK(!stops(running, {0.0}, others));
}

TEST_CASE("ASHA lets the best quarter pass each rung, and the best of fewer") {
    asha const rule{.min_resource = 1, .reduction_factor = 4};
    std::vector<values> others;
    for (int i = 0; i < 7; ++i) others.push_back({0.1 * i});
    // Of 8, two pass: one may be better.
    CHECK(!stops(rule, {0.55}, others));
    CHECK(stops(rule, {0.45}, others));
    CHECK(!stops(rule, {0.7, 0.0, 0.0}, others));  // 3 is no rung
    others = {{1, 1, 1, 1}, {1, 1, 1, 0.5}};
    CHECK(stops(rule, {1, 1, 1, 0.7}, others));
    CHECK(!stops(rule, {1, 1, 1, 1}, others));
    // A run in bracket 1 is not asked at the first rung, and compares with its bracket.
    asha const hyperband{.n_brackets = 2};
    CHECK(!stops(hyperband, {0}, {{1}, {1}, {1}}, true, 101));
    CHECK(stops(hyperband, {0}, {{1}, {1}, {1}}, true, 100));
    CHECK(stops(hyperband, {0, 0, 0, 0}, {{0}, {1, 1, 1, 1}}, true, 101));
    CHECK(!stops(hyperband, {0, 0, 0, 0}, {{1, 1, 1, 1}}, true, 101));
}

TEST_CASE("NaN is worse than any number, and without others nobody is stopped") {
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(stops(median_stopping{}, {nan}, {{0.0}}));
    CHECK(!stops(median_stopping{}, {0.0}, {{nan}}));
    CHECK(stops(median_stopping{}, {nan}, {{0.0}}, false));
    CHECK(!stops(median_stopping{}, {nan}, {}));
    CHECK(!stops(no_termination{}, {0.0}, {{1.0}}));
}

TEST_CASE("rules with impossible numbers are refused in a sentence") {
    auto const says = [](termination_rule const& rule, char const* sentence) {
        CHECK_THROWS_WITH_AS(detail::check_rule("search::run", rule), sentence, invalid_input);
    };
    says(bandit{},
         "search::run: bandit has 0 of slack_factor and slack_amount; it needs exactly 1");
    says(bandit{.slack_factor = -1.0},
         "search::run: bandit's slack is -1; it must be at least 0 and finite");
    says(median_stopping{.evaluation_interval = 0},
         "search::run: evaluation_interval is 0; it must be at least 1");
    says(truncation_selection{.truncation_percentage = 100},
         "search::run: truncation_percentage is 100; it must be in 1..99");
    says(asha{.reduction_factor = 1},
         "search::run: asha has min_resource 1, reduction_factor 1 and n_brackets 1; they must be "
         "at least 1, 2 and 1");
}
