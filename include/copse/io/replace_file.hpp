// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Files that are there whole or not at all: who opens the target sees the old bytes or the new
/// ones, and an error leaves the old ones.

#include <copse/core/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <random>
#include <span>
#include <string>
#include <system_error>

namespace copse::detail {

/// Removes its file unless it was kept.
class partial_file {
public:
    /// A new name beside `target`, so that taking its place is one step of the file system.
    explicit partial_file(std::filesystem::path const& target) : path_(target) {
        std::random_device draw;
        path_ += sentence(".", draw(), "-", draw(), ".partial");
    }
    partial_file(partial_file const&) = delete;
    partial_file& operator=(partial_file const&) = delete;
    ~partial_file() {
        std::error_code ignored;
        if (!kept_) std::filesystem::remove(path_, ignored);
    }

    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

    [[nodiscard]] std::error_code take_place_of(std::filesystem::path const& target) {
        std::error_code failure;
        std::filesystem::rename(path_, target, failure);
        kept_ = !failure;
        return failure;
    }

private:
    std::filesystem::path path_;
    bool kept_ = false;
};

[[nodiscard]] inline bool write_bytes(std::filesystem::path const& path,
                                      std::span<std::byte const> bytes) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<char const*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    out.close();
    return static_cast<bool>(out);
}

/// Throws file_error naming the path. Links are followed; what is no regular file, a pipe say, is
/// written to as it is.
inline void replace_file(std::filesystem::path const& path, std::span<std::byte const> bytes) {
    namespace fs = std::filesystem;
    std::error_code failure;
    auto const fail = [&](std::string_view why) {
        throw file_error(sentence(path.string(), ": ", why));
    };
    if (path.empty()) throw file_error("save: the path is empty");
    auto const canonical = fs::canonical(path, failure);
    auto const target = failure ? path : canonical;
    auto const status = fs::status(target, failure);
    if (fs::is_directory(status)) fail("is a directory");
    if (fs::exists(status) && !fs::is_regular_file(status)) {
        if (!write_bytes(target, bytes)) fail("cannot be written");
        return;
    }
    auto const folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
    if (!fs::is_directory(folder, failure)) {
        fail(sentence("cannot be written: there is no folder ", folder.string()));
    }
    partial_file partial(target);
    if (!write_bytes(partial.path(), bytes)) fail("cannot be written");
    if (fs::exists(status)) fs::permissions(partial.path(), status.permissions(), failure);
    if (auto const refused = partial.take_place_of(target)) {
        fail(sentence("cannot be replaced: ", refused.message()));
    }
}

}  // namespace copse::detail
