// SPDX-License-Identifier: BSD-3-Clause
#include "support/backends.hpp"
#include "support/samples.hpp"

#include <copse/data/binned_matrix.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// Every cell is the bin that its column's cuts give its value.
void check_cells(binned_matrix const& bins, features_view x) {
    REQUIRE(bins.rows() == x.rows());
    REQUIRE(bins.cols() == x.cols());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < x.rows(); ++i) {
        for (std::size_t j = 0; j < x.cols(); ++j)
            wrong += bins(i, j) == bins.cuts(j).bin_of(x(i, j)) ? 0 : 1;
    }
    CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("by hand: values become bins in order, missing ones bin 0") {
    matrix<float> x(4, 2);
    float const values[4][2] = {{3, missing}, {1, 7}, {missing, 7}, {1, infinity}};
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 2; ++j) x(i, j) = values[i][j];
    }
    auto const bins = bin_features(sequential{}, x, {});
    std::uint32_t const expected[4][2] = {{2, 0}, {1, 1}, {0, 1}, {1, 2}};
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 2; ++j) CHECK(bins(i, j) == expected[i][j]);
    }
    CHECK(bins.most_bins() == 3);
    CHECK(bins.cuts(0).points() == std::vector<double>{2});
}

TEST_CASE_TEMPLATE("bins are the same on every backend", Backend, COPSE_TEST_BACKENDS) {
    auto x = uniform(5000, 7, 1);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        x(i, 2) = std::floor(20 * x(i, 2));
        x(i, 3) = std::floor(300 * x(i, 3));
        if (i % 5 == 0) x(i, 4) = missing;
        if (i % 7 == 0) x(i, 5) = infinity;
    }
    for (std::size_t const max_bins : {2u, 255u, 1000u}) {
        binning_options const options{.max_bins = max_bins, .categorical_features = {2, 3}};
        auto const reference = bin_features(sequential{}, x, options);
        check_cells(reference, x);
        for (auto const n_jobs : job_counts) {
            auto const backend = with_jobs<Backend>(n_jobs);
            CHECK(backend.enter([&] { return bin_features(backend.inherited(), x, options); }) ==
                  reference);
        }
    }
}

TEST_CASE("every layout keeps the same bins, and only the cells it names") {
    auto const x = uniform(3000, 5, 3);
    for (std::size_t const max_bins : {255u, 1000u}) {
        auto const kept = [&](cell_layout layout) {
            return bin_features(sequential{}, x, {.max_bins = max_bins, .layout = layout});
        };
        auto const both = kept(cell_layout::both);
        auto const columns = kept(cell_layout::columns);
        auto const rows = kept(cell_layout::rows);
        check_cells(columns, x);
        check_cells(rows, x);
        CHECK((both.has_columns() && both.has_rows()));
        CHECK((columns.has_columns() && !columns.has_rows()));
        CHECK((!rows.has_columns() && rows.has_rows()));
        CHECK(rows.row_cells().cell_bytes() == (max_bins == 255 ? 1 : 2));
        rows.row_cells().visit([&]<class Bin>(Bin const* cells) {
            auto const* const first = both.row_cells().visit(
                [](auto const* p) { return reinterpret_cast<Bin const*>(p); });
            CHECK(std::equal(cells, cells + 3000 * 5, first));
            CHECK(cells[7 * 5 + 2] == both(7, 2));
        });
        for (std::size_t j = 0; j < x.cols(); ++j) {
            CHECK(rows.column(j, {}, 0).mode == columns.column(j, {}, 0).mode);
        }
    }
}

TEST_CASE("a column of more than 255 bins makes cells of two bytes") {
    auto const x = uniform(3000, 2, 2);
    auto const wide = bin_features(sequential{}, x, {.max_bins = 1000});
    CHECK(wide.most_bins() == 1001);
    CHECK(wide.cells().cell_bytes() == 2);
    check_cells(wide, x);
    auto const narrow = bin_features(sequential{}, x, {.max_bins = 255});
    CHECK(narrow.most_bins() == 256);
    CHECK(narrow.cells().cell_bytes() == 1);
    check_cells(narrow, x);
}

TEST_CASE("300 categories have 300 bins, whatever max_bins says") {
    matrix<double> x(600, 1);
    for (std::size_t i = 0; i < 600; ++i) x(i, 0) = static_cast<double>(200 * (i % 300));
    auto const bins = bin_features(sequential{}, x, {.max_bins = 8, .categorical_features = {0}});
    CHECK(bins.cuts(0).n_bins() == 300);
    CHECK(bins.cells().cell_bytes() == 2);
    check_cells(bins, x);
    for (std::uint32_t b = 1; b <= 300; ++b) CHECK(bins.cuts(0).category(b) == 200 * (b - 1));
}

TEST_CASE("65534 is a category, and all of them fit") {
    matrix<float> x(65535, 1);
    for (std::size_t i = 0; i < 65535; ++i) x(i, 0) = static_cast<float>(i);
    auto const bins = bin_features(sequential{}, x, {.categorical_features = {0}});
    CHECK(bins.cuts(0).n_bins() == 65535);
    CHECK(bins(65534, 0) == 65535);
}

TEST_CASE("what cannot be a category is named") {
    auto const sentence_for = [](float value) {
        matrix<float> x(3, 2, 1.0f);
        x(2, 1) = value;
        return bin_features(sequential{}, x, {.categorical_features = {1}}, "fit");
    };
    CHECK_THROWS_WITH_AS((void)sentence_for(1.5f),
                         "fit: x holds 1.5 at row 2, column 1; a categorical column holds whole "
                         "numbers from 0 to 65534",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)sentence_for(-1),
                         "fit: x holds -1 at row 2, column 1; a categorical column holds whole "
                         "numbers from 0 to 65534",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)sentence_for(65535),
                         "fit: x holds 65535 at row 2, column 1; a categorical column holds whole "
                         "numbers from 0 to 65534",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)sentence_for(infinity),
                         "fit: x holds inf at row 2, column 1; a categorical column holds whole "
                         "numbers from 0 to 65534",
                         invalid_input);
    CHECK(sentence_for(missing)(2, 1) == 0);
    CHECK(sentence_for(-0.0f)(2, 1) == 1);
    matrix<float> const x(3, 2, 1.0f);
    CHECK_THROWS_WITH_AS((void)bin_features(sequential{}, x, {.categorical_features = {2}}, "fit"),
                         "fit: categorical_features names column 2 but x has 2 columns",
                         invalid_input);
}

TEST_CASE("of very many rows, rare values have bins of their own as long as all are few") {
    // 250,001 rows of 0 and 1, and one each of 7, -2 and 0.25 that a sample is likely to miss.
    matrix<float> x(250'004, 2);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        x(i, 0) = static_cast<float>(i % 2);
        x(i, 1) = static_cast<float>(i);
    }
    x(1234, 0) = 7;
    x(77'777, 0) = -2;
    x(200'001, 0) = 0.25f;
    auto const bins = bin_features(copse::tbb{}, x, {});
    CHECK(bins.cuts(0).n_bins() == 5);
    CHECK(bins.cuts(0).points() == std::vector<double>{-1, 0.125, 0.625, 4});
    CHECK(bins == bin_features(sequential{}, x, {}));
    check_cells(bins, x);

    // Quantiles from a sample of 200,000 rows are within 1 % of a share of the true ones.
    CHECK(bins.cuts(1).n_bins() == 255);
    std::vector<std::size_t> rows(256);
    for (std::size_t i = 0; i < x.rows(); ++i) ++rows[bins(i, 1)];
    auto const share = static_cast<double>(x.rows()) / 255;
    for (std::size_t b = 1; b <= 255; ++b) {
        CHECK(static_cast<double>(rows[b]) > 0.97 * share);
        CHECK(static_cast<double>(rows[b]) < 1.03 * share);
    }
}

TEST_CASE("bins do not depend on how x is laid out") {
    auto const x = uniform(500, 3, 4);
    auto const reference = bin_features(sequential{}, x, {.max_bins = 16});
    std::vector<double> columns(500 * 3);
    for (std::size_t i = 0; i < 500; ++i) {
        for (std::size_t j = 0; j < 3; ++j) columns[j * 500 + i] = static_cast<double>(x(i, j));
    }
    CHECK(bin_features(sequential{}, features_view::column_major(columns.data(), 500, 3),
                       {.max_bins = 16}) == reference);
}
