// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How a table of text is to be read.
///
///     csv_options{.target = "income"}                        // by name
///     csv_options{.target = 0, .separator = '\t', .header = false}
///     csv_options{.target = "survived", .drop = {"name", "ticket"}}
///     csv_options{.like = &train}                            // a test file, coded as `train` is

#include <copse/core/errors.hpp>
#include <copse/data/dataset.hpp>
#include <copse/data/target.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse {

struct no_column_t {
    bool operator==(no_column_t const&) const = default;
};
struct last_column_t {
    bool operator==(last_column_t const&) const = default;
};

inline constexpr no_column_t no_column;
inline constexpr last_column_t last_column;

/// A column of a file: by name, by position from 0, the last, or none.
class column_ref {
public:
    constexpr column_ref(no_column_t none) : which_(none) {}
    constexpr column_ref(last_column_t last) : which_(last) {}
    template <std::integral Int>
    column_ref(Int position) : which_(static_cast<std::size_t>(position)) {
        if (!std::in_range<std::size_t>(position)) {
            throw invalid_input(detail::sentence("column_ref: position ", position,
                                                 " is negative; the first column is 0"));
        }
    }
    template <std::convertible_to<std::string_view> Text>
    column_ref(Text const& name) : which_(std::string(std::string_view(name))) {}

    template <class Visitor>
    decltype(auto) visit(Visitor&& visitor) const {
        return std::visit(std::forward<Visitor>(visitor), which_);
    }
    bool operator==(column_ref const&) const = default;

private:
    std::variant<no_column_t, last_column_t, std::size_t, std::string> which_;
};

/// Names are those of the header; without one, columns are called c1, c2, ...
struct csv_options {
    column_ref target = last_column;
    task_kind task = task_kind::automatic;
    std::vector<column_ref> categorical = {};  ///< to be coded even if all their cells are numbers
    std::vector<column_ref> numeric = {};      ///< in which text is an error, not a category
    std::vector<column_ref> drop = {};         ///< to be left out of x
    column_ref weight = no_column;             ///< of each row, into sample_weight
    column_ref query = no_column;              ///< an integer for each row, into query_id
    char separator = ',';
    bool header = true;

    /// Cells that mean "missing", compared after the blanks around them are gone.
    std::vector<std::string> missing = {"", "NA", "?", "NULL", "unknown", "nan", "NaN"};

    /// Leaves out the rows without a target, which are an error otherwise.
    bool skip_rows_without_target = false;

    /// A dataset whose features (found by name, in its order) and category codes this file shall
    /// have. A category that it does not know becomes NaN; columns that it does not have are
    /// ignored; y is of the same kind, or empty if the file has no such column. It decides instead
    /// of target, task, categorical, numeric and drop.
    dataset const* like = nullptr;
};

}  // namespace copse
