// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// An owned row-major matrix: what predictions come back as.
///
///     copse::matrix<float> proba = forest.predict_proba(x);
///     xt::xtensor<float, 2> same = forest.predict_proba(x);    // converts to any shaped container

#include <copse/core/containers.hpp>
#include <copse/core/view.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace copse {

template <class T>
class matrix {
public:
    using value_type = T;

    matrix() = default;
    matrix(std::size_t rows, std::size_t cols, T value = {})
        : values_(rows * cols, value), rows_(rows), cols_(cols) {}

    [[nodiscard]] T& operator()(std::size_t row, std::size_t col) noexcept {
        return values_[row * cols_ + col];
    }
    [[nodiscard]] T const& operator()(std::size_t row, std::size_t col) const noexcept {
        return values_[row * cols_ + col];
    }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t cols() const noexcept { return cols_; }
    [[nodiscard]] std::array<std::size_t, 2> shape() const noexcept { return {rows_, cols_}; }
    [[nodiscard]] std::array<std::ptrdiff_t, 2> strides() const noexcept {
        return {static_cast<std::ptrdiff_t>(cols_), 1};
    }
    [[nodiscard]] T* data() noexcept { return values_.data(); }
    [[nodiscard]] T const* data() const noexcept { return values_.data(); }
    [[nodiscard]] std::span<T> row(std::size_t i) noexcept { return {data() + i * cols_, cols_}; }
    [[nodiscard]] std::span<T const> row(std::size_t i) const noexcept {
        return {data() + i * cols_, cols_};
    }
    [[nodiscard]] matrix_view<T> view() noexcept { return {data(), rows_, cols_}; }
    [[nodiscard]] matrix_view<T const> view() const noexcept { return {data(), rows_, cols_}; }

    /// A copy as somebody else's container of rank 2, an xt::xtensor<T, 2> say.
    template <detail::shaped_container<2> Container>
    [[nodiscard]] operator Container() const {
        auto out = detail::made<Container>(shape());
        std::transform(values_.begin(), values_.end(), out.data(), [](T const& value) {
            return static_cast<typename Container::value_type>(value);
        });
        return out;
    }

    bool operator==(matrix const&) const = default;

private:
    std::vector<T> values_;
    std::size_t rows_ = 0;
    std::size_t cols_ = 0;
};

/// An owned column of numbers: a std::vector that also converts to a container of rank 1.
template <class T>
class column : public std::vector<T> {
public:
    using std::vector<T>::vector;

    /// A copy as an xt::xtensor<T, 1> say.
    template <detail::shaped_container<1> Container>
    [[nodiscard]] operator Container() const {
        auto out = detail::made<Container>(std::array{this->size()});
        std::transform(this->begin(), this->end(), out.data(), [](T const& value) {
            return static_cast<typename Container::value_type>(value);
        });
        return out;
    }
};

}  // namespace copse
