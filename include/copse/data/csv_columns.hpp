// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What each column of a table of text is for, by the options or by the dataset it shall be like.

#include <copse/core/errors.hpp>
#include <copse/data/csv_options.hpp>
#include <copse/data/dataset.hpp>
#include <copse/data/dictionary.hpp>
#include <copse/data/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace copse::detail {

enum class csv_role { feature, target, weight, query, ignored };
enum class csv_kind { guess, number, text };  ///< guess: a number until a text comes

struct csv_column {
    static constexpr std::uint32_t most_categories = 1u << 24;  // float counts no further

    std::string name;
    csv_role role = csv_role::feature;
    csv_kind kind = csv_kind::guess;
    bool is_integer = false;     ///< other numbers are not accepted
    bool is_frozen = false;      ///< other texts are missing
    std::size_t slot = 0;        ///< of a feature: its column in x
    std::size_t read_again = 0;  ///< the rows before this one were read as numbers
    std::vector<double> values;  ///< of a target, weight or query: numbers, or codes of texts
    dictionary texts;
};

class csv_columns {
public:
    csv_columns(std::vector<std::string> names, csv_options const& options, std::string_view file)
        : file_(file), columns_(names.size()) {
        for (std::size_t j = 0; j < size(); ++j) {
            columns_[j].name = std::move(names[j]);
            if (!by_name_.emplace(columns_[j].name, j).second) {
                by_name_[columns_[j].name] = ambiguous;
            }
        }
        // The target first: where it is the last column, .weight may name another one only.
        if (options.like == nullptr) {
            take_target(options);
        } else {
            take_like(*options.like);
        }
        take(options.weight, csv_role::weight);
        take(options.query, csv_role::query);
        if (options.like == nullptr) take_features(options);
        if (n_features_ == 0) throw file_error(sentence(file_, ": no column is left for x"));
    }

    [[nodiscard]] std::string_view file() const noexcept { return file_; }
    [[nodiscard]] std::size_t size() const noexcept { return columns_.size(); }
    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] auto begin() noexcept { return columns_.begin(); }
    [[nodiscard]] auto end() noexcept { return columns_.end(); }

    /// Or nullptr.
    [[nodiscard]] csv_column* target() noexcept {
        auto const at = std::find_if(columns_.begin(), columns_.end(), [](auto const& column) {
            return column.role == csv_role::target;
        });
        return at == columns_.end() ? nullptr : &*at;
    }

    /// `column 3 (fnlwgt)`
    [[nodiscard]] std::string title(csv_column const& column) const {
        return sentence("column ", 1 + (&column - columns_.data()), " (", column.name, ")");
    }

private:
    static constexpr auto ambiguous = std::numeric_limits<std::size_t>::max();
    static constexpr auto nowhere = ambiguous - 1;

    void take_target(csv_options const& options) {
        auto const y = take(options.target, csv_role::target);
        if (y == nullptr) return;
        if (options.task == task_kind::regression) y->kind = csv_kind::number;
    }

    void take_features(csv_options const& options) {
        for (auto const& ref : options.drop) {
            auto const j = position(ref);
            if (j != nowhere && columns_[j].role == csv_role::feature) {
                columns_[j].role = csv_role::ignored;
            }
        }
        for (auto const& ref : options.numeric) set_kind(ref, csv_kind::number);
        for (auto const& ref : options.categorical) set_kind(ref, csv_kind::text);
        for (auto& column : columns_) {
            if (column.role == csv_role::feature) column.slot = n_features_++;
        }
    }

    void set_kind(column_ref const& ref, csv_kind kind) {
        auto const j = position(ref);
        if (j != nowhere && columns_[j].role == csv_role::feature) columns_[j].kind = kind;
    }

    void take_like(dataset const& like) {
        for (auto& column : columns_) column.role = csv_role::ignored;
        for (auto const& feature : like.features) {
            auto& column = columns_[position_of_name(feature.name)];
            if (column.role == csv_role::feature) {
                throw file_error(sentence(file_, ": the dataset in .like has two features ",
                                          in_quotes(feature.name)));
            }
            column.role = csv_role::feature;
            column.slot = n_features_++;
            column.kind = feature.categorical ? csv_kind::text : csv_kind::number;
            column.is_frozen = feature.categorical;
            column.texts = dictionary(feature.categories);
        }
        if ((!like.y.is_classification() && !like.y.is_regression()) ||
            !by_name_.contains(like.y.name()))
            return;
        auto& y = *take(like.y.name(), csv_role::target);
        y.is_integer = like.y.is_classification() && !like.y.classes().is_text();
        y.kind = y.is_integer || like.y.is_regression() ? csv_kind::number : csv_kind::text;
    }

    /// Gives a column its role; nullptr if `ref` is no_column.
    csv_column* take(column_ref const& ref, csv_role role) {
        auto const j = position(ref);
        if (j == nowhere) return nullptr;
        auto& column = columns_[j];
        auto const is_feature = column.role == csv_role::feature && n_features_ > 0;
        if (is_feature || (column.role != csv_role::feature && column.role != csv_role::ignored)) {
            throw file_error(sentence(file_, ": ", title(column),
                                      " cannot be two of feature, target, weight and query"));
        }
        column.role = role;
        if (role != csv_role::target) column.kind = csv_kind::number;
        column.is_integer = role == csv_role::query;
        return &column;
    }

    [[nodiscard]] std::size_t position(column_ref const& ref) const {
        struct finder {
            csv_columns const& columns;
            std::size_t operator()(no_column_t) const { return nowhere; }
            std::size_t operator()(last_column_t) const { return columns.size() - 1; }
            std::size_t operator()(std::size_t j) const {
                if (j < columns.size()) return j;
                throw file_error(sentence(columns.file_, ": has no column at position ", j,
                                          "; it has ", columns.size()));
            }
            std::size_t operator()(std::string const& name) const {
                return columns.position_of_name(name);
            }
        };
        return ref.visit(finder{*this});
    }

    [[nodiscard]] std::size_t position_of_name(std::string const& name) const {
        auto const at = by_name_.find(name);
        if (at == by_name_.end()) {
            std::string known;
            for (std::size_t j = 0; j < size() && j < 8; ++j) {
                known += (j == 0 ? "" : ", ") + columns_[j].name;
            }
            throw file_error(sentence(file_, ": has no column ", in_quotes(name), "; it has ",
                                      known, size() > 8 ? " ..." : ""));
        }
        if (at->second == ambiguous) {
            throw file_error(sentence(file_, ": has more than one column ", in_quotes(name)));
        }
        return at->second;
    }

    std::string_view file_;
    std::vector<csv_column> columns_;
    std::unordered_map<std::string, std::size_t> by_name_;
    std::size_t n_features_ = 0;
};

}  // namespace copse::detail
