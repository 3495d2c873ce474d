// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The door: how a user's arrays enter copse. Three views, each made implicitly from xtensor
/// containers and strided views, std::vector, std::span, or pointers, without copying.
///
///     features_view   x, (n_samples, n_features), float or double
///     labels_view     y of a classifier, integers or strings
///     values_view     y of a regressor, and weights: any arithmetic type, read as double
///
/// A view must not outlive what it was made from.

#include <copse/core/containers.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/view.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace copse {

namespace detail {

template <class T>
concept real = std::same_as < std::remove_const_t<T>,
float > || std::same_as<std::remove_const_t<T>, double>;

template <class A>
concept column_array = dense_array<A> || flat_range<A>;

template <class A>
concept number_array = column_array<A> && std::is_arithmetic_v<element_of<A>>;

}  // namespace detail

/// A borrowed float or double matrix with any strides. NaN means "missing".
class features_view {
public:
    features_view() = default;

    /// From an array with data(), shape() and strides(): xtensor containers and strided views,
    /// copse::matrix. Throws invalid_input unless it has two dimensions.
    template <detail::dense_array Array>
    features_view(Array const& x) {
        using element = detail::element_of<Array>;
        static_assert(std::same_as<element, float> || std::same_as<element, double>,
                      "copse: a feature matrix holds float or double; convert it first, "
                      "xt::cast<float>(x) for example");
        auto const dimensions = static_cast<std::size_t>(x.shape().size());
        if (dimensions != 2) {
            throw invalid_input(detail::sentence("features_view: x has ", dimensions,
                                                 " dimensions; it must have 2"));
        }
        matrix_ = matrix_view<element const>(
            detail::first_element(x), static_cast<std::size_t>(x.shape()[0]),
            static_cast<std::size_t>(x.shape()[1]), static_cast<std::ptrdiff_t>(x.strides()[0]),
            static_cast<std::ptrdiff_t>(x.strides()[1]));
    }

    template <detail::real T>
    features_view(matrix_view<T> x)
        : matrix_(matrix_view<std::remove_const_t<T> const>(x.data(), x.rows(), x.cols(),
                                                            x.row_stride(), x.col_stride())) {}

    /// Row-major (rows, cols) at `data`.
    template <class T>
    features_view(T const* data, std::size_t rows, std::size_t cols)
        : features_view(matrix_view<T const>(data, rows, cols)) {}

    /// Element (i, j) is data[j * rows + i].
    template <class T>
    [[nodiscard]] static features_view column_major(T const* data, std::size_t rows,
                                                    std::size_t cols) {
        return matrix_view<T const>(data, rows, cols, 1, static_cast<std::ptrdiff_t>(rows));
    }

    /// f(matrix_view<float const>) or f(matrix_view<double const>).
    template <class F>
    decltype(auto) visit(F&& f) const {
        return std::visit(std::forward<F>(f), matrix_);
    }

    [[nodiscard]] std::size_t rows() const {
        return visit([](auto const& x) { return x.rows(); });
    }
    [[nodiscard]] std::size_t cols() const {
        return visit([](auto const& x) { return x.cols(); });
    }
    [[nodiscard]] double operator()(std::size_t row, std::size_t col) const {
        return visit([&](auto const& x) { return static_cast<double>(x(row, col)); });
    }

private:
    std::variant<matrix_view<float const>, matrix_view<double const>> matrix_;
};

namespace detail {

/// A borrowed strided column whose elements of whatever type are read as Value.
template <class Value>
class any_column {
public:
    any_column() = default;

    template <class Array>
    explicit any_column(Array const& array, char const* what) {
        using element = element_of<Array>;
        if constexpr (dense_array<Array>) {
            auto const dimensions = static_cast<std::size_t>(array.shape().size());
            if (dimensions != 1) {
                throw invalid_input(
                    sentence(what, ": has ", dimensions, " dimensions; it must have 1"));
            }
            bind(first_element(array), static_cast<std::size_t>(array.shape()[0]),
                 static_cast<std::ptrdiff_t>(array.strides()[0]));
        } else {
            bind(static_cast<element const*>(array.data()), static_cast<std::size_t>(array.size()),
                 1);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] Value operator[](std::size_t i) const {
        return read_(static_cast<char const*>(first_) + static_cast<std::ptrdiff_t>(i) * stride_);
    }

private:
    template <class Element>
    void bind(Element const* first, std::size_t size, std::ptrdiff_t stride) {
        first_ = first;
        size_ = size;
        stride_ = stride * static_cast<std::ptrdiff_t>(sizeof(Element));
        read_ = [](void const* at) { return static_cast<Value>(*static_cast<Element const*>(at)); };
    }

    void const* first_ = nullptr;
    std::size_t size_ = 0;
    std::ptrdiff_t stride_ = 0;
    Value (*read_)(void const*) = nullptr;
};

}  // namespace detail

/// Borrowed labels: any integers, or strings.
class labels_view {
public:
    labels_view() = default;

    template <detail::column_array Array>
    labels_view(Array const& y) {
        using element = detail::element_of<Array>;
        if constexpr (std::integral<element>) {
            column_ = detail::any_column<std::int64_t>(y, "labels_view: y");
        } else {
            static_assert(std::convertible_to<element const&, std::string_view>,
                          "copse: labels are integers or strings");
            column_ = detail::any_column<std::string_view>(y, "labels_view: y");
        }
    }
    labels_view(labels const& y) {
        if (y.is_text()) {
            column_ = detail::any_column<std::string_view>(y.texts(), "labels_view: y");
        } else {
            column_ = detail::any_column<std::int64_t>(y.integers(), "labels_view: y");
        }
    }

    /// f(column) where column[i] is an std::int64_t, or an std::string_view.
    template <class F>
    decltype(auto) visit(F&& f) const {
        return std::visit(std::forward<F>(f), column_);
    }
    [[nodiscard]] std::size_t size() const {
        return std::visit([](auto const& y) { return y.size(); }, column_);
    }
    [[nodiscard]] bool is_text() const noexcept { return column_.index() == 1; }
    [[nodiscard]] label operator[](std::size_t i) const {
        return std::visit([&](auto const& y) { return label(y[i]); }, column_);
    }

private:
    std::variant<detail::any_column<std::int64_t>, detail::any_column<std::string_view>> column_;
};

/// Borrowed numbers, read as double. A default-made one is empty, which options take as "none".
class values_view {
public:
    values_view() = default;

    template <detail::number_array Array>
    values_view(Array const& y) : column_(y, "values_view: y") {}

    [[nodiscard]] std::size_t size() const noexcept { return column_.size(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] double operator[](std::size_t i) const { return column_[i]; }

private:
    detail::any_column<double> column_;
};

/// Labels as codes 0..K-1 with the K distinct labels in increasing order.
struct encoded_labels {
    labels classes;
    std::vector<std::uint32_t> codes;
};

/// The distinct labels of y and y in terms of them. Cost: O(n log K).
[[nodiscard]] encoded_labels encode(labels_view y);

/// y in terms of `classes` (sorted, distinct). Throws invalid_input, beginning with `who`, naming a
/// label that is not among them.
[[nodiscard]] std::vector<std::uint32_t> encode(labels_view y, labels const& classes,
                                                std::string_view who = "encode");

// ------------------------------------------------------------------ implementation below

namespace detail {

template <class Column, class Value>
std::vector<std::uint32_t> codes_of(Column const& y, std::vector<Value> const& classes,
                                    std::string_view who = "encode") {
    std::vector<std::uint32_t> codes(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        auto const at = std::lower_bound(classes.begin(), classes.end(), y[i]);
        if (at == classes.end() || *at != y[i]) {
            throw invalid_input(sentence(who, ": label ", label(y[i]).to_string(), " at row ", i,
                                         " is none of the ", classes.size(), " classes"));
        }
        codes[i] = static_cast<std::uint32_t>(at - classes.begin());
    }
    return codes;
}

}  // namespace detail

inline encoded_labels encode(labels_view y) {
    return y.visit([](auto const& column) -> encoded_labels {
        using value =
            std::conditional_t<std::same_as<std::remove_cvref_t<decltype(column[0])>, std::int64_t>,
                               std::int64_t, std::string>;
        // Real labels have few distinct values: keep the sorted ones seen, look each row up.
        std::vector<value> distinct;
        for (std::size_t i = 0; i < column.size(); ++i) {
            auto const at = std::lower_bound(distinct.begin(), distinct.end(), column[i]);
            if (at == distinct.end() || *at != column[i]) distinct.insert(at, value(column[i]));
        }
        auto codes = detail::codes_of(column, distinct);
        return {labels(std::move(distinct)), std::move(codes)};
    });
}

inline std::vector<std::uint32_t> encode(labels_view y, labels const& classes,
                                         std::string_view who) {
    return y.visit([&](auto const& column) {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(column[0])>, std::int64_t>) {
            if (!classes.is_text()) return detail::codes_of(column, classes.integers(), who);
        } else {
            if (classes.is_text()) return detail::codes_of(column, classes.texts(), who);
        }
        throw invalid_input(detail::sentence(who, ": y holds ", y.is_text() ? "text" : "integers",
                                             " but the classes are ",
                                             classes.is_text() ? "text" : "integers"));
    });
}

}  // namespace copse
