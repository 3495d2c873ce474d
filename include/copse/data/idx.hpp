// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The IDX files of MNIST and its successors: unsigned bytes with their shape.
///
///     auto const x = copse::read_idx("train-images-idx3-ubyte");          // (60000, 784), 0 to
///     255 auto const y = copse::read_idx_labels("train-labels-idx1-ubyte");   // 60000 labels
///
/// Y. LeCun, C. Cortes, C. Burges, "The MNIST Database of Handwritten Digits", 1998.

#include <copse/core/errors.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// One row for each element of the first dimension, the others side by side.
/// Throws file_error if `bytes` are not an IDX file of unsigned bytes.
[[nodiscard]] matrix<float> parse_idx(std::string_view bytes, std::string_view name = "idx");

/// The labels of a file with one dimension. Otherwise as parse_idx.
[[nodiscard]] labels parse_idx_labels(std::string_view bytes, std::string_view name = "idx");

[[nodiscard]] inline matrix<float> read_idx(std::filesystem::path const& path) {
    return parse_idx(read_file(path), path.string());
}

[[nodiscard]] inline labels read_idx_labels(std::filesystem::path const& path) {
    return parse_idx_labels(read_file(path), path.string());
}

// ------------------------------------------------------------------ implementation below

namespace detail {

struct idx_array {
    std::size_t rows = 0;
    std::size_t cols = 1;
    std::string_view elements;
};

[[nodiscard]] inline idx_array parse_idx_array(std::string_view bytes, std::string_view name) {
    auto const byte = [&](std::size_t i) {
        return std::size_t{static_cast<unsigned char>(bytes[i])};
    };
    if (bytes.size() < 4 || byte(0) != 0 || byte(1) != 0 || byte(3) == 0) {
        throw file_error(sentence(name, ": is not an IDX file"));
    }
    if (byte(2) != 8) {
        throw file_error(sentence(name, ": holds elements of IDX type ", byte(2),
                                  "; only unsigned bytes (8) can be read"));
    }
    auto const start = 4 + 4 * byte(3);
    if (bytes.size() < start) throw file_error(sentence(name, ": ends within its shape"));
    idx_array out{0, 1, bytes.substr(start)};
    for (std::size_t at = 4; at < start; at += 4) {
        auto const n = byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
        if (at == 4) {
            out.rows = n;
        } else if (n != 0 && out.cols > out.elements.size() / n) {
            throw file_error(sentence(name, ": has ", out.elements.size(),
                                      " elements, fewer than its shape asks for"));
        } else {
            out.cols *= n;
        }
    }
    if (out.cols == 0
            ? !out.elements.empty()
            : out.elements.size() % out.cols != 0 || out.elements.size() / out.cols != out.rows) {
        throw file_error(sentence(name, ": has ", out.elements.size(), " elements; its shape is (",
                                  out.rows, ", ", out.cols, ")"));
    }
    return out;
}

}  // namespace detail

inline matrix<float> parse_idx(std::string_view bytes, std::string_view name) {
    auto const array = detail::parse_idx_array(bytes, name);
    matrix<float> out(array.rows, array.cols);
    std::transform(array.elements.begin(), array.elements.end(), out.data(),
                   [](char c) { return static_cast<float>(static_cast<unsigned char>(c)); });
    return out;
}

inline labels parse_idx_labels(std::string_view bytes, std::string_view name) {
    auto const array = detail::parse_idx_array(bytes, name);
    if (array.cols != 1) {
        throw file_error(
            detail::sentence(name, ": has ", array.cols, " elements a row; labels have one"));
    }
    std::vector<std::int64_t> out(array.rows);
    std::transform(array.elements.begin(), array.elements.end(), out.begin(),
                   [](char c) { return static_cast<std::int64_t>(static_cast<unsigned char>(c)); });
    return labels(std::move(out));
}

}  // namespace copse
