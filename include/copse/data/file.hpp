// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Whole files in memory. A reader of copse is a pair: parse_x takes text that is already there,
/// read_x takes a path and is parse_x of read_file.

#include <copse/core/errors.hpp>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace copse {

/// The bytes of a file. Throws file_error naming the path.
[[nodiscard]] std::string read_file(std::filesystem::path const& path);

/// Makes a file of these bytes, in place of what was there. Throws file_error naming the path.
void write_file(std::filesystem::path const& path, std::string_view bytes);

// ------------------------------------------------------------------ implementation below

inline std::string read_file(std::filesystem::path const& path) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        throw file_error(detail::sentence(path.string(), ": there is no such file"));
    }
    if (std::filesystem::is_directory(path, ignored)) {
        throw file_error(detail::sentence(path.string(), ": is a directory"));
    }
    std::ifstream in(path, std::ios::binary);
    if (!in) throw file_error(detail::sentence(path.string(), ": cannot be opened"));

    // The size is a hint: a pipe has none.
    std::string bytes;
    auto const hint = std::filesystem::file_size(path, ignored);
    std::size_t room = ignored ? 0 : static_cast<std::size_t>(hint);
    for (std::size_t size = 0;;) {
        bytes.resize(size + room);
        in.read(bytes.data() + size, static_cast<std::streamsize>(room));
        size += static_cast<std::size_t>(in.gcount());
        if (in.bad()) throw file_error(detail::sentence(path.string(), ": cannot be read"));
        if (!in || in.peek() == std::ifstream::traits_type::eof()) {
            bytes.resize(size);
            return bytes;
        }
        room = std::size_t{1} << 20;
    }
}

inline void write_file(std::filesystem::path const& path, std::string_view bytes) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) throw file_error(detail::sentence(path.string(), ": cannot be written"));
}

}  // namespace copse
