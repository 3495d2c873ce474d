// SPDX-License-Identifier: BSD-3-Clause
#include "support/samples.hpp"

#include <copse/io/online_format.hpp>
#include <copse/linear/sgd_classifier.hpp>
#include <copse/linear/sgd_regressor.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

using namespace copse;

namespace {

template <class Trainer, class Set>
void check_that_it_goes_on(Trainer const& trainer, Set const& set) {
    auto const model = trainer.fit(set.x, set.y);
    auto const again = load<std::remove_const_t<decltype(model)>>(save(model));
    CHECK(again == model);
    CHECK(trainer.partial_fit(again, set.x, set.y) == trainer.partial_fit(model, set.x, set.y));
}

}  // namespace

TEST_CASE("a model that was saved is trained on as if nothing had been in between") {
    for (auto const average_after : std::vector<std::size_t>{unlimited, 100}) {
        check_that_it_goes_on(sgd_classifier{.alpha = 1e-3, .average_after = average_after},
                              test::labelled_grid(120, 4, 5));
        check_that_it_goes_on(sgd_regressor{.eta0 = 1e-4, .average_after = average_after},
                              test::valued_grid(120, 4, 5));
    }
}

TEST_CASE("what a penalty is due and AdaGrad's squares are saved, too") {
    for (auto const rate : {sgd_rate::inverse_scaling, sgd_rate::adagrad}) {
        for (auto const penalty : {sgd_penalty::l1, sgd_penalty::elasticnet, sgd_penalty::l2}) {
            check_that_it_goes_on(
                sgd_classifier{.penalty = penalty, .alpha = 1e-3, .learning_rate = rate},
                test::labelled_grid(120, 4, 5));
            check_that_it_goes_on(
                sgd_regressor{.penalty = penalty, .learning_rate = rate, .eta0 = 1e-4},
                test::valued_grid(120, 4, 5));
        }
    }
}

TEST_CASE("a reader that does not know of penalties finds no descent it could misread") {
    auto const set = test::labelled_grid(120, 4, 5);
    auto const sections_of = [&](sgd_classifier const& trainer) {
        auto const bytes = save(trainer.fit(set.x, set.y));
        detail::model_reader const file(bytes, "bytes");
        return std::pair(file.has("descent"), file.has("descent 2"));
    };
    CHECK(sections_of({}) == std::pair(true, false));
    CHECK(sections_of({.penalty = sgd_penalty::l1}) == std::pair(false, true));
    CHECK(sections_of({.learning_rate = sgd_rate::adagrad}) == std::pair(false, true));
}

TEST_CASE("a model that has seen no rows can be saved") {
    auto const model = sgd_classifier{}.start(std::vector<int>{3, 1, 2}, 5);
    CHECK(load<online_classifier>(save(model)) == model);
}

TEST_CASE("a model that can be trained on is refused if its descent is another model's") {
    auto const set = test::labelled_grid(120, 4, 5);
    auto const model = sgd_classifier{}.fit(set.x, set.y);
    auto states = model.states();
    states[1].w.pop_back();
    CHECK_THROWS_WITH_AS(
        (void)load<online_classifier>(save(online_classifier(model.parts(), states))),
        "bytes: section 'descent': has 3 weights and 4 sums of 0 rows for 4 features", file_error);
    states = model.states();
    states[0].w_sum.clear();
    states[0].n_summed = 7;
    CHECK_THROWS_WITH_AS(
        (void)load<online_classifier>(save(online_classifier(model.parts(), states))),
        "bytes: section 'descent': has 4 weights and 0 sums of 7 rows for 4 features", file_error);
    // Of as many rows as make the two sizes' sum wrap around to 0.
    states = model.states();
    states[0].w_sum.resize(1);
    states[0].n_summed = std::numeric_limits<std::size_t>::max();
    CHECK_THROWS_AS((void)load<online_classifier>(save(online_classifier(model.parts(), states))),
                    file_error);
    states = model.states();
    states[2].squares.resize(3);
    CHECK_THROWS_WITH_AS(
        (void)load<online_classifier>(save(online_classifier(model.parts(), states))),
        "bytes: section 'descent 2': has 3 squares for 4 features", file_error);
    states = model.states();
    states[0].l1_paid.resize(5);
    CHECK_THROWS_WITH_AS(
        (void)load<online_classifier>(save(online_classifier(model.parts(), states))),
        "bytes: section 'descent 2': has 5 penalties for 4 features", file_error);
    states = model.states();
    states.pop_back();
    CHECK_THROWS_AS((void)load<online_classifier>(save(online_classifier(model.parts(), states))),
                    file_error);
    CHECK_THROWS_WITH_AS((void)load<linear_classifier>(save(model)),
                         "bytes holds a online_classifier, not a linear_classifier", file_error);
}
