// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A block's own sums of gradients in 32-bit words, which a device adds to shared memory with one
/// instruction each. Few rows fit, so a block takes few and adds what it has to the 64-bit sums.
///
///     short_sums<gradient_sums> const sums(count_bits);
///     sums.add(b, words, n, cell, item);                // at most sums.most_rows() items
///     gradient_sums::add(total, sums.cell_at(words, n, cell));
///
/// With 2^r rows a number is cut after its low 32 - r bits, so that the low parts sum to less than
/// 2^32. What remains of a gradient, |g| <= 2^30, sums to at most 2^(2r - 2). What remains of a
/// Hessian of at most b bits sums to at most 2^(2r + b - 32) and lies above the count, r + 1 bits:
/// below 2^32 where 3r + b <= 62. Where all Hessians are 1 the high part of a gradient of b bits
/// lies there, and with its sign fits where 3r + b <= 61. r <= 14, so that rows are shared out.
/// (1M rows: 4,096 of them to a block; 10M: 16,384; the cells are then flushed as often as one row
/// in forty is read.)

#include <copse/core/config.hpp>
#include <copse/core/view.hpp>
#include <copse/tree/gradient_sums.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace copse::detail {

/// Bits of the number of rows of which 3 r + bits <= most holds.
[[nodiscard]] inline int short_row_bits(int bits, int most) noexcept {
    return std::min(14, (most - bits) / 3);
}

template <class Sums>
class short_sums;

template <>
class short_sums<gradient_sums> {
public:
    /// Words of a cell; word w of cell c is words[w * n + c].
    static constexpr std::size_t n_words = 4;

    explicit short_sums(int count_bits) noexcept
        : count_bits_(count_bits),
          row_bits_(short_row_bits(gradient_sums::hessian_bits(count_bits), 62)),
          low_bits_(32 - row_bits_) {}

    [[nodiscard]] std::size_t most_rows() const noexcept { return std::size_t{1} << row_bits_; }

    template <class Block>
    COPSE_FN void add(Block& b, view<std::uint32_t> words, std::size_t n, std::size_t cell,
                      gradient_sums::item const& i) const {
        auto const low = (std::uint32_t{1} << low_bits_) - 1;
        b.add(words[cell], static_cast<std::uint32_t>(i.gradient) & low);
        b.add(words[n + cell], static_cast<std::uint32_t>(i.gradient >> low_bits_));
        b.add(words[2 * n + cell], i.hessian & low);
        b.add(words[3 * n + cell], i.hessian >> low_bits_ << (row_bits_ + 1) | 1u);
    }
    [[nodiscard]] COPSE_FN gradient_sums::cell cell_at(view<std::uint32_t const> words,
                                                       std::size_t n,
                                                       std::size_t cell) const noexcept {
        auto const high = static_cast<std::int32_t>(words[n + cell]);
        auto const top = words[3 * n + cell];
        auto const count = top & ((std::uint32_t{2} << row_bits_) - 1);
        auto const hessian =
            (std::uint64_t{top >> (row_bits_ + 1)} << low_bits_) + words[2 * n + cell];
        gradient_sums::cell out;
        out.gradient = std::int64_t{high} * (std::int64_t{1} << low_bits_) + words[cell];
        out.rest = (hessian << count_bits_) + count;
        return out;
    }
    template <class Block>
    COPSE_FN static void add_global(Block& b, gradient_sums::cell& to,
                                    gradient_sums::cell const& more) {
        b.add_global(to.gradient, more.gradient);
        b.add_global(to.rest, more.rest);
    }

private:
    int count_bits_;
    int row_bits_;
    int low_bits_;
};

template <>
class short_sums<unit_gradient_sums> {
public:
    static constexpr std::size_t n_words = 2;

    explicit short_sums(int count_bits) noexcept
        : count_bits_(count_bits),
          row_bits_(short_row_bits(unit_gradient_sums::gradient_bits(count_bits), 61)),
          low_bits_(32 - row_bits_) {}

    [[nodiscard]] std::size_t most_rows() const noexcept { return std::size_t{1} << row_bits_; }

    template <class Block>
    COPSE_FN void add(Block& b, view<std::uint32_t> words, std::size_t n, std::size_t cell,
                      unit_gradient_sums::item const& i) const {
        auto const low = (std::uint32_t{1} << low_bits_) - 1;
        b.add(words[cell], static_cast<std::uint32_t>(i.gradient) & low);
        b.add(words[n + cell],
              (static_cast<std::uint32_t>(i.gradient >> low_bits_) << (row_bits_ + 1)) + 1u);
    }
    [[nodiscard]] COPSE_FN unit_gradient_sums::cell cell_at(view<std::uint32_t const> words,
                                                            std::size_t n,
                                                            std::size_t cell) const noexcept {
        auto const count = words[n + cell] & ((std::uint32_t{2} << row_bits_) - 1);
        auto const high = static_cast<std::int32_t>(words[n + cell] - count) >> (row_bits_ + 1);
        auto const gradient = std::int64_t{high} * (std::int64_t{1} << low_bits_) + words[cell];
        return gradient * (std::int64_t{1} << count_bits_) + count;
    }
    template <class Block>
    COPSE_FN static void add_global(Block& b, unit_gradient_sums::cell& to,
                                    unit_gradient_sums::cell more) {
        b.add_global(to, more);
    }

private:
    int count_bits_;
    int row_bits_;
    int low_bits_;
};

}  // namespace copse::detail
