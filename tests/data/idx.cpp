// SPDX-License-Identifier: BSD-3-Clause
#include <copse/data/idx.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace copse;
using namespace std::string_literals;

TEST_CASE("images are rows, labels are integers") {
    auto const x = parse_idx("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03\x01\x02\x03\x04\x05\xff"s);
    CHECK(x.rows() == 2);
    CHECK(x.cols() == 3);
    CHECK(x(0, 1) == 2.0f);
    CHECK(x(1, 2) == 255.0f);
    CHECK(parse_idx_labels("\0\0\x08\x01\0\0\0\x02\x07\x09"s) == std::vector<int>{7, 9});
}

TEST_CASE("other bytes are refused") {
    auto const error_of = [](std::string const& bytes) -> std::string {
        try {
            static_cast<void>(parse_idx_labels(bytes));
        } catch (file_error const& error) {
            return error.what();
        }
        return "no error";
    };
    CHECK(error_of("") == "idx: is not an IDX file");
    CHECK(error_of("\0\0\x08\0"s) == "idx: is not an IDX file");
    CHECK(error_of("\0\0\x0d\x01\0\0\0\0"s) ==
          "idx: holds elements of IDX type 13; only unsigned bytes (8) can be read");
    CHECK(error_of("\0\0\x08\x02\0\0\0\x01"s) == "idx: ends within its shape");
    CHECK(error_of("\0\0\x08\x01\0\0\0\x03\x01"s) == "idx: has 1 elements; its shape is (3, 1)");
    CHECK(error_of("\0\0\x08\x02\0\0\0\x01\xff\xff\xff\xff\x01"s) ==
          "idx: has 1 elements, fewer than its shape asks for");
    CHECK(error_of("\0\0\x08\x02\0\0\0\x01\0\0\0\x02\x01\x02"s) ==
          "idx: has 2 elements a row; labels have one");
}
