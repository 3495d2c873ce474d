// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Parts a node's rows by its split, for every grower.
///
///     auto const parted = part_rows(items, spare, column, n_bins, how);
///
/// Rows that go left stay in the node's place, in order; the others go to the end of the spare
/// place, from the back, so that none is moved twice.

#include <copse/core/view.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/tree/branch.hpp>
#include <copse/tree/split_search.hpp>

#include <cstddef>
#include <cstdint>

namespace copse::detail {

struct parted_rows {
    std::size_t n_left = 0;
    bin_set set{};  ///< of bins that go left, for a categorical split
};

/// Item i of the n goes left if goes_left(its row). `spare` is as large as `items`; items [0,
/// n_left) and spare [n_left, n) are what is left and right.
template <class Item, class GoesLeft>
std::size_t part_items(view<Item> items, Item* spare, GoesLeft const& goes_left) {
    auto const n = items.size();
    std::size_t n_left = 0;
    for (std::size_t i = 0; i < n; ++i) {
        auto const it = items[i];
        items[n_left] = it;
        spare[n - 1 - (i - n_left)] = it;
        // A number, not a choice: compilers would jump, and which way no predictor can know.
        n_left += static_cast<std::size_t>(goes_left(it.row));
    }
    return n_left;
}

/// The bins of some rows.
template <class Item, class Bin>
[[nodiscard]] bin_set bins_in(view<Item> items, Bin const* column, std::size_t n_words) {
    bin_set seen(n_words);
    for (auto const& item : items) {
        std::size_t const bin = column[item.row];
        seen[bin / 64] |= std::uint64_t{1} << (bin % 64);
    }
    return seen;
}

/// Parts the items by `how`, whose feature has n_bins bins besides the missing one. What no row of
/// the node tells goes with the larger side: missing values, noted in `how`, and categories, in the
/// set.
template <class Item>
[[nodiscard]] parted_rows part_rows(view<Item> items, Item* spare, cells_view column,
                                    std::uint32_t n_bins, split& how) {
    parted_rows out;
    column.visit([&](auto const* cells) {
        if (how.is_categorical()) {
            out.set.resize((n_bins + 64) / 64);
            for (auto const bin : how.left_categories)
                out.set[bin / 64] |= std::uint64_t{1} << (bin % 64);
            auto const seen = bins_in(items, cells, out.set.size());
            out.n_left = part_items(
                items, spare, [&](std::uint32_t row) { return contains(out.set, cells[row]); });
            if (out.n_left <= items.size() - out.n_left) return;
            for (std::size_t bin = 1; bin <= n_bins; ++bin) {
                if (!contains(seen, bin)) out.set[bin / 64] |= std::uint64_t{1} << (bin % 64);
            }
        } else {
            // Bin 0 wraps around to a huge number and goes right, unless missing rows go left.
            std::uint32_t const lowest = how.missing_left ? 0 : 1;
            auto const last = how.bin - lowest;
            out.n_left = part_items(items, spare, [=](std::uint32_t row) {
                return std::uint32_t{cells[row]} - lowest <= last;
            });
        }
    });
    if (!how.saw_missing) how.missing_left = out.n_left > items.size() - out.n_left;
    return out;
}

}  // namespace copse::detail
