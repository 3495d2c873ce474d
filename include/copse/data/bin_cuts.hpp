// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How the values of a column become small integers. Bin 0 means "missing"; a column's values
/// have the bins 1, 2, ..., n_bins(), in increasing order of value.
///
///     auto const cuts = numeric_cuts(column, 255);     // column: its values, NaN among them or
///     not cuts.bin_of(3.5);                                // the bin of a value
///     cuts.threshold(2);                               // bins 1 and 2 are the values <= this
///
/// A column with at most max_bins distinct values gets one bin for each, so nothing is lost.
/// Otherwise cuts are placed greedily at quantiles: a bin is closed once it holds its share of the
/// rows that are left, and a value that alone exceeds a share gets its own bin.

#include <copse/core/errors.hpp>
#include <copse/core/view.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse {

/// The bins of one column. For a categorical column bin b is category(b), in increasing order.
class bin_cuts {
public:
    bin_cuts() = default;

    /// Cuts between consecutive bins, increasing: one fewer than there are bins.
    [[nodiscard]] static bin_cuts numeric(std::vector<double> cuts, double least, double greatest) {
        bin_cuts out;
        out.points_ = std::move(cuts);
        out.least_ = least;
        out.greatest_ = greatest;
        out.n_bins_ = static_cast<std::uint32_t>(out.points_.size() + 1);
        return out;
    }
    /// Bin b is categories[b - 1]; increasing.
    [[nodiscard]] static bin_cuts categorical(std::vector<double> categories) {
        bin_cuts out;
        out.n_bins_ = static_cast<std::uint32_t>(categories.size());
        out.points_ = std::move(categories);
        out.categorical_ = true;
        return out;
    }

    [[nodiscard]] bool is_categorical() const noexcept { return categorical_; }
    /// Bins other than the missing one.
    [[nodiscard]] std::uint32_t n_bins() const noexcept { return n_bins_; }

    /// A value is in bins 1 to b if and only if it is <= threshold(b), 1 <= b < n_bins(); the last
    /// bin's threshold is infinite.
    [[nodiscard]] double threshold(std::uint32_t bin) const noexcept {
        return bin <= points_.size() ? points_[bin - 1] : std::numeric_limits<double>::infinity();
    }
    [[nodiscard]] std::uint32_t category(std::uint32_t bin) const noexcept {
        return static_cast<std::uint32_t>(points_[bin - 1]);
    }
    /// Cuts, or categories, in increasing order.
    [[nodiscard]] std::vector<double> const& points() const noexcept { return points_; }
    [[nodiscard]] double least() const noexcept { return least_; }
    [[nodiscard]] double greatest() const noexcept { return greatest_; }

    /// The bin of a value: 0 for NaN and for a category that was not seen.
    [[nodiscard]] std::uint32_t bin_of(double value) const noexcept {
        if (std::isnan(value)) return 0;
        auto const at = std::lower_bound(points_.begin(), points_.end(), value);
        if (categorical_ && (at == points_.end() || *at != value)) return 0;
        return static_cast<std::uint32_t>(at - points_.begin()) + 1;
    }

    bool operator==(bin_cuts const&) const = default;

private:
    std::vector<double> points_;
    double least_ = 0;
    double greatest_ = 0;
    std::uint32_t n_bins_ = 0;
    bool categorical_ = false;
};

namespace detail {

/// The distinct values of a column if there are at most `most`, increasing, NaN left out;
/// otherwise more than `most` of them. Cost: O(n) until the limit is passed.
template <class T>
[[nodiscard]] std::vector<T> distinct_values(view<T const> column, std::size_t most) {
    auto const capacity = std::bit_ceil(4 * most + 4);
    std::vector<T> slots(capacity, std::numeric_limits<T>::quiet_NaN());
    std::vector<T> found;
    T last = std::numeric_limits<T>::quiet_NaN();
    for (T const raw : column) {
        if (raw == last || std::isnan(raw)) continue;
        last = raw;
        T const value = raw + T{0};  // -0 and +0 are one value
        auto const key = static_cast<std::uint64_t>(std::hash<T>{}(value)) * 0x9e3779b97f4a7c15u;
        auto at = static_cast<std::size_t>(key >> 32) & (capacity - 1);
        while (!std::isnan(slots[at]) && slots[at] != value) at = (at + 1) & (capacity - 1);
        if (slots[at] == value) continue;
        slots[at] = value;
        found.push_back(value);
        if (found.size() > most) return found;
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// Sorts finite and infinite numbers by their bits, eleven at a time.
/// (LSD radix sort; D. Knuth, TAOCP vol. 3, 5.2.5.) Cost: O(n); n values of scratch.
template <class T>
void radix_sort(std::vector<T>& values) {
    using key = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    constexpr key sign = key{1} << (8 * sizeof(T) - 1);
    constexpr int digit = 11;
    std::vector<key> keys(values.size());
    std::vector<key> other(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        auto const bits = std::bit_cast<key>(values[i] + T{0});
        keys[i] = (bits & sign) != 0 ? ~bits : bits | sign;
    }
    for (int shift = 0; shift < static_cast<int>(8 * sizeof(T)); shift += digit) {
        std::array<std::size_t, std::size_t{1} << digit> start{};
        for (auto const k : keys) ++start[(k >> shift) & (start.size() - 1)];
        if (std::find(start.begin(), start.end(), keys.size()) != start.end()) continue;
        std::size_t before = 0;
        for (auto& n : start) {
            auto const count = n;
            n = before;
            before += count;
        }
        for (auto const k : keys) other[start[(k >> shift) & (start.size() - 1)]++] = k;
        keys.swap(other);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = std::bit_cast<T>((keys[i] & sign) != 0 ? keys[i] & ~sign : ~keys[i]);
    }
}

/// A number c with a <= c < b: half way where that is representable and finite.
[[nodiscard]] inline double cut_between(double a, double b) noexcept {
    double const middle = a / 2 + b / 2;
    return middle >= a && middle < b ? middle : a;
}

/// One bin per value.
template <class T>
[[nodiscard]] bin_cuts cuts_between(std::vector<T> const& distinct) {
    if (distinct.empty()) return bin_cuts::numeric({}, 0, 0);
    std::vector<double> cuts;
    cuts.reserve(distinct.size());
    for (std::size_t i = 1; i < distinct.size(); ++i) {
        cuts.push_back(cut_between(distinct[i - 1], distinct[i]));
    }
    return bin_cuts::numeric(std::move(cuts), distinct.front(), distinct.back());
}

/// At most max_bins bins of about equal numbers of rows; `sorted` has no NaN and is not empty.
template <class T>
[[nodiscard]] bin_cuts quantile_cuts(std::vector<T> const& sorted, std::size_t max_bins) {
    std::vector<double> cuts;
    auto rest = sorted.size();
    auto bins_left = max_bins;
    std::size_t held = 0;
    for (std::size_t i = 0; i < sorted.size() && bins_left > 1;) {
        auto j = i + 1;
        while (j < sorted.size() && sorted[j] == sorted[i]) ++j;
        auto const count = j - i;
        // A value that alone fills a share starts a bin of its own.
        if (held > 0 && count * bins_left >= rest) {
            cuts.push_back(cut_between(sorted[i - 1], sorted[i]));
            rest -= held;
            held = 0;
            if (--bins_left == 1) break;
        }
        held += count;
        if (held * bins_left >= rest && j < sorted.size()) {
            cuts.push_back(cut_between(sorted[j - 1], sorted[j]));
            rest -= held;
            held = 0;
            --bins_left;
        }
        i = j;
    }
    return bin_cuts::numeric(std::move(cuts), sorted.front(), sorted.back());
}

}  // namespace detail

/// The bins of a numeric column from its values, or from a sample of them. NaN is left out.
/// Cost: O(n). Source for the greedy rule: G. Ke et al., "LightGBM", NeurIPS 2017, its
/// GreedyFindBin; deviation: shares are of the rows left, not recomputed per heavy value.
template <class T>
[[nodiscard]] bin_cuts numeric_cuts(view<T const> column, std::size_t max_bins) {
    auto const distinct = detail::distinct_values(column, max_bins);
    if (distinct.size() <= max_bins) return detail::cuts_between(distinct);
    std::vector<T> sorted;
    sorted.reserve(column.size());
    for (T const value : column) {
        if (!std::isnan(value)) sorted.push_back(value);
    }
    detail::radix_sort(sorted);
    return detail::quantile_cuts(sorted, max_bins);
}

}  // namespace copse
