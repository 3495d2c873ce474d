// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What the readers of text share: numbers out of characters, and how text is shown in errors.

#include <copse/core/errors.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

namespace copse::detail {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r';
}

/// Reads the decimal number that [first, last) starts with: `3`, `+3`, `-.5e10`, `inf`, `nan`.
/// Returns its end, or `first` if there is none. Rounds to nearest; a number beyond double's range
/// is an infinity, one below it a zero.
[[nodiscard]] char const* read_number(char const* first, char const* last, double& number);

/// Reads the decimal integer that [first, last) starts with, without a sign.
/// Returns its end, or `first` if there is none or it does not fit.
[[nodiscard]] inline char const* read_integer(char const* first, char const* last,
                                              std::uint64_t& number) {
    auto const [end, error] = std::from_chars(first, last, number);
    return error == std::errc{} ? end : first;
}

/// To float, with infinities for what is beyond its range.
[[nodiscard]] inline float to_float(double number) noexcept {
    constexpr double largest = std::numeric_limits<float>::max();
    if (std::abs(number) <= largest || std::isnan(number)) return static_cast<float>(number);
    return std::copysign(std::numeric_limits<float>::infinity(), number < 0 ? -1.0f : 1.0f);
}

[[nodiscard]] inline bool is_integer(double number) noexcept {
    return std::trunc(number) == number && std::abs(number) <= 0x1p53;
}

/// Without blanks at its ends.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// 'text' as an error shows it: at most 40 bytes, none of them a control character.
[[nodiscard]] inline std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 40;
    std::string out = "'";
    for (auto const c : text.substr(0, longest)) {
        auto const is_control = static_cast<unsigned char>(c) < 32 || c == 127;
        out += is_control ? '?' : c;
    }
    return out + (text.size() > longest ? "...'" : "'");
}

/// `text` without a UTF-8 byte order mark. Throws file_error for what is no text in UTF-8 or an
/// extension of ASCII, since users do pass such files.
[[nodiscard]] inline std::string_view readable(std::string_view text, std::string_view name) {
    if (text.starts_with("\x1f\x8b")) {
        throw file_error(
            sentence(name, ": is compressed; copse::gunzip of <copse/data/gzip.hpp> reads it"));
    }
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
        throw file_error(sentence(name, ": is in UTF-16; save it in UTF-8"));
    }
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    return text;
}

// ------------------------------------------------------------------ implementation below

/// What from_chars found out of range is 0 if its first significant digit stands right of the
/// point, else infinite.
[[nodiscard]] inline double beyond_double(std::string_view text) {
    auto const negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    auto const e = std::min(text.find_first_of("eE"), text.size());
    auto const digits = text.substr(0, e);
    auto const point = std::min(digits.find('.'), digits.size());
    auto const significant = std::min(digits.find_first_not_of("0."), digits.size());
    auto exponent = text.substr(std::min(e + 1, text.size()));
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    std::int64_t power = 0;
    auto const parsed = std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
    auto is_small = exponent.starts_with('-');
    if (parsed.ec != std::errc::result_out_of_range) {
        is_small =
            power < static_cast<std::int64_t>(significant) - static_cast<std::int64_t>(point);
    }
    return std::copysign(is_small ? 0.0 : std::numeric_limits<double>::infinity(),
                         negative ? -1.0 : 1.0);
}

[[nodiscard]] inline char const* read_any_number(char const* first, char const* last,
                                                 double& number) {
    auto const has_plus = first != last && *first == '+';
    auto const from = first + (has_plus ? 1 : 0);
    if (has_plus && from != last && *from == '-') return first;
    auto const [end, error] = std::from_chars(from, last, number);
    if (error == std::errc::invalid_argument) return first;
    if (error == std::errc::result_out_of_range) {
        number = beyond_double({from, static_cast<std::size_t>(end - from)});
    }
    return end;
}

// Most cells are short: up to 15 digits and a point. Digits and power of ten are then exact
// doubles, so one division rounds correctly (W. Clinger, "How to Read Floating Point Numbers
// Accurately", PLDI 1990).
inline char const* read_number(char const* first, char const* last, double& number) {
    static constexpr std::array<double, 16> powers = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    auto at = first;
    auto const negative = at != last && *at == '-';
    if (negative) ++at;
    std::uint64_t digits = 0;
    auto const digits_from = at;
    while (at != last && is_digit(*at)) digits = digits * 10 + static_cast<unsigned>(*at++ - '0');
    auto n_digits = at - digits_from;
    std::size_t n_decimals = 0;
    if (at != last && *at == '.') {
        auto const decimals_from = ++at;
        while (at != last && is_digit(*at)) {
            digits = digits * 10 + static_cast<unsigned>(*at++ - '0');
        }
        n_decimals = static_cast<std::size_t>(at - decimals_from);
        n_digits += at - decimals_from;
    }
    if (n_digits == 0 || n_digits > 15 || (at != last && (*at == 'e' || *at == 'E'))) {
        return read_any_number(first, last, number);
    }
    auto const size = static_cast<double>(digits);
    auto const value = n_decimals == 0 ? size : size / powers[n_decimals];
    number = negative ? -value : value;
    return at;
}

}  // namespace copse::detail
