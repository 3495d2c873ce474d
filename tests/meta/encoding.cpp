// SPDX-License-Identifier: BSD-3-Clause
#include "support/any_fits.hpp"
#include "support/estimator_checks.hpp"

#include <copse/meta/calibrated.hpp>
#include <copse/meta/encoding.hpp>

#include <vector>

using namespace copse;
using namespace copse::test;

TEST_CASE("encoding_classifier keeps the promises of a trainer, with missing values") {
    check_classifier(encoding_classifier<logistic_regression>{.trainer = {.tolerance = 1e-5}},
                     {.trainer = "encoding_classifier",
                      .model = "encoded_classifier",
                      .exact_weights = false,
                      .answers_within = 1e-3,
                      .least_right = 150,
                      .goes_by_row_order = true});
}

TEST_CASE("an encoded model is the model of the encoded table") {
    auto set = labelled_grid(150, 3, 5);
    for (std::size_t i = 0; i < 150; i += 7) set.x(i, 1) = missing;
    encoding_classifier<logistic_regression> const trainer{.categorical_features = {2}};
    auto const model = trainer.fit(set.x, set.y);
    auto const encoder = fit_table_encoder(set.x, {.categorical_features = {2}});
    CHECK(model.encoder() == encoder);
    CHECK(model.n_features() == 3);
    auto const own = logistic_regression{}.fit(encoder.transform(set.x), set.y);
    CHECK(model.model() == own);
    CHECK(model.predict_proba(set.x) == own.predict_proba(encoder.transform(set.x)));
    CHECK(model.decision_function(set.x) == own.decision_function(encoder.transform(set.x)));
    auto const erased = encoding_classifier<>{logistic_regression{}, {2}}.fit(set.x, set.y);
    CHECK(erased.predict_proba(set.x) == model.predict_proba(set.x));
}

TEST_CASE("an encoded model gives probabilities if what is in it does") {
    CHECK(!any_classifier_trainer(encoding_classifier<>{linear_svc{}}).gives_probabilities());
    CHECK(any_classifier_trainer(encoding_classifier<>{calibrated{linear_svc{}}})
              .gives_probabilities());
    auto const set = labelled_grid(60, 3, 5);
    any_classifier const model =
        any_classifier_trainer(encoding_classifier<linear_svc>{}).fit(set.x, set.y);
    CHECK(!model.has_predict_proba());
    CHECK(model.has_decision_function());
}

TEST_CASE("regressors read encoded tables too") {
    auto set = valued_grid(120, 3, 5);
    set.x(3, 0) = missing;
    encoding_regressor<ridge> const trainer{.categorical_features = {1}};
    auto const model = trainer.fit(set.x, set.y, copse::tbb{.n_jobs = 2});
    CHECK(model == trainer.fit(set.x, set.y, sequential{}));
    CHECK(model.predict(set.x) == model.model().predict(model.encoder().transform(set.x)));
    CHECK_THROWS_WITH_AS(
        (void)model.predict(matrix<float>(1, 2)),
        "encoded_regressor::predict: x has 2 columns but the model was fitted on 3", invalid_input);
}
