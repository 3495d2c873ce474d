// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// NumPy's .npz files: zip archives of .npy files, stored or deflated. Needs zlib (link with -lz).
///
///     copse::npz_file const file("data.npz");
///     auto const x = file.read<float>("X");
///     auto const y = file.read_column<std::int64_t>("y");

#include <copse/core/errors.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/file.hpp>
#include <copse/data/gzip.hpp>
#include <copse/data/npy.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

class npz_file {
public:
    /// Throws file_error if the file is no zip archive.
    explicit npz_file(std::filesystem::path const& path)
        : npz_file(read_file(path), path.string()) {}
    npz_file(std::string bytes, std::string name);

    /// The arrays, as NumPy calls them: without `.npy`.
    [[nodiscard]] std::vector<std::string> names() const;

    /// As parse_npy. Throws file_error if there is no such array, or it is damaged.
    template <detail::npy_number T>
    [[nodiscard]] matrix<T> read(std::string_view array) const {
        return parse_npy<T>(unpacked(array), title(array));
    }
    template <detail::npy_number T>
    [[nodiscard]] column<T> read_column(std::string_view array) const {
        return parse_npy_column<T>(unpacked(array), title(array));
    }

private:
    struct member {
        std::string name;
        std::uint64_t method = 0;
        std::uint64_t crc = 0;
        std::uint64_t packed_size = 0;
        std::uint64_t size = 0;
        std::uint64_t offset = 0;  // of its local header
    };

    [[nodiscard]] std::string unpacked(std::string_view array) const;
    [[nodiscard]] member read_member(std::size_t at) const;
    void read_zip64(member& entry, std::string_view extra) const;
    [[nodiscard]] std::uint64_t number(std::size_t at, std::size_t width) const;
    [[nodiscard]] std::string_view part(std::uint64_t at, std::uint64_t size) const;
    [[nodiscard]] std::string title(std::string_view array) const {
        return detail::sentence(name_, ": ", array);
    }

    std::string bytes_;
    std::string name_;
    std::vector<member> members_;
};

// ------------------------------------------------------------------ implementation below

// Numbers and offsets are those of PKWARE's APPNOTE.TXT, "ZIP File Format Specification", 4.3 and
// 4.5.3. Archives of more than 65534 arrays or 4 GiB before the directory are not read.

inline std::string_view npz_file::part(std::uint64_t at, std::uint64_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) {
        throw file_error(detail::sentence(name_, ": is damaged; its parts lie beyond its end"));
    }
    return std::string_view(bytes_).substr(at, size);
}

inline std::uint64_t npz_file::number(std::size_t at, std::size_t width) const {
    std::uint64_t out = 0;
    auto const bytes = part(at, width);
    for (std::size_t k = 0; k < width; ++k) {
        out |= std::uint64_t{static_cast<unsigned char>(bytes[k])} << (8 * k);
    }
    return out;
}

inline npz_file::npz_file(std::string bytes, std::string name)
    : bytes_(std::move(bytes)), name_(std::move(name)) {
    auto const end = bytes_.rfind("PK\x05\x06");
    if (end == std::string::npos) {
        throw file_error(detail::sentence(name_, ": is not a .npz file"));
    }
    auto const n_members = number(end + 10, 2);
    auto at = number(end + 16, 4);
    for (std::uint64_t i = 0; i < n_members; ++i) {
        members_.push_back(read_member(at));
        at += 46 + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2);
    }
}

inline npz_file::member npz_file::read_member(std::size_t at) const {
    if (part(at, 4) != "PK\x01\x02") {
        throw file_error(detail::sentence(name_, ": is damaged; its directory is not one"));
    }
    auto const name_size = number(at + 28, 2);
    member out{std::string(part(at + 46, name_size)),
               number(at + 10, 2),
               number(at + 16, 4),
               number(at + 20, 4),
               number(at + 24, 4),
               number(at + 42, 4)};
    read_zip64(out, part(at + 46 + name_size, number(at + 30, 2)));
    if (out.name.ends_with(".npy")) out.name.resize(out.name.size() - 4);
    return out;
}

/// The sizes that did not fit in 32 bits, in this order, are 64-bit numbers of field 1.
inline void npz_file::read_zip64(member& entry, std::string_view extra) const {
    auto const base = static_cast<std::size_t>(extra.data() - bytes_.data());
    for (std::size_t at = 0; at + 4 <= extra.size();) {
        auto const size = number(base + at + 2, 2);
        if (number(base + at, 2) == 1) {
            auto field = base + at + 4;
            for (auto value : {&entry.size, &entry.packed_size, &entry.offset}) {
                if (*value != 0xffffffff) continue;
                *value = number(field, 8);
                field += 8;
            }
        }
        at += 4 + size;
    }
}

inline std::vector<std::string> npz_file::names() const {
    std::vector<std::string> out;
    for (auto const& entry : members_) out.push_back(entry.name);
    return out;
}

inline std::string npz_file::unpacked(std::string_view array) const {
    auto const at = std::find_if(members_.begin(), members_.end(),
                                 [&](auto const& entry) { return entry.name == array; });
    if (at == members_.end()) {
        std::string known;
        for (auto const& entry : members_) known += (known.empty() ? "" : ", ") + entry.name;
        throw file_error(detail::sentence(name_, ": has no array '", array, "'; it has ", known));
    }
    auto const header = at->offset;
    static_cast<void>(part(header, 30));
    auto const start = header + 30 + number(header + 26, 2) + number(header + 28, 2);
    auto const packed = part(start, at->packed_size);
    std::string out;
    if (at->method == 0) {
        out = packed;
    } else if (at->method == 8) {
        detail::inflater(packed, detail::raw_format, title(array)).append_to(out);
    } else {
        throw file_error(detail::sentence(title(array), ": is packed by zip method ", at->method,
                                          "; stored (0) and deflated (8) can be read"));
    }
    auto const crc = crc32_z(0, reinterpret_cast<Bytef const*>(out.data()), out.size());
    if (out.size() != at->size || crc != at->crc) {
        throw file_error(detail::sentence(title(array), ": is damaged; its checksum differs"));
    }
    return out;
}

}  // namespace copse
