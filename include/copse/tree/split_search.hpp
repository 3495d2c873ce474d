// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The best cut of one feature for one node, written once for every tally (class_tally.hpp lists
/// what a tally offers).
///
///     search.start(draws, bounds, min_weight);
///     search.consider(tally, items, column, feature, cuts);    // keeps the best so far
///
/// Candidates of a numeric feature are the cuts between occupied bins, with the missing rows on the
/// right, and again with them on the left if there are any; and "missing or not". Between two
/// occupied bins that are apart, the cut goes half way. Categories are arranged by the tally's
/// order keys, and prefixes of the arrangement are the candidates, and suffixes too where
/// category_rules make them differ. Where a column has many categories and a node few rows of each,
/// that would sort the targets themselves: in forests they then stay in the order of their codes.
/// (hflights, 30 trees, 3,000 aircraft a column: test accuracy 0.810 always by target, 0.841 always
/// by code, 0.845 so.)
///
/// Ties     the lower feature, then the lower cut, then missing rows on the right.

#include <copse/core/math.hpp>
#include <copse/core/random.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace copse::detail {

/// Where a node is cut.
struct split {
    double score = -std::numeric_limits<double>::infinity();
    double middle = 0;  ///< half way between the children's values, where a constraint needs it
    std::uint32_t feature = node::no_feature;
    std::uint32_t bin = 0;  ///< numeric: bins up to this go left
    bool missing_left = false;
    bool saw_missing = false;                    ///< some row of the node misses the feature
    std::vector<std::uint16_t> left_categories;  ///< categorical: bins that go left

    [[nodiscard]] bool found() const noexcept { return feature != node::no_feature; }
    [[nodiscard]] bool is_categorical() const noexcept { return !left_categories.empty(); }
};

/// A numeric feature's best cut so far.
struct numeric_cut {
    double score;
    std::uint32_t bin = 0;  ///< the last on the left that is occupied
    bool missing_left = false;
};

/// What keeps splits of categories from fitting noise, after LightGBM's rules. As they are, nothing
/// is forbidden. A tally may also have handicap(n_left, n), which is subtracted from the score of a
/// subset of n_left categories out of n.
struct category_rules {
    std::size_t one_vs_rest = 0;  ///< up to so many in a node are parted one from the rest
    std::size_t min_rows = 1;     ///< a category of fewer rows in the node stays with the rest
    std::size_t max_subset = std::numeric_limits<std::size_t>::max();  ///< categories on the left
    /// Rows per category in the node, on average, to arrange more than 64 by the target.
    std::size_t min_rows_by_target = 0;
};

/// What a node's children must satisfy.
struct split_rules {
    std::size_t min_samples_leaf = 1;
    bool random_cuts = false;          ///< one random cut per feature instead of the best one
    std::span<int const> monotonic{};  ///< per feature: +1 increasing, -1 decreasing, 0 free
    category_rules categories{};
};

/// The values that a node's descendants may take, where features are monotonic.
struct value_bounds {
    double lower = -std::numeric_limits<double>::infinity();
    double upper = std::numeric_limits<double>::infinity();
};

/// Looks for the best split of one node after another.
class split_search {
public:
    split_search(split_rules const& rules, std::size_t most_bins)
        : rules_(rules),
          rows_in_(rules.min_samples_leaf > 1 || rules.categories.min_rows > 1 ? most_bins : 0) {}

    /// Starts on a node; `draws` decides its random cuts. Both sides must weigh min_weight_leaf,
    /// and a split's score must be above `bar`.
    void start(random_stream draws, value_bounds bounds, std::uint64_t min_weight_leaf,
               double bar = split{}.score) {
        best_.score = bar;
        best_.feature = node::no_feature;
        best_.left_categories.clear();
        min_weight_leaf_ = min_weight_leaf;
        every_cut_counts_ = !rules_.random_cuts && rows_in_.empty() && min_weight_leaf == 0 &&
                            rules_.monotonic.empty();
        draws_ = draws;
        bounds_ = bounds;
    }
    [[nodiscard]] split const& best() const noexcept { return best_; }

    /// Scores the feature's cuts and keeps the best split so far. False if all rows have one bin.
    template <class Tally>
    bool consider(Tally& tally, view<typename Tally::item const> items, bin_column const& column,
                  std::uint32_t feature, bin_cuts const& cuts) {
        if (items.size() <= few_rows && every_cut_counts_ && !cuts.is_categorical()) {
            few_keys keys;
            sort_few(items, column.cells, keys);
            auto const least = bin_at(keys[0]);
            if (least == bin_at(keys[items.size() - 1])) return false;
            if (least > 0) {
                sweep_few(tally, items, feature, keys);
                return true;
            }
        }
        tally.fill(items, column);
        if (tally.occupied().size() == 1) return false;
        if (!rows_in_.empty()) count_rows(items, column.cells, tally.occupied());
        consider_filled(tally, items.size(), feature, cuts);
        return true;
    }

    /// The same from a histogram: the bins of the feature, of n_rows rows.
    template <class Tally>
    bool consider(Tally& tally, view<typename Tally::cell const> histogram, std::size_t n_rows,
                  std::uint32_t feature, bin_cuts const& cuts) {
        if constexpr (requires { tally.plain(); }) {
            if (tally.plain() && !cuts.is_categorical() && !rules_.random_cuts) {
                consider_plain(tally, histogram, feature, cuts);
                return true;
            }
        }
        tally.fill(histogram);
        if (tally.occupied().size() == 1) return false;
        if (!rows_in_.empty()) {
            for (auto const bin : tally.occupied()) rows_in_[bin] = tally.rows_in(bin);
        }
        consider_filled(tally, n_rows, feature, cuts);
        return true;
    }

private:
    /// The same as consider_cuts, by a tally that finds the best of a feature's cuts by itself.
    template <class Tally>
    void consider_plain(Tally const& tally, view<typename Tally::cell const> bins,
                        std::uint32_t feature, bin_cuts const& cuts) {
        numeric_cut best{best_.score};
        if (feature < best_.feature && best_.found())  // wins if equal
            best.score = std::nextafter(best.score, split{}.score);
        if (!tally.improve(bins, rules_.min_samples_leaf, min_weight_leaf_, best)) return;
        best_.score = best.score;
        best_.feature = feature;
        best_.bin = Tally::cut_half_way(bins, best.bin, cuts.n_bins());
        best_.missing_left = best.missing_left;
        best_.saw_missing = !Tally::empty(bins[0]);
        best_.left_categories.clear();
    }

    static constexpr std::size_t few_categories = 64;
    static constexpr std::size_t every = std::numeric_limits<std::size_t>::max();

    template <class Tally>
    void consider_filled(Tally& tally, std::size_t n_rows, std::uint32_t feature,
                         bin_cuts const& cuts) {
        auto const bins = tally.occupied();
        n_rows_ = n_rows;
        if (cuts.is_categorical()) {
            consider_categories(tally, feature, bins, cuts.n_bins());
        } else {
            consider_cuts(tally, feature, bins, cuts);
        }
    }

    /// The rows of a very small node by bin: the bin and, in the last four bits, which row it is.
    static constexpr std::size_t few_rows = 8;
    using few_keys = std::int32_t[few_rows];
    [[nodiscard]] static std::uint32_t bin_at(std::int32_t key) noexcept {
        return static_cast<std::uint32_t>(key) >> 4;
    }

    /// A row's place is the number of rows before it. To count them all takes fewer cycles than to
    /// mispredict one comparison of a sort.
    template <class Item>
    static void sort_few(view<Item const> items, cells_view column, few_keys& sorted) {
        few_keys keys;
        std::fill(std::begin(keys), std::end(keys), std::numeric_limits<std::int32_t>::max());
        column.visit([&](auto const* cells) {
            for (std::size_t i = 0; i < items.size(); ++i) {
                keys[i] = std::int32_t{cells[items[i].row]} << 4 | static_cast<std::int32_t>(i);
            }
        });
        few_keys before{};
        for (auto const key : keys) {
            for (std::size_t i = 0; i < few_rows; ++i) before[i] += key < keys[i] ? 1 : 0;
        }
        for (std::size_t i = 0; i < items.size(); ++i) sorted[before[i]] = keys[i];
    }

    /// Scores the cuts of a feature that no row misses.
    template <class Tally>
    void sweep_few(Tally& tally, view<typename Tally::item const> items, std::uint32_t feature,
                   few_keys const& keys) {
        tally.start();
        for (std::size_t j = 0; j + 1 < items.size(); ++j) {
            tally.take_row(items[static_cast<std::size_t>(keys[j] & 15)]);
            auto const bin = bin_at(keys[j]);
            auto const next = bin_at(keys[j + 1]);
            if (bin == next || !improves(tally, feature)) continue;
            best_.bin = (bin + next) / 2;
            best_.missing_left = false;
            best_.saw_missing = false;
            best_.left_categories.clear();
        }
    }

    template <class Item>
    void count_rows(view<Item const> items, cells_view column, view<std::uint16_t const> bins) {
        for (auto const bin : bins) rows_in_[bin] = 0;
        column.visit([&](auto const* cells) {
            for (auto const& item : items) ++rows_in_[cells[item.row]];
        });
    }

    template <class Tally>
    void consider_cuts(Tally& tally, std::uint32_t feature, view<std::uint16_t const> bins,
                       bin_cuts const& cuts) {
        bool const missing = bins[0] == 0;
        auto const values = bins.part(missing ? 1 : 0, bins.size() - (missing ? 1 : 0));
        auto const drawn = rules_.random_cuts && values.size() > 1
                               ? random_cut(feature, values, cuts)
                               : std::uint32_t{0};
        auto const only = drawn == 0 ? every : last_at_most(values, drawn);
        auto const keep = [&](bool missing_left) {
            return [&, missing_left](std::size_t j) {
                best_.bin = drawn != 0              ? drawn
                            : j + 1 < values.size() ? (std::uint32_t{values[j]} + values[j + 1]) / 2
                                                    : cuts.n_bins();
                best_.missing_left = missing_left;
                best_.saw_missing = missing;
                best_.left_categories.clear();
            };
        };
        tally.start();
        // With missing rows on the right, "all values left" is a cut too.
        sweep(tally, feature, values, values.size() - (missing ? 0 : 1), only, 0, keep(false));
        if (!missing) return;
        tally.start();
        tally.take(0);
        sweep(tally, feature, values, values.size() - 1, only, rows_in_.empty() ? 0 : rows_in_[0],
              keep(true));
    }

    template <class Tally>
    void consider_categories(Tally& tally, std::uint32_t feature, view<std::uint16_t const> bins,
                             std::size_t n_categories) {
        auto const& rules = rules_.categories;
        saw_missing_ = bins[0] == 0;
        n_arranged_ = bins.size();
        if (bins.size() <= rules.one_vs_rest) {
            for (auto const& bin : bins) sweep_categories(tally, feature, {&bin, 1}, 1, every);
            return;
        }
        if (n_categories > few_categories && n_rows_ / bins.size() < rules.min_rows_by_target) {
            arranged_.assign(bins.begin(), bins.end());
            auto const n_cuts = bins.size() - 1;
            sweep_categories(tally, feature, arranged_, n_cuts, drawn_category(feature, n_cuts, 0));
            return;
        }
        for (std::size_t k = 0; k < tally.n_orders(); ++k) {
            arrange(tally, bins, k);
            auto const n = n_arranged_ = arranged_.size();
            if (n < 2) return;
            // Without rare ones and limits the prefixes are all there is: a suffix is the rest.
            bool const all = n == bins.size() && rules.max_subset >= n;
            auto const n_cuts = all ? n - 1 : std::min(rules.max_subset, n - 1);
            sweep_categories(tally, feature, arranged_, n_cuts, drawn_category(feature, n_cuts, k));
            if (all || rules_.random_cuts) continue;
            std::reverse(arranged_.begin(), arranged_.end());
            sweep_categories(tally, feature, arranged_, n_cuts, every);
        }
    }
    /// The categories that are not too rare, by the tally's k-th key.
    template <class Tally>
    void arrange(Tally const& tally, view<std::uint16_t const> bins, std::size_t k) {
        keyed_.clear();
        for (auto const bin : bins) {
            if (!rows_in_.empty() && rows_in_[bin] < rules_.categories.min_rows) continue;
            keyed_.push_back({tally.order_key(bin, k), bin});
        }
        std::sort(keyed_.begin(), keyed_.end());
        arranged_.clear();
        for (auto const& [key, bin] : keyed_) arranged_.push_back(bin);
    }
    template <class Tally>
    [[nodiscard]] double handicap_of(Tally const& tally, std::size_t n_left) const {
        if constexpr (requires { tally.handicap(n_left, n_left); }) {
            return tally.handicap(n_left, n_arranged_);
        } else {
            return 0;
        }
    }
    /// Prefixes of `order` go left: the first n_cuts of them, or `only` that one.
    template <class Tally>
    void sweep_categories(Tally& tally, std::uint32_t feature, view<std::uint16_t const> order,
                          std::size_t n_cuts, std::size_t only) {
        std::size_t n_left = 0;
        tally.start();
        for (std::size_t j = 0; j < n_cuts; ++j) {
            tally.take(order[j]);
            if (!rows_in_.empty()) n_left += rows_in_[order[j]];
            if ((only != every && j != only) || !allowed(tally, feature, n_left)) continue;
            if (!improves(tally, feature, handicap_of(tally, j + 1))) continue;
            auto const left = order.part(0, j + 1);
            best_.left_categories.assign(left.begin(), left.end());
            best_.missing_left = std::find(left.begin(), left.end(), 0) != left.end();
            best_.saw_missing = saw_missing_;
        }
    }

    /// Takes the bins of `order` one by one and scores the first n_cuts cuts, or `only` that one;
    /// keep(j) notes the cut after order[j] as the best.
    template <class Tally, class Keep>
    void sweep(Tally& tally, std::uint32_t feature, view<std::uint16_t const> order,
               std::size_t n_cuts, std::size_t only, std::size_t n_left, Keep const& keep) {
        if (every_cut_counts_) {
            for (std::size_t j = 0; j < n_cuts; ++j) {
                tally.take(order[j]);
                if (improves(tally, feature)) keep(j);
            }
            return;
        }
        for (std::size_t j = 0; j < n_cuts; ++j) {
            tally.take(order[j]);
            if (!rows_in_.empty()) n_left += rows_in_[order[j]];
            if ((only == every || j == only) && allowed(tally, feature, n_left) &&
                improves(tally, feature)) {
                keep(j);
            }
        }
    }
    /// Notes score and feature if the cut at hand is the best so far.
    template <class Tally>
    [[nodiscard]] bool improves(Tally const& tally, std::uint32_t feature, double handicap = 0) {
        auto const score = tally.score() - handicap;
        if (!(score > best_.score || (score == best_.score && feature < best_.feature))) {
            return false;
        }
        best_.score = score;
        best_.feature = feature;
        if (!rules_.monotonic.empty()) {
            best_.middle = (tally.left_value() + tally.right_value()) / 2;
        }
        return true;
    }

    template <class Tally>
    [[nodiscard]] bool allowed(Tally const& tally, std::uint32_t feature,
                               std::size_t n_left) const {
        if (!rows_in_.empty() &&
            (n_left < rules_.min_samples_leaf || n_rows_ - n_left < rules_.min_samples_leaf)) {
            return false;
        }
        if (min_weight_leaf_ > 0 && (tally.left_weight() < min_weight_leaf_ ||
                                     tally.weight() - tally.left_weight() < min_weight_leaf_)) {
            return false;
        }
        return rules_.monotonic.empty() || in_order(tally, rules_.monotonic[feature]);
    }
    template <class Tally>
    [[nodiscard]] bool in_order(Tally const& tally, int direction) const {
        auto const left = tally.left_value();
        auto const right = tally.right_value();
        return std::min(left, right) >= bounds_.lower && std::max(left, right) <= bounds_.upper &&
               (direction == 0 || (direction > 0 ? left <= right : left >= right));
    }

    /// The only cut to look at, if cuts are random.
    [[nodiscard]] std::size_t drawn_category(std::uint32_t feature, std::size_t n_cuts,
                                             std::size_t k) const noexcept {
        if (!rules_.random_cuts) return every;
        return cut_draws(feature).below(static_cast<std::uint32_t>(n_cuts), k);
    }
    [[nodiscard]] random_stream cut_draws(std::uint32_t feature) const noexcept {
        return draws_.split(purpose::thresholds).split(feature);
    }

    /// A bin to cut after, uniform in value between the least and the greatest of the node's; in
    /// bins where those are infinite. P. Geurts, D. Ernst, L. Wehenkel, "Extremely Randomized
    /// Trees", Machine Learning 63:3-42, 2006, Table 1. Deviation: snapped to the next cut
    /// above.
    [[nodiscard]] std::uint32_t random_cut(std::uint32_t feature, view<std::uint16_t const> values,
                                           bin_cuts const& cuts) const noexcept {
        std::uint32_t const first = values[0];
        std::uint32_t const last = values[values.size() - 1] - 1u;
        auto const low = first > 1 ? cuts.threshold(first - 1) : cuts.least();
        auto const high = last + 1 < cuts.n_bins() ? cuts.threshold(last + 1) : cuts.greatest();
        auto const u = cut_draws(feature).uniform(0);
        auto const at = exact_product(1 - u, low) + exact_product(u, high);
        if (!std::isfinite(at)) {
            return first + static_cast<std::uint32_t>(u * static_cast<double>(last - first + 1));
        }
        return std::clamp(cuts.bin_of(at), first, last);
    }
    [[nodiscard]] static std::size_t last_at_most(view<std::uint16_t const> values,
                                                  std::uint32_t bin) noexcept {
        return static_cast<std::size_t>(std::upper_bound(values.begin(), values.end(), bin) -
                                        values.begin()) -
               1;
    }
    struct keyed_bin {
        double key;
        std::uint16_t bin;
        friend auto operator<=>(keyed_bin const&, keyed_bin const&) = default;
    };

    split_rules rules_;
    split best_;
    random_stream draws_{0};
    value_bounds bounds_;
    std::uint64_t min_weight_leaf_ = 0;
    bool every_cut_counts_ = false;  // no rule forbids one
    std::size_t n_rows_ = 0;
    bool saw_missing_ = false;
    std::size_t n_arranged_ = 0;
    std::vector<std::uint32_t> rows_in_;  // per bin, counted only if somebody asks
    std::vector<keyed_bin> keyed_;
    std::vector<std::uint16_t> arranged_;
};

}  // namespace copse::detail
