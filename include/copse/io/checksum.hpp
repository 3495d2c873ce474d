// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// CRC-32, the checksum of gzip, PNG and Ethernet: it finds every change of up to 32 bits in a row,
/// and any other with a chance of 1 - 2^-32.
///
///     crc32(std::as_bytes(std::span("123456789", 9))) == 0xcbf43926
///
/// Eight bytes at a step: M. Kounavis and F. Berry, "Novel Table Lookup-Based Algorithms for
/// High-Performance CRC Generation", IEEE Trans. Computers 57:1550-1560, 2008.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace copse::detail {

using crc_tables = std::array<std::array<std::uint32_t, 256>, 8>;

/// Element (k, b) is the remainder of byte b with k zero bytes behind it.
[[nodiscard]] constexpr crc_tables make_crc_tables() {
    constexpr std::uint32_t reflected_polynomial = 0xedb88320;
    crc_tables out{};
    for (std::uint32_t b = 0; b < 256; ++b) {
        auto rest = b;
        for (int bit = 0; bit < 8; ++bit) {
            rest = (rest >> 1) ^ ((rest & 1) != 0 ? reflected_polynomial : 0);
        }
        out[0][b] = rest;
    }
    for (std::size_t k = 1; k < 8; ++k) {
        for (std::size_t b = 0; b < 256; ++b) {
            out[k][b] = (out[k - 1][b] >> 8) ^ out[0][out[k - 1][b] & 0xff];
        }
    }
    return out;
}

inline constexpr crc_tables crc_table = make_crc_tables();

[[nodiscard]] inline std::uint32_t crc32(std::span<std::byte const> bytes) noexcept {
    auto const at = [&](std::size_t i) { return static_cast<std::uint32_t>(bytes[i]); };
    std::uint32_t rest = 0xffffffff;
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        auto const low = rest ^ (at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24);
        rest = crc_table[7][low & 0xff] ^ crc_table[6][(low >> 8) & 0xff] ^
               crc_table[5][(low >> 16) & 0xff] ^ crc_table[4][low >> 24] ^
               crc_table[3][at(i + 4)] ^ crc_table[2][at(i + 5)] ^ crc_table[1][at(i + 6)] ^
               crc_table[0][at(i + 7)];
    }
    for (; i < bytes.size(); ++i) rest = (rest >> 8) ^ crc_table[0][(rest ^ at(i)) & 0xff];
    return ~rest;
}

}  // namespace copse::detail
