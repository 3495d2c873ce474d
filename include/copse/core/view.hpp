// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Borrowed memory, cheap to pass by value, usable on host and device.
///
///     view<int> v{pointer, 10};               // ten ints
///     matrix_view<float const> m{p, 4, 3};    // row-major (4, 3)

#include <copse/core/config.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace copse {

template <class T>
class view;

namespace detail {

/// Lends its elements through data() and size(), and is not itself a view.
template <class Range, class T>
concept viewable_as = !std::same_as<std::remove_cvref_t<Range>, view<T>> && requires(Range && r) {
    { r.data() } -> std::convertible_to<T*>;
    { r.size() } -> std::convertible_to<std::size_t>;
};

}  // namespace detail

/// A pointer and a length. std::span's members are not device functions; these are.
template <class T>
class view {
public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;

    constexpr view() noexcept = default;
    COPSE_FN constexpr view(T* data, std::size_t size) noexcept : data_(data), size_(size) {}

    /// From anything with data() and size(), a std::vector or std::span say.
    template <detail::viewable_as<T> Range>
    constexpr view(Range&& range) noexcept : data_(range.data()), size_(range.size()) {}

    [[nodiscard]] COPSE_FN constexpr T& operator[](std::size_t i) const noexcept {
        COPSE_ASSERT(i < size_);
        return data_[i];
    }
    [[nodiscard]] COPSE_FN constexpr T* data() const noexcept { return data_; }
    [[nodiscard]] COPSE_FN constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] COPSE_FN constexpr bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] COPSE_FN constexpr T* begin() const noexcept { return data_; }
    [[nodiscard]] COPSE_FN constexpr T* end() const noexcept { return data_ + size_; }

    /// Elements [first, first + count).
    [[nodiscard]] COPSE_FN constexpr view part(std::size_t first,
                                               std::size_t count) const noexcept {
        COPSE_ASSERT(first + count <= size_);
        return {data_ + first, count};
    }

private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

template <class Range>
view(Range&&) -> view<std::remove_pointer_t<decltype(std::declval<Range&>().data())>>;

/// A strided matrix. Strides count elements, may be zero or negative; the default is row-major.
template <class T>
class matrix_view {
public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;

    constexpr matrix_view() noexcept = default;
    COPSE_FN constexpr matrix_view(T* data, std::size_t rows, std::size_t cols) noexcept
        : matrix_view(data, rows, cols, static_cast<std::ptrdiff_t>(cols), 1) {}
    COPSE_FN constexpr matrix_view(T* data, std::size_t rows, std::size_t cols,
                                   std::ptrdiff_t row_stride, std::ptrdiff_t col_stride) noexcept
        : data_(data), rows_(rows), cols_(cols), row_stride_(row_stride), col_stride_(col_stride) {}

    [[nodiscard]] COPSE_FN constexpr T& operator()(std::size_t row,
                                                   std::size_t col) const noexcept {
        COPSE_ASSERT(row < rows_ && col < cols_);
        return data_[static_cast<std::ptrdiff_t>(row) * row_stride_ +
                     static_cast<std::ptrdiff_t>(col) * col_stride_];
    }
    [[nodiscard]] COPSE_FN constexpr T* data() const noexcept { return data_; }
    [[nodiscard]] COPSE_FN constexpr std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] COPSE_FN constexpr std::size_t cols() const noexcept { return cols_; }
    [[nodiscard]] COPSE_FN constexpr std::ptrdiff_t row_stride() const noexcept {
        return row_stride_;
    }
    [[nodiscard]] COPSE_FN constexpr std::ptrdiff_t col_stride() const noexcept {
        return col_stride_;
    }

    /// Where row `row` starts; its elements are col_stride() apart.
    [[nodiscard]] COPSE_FN constexpr T* row(std::size_t row) const noexcept {
        return data_ + static_cast<std::ptrdiff_t>(row) * row_stride_;
    }

private:
    T* data_ = nullptr;
    std::size_t rows_ = 0;
    std::size_t cols_ = 0;
    std::ptrdiff_t row_stride_ = 0;
    std::ptrdiff_t col_stride_ = 1;
};

}  // namespace copse
