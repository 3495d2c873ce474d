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
#include <limits>
#include <optional>
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

/// A value and how many rows have it.
template <class T>
struct value_count {
    T value;
    std::size_t count;
};

/// The distinct values of a column and their counts if there are at most `most`, increasing, NaN
/// left out; nothing if there are more. Cost: O(n), or until the limit is passed.
template <class T>
[[nodiscard]] std::optional<std::vector<value_count<T>>> count_values(view<T const> column,
                                                                      std::size_t most) {
    constexpr std::uint32_t empty = 0xffffffffu;
    auto const capacity = std::bit_ceil(4 * most + 4);
    std::vector<std::uint32_t> slots(capacity, empty);  // indexes into found
    std::vector<value_count<T>> found;
    std::uint32_t last = empty;
    for (T const raw : column) {
        if (std::isnan(raw)) continue;
        if (last != empty && found[last].value == raw) {
            ++found[last].count;
            continue;
        }
        T const value = raw + T{0};  // -0 and +0 are one value
        using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
        auto const key = std::uint64_t{std::bit_cast<bits>(value)} * 0x9e3779b97f4a7c15u;
        auto at = static_cast<std::size_t>(key >> 40) & (capacity - 1);
        while (slots[at] != empty && found[slots[at]].value != value)
            at = (at + 1) & (capacity - 1);
        if (slots[at] == empty) {
            if (found.size() == most) return std::nullopt;
            slots[at] = static_cast<std::uint32_t>(found.size());
            found.push_back({value, 0});
        }
        last = slots[at];
        ++found[last].count;
    }
    std::sort(found.begin(), found.end(),
              [](auto const& a, auto const& b) { return a.value < b.value; });
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

/// Runs of equal values.
template <class T>
[[nodiscard]] std::vector<value_count<T>> runs_of(std::vector<T> const& sorted) {
    std::vector<value_count<T>> runs;
    for (T const value : sorted) {
        if (runs.empty() || runs.back().value != value) runs.push_back({value, 0});
        ++runs.back().count;
    }
    return runs;
}

/// At most max_bins bins of about equal numbers of rows; one per value if there are no more.
template <class T>
[[nodiscard]] bin_cuts quantile_cuts(std::vector<value_count<T>> const& values,
                                     std::size_t max_bins) {
    if (values.empty()) return bin_cuts::numeric({}, 0, 0);
    std::vector<double> cuts;
    std::size_t rest = 0;
    for (auto const& v : values) rest += v.count;
    bool const one_each = values.size() <= max_bins;
    auto bins_left = max_bins;
    std::size_t held = 0;
    auto const close_before = [&](std::size_t i) {
        cuts.push_back(cut_between(values[i - 1].value, values[i].value));
        rest -= held;
        held = 0;
        --bins_left;
    };
    for (std::size_t i = 0; i < values.size(); ++i) {
        // A bin is closed when it has its share, or before a value that alone fills one.
        bool const full = held * bins_left >= rest || values[i].count * bins_left >= rest;
        if (held > 0 && (one_each || (full && bins_left > 1))) close_before(i);
        held += values[i].count;
    }
    return bin_cuts::numeric(std::move(cuts), values.front().value, values.back().value);
}

}  // namespace detail

/// The bins of a numeric column from its values, or from a sample of them. NaN is left out.
/// Cost: O(n). Source for the greedy rule: G. Ke et al., "LightGBM", NeurIPS 2017, its
/// GreedyFindBin; deviation: shares are of the rows left, not recomputed per heavy value.
template <class T>
[[nodiscard]] bin_cuts numeric_cuts(view<T const> column, std::size_t max_bins) {
    // Counting beats sorting as long as the counts stay in the first-level cache.
    constexpr std::size_t few = 1024;
    if (auto const counted = detail::count_values(column, std::max(max_bins, few))) {
        return detail::quantile_cuts(*counted, max_bins);
    }
    std::vector<T> sorted;
    sorted.reserve(column.size());
    for (T const value : column) {
        if (!std::isnan(value)) sorted.push_back(value);
    }
    detail::radix_sort(sorted);
    return detail::quantile_cuts(detail::runs_of(sorted), max_bins);
}

}  // namespace copse
