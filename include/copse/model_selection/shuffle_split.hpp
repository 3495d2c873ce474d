// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Splitters that draw the test rows anew for each split, and the one split that most programs
/// start with.
///
///     auto const rows = train_test_split(n, {.test_size = 0.2, .stratify = y, .random_state = 7});
///     shuffle_split{.n_splits = 20, .test_size = 100}         a number of rows, or a share of them
///     stratified_shuffle_split{}, group_shuffle_split{}       a share of each class; of the groups

#include <copse/core/errors.hpp>
#include <copse/core/random.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/model_selection/split.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// How many of n: a number if it was made from an integer, a share in (0, 1) if from a float.
class row_share {
public:
    template <std::integral Int>
    constexpr row_share(Int n) : value_(static_cast<double>(n)) {}
    template <std::floating_point Float>
    constexpr row_share(Float share) : value_(static_cast<double>(share)), is_share_(true) {}

    [[nodiscard]] constexpr bool is_share() const noexcept { return is_share_; }
    [[nodiscard]] constexpr double value() const noexcept { return value_; }

    bool operator==(row_share const&) const = default;

private:
    double value_;
    bool is_share_ = false;
};

/// n_splits times, rows drawn without replacement. A share of the rows to test is rounded up, one
/// to train down; without train_size, all rows that do not test train.
struct shuffle_split {
    std::size_t n_splits = 10;
    row_share test_size = 0.1;
    std::optional<row_share> train_size{};
    std::uint64_t random_state = 0;

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(shuffle_split const&) const = default;
};

/// The same with each class's share in both parts, up to a row. Each class needs two rows.
struct stratified_shuffle_split {
    std::size_t n_splits = 10;
    row_share test_size = 0.1;
    std::optional<row_share> train_size{};
    std::uint64_t random_state = 0;

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(stratified_shuffle_split const&) const = default;
};

/// The same with groups instead of rows: sizes are of groups.
struct group_shuffle_split {
    std::size_t n_splits = 10;
    row_share test_size = 0.2;
    std::optional<row_share> train_size{};
    std::uint64_t random_state = 0;

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(group_shuffle_split const&) const = default;
};

struct train_test_options {
    row_share test_size = 0.25;
    std::optional<row_share> train_size{};
    labels_view stratify{};  ///< classes whose shares both parts are to have; or none
    bool shuffle = true;     ///< without it the last rows test
    std::uint64_t random_state = 0;
};

/// Two parts of n rows.
[[nodiscard]] row_split train_test_split(std::size_t n_rows,
                                         train_test_options const& options = {});

// ------------------------------------------------------------------ implementation below

namespace detail {

struct part_sizes {
    std::size_t train;
    std::size_t test;
};

[[nodiscard]] inline std::size_t size_of(std::string_view who, std::string_view what,
                                         row_share share, std::size_t n, bool up) {
    auto const value = share.value();
    if (share.is_share() ? !(value > 0 && value < 1)
                         : !(value >= 1 && value < static_cast<double>(n))) {
        throw invalid_input(sentence(who, ": ", what, " is ", value, "; it must be a share in ",
                                     "(0, 1) or a number in 1..", n - 1));
    }
    if (!share.is_share()) return static_cast<std::size_t>(value);
    auto const rows = value * static_cast<double>(n);
    return static_cast<std::size_t>(up ? std::ceil(rows) : std::floor(rows));
}

/// Of n rows or groups.
[[nodiscard]] inline part_sizes sizes_of_parts(std::string_view who, std::size_t n, row_share test,
                                               std::optional<row_share> const& train) {
    if (n < 2) {
        throw invalid_input(sentence(who, ": there are ", n, " to part; there must be at least 2"));
    }
    part_sizes out{0, size_of(who, "test_size", test, n, true)};
    out.train = train ? size_of(who, "train_size", *train, n, false) : n - out.test;
    if (out.train < 1 || out.train + out.test > n) {
        throw invalid_input(sentence(who, ": ", out.train, " to train and ", out.test,
                                     " to test, but there are ", n,
                                     "; at least 1 must train, and none do both"));
    }
    return out;
}

/// n shared out in proportion to `counts`, whose sum is at least n: whole parts first, the rest to
/// the largest remainders.
[[nodiscard]] inline std::vector<std::size_t> shared_out(std::vector<std::size_t> const& counts,
                                                         std::size_t n) {
    std::size_t total = 0;
    for (auto const c : counts) total += c;
    std::vector<std::size_t> out(counts.size());
    std::vector<std::size_t> rest(counts.size());
    auto left = n;
    for (std::size_t k = 0; k < counts.size(); ++k) {
        out[k] = counts[k] * n / total;
        rest[k] = counts[k] * n % total;
        left -= out[k];
    }
    auto order = iota(counts.size());
    std::ranges::stable_sort(order, [&](auto a, auto b) { return rest[a] > rest[b]; });
    for (std::size_t i = 0; i < left; ++i) ++out[order[i]];
    return out;
}

[[nodiscard]] inline row_split sorted(row_split s) {
    std::ranges::sort(s.train);
    std::ranges::sort(s.test);
    return s;
}

/// Some of 0..n-1 for each part.
[[nodiscard]] inline row_split drawn_parts(std::size_t n, part_sizes sizes, random_stream draws) {
    auto order = iota(n);
    shuffle(order, draws);
    auto const test_end = order.begin() + static_cast<std::ptrdiff_t>(sizes.test);
    return sorted({{test_end, test_end + static_cast<std::ptrdiff_t>(sizes.train)},
                   {order.begin(), test_end}});
}

/// f(draws) is a split.
template <class F>
[[nodiscard]] std::vector<row_split> drawn_splits(std::string_view who, std::size_t n_splits,
                                                  std::uint64_t random_state, F const& f) {
    if (n_splits < 1) {
        throw invalid_input(sentence(who, ": n_splits is ", n_splits, "; it must be at least 1"));
    }
    std::vector<row_split> out;
    for (std::size_t s = 0; s < n_splits; ++s) out.push_back(f(fold_stream(random_state).split(s)));
    return out;
}

}  // namespace detail

inline std::vector<row_split> shuffle_split::split(rows_to_split const& rows) const {
    constexpr auto who = "shuffle_split::split";
    auto const sizes = detail::sizes_of_parts(who, rows.n_rows, test_size, train_size);
    return detail::drawn_splits(who, n_splits, random_state, [&](random_stream draws) {
        return detail::drawn_parts(rows.n_rows, sizes, draws);
    });
}

inline std::vector<row_split> stratified_shuffle_split::split(rows_to_split const& rows) const {
    constexpr auto who = "stratified_shuffle_split::split";
    auto const sizes = detail::sizes_of_parts(who, rows.n_rows, test_size, train_size);
    auto const y = detail::codes_for_split(who, "y", rows.y, rows.n_rows);
    auto const n_classes = y.classes.size();
    std::vector<std::vector<std::size_t>> rows_of(n_classes);
    for (std::size_t i = 0; i < y.codes.size(); ++i) rows_of[y.codes[i]].push_back(i);
    std::vector<std::size_t> count(n_classes);
    for (std::size_t k = 0; k < n_classes; ++k) {
        count[k] = rows_of[k].size();
        if (count[k] >= 2) continue;
        throw invalid_input(detail::sentence(who, ": class ", y.classes[k].to_string(), " has ",
                                             count[k], " row; it needs 2, one for each part"));
    }
    if (std::min(sizes.train, sizes.test) < n_classes) {
        throw invalid_input(detail::sentence(who, ": ", sizes.train, " rows train and ", sizes.test,
                                             " test, but there are ", n_classes,
                                             " classes; each part needs as many rows"));
    }
    auto const n_train = detail::shared_out(count, sizes.train);
    auto left = count;
    for (std::size_t k = 0; k < n_classes; ++k) left[k] -= n_train[k];
    auto const n_test = detail::shared_out(left, sizes.test);
    return detail::drawn_splits(who, n_splits, random_state, [&](random_stream draws) {
        row_split out;
        for (std::size_t k = 0; k < n_classes; ++k) {
            auto order = rows_of[k];
            detail::shuffle(order, draws.split(k));
            auto const train_end = order.begin() + static_cast<std::ptrdiff_t>(n_train[k]);
            out.train.insert(out.train.end(), order.begin(), train_end);
            out.test.insert(out.test.end(), train_end,
                            train_end + static_cast<std::ptrdiff_t>(n_test[k]));
        }
        return detail::sorted(std::move(out));
    });
}

inline std::vector<row_split> group_shuffle_split::split(rows_to_split const& rows) const {
    constexpr auto who = "group_shuffle_split::split";
    auto const groups = detail::codes_for_split(who, "groups", rows.groups, rows.n_rows);
    auto const n_groups = groups.classes.size();
    auto const sizes = detail::sizes_of_parts(who, n_groups, test_size, train_size);
    return detail::drawn_splits(who, n_splits, random_state, [&](random_stream draws) {
        auto const parts = detail::drawn_parts(n_groups, sizes, draws);
        row_split out;
        for (std::size_t i = 0; i < rows.n_rows; ++i) {
            std::size_t const g = groups.codes[i];
            if (std::ranges::binary_search(parts.train, g)) out.train.push_back(i);
            if (std::ranges::binary_search(parts.test, g)) out.test.push_back(i);
        }
        return out;
    });
}

inline row_split train_test_split(std::size_t n_rows, train_test_options const& options) {
    constexpr auto who = "train_test_split";
    auto const sizes = detail::sizes_of_parts(who, n_rows, options.test_size, options.train_size);
    bool const stratified = options.stratify.size() > 0;
    if (!options.shuffle) {
        if (stratified) {
            throw invalid_input(detail::sentence(
                who, ": stratify has ", options.stratify.size(),
                " labels but shuffle is false; only shuffled rows can be stratified"));
        }
        auto const all = detail::iota(n_rows);
        auto const train_end = all.begin() + static_cast<std::ptrdiff_t>(sizes.train);
        return {{all.begin(), train_end},
                {train_end, train_end + static_cast<std::ptrdiff_t>(sizes.test)}};
    }
    rows_to_split const rows{n_rows, options.stratify, {}};
    if (stratified) {
        return stratified_shuffle_split{1, options.test_size, options.train_size,
                                        options.random_state}
            .split(rows)[0];
    }
    return shuffle_split{1, options.test_size, options.train_size, options.random_state}.split(
        rows)[0];
}

}  // namespace copse
