// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Some rows and some columns of x, copied so that any trainer can be given them.
///
///     gathered_features const part(x, rows);                  // all columns
///     trainer.fit(part.view(), take(y, rows));

#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>

#include <cstddef>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace copse::detail {

/// 0, ..., n - 1.
[[nodiscard]] inline std::vector<std::size_t> first_numbers(std::size_t n) {
    std::vector<std::size_t> out(n);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

/// Rows and columns of x, in the order given and in the precision of x.
class gathered_features {
public:
    gathered_features(features_view x, std::span<std::size_t const> rows)
        : gathered_features(x, rows, first_numbers(x.cols())) {}
    gathered_features(features_view x, std::span<std::size_t const> rows,
                      std::span<std::size_t const> columns) {
        x.visit([&](auto const& from) {
            matrix<typename std::remove_cvref_t<decltype(from)>::value_type> to(rows.size(),
                                                                                columns.size());
            for (std::size_t i = 0; i < rows.size(); ++i) {
                for (std::size_t j = 0; j < columns.size(); ++j)
                    to(i, j) = from(rows[i], columns[j]);
            }
            values_ = std::move(to);
        });
    }

    [[nodiscard]] features_view view() const {
        return std::visit([](auto const& x) { return features_view(x.view()); }, values_);
    }

private:
    std::variant<matrix<float>, matrix<double>> values_;
};

}  // namespace copse::detail
