// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The head of a .npy file: a magic string, a length, and a Python dictionary with the keys
/// descr, fortran_order and shape.

#include <copse/core/errors.hpp>
#include <copse/data/text.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace copse::detail {

static_assert(std::endian::native == std::endian::little,
              "copse: .npy is read and written on little-endian machines");

/// Where the numbers of a .npy file are, seen as a matrix.
struct npy_array {
    std::string_view type;  ///< `<f4` and the like
    bool is_fortran = false;
    std::vector<std::size_t> shape;
    char const* data = nullptr;
    std::size_t rows = 0;
    std::size_t cols = 0;

    /// The place of (i, j) among the elements of the file. In Fortran order the first index runs
    /// fastest, and column j counts the remaining indices with the last running fastest.
    [[nodiscard]] std::size_t element(std::size_t i, std::size_t j) const {
        if (!is_fortran) return i * cols + j;
        std::size_t place = 0;
        for (auto d = shape.size(); d-- > 1;) {
            auto stride = std::size_t{1};
            for (std::size_t before = 0; before < d; ++before) stride *= shape[before];
            place += (j % shape[d]) * stride;
            j /= shape[d];
        }
        return place + i;
    }
};

/// What follows `'key':` in the dictionary.
[[nodiscard]] inline std::string_view npy_entry(std::string_view dictionary, std::string_view key,
                                                std::string_view name) {
    auto const at = dictionary.find(sentence("'", key, "':"));
    if (at == std::string_view::npos) {
        throw file_error(sentence(name, ": its header has no ", key));
    }
    return trimmed(dictionary.substr(at + key.size() + 3));
}

[[nodiscard]] inline std::string_view npy_type(std::string_view entry, std::string_view name) {
    static constexpr std::array<std::string_view, 11> known = {"f4", "f8", "i1", "i2", "i4", "i8",
                                                               "u1", "u2", "u4", "u8", "b1"};
    auto const end = entry.find('\'', 1);
    auto const type = entry.starts_with('\'') && end != std::string_view::npos
                          ? entry.substr(1, end - 1)
                          : entry.substr(0, entry.find('}'));
    if (type.size() != 3 || std::find(known.begin(), known.end(), type.substr(1)) == known.end() ||
        std::string_view("<|>=").find(type[0]) == std::string_view::npos) {
        throw file_error(sentence(name, ": holds ", in_quotes(type),
                                  "; f4, f8, i1 to i8, u1 to u8 and b1 can be read"));
    }
    if (type[0] == '>' && type[2] != '1') {
        throw file_error(sentence(name, ": holds big-endian ", in_quotes(type),
                                  "; save it little-endian, as '<", type.substr(1), "'"));
    }
    return type;
}

[[nodiscard]] inline std::vector<std::size_t> npy_shape(std::string_view entry,
                                                        std::string_view name) {
    std::vector<std::size_t> shape;
    auto const end = entry.find(')');
    auto rest = entry.substr(0, end);
    auto is_shape = rest.starts_with('(') && end != std::string_view::npos;
    if (is_shape) rest.remove_prefix(1);
    while (is_shape && !trimmed(rest).empty()) {
        rest = trimmed(rest);
        std::uint64_t length = 0;
        auto const stop = read_integer(rest.data(), rest.data() + rest.size(), length);
        is_shape = stop != rest.data();
        shape.push_back(static_cast<std::size_t>(length));
        rest = trimmed(rest.substr(static_cast<std::size_t>(stop - rest.data())));
        if (rest.starts_with(',')) {
            rest.remove_prefix(1);
        } else {
            is_shape = is_shape && rest.empty();
        }
    }
    if (!is_shape) {
        throw file_error(sentence(name, ": its header's shape is not one: ",
                                  in_quotes(entry.substr(0, entry.find('}')))));
    }
    return shape;
}

/// Throws file_error if there are fewer bytes than the shape asks for.
[[nodiscard]] inline npy_array parse_npy_header(std::string_view bytes, std::string_view name) {
    if (!bytes.starts_with("\x93NUMPY") || bytes.size() < 12) {
        throw file_error(sentence(name, ": is not a .npy file"));
    }
    auto const version = static_cast<unsigned char>(bytes[6]);
    if (version < 1 || version > 3) {
        throw file_error(sentence(name, ": is .npy version ", unsigned{version},
                                  "; versions 1 to 3 can be read"));
    }
    std::size_t const n_length = version == 1 ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t k = 0; k < n_length; ++k) {
        length |= std::size_t{static_cast<unsigned char>(bytes[8 + k])} << (8 * k);
    }
    auto const start = 8 + n_length + length;
    if (start > bytes.size()) throw file_error(sentence(name, ": ends within its header"));
    auto const dictionary = bytes.substr(8 + n_length, length);

    npy_array out;
    out.type = npy_type(npy_entry(dictionary, "descr", name), name);
    out.is_fortran = npy_entry(dictionary, "fortran_order", name).starts_with("True");
    out.shape = npy_shape(npy_entry(dictionary, "shape", name), name);
    out.data = bytes.data() + start;

    auto const width = static_cast<std::size_t>(out.type[2] - '0');
    auto const available = (bytes.size() - start) / width;
    auto const is_empty = std::find(out.shape.begin(), out.shape.end(), 0u) != out.shape.end();
    std::size_t count = is_empty ? 0 : 1;
    for (auto const n : out.shape) {
        if (!is_empty && n > available / count) {
            throw file_error(
                sentence(name, ": holds ", available, " elements, fewer than its shape asks for"));
        }
        count *= n;
    }
    if (count > available) throw file_error(sentence(name, ": ends before its first element"));
    out.rows = out.shape.empty() ? 1 : out.shape[0];
    if (is_empty) {
        out.cols = out.shape.size() == 1 ? 1 : out.shape.size() == 2 ? out.shape[1] : 0;
    } else {
        out.cols = count / out.rows;
    }
    return out;
}

template <class T>
[[nodiscard]] std::string npy_type() {
    static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8, "copse: not a number of .npy");
    auto const kind = std::same_as<T, bool>    ? "b"
                      : std::floating_point<T> ? "f"
                      : std::is_signed_v<T>    ? "i"
                                               : "u";
    return sentence(sizeof(T) == 1 ? "|" : "<", kind, sizeof(T));
}

/// Everything before the numbers, padded so that they start at a multiple of 64.
[[nodiscard]] inline std::string npy_preamble(std::string_view type, std::string_view shape) {
    auto header =
        sentence("{'descr': '", type, "', 'fortran_order': False, 'shape': ", shape, ", }");
    constexpr std::size_t before = 10;
    header.append(63 - (before + header.size()) % 64, ' ');
    header += '\n';
    std::string out = "\x93NUMPY\x01";
    out += '\0';
    out += static_cast<char>(header.size() & 255);
    out += static_cast<char>(header.size() >> 8);
    return out + header;
}

}  // namespace copse::detail
