// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Splitters that draw nothing: what tests follows from groups, from the user, or from time.
///
///     leave_one_group_out{}.split({.n_rows = n, .groups = year})
///     predefined_split{.test_fold = {-1, 0, 0, 1}}
///     time_series_split{.n_splits = 5, .gap = 2}

#include <copse/core/errors.hpp>
#include <copse/core/limits.hpp>
#include <copse/model_selection/split.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace copse {

/// Each group tests once, in the groups' order.
struct leave_one_group_out {
    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(leave_one_group_out const&) const = default;
};

/// Row i tests in fold test_fold[i], or always trains if that is -1. Folds are in order of their
/// numbers, which need not be consecutive.
struct predefined_split {
    std::vector<int> test_fold{};

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(predefined_split const&) const = default;
};

/// Rows are in the order of time. The last n_splits * test_size rows test, test_size at a time,
/// after all rows before them (a growing window), or after the last max_train_size of those (a
/// rolling one), but for the `gap` rows right before the test.
struct time_series_split {
    std::size_t n_splits = 5;
    std::size_t max_train_size = unlimited;
    std::optional<std::size_t> test_size{};  ///< n / (n_splits + 1) unless given
    std::size_t gap = 0;

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const;
    bool operator==(time_series_split const&) const = default;
};

// ------------------------------------------------------------------ implementation below

inline std::vector<row_split> leave_one_group_out::split(rows_to_split const& rows) const {
    constexpr auto who = "leave_one_group_out::split";
    auto const groups = detail::codes_for_split(who, "groups", rows.groups, rows.n_rows);
    detail::check_folds(who, 2, groups.classes.size(), "groups");
    std::vector<std::size_t> const fold_of_row(groups.codes.begin(), groups.codes.end());
    return detail::splits_of(fold_of_row, groups.classes.size());
}

inline std::vector<row_split> predefined_split::split(rows_to_split const& rows) const {
    constexpr auto who = "predefined_split::split";
    if (test_fold.size() != rows.n_rows) {
        throw invalid_input(detail::sentence(who, ": test_fold has ", test_fold.size(),
                                             " numbers but there are ", rows.n_rows, " rows"));
    }
    std::vector<int> folds;
    for (auto const f : test_fold) {
        if (f < -1) {
            throw invalid_input(
                detail::sentence(who, ": test_fold holds ", f, "; it must be -1 or a fold"));
        }
        if (f >= 0) folds.push_back(f);
    }
    std::ranges::sort(folds);
    folds.erase(std::unique(folds.begin(), folds.end()), folds.end());
    if (folds.empty()) {
        throw invalid_input(detail::sentence(who, ": test_fold has ", test_fold.size(),
                                             " numbers but none names a fold; at least 1 must"));
    }
    std::vector<std::size_t> fold_of_row;
    for (auto const f : test_fold) {
        auto const at = std::ranges::lower_bound(folds, f) - folds.begin();
        fold_of_row.push_back(f < 0 ? unlimited : static_cast<std::size_t>(at));
    }
    return detail::splits_of(fold_of_row, folds.size());
}

inline std::vector<row_split> time_series_split::split(rows_to_split const& rows) const {
    constexpr auto who = "time_series_split::split";
    auto const n = rows.n_rows;
    detail::check_folds(who, n_splits, n, "rows");
    if (max_train_size < 1) {
        throw invalid_input(detail::sentence(who, ": max_train_size is ", max_train_size,
                                             "; it must be at least 1"));
    }
    auto const size = test_size.value_or(n / (n_splits + 1));
    if (size < 1 || size > n / n_splits || n - n_splits * size <= gap) {
        throw invalid_input(detail::sentence(who, ": ", n_splits, " tests of ", size,
                                             " rows after a gap of ", gap, " leave none of ", n,
                                             " rows to train the first"));
    }
    std::vector<row_split> out(n_splits);
    for (std::size_t f = 0; f < n_splits; ++f) {
        auto const first = n - (n_splits - f) * size;
        auto const train_end = first - gap;
        for (auto i = train_end - std::min(train_end, max_train_size); i < train_end; ++i)
            out[f].train.push_back(i);
        for (auto i = first; i < first + size; ++i) out[f].test.push_back(i);
    }
    return out;
}

}  // namespace copse
