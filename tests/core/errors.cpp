// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/errors.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

using copse::detail::sentence;

TEST_CASE("a sentence is its parts, numbers as a person writes them") {
    CHECK(sentence("y has ", std::size_t{99}, " labels but x has ", 100, " rows") ==
          "y has 99 labels but x has 100 rows");
    CHECK(sentence(0.1, " and ", 0.1f, " and ", -2.0, " and ", 1e300) ==
          "0.1 and 0.1 and -2 and 1e+300");
    CHECK(sentence(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(sentence(std::string("text"), std::string_view(" of "), "any kind") ==
          "text of any kind");
    CHECK(sentence().empty());
}

TEST_CASE("wrong input can be caught as the standard's invalid_argument") {
    CHECK_THROWS_AS(throw copse::invalid_input("no"), std::invalid_argument);
    CHECK_THROWS_AS(throw copse::stopped("no"), std::runtime_error);
    CHECK_THROWS_AS(throw copse::file_error("no"), std::runtime_error);
}
