// SPDX-License-Identifier: BSD-3-Clause
#include "support/emulated_block.hpp"
#include "support/samples.hpp"

#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/placed_model.hpp>
#include <copse/ensemble/random_forest.hpp>
#include <copse/par/sequential.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// Rows with missing values, more than a block walks.
matrix<float> rows_to_judge(std::size_t n, std::size_t d) {
    auto x = grid(n, d, 9, 12);
    for (std::size_t i = 0; i < n; i += 3) x(i, i % d) = missing;
    return x;
}

/// f(placed) for the model on every stream there is.
template <class Model, class F>
void for_each_placed(Model const& model, F const& f) {
    f(placed_model<Model, host_stream<sequential>>(model, {}));
    for_each_emulated_stream([&](emulated_stream const& stream) {
        f(placed_model<Model, emulated_stream>(model, stream));
    });
}

matrix<double> raw_by_table(detail::tree_table<emulated_stream> const& table, features_view x,
                            std::vector<double> const& initial) {
    matrix<double> raw(x.rows(), initial.size());
    for (std::size_t i = 0; i < x.rows(); ++i)
        for (std::size_t k = 0; k < initial.size(); ++k) raw(i, k) = initial[k];
    table.add_values(x, raw);
    return raw;
}

}  // namespace

TEST_CASE("a placed forest of classifiers says what the forest says, bit for bit") {
    auto const [x, y] = labelled_grid(200, 4, 3);
    auto const forest = random_forest_classifier{.n_estimators = 12, .max_depth = 6}.fit(x, y);
    auto const asked = rows_to_judge(300, 4);
    auto const proba = forest.predict_proba(asked);
    auto const labels = forest.predict(asked);
    for_each_placed(forest, [&](auto const& placed) {
        CHECK(placed.predict_proba(asked) == proba);
        CHECK(placed.predict_proba(wide(asked)) == forest.predict_proba(wide(asked)));
        CHECK(placed.predict(asked) == labels);
        CHECK(placed.classes() == forest.classes());
    });
}

TEST_CASE("a placed forest of regressors says what the forest says, bit for bit") {
    auto const [x, y] = valued_grid(200, 4, 4);
    auto const forest = random_forest_regressor{.n_estimators = 9}.fit(x, y);
    auto const asked = rows_to_judge(300, 4);
    for_each_placed(forest, [&](auto const& placed) {
        CHECK(placed.predict(asked) == forest.predict(asked));
        CHECK(placed.predict(wide(asked)) == forest.predict(wide(asked)));
    });
}

TEST_CASE("a placed boosting regressor says what the model says, bit for bit") {
    auto const [x, y] = valued_grid(200, 4, 5);
    auto const model =
        gradient_boosting_regressor{.n_estimators = 15, .loss = poisson_loss{}}.fit(x, y);
    auto const asked = rows_to_judge(300, 4);
    for_each_placed(model, [&](auto const& placed) {
        CHECK(placed.predict_raw(asked) == model.predict_raw(asked));
        CHECK(placed.predict(asked) == model.predict(asked));
    });
}

TEST_CASE("placed boosting classifiers of two and three classes say what the models say") {
    auto const [x, three] = labelled_grid(200, 4, 6);
    std::vector<int> two(three);
    for (auto& label : two) label = label == 7 ? 5 : label;
    auto const asked = rows_to_judge(300, 4);
    for (auto const& y : {two, three}) {
        auto const model = gradient_boosting_classifier{.n_estimators = 8}.fit(x, y);
        for_each_placed(model, [&](auto const& placed) {
            CHECK(placed.predict_raw(asked) == model.predict_raw(asked));
            CHECK(placed.predict_proba(asked) == model.predict_proba(asked));
            CHECK(placed.predict(asked) == model.predict(asked));
        });
    }
}

TEST_CASE("categories that nobody trained on go where the model sends them") {
    auto const [x, y] = valued_grid(300, 3, 7);
    auto const model = gradient_boosting_regressor{
        .n_estimators = 10,
        .min_samples_leaf = 5,
        .categorical_features = {
            1, 2}}.fit(x, y);
    auto asked = rows_to_judge(100, 3);
    for (std::size_t i = 0; i < 100; i += 5) asked(i, 1) = 70.0f + static_cast<float>(i);
    asked(3, 2) = -1;
    for_each_placed(
        model, [&](auto const& placed) { CHECK(placed.predict(asked) == model.predict(asked)); });
}

TEST_CASE("a placed model reads rows and columns at any distance, and any number of rows") {
    auto const [x, y] = valued_grid(200, 3, 8);
    auto const model = gradient_boosting_regressor{.n_estimators = 5}.fit(x, y);
    for (std::size_t const n : {0u, 1u, 255u, 256u, 257u}) {
        auto const asked = rows_to_judge(3, n + 1);  // read as n rows of 3, column by column
        matrix_view<float const> const turned(asked.data(), n, 3, 1,
                                              static_cast<std::ptrdiff_t>(n + 1));
        for_each_placed(model, [&](auto const& placed) {
            CHECK(placed.predict(turned) == model.predict(turned));
        });
    }
}

TEST_CASE("rows that are uploaded in several parts get the same answers") {
    auto const [x, y] = labelled_grid(200, 4, 6);
    auto const model = gradient_boosting_classifier{.n_estimators = 4}.fit(x, y);
    auto const asked = rows_to_judge(1000, 4);
    emulated_stream const stream{4, member_order::backwards};
    detail::tree_table<emulated_stream> const table(stream, model.trees(), 4, 0, 1);
    CHECK(raw_by_table(table, asked, model.parts().initial_raw) == model.predict_raw(asked));
}

TEST_CASE("columns that do not match get the model's sentence") {
    auto const [x, y] = valued_grid(50, 3, 8);
    auto const model = gradient_boosting_regressor{.n_estimators = 2}.fit(x, y);
    placed_model<boosted_regressor, host_stream<sequential>> const placed(model, {});
    CHECK_THROWS_WITH_AS(
        (void)placed.predict(grid(4, 2, 1)),
        "boosted_regressor::predict: x has 2 columns but the model was fitted on 3", invalid_input);
}
