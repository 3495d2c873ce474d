// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/labels.hpp>

#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using copse::invalid_input;
using copse::label;
using copse::labels;

namespace {

labels numbers() { return labels(std::vector<std::int64_t>{3, -1, 300}); }
labels words() { return labels(std::vector<std::string>{"setosa", "virginica"}); }

}  // namespace

TEST_CASE("a label equals the integer or the text it holds") {
    CHECK(label(3) == 3);
    CHECK(label(std::uint8_t{3}) == label(3LL));
    CHECK(label("oak") == std::string("oak"));
    CHECK(label(3) != "3");
    CHECK(label(3).to_string() == "3");
    CHECK(label("oak").to_string() == "oak");
}

TEST_CASE("integers order before text, and each by value") {
    CHECK(label(-2) < label(1));
    CHECK(label(10) > label(9));
    CHECK(label("10") < label("9"));
    CHECK(label(1000000) < label("0"));
}

TEST_CASE("labels give back what they were made of") {
    CHECK(numbers().size() == 3);
    CHECK(numbers()[1] == -1);
    CHECK_FALSE(numbers().is_text());
    CHECK(words().is_text());
    CHECK(words()[0] == "setosa");
    CHECK(labels().empty());
}

TEST_CASE("labels compare with labels and vectors") {
    CHECK(numbers() == numbers());
    CHECK(numbers() == std::vector<int>{3, -1, 300});
    CHECK(words() == std::vector<std::string>{"setosa", "virginica"});
    CHECK(numbers() != std::vector<int>{3, -1});
    CHECK(numbers() != std::vector<int>{3, -1, 301});
    CHECK(labels(std::vector<std::int64_t>{}) != labels(std::vector<std::string>{}));
}

TEST_CASE("labels convert to containers of integers") {
    std::vector<int> const as_vector = numbers();
    xt::xtensor<std::int16_t, 1> const as_tensor = numbers();
    xt::xarray<int> const as_array = numbers();
    CHECK(as_vector == std::vector<int>{3, -1, 300});
    CHECK(as_tensor(2) == 300);
    CHECK(as_array(1) == -1);
}

TEST_CASE("labels convert to containers of text, integers as they are written") {
    std::vector<std::string> const as_text = words();
    CHECK(as_text == std::vector<std::string>{"setosa", "virginica"});
    std::vector<std::string> const written = numbers();
    CHECK(written == std::vector<std::string>{"3", "-1", "300"});
}

TEST_CASE("an integer that does not fit is named") {
    CHECK_THROWS_WITH_AS(static_cast<void>(static_cast<std::vector<std::int8_t>>(numbers())),
                         "labels: 300 does not fit in 1 bytes", invalid_input);
    CHECK_THROWS_WITH_AS(static_cast<void>(static_cast<std::vector<unsigned>>(numbers())),
                         "labels: -1 does not fit in 4 bytes", invalid_input);
}

TEST_CASE("text that is wanted as an integer is named") {
    CHECK_THROWS_WITH_AS(static_cast<void>(static_cast<std::vector<int>>(words())),
                         "labels: 'setosa' is not an integer", invalid_input);
}

TEST_CASE("codes pick labels") {
    std::vector<unsigned> const codes{1, 0, 1};
    CHECK(words().at_codes(codes) == std::vector<std::string>{"virginica", "setosa", "virginica"});
    CHECK(numbers().at_codes(codes) == std::vector<int>{-1, 3, -1});
    CHECK(words().at_codes(std::vector<unsigned>{}).is_text());
}
