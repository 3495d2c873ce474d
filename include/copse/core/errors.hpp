// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What copse throws, and the one way its sentences are made.
///
///     throw invalid_input(
///         sentence("fit: y has ", y.size(), " labels but x has ", x.rows(), " rows"));

#include <charconv>
#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>

namespace copse {

/// The caller's arguments cannot be used. Thrown before any work; nothing has changed.
class invalid_input : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

/// A stop was requested through a std::stop_token before there was a model to return.
class stopped : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A file cannot be read or written, or does not hold what it should.
class file_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A device cannot do what it was asked for: there is none, its memory is full, or a call failed,
/// which the message names. Nothing on the host has changed.
class device_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

namespace detail {

inline void append(std::string& out, std::string_view text) { out += text; }

template <class Number>
concept number = std::integral<Number> || std::floating_point<Number>;

/// Numbers as a person writes them: shortest digits that read back the same, no locale.
template <number Number>
void append(std::string& out, Number number) {
    char digits[64];
    auto const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

/// Its arguments one after the other, as text.
template <class... Parts>
[[nodiscard]] std::string sentence(Parts const&... parts) {
    std::string out;
    (append(out, parts), ...);
    return out;
}

}  // namespace detail
}  // namespace copse
