// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Tallies of regression targets (the interface is described in class_tally.hpp). Targets are
/// fixed-point integers: y = offset + value / scale with a power of two for scale, so that a tree's
/// sums fit in 62 bits and every float with a moderate exponent is represented exactly.

#include <copse/data/binned_matrix.hpp>
#include <copse/tree/impurity.hpp>
#include <copse/tree/occupied_bins.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace copse::detail {

struct real_item {
    std::uint32_t row;
    std::uint32_t weight;
    std::int64_t y;
};

/// How targets become integers and back.
struct fixed_point {
    double offset = 0;
    double scale = 1;

    [[nodiscard]] std::int64_t quantised(double y) const noexcept {
        return static_cast<std::int64_t>(std::nearbyint((y - offset) * scale));
    }
    [[nodiscard]] double restored(double value) const noexcept { return offset + value / scale; }

    /// The finest scale at which sums of `total_weight` targets stay below 2^62, and no value needs
    /// more than 52 bits. The offset, if any, is their middle, rounded to a step of the scale.
    [[nodiscard]] static fixed_point of(std::span<double const> y, std::uint64_t total_weight,
                                        bool centred) {
        auto const [least, greatest] = std::minmax_element(y.begin(), y.end());
        fixed_point out;
        if (centred && *least == *greatest) {
            out.offset = *least;
            return out;
        }
        double const middle = centred ? *least / 2 + *greatest / 2 : 0;
        double const reach = std::max(std::abs(*greatest - middle), std::abs(*least - middle));
        if (reach > 0) {
            int exponent = 0;
            std::frexp(reach, &exponent);  // reach < 2^exponent
            int weight_bits = 0;
            std::frexp(static_cast<double>(total_weight), &weight_bits);
            // A scale fit for targets that are all below 2^-972 would overflow.
            out.scale = std::ldexp(1.0, std::min(1023, std::min(51, 61 - weight_bits) - exponent));
        }
        out.offset = std::nearbyint(middle * out.scale) / out.scale;
        if (!std::isfinite(out.offset)) out.offset = middle;
        return out;
    }
};

/// Sums of a node's targets: squared error and Poisson deviance.
template <class Criterion>
class mean_tally {
public:
    using item = real_item;
    static constexpr bool is_classifier = false;

    mean_tally(std::size_t /*n_classes*/, std::size_t most_bins)
        : cells_(most_bins), occupied_(most_bins) {}

    void enter(view<item const> items) noexcept {
        node_ = {};
        constant_ = true;
        for (auto const& i : items) {
            node_.add(i.y, i.weight);
            constant_ = constant_ && i.y == items[0].y;
        }
    }
    [[nodiscard]] std::uint64_t weight() const noexcept { return node_.weight; }
    [[nodiscard]] bool pure() const noexcept { return constant_; }
    [[nodiscard]] double own_score() const noexcept { return node_.score(); }

    void fill(view<item const> items, bin_column const& column) {
        for (auto const bin : occupied_.list()) cells_[bin] = {};
        auto const add = [&](std::size_t bin, item const& i) {
            cells_[bin].add(i.y, i.weight);
            occupied_.mark(bin);
        };
        if (column.mode == bin_column::no_mode) {
            column.cells.visit([&](auto const* cells) {
                for (auto const& i : items) add(cells[i.row], i);
            });
        } else {
            sum others;
            for_each_off_mode(items, column, [&](std::size_t bin, item const& i) {
                add(bin, i);
                others.add(i.y, i.weight);
            });
            if (others.weight < node_.weight) {
                cells_[column.mode] = node_ - others;
                occupied_.mark(column.mode);
            }
        }
        occupied_.collect(column.n_bins);
    }
    [[nodiscard]] view<std::uint16_t const> occupied() const noexcept { return occupied_.list(); }

    void start() noexcept { left_ = {}; }
    void take(std::size_t bin) noexcept { left_ = left_ + cells_[bin]; }
    void take_row(item const& i) noexcept { left_.add(i.y, i.weight); }
    [[nodiscard]] std::uint64_t left_weight() const noexcept { return left_.weight; }
    [[nodiscard]] double left_value() const noexcept { return left_.mean(); }
    [[nodiscard]] double right_value() const noexcept { return (node_ - left_).mean(); }
    [[nodiscard]] double score() const noexcept { return left_.score() + (node_ - left_).score(); }

    /// Ordered by mean, some prefix is the best subset: W. Fisher, "On Grouping for Maximum
    /// Homogeneity", JASA 53:789-798, 1958.
    [[nodiscard]] static constexpr std::size_t n_orders() noexcept { return 1; }
    [[nodiscard]] double order_key(std::size_t bin, std::size_t) const noexcept {
        return cells_[bin].mean();
    }

    [[nodiscard]] double leaf_value(view<item const>, fixed_point const& units) const noexcept {
        return units.restored(node_.mean());
    }

private:
    struct sum {
        std::int64_t y = 0;
        std::uint64_t weight = 0;

        void add(std::int64_t value, std::uint32_t times) noexcept {
            y += value * static_cast<std::int64_t>(times);
            weight += times;
        }
        [[nodiscard]] double mean() const noexcept {
            return static_cast<double>(y) / static_cast<double>(weight);
        }
        [[nodiscard]] double score() const noexcept { return Criterion{}.score(y, weight); }
        friend sum operator+(sum a, sum b) noexcept { return {a.y + b.y, a.weight + b.weight}; }
        friend sum operator-(sum a, sum b) noexcept { return {a.y - b.y, a.weight - b.weight}; }
    };

    sum node_;
    sum left_;
    bool constant_ = false;
    std::vector<sum> cells_;
    occupied_bins occupied_;
};

/// A multiset of ranked targets that gives its weighted median and the sum of distances to it.
/// P. Fenwick, "A New Data Structure for Cumulative Frequency Tables", Software 24:327-336, 1994.
class ranked_multiset {
public:
    void clear(std::size_t n_ranks) {
        weight_.assign(n_ranks + 1, 0);
        sum_.assign(n_ranks + 1, 0);
        total_weight_ = 0;
        total_ = 0;
    }
    void add(std::size_t rank, std::int64_t y, std::int64_t weight) noexcept {
        total_weight_ += weight;
        total_ += weight * y;
        for (auto i = rank + 1; i < weight_.size(); i += i & (~i + 1)) {
            weight_[i] += weight;
            sum_[i] += weight * y;
        }
    }
    [[nodiscard]] std::int64_t weight() const noexcept { return total_weight_; }

    /// sum_i w_i |y_i - median|, exactly; `value_of(rank)` is a rank's target.
    template <class ValueOf>
    [[nodiscard]] std::int64_t distance_to_median(ValueOf const& value_of) const noexcept {
        // The greatest rank prefix of less than half the weight; the next rank is the median.
        std::size_t at = 0;
        std::int64_t below = 0;
        std::int64_t below_sum = 0;
        for (auto step = std::bit_floor(weight_.size()); step > 0; step /= 2) {
            if (at + step < weight_.size() && 2 * (below + weight_[at + step]) < total_weight_) {
                at += step;
                below += weight_[at];
                below_sum += sum_[at];
            }
        }
        std::int64_t const median = value_of(at);
        return median * below - below_sum + (total_ - below_sum) - median * (total_weight_ - below);
    }

private:
    std::vector<std::int64_t> weight_;
    std::vector<std::int64_t> sum_;
    std::int64_t total_weight_ = 0;
    std::int64_t total_ = 0;
};

/// Medians of a node's targets: absolute error. Cost: O(log rows) per row and feature, where the
/// other criteria need O(1).
class median_tally {
public:
    using item = real_item;
    static constexpr bool is_classifier = false;

    median_tally(std::size_t /*n_classes*/, std::size_t most_bins)
        : first_(most_bins), last_(most_bins), occupied_(most_bins) {}

    void enter(view<item const> items) {
        values_.resize(items.size());
        std::transform(items.begin(), items.end(), values_.begin(),
                       [](item const& i) { return i.y; });
        std::sort(values_.begin(), values_.end());
        values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
        whole_.clear(values_.size());
        for (auto const& i : items) whole_.add(rank_of(i.y), i.y, i.weight);
        own_score_ = score_of(whole_);
    }
    [[nodiscard]] std::uint64_t weight() const noexcept {
        return static_cast<std::uint64_t>(whole_.weight());
    }
    [[nodiscard]] bool pure() const noexcept { return values_.size() == 1; }
    [[nodiscard]] double own_score() const noexcept { return own_score_; }

    void fill(view<item const> items, bin_column const& column) {
        for (auto const bin : occupied_.list()) last_[bin] = 0;
        column.cells.visit([&](auto const* cells) { fill_sorted(items, cells, column.n_bins); });
    }
    [[nodiscard]] view<std::uint16_t const> occupied() const noexcept { return occupied_.list(); }

    void start() {
        left_.clear(values_.size());
        right_ = whole_;
    }
    void take(std::size_t bin) noexcept {
        for (auto i = first_[bin]; i < last_[bin]; ++i) move_left(sorted_[i]);
    }
    void take_row(item const& i) noexcept { move_left({rank_of(i.y), i.y, i.weight}); }
    [[nodiscard]] std::uint64_t left_weight() const noexcept {
        return static_cast<std::uint64_t>(left_.weight());
    }
    [[nodiscard]] double left_value() const noexcept { return 0; }
    [[nodiscard]] double right_value() const noexcept { return 0; }
    [[nodiscard]] double score() const noexcept { return score_of(left_) + score_of(right_); }

    [[nodiscard]] static constexpr std::size_t n_orders() noexcept { return 1; }
    /// By mean: no order is known to make the best subset a prefix for absolute error.
    [[nodiscard]] double order_key(std::size_t bin, std::size_t) const noexcept {
        std::int64_t sum = 0;
        std::int64_t weight = 0;
        for (auto i = first_[bin]; i < last_[bin]; ++i) {
            sum += sorted_[i].y * std::int64_t{sorted_[i].weight};
            weight += sorted_[i].weight;
        }
        return static_cast<double>(sum) / static_cast<double>(weight);
    }

    /// The weighted median; the middle of two where exactly half the weight lies below.
    [[nodiscard]] double leaf_value(view<item const> items, fixed_point const& units) const {
        std::vector<item> sorted(items.begin(), items.end());
        std::sort(sorted.begin(), sorted.end(),
                  [](auto const& a, auto const& b) { return a.y < b.y; });
        std::int64_t below = 0;
        for (std::size_t i = 0; i < sorted.size(); ++i) {
            below += sorted[i].weight;
            if (2 * below < whole_.weight()) continue;
            bool const tie = 2 * below == whole_.weight() && i + 1 < sorted.size();
            auto const y = static_cast<double>(sorted[i].y);
            return units.restored(tie ? y / 2 + static_cast<double>(sorted[i + 1].y) / 2 : y);
        }
        return units.restored(0);
    }

private:
    struct target {
        std::size_t rank;
        std::int64_t y;
        std::uint32_t weight;
    };

    void move_left(target const& t) noexcept {
        left_.add(t.rank, t.y, t.weight);
        right_.add(t.rank, t.y, -std::int64_t{t.weight});
    }

    // Counting sort by bin: bin b's rows are sorted_[first_[b]] to sorted_[last_[b] - 1].
    template <class Bin>
    void fill_sorted(view<item const> items, Bin const* column, std::size_t n_bins) {
        for (auto const& i : items) {
            ++last_[column[i.row]];
            occupied_.mark(column[i.row]);
        }
        occupied_.collect(n_bins);
        std::uint32_t before = 0;
        for (auto const bin : occupied_.list()) {
            first_[bin] = before;
            before += last_[bin];
            last_[bin] = first_[bin];
        }
        sorted_.resize(items.size());
        for (auto const& i : items) {
            sorted_[last_[column[i.row]]++] = {rank_of(i.y), i.y, i.weight};
        }
    }
    [[nodiscard]] std::size_t rank_of(std::int64_t y) const noexcept {
        return static_cast<std::size_t>(std::lower_bound(values_.begin(), values_.end(), y) -
                                        values_.begin());
    }
    [[nodiscard]] double score_of(ranked_multiset const& set) const noexcept {
        return -static_cast<double>(
            set.distance_to_median([&](std::size_t rank) { return values_[rank]; }));
    }

    std::vector<std::int64_t> values_;  // the node's distinct targets, increasing
    ranked_multiset whole_;
    ranked_multiset left_;
    ranked_multiset right_;
    double own_score_ = 0;
    std::vector<target> sorted_;  // by bin
    std::vector<std::uint32_t> first_;
    std::vector<std::uint32_t> last_;
    occupied_bins occupied_;
};

}  // namespace copse::detail
