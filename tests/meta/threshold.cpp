// SPDX-License-Identifier: BSD-3-Clause
#include "support/forest_fits.hpp"
#include "support/samples.hpp"

#include <copse/io/meta_format.hpp>
#include <copse/io/save_load.hpp>
#include <copse/linear/linear_svc.hpp>
#include <copse/meta/threshold.hpp>
#include <copse/metrics.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

using namespace copse;

namespace {

/// Probabilities of the second class, and of the first.
matrix<float> of_second(std::vector<float> const& p) {
    matrix<float> out(p.size(), 2);
    for (std::size_t i = 0; i < p.size(); ++i) {
        out(i, 0) = 1 - p[i];
        out(i, 1) = p[i];
    }
    return out;
}

labels const no_yes(std::vector<std::string>{"no", "yes"});

}  // namespace

TEST_CASE("the best threshold is halfway between probabilities, by hand") {
    // f1 of saying yes from the k-th on: 2/3 of all, 4/5 from 0.2 on, 2/3 from 0.3 on.
    std::vector<std::string> const y{"no", "no", "yes", "no", "yes"};
    auto const p = of_second({0.05f, 0.1f, 0.2f, 0.3f, 0.4f});
    auto const best = best_threshold(y, p, no_yes, metrics::f1);
    CHECK(best.threshold == doctest::Approx(0.15));
    CHECK(best.score == doctest::Approx(0.8));
    // With the first yes weighing nothing, the last alone.
    auto const weighed =
        best_threshold(y, p, no_yes, metrics::f1, std::vector<double>{1, 1, 0, 1, 1});
    CHECK(weighed.threshold == doctest::Approx(0.35));
    CHECK(weighed.score == 1);
}

TEST_CASE("of thresholds that are equally good the one nearest to one half is chosen") {
    std::vector<std::string> const y{"no", "no", "yes", "yes"};
    CHECK(best_threshold(y, of_second({0.1f, 0.2f, 0.8f, 0.9f}), no_yes, metrics::accuracy) ==
          chosen_threshold{0.5, 1});
    CHECK(best_threshold(y, of_second({0.5f, 0.5f, 0.5f, 0.5f}), no_yes, metrics::accuracy) ==
          chosen_threshold{0.5, 0.5});
}

TEST_CASE("a model with a threshold says the second class from there on, saved or not") {
    auto const [x, y] = test::labelled_grid(80, 3, 1);
    std::vector<int> two;
    for (auto const label : y) two.push_back(label < 7 ? 0 : 1);
    auto const forest = random_forest_classifier{.n_estimators = 10, .max_depth = 3}.fit(x, two);
    thresholded_classifier<any_classifier> const model(any_classifier(forest), 0.3);
    auto const p = forest.predict_proba(x);
    auto const said = model.predict(x);
    for (std::size_t i = 0; i < 80; ++i) CHECK(said[i] == label(p(i, 1) >= 0.3 ? 1 : 0));
    CHECK(model.predict_proba(x) == p);
    any_classifier const any(model);
    auto const bytes = save(any);
    auto const again = load<any_classifier>(bytes);
    CHECK(again == any);
    CHECK(again.get_if<thresholded_classifier<any_classifier>>()->threshold() == 0.3);
    CHECK(load<thresholded_classifier<any_classifier>>(save(model)) == model);
}

TEST_CASE("what cannot have a threshold gets a sentence") {
    auto const [x, y] = test::labelled_grid(60, 3, 1);
    auto const forest = random_forest_classifier{.n_estimators = 2}.fit(x, y);
    CHECK_THROWS_WITH_AS((void)thresholded_classifier(forest, 0.5),
                         "thresholded_classifier: the model has 3 classes; it must have 2",
                         invalid_input);
    std::vector<int> two;
    for (auto const label : y) two.push_back(label < 7 ? 0 : 1);
    auto const of_two = random_forest_classifier{.n_estimators = 2}.fit(x, two);
    CHECK_THROWS_WITH_AS((void)thresholded_classifier(of_two, 1.5),
                         "thresholded_classifier: threshold is 1.5; it must be in [0, 1]",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)thresholded_classifier(any_classifier(linear_svc{}.fit(x, two)), 0.5),
        "thresholded_classifier: the model gives no probabilities", invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)best_threshold(two, of_two.predict_proba(x), of_two.classes(), metrics::log_loss),
        "best_threshold: log_loss is no metric of labels, so no threshold changes it",
        invalid_input);
    CHECK_THROWS_AS(
        (void)best_threshold(y, forest.predict_proba(x), forest.classes(), metrics::accuracy),
        invalid_input);
}
