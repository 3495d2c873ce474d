// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Numbers and texts as bytes, little-endian on every machine, and back. The reader trusts nothing:
/// what a count promises must be there before memory is taken for it.
///
///     byte_writer out;                    byte_reader in(bytes, "model.copse");
///     out.number(std::uint32_t{3});       in.number<std::uint32_t>();
///     out.text("setosa");                 in.text();
///     out.numbers(view(thresholds));      in.numbers<double>();

#include <copse/core/errors.hpp>
#include <copse/core/view.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

/// A number's bytes in the file's order, or back.
template <number T>
[[nodiscard]] std::array<std::byte, sizeof(T)> little_endian(
    std::array<std::byte, sizeof(T)> bytes) noexcept {
    if constexpr (std::endian::native == std::endian::big) std::ranges::reverse(bytes);
    return bytes;
}

class byte_writer {
public:
    template <number T>
    void number(T value) {
        auto const bytes = little_endian<T>(std::bit_cast<std::array<std::byte, sizeof(T)>>(value));
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    void size(std::size_t value) { number(std::uint64_t{value}); }

    void text(std::string_view value) {
        size(value.size());
        raw(std::as_bytes(std::span(value)));
    }

    /// A count, and as many numbers.
    template <class T>
    void numbers(view<T const> values) {
        size(values.size());
        if constexpr (std::endian::native == std::endian::little) {
            raw(std::as_bytes(std::span(values.data(), values.size())));
        } else {
            for (auto const value : values) number(value);
        }
    }

    void raw(std::span<std::byte const> bytes) {
        // Not insert(): where sizes are constants, g++ 12 sees an overflow in it that is not there.
        auto const first = static_cast<std::ptrdiff_t>(bytes_.size());
        bytes_.resize(bytes_.size() + bytes.size());
        std::ranges::copy(bytes, bytes_.begin() + first);
    }

    /// Where the next byte goes.
    [[nodiscard]] std::size_t place() const noexcept { return bytes_.size(); }
    /// Writes over the size that is at `place`.
    void overwrite_size(std::size_t place, std::size_t value) {
        byte_writer eight;
        eight.size(value);
        std::ranges::copy(eight.bytes_, bytes_.begin() + static_cast<std::ptrdiff_t>(place));
    }

    [[nodiscard]] std::span<std::byte const> bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::vector<std::byte> take() noexcept { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

/// Reads borrowed bytes from the first to the last. `name` begins its errors.
class byte_reader {
public:
    byte_reader(std::span<std::byte const> bytes, std::string name)
        : rest_(bytes), name_(std::move(name)) {}

    template <detail::number T>
    [[nodiscard]] T number() {
        std::array<std::byte, sizeof(T)> bytes;
        std::ranges::copy(raw(sizeof(T)), bytes.begin());
        return std::bit_cast<T>(little_endian<T>(bytes));
    }
    [[nodiscard]] std::size_t size() {
        auto const value = number<std::uint64_t>();
        if (!std::in_range<std::size_t>(value)) fail("has a size of ", value, ", beyond memory");
        return static_cast<std::size_t>(value);
    }

    [[nodiscard]] std::string text() {
        auto const bytes = raw(count_of(1));
        return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
    }

    template <detail::number T>
    [[nodiscard]] std::vector<T> numbers() {
        std::vector<T> out(count_of(sizeof(T)));
        if constexpr (std::endian::native == std::endian::little) {
            auto const bytes = raw(out.size() * sizeof(T));
            if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
        } else {
            for (auto& value : out) value = number<T>();
        }
        return out;
    }

    /// A count of things of at least `least_bytes` each, which must have room in what is left.
    [[nodiscard]] std::size_t count_of(std::size_t least_bytes) {
        auto const count = size();
        if (count > left() / least_bytes) {
            fail("promises ", count, " items of ", least_bytes, " bytes and has ", left(),
                 " bytes left");
        }
        return count;
    }

    [[nodiscard]] std::span<std::byte const> raw(std::size_t n) {
        if (n > left()) fail("needs ", n, " more bytes and has ", left());
        auto const out = rest_.first(n);
        rest_ = rest_.subspan(n);
        return out;
    }

    [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }
    [[nodiscard]] std::string const& name() const noexcept { return name_; }

    /// Throws file_error unless everything was read.
    void expect_end() const {
        if (left() != 0) fail("has ", left(), " bytes too many");
    }

    template <class... Parts>
    [[noreturn]] void fail(Parts const&... parts) const {
        throw file_error(sentence(name_, ": ", parts...));
    }

private:
    std::span<std::byte const> rest_;
    std::string name_;
};

}  // namespace copse::detail
