// SPDX-License-Identifier: BSD-3-Clause
// What on_iteration is told of a forest that grows.
#include "support/forest_fits.hpp"
#include "support/samples.hpp"

#include <copse/metrics.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <stop_token>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// Of every call, how far and what the metrics said.
using diary = std::vector<std::vector<double>>;

auto noting(diary& calls) {
    return [&calls](progress const& p) {
        calls.push_back({static_cast<double>(p.done), static_cast<double>(p.total)});
        calls.back().insert(calls.back().end(), p.validation_scores.begin(),
                            p.validation_scores.end());
    };
}

}  // namespace

TEST_CASE_TEMPLATE("the first t trees are judged as a forest of t trees is", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const [x, y] = labelled_grid(120, 3, 1);
    auto const [x_new, y_new] = labelled_grid(50, 3, 2);
    random_forest_classifier trainer{.n_estimators = 9};
    diary by_hand;
    for (std::size_t t = 1; t <= 9; ++t) {
        trainer.n_estimators = t;
        auto const forest = trainer.fit(x, y);
        auto const p = forest.predict_proba(x_new);
        by_hand.push_back({static_cast<double>(t), 9, metrics::log_loss(y_new, p, forest.classes()),
                           metrics::accuracy(y_new, forest.predict(x_new)),
                           metrics::log_loss(y, forest.predict_proba(x), forest.classes()),
                           metrics::accuracy(y, forest.predict(x))});
    }
    trainer.n_estimators = 4;
    auto const first = trainer.fit(x, y);
    trainer.n_estimators = 9;
    for (int const n_jobs : job_counts) {
        auto const backend = with_jobs<Backend>(n_jobs);
        diary calls;
        (void)trainer.fit(x, y,
                          {.validation = {{x_new, y_new}, {x, y}},
                           .metrics = {metrics::log_loss, metrics::accuracy},
                           .on_iteration = noting(calls)},
                          backend);
        CHECK(calls == by_hand);
        calls.clear();
        (void)trainer.fit(x, y,
                          {.validation = {{x_new, y_new}, {x, y}},
                           .metrics = {metrics::log_loss, metrics::accuracy},
                           .warm_start = &first,
                           .on_iteration = noting(calls)},
                          backend);
        CHECK(calls == diary(by_hand.begin() + 4, by_hand.end()));
    }
}

TEST_CASE_TEMPLATE("nothing is told after the call that asks for a stop", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const x = grid(80, 3, 1);
    auto const y = targets_of(x, 1);
    extra_trees_regressor const trainer{.n_estimators = 12};
    for (int const n_jobs : job_counts) {
        std::stop_source stop;
        diary calls;
        try {
            (void)trainer.fit(x, y,
                              {.validation = {{x, y}},
                               .metrics = {metrics::mean_squared_error},
                               .on_iteration =
                                   [&](progress const& p) {
                                       noting(calls)(p);
                                       if (p.done == 5) stop.request_stop();
                                   },
                               .stop = stop.get_token()},
                              with_jobs<Backend>(n_jobs));
        } catch (stopped const&) {
        }
        REQUIRE(calls.size() == 5);
        auto five = trainer;
        five.n_estimators = 5;
        CHECK(calls[4][2] == metrics::mean_squared_error(y, five.fit(x, y).predict(x)));
    }
}

TEST_CASE("validation sets that do not fit are refused in a sentence") {
    auto const x = grid(20, 3, 1);
    auto const y = targets_of(x, 1);
    auto const narrow = grid(20, 2, 1);
    random_forest_regressor const trainer{.n_estimators = 2};
    CHECK_THROWS_WITH_AS((void)trainer.fit(x, y, {.validation = {{narrow, y}}}),
                         "random_forest_regressor::fit: validation set 0 has 2 columns but x has 3",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)trainer.fit(x, y, {.metrics = {metrics::r2}}),
                         "random_forest_regressor::fit: there are 1 metrics but 0 validation sets; "
                         "they need at least 1",
                         invalid_input);
}
