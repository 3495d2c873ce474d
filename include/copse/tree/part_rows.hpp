// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Parts a node's rows by its split, for every grower.
///
///     auto const parted = part_rows(items, column, n_bins, how, [&](auto const& goes_left) {
///         return part_items(items, spare, 0, items.size(), goes_left);
///     });
///
/// All go to the spare place: those that go left to its front, in order, the others to its end,
/// from the back. The node's own place is then what its children have to spare.

#include <copse/core/config.hpp>
#include <copse/core/view.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/par/backend.hpp>
#include <copse/tree/branch.hpp>
#include <copse/tree/split_search.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace copse::detail {

/// Rows that a thread should at least part, about 8 microseconds of work.
inline constexpr std::size_t rows_worth_sharing = 4096;

/// Which bins a numeric split sends left: up to `bin`. Bin 0, the missing rows', wraps around to a
/// huge number and goes right, unless missing rows go left.
class left_bins {
public:
    left_bins() = default;
    left_bins(std::uint32_t bin, bool missing_left) noexcept
        : lowest_(missing_left ? 0 : 1), last_(bin - lowest_) {}
    [[nodiscard]] COPSE_FN bool operator()(std::uint32_t bin) const noexcept {
        return bin - lowest_ <= last_;
    }

private:
    std::uint32_t lowest_ = 0;
    std::uint32_t last_ = 0;
};

struct parted_rows {
    std::size_t n_left = 0;
    bin_set set{};  ///< of bins that go left, for a categorical split
};

/// Items for which first(row) holds go to to[up], to[up + 1], ..., the others to to[down - 1],
/// to[down - 2], ...; returns how many are of the first kind.
template <class Item, class First>
std::size_t part_items(view<Item const> items, Item* to, std::size_t up, std::size_t down,
                       First const& first) {
    auto const begin = up;
    for (auto const& it : items) {
        // Numbers, not a choice: compilers would jump, and which way no predictor can know.
        auto const is_first = static_cast<std::size_t>(first(it.row));
        down -= 1 - is_first;
        to[down + (up - down) * is_first] = it;
        up += is_first;
    }
    return up - begin;
}

/// The same for the whole of a node of which `n_left` items go left, by several threads: spare [0,
/// n_left) and spare [n_left, n) are what is left and right. The shares between the first and the
/// last know where they begin because they are counted before. Theirs are the outermost places;
/// from there the first share goes inwards, and from the middle the last goes outwards, and where
/// they meet follows from the total.
template <backend B, class Item, class GoesLeft>
void part_items_shared(B const& backend, view<Item const> items, Item* spare, std::size_t n_left,
                       GoesLeft const& goes_left) {
    auto const n = items.size();
    auto const shares = std::min(backend.concurrency(), n / rows_worth_sharing);
    auto const share = [&](std::size_t s) {
        auto const first = n * s / shares;
        return items.part(first, n * (s + 1) / shares - first);
    };
    if (shares < 2) return (void)part_items(items, spare, 0, n, goes_left);

    struct ends {
        std::size_t up;
        std::size_t down;
    };
    std::vector<ends> of_share(shares, {0, n});
    if (shares > 2) {
        backend.for_each_index(shares - 2, [&](std::size_t s) {
            std::size_t count = 0;
            for (auto const& it : share(s + 1))
                count += static_cast<std::size_t>(goes_left(it.row));
            of_share[s + 1].up = count;
        });
    }
    ends inner{0, n};
    for (std::size_t s = 1; s + 1 < shares; ++s) {
        auto const count = std::exchange(of_share[s], inner).up;
        inner.up += count;
        inner.down -= share(s).size() - count;
    }
    of_share.front() = inner;
    of_share.back() = {n_left, n_left};
    backend.for_each_index(shares, [&](std::size_t s) {
        auto const [up, down] = of_share[s];
        if (s + 1 < shares) {
            part_items(share(s), spare, up, down, goes_left);
        } else {
            part_items(share(s), spare, up, down,
                       [&](std::uint32_t row) { return !goes_left(row); });
        }
    });
}

/// The bins of some rows.
template <class Item, class Bin>
[[nodiscard]] bin_set bins_in(view<Item const> items, Bin const* column, std::size_t n_words) {
    bin_set seen(n_words);
    for (auto const& item : items) {
        std::size_t const bin = column[item.row];
        seen[bin / 64] |= std::uint64_t{1} << (bin % 64);
    }
    return seen;
}

/// Where no row of the node misses the feature, those that do go with the larger side.
inline void note_side_of_missing(split& how, std::size_t n_left, std::size_t n) noexcept {
    if (!how.saw_missing) how.missing_left = n_left > n - n_left;
}

/// Parts the items by `how`, whose feature has n_bins bins besides the missing one:
/// part(goes_left) moves them and returns how many go left. What no row of the node tells goes with
/// the larger side: missing values, noted in `how`, and categories, in the set.
template <class Item, class Part>
[[nodiscard]] parted_rows part_rows(view<Item const> items, cells_view column, std::uint32_t n_bins,
                                    split& how, Part const& part) {
    parted_rows out;
    column.visit([&](auto const* cells) {
        if (how.is_categorical()) {
            out.set.resize((n_bins + 64) / 64);
            for (auto const bin : how.left_categories)
                out.set[bin / 64] |= std::uint64_t{1} << (bin % 64);
            out.n_left =
                part([&](std::uint32_t row) -> bool { return contains(out.set, cells[row]); });
            if (out.n_left <= items.size() - out.n_left) return;
            auto const seen = bins_in(items, cells, out.set.size());
            for (std::size_t bin = 1; bin <= n_bins; ++bin) {
                if (!contains(seen, bin)) out.set[bin / 64] |= std::uint64_t{1} << (bin % 64);
            }
        } else {
            left_bins const left(how.bin, how.missing_left);
            out.n_left = part([=](std::uint32_t row) { return left(cells[row]); });
        }
    });
    note_side_of_missing(how, out.n_left, items.size());
    return out;
}

}  // namespace copse::detail
