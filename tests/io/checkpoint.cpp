// SPDX-License-Identifier: BSD-3-Clause
// A process is really killed, at moments that nobody chooses, and its work goes on elsewhere.
#include "io/support.hpp"

#include <copse/io/checkpoint.hpp>
#include <copse/par/sequential.hpp>

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <thread>
#include <vector>

using namespace copse;
using test::colours;
using test::mixed_columns;
using test::numbers;
using test::scratch_folder;

namespace {

/// Runs fit(on_round) in a process of its own, and kills it `delay` after it has reported n_rounds
/// rounds, or has come to its end. Returns how many it has reported.
template <class Fit>
std::size_t fit_and_kill(std::size_t n_rounds, std::chrono::microseconds delay, Fit const& fit) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    auto const child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        try {
            fit([&](progress const&) { (void)!write(ends[1], "r", 1); });
        } catch (...) {
        }
        close(ends[1]);
        for (;;) pause();  // it never ends on its own
    }
    close(ends[1]);
    char byte = 0;
    std::size_t reported = 0;
    while (reported < n_rounds && read(ends[0], &byte, 1) == 1) ++reported;
    std::this_thread::sleep_for(delay);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    close(ends[0]);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
    return reported;
}

/// Kills a fit again and again, goes on from its checkpoint each time, and lets it end at last.
template <class Model, class Trainer, class Y, class Options>
void check_survives(Trainer const& trainer, matrix<float> const& x, Y const& y,
                    Options const& options) {
    auto const undisturbed = trainer.fit(x, y, options, sequential{});
    for (int const delay : {0, 10, 50, 200, 1000}) {
        scratch_folder const folder;
        auto const path = folder / "run.copse";
        auto const go_on = [&](auto const& on_round) {
            auto const so_far = load_checkpoint<Model>(path);
            auto own = options;
            own.warm_start = so_far ? &*so_far : nullptr;
            own.checkpoint = checkpoint_to(path);
            own.checkpoint_rounds = 1;
            own.on_iteration = on_round;
            return trainer.fit(x, y, own, sequential{});
        };
        CAPTURE(delay);
        std::size_t done = 0;
        for (auto const n_rounds : std::vector<std::size_t>{1, 4, 2}) {
            auto const reported = fit_and_kill(n_rounds, std::chrono::microseconds(delay), go_on);
            auto const so_far = load_checkpoint<Model>(path);  // whole, or not there
            // All rounds but the last one reported have surely been saved.
            done += reported - (reported > 0 ? 1 : 0);
            CHECK((so_far ? so_far->n_rounds() : 0) >= done);
        }
        CHECK(go_on([](progress const&) {}) == undisturbed);
    }
}

}  // namespace

TEST_CASE("a fit killed at any moment goes on to the model of an undisturbed one") {
    auto const x = mixed_columns(300);
    check_survives<boosted_regressor>(
        gradient_boosting_regressor{.n_estimators = 60,
                                    .max_leaf_nodes = 8,
                                    .min_samples_leaf = 3,
                                    .sampling = {.subsample = 0.7, .columns_by_node = 0.5},
                                    .categorical_features = {2}},
        x, numbers(x), gradient_boosting_regressor::fit_options{});
}

TEST_CASE("with classes, validation sets and early stopping it does, too") {
    auto const x = mixed_columns(300);
    auto const y = colours(x);
    auto const seen = mixed_columns(40);
    auto const names = colours(seen);
    // From noise to names: the loss of these rows soon rises.
    auto wrong = names;
    for (std::size_t i = 0; i < wrong.size(); i += 8) wrong[i] = "blue";
    gradient_boosting_classifier::fit_options options;
    options.validation = {{seen, wrong}, {seen, names}};
    options.early_stopping_rounds = 5;
    gradient_boosting_classifier const trainer{
        .n_estimators = 200, .max_leaf_nodes = 6, .min_samples_leaf = 3};
    auto const undisturbed = trainer.fit(x, y, options, sequential{});
    REQUIRE(undisturbed.n_rounds() > 8);
    REQUIRE(undisturbed.n_rounds() < 200);
    check_survives<boosted_classifier>(trainer, x, y, options);
}

TEST_CASE("no file is no checkpoint, and a damaged one is an error") {
    scratch_folder const folder;
    CHECK(!load_checkpoint<boosted_regressor>(folder / "run.copse"));
    checkpoint_to(folder / "run.copse")(test::some_boosted_classifier());
    CHECK(load_checkpoint<boosted_classifier>(folder / "run.copse") ==
          test::some_boosted_classifier());
    CHECK_THROWS_AS((void)load_checkpoint<boosted_regressor>(folder / "run.copse"), file_error);
}

TEST_CASE("a checkpoint is written every so many rounds, and one that cannot be ends the fit") {
    auto const x = mixed_columns(60);
    scratch_folder const folder;
    gradient_boosting_regressor const trainer{.n_estimators = 8, .min_samples_leaf = 3};
    (void)trainer.fit(x, numbers(x),
                      {.checkpoint = checkpoint_to(folder / "run.copse"), .checkpoint_rounds = 3});
    CHECK(load<boosted_regressor>(folder / "run.copse").n_rounds() == 6);
    CHECK_THROWS_AS((void)trainer.fit(x, numbers(x),
                                      {.checkpoint = checkpoint_to(folder / "no" / "run.copse"),
                                       .checkpoint_rounds = 3}),
                    file_error);
}
