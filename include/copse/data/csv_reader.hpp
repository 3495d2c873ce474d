// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How a table of text becomes a dataset: the columns are given their roles (csv_columns.hpp), one
/// pass writes numbers and codes where they belong, a second one reads again the cells above the
/// first text of columns that had looked numeric until then.

#include <copse/core/errors.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/csv_cells.hpp>
#include <copse/data/csv_columns.hpp>
#include <copse/data/csv_options.hpp>
#include <copse/data/csv_result.hpp>
#include <copse/data/dataset.hpp>
#include <copse/data/text.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

class csv_reader {
public:
    csv_reader(std::string_view text, csv_options const& options, std::string_view name)
        : text_(readable(text, name)),
          name_(name),
          options_(options),
          cells_(text_, name, checked_separator(options.separator)),
          columns_(read_header(), options, name) {
        has_numeric_markers_ =
            std::any_of(options.missing.begin(), options.missing.end(), [](auto const& marker) {
                double number;
                auto const end = marker.data() + marker.size();
                return !marker.empty() && read_number(marker.data(), end, number) == end &&
                       !std::isnan(number);
            });
    }

    [[nodiscard]] dataset read() {
        auto const most_rows = row_bound();
        x_ = matrix<float>(most_rows, columns_.n_features());
        for (auto& column : columns_) {
            if (column.role != csv_role::feature && column.role != csv_role::ignored) {
                column.values.resize(most_rows);
            }
        }
        auto const first_row = cells_.place();
        while (cells_.next_row()) read_row(n_rows_++);
        if (n_rows_ == 0) throw file_error(sentence(name_, ": has no rows"));

        settle_target(columns_, n_rows_, options_);
        read_again(first_row);
        if (options_.skip_rows_without_target) {
            n_rows_ = drop_rows_without_target(columns_, x_, n_rows_);
        }
        return csv_result(columns_, std::move(x_), n_rows_);
    }

private:
    static char checked_separator(char separator) {
        auto const c = static_cast<unsigned char>(separator);
        auto const is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (is_letter || is_digit(separator) ||
            std::string_view("\"\r\n.+-").find(separator) != std::string_view::npos) {
            throw invalid_input(sentence("csv_options: separator ", in_quotes({&separator, 1}),
                                         " can be part of a cell; take ',', ';' or a tab"));
        }
        return separator;
    }

    /// Names of the columns; leaves cells_ at the first row of data.
    [[nodiscard]] std::vector<std::string> read_header() {
        if (!cells_.next_row()) throw file_error(sentence(name_, ": is empty"));
        auto const first = cells_.place();
        std::vector<std::string> names;
        for (bool more = true; more;) {
            auto const cell = cells_.next();
            more = !cell.ends_row;
            auto text = cell.has_doubled_quotes ? single_quotes(cell.text) : std::string(cell.text);
            auto const is_name = options_.header && !text.empty();
            names.push_back(is_name ? std::move(text) : sentence("c", names.size() + 1));
        }
        if (!options_.header) cells_.move_to(first);
        return names;
    }

    /// No fewer than there are rows: each has a line and a character for every column.
    [[nodiscard]] std::size_t row_bound() const {
        auto const end = text_.data() + text_.size();
        auto const size = static_cast<std::size_t>(end - cells_.place());
        auto const lines = static_cast<std::size_t>(std::count(cells_.place(), end, '\n'));
        return std::min(lines + 1, size / columns_.size() + 1);
    }

    void read_row(std::size_t row) {
        auto const first = cells_.place();
        auto column = columns_.begin();
        for (bool more = true; more; ++column) {
            if (column == columns_.end()) throw_width(first);
            more = !read_cell(*column, row);
        }
        if (column != columns_.end()) throw_width(first);
    }

    /// True if the cell ends its row.
    bool read_cell(csv_column& column, std::size_t row) {
        double number;
        bool ends_row;
        auto const may_be_number = column.kind != csv_kind::text && !has_numeric_markers_;
        auto const place = cells_.place();
        if (may_be_number && column.role != csv_role::ignored &&
            cells_.next_number(number, ends_row)) {
            if (is_acceptable(column, number)) {
                store(column, row, number);
                return ends_row;
            }
            cells_.move_to(place);
        }
        auto const cell = cells_.next();
        if (column.role != csv_role::ignored) read_text(column, row, cell, place);
        return cell.ends_row;
    }

    void read_text(csv_column& column, std::size_t row, csv_cell const& cell, char const* place) {
        if (cell.has_doubled_quotes) {
            auto const text = single_quotes(cell.text);
            return read_text(column, row, {text, false, cell.ends_row}, place);
        }
        // Most texts are known, and what is known is not a marker.
        if (column.kind == csv_kind::text) {
            auto const code = column.texts.find(cell.text);
            if (code != dictionary::absent) return store(column, row, code);
        }
        auto const& markers = options_.missing;
        if (std::find(markers.begin(), markers.end(), cell.text) != markers.end()) {
            return store_missing(column, row, place);
        }
        if (column.kind != csv_kind::text) {
            auto const text = trimmed(cell.text);
            auto const end = text.data() + text.size();
            double number;
            if (!text.empty() && read_number(text.data(), end, number) == end) {
                if (std::isnan(number)) return store_missing(column, row, place);
                if (is_acceptable(column, number)) return store(column, row, number);
            }
            if (column.kind == csv_kind::number) throw_cell(column, cell.text, place);
            column.kind = csv_kind::text;
            column.read_again = row;
        }
        add_text(column, row, cell.text, place);
    }

    void add_text(csv_column& column, std::size_t row, std::string_view text, char const* place) {
        if (column.is_frozen) return store_missing(column, row, place);
        if (column.texts.size() == csv_column::most_categories) {
            throw file_error(sentence(cells_.where(place), columns_.title(column), ": has over ",
                                      column.texts.size(),
                                      " categories, which float cannot tell apart"));
        }
        store(column, row, column.texts.find_or_add(text));
    }

    /// NaN is for store_missing; a target, weight or query cannot be infinite; some are integers.
    static bool is_acceptable(csv_column const& column, double number) {
        if (column.role == csv_role::feature) return !std::isnan(number);
        return std::isfinite(number) && (!column.is_integer || is_integer(number));
    }

    void store(csv_column& column, std::size_t row, double number) {
        if (column.role == csv_role::feature) {
            x_(row, column.slot) = to_float(number);
        } else {
            column.values[row] = number;
        }
    }

    void store_missing(csv_column& column, std::size_t row, char const* place) {
        auto const is_required =
            column.role == csv_role::weight || column.role == csv_role::query ||
            (column.role == csv_role::target && !options_.skip_rows_without_target);
        if (is_required) {
            throw file_error(sentence(cells_.where(place), columns_.title(column), ": the ",
                                      column.role == csv_role::target   ? "target"
                                      : column.role == csv_role::weight ? "weight"
                                                                        : "query",
                                      " is missing"));
        }
        store(column, row, std::numeric_limits<double>::quiet_NaN());
    }

    /// The cells of text columns that were read as numbers.
    void read_again(char const* first_row) {
        std::size_t n_again = 0;
        for (auto& column : columns_) {
            if (column.kind != csv_kind::text) column.read_again = 0;
            n_again = std::max(n_again, column.read_again);
        }
        cells_.move_to(first_row);
        for (std::size_t row = 0; row < n_again && cells_.next_row(); ++row) {
            for (auto& column : columns_) {
                auto const place = cells_.place();
                auto const cell = cells_.next();
                if (row < column.read_again) read_text(column, row, cell, place);
            }
        }
    }

    [[noreturn]] void throw_cell(csv_column const& column, std::string_view text,
                                 char const* place) const {
        auto const wanted = column.is_integer                  ? " is not an integer"
                            : column.role == csv_role::feature ? " is not a number"
                                                               : " is not a finite number";
        throw file_error(
            sentence(cells_.where(place), columns_.title(column), ": ", in_quotes(text), wanted));
    }

    [[noreturn]] void throw_width(char const* first) {
        cells_.move_to(first);
        std::size_t width = 1;
        while (!cells_.next().ends_row) ++width;
        throw file_error(sentence(cells_.where(first), "has ", width,
                                  width == 1 ? " cell" : " cells", "; the first line has ",
                                  columns_.size()));
    }

    std::string_view text_;
    std::string_view name_;
    csv_options const& options_;
    csv_cells cells_;
    csv_columns columns_;
    bool has_numeric_markers_ = false;
    matrix<float> x_;
    std::size_t n_rows_ = 0;
};

}  // namespace copse::detail
