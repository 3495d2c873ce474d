// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What splitting rows means. A splitter is an aggregate of options; it looks at how many rows
/// there are, at their classes and at their groups, and says which rows train and which test,
/// several times over. It never looks at x.
///
///     for (row_split const& fold : k_fold{.n_splits = 10}.split({.n_rows = 150})) use(fold.train);
///     auto const folds = stratified_group_k_fold{}.split({.n_rows = n, .y = y, .groups =
///     patient});
///
/// Splitters are in k_fold.hpp, shuffle_split.hpp and fixed_splits.hpp. Names and, where nothing is
/// shuffled, folds are scikit-learn's. Held by every splitter:
///     Order        rows in both lists increase.
///     Determinism  a function of its fields and of what is split; ties go to the lower row, class,
///                  group or fold.
///     Throws       invalid_input before any work: classes or groups that are missing or as many as
///                  there are not rows, more folds than there is something to part.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/random.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// Rows to learn from, and rows to be judged on.
struct row_split {
    std::vector<std::size_t> train;
    std::vector<std::size_t> test;

    bool operator==(row_split const&) const = default;
};

/// What splitters look at.
struct rows_to_split {
    std::size_t n_rows = 0;
    labels_view y{};       ///< of the rows; only those that stratify need it
    labels_view groups{};  ///< of the rows; only those that keep groups together need them
};

/// Something that splits rows.
template <class S>
concept row_splitter = std::copyable<S> && requires(S const& s, rows_to_split const& rows) {
    { s.split(rows) } -> std::same_as<std::vector<row_split>>;
};

namespace detail {

/// Any splitter but Self; copying a Self must not ask whether it is one.
template <class S, class Self>
concept splitter_but = !std::same_as<S, Self> && row_splitter<S>;

}  // namespace detail

/// Any splitter, or folds that are there already.
class any_splitter {
public:
    template <detail::splitter_but<any_splitter> S>
    any_splitter(S chosen)
        : split_([chosen](rows_to_split const& rows) { return chosen.split(rows); }) {}
    any_splitter(std::vector<row_split> folds)
        : split_([folds = std::move(folds)](rows_to_split const&) { return folds; }) {}

    [[nodiscard]] std::vector<row_split> split(rows_to_split const& rows) const {
        return split_(rows);
    }

private:
    std::function<std::vector<row_split>(rows_to_split const&)> split_;
};

namespace detail {

/// Throws unless there are rows, and at least as many as there are folds.
inline void check_folds(std::string_view who, std::size_t n_splits, std::size_t n,
                        std::string_view of_what) {
    if (n_splits < 2) {
        throw invalid_input(sentence(who, ": n_splits is ", n_splits, "; it must be at least 2"));
    }
    if (n < n_splits) {
        throw invalid_input(
            sentence(who, ": n_splits is ", n_splits, " but there are ", n, " ", of_what));
    }
}

/// Labels of the rows as codes. Throws unless there is one for each.
[[nodiscard]] inline encoded_labels codes_for_split(std::string_view who, std::string_view what,
                                                    labels_view of_rows, std::size_t n_rows) {
    if (of_rows.size() != n_rows) {
        throw invalid_input(sentence(who, ": ", what, " has ", of_rows.size(),
                                     " labels but there are ", n_rows, " rows"));
    }
    return encode(of_rows);
}

template <class T>
void shuffle(std::vector<T>& values, random_stream draws) {
    for (auto i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[draws.below(static_cast<std::uint32_t>(i), i)]);
}

[[nodiscard]] inline std::vector<std::size_t> iota(std::size_t n) {
    std::vector<std::size_t> out(n);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

/// The splits in which fold f's rows test and all others train.
[[nodiscard]] inline std::vector<row_split> splits_of(std::vector<std::size_t> const& fold_of_row,
                                                      std::size_t n_folds) {
    std::vector<row_split> out(n_folds);
    for (std::size_t i = 0; i < fold_of_row.size(); ++i) {
        for (std::size_t f = 0; f < n_folds; ++f)
            (fold_of_row[i] == f ? out[f].test : out[f].train).push_back(i);
    }
    return out;
}

}  // namespace detail
}  // namespace copse
