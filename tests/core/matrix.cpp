// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/matrix.hpp>

#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

using copse::matrix;

namespace {

// 0 1 2
// 10 11 12
matrix<float> two_by_three() {
    matrix<float> m(2, 3);
    for (std::size_t i = 0; i < 2; ++i) {
        for (std::size_t j = 0; j < 3; ++j) m(i, j) = static_cast<float>(10 * i + j);
    }
    return m;
}

}  // namespace

TEST_CASE("a matrix is row-major and starts with one value everywhere") {
    matrix<int> const m(2, 3, 7);
    CHECK(m.rows() == 2);
    CHECK(m.cols() == 3);
    CHECK(m.shape() == std::array<std::size_t, 2>{2, 3});
    CHECK(m.strides() == std::array<std::ptrdiff_t, 2>{3, 1});
    CHECK(m(1, 2) == 7);
    CHECK(two_by_three().row(1)[2] == 12);
    CHECK(two_by_three().data()[3] == 10);
}

TEST_CASE("a matrix and its view share elements") {
    auto m = two_by_three();
    m.view()(0, 1) = 100;
    CHECK(m(0, 1) == 100);
    m.row(1)[0] = 200;
    CHECK(m(1, 0) == 200);
}

TEST_CASE("matrices are equal when shape and elements are") {
    CHECK(two_by_three() == two_by_three());
    CHECK(matrix<int>(2, 3) != matrix<int>(3, 2));
    auto other = two_by_three();
    other(1, 2) = 0;
    CHECK(other != two_by_three());
}

TEST_CASE("a matrix converts to xtensor and xarray, of its own or another element type") {
    xt::xtensor<float, 2> const same = two_by_three();
    CHECK(same.shape(0) == 2);
    CHECK(same.shape(1) == 3);
    CHECK(same(1, 2) == 12);

    xt::xarray<double> const wider = two_by_three();
    CHECK(wider.dimension() == 2);
    CHECK(wider(1, 0) == 10);
}

TEST_CASE("an empty matrix converts to an empty container of the same shape") {
    xt::xtensor<float, 2> const none = matrix<float>(0, 3);
    CHECK(none.shape(0) == 0);
    CHECK(none.shape(1) == 3);
}

TEST_CASE("a column is a std::vector that converts to a container of rank 1") {
    copse::column<double> const values{1.5, 2.5};
    xt::xtensor<double, 1> const as_tensor = values;
    xt::xarray<float> const as_array = values;
    std::vector<double> const& as_vector = values;
    CHECK(as_tensor(1) == 2.5);
    CHECK(as_array(0) == 1.5f);
    CHECK(as_vector.size() == 2);
}
