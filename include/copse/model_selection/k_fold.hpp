// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Splitters in which every row tests once: each of k folds in turn, while the others train.
///
///     k_fold{.n_splits = 10, .shuffle = true, .random_state = 7}
///     stratified_k_fold{}                     each fold with the classes' shares
///     group_k_fold{}                          a group's rows in one fold
///     stratified_group_k_fold{}               both, as well as they go together
///     repeated{k_fold{.shuffle = true}, 10}   ten times, shuffled anew

#include <copse/core/errors.hpp>
#include <copse/core/random.hpp>
#include <copse/model_selection/split.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

namespace copse {

/// Folds of n / k rows; the first n % k have one more. Without shuffling they are runs of rows.
struct k_fold {
    std::size_t n_splits = 5;
    bool shuffle = false;
    std::uint64_t random_state = 0;

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(k_fold const&) const = default;
};

/// Folds that have, up to one row, the same number of each class, and of rows.
/// A class of fewer rows than folds is missing in some; if all are so small, that is an error.
struct stratified_k_fold {
    std::size_t n_splits = 5;
    bool shuffle = false;
    std::uint64_t random_state = 0;

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(stratified_k_fold const&) const = default;
};

/// Rows of one group are in one fold. Groups go, the largest first, to the smallest fold.
/// Shuffled, each fold is given as many groups, whatever their sizes.
struct group_k_fold {
    std::size_t n_splits = 5;
    bool shuffle = false;
    std::uint64_t random_state = 0;

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(group_k_fold const&) const = default;
};

/// Rows of one group are in one fold, and folds have nearly the same shares of the classes: groups,
/// the most uneven first, go where the shares' standard deviation over the folds is least.
struct stratified_group_k_fold {
    std::size_t n_splits = 5;
    bool shuffle = false;
    std::uint64_t random_state = 0;

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(stratified_group_k_fold const&) const = default;
};

/// A splitter that shuffles, n_repeats times with random numbers of their own.
template <class Splitter>
struct repeated {
    Splitter splitter{};
    std::size_t n_repeats = 10;

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(repeated const&) const = default;
};

template <class Splitter>
repeated(Splitter) -> repeated<Splitter>;
template <class Splitter>
repeated(Splitter, std::size_t) -> repeated<Splitter>;

// ------------------------------------------------------------------ implementation below

namespace detail {

[[nodiscard]] inline random_stream fold_stream(std::uint64_t random_state) noexcept {
    return random_stream(random_state).split(purpose::folds);
}

/// How many of the n things fold f of k has.
[[nodiscard]] constexpr std::size_t fold_size(std::size_t n, std::size_t k,
                                              std::size_t f) noexcept {
    return n / k + (f < n % k ? 1 : 0);
}

/// Standard deviation of f(0), ..., f(n - 1), all of them.
template <class F>
[[nodiscard]] double deviation(std::size_t n, F const& f) {
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) mean += f(i) / static_cast<double>(n);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += (f(i) - mean) * (f(i) - mean);
    return std::sqrt(sum / static_cast<double>(n));
}

/// How many rows of each class each group has: counts[g * n_classes + c].
[[nodiscard]] inline std::vector<double> class_counts_of_groups(encoded_labels const& y,
                                                                encoded_labels const& groups) {
    std::vector<double> counts(groups.classes.size() * y.classes.size());
    for (std::size_t i = 0; i < y.codes.size(); ++i)
        ++counts[groups.codes[i] * y.classes.size() + y.codes[i]];
    return counts;
}

/// The fold that a group's rows make the classes' shares most even in.
class even_folds {
public:
    even_folds(std::size_t n_folds, std::vector<double> class_totals)
        : n_folds_(n_folds),
          totals_(std::move(class_totals)),
          counts_(n_folds_ * totals_.size()),
          sizes_(n_folds_) {}

    /// Puts the group with these class counts into the best fold and returns which that is.
    std::size_t add(double const* group) {
        std::size_t best = 0;
        auto least = std::numeric_limits<double>::infinity();
        double least_size = 0;
        for (std::size_t f = 0; f < n_folds_; ++f) {
            auto const size = move(group, f, 1);
            auto const uneven = unevenness();
            move(group, f, -1);
            // scikit-learn's isclose(): what differs by rounding is equal.
            bool const close = std::fabs(uneven - least) <= 1e-8 + 1e-5 * std::fabs(least);
            if (uneven < least || (close && size < least_size)) {
                best = f;
                least = uneven;
                least_size = size;
            }
        }
        move(group, best, 1);
        return best;
    }

private:
    double move(double const* group, std::size_t f, double sign) {
        for (std::size_t c = 0; c < totals_.size(); ++c) {
            counts_[f * totals_.size() + c] += sign * group[c];
            sizes_[f] += sign * group[c];
        }
        return sizes_[f];
    }
    [[nodiscard]] double unevenness() const {
        double sum = 0;
        for (std::size_t c = 0; c < totals_.size(); ++c) {
            sum += deviation(n_folds_, [&](std::size_t f) {
                return counts_[f * totals_.size() + c] / totals_[c];
            });
        }
        return sum / static_cast<double>(totals_.size());
    }

    std::size_t n_folds_;
    std::vector<double> totals_;  // rows of each class
    std::vector<double> counts_;  // [fold][class]
    std::vector<double> sizes_;
};

}  // namespace detail

inline std::vector<row_split> k_fold::split(rows_to_split const& rows) const {
    auto const n = rows.n_rows;
    detail::check_folds("k_fold::split", n_splits, n, "rows");
    auto order = detail::iota(n);
    if (shuffle) detail::shuffle(order, detail::fold_stream(random_state));
    std::vector<std::size_t> fold_of_row(n);
    for (std::size_t f = 0, at = 0; f < n_splits; ++f) {
        for (auto left = detail::fold_size(n, n_splits, f); left > 0; --left)
            fold_of_row[order[at++]] = f;
    }
    return detail::splits_of(fold_of_row, n_splits);
}

inline std::vector<row_split> stratified_k_fold::split(rows_to_split const& rows) const {
    constexpr auto who = "stratified_k_fold::split";
    detail::check_folds(who, n_splits, rows.n_rows, "rows");
    auto const y = detail::codes_for_split(who, "y", rows.y, rows.n_rows);
    auto const n_classes = y.classes.size();
    // Classes in the order in which they first appear, as scikit-learn takes them.
    std::vector<std::size_t> rank(n_classes, n_classes);
    std::vector<std::size_t> count(n_classes);
    std::size_t seen = 0;
    for (auto const code : y.codes) {
        if (rank[code] == n_classes) rank[code] = seen++;
        ++count[rank[code]];
    }
    auto const most = *std::max_element(count.begin(), count.end());
    if (most < n_splits) {
        throw invalid_input(detail::sentence(who, ": n_splits is ", n_splits,
                                             " but no class has more than ", most, " rows"));
    }
    // Dealt out class by class, every n_splits-th row goes to the same fold: how many each gets.
    std::vector<std::vector<std::size_t>> folds_of_class(n_classes);
    for (std::size_t c = 0, at = 0; c < n_classes; at += count[c++]) {
        std::vector<std::size_t> dealt(n_splits);
        for (std::size_t i = 0; i < count[c]; ++i) ++dealt[(at + i) % n_splits];
        auto& folds = folds_of_class[c];
        for (std::size_t f = 0; f < n_splits; ++f) folds.insert(folds.end(), dealt[f], f);
        if (shuffle) detail::shuffle(folds, detail::fold_stream(random_state).split(c));
    }
    std::vector<std::size_t> fold_of_row(rows.n_rows);
    std::vector<std::size_t> next(n_classes);
    for (std::size_t i = 0; i < fold_of_row.size(); ++i) {
        auto const c = rank[y.codes[i]];
        fold_of_row[i] = folds_of_class[c][next[c]++];
    }
    return detail::splits_of(fold_of_row, n_splits);
}

inline std::vector<row_split> group_k_fold::split(rows_to_split const& rows) const {
    constexpr auto who = "group_k_fold::split";
    auto const groups = detail::codes_for_split(who, "groups", rows.groups, rows.n_rows);
    auto const n_groups = groups.classes.size();
    detail::check_folds(who, n_splits, n_groups, "groups");
    std::vector<std::size_t> fold_of_group(n_groups);
    auto order = detail::iota(n_groups);
    if (shuffle) {
        detail::shuffle(order, detail::fold_stream(random_state));
        for (std::size_t f = 0, at = 0; f < n_splits; ++f) {
            for (auto left = detail::fold_size(n_groups, n_splits, f); left > 0; --left)
                fold_of_group[order[at++]] = f;
        }
    } else {
        std::vector<std::size_t> size(n_groups);
        for (auto const g : groups.codes) ++size[g];
        // Of equals the greater group goes first, as scikit-learn has it.
        std::ranges::stable_sort(order, [&](auto a, auto b) { return size[a] < size[b]; });
        std::ranges::reverse(order);
        std::vector<std::size_t> fold_rows(n_splits);
        for (auto const g : order) {
            auto const least = std::ranges::min_element(fold_rows);
            fold_of_group[g] = static_cast<std::size_t>(least - fold_rows.begin());
            *least += size[g];
        }
    }
    std::vector<std::size_t> fold_of_row(rows.n_rows);
    for (std::size_t i = 0; i < fold_of_row.size(); ++i)
        fold_of_row[i] = fold_of_group[groups.codes[i]];
    return detail::splits_of(fold_of_row, n_splits);
}

inline std::vector<row_split> stratified_group_k_fold::split(rows_to_split const& rows) const {
    constexpr auto who = "stratified_group_k_fold::split";
    auto const y = detail::codes_for_split(who, "y", rows.y, rows.n_rows);
    auto const groups = detail::codes_for_split(who, "groups", rows.groups, rows.n_rows);
    auto const n_groups = groups.classes.size();
    auto const n_classes = y.classes.size();
    detail::check_folds(who, n_splits, n_groups, "groups");
    auto const counts = detail::class_counts_of_groups(y, groups);
    std::vector<double> totals(n_classes);
    for (auto const code : y.codes) ++totals[code];
    std::vector<double> uneven(n_groups);
    for (std::size_t g = 0; g < n_groups; ++g) {
        uneven[g] =
            detail::deviation(n_classes, [&](std::size_t c) { return counts[g * n_classes + c]; });
    }
    auto order = detail::iota(n_groups);
    if (shuffle) detail::shuffle(order, detail::fold_stream(random_state));
    std::ranges::stable_sort(order, [&](auto a, auto b) { return uneven[a] > uneven[b]; });
    detail::even_folds folds(n_splits, totals);
    std::vector<std::size_t> fold_of_group(n_groups);
    for (auto const g : order) fold_of_group[g] = folds.add(counts.data() + g * n_classes);
    std::vector<std::size_t> fold_of_row(rows.n_rows);
    for (std::size_t i = 0; i < fold_of_row.size(); ++i)
        fold_of_row[i] = fold_of_group[groups.codes[i]];
    return detail::splits_of(fold_of_row, n_splits);
}

template <class Splitter>
std::vector<row_split> repeated<Splitter>::split(rows_to_split const& rows) const {
    constexpr auto who = "repeated::split";
    if (n_repeats < 1) {
        throw invalid_input(
            detail::sentence(who, ": n_repeats is ", n_repeats, "; it must be at least 1"));
    }
    if constexpr (requires { splitter.shuffle; }) {
        if (!splitter.shuffle) {
            throw invalid_input(detail::sentence(who, ": ", n_repeats,
                                                 " repeats would all be the same; the splitter "
                                                 "needs shuffle = true"));
        }
    }
    std::vector<row_split> out;
    auto const seeds = detail::fold_stream(splitter.random_state);
    for (std::size_t r = 0; r < n_repeats; ++r) {
        auto again = splitter;
        again.random_state = seeds.bits(r);
        auto folds = again.split(rows);
        std::ranges::move(folds, std::back_inserter(out));
    }
    return out;
}

}  // namespace copse
