// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Copies some rows of a row-major table of bins together, column by column: what a small node's
/// subtree reads then lies in a few pages instead of all over the matrix.

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace copse::detail {

/// Element (r, c) of an 8 x 8 matrix of bytes, byte c of word r, becomes byte r of word c.
/// H. Warren, "Hacker's Delight", 2nd ed., section 7-3, with bytes for bits: blocks of 4, 2 and 1
/// change places across the diagonal.
inline void transpose_bytes(std::uint64_t (&word)[8]) noexcept {
    auto const swap_blocks = [&word](std::size_t apart, std::uint64_t low_half) {
        for (std::size_t i = 0; i < 8; ++i) {
            if ((i & apart) != 0) continue;
            auto const shift = 8 * apart;
            auto const moved = (word[i] >> shift ^ word[i + apart]) & low_half;
            word[i + apart] ^= moved;
            word[i] ^= moved << shift;
        }
    };
    swap_blocks(4, 0x00000000ffffffffu);
    swap_blocks(2, 0x0000ffff0000ffffu);
    swap_blocks(1, 0x00ff00ff00ff00ffu);
}

/// to[j * n + i] = rows[row_of(i) * n_cols + j] for i in [0, n) and every column j that is wanted.
/// Columns come in eights; wanted(j) says whether any of j to j + 7 is.
template <class Bin, class RowOf, class Wanted>
void gather_columns(Bin const* rows, std::size_t n_cols, std::size_t n, RowOf const& row_of,
                    Wanted const& wanted, Bin* to) {
    constexpr std::size_t block = 8;
    constexpr std::size_t ahead = 32;  // rows to ask memory for before they are read
    for (std::size_t first = 0; first < n; first += block) {
        auto const n_rows = n - first < block ? n - first : block;
        for (auto i = first + ahead; i < first + ahead + block && i < n; ++i) {
            __builtin_prefetch(rows + row_of(i) * n_cols);
        }
        Bin const* from[block];
        for (std::size_t r = 0; r < n_rows; ++r) from[r] = rows + row_of(first + r) * n_cols;
        for (std::size_t j = 0; j < n_cols; j += block) {
            if (!wanted(j)) continue;
            auto const width = n_cols - j < block ? n_cols - j : block;
            if (sizeof(Bin) == 1 && n_rows == block && width == block) {
                std::uint64_t word[block];
                for (std::size_t r = 0; r < block; ++r) std::memcpy(&word[r], from[r] + j, block);
                transpose_bytes(word);
                for (std::size_t c = 0; c < block; ++c) {
                    std::memcpy(to + (j + c) * n + first, &word[c], block);
                }
            } else {
                for (std::size_t c = 0; c < width; ++c) {
                    for (std::size_t r = 0; r < n_rows; ++r) {
                        to[(j + c) * n + first + r] = from[r][j + c];
                    }
                }
            }
        }
    }
}

}  // namespace copse::detail
