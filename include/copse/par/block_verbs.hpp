// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What the members of a block find out together, over the names of the block layer (block.hpp):
/// running sums, the best of what they hold, and the place of each item among those of its kind.
/// On a CPU, where a block has one member, they are the plain loops that they look like there.
///
///     scan_in_block(b, values, totals, add{});              // values[i] := values[0] + ...
///     values[i] auto const best = best_in_block(b, mine, slots, is_better{}); for_each_ranked(b,
///     first, last, ranks, goes_left, place);
///
/// All members call them with the same arguments (their own `mine` apart); the work space is the
/// block's scratch, with a place for each member, and may be used again afterwards.

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>

#include <cstddef>
#include <cstdint>

namespace copse {

/// values[i] becomes values[0] + ... + values[i], where add(a, b) is a += b. What others have
/// written to `values` before is seen, and so are the sums by everybody afterwards.
///
/// Cost         size / members + log(members) steps for each member; values.size() of them alone.
/// Determinism  add must be associative: sums of integers.
/// Source       W. Hillis, G. Steele, "Data Parallel Algorithms", CACM 29:1170-1183, 1986, over the
///              members' own sums.
template <class Block, class T, class Add>
COPSE_FN void scan_in_block(Block& b, view<T> values, view<T> totals, Add const& add) {
    auto const n = values.size();
    auto const share = (n + b.size() - 1) / b.size();
    auto const first = least(n, b.rank() * share);
    auto const last = least(n, first + share);
    b.sync();
    for (auto i = first + 1; i < last; ++i) {
        auto sum = values[i - 1];
        add(sum, values[i]);
        values[i] = sum;
    }
    if (b.size() == 1) return;
    totals[b.rank()] = first < last ? values[last - 1] : T{};
    b.sync();
    for (std::size_t step = 1; step < b.size(); step *= 2) {
        auto sum = b.rank() >= step ? totals[b.rank() - step] : T{};
        b.sync();
        add(sum, totals[b.rank()]);
        totals[b.rank()] = sum;
        b.sync();
    }
    if (b.rank() > 0) {
        for (auto i = first; i < last; ++i) {
            auto sum = totals[b.rank() - 1];
            add(sum, values[i]);
            values[i] = sum;
        }
    }
    b.sync();
}

/// The best of what the members hold, for each of them; better(a, b) says that a is better than b,
/// and must be a strict order, so that the answer does not depend on who holds what.
template <class Block, class T, class Better>
[[nodiscard]] COPSE_FN T best_in_block(Block& b, T const& mine, view<T> slots,
                                       Better const& better) {
    if (b.size() == 1) return mine;
    slots[b.rank()] = mine;
    b.sync();
    for (std::size_t step = 1; step < b.size(); step *= 2) {
        auto const other = b.rank() + step;
        if (b.rank() % (2 * step) == 0 && other < b.size() && better(slots[other], slots[b.rank()]))
            slots[b.rank()] = slots[other];
        b.sync();
    }
    T const best = slots[0];
    b.sync();
    return best;
}

namespace detail {

struct add_counts {
    COPSE_FN void operator()(std::uint32_t& sum, std::uint32_t more) const noexcept { sum += more; }
};

}  // namespace detail

/// place(i, is, before) for each item i of the range, where `is` is whether of_kind(i) holds and
/// `before` counts the items before i for which it does. A tile of as many items as there are
/// members at a time. `counts` has a place for each member, `totals` another.
template <class Block, class OfKind, class Place>
COPSE_FN void for_each_ranked(Block& b, std::size_t first, std::size_t last,
                              view<std::uint32_t> counts, view<std::uint32_t> totals,
                              OfKind const& of_kind, Place const& place) {
    std::size_t before = 0;
    if (b.size() == 1) {
        for (auto i = first; i < last; ++i) {
            bool const is = of_kind(i);
            place(i, is, before);
            before += is ? 1 : 0;
        }
        return;
    }
    for (auto tile = first; tile < last; tile += b.size()) {
        auto const i = tile + b.rank();
        bool const is = i < last && of_kind(i);
        counts[b.rank()] = is ? 1 : 0;
        scan_in_block(b, counts, totals, detail::add_counts{});
        if (i < last) place(i, is, before + counts[b.rank()] - (is ? 1 : 0));
        before += counts[b.size() - 1];
        b.sync();
    }
}

}  // namespace copse
