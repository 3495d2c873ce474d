// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Compressed files, by zlib (link with -lz): this header and npz.hpp are the only ones that need
/// it, and no other includes them.
///
///     auto const train = copse::parse_csv(copse::gunzip("adult.csv.gz"), {.target = "income"});

#include <copse/core/errors.hpp>
#include <copse/data/file.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>

namespace copse {

/// What was compressed by gzip, all members if there are several.
/// Throws file_error if `bytes` are not whole gzip members.
[[nodiscard]] std::string gunzip_bytes(std::string_view bytes, std::string_view name = "gzip");

/// The text of a .gz file.
[[nodiscard]] inline std::string gunzip(std::filesystem::path const& path) {
    return gunzip_bytes(read_file(path), path.string());
}

// ------------------------------------------------------------------ implementation below

namespace detail {

constexpr int gzip_format = 15 + 16;  // zlib's window bits: 32 KiB, with gzip's head and tail
constexpr int raw_format = -15;       // the same without

/// zlib's decompressor, released when it goes.
class inflater {
public:
    inflater(std::string_view bytes, int format, std::string_view name)
        : rest_(bytes), name_(name) {
        if (inflateInit2(&stream_, format) != Z_OK) {
            throw file_error(sentence(name, ": zlib cannot start"));
        }
    }
    inflater(inflater const&) = delete;
    inflater& operator=(inflater const&) = delete;
    ~inflater() { inflateEnd(&stream_); }

    /// Appends one member to `out`; returns what follows it.
    std::string_view append_to(std::string& out) {
        for (int status = Z_OK; status != Z_STREAM_END;) {
            auto const step = std::min(rest_.size(), most);
            auto const room = std::clamp(step * 4, std::size_t{1} << 12, std::size_t{1} << 24);
            auto const size = out.size();
            // By doubling, and what is left over is given back below.
            if (out.capacity() < size + room) out.reserve(std::max(size + room, size * 2));
            out.resize(size + room);
            // zlib's pointer is not to const, but it does not write through it.
            stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));
            stream_.avail_in = static_cast<uInt>(step);
            stream_.next_out = reinterpret_cast<Bytef*>(out.data() + size);
            stream_.avail_out = static_cast<uInt>(room);
            status = inflate(&stream_, Z_NO_FLUSH);
            rest_.remove_prefix(step - stream_.avail_in);
            auto const written = room - stream_.avail_out;
            out.resize(size + written);
            if (status == Z_STREAM_END) break;
            if (status != Z_OK || (written == 0 && rest_.empty())) {
                throw file_error(sentence(
                    name_, ": ", rest_.empty() ? "ends too early" : "is damaged or not gzip"));
            }
        }
        return rest_;
    }

private:
    static constexpr std::size_t most = std::size_t{1} << 30;

    z_stream stream_{};
    std::string_view rest_;
    std::string_view name_;
};

}  // namespace detail

inline std::string gunzip_bytes(std::string_view bytes, std::string_view name) {
    std::string out;
    do {
        bytes = detail::inflater(bytes, detail::gzip_format, name).append_to(out);
        // Some tools pad the last member with zeros.
        bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
    } while (!bytes.empty());
    return out;
}

}  // namespace copse
