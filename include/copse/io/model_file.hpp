// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The frame of every saved model, whatever its kind. All numbers are little-endian.
///
///     bytes 0-5      "copse" and a zero
///     bytes 6-7      format version, 1
///     bytes 8-15     size of the whole in bytes
///     then           the kind of model: a text, "forest_classifier" for example
///     then           sections, each a name, a size and as many bytes
///     last 4 bytes   CRC-32 of everything before
///
/// A text is a size and its bytes; a size has 8 bytes. A reader passes over sections it does not
/// know, so that sections can be added; whatever an old reader must not overlook takes a new
/// version.

#include <copse/core/errors.hpp>
#include <copse/io/bytes.hpp>
#include <copse/io/checksum.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

inline constexpr std::string_view model_magic{"copse\0", 6};
inline constexpr std::uint16_t model_format_version = 1;
/// What comes before the kind.
inline constexpr std::size_t model_head_bytes = 16;
inline constexpr std::size_t checksum_bytes = 4;
/// A model may hold others, as sections; each level of a file takes stack to read.
inline constexpr std::size_t most_depth = 16;

class model_writer {
public:
    explicit model_writer(std::string_view kind) {
        out_.raw(std::as_bytes(std::span(model_magic)));
        out_.number(model_format_version);
        out_.size(0);
        out_.text(kind);
    }

    /// A section of what write(byte_writer&) writes.
    template <class Write>
    void section(std::string_view name, Write const& write) {
        out_.text(name);
        auto const place = out_.place();
        out_.size(0);
        auto const first = out_.place();
        write(out_);
        out_.overwrite_size(place, out_.place() - first);
    }

    [[nodiscard]] std::vector<std::byte> finish() {
        out_.overwrite_size(model_head_bytes - 8, out_.place() + checksum_bytes);
        out_.number(crc32(out_.bytes()));
        return out_.take();
    }

private:
    byte_writer out_;
};

/// The size of a saved model by its first model_head_bytes bytes, or fewer if there are no more.
/// Throws file_error unless they begin a model of a version that is known here.
[[nodiscard]] inline std::size_t size_of_model(std::span<std::byte const> head,
                                               std::string const& name) {
    if (head.empty()) throw file_error(sentence(name, ": is empty"));
    byte_reader in(head, name);
    auto const begin = in.raw(std::min(head.size(), model_magic.size()));
    if (!std::ranges::equal(begin, std::as_bytes(std::span(model_magic)).first(begin.size()))) {
        in.fail("is not a saved model; those begin with 'copse' and a zero byte");
    }
    if (head.size() < model_head_bytes) {
        in.fail("has ", head.size(), " bytes; the head of a model takes ", model_head_bytes);
    }
    auto const version = in.number<std::uint16_t>();
    if (version == 0 || version > model_format_version) {
        in.fail("has format version ", version, "; this copse reads up to version ",
                model_format_version);
    }
    return in.size();
}

/// How a kind of model is saved: its name in the file, write(model_writer&, Model const&), and
/// read(model_reader const&), which returns a Model or throws file_error.
template <class Model>
struct model_format;

/// A saved model taken apart: checked from end to end, its sections found but not yet read.
class model_reader {
public:
    /// `depth` is how many models the bytes are inside of.
    model_reader(std::span<std::byte const> bytes, std::string name, std::size_t depth = 0)
        : name_(std::move(name)), depth_(depth) {
        if (depth > most_depth) {
            throw file_error(sentence(name_, ": is a model within ", depth, " models; at most ",
                                      most_depth, " are read"));
        }
        auto const size = size_of_model(bytes, name_);
        byte_reader in(bytes, name_);
        if (bytes.size() < size) {
            in.fail("has ", bytes.size(), " of its ", size, " bytes; it was cut short");
        }
        if (bytes.size() > size) {
            in.fail("has ", bytes.size(), " bytes; the model in it ends after ", size);
        }
        if (size < model_head_bytes + checksum_bytes) in.fail("is too short for a model");
        byte_reader last(bytes.last(checksum_bytes), name_);
        auto const stated = last.number<std::uint32_t>();
        auto const found = crc32(bytes.first(size - checksum_bytes));
        if (stated != found) {
            in.fail("is damaged: its checksum is ", stated, " but its content has ", found);
        }
        byte_reader body(bytes.first(size - checksum_bytes).subspan(model_head_bytes), name_);
        kind_ = body.text();
        while (body.left() > 0) {
            auto section_name = body.text();
            auto const content = body.raw(body.size());
            if (find(section_name)) body.fail("has section '", section_name, "' twice");
            sections_.emplace_back(std::move(section_name), content);
        }
    }

    [[nodiscard]] std::string const& name() const noexcept { return name_; }
    [[nodiscard]] std::string const& kind() const noexcept { return kind_; }
    [[nodiscard]] std::size_t depth() const noexcept { return depth_; }

    /// Throws file_error about a section that was read.
    template <class... Parts>
    [[noreturn]] void fail(std::string_view section, Parts const&... parts) const {
        throw file_error(sentence(name_, ": section '", section, "': ", parts...));
    }

    [[nodiscard]] bool has(std::string_view section) const { return find(section).has_value(); }

    /// read(byte_reader&) of a section, which must be there and be read to its end.
    template <class Read>
    [[nodiscard]] auto section(std::string_view section, Read const& read) const {
        auto const content = find(section);
        if (!content) throw file_error(sentence(name_, ": has no section '", section, "'"));
        byte_reader in(*content, sentence(name_, ": section '", section, "'"));
        auto out = read(in);
        in.expect_end();
        return out;
    }

private:
    [[nodiscard]] std::optional<std::span<std::byte const>> find(std::string_view section) const {
        for (auto const& [name, content] : sections_) {
            if (name == section) return content;
        }
        return std::nullopt;
    }

    std::string name_;
    std::size_t depth_;
    std::string kind_;
    std::vector<std::pair<std::string, std::span<std::byte const>>> sections_;
};

}  // namespace copse::detail
