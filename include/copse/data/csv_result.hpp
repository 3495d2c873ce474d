// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// From columns that were read to a dataset: which numbers are labels, which rows are kept, and
/// codes in the order of their texts.

#include <copse/core/errors.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/csv_columns.hpp>
#include <copse/data/csv_options.hpp>
#include <copse/data/dataset.hpp>
#include <copse/data/target.hpp>
#include <copse/data/text.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace copse::detail {

/// A numeric target of a classification: integers stay, other numbers are read as text.
inline void settle_target(csv_columns& columns, std::size_t n_rows, csv_options const& options) {
    auto const y = columns.target();
    if (y == nullptr || y->kind != csv_kind::guess) return;
    std::vector<double> present;
    for (std::size_t i = 0; i < n_rows; ++i) {
        if (!std::isnan(y->values[i])) present.push_back(y->values[i]);
    }
    auto const integers = std::all_of(present.begin(), present.end(), is_integer);
    auto const classes = options.task == task_kind::automatic
                             ? look_like_classes(present)
                             : options.task == task_kind::classification;
    if (classes && !integers) {
        y->kind = csv_kind::text;
        y->read_again = n_rows;
    } else if (classes) {
        y->is_integer = true;
    }
}

/// Moves the rows with a target to the front; returns how many there are.
[[nodiscard]] inline std::size_t drop_rows_without_target(csv_columns& columns, matrix<float>& x,
                                                          std::size_t n_rows) {
    auto const y = columns.target();
    if (y == nullptr) return n_rows;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < n_rows; ++i) {
        if (std::isnan(y->values[i])) continue;
        if (kept != i) std::copy_n(x.row(i).begin(), x.cols(), x.row(kept).begin());
        for (auto& column : columns) {
            if (!column.values.empty()) column.values[kept] = column.values[i];
        }
        ++kept;
    }
    if (kept == 0) {
        throw file_error(sentence(columns.file(), ": ", columns.title(*y),
                                  ": the target is missing in every row"));
    }
    return kept;
}

/// Puts the categories in order.
[[nodiscard]] inline feature csv_feature(csv_column& column, matrix<float>& x, std::size_t n_rows) {
    if (column.kind != csv_kind::text) return {std::move(column.name), false, {}};
    if (!column.is_frozen) {
        auto const rank = column.texts.sort();
        for (std::size_t i = 0; i < n_rows; ++i) {
            auto& code = x(i, column.slot);
            if (!std::isnan(code)) code = static_cast<float>(rank[static_cast<std::size_t>(code)]);
        }
    }
    return {std::move(column.name), true, column.texts.texts()};
}

[[nodiscard]] inline target csv_target(csv_column& column) {
    auto& y = column.values;
    if (column.kind == csv_kind::text) {
        std::vector<std::string> texts(y.size());
        std::transform(y.begin(), y.end(), texts.begin(), [&](double code) {
            return column.texts.texts()[static_cast<std::size_t>(code)];
        });
        return {std::move(column.name), labels(std::move(texts))};
    }
    if (column.is_integer) return {std::move(column.name), integer_labels(y)};
    return {std::move(column.name), number_column(y)};
}

/// The dataset of the first n_rows rows; takes what the columns hold.
[[nodiscard]] inline dataset csv_result(csv_columns& columns, matrix<float> x, std::size_t n_rows) {
    dataset out;
    if (n_rows < x.rows()) {
        matrix<float> fitting(n_rows, x.cols());
        std::copy_n(x.data(), n_rows * x.cols(), fitting.data());
        x = std::move(fitting);
    }
    out.features.resize(columns.n_features());
    for (auto& column : columns) {
        column.values.resize(column.values.empty() ? 0 : n_rows);
        switch (column.role) {
            case csv_role::ignored:
                break;
            case csv_role::feature:
                out.features[column.slot] = csv_feature(column, x, n_rows);
                break;
            case csv_role::target:
                out.y = csv_target(column);
                break;
            case csv_role::weight:
                out.sample_weight = number_column(column.values);
                break;
            case csv_role::query:
                out.query_id = integer_labels(column.values).integers();
                break;
        }
    }
    out.x = std::move(x);
    return out;
}

}  // namespace copse::detail
