// SPDX-License-Identifier: BSD-3-Clause
#include "support/samples.hpp"

#include <copse/io/kernel_format.hpp>
#include <copse/linear/kernel_logistic_regression.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace copse;

TEST_CASE("models of kernel features come back equal") {
    auto const set = test::labelled_grid(60, 3, 5);
    std::vector<kernel_sampler> const kernels{rbf_sampler{.gamma = 0.1, .n_components = 20},
                                              nystroem{.gamma = 0.1, .n_components = 20}};
    for (auto const& kernel : kernels) {
        auto const model = kernel_logistic_regression{.kernel = kernel}.fit(set.x, set.y);
        auto const again = load<kernel_classifier>(save(model));
        CHECK(again == model);
        CHECK(again.predict_proba(set.x) == model.predict_proba(set.x));
    }
}

TEST_CASE("a model of kernel features whose parts do not fit together is refused") {
    auto const set = test::labelled_grid(60, 3, 5);
    auto const model =
        kernel_logistic_regression{.kernel = nystroem{.n_components = 4}}.fit(set.x, set.y);
    auto const refuses = [&](detail::kernel_parts parts, char const* text) {
        kernel_classifier const damaged(kernel_map(std::move(parts)), model.linear());
        CHECK_THROWS_WITH_AS((void)load<kernel_classifier>(save(damaged)), text, file_error);
    };
    auto parts = model.map().parts();
    parts.phases.resize(4);
    refuses(parts,
            "bytes: section 'kernel': has 12 directions, 4 phases and 16 whitening numbers for 4 "
            "components of 3 features");
    parts = model.map().parts();
    parts.whitening = matrix<double>(4, 3);
    refuses(parts,
            "bytes: section 'kernel': has 12 directions, 0 phases and 12 whitening numbers for 4 "
            "components of 3 features");
    parts = rbf_sampler{.n_components = 5}.fit(set.x).parts();
    refuses(parts, "bytes: section 'kernel': has 5 components but the model weighs 4");
}
