// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>

#include <xtensor/xarray.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using copse::features_view;
using copse::invalid_input;
using copse::labels;
using copse::labels_view;
using copse::values_view;

namespace {

// 0 1 2 3
// 10 11 12 13
// 20 21 22 23
template <class Container>
Container three_by_four() {
    auto x = Container::from_shape({3, 4});
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 4; ++j)
            x(i, j) = static_cast<typename Container::value_type>(10 * i + j);
    }
    return x;
}

template <class Expected>
void check_same(features_view const& x, Expected const& expected) {
    REQUIRE(x.rows() == expected.shape()[0]);
    REQUIRE(x.cols() == expected.shape()[1]);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        for (std::size_t j = 0; j < x.cols(); ++j) {
            CHECK(x(i, j) == static_cast<double>(expected(i, j)));
        }
    }
}

bool holds_float(features_view const& x) {
    return x.visit([]<class T>(copse::matrix_view<T>) { return std::same_as<T, float const>; });
}

}  // namespace

// ---------------------------------------------------------------- features_view

TEST_CASE("features come from xtensor and xarray, float or double") {
    auto const x = three_by_four<xt::xtensor<float, 2>>();
    check_same(x, x);
    CHECK(holds_float(x));
    auto const wide = three_by_four<xt::xarray<double>>();
    check_same(wide, wide);
    CHECK_FALSE(holds_float(wide));
}

TEST_CASE("features are borrowed, not copied") {
    auto x = three_by_four<xt::xtensor<double, 2>>();
    features_view const seen = x;
    x(1, 1) = -5;
    CHECK(seen(1, 1) == -5);
}

TEST_CASE("features come from column-major containers") {
    auto const x = three_by_four<xt::xtensor<double, 2, xt::layout_type::column_major>>();
    check_same(x, x);
    auto const y = three_by_four<xt::xarray<float, xt::layout_type::column_major>>();
    check_same(y, y);
}

TEST_CASE("features come from strided views of containers") {
    auto const x = three_by_four<xt::xtensor<double, 2>>();
    auto const every_second = xt::view(x, xt::range(1, 3), xt::range(1, 4, 2));
    check_same(every_second, every_second);
    CHECK(features_view(every_second)(0, 0) == 11);
    CHECK(features_view(every_second)(1, 1) == 23);

    auto const one_column = xt::view(x, xt::all(), xt::range(2, 3));
    check_same(one_column, one_column);

    auto const a = three_by_four<xt::xarray<float>>();
    auto const strided = xt::strided_view(a, {xt::range(0, 3, 2), xt::all()});
    check_same(strided, strided);
    CHECK(features_view(strided)(1, 0) == 20);
}

TEST_CASE("features come from a reversed view") {
    auto const x = three_by_four<xt::xtensor<double, 2>>();
    auto const reversed =
        xt::strided_view(x, {xt::range(xt::placeholders::_, xt::placeholders::_, -1), xt::all()});
    CHECK(features_view(reversed)(0, 1) == 21);
    CHECK(features_view(reversed)(2, 3) == 3);
}

TEST_CASE("features come from a transposed container") {
    auto x = three_by_four<xt::xtensor<double, 2>>();
    auto const t = xt::transpose(x);
    check_same(t, t);
    CHECK(features_view(t)(3, 1) == 13);
}

TEST_CASE("features come from pointers, row-major or column-major") {
    std::vector<float> numbers{0, 1, 2, 3, 4, 5};
    features_view const by_rows(numbers.data(), 2, 3);
    CHECK(by_rows(1, 0) == 3);
    auto const by_columns = features_view::column_major(numbers.data(), 2, 3);
    CHECK(by_columns.rows() == 2);
    CHECK(by_columns(1, 0) == 1);
    CHECK(by_columns(0, 2) == 4);
}

TEST_CASE("features come from copse's own matrix and views") {
    copse::matrix<float> m(2, 2);
    m(1, 0) = 5;
    CHECK(features_view(m)(1, 0) == 5);
    CHECK(features_view(m.view())(1, 0) == 5);
    CHECK(holds_float(m.view()));
}

TEST_CASE("features may have no rows or no columns") {
    CHECK(features_view().rows() == 0);
    CHECK(features_view().cols() == 0);
    auto const none = xt::xtensor<float, 2>::from_shape({0, 3});
    CHECK(features_view(none).rows() == 0);
    CHECK(features_view(none).cols() == 3);
}

TEST_CASE("one row and one column keep their shape") {
    auto const row = xt::xtensor<double, 2>{{1, 2, 3}};
    check_same(row, row);
    auto const column = xt::xtensor<double, 2>{{1}, {2}, {3}};
    check_same(column, column);
}

TEST_CASE("features of the wrong rank get a sentence") {
    xt::xtensor<float, 1> const line{1, 2, 3};
    CHECK_THROWS_WITH_AS(features_view{line}, "features_view: x has 1 dimensions; it must have 2",
                         invalid_input);
    auto const cube = xt::xarray<double>::from_shape({2, 2, 2});
    CHECK_THROWS_WITH_AS(features_view{cube}, "features_view: x has 3 dimensions; it must have 2",
                         invalid_input);
}

TEST_CASE("missing values stay missing") {
    xt::xtensor<float, 2> x{{1, std::numeric_limits<float>::quiet_NaN()}};
    CHECK(std::isnan(features_view(x)(0, 1)));
}

// ---------------------------------------------------------------- labels_view

TEST_CASE_TEMPLATE("labels come from integers of any width", Int, std::int8_t, std::uint8_t,
                   std::int16_t, std::uint16_t, std::int32_t, std::uint32_t, std::int64_t, bool) {
    auto const y = xt::xtensor<Int, 1>{Int{1}, Int{0}, Int{1}};
    labels_view const seen = y;
    REQUIRE(seen.size() == 3);
    CHECK_FALSE(seen.is_text());
    CHECK(seen[0] == 1);
    CHECK(seen[1] == 0);
}

TEST_CASE("labels come from vectors, spans, and strided views") {
    std::vector<int> const v{4, -5, 6};
    CHECK(labels_view(v)[1] == -5);
    CHECK(labels_view(std::span(v))[2] == 6);

    xt::xtensor<int, 2> const table{{1, 2}, {3, 4}, {5, 6}};
    auto const second = xt::view(table, xt::all(), 1);
    labels_view const seen = second;
    REQUIRE(seen.size() == 3);
    CHECK(seen[0] == 2);
    CHECK(seen[2] == 6);

    xt::xarray<int> const a{7, 8};
    CHECK(labels_view(a)[1] == 8);
}

TEST_CASE("labels come from text of any kind") {
    std::vector<std::string> const strings{"oak", "ash"};
    std::vector<std::string_view> const views{"oak", "ash"};
    std::vector<char const*> const literals{"oak", "ash"};
    for (auto const& y : {labels_view(strings), labels_view(views), labels_view(literals)}) {
        CHECK(y.is_text());
        CHECK(y.size() == 2);
        CHECK(y[1] == "ash");
    }
}

TEST_CASE("labels come from what predict gave") {
    labels const numbers(std::vector<std::int64_t>{3, 1});
    labels const words(std::vector<std::string>{"oak"});
    CHECK(labels_view(numbers)[0] == 3);
    CHECK(labels_view(words)[0] == "oak");
    CHECK(labels_view().size() == 0);
}

TEST_CASE("labels of the wrong rank get a sentence") {
    auto const square = xt::xtensor<int, 2>::from_shape({2, 2});
    CHECK_THROWS_WITH_AS(labels_view{square}, "labels_view: y: has 2 dimensions; it must have 1",
                         invalid_input);
}

TEST_CASE("encode gives classes in order and rows in terms of them") {
    std::vector<int> const y{30, -10, 30, 20};
    auto const encoded = copse::encode(y);
    CHECK(encoded.classes == std::vector<int>{-10, 20, 30});
    CHECK(encoded.codes == std::vector<std::uint32_t>{2, 0, 2, 1});

    std::vector<std::string> const words{"oak", "ash", "oak"};
    auto const trees = copse::encode(words);
    CHECK(trees.classes == std::vector<std::string>{"ash", "oak"});
    CHECK(trees.codes == std::vector<std::uint32_t>{1, 0, 1});
}

TEST_CASE("decoding what was encoded gives the labels back") {
    std::vector<int> y;
    for (int i = 0; i < 1000; ++i) y.push_back((i * 37) % 33 - 16);
    auto const encoded = copse::encode(y);
    CHECK(encoded.classes.size() == 33);
    CHECK(encoded.classes.at_codes(encoded.codes) == y);
    CHECK(copse::encode(y, encoded.classes) == encoded.codes);
}

TEST_CASE("a label that is none of the classes is named, with its row") {
    std::vector<int> const y{1, 2, 9};
    CHECK_THROWS_WITH_AS(
        static_cast<void>(copse::encode(y, labels(std::vector<std::int64_t>{1, 2}))),
        "encode: label 9 at row 2 is none of the 2 classes", invalid_input);
}

TEST_CASE("integers are not looked up among text") {
    std::vector<int> const y{1};
    CHECK_THROWS_WITH_AS(static_cast<void>(copse::encode(y, labels(std::vector<std::string>{"1"}))),
                         "encode: y holds integers but the classes are text", invalid_input);
}

// ---------------------------------------------------------------- values_view

TEST_CASE_TEMPLATE("values of any arithmetic type are read as double", T, float, double, int,
                   std::uint8_t, std::int64_t) {
    std::vector<T> const v{T{1}, T{2}};
    CHECK(values_view(v)[1] == 2.0);
    xt::xtensor<T, 1> const y{T{3}, T{4}};
    CHECK(values_view(y).size() == 2);
    CHECK(values_view(y)[0] == 3.0);
}

TEST_CASE("values come from strided views") {
    xt::xtensor<double, 2> const table{{1, 2}, {3, 4}, {5, 6}};
    auto const first = xt::view(table, xt::all(), 0);
    CHECK(values_view(first)[2] == 5);
    auto const row = xt::row(table, 1);
    CHECK(values_view(row)[1] == 4);
}

TEST_CASE("default values are none") {
    CHECK(values_view().empty());
    CHECK(values_view(std::vector<double>{}).empty());
}

TEST_CASE("values of the wrong rank get a sentence") {
    auto const square = xt::xtensor<double, 2>::from_shape({2, 2});
    CHECK_THROWS_WITH_AS(values_view{square}, "values_view: y: has 2 dimensions; it must have 1",
                         invalid_input);
}
