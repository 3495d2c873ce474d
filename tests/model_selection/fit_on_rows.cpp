// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/forest_fits.hpp"
#include "support/samples.hpp"

#include <copse/ensemble/training_rows.hpp>
#include <copse/linear/elastic_net.hpp>
#include <copse/linear/logistic_regression.hpp>
#include <copse/model_selection/fit_on_rows.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <vector>

using namespace copse;

namespace {

/// Two of three rows of a grid, on which every column has all its ten values: the same cuts as the
/// whole has.
std::vector<std::size_t> two_of_three(std::size_t n) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < n; ++i) {
        if (i % 3 != 1) rows.push_back(i);
    }
    return rows;
}

constexpr std::size_t n = 600;

/// A fit on rows is the fit on a copy of them, and with shared bins the same again.
template <class Backend, class Trainer, class Y, class Options>
void check_like_copies(Trainer const& trainer, matrix<float> const& x, Y const& y, Options options,
                       std::vector<double> const& weight = {}) {
    auto const rows = two_of_three(x.rows());
    auto const own_weight = weight.empty() ? weight : test::rows_of(weight, rows);
    options.sample_weight = own_weight;
    auto const of_copies =
        trainer.fit(test::rows_of(x, rows), test::rows_of(y, rows), options, Backend{});
    options.sample_weight = weight;
    options.rows = rows;
    CHECK(trainer.fit(x, y, options, Backend{}) == of_copies);
    shared_bins bins(x);
    detail::prepare_bins(&bins, trainer, features_view(x), Backend{});
    REQUIRE(bins.size() == 1);
    options.bins = &bins;
    for (int const n_jobs : test::job_counts)
        CHECK(trainer.fit(x, y, options, test::with_jobs<Backend>(n_jobs)) == of_copies);
    CHECK(bins.size() == 1);
}

std::vector<double> weights_with_zeros() {
    std::vector<double> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back(i % 7 == 2 ? 0.0 : 1.0 + double(i % 5));
    return out;
}

/// Knows no rows, only sparse x; its model is the sum of what it saw.
struct adder {
    struct model {
        double sum;
        [[nodiscard]] std::vector<double> predict(csr_view x) const {
            return std::vector<double>(x.rows(), sum);
        }
    };
    [[nodiscard]] model fit(csr_view x, values_view) const {
        double sum = 0;
        for (std::size_t i = 0; i < x.rows(); ++i) {
            for (auto const value : x.row(i).values) sum += static_cast<double>(value);
        }
        return {sum};
    }
};

}  // namespace

TEST_CASE_TEMPLATE("a forest on some rows is the forest of a copy of them", Backend, sequential,
                   copse::tbb) {
    auto const [x, y] = test::labelled_grid(n, 4, 1);
    auto const values = test::targets_of(x, 1);
    random_forest_classifier const trainer{.n_estimators = 7, .random_state = 3};
    check_like_copies<Backend>(trainer, x, y, forest_fit_options<forest_classifier>{});
    check_like_copies<Backend>(trainer, x, y, forest_fit_options<forest_classifier>{},
                               weights_with_zeros());
    check_like_copies<Backend>(
        random_forest_classifier{
            .n_estimators = 5, .max_samples = 100, .class_weight = class_weights::balanced()},
        x, y, forest_fit_options<forest_classifier>{});
    check_like_copies<Backend>(extra_trees_classifier{.n_estimators = 5}, x, y,
                               forest_fit_options<forest_classifier>{});
    check_like_copies<Backend>(
        random_forest_regressor{.n_estimators = 5, .keep_leaf_targets = true}, x, values,
        forest_fit_options<forest_regressor>{});
}

TEST_CASE_TEMPLATE("boosting on some rows is boosting on a copy of them", Backend, sequential,
                   copse::tbb) {
    auto const [x, y] = test::labelled_grid(n, 4, 1);
    std::vector<int> two;
    for (auto const label : y) two.push_back(label == 7 ? 1 : 0);
    auto const values = test::targets_of(x, 1);
    using classifier = gradient_boosting_classifier;
    using regressor = gradient_boosting_regressor;
    classifier const plain{.n_estimators = 12, .min_samples_leaf = 3};
    check_like_copies<Backend>(plain, x, y, classifier::fit_options{});
    check_like_copies<Backend>(plain, x, two, classifier::fit_options{});
    check_like_copies<Backend>(plain, x, two, classifier::fit_options{}, weights_with_zeros());
    auto sampled = plain;
    sampled.sampling = {.subsample = 0.6, .columns_by_node = 0.5};
    check_like_copies<Backend>(sampled, x, two, classifier::fit_options{});
    sampled.sampling.rows = row_sampling::goss;
    check_like_copies<Backend>(sampled, x, y, classifier::fit_options{});
    regressor const squares{.n_estimators = 12, .min_samples_leaf = 3};
    check_like_copies<Backend>(squares, x, values, regressor::fit_options{});
    auto quantiles = squares;
    quantiles.loss = absolute_error_loss{};
    check_like_copies<Backend>(quantiles, x, values, regressor::fit_options{});
    check_like_copies<Backend>(quantiles, x, values, regressor::fit_options{},
                               weights_with_zeros());
}

TEST_CASE("boosting on some rows goes on from a warm start on them, and from raw scores") {
    auto const x = test::grid(n, 4, 1);
    auto const y = test::targets_of(x, 1);
    auto const rows = two_of_three(n);
    gradient_boosting_regressor const six{.n_estimators = 6, .min_samples_leaf = 3};
    auto whole = six;
    whole.n_estimators = 12;
    auto const begun = six.fit(x, y, {.rows = rows}, sequential{});
    CHECK(whole.fit(x, y, {.warm_start = &begun, .rows = rows}, sequential{}) ==
          whole.fit(x, y, {.rows = rows}, sequential{}));
    std::vector<double> raw;
    for (std::size_t i = 0; i < n; ++i) raw.push_back(double(i % 11));
    auto const own = test::rows_of(raw, rows);
    auto const of_copies =
        six.fit(test::rows_of(x, rows), test::rows_of(y, rows),
                {.initial_raw = features_view(own.data(), own.size(), 1)}, sequential{});
    CHECK(six.fit(x, y, {.initial_raw = features_view(raw.data(), raw.size(), 1), .rows = rows},
                  sequential{}) == of_copies);
}

TEST_CASE("classes that the rows lack are not in the model") {
    auto const x = test::grid(90, 3, 1);
    std::vector<int> y(90, 4);
    for (std::size_t i = 0; i < 90; ++i) y[i] = i % 3 == 1 ? 2 : i % 2 == 0 ? 9 : 4;
    auto const rows = two_of_three(90);
    auto const forest =
        random_forest_classifier{.n_estimators = 3}.fit(x, y, {.rows = rows}, sequential{});
    CHECK(forest.classes() == std::vector<int>{4, 9});
    detail::row_fit<labels_view> const fit{rows};
    auto const linear = detail::fit_on_rows(logistic_regression{}, features_view(x), labels_view(y),
                                            fit, sequential{});
    CHECK(linear.classes() == std::vector<int>{4, 9});
}

TEST_CASE("linear models of some rows are those of a copy, up to rounding") {
    auto const [x, y] = test::labelled_grid(300, 5, 1);
    auto const values = test::targets_of(x, 1);
    auto const rows = two_of_three(300);
    auto const own = test::rows_of(x, rows);
    detail::row_fit<labels_view> const of_labels{rows};
    logistic_regression const trainer{.C = 0.5, .tolerance = 1e-6};
    auto const some =
        detail::fit_on_rows(trainer, features_view(x), labels_view(y), of_labels, copse::tbb{});
    auto const copied = trainer.fit(own, test::rows_of(y, rows));
    REQUIRE(some.coef().rows() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
        for (std::size_t j = 0; j < 5; ++j)
            CHECK(some.coef()(k, j) == doctest::Approx(copied.coef()(k, j)).epsilon(1e-3));
    }
    detail::row_fit<values_view> const of_values{rows};
    auto const ridge_some = detail::fit_on_rows(ridge{}, features_view(x), values_view(values),
                                                of_values, copse::tbb{});
    auto const ridge_copied = ridge{}.fit(own, test::rows_of(values, rows));
    for (std::size_t j = 0; j < 5; ++j)
        CHECK(ridge_some.coef()[j] == doctest::Approx(ridge_copied.coef()[j]).epsilon(1e-3));
}

TEST_CASE("rows that are not x's rows, and bins that are not x's bins, are refused") {
    auto const x = test::grid(20, 3, 1);
    auto const y = test::targets_of(x, 1);
    random_forest_regressor const forest{.n_estimators = 2};
    gradient_boosting_regressor const boosting{.n_estimators = 2};
    auto const says = [](auto const& fit, char const* sentence) {
        CHECK_THROWS_WITH_AS((void)fit(), sentence, invalid_input);
    };
    std::vector<std::size_t> const outside{3, 20};
    std::vector<std::size_t> const falling{3, 3};
    std::vector<std::size_t> const some{3, 4, 5};
    says([&] { return forest.fit(x, y, {.rows = outside}); },
         "random_forest_regressor::fit: rows names row 20 but x has 20 rows");
    says([&] { return boosting.fit(x, y, {.rows = falling}); },
         "gradient_boosting_regressor::fit: rows has 3 before 3; they must increase");
    auto const other = test::grid(21, 3, 1);
    shared_bins const bins(other);
    says([&] { return boosting.fit(x, y, {.bins = &bins}); },
         "gradient_boosting_regressor::fit: bins are of 21 x 3 cells but x is 20 x 3");
    says(
        [&] {
            return random_forest_regressor{.n_estimators = 2, .oob_score = true}.fit(
                x, y, {.rows = some});
        },
        "random_forest_regressor::fit: out-of-bag results need all 20 rows but rows names 3");
    auto const model = boosting.fit(x, y);
    says([&] { return boosting.fit(x, y, {.refit = &model, .rows = some}); },
         "gradient_boosting_regressor::fit: refit takes all 20 rows but rows names 3");
}

TEST_CASE("copies of sparse rows live as long as the fit") {
    auto const x = test::grid(90, 3, 1);
    auto const y = test::targets_of(x, 1);
    auto const rows = two_of_three(90);
    double sum = 0;
    for (auto const row : rows) {
        for (std::size_t j = 0; j < 3; ++j) sum += static_cast<double>(x(row, j));
    }
    auto const stored = test::sparse(x);
    detail::row_fit<values_view> const fit{rows};
    auto const model =
        detail::fit_on_rows(adder{}, csr_view(stored), values_view(y), fit, sequential{});
    CHECK(model.sum == sum);
}
