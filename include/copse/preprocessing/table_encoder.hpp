// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Columns of numbers and categories, some of them missing, made into numbers that a linear model
/// can read: filled in, scaled, one column for each category.
///
///     auto const encoder = copse::fit_table_encoder(train.x, {.categorical_features = {1, 5}});
///     matrix<float> const a = encoder.transform(train.x);
///     matrix<float> const b = encoder.transform(test.x);

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

struct table_encoder_options {
    std::vector<std::size_t> categorical_features{};  ///< columns of codes 0, 1, ..., 65534
    std::size_t max_categories = 100;  ///< of a column, the most frequent; the others are all 0
};

namespace detail {

/// What a column of x becomes.
struct encoded_column {
    std::size_t from = 0;
    bool is_categorical = false;
    /// Of numbers: what is subtracted, then multiplied with. A missing one becomes 0.
    double centre = 0;
    double factor = 1;
    bool has_missing = false;          ///< one more column is 1 where it was missing
    std::vector<std::uint32_t> codes;  ///< of categories: which have a column, increasing

    [[nodiscard]] std::size_t width() const noexcept {
        return is_categorical ? codes.size() : has_missing ? 2 : 1;
    }
    bool operator==(encoded_column const&) const = default;
};

}  // namespace detail

/// A fitted encoder. An immutable value.
class table_encoder {
public:
    table_encoder(std::vector<detail::encoded_column> columns, std::size_t n_features)
        : columns_(std::move(columns)), n_features_(n_features) {
        for (auto const& c : columns_) width_ += c.width();
    }

    /// Columns of x.
    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    /// Columns of what transform makes; at least 1.
    [[nodiscard]] std::size_t n_outputs() const noexcept {
        return std::max<std::size_t>(width_, 1);
    }
    [[nodiscard]] std::vector<detail::encoded_column> const& columns() const noexcept {
        return columns_;
    }

    /// (n, n_outputs()). Missing numbers become the mean of the training set, and categories that
    /// are missing, unknown or rare have 0 in all their columns. If no column of the training set
    /// said anything, there is one of zeros. Infinite numbers count as missing.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] matrix<float> transform(features_view x, B const& backend = {}) const;

    bool operator==(table_encoder const&) const = default;

private:
    std::vector<detail::encoded_column> columns_;
    std::size_t n_features_;
    std::size_t width_ = 0;
};

/// Numbers get mean 0 and standard deviation 1, a column that says where they were missing if some
/// were, and categories a column each. A column of one value and nothing missing, or of nothing, is
/// left out.
///
/// Throws  invalid_input before any work for no rows or columns, a column named twice or beyond x,
///         a category that is no whole number in 0..65534.
/// Cost    two passes over x. Determinism: sums run over the rows in order.
[[nodiscard]] table_encoder fit_table_encoder(features_view x,
                                              table_encoder_options const& options = {});

// ------------------------------------------------------------------ implementation below

namespace detail {

inline constexpr std::uint32_t most_codes = 65535;

/// The code of a category, or most_codes if it is missing.
[[nodiscard]] inline std::uint32_t category_of(double value) noexcept {
    return value >= 0 && value < most_codes ? static_cast<std::uint32_t>(value) : most_codes;
}

[[nodiscard]] inline encoded_column encode_numbers(features_view x, std::size_t j) {
    double sum = 0;
    double n = 0;
    for (std::size_t i = 0; i < x.rows(); ++i) {
        if (!std::isfinite(x(i, j))) continue;
        sum += x(i, j);
        ++n;
    }
    encoded_column out;
    out.from = j;
    out.has_missing = n > 0 && n < static_cast<double>(x.rows());
    out.centre = n > 0 ? sum / n : 0;
    double square = 0;
    for (std::size_t i = 0; i < x.rows(); ++i) {
        if (std::isfinite(x(i, j))) square += (x(i, j) - out.centre) * (x(i, j) - out.centre);
    }
    auto const deviation = n > 0 ? std::sqrt(square / n) : 0;
    // What a constant column's rounding leaves is no deviation.
    out.factor =
        deviation > 1e-7 * std::abs(out.centre) && std::isfinite(deviation) ? 1 / deviation : 0;
    return out;
}

[[nodiscard]] inline encoded_column encode_categories(features_view x, std::size_t j,
                                                      std::size_t most) {
    std::vector<std::size_t> count(most_codes);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        auto const value = x(i, j);
        if (std::isnan(value)) continue;
        auto const code = category_of(value);
        if (code == most_codes || static_cast<double>(code) != value) {
            throw invalid_input(sentence("fit_table_encoder: column ", j,
                                         " is categorical but has ", value, " at row ", i,
                                         "; codes are whole numbers in 0..65534"));
        }
        ++count[code];
    }
    encoded_column out;
    out.from = j;
    out.is_categorical = true;
    for (std::uint32_t code = 0; code < most_codes; ++code) {
        if (count[code] > 0) out.codes.push_back(code);
    }
    if (out.codes.size() > most) {
        std::ranges::stable_sort(out.codes, [&](auto a, auto b) { return count[a] > count[b]; });
        out.codes.resize(most);
        std::ranges::sort(out.codes);
    }
    return out;
}

}  // namespace detail

inline table_encoder fit_table_encoder(features_view x, table_encoder_options const& options) {
    constexpr std::string_view who = "fit_table_encoder";
    if (x.rows() == 0 || x.cols() == 0) {
        throw invalid_input(detail::sentence(who, ": x is ", x.rows(), " x ", x.cols(),
                                             "; it must have at least 1 row and 1 column"));
    }
    std::vector<bool> categorical(x.cols());
    for (auto const j : options.categorical_features) {
        if (j >= x.cols()) {
            throw invalid_input(detail::sentence(who, ": categorical_features has ", j,
                                                 " but x has ", x.cols(), " columns"));
        }
        if (categorical[j]) {
            throw invalid_input(detail::sentence(who, ": categorical_features has ", j, " twice"));
        }
        categorical[j] = true;
    }
    std::vector<detail::encoded_column> columns;
    for (std::size_t j = 0; j < x.cols(); ++j) {
        if (categorical[j]) {
            auto column = detail::encode_categories(x, j, options.max_categories);
            if (column.codes.size() > 1) columns.push_back(std::move(column));
        } else {
            auto column = detail::encode_numbers(x, j);
            if (column.factor > 0 || column.has_missing) columns.push_back(std::move(column));
        }
    }
    return {std::move(columns), x.cols()};
}

template <backend B>
matrix<float> table_encoder::transform(features_view x, B const& backend) const {
    constexpr std::string_view who = "table_encoder::transform";
    detail::check_n_jobs(backend, who);
    if (x.cols() != n_features_) {
        throw invalid_input(detail::sentence(
            who, ": x has ", x.cols(), " columns but the encoder was fitted on ", n_features_));
    }
    matrix<float> out(x.rows(), n_outputs());
    backend.enter([&] {
        for_each(backend.inherited(), x.rows(), [&](std::size_t i) {
            std::size_t to = 0;
            for (auto const& c : columns_) {
                auto const value = x(i, c.from);
                if (c.is_categorical) {
                    auto const code = detail::category_of(value);
                    auto const at = std::ranges::lower_bound(c.codes, code);
                    if (at != c.codes.end() && *at == code)
                        out(i, to + static_cast<std::size_t>(at - c.codes.begin())) = 1;
                } else if (std::isfinite(value)) {
                    out(i, to) = static_cast<float>((value - c.centre) * c.factor);
                } else if (c.has_missing) {
                    out(i, to + 1) = 1;
                }
                to += c.width();
            }
        });
    });
    return out;
}

}  // namespace copse
