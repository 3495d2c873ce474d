// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Tallies of classification targets. A *tally* knows the targets of a node's rows, sorts them into
/// a feature's bins, and says how good a cut would be while bins move from its right to its left
/// side. The split search (split_search.hpp) is written once over this interface:
///
///   enter(items)             the node's rows; then weight(), pure(), own_score()
///   fill(items, column)      sorts them by a feature; then occupied() lists its bins
///   start(), take(bin)       everything is on the right; this bin goes left
///   take_row(item)           only this row goes left; needs no fill()
///   score()                  the cut between what is left and what is not
///   n_orders(), order_key()  ways to arrange categories so that good subsets are prefixes
///   leaf(...)                what the tree keeps of the node
///
/// Weights are integers of at most 31 bits in sum, so no order of addition can change a sum.

#include <copse/data/binned_matrix.hpp>
#include <copse/tree/impurity.hpp>
#include <copse/tree/occupied_bins.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse::detail {

/// A row of a tree's sample. `row` indexes the columns at hand, which are the whole matrix's or a
/// compacted copy's.
struct class_item {
    std::uint32_t row;
    std::uint32_t weight;
    std::uint32_t code;
};

/// Weighted counts of a node's classes.
class class_counts {
public:
    explicit class_counts(std::size_t n_classes) : counts_(n_classes) {}

    void count(view<class_item const> items) {
        std::fill(counts_.begin(), counts_.end(), 0u);
        for (auto const& item : items) counts_[item.code] += item.weight;
        add_up();
    }
    /// The same for two classes, without a memory cell that rows wait for each other at.
    void count_two(view<class_item const> items) {
        std::uint32_t all = 0;
        std::uint32_t ones = 0;
        for (auto const& item : items) {
            all += item.weight;
            ones += item.weight * item.code;
        }
        counts_[0] = all - ones;
        counts_[1] = ones;
        add_up();
    }
    [[nodiscard]] std::size_t size() const noexcept { return counts_.size(); }
    [[nodiscard]] std::uint32_t operator[](std::size_t k) const noexcept { return counts_[k]; }
    [[nodiscard]] std::uint64_t weight() const noexcept { return weight_; }
    [[nodiscard]] bool pure() const noexcept { return n_present_ <= 1; }

    /// A pure leaf, or a mixed one whose frequencies are appended to the table.
    [[nodiscard]] node leaf(std::vector<float>& frequencies) const {
        if (pure()) {
            auto const at =
                std::find_if(counts_.begin(), counts_.end(), [](auto c) { return c > 0; });
            return node::pure_leaf(static_cast<std::uint32_t>(at - counts_.begin()));
        }
        auto const row = frequencies.size() / counts_.size();
        for (auto const c : counts_) {
            frequencies.push_back(
                static_cast<float>(static_cast<double>(c) / static_cast<double>(weight_)));
        }
        return node::mixed_leaf(static_cast<std::uint32_t>(row));
    }

private:
    void add_up() noexcept {
        weight_ = 0;
        n_present_ = 0;
        for (auto const c : counts_) {
            weight_ += c;
            n_present_ += c > 0 ? 1u : 0u;
        }
    }

    std::vector<std::uint32_t> counts_;
    std::uint64_t weight_ = 0;
    std::size_t n_present_ = 0;
};

/// Two classes: a bin is one 64-bit word, all rows in the high half and class 1 in the low half.
template <class Criterion>
class binary_tally {
public:
    using item = class_item;
    static constexpr bool is_classifier = true;

    binary_tally(std::size_t /*n_classes*/, std::size_t most_bins)
        : node_(2), cells_(most_bins), occupied_(most_bins) {}

    void enter(view<item const> items) { node_.count_two(items); }
    [[nodiscard]] std::uint64_t weight() const noexcept { return node_.weight(); }
    [[nodiscard]] bool pure() const noexcept { return node_.pure(); }
    [[nodiscard]] double own_score() const noexcept { return side_score(packed_total()); }

    void fill(view<item const> items, bin_column const& column) {
        for (auto const bin : occupied_.list()) cells_[bin] = 0;
        if (column.mode == bin_column::no_mode) {
            // Pointers of its own: the compiler must assume that a mark changes what members are.
            column.cells.visit(
                [sums = cells_.data(), mark = occupied_.marker(), items](auto const* cells) {
                    for (auto const& i : items) {
                        auto const bin = cells[i.row];
                        sums[bin] += packed(i);
                        mark(bin);
                    }
                });
        } else {
            std::uint64_t others = 0;
            for_each_off_mode(items, column, [&](std::size_t bin, item const& i) {
                add(bin, packed(i));
                others += packed(i);
            });
            if (others != packed_total()) add(column.mode, packed_total() - others);
        }
        occupied_.collect(column.n_bins);
    }
    [[nodiscard]] view<std::uint16_t const> occupied() const noexcept { return occupied_.list(); }

    void start() noexcept { left_ = 0; }
    void take(std::size_t bin) noexcept { left_ += cells_[bin]; }
    void take_row(item const& i) noexcept { left_ += packed(i); }
    [[nodiscard]] std::uint64_t left_weight() const noexcept { return left_ >> 32; }
    [[nodiscard]] double left_value() const noexcept { return value(left_); }
    [[nodiscard]] double right_value() const noexcept { return value(packed_total() - left_); }
    [[nodiscard]] double score() const noexcept {
        return side_score(left_) + side_score(packed_total() - left_);
    }

    /// Ordered by the frequency of class 1, some prefix is the best subset: Breiman et al.
    /// 1984, 4.2.2.
    [[nodiscard]] static constexpr std::size_t n_orders() noexcept { return 1; }
    [[nodiscard]] double order_key(std::size_t bin, std::size_t) const noexcept {
        return value(cells_[bin]);
    }

    [[nodiscard]] node leaf(std::vector<float>& frequencies) const {
        return node_.leaf(frequencies);
    }

private:
    [[nodiscard]] static std::uint64_t packed(item const& i) noexcept {
        return std::uint64_t{i.weight} << 32 | i.weight * i.code;
    }
    void add(std::size_t bin, std::uint64_t rows) noexcept {
        cells_[bin] += rows;
        occupied_.mark(bin);
    }
    [[nodiscard]] std::uint64_t packed_total() const noexcept {
        return node_.weight() << 32 | node_[1];
    }
    [[nodiscard]] static double value(std::uint64_t cell) noexcept {
        return static_cast<double>(cell & 0xffffffffu) / static_cast<double>(cell >> 32);
    }
    [[nodiscard]] static double side_score(std::uint64_t cell) noexcept {
        Criterion const criterion{};
        auto const w = cell >> 32;
        auto const ones = cell & 0xffffffffu;
        return criterion.score(criterion.gain(0, ones) + criterion.gain(0, w - ones), w);
    }

    class_counts node_;
    std::vector<std::uint64_t> cells_;
    occupied_bins occupied_;
    std::uint64_t left_ = 0;
};

/// Any number of classes. A node with many rows per bin and class counts them in a table; one with
/// few has its rows sorted by bin, so that a bin costs its rows and not the number of classes.
template <class Criterion>
class multiclass_tally {
public:
    using item = class_item;
    static constexpr bool is_classifier = true;

    multiclass_tally(std::size_t n_classes, std::size_t most_bins)
        : node_(n_classes),
          left_(n_classes),
          at_mode_(n_classes),
          first_(most_bins),
          last_(most_bins),
          occupied_(most_bins) {}

    void enter(view<item const> items) {
        node_.count(items);
        node_sum_ = {};
        for (std::size_t k = 0; k < node_.size(); ++k) node_sum_ += criterion_.gain(0, node_[k]);
    }
    [[nodiscard]] std::uint64_t weight() const noexcept { return node_.weight(); }
    [[nodiscard]] bool pure() const noexcept { return node_.pure(); }
    [[nodiscard]] double own_score() const noexcept {
        return criterion_.score(node_sum_, node_.weight());
    }

    void fill(view<item const> items, bin_column const& column) {
        for (auto const bin : occupied_.list()) last_[bin] = 0;
        mode_ = column.mode;
        if (mode_ != bin_column::no_mode) {
            for (std::size_t k = 0; k < node_.size(); ++k) at_mode_[k] = node_[k];
        }
        counted_ = items.size() >= column.n_bins * node_.size() / 4;
        if (counted_) {
            fill_counts(items, column);
        } else {
            fill_sorted(items, column);
        }
    }
    [[nodiscard]] view<std::uint16_t const> occupied() const noexcept { return occupied_.list(); }

    void start() noexcept {
        std::fill(left_.begin(), left_.end(), 0u);
        left_weight_ = 0;
        left_sum_ = {};
        right_sum_ = node_sum_;
    }
    void take(std::size_t bin) noexcept {
        for_each_in(bin, [&](std::size_t k, std::uint32_t weight) { move_left(k, weight); });
    }
    void take_row(item const& i) noexcept { move_left(i.code, i.weight); }
    [[nodiscard]] std::uint64_t left_weight() const noexcept { return left_weight_; }
    [[nodiscard]] double left_value() const noexcept { return 0; }
    [[nodiscard]] double right_value() const noexcept { return 0; }
    [[nodiscard]] double score() const noexcept {
        return criterion_.score(left_sum_, left_weight_) +
               criterion_.score(right_sum_, node_.weight() - left_weight_);
    }

    /// One order per class, by its frequency in the category: the best one-against-the-rest subset.
    [[nodiscard]] std::size_t n_orders() const noexcept { return node_.size(); }
    [[nodiscard]] double order_key(std::size_t bin, std::size_t k) const noexcept {
        std::uint64_t of_class = 0;
        std::uint64_t all = 0;
        for_each_in(bin, [&](std::size_t code, std::uint32_t weight) {
            all += weight;
            of_class += code == k ? weight : 0;
        });
        return static_cast<double>(of_class) / static_cast<double>(all);
    }

    [[nodiscard]] node leaf(std::vector<float>& frequencies) const {
        return node_.leaf(frequencies);
    }

private:
    struct target {
        std::uint32_t code;
        std::uint32_t weight;
    };
    struct picked {
        std::uint32_t bin;
        std::uint32_t code;
        std::uint32_t weight;
    };

    void fill_counts(view<item const> items, bin_column const& column) {
        auto const n_classes = node_.size();
        counts_.assign(column.n_bins * n_classes, 0u);
        auto const add = [&](std::size_t bin, item const& i) {
            counts_[bin * n_classes + i.code] += i.weight;
            occupied_.mark(bin);
        };
        if (mode_ == bin_column::no_mode) {
            column.cells.visit([&](auto const* cells) {
                for (auto const& i : items) add(cells[i.row], i);
            });
        } else {
            std::size_t n_others = 0;
            for_each_off_mode(items, column, [&](std::size_t bin, item const& i) {
                add(bin, i);
                at_mode_[i.code] -= i.weight;
                ++n_others;
            });
            if (n_others < items.size()) occupied_.mark(mode_);
        }
        occupied_.collect(column.n_bins);
    }

    // Counting sort by bin: bin b's rows are sorted_[first_[b]] to sorted_[last_[b] - 1], except
    // for the mode, of which only the class counts are known.
    void fill_sorted(view<item const> items, bin_column const& column) {
        picked_.resize(std::max(picked_.size(), items.size()));
        std::size_t n_picked = 0;
        column.cells.visit([&](auto const* cells) {
            for (auto const& i : items) {
                std::uint32_t const bin = cells[i.row];
                picked_[n_picked] = {bin, i.code, i.weight};
                n_picked += bin != mode_ ? 1 : 0;
            }
        });
        view<picked const> const others(picked_.data(), n_picked);
        for (auto const& p : others) {
            ++last_[p.bin];
            occupied_.mark(p.bin);
        }
        if (n_picked < items.size()) {
            occupied_.mark(mode_);
            for (auto const& p : others) at_mode_[p.code] -= p.weight;
        }
        occupied_.collect(column.n_bins);
        if (occupied_.list().size() == 1) return;  // constant: nothing will be asked of it
        std::uint32_t before = 0;
        for (auto const bin : occupied_.list()) {
            first_[bin] = before;
            before += last_[bin];
            last_[bin] = first_[bin];
        }
        sorted_.resize(std::max(sorted_.size(), n_picked));
        for (auto const& p : others) sorted_[last_[p.bin]++] = {p.code, p.weight};
    }

    /// f(class, weight) for what is in a bin; a class may come more than once.
    template <class F>
    void for_each_in(std::size_t bin, F const& f) const {
        if (bin == mode_ || counted_) {
            auto const* const counts =
                bin == mode_ ? at_mode_.data() : &counts_[bin * node_.size()];
            for (std::size_t k = 0; k < node_.size(); ++k) {
                if (counts[k] != 0) f(k, counts[k]);
            }
        } else {
            for (auto i = first_[bin]; i < last_[bin]; ++i) f(sorted_[i].code, sorted_[i].weight);
        }
    }

    void move_left(std::size_t k, std::uint64_t weight) noexcept {
        std::uint64_t const left = left_[k];
        left_sum_ += criterion_.gain(left, weight);
        right_sum_ -= criterion_.gain(node_[k] - left - weight, weight);
        left_[k] = static_cast<std::uint32_t>(left + weight);
        left_weight_ += weight;
    }

    Criterion criterion_{};
    class_counts node_;
    typename Criterion::sum_type node_sum_{};
    std::uint32_t mode_ = bin_column::no_mode;
    bool counted_ = false;
    std::vector<std::uint32_t> left_;
    std::uint64_t left_weight_ = 0;
    typename Criterion::sum_type left_sum_{};
    typename Criterion::sum_type right_sum_{};
    std::vector<std::uint32_t> counts_;   // (bins, classes), when counted
    std::vector<std::uint32_t> at_mode_;  // class counts of the mode, if the column has one
    std::vector<picked> picked_;          // rows that are not at the mode
    std::vector<target> sorted_;          // the same by bin, when sorted
    std::vector<std::uint32_t> first_;
    std::vector<std::uint32_t> last_;  // zero for bins that are not occupied
    occupied_bins occupied_;
};

}  // namespace copse::detail
