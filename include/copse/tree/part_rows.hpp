// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Parts a node's rows by its split: those that go left come first, each side keeping its order.
///
///     auto const n_left = part_rows(items, spare, how, set, [&](auto const& i) { return
///     cells[i.row]; });

#include <copse/core/view.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/tree/branch.hpp>
#include <copse/tree/split_search.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace copse::detail {

/// Keeps the items that go left in place and moves the others behind them by way of `spare`, which
/// is as large. Neither loop has a branch: which way a row goes is what cannot be predicted.
template <class Item, class GoesLeft>
std::size_t stable_part(view<Item> items, Item* spare, GoesLeft const& goes_left) {
    std::size_t n_left = 0;
    std::size_t n_right = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto const it = items[i];
        bool const left = goes_left(it);
        items[n_left] = it;
        spare[n_right] = it;
        n_left += left ? 1 : 0;
        n_right += left ? 0 : 1;
    }
    std::copy(spare, spare + n_right, items.data() + n_left);
    return n_left;
}

/// The bins that go left, for a feature of n_bins bins besides the missing one.
[[nodiscard]] inline bin_set set_of(split const& how, std::uint32_t n_bins) {
    bin_set set((n_bins + 64) / 64);
    for (auto const bin : how.left_categories) set[bin / 64] |= std::uint64_t{1} << (bin % 64);
    return set;
}

/// Calls f(goes_left) with the rule of the split as a function of an item whose bin is
/// bin_of(item); `set` is that of a categorical split.
template <class BinOf, class F>
decltype(auto) with_rule(split const& how, bin_set const& set, BinOf const& bin_of, F const& f) {
    if (how.is_categorical()) {
        return f([&](auto const& item) { return contains(set, bin_of(item)); });
    }
    // Bin 0 wraps around to a huge number and goes right, unless missing rows go left.
    std::uint32_t const lowest = how.missing_left ? 0 : 1;
    auto const last = how.bin - lowest;
    return f(
        [=, &bin_of](auto const& item) { return std::uint32_t{bin_of(item)} - lowest <= last; });
}

/// Puts the categories that no item has on the left.
template <class Item, class BinOf>
void add_unseen(view<Item> items, std::uint32_t n_bins, BinOf const& bin_of, bin_set& left) {
    bin_set seen(left.size());
    for (auto const& item : items) {
        std::size_t const bin = bin_of(item);
        seen[bin / 64] |= std::uint64_t{1} << (bin % 64);
    }
    for (std::size_t bin = 1; bin <= n_bins; ++bin) {
        if (!contains(seen, bin)) left[bin / 64] |= std::uint64_t{1} << (bin % 64);
    }
}

}  // namespace copse::detail
