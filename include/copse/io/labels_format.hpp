// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Labels, texts, and the columns of a dataset as bytes.
///
/// Columns are what a dataset is without its rows: the features' names and categories, and what its
/// target is called and made of. A table read `like` them is coded as the training set was.

#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/dataset.hpp>
#include <copse/data/target.hpp>
#include <copse/io/bytes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace copse::detail {

inline void write_texts(byte_writer& out, std::vector<std::string> const& texts) {
    out.size(texts.size());
    for (auto const& text : texts) out.text(text);
}

[[nodiscard]] inline std::vector<std::string> read_texts(byte_reader& in) {
    std::vector<std::string> out(in.count_of(8));
    for (auto& text : out) text = in.text();
    return out;
}

/// A byte that is 0 or 1.
[[nodiscard]] inline bool read_flag(byte_reader& in) {
    auto const flag = in.number<std::uint8_t>();
    if (flag > 1) in.fail("has ", unsigned{flag}, " where 0 or 1 must be");
    return flag == 1;
}

inline void write_labels(byte_writer& out, labels const& y) {
    out.number(static_cast<std::uint8_t>(y.is_text()));
    if (y.is_text()) {
        write_texts(out, y.texts());
    } else {
        out.numbers(view<std::int64_t const>(y.integers()));
    }
}

[[nodiscard]] inline labels read_labels(byte_reader& in) {
    return read_flag(in) ? labels(read_texts(in)) : labels(in.numbers<std::int64_t>());
}

/// Throws file_error unless the values increase.
template <class Value>
void check_increasing(byte_reader const& in, std::vector<Value> const& values,
                      std::string_view what) {
    if (std::ranges::adjacent_find(values, std::greater_equal{}) != values.end()) {
        in.fail("has ", what, " that do not increase");
    }
}

enum class target_code : std::uint8_t { none, numbers, integers, texts };

[[nodiscard]] inline target_code code_of(target const& y) {
    if (y.is_regression()) return target_code::numbers;
    if (!y.is_classification()) return target_code::none;
    return y.classes().is_text() ? target_code::texts : target_code::integers;
}

[[nodiscard]] inline target target_without_rows(std::string name, target_code code,
                                                byte_reader const& in) {
    switch (code) {
        case target_code::none:
            return {};
        case target_code::numbers:
            return {std::move(name), column<double>()};
        case target_code::integers:
            return {std::move(name), labels(std::vector<std::int64_t>())};
        case target_code::texts:
            return {std::move(name), labels(std::vector<std::string>())};
    }
    in.fail("has a target of kind ", unsigned{static_cast<std::uint8_t>(code)}, "; it is 0 to 3");
}

inline void write_columns(byte_writer& out, dataset const& like) {
    out.number(static_cast<std::uint8_t>(code_of(like.y)));
    out.text(like.y.name());
    out.size(like.features.size());
    for (auto const& feature : like.features) {
        out.text(feature.name);
        out.number(static_cast<std::uint8_t>(feature.categorical));
        write_texts(out, feature.categories);
    }
}

/// A dataset without rows.
[[nodiscard]] inline dataset read_columns(byte_reader& in) {
    dataset out;
    auto const code = static_cast<target_code>(in.number<std::uint8_t>());
    out.y = target_without_rows(in.text(), code, in);
    out.features.resize(in.count_of(8 + 1 + 8));
    for (auto& feature : out.features) {
        feature.name = in.text();
        feature.categorical = read_flag(in);
        feature.categories = read_texts(in);
        check_increasing(in, feature.categories, "categories");
    }
    out.x = matrix<float>(0, out.features.size());
    return out;
}

}  // namespace copse::detail
