// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/view.hpp>

#include <doctest/doctest.h>

#include <array>
#include <concepts>
#include <numeric>
#include <span>
#include <type_traits>
#include <vector>

using copse::matrix_view;
using copse::view;

TEST_CASE("a default view is empty") {
    view<int> const v;
    CHECK(v.empty());
    CHECK(v.size() == 0);
    CHECK(v.begin() == v.end());
}

TEST_CASE("a view writes through to what it was made from") {
    std::vector<int> numbers{1, 2, 3};
    view<int> const v = numbers;
    v[1] = 20;
    CHECK(numbers[1] == 20);
    CHECK(v.size() == 3);
    CHECK(std::accumulate(v.begin(), v.end(), 0) == 24);
}

TEST_CASE("views come from vectors, arrays, spans and views of non-const") {
    std::array<int, 2> pair{4, 5};
    std::vector<int> const fixed{6};
    view<int const> const from_array = pair;
    view<int const> const from_const = fixed;
    view<int const> const from_span = std::span<int>(pair);
    view<int const> const from_view = view<int>(pair);
    CHECK(from_array[1] == 5);
    CHECK(from_const[0] == 6);
    CHECK(from_span.data() == pair.data());
    CHECK(from_view.data() == pair.data());
}

TEST_CASE("a view's element type is deduced from the range") {
    std::vector<int> numbers;
    std::vector<int> const fixed;
    CHECK(std::same_as<decltype(view(numbers)), view<int>>);
    CHECK(std::same_as<decltype(view(fixed)), view<int const>>);
}

TEST_CASE("const is not dropped on the way into a view") {
    CHECK_FALSE(std::convertible_to<std::vector<int> const&, view<int>>);
    CHECK_FALSE(std::convertible_to<view<int const>, view<int>>);
}

TEST_CASE("part is a window of the same memory") {
    std::vector<int> numbers{0, 1, 2, 3, 4};
    auto const middle = view<int>(numbers).part(1, 3);
    CHECK(middle.size() == 3);
    CHECK(middle[0] == 1);
    CHECK(middle.end() == numbers.data() + 4);
    CHECK(view<int>(numbers).part(5, 0).empty());
}

TEST_CASE("views are what device code can be handed: trivially copyable") {
    CHECK(std::is_trivially_copyable_v<view<double>>);
    CHECK(std::is_trivially_copyable_v<matrix_view<float const>>);
}

TEST_CASE("a matrix view is row-major unless strides say otherwise") {
    // 0 1 2
    // 3 4 5
    std::vector<int> numbers{0, 1, 2, 3, 4, 5};
    matrix_view<int> const rows(numbers.data(), 2, 3);
    CHECK(rows(1, 0) == 3);
    CHECK(rows(0, 2) == 2);
    CHECK(rows.row(1) == numbers.data() + 3);

    matrix_view<int> const transposed(numbers.data(), 3, 2, 1, 3);
    for (std::size_t i = 0; i < 2; ++i) {
        for (std::size_t j = 0; j < 3; ++j) CHECK(transposed(j, i) == rows(i, j));
    }
}

TEST_CASE("strides may be zero or negative") {
    std::vector<int> numbers{7, 8, 9};
    matrix_view<int> const repeated(numbers.data(), 4, 3, 0, 1);
    CHECK(repeated(3, 2) == 9);
    matrix_view<int> const reversed(numbers.data() + 2, 1, 3, 0, -1);
    CHECK(reversed(0, 0) == 9);
    CHECK(reversed(0, 2) == 7);
}
