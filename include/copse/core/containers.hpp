// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How copse recognises other people's arrays without including them.
///
/// A *dense array* has data(), shape() and strides() (and data_offset() if it is a view): xtensor's
/// containers and strided views do. A *flat range* has data() and size(): std::vector, std::span.

#include <array>
#include <concepts>
#include <cstddef>
#include <ranges>
#include <type_traits>

namespace copse::detail {

template <class A>
concept dense_array = requires(A const& a) {
    {*a.data()};
    { a.shape()[0] } -> std::convertible_to<std::size_t>;
    { a.strides()[0] } -> std::convertible_to<std::ptrdiff_t>;
    { a.shape().size() } -> std::convertible_to<std::size_t>;
};

template <class A>
concept flat_range = !dense_array<A> && requires(A const& a) {
    {*a.data()};
    { a.size() } -> std::convertible_to<std::size_t>;
    requires std::ranges::random_access_range<A const>;
};

/// The element (0, ..., 0) of a dense array; a view's data() is its parent's.
template <dense_array A>
[[nodiscard]] auto const* first_element(A const& a) {
    if constexpr (requires { a.data_offset(); }) {
        return a.data() + static_cast<std::ptrdiff_t>(a.data_offset());
    } else {
        return a.data();
    }
}

template <class A>
using element_of = std::remove_cvref_t<decltype(*std::declval<A const&>().data())>;

/// A container that copse can make and fill: xtensor's of any rank, by their from_shape().
template <class C, std::size_t Rank>
concept shaped_container = std::same_as<C, std::remove_cvref_t<C>> && requires(C c) {
    typename C::value_type;
    { C::from_shape(std::array<std::size_t, Rank>{}) } -> std::convertible_to<C>;
    { *c.data() } -> std::same_as<typename C::value_type&>;
};

/// A flat container that copse can make and fill: std::vector and its like.
template <class C>
concept flat_container =
    std::same_as<C, std::remove_cvref_t<C>> && !dense_array<C> && requires(C c) {
    typename C::value_type;
    c.resize(std::size_t{});
    c.reserve(std::size_t{});
    { c[0] } -> std::same_as<typename C::value_type&>;
};

/// A container of `shape`, its elements not yet meaningful.
template <class C, std::size_t Rank>
[[nodiscard]] C made(std::array<std::size_t, Rank> const& shape) {
    if constexpr (shaped_container<C, Rank>) {
        return C::from_shape(shape);
    } else {
        static_assert(Rank == 1);
        return C(shape[0]);
    }
}

}  // namespace copse::detail
