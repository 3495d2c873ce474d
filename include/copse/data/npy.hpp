// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// NumPy's .npy files, versions 1 to 3, of f4, f8, i1 to i8, u1 to u8 and b1, little-endian, in C
/// or Fortran order.
///
///     auto const x = copse::read_npy<float>("x.npy");                    // matrix<float>
///     auto const y = copse::read_npy_column<std::int64_t>("y.npy");      // column<std::int64_t>
///     copse::write_npy("proba.npy", forest.predict_proba(x).view());
///
/// NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".

#include <copse/core/errors.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/view.hpp>
#include <copse/data/file.hpp>
#include <copse/data/npy_header.hpp>
#include <copse/data/text.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse {

namespace detail {

template <class T>
concept npy_number = number<T> && !std::same_as<T, bool> && sizeof(T) <= 8;

}  // namespace detail

/// An array as a matrix: one dimension is a single column, those after the second are laid side by
/// side. Numbers are converted to T. Throws file_error if `bytes` are no such array or a number is
/// not a T (1.5 as an integer, 300 as 8 bits); float takes the nearest.
template <detail::npy_number T>
[[nodiscard]] matrix<T> parse_npy(std::string_view bytes, std::string_view name = "npy");

/// An array of shape (n), (n, 1) or (1, n) as a column. Otherwise as parse_npy.
template <detail::npy_number T>
[[nodiscard]] column<T> parse_npy_column(std::string_view bytes, std::string_view name = "npy");

template <detail::npy_number T>
[[nodiscard]] matrix<T> read_npy(std::filesystem::path const& path) {
    return parse_npy<T>(read_file(path), path.string());
}

template <detail::npy_number T>
[[nodiscard]] column<T> read_npy_column(std::filesystem::path const& path) {
    return parse_npy_column<T>(read_file(path), path.string());
}

/// The bytes of a .npy file, version 1, in C order.
template <class T>
[[nodiscard]] std::string to_npy(matrix_view<T> x);
template <class T>
[[nodiscard]] std::string to_npy(std::span<T> y);

template <class T>
void write_npy(std::filesystem::path const& path, matrix_view<T> x) {
    write_file(path, to_npy(x));
}
template <class T>
void write_npy(std::filesystem::path const& path, std::span<T> y) {
    write_file(path, to_npy(y));
}
template <class T>
void write_npy(std::filesystem::path const& path, matrix<T> const& x) {
    write_file(path, to_npy(x.view()));
}
template <class T>
void write_npy(std::filesystem::path const& path, std::vector<T> const& y) {
    write_file(path, to_npy(std::span(y)));
}

// ------------------------------------------------------------------ implementation below

namespace detail {

/// `from` as a To. False if it is not one.
template <class To, class From>
[[nodiscard]] bool convert(From from, To& to) {
    if constexpr (std::floating_point<To>) {
        if constexpr (std::same_as<To, float> && std::same_as<From, double>) {
            to = to_float(from);
        } else {
            to = static_cast<To>(from);
        }
        return true;
    } else if constexpr (std::floating_point<From>) {
        // Powers of two, so exact in From: the ends of To's range.
        auto const end = std::ldexp(From{1}, std::numeric_limits<To>::digits);
        auto const begin = std::is_signed_v<To> ? -end : From{0};
        if (!(from >= begin && from < end) || std::trunc(from) != from) return false;
        to = static_cast<To>(from);
        return true;
    } else {
        if (!std::in_range<To>(from)) return false;
        to = static_cast<To>(from);
        return true;
    }
}

template <class To, class From>
[[nodiscard]] matrix<To> npy_matrix(npy_array const& array, std::string_view name) {
    matrix<To> out(array.rows, array.cols);
    if (array.cols == 0) return out;
    for (std::size_t i = 0; i < array.rows; ++i) {
        for (std::size_t j = 0; j < array.cols; ++j) {
            From from;
            std::memcpy(&from, array.data + array.element(i, j) * sizeof(From), sizeof(From));
            if (!convert(from, out(i, j))) {
                throw file_error(sentence(name, ": element (", i, ", ", j, ") is ", from,
                                          ", which is no ", std::is_signed_v<To> ? "" : "unsigned ",
                                          "integer of ", sizeof(To) * 8, " bits"));
            }
        }
    }
    return out;
}

}  // namespace detail

template <detail::npy_number T>
matrix<T> parse_npy(std::string_view bytes, std::string_view name) {
    auto const array = detail::parse_npy_header(bytes, name);
    auto const code = array.type.substr(1);
    if (code == "f4") return detail::npy_matrix<T, float>(array, name);
    if (code == "f8") return detail::npy_matrix<T, double>(array, name);
    if (code == "i1") return detail::npy_matrix<T, std::int8_t>(array, name);
    if (code == "i2") return detail::npy_matrix<T, std::int16_t>(array, name);
    if (code == "i4") return detail::npy_matrix<T, std::int32_t>(array, name);
    if (code == "i8") return detail::npy_matrix<T, std::int64_t>(array, name);
    if (code == "u2") return detail::npy_matrix<T, std::uint16_t>(array, name);
    if (code == "u4") return detail::npy_matrix<T, std::uint32_t>(array, name);
    if (code == "u8") return detail::npy_matrix<T, std::uint64_t>(array, name);
    return detail::npy_matrix<T, std::uint8_t>(array, name);  // u1 and b1
}

template <detail::npy_number T>
column<T> parse_npy_column(std::string_view bytes, std::string_view name) {
    auto const x = parse_npy<T>(bytes, name);
    if (x.rows() != 1 && x.cols() != 1) {
        throw file_error(detail::sentence(name, ": has shape (", x.rows(), ", ", x.cols(),
                                          "); a column has one dimension"));
    }
    return column<T>(x.data(), x.data() + x.rows() * x.cols());
}

template <class T>
std::string to_npy(matrix_view<T> x) {
    using number = std::remove_cv_t<T>;
    auto out = detail::npy_preamble(detail::npy_type<number>(),
                                    detail::sentence("(", x.rows(), ", ", x.cols(), ")"));
    out.reserve(out.size() + x.rows() * x.cols() * sizeof(T));
    for (std::size_t i = 0; i < x.rows(); ++i) {
        for (std::size_t j = 0; j < x.cols(); ++j) {
            char bytes[sizeof(T)];
            std::memcpy(bytes, &x(i, j), sizeof(T));
            out.append(bytes, sizeof(T));
        }
    }
    return out;
}

template <class T>
std::string to_npy(std::span<T> y) {
    using number = std::remove_cv_t<T>;
    auto out =
        detail::npy_preamble(detail::npy_type<number>(), detail::sentence("(", y.size(), ",)"));
    if (!y.empty()) out.append(reinterpret_cast<char const*>(y.data()), y.size_bytes());
    return out;
}

}  // namespace copse
