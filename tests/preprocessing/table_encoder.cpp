// SPDX-License-Identifier: BSD-3-Clause
#include <copse/preprocessing/table_encoder.hpp>

#include "support/backends.hpp"
#include "support/samples.hpp"

#include <cmath>
#include <vector>

using namespace copse;
using test::missing;

namespace {

matrix<float> of_rows(std::vector<std::vector<float>> const& rows) {
    matrix<float> out(rows.size(), rows[0].size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < rows[i].size(); ++j) out(i, j) = rows[i][j];
    }
    return out;
}

}  // namespace

TEST_CASE("a table is encoded by hand") {
    // Numbers 1 and 3 of mean 2 and deviation 1; categories 4, 9 and missing; a constant; numbers
    // with a gap: 0, 10, mean 5, deviation 5.
    auto const x = of_rows({{1, 4, 7, 0}, {3, 9, 7, missing}, {1, 4, 7, 10}, {3, missing, 7, 5}});
    auto const encoder = fit_table_encoder(x, {.categorical_features = {1}});
    CHECK(encoder.n_features() == 4);
    REQUIRE(encoder.n_outputs() == 5);
    auto const deviation = static_cast<float>(std::sqrt(50.0 / 3));
    CHECK(encoder.transform(x) == of_rows({{-1, 1, 0, -5 / deviation, 0},
                                           {1, 0, 1, 0, 1},
                                           {-1, 1, 0, 5 / deviation, 0},
                                           {1, 0, 0, 0, 0}}));
    // What the training set did not have: a missing number, an unknown category, a new constant.
    CHECK(encoder.transform(of_rows({{missing, 5, 8, test::infinity}})) ==
          of_rows({{0, 0, 0, 0, 1}}));
}

TEST_CASE("the most frequent categories get a column") {
    auto const x = of_rows({{0}, {1}, {1}, {2}, {2}, {2}, {3}});
    auto const encoder = fit_table_encoder(x, {.categorical_features = {0}, .max_categories = 2});
    CHECK(encoder.transform(x) ==
          of_rows({{0, 0}, {1, 0}, {1, 0}, {0, 1}, {0, 1}, {0, 1}, {0, 0}}));
}

TEST_CASE("columns that say nothing are left out, and nothing at all is a column of zeros") {
    auto const x = of_rows({{1e9f, missing, 3}, {1e9f, missing, 3}});
    auto const encoder = fit_table_encoder(x, {.categorical_features = {2}});
    CHECK(encoder.columns().empty());
    CHECK(encoder.transform(x) == of_rows({{0}, {0}}));
    // Only where it is missing is told.
    auto const gaps = of_rows({{2}, {missing}, {2}});
    CHECK(fit_table_encoder(gaps).transform(gaps) == of_rows({{0, 0}, {0, 1}, {0, 0}}));
}

TEST_CASE_TEMPLATE("every backend encodes alike", Backend, COPSE_TEST_BACKENDS) {
    auto const x = test::grid(5000, 3, 1);
    auto const encoder = fit_table_encoder(x, {.categorical_features = {2}});
    auto const reference = encoder.transform(x, sequential{});
    for (auto const n_jobs : test::job_counts)
        CHECK(encoder.transform(x, test::with_jobs<Backend>(n_jobs)) == reference);
}

TEST_CASE("what cannot be encoded gets a sentence") {
    auto const x = of_rows({{1, 0.5f}, {2, 1}});
    auto const refuses = [&](table_encoder_options const& options, char const* text) {
        CHECK_THROWS_WITH_AS((void)fit_table_encoder(x, options), text, invalid_input);
    };
    refuses({.categorical_features = {1}},
            "fit_table_encoder: column 1 is categorical but has 0.5 at row 0; codes are whole "
            "numbers in 0..65534");
    refuses({.categorical_features = {2}},
            "fit_table_encoder: categorical_features has 2 but x has 2 columns");
    refuses({.categorical_features = {0, 0}},
            "fit_table_encoder: categorical_features has 0 twice");
    CHECK_THROWS_WITH_AS(
        (void)fit_table_encoder(x).transform(matrix<float>(1, 3)),
        "table_encoder::transform: x has 3 columns but the encoder was fitted on 2", invalid_input);
}
