// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Which bins of a feature the rows of a node fall into. Most nodes of a deep tree have fewer rows
/// than a feature has bins; what is done per bin must then be done for the occupied ones only.

#include <copse/core/view.hpp>
#include <copse/data/binned_matrix.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace copse::detail {

/// Marks bins as rows are read, then lists the marked ones in increasing order. Marking stores a
/// byte and reads nothing, so that rows do not wait for each other.
class occupied_bins {
public:
    /// For features of at most `most_bins` bins, the missing one included.
    explicit occupied_bins(std::size_t most_bins)
        : seen_((most_bins + 63) / 64 * 64), list_(most_bins) {}

    void mark(std::size_t bin) noexcept { seen_[bin] = 1; }
    /// mark() as a value, for loops.
    [[nodiscard]] auto marker() noexcept {
        return [seen = seen_.data()](std::size_t bin) { seen[bin] = 1; };
    }

    /// Lists the marked bins among the first n_bins and unmarks them.
    /// Cost: O(n_bins / 8 + marked); about 40 cycles for 256 bins.
    void collect(std::size_t n_bins) noexcept {
        n_listed_ = 0;
        for (std::size_t base = 0; base < n_bins; base += 64) {
            // One loop over a bit set of 64 bins leaves less to guess than eight over their bytes.
            for (auto set = marks_from(base); set != 0; set &= set - 1) {
                auto const bin = base + static_cast<std::size_t>(std::countr_zero(set));
                list_[n_listed_++] = static_cast<std::uint16_t>(bin);
            }
            std::memset(seen_.data() + base, 0, 64);
        }
    }

    /// The bins of the last collect(), increasing.
    [[nodiscard]] view<std::uint16_t const> list() const noexcept {
        return {list_.data(), n_listed_};
    }

private:
    [[nodiscard]] std::uint64_t marks_from(std::size_t base) const noexcept {
        static_assert(std::endian::native == std::endian::little,
                      "bytes of a word in memory order");
        std::uint64_t set = 0;
        for (std::size_t k = 0; k < 8; ++k) {
            std::uint64_t bytes = 0;
            std::memcpy(&bytes, seen_.data() + base + 8 * k, sizeof bytes);
            // Byte i is 0 or 1 and moves to bit 56 + i; no two products meet, so nothing carries.
            set |= (bytes * 0x0102040810204080u) >> 56 << (8 * k);
        }
        return set;
    }

    std::vector<std::uint8_t> seen_;
    std::vector<std::uint16_t> list_;
    std::size_t n_listed_ = 0;
};

/// f(bin, item) for the items that are not at the column's mode. What is at the mode follows by
/// subtraction, so a sparse column costs little more than its other rows; and rows that all add to
/// one cell would wait for each other. Picking has no branch: which row is next is not predictable.
template <class Item, class F>
void for_each_off_mode(view<Item const> items, bin_column const& column, F const& f) {
    constexpr std::size_t at_once = 512;
    struct picked {
        std::uint32_t bin;
        std::uint32_t index;
    } some[at_once];
    column.cells.visit([&](auto const* cells) {
        for (std::size_t first = 0; first < items.size(); first += at_once) {
            auto const last = std::min(first + at_once, items.size());
            std::size_t n = 0;
            for (auto i = first; i < last; ++i) {
                std::uint32_t const bin = cells[items[i].row];
                some[n] = {bin, static_cast<std::uint32_t>(i)};
                n += bin != column.mode ? 1 : 0;
            }
            for (std::size_t k = 0; k < n; ++k) f(some[k].bin, items[some[k].index]);
        }
    });
}

}  // namespace copse::detail
