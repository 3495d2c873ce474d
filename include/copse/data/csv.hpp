// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Tables of separated text.
///
///     auto const train = copse::read_csv("adult_train.csv", {.target = "income"});
///     auto const test = copse::read_csv("adult_test.csv", {.like = &train});
///     auto const model = copse::gradient_boosting_classifier{}.fit(train.x, train.y);
///
/// A column is numeric if all its cells are numbers or missing; otherwise its texts become codes
/// 0, 1, ... in increasing order, so that the order of rows does not matter. Numbers beyond
/// float's range become infinities. What the options cannot say of a file's content is an error
/// with its place: `adult.csv:17: column 3 (fnlwgt): 'abc' is not a number`.

#include <copse/core/errors.hpp>
#include <copse/data/csv_options.hpp>
#include <copse/data/csv_reader.hpp>
#include <copse/data/dataset.hpp>
#include <copse/data/file.hpp>

#include <filesystem>
#include <string_view>

namespace copse {

/// Reads text that is in memory; `name` stands for it in errors.
/// Throws file_error where the text is not what it should be, invalid_input if the separator
/// cannot be one.
/// Cost: one pass, a second one over columns whose first text comes late; the result alone is
/// allocated.
[[nodiscard]] inline dataset parse_csv(std::string_view text, csv_options const& options = {},
                                       std::string_view name = "csv") {
    return detail::csv_reader(text, options, name).read();
}

/// Reads a file. Throws also file_error if there is none.
[[nodiscard]] inline dataset read_csv(std::filesystem::path const& path,
                                      csv_options const& options = {}) {
    return parse_csv(read_file(path), options, path.string());
}

}  // namespace copse
