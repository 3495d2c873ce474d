// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Data-parallel verbs, derived from the backend contract: for_each, reduce, exclusive_scan, sort,
/// partition. Each gives the same answer on every backend and for every n_jobs, floating point
/// included: work is cut into blocks by size alone and partial results are joined in block order.
///
///     auto const total = reduce(backend, n, 0.0, value_of, add{});
///
/// A backend with a faster way offers a member of the same name with the same result.

#include <copse/core/view.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

namespace copse {

/// Rows that one task handles when the work per row is small: long enough to hide a task's cost
/// (about a microsecond), short enough to share out 100,000 rows.
inline constexpr std::size_t block_rows = 4096;

/// How many blocks of `size` cover n.
[[nodiscard]] constexpr std::size_t n_blocks(std::size_t n,
                                             std::size_t size = block_rows) noexcept {
    return (n + size - 1) / size;
}

/// f(block, first, last) for every block [first, last) of [0, n).
template <backend B, class F>
void for_each_range(B const& backend, std::size_t n, std::size_t size, F const& f) {
    backend.for_each_index(n_blocks(n, size), [&](std::size_t block) {
        f(block, block * size, std::min(n, (block + 1) * size));
    });
}

/// f(i) for i in [0, n), in any order.
template <backend B, class F>
void for_each(B const& backend, std::size_t n, F const& f) {
    for_each_range(backend, n, block_rows, [&](std::size_t, std::size_t first, std::size_t last) {
        for (auto i = first; i < last; ++i) f(i);
    });
}

/// zero op map(0) op ... op map(n-1), joined within blocks of block_rows and then over the blocks,
/// both in order. So op need only be associative for the answer to be the mathematical one, and the
/// answer's bits do not depend on the backend.
template <backend B, class T, class Map, class Op = std::plus<>>
[[nodiscard]] T reduce(B const& backend, std::size_t n, T zero, Map const& map, Op const& op = {}) {
    struct cell {  // std::vector<bool> would pack several blocks' answers into one word
        T value;
    };
    std::vector<cell> partial(n_blocks(n), cell{zero});
    for_each_range(backend, n, block_rows,
                   [&](std::size_t block, std::size_t first, std::size_t last) {
                       T sum = zero;
                       for (auto i = first; i < last; ++i) sum = op(sum, map(i));
                       partial[block].value = sum;
                   });
    T sum = zero;
    for (auto const& part : partial) sum = op(sum, part.value);
    return sum;
}

/// v[i] becomes v[0] + ... + v[i-1]; returns the sum of all. Cost: two passes.
template <backend B, class T>
T exclusive_scan(B const& backend, view<T> v) {
    std::vector<T> before(n_blocks(v.size()));
    for_each_range(backend, v.size(), block_rows,
                   [&](std::size_t block, std::size_t first, std::size_t last) {
                       T sum{};
                       for (auto i = first; i < last; ++i) sum = static_cast<T>(sum + v[i]);
                       before[block] = sum;
                   });
    T total{};
    for (auto& sum : before) {
        auto const block_sum = sum;
        sum = total;
        total = static_cast<T>(total + block_sum);
    }
    for_each_range(backend, v.size(), block_rows,
                   [&](std::size_t block, std::size_t first, std::size_t last) {
                       T sum = before[block];
                       for (auto i = first; i < last; ++i) {
                           auto const value = v[i];
                           v[i] = sum;
                           sum = static_cast<T>(sum + value);
                       }
                   });
    return total;
}

/// Sorts v stably: equal elements keep their order. Cost: O(n log n); n elements of scratch.
template <backend B, class T, class Less = std::less<>>
void sort(B const& backend, view<T> v, Less const& less = {}) {
    constexpr std::size_t grain = 16 * block_rows;
    if (v.size() <= grain || backend.concurrency() == 1) {
        std::stable_sort(v.begin(), v.end(), less);
        return;
    }
    auto const half = v.size() / 2;
    backend.both([&] { sort(backend, v.part(0, half), less); },
                 [&] { sort(backend, v.part(half, v.size() - half), less); });
    std::inplace_merge(v.begin(), v.begin() + half, v.end(), less);
}

/// Reorders v so that the elements with goes_left come first, each side keeping its order;
/// `scratch` has v's size. Returns how many went left. Cost: O(n) work, two passes. G. Blelloch,
/// "Prefix Sums and Their Applications", CMU-CS-90-190, 1990 (the split operation).
template <backend B, class T, class Predicate>
std::size_t partition(B const& backend, view<T> v, view<T> scratch, Predicate const& goes_left) {
    std::vector<std::size_t> left(n_blocks(v.size()));
    for_each_range(backend, v.size(), block_rows,
                   [&](std::size_t block, std::size_t first, std::size_t last) {
                       std::size_t n = 0;
                       for (auto i = first; i < last; ++i) n += goes_left(v[i]) ? 1u : 0u;
                       left[block] = n;
                   });
    std::size_t n_left = 0;
    for (auto& n : left) {
        auto const count = n;
        n = n_left;
        n_left += count;
    }
    for_each_range(backend, v.size(), block_rows,
                   [&](std::size_t block, std::size_t first, std::size_t last) {
                       auto to_left = left[block];
                       auto to_right = n_left + (first - left[block]);
                       for (auto i = first; i < last; ++i)
                           scratch[goes_left(v[i]) ? to_left++ : to_right++] = v[i];
                   });
    for_each(backend, v.size(), [&](std::size_t i) { v[i] = scratch[i]; });
    return n_left;
}

}  // namespace copse
