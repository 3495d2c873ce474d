// SPDX-License-Identifier: BSD-3-Clause
#include <copse/data/npy.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

using namespace copse;

namespace {

/// A file of the given head and numbers.
template <class T>
std::string file_of(std::string const& type, std::string const& shape, std::vector<T> numbers,
                    bool is_fortran = false, char version = 1) {
    auto const head = "{'descr': '" + type +
                      "', 'fortran_order': " + (is_fortran ? "True" : "False") +
                      ", 'shape': " + shape + ", }\n";
    std::string out = "\x93NUMPY";
    out += version;
    out += '\0';
    out += static_cast<char>(head.size());
    out.append(version == 1 ? 1 : 3, '\0');
    out += head;
    out.append(reinterpret_cast<char const*>(numbers.data()), numbers.size() * sizeof(T));
    return out;
}

template <class T = float>
std::string npy_error_of(std::string const& bytes) {
    try {
        static_cast<void>(parse_npy<T>(bytes, "t.npy"));
    } catch (file_error const& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("what is written is read") {
    matrix<float> x(2, 3);
    for (std::size_t k = 0; k < 6; ++k) x(k / 3, k % 3) = static_cast<float>(k) + 0.5f;
    CHECK(parse_npy<float>(to_npy(x.view())) == x);
    // The numbers start at a multiple of 64.
    CHECK((to_npy(x.view()).size() - 6 * sizeof(float)) % 64 == 0);

    std::vector<std::int64_t> const y{-5, 0, std::numeric_limits<std::int64_t>::max()};
    CHECK(parse_npy_column<std::int64_t>(to_npy(std::span(y))) ==
          column<std::int64_t>(y.begin(), y.end()));

    auto const path = std::filesystem::temp_directory_path() / "copse_npy_test.npy";
    write_npy(path, x);
    CHECK(read_npy<double>(path)(1, 2) == 5.5);
    write_npy(path, y);
    CHECK(read_npy_column<std::int64_t>(path)[0] == -5);
    std::filesystem::remove(path);
}

TEST_CASE("every element type converts") {
    auto const one = [](auto number, std::string const& type) {
        return parse_npy<double>(file_of(type, "(1,)", std::vector{number}))(0, 0);
    };
    CHECK(one(1.5f, "<f4") == 1.5);
    CHECK(one(1.5, "<f8") == 1.5);
    CHECK(one(std::int8_t{-3}, "|i1") == -3);
    CHECK(one(std::int16_t{-300}, "<i2") == -300);
    CHECK(one(std::int32_t{-70000}, "<i4") == -70000);
    CHECK(one(std::int64_t{-70000}, "<i8") == -70000);
    CHECK(one(std::uint8_t{200}, "|u1") == 200);
    CHECK(one(std::uint16_t{60000}, "<u2") == 60000);
    CHECK(one(std::uint32_t{4000000000}, "<u4") == 4e9);
    CHECK(one(std::uint64_t{1} << 40, "<u8") == 0x1p40);
    CHECK(one(char{1}, "|b1") == 1);
}

TEST_CASE("a number that is not one of the wanted type is an error") {
    CHECK(npy_error_of<std::int64_t>(file_of("<f8", "(2,)", std::vector{1.0, 1.5})) ==
          "t.npy: element (1, 0) is 1.5, which is no integer of 64 bits");
    CHECK(npy_error_of<std::uint8_t>(file_of("<i4", "(1,)", std::vector{300})) ==
          "t.npy: element (0, 0) is 300, which is no unsigned integer of 8 bits");
    CHECK(npy_error_of<std::int64_t>(file_of("<f8", "(1,)", std::vector{0x1p63})) ==
          "t.npy: element (0, 0) is 9223372036854775808, which is no integer of 64 bits");
    CHECK(parse_npy<std::int64_t>(file_of("<f8", "(1,)", std::vector{-0x1p63}))(0, 0) ==
          std::numeric_limits<std::int64_t>::min());
    CHECK(parse_npy<float>(file_of("<f8", "(1,)", std::vector{1e300}))(0, 0) ==
          std::numeric_limits<float>::infinity());
}

TEST_CASE("shapes become matrices, in either order and version") {
    std::vector<int> const six{0, 1, 2, 3, 4, 5};
    CHECK(parse_npy<float>(file_of("<i4", "(2, 3)", six))(1, 0) == 3);
    CHECK(parse_npy<float>(file_of("<i4", "(2, 3)", six, true))(1, 0) == 1);
    CHECK(parse_npy<float>(file_of("<i4", "(2, 3)", six, false, 2))(1, 2) == 5);
    CHECK(parse_npy<float>(file_of("<i4", "(6,)", six)).rows() == 6);
    CHECK(parse_npy<float>(file_of("<i4", "()", six)).rows() == 1);

    // (i, j, k) of shape (2, 2, 2) is element i + 2 j + 4 k in Fortran order.
    std::vector<int> const eight{0, 1, 2, 3, 4, 5, 6, 7};
    auto const cube = parse_npy<float>(file_of("<i4", "(2, 2, 2)", eight, true));
    CHECK(cube.cols() == 4);
    CHECK(cube(1, 1) == 5);  // (1, 0, 1)
    CHECK(cube(0, 2) == 2);  // (0, 1, 0)

    auto const none = parse_npy<float>(file_of("<i4", "(0, 3)", std::vector<int>{}));
    CHECK(none.rows() == 0);
    CHECK(none.cols() == 3);
}

TEST_CASE("a column has one dimension") {
    std::vector<int> const six{0, 1, 2, 3, 4, 5};
    CHECK(parse_npy_column<int>(file_of("<i4", "(6, 1)", six)).size() == 6);
    CHECK(parse_npy_column<int>(file_of("<i4", "(1, 6)", six))[5] == 5);
    CHECK_THROWS_WITH_AS(static_cast<void>(parse_npy_column<int>(file_of("<i4", "(2, 3)", six))),
                         "npy: has shape (2, 3); a column has one dimension", file_error);
}

TEST_CASE("what cannot be read is said") {
    std::vector<int> const one{1};
    CHECK(npy_error_of("") == "t.npy: is not a .npy file");
    CHECK(npy_error_of("hello, world, hello") == "t.npy: is not a .npy file");
    CHECK(npy_error_of(file_of("<i4", "(1,)", one, false, 9)) ==
          "t.npy: is .npy version 9; versions 1 to 3 can be read");
    CHECK(npy_error_of(file_of(">f4", "(1,)", one)) ==
          "t.npy: holds big-endian '>f4'; save it little-endian, as '<f4'");
    CHECK(npy_error_of(file_of("<U5", "(1,)", one)) ==
          "t.npy: holds '<U5'; f4, f8, i1 to i8, u1 to u8 and b1 can be read");
    CHECK(npy_error_of(file_of("<i4", "(2,)", one)) ==
          "t.npy: holds 1 elements, fewer than its shape asks for");
    CHECK(npy_error_of(file_of("<i4", "(9999999999, 9999999999)", one)) ==
          "t.npy: holds 1 elements, fewer than its shape asks for");
    CHECK(npy_error_of(file_of("<i4", "(x,)", one)) ==
          "t.npy: its header's shape is not one: '(x,), '");
    CHECK(npy_error_of(file_of("<i4", "(1,)", one).substr(0, 20)) ==
          "t.npy: ends within its header");
}
