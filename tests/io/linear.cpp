// SPDX-License-Identifier: BSD-3-Clause
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

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
