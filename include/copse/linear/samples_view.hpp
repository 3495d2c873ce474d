// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The door of linear models: x dense or sparse, as it is.
///
///     samples_view x = an_xtensor;       // whatever features_view takes
///     samples_view x = a_csr_matrix;     // csr_view too

#include <copse/core/inputs.hpp>
#include <copse/data/csr.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

namespace copse {

class samples_view;

namespace detail {

template <class X>
concept samples_like =
    !std::same_as<std::remove_cvref_t<X>, samples_view> &&
    (std::convertible_to<X const&, features_view> || std::convertible_to<X const&, csr_view>);

}  // namespace detail

/// Borrowed rows: a float or double matrix with any strides, or compressed rows.
class samples_view {
public:
    template <detail::samples_like X>
    samples_view(X const& x) {
        if constexpr (std::convertible_to<X const&, csr_view>) {
            rows_ = csr_view(x);
        } else {
            features_view(x).visit([&](auto matrix) { rows_ = matrix; });
        }
    }

    /// f(matrix_view<float const>), f(matrix_view<double const>) or f(csr_view).
    template <class F>
    decltype(auto) visit(F&& f) const {
        return std::visit(std::forward<F>(f), rows_);
    }
    [[nodiscard]] std::size_t rows() const {
        return visit([](auto const& x) { return x.rows(); });
    }
    [[nodiscard]] std::size_t cols() const {
        return visit([](auto const& x) { return x.cols(); });
    }

private:
    std::variant<matrix_view<float const>, matrix_view<double const>, csr_view> rows_;
};

}  // namespace copse
