// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Copies of some rows, for programs that split once and go on with both parts.
///
///     auto const rows = train_test_split(x.rows(), {.stratify = y});
///     auto const model = trainer.fit(take(x, rows.train), take(y, rows.train));

#include <copse/core/containers.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/csr.hpp>
#include <copse/data/gather_rows.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse {

/// Rows `rows` of x, in that order; elements of y. Indices are trusted.
template <class T>
[[nodiscard]] matrix<std::remove_const_t<T>> take(matrix_view<T> x,
                                                  std::span<std::size_t const> rows) {
    return detail::gather_rows<std::remove_const_t<T>>(x, {rows.data(), rows.size()});
}

[[nodiscard]] inline csr_matrix take(csr_view x, std::span<std::size_t const> rows) {
    return detail::gather_rows(x, {rows.data(), rows.size()});
}

[[nodiscard]] inline labels take(labels_view y, std::span<std::size_t const> rows) {
    return y.visit([&](auto const& column) {
        using value =
            std::conditional_t<std::same_as<std::remove_cvref_t<decltype(column[0])>, std::int64_t>,
                               std::int64_t, std::string>;
        std::vector<value> out;
        out.reserve(rows.size());
        for (auto const row : rows) out.push_back(value(column[row]));
        return labels(std::move(out));
    });
}

[[nodiscard]] inline column<double> take(values_view y, std::span<std::size_t const> rows) {
    column<double> out;
    out.reserve(rows.size());
    for (auto const row : rows) out.push_back(y[row]);
    return out;
}

namespace detail {

/// An array that is not known to have one dimension only.
template <class A>
concept two_dimensional = dense_array<A> && !requires(A const& a) {
    requires std::tuple_size_v<std::remove_cvref_t<decltype(a.shape())>>
    == 1;
};

}  // namespace detail

/// Of a user's array: numbers with two dimensions are a matrix; other integers and texts are
/// labels, other numbers values.
template <class Array>
requires(detail::dense_array<Array> || detail::flat_range<Array>)
    [[nodiscard]] auto take(Array const& array, std::span<std::size_t const> rows) {
    using element = detail::element_of<Array>;
    if constexpr (detail::two_dimensional<Array>) {
        auto const cols = static_cast<std::size_t>(array.shape()[1]);
        return take(matrix_view<element const>(detail::first_element(array),
                                               static_cast<std::size_t>(array.shape()[0]), cols,
                                               static_cast<std::ptrdiff_t>(array.strides()[0]),
                                               static_cast<std::ptrdiff_t>(array.strides()[1])),
                    rows);
    } else if constexpr (std::floating_point<element>) {
        return take(values_view(array), rows);
    } else {
        return take(labels_view(array), rows);
    }
}

}  // namespace copse
