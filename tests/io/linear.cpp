// SPDX-License-Identifier: BSD-3-Clause
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <copse/io/logistic_cv_format.hpp>
#include <copse/io/save_load.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

using namespace copse;

TEST_CASE("linear models come back equal") {
    auto const set = test::labelled_grid(120, 4, 5);
    auto const logistic = logistic_regression{}.fit(set.x, set.y);
    CHECK(load<logistic_classifier>(save(logistic)) == logistic);
    auto const softmax = logistic_regression{.multi_class = multinomial}.fit(set.x, set.y);
    CHECK(load<logistic_classifier>(save(softmax)) == softmax);
    CHECK(load<logistic_classifier>(save(softmax)).predict_proba(set.x) ==
          softmax.predict_proba(set.x));
    auto const svm = linear_svc{.loss = svm_loss::hinge}.fit(set.x, set.y);
    CHECK(load<linear_classifier>(save(svm)) == svm);
    auto const one = linear_svc{}.fit(set.x, std::vector<int>(120, 3));
    CHECK(load<linear_classifier>(save(one)) == one);
    CHECK_THROWS_WITH_AS((void)load<linear_classifier>(save(logistic)),
                         "bytes holds a logistic_classifier, not a linear_classifier", file_error);
}

TEST_CASE("linear regressors come back equal") {
    auto const set = test::valued_grid(120, 4, 5);
    auto const model = lasso{.alpha = 0.3}.fit(set.x, set.y);
    auto const again = load<linear_regressor>(save(model));
    CHECK(again == model);
    CHECK(again.predict(set.x) == model.predict(set.x));
    CHECK_THROWS_WITH_AS((void)load<linear_classifier>(save(model)),
                         "bytes holds a linear_regressor, not a linear_classifier", file_error);
    auto parts = model.parts();
    parts.coef = matrix<double>(2, 4);
    CHECK_THROWS_WITH_AS((void)load<linear_regressor>(save(linear_regressor(parts))),
                         "bytes: section 'weights': has 8 weights and 1 intercepts for 2 scores of "
                         "4 features; a regressor has 1 score",
                         file_error);
}

TEST_CASE("a linear model whose parts do not fit together is refused") {
    auto const set = test::labelled_grid(50, 3, 5);
    auto const fitted = logistic_regression{}.fit(set.x, set.y);
    auto const refuses = [](detail::linear_parts parts, std::string const& text) {
        CHECK_THROWS_WITH_AS(
            (void)load<logistic_classifier>(save(logistic_classifier(std::move(parts)))),
            ("bytes: section '" + text).c_str(), file_error);
    };
    auto parts = fitted.parts();
    parts.intercept.pop_back();
    refuses(parts,
            "weights': has 9 weights and 2 intercepts for 3 scores of 3 features and 3 classes");
    parts = fitted.parts();
    parts.classes = labels(std::vector<std::int64_t>{1, 2});
    refuses(parts,
            "weights': has 9 weights and 3 intercepts for 3 scores of 3 features and 2 classes");
    parts.classes = labels(std::vector<std::int64_t>{1, 2, 2});
    refuses(parts, "classes': has classes that do not increase");
}

TEST_CASE("a model that chose its C comes back with its scores") {
    auto const set = test::labelled_grid(50, 3, 5);
    auto const parts = logistic_regression{}.fit(set.x, set.y).parts();
    logistic_scores found{{{0.1, 0}, {1, 0}, {0.1, 0.5}}, matrix<double>(3, 2, 0.25), 1};
    found.of_folds(1, 0) = 0.75;
    logistic_classifier_cv const model(parts, found);
    auto const again = load<logistic_classifier_cv>(save(model));
    CHECK(again == model);
    CHECK(again.C() == 1);
    CHECK(again.mean_scores() == std::vector<double>{0.25, 0.5, 0.25});
    CHECK(again.predict(set.x) == model.predict(set.x));
    found.best = 3;
    CHECK_THROWS_WITH_AS(
        (void)load<logistic_classifier_cv>(save(logistic_classifier_cv(parts, found))),
        "bytes: section 'scores': has 6 scores of 3 candidates and calls number 3 the best",
        file_error);
    found.best = 0;
    found.candidates.resize(4);
    CHECK_THROWS_AS((void)load<logistic_classifier_cv>(save(logistic_classifier_cv(parts, found))),
                    file_error);
    found.candidates.clear();
    CHECK_THROWS_AS((void)load<logistic_classifier_cv>(save(logistic_classifier_cv(parts, found))),
                    file_error);
}
