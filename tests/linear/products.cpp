// SPDX-License-Identifier: BSD-3-Clause
#include "support/backends.hpp"
#include "support/samples.hpp"

#include <copse/data/csr.hpp>
#include <copse/linear/products.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <vector>

using namespace copse;
using detail::products;
using test::sparse;

namespace {

using sizes = std::vector<std::size_t>;

/// Whole numbers, so that all sums are exact.
std::vector<std::vector<double>> weights(std::size_t n_classes, std::size_t cols) {
    std::vector<std::vector<double>> v(n_classes, std::vector<double>(cols));
    for (std::size_t k = 0; k < n_classes; ++k) {
        for (std::size_t j = 0; j < cols; ++j)
            v[k][j] = static_cast<double>((j * 7 + k * 3) % 11) - 5;
    }
    return v;
}

template <class X, class B>
std::vector<std::vector<double>> x_x_times(B const& backend, X const& x,
                                           std::vector<std::vector<double>> const& v) {
    std::vector<std::vector<double>> g(v.size(), std::vector<double>(x.cols()));
    std::vector<double const*> from;
    std::vector<double*> to;
    for (std::size_t k = 0; k < v.size(); ++k) {
        from.push_back(v[k].data());
        to.push_back(g[k].data());
    }
    products<X> pass(x, v.size());
    using real = typename products<X>::real;
    pass(backend, from, to,
         [&](std::size_t, std::size_t first, std::size_t count, real* z, std::size_t stride) {
             for (std::size_t k = 0; k < v.size(); ++k) {
                 for (std::size_t i = 0; i < count; ++i)
                     z[k * stride + i] *= static_cast<real>((first + i) % 3);
             }
         });
    return g;
}

}  // namespace

TEST_CASE("a pass is x' D x v, dense or sparse, with any strides, for any number of classes") {
    for (auto const rows : sizes{1, 7, 600, 2500}) {
        for (auto const cols : sizes{1, 15, 16, 33}) {
            auto const x = test::grid(rows, cols, 3, 4);
            matrix<double> const wide = [&] {
                matrix<double> out(rows, cols);
                std::copy_n(x.data(), rows * cols, out.data());
                return out;
            }();
            auto const compressed = sparse(x);
            for (auto const n_classes : sizes{1, 3, 16, 21}) {
                INFO(rows << " x " << cols << ", " << n_classes << " classes");
                auto const v = weights(n_classes, cols);
                std::vector<std::vector<double>> expected(n_classes, std::vector<double>(cols));
                for (std::size_t k = 0; k < n_classes; ++k) {
                    for (std::size_t i = 0; i < rows; ++i) {
                        double z = 0;
                        for (std::size_t j = 0; j < cols; ++j)
                            z += static_cast<double>(x(i, j)) * v[k][j];
                        z *= static_cast<double>(i % 3);
                        for (std::size_t j = 0; j < cols; ++j)
                            expected[k][j] += z * static_cast<double>(x(i, j));
                    }
                }
                CHECK(x_x_times(sequential{}, x.view(), v) == expected);
                CHECK(x_x_times(sequential{}, wide.view(), v) == expected);
                CHECK(x_x_times(sequential{}, compressed.view(), v) == expected);
                std::vector<float> by_column(rows * cols);
                for (std::size_t i = 0; i < rows; ++i) {
                    for (std::size_t j = 0; j < cols; ++j) by_column[j * rows + i] = x(i, j);
                }
                matrix_view<float const> const columns(by_column.data(), rows, cols, 1,
                                                       static_cast<std::ptrdiff_t>(rows));
                CHECK(x_x_times(sequential{}, columns, v) == expected);
            }
        }
    }
}

TEST_CASE("of no rows a pass is 0") {
    matrix<float> const none(0, 3);
    auto const v = weights(2, 3);
    std::vector<std::vector<double>> const zeros(2, std::vector<double>(3));
    CHECK(x_x_times(sequential{}, none.view(), v) == zeros);
    CHECK(x_x_times(sequential{}, sparse(none).view(), v) == zeros);
}

TEST_CASE_TEMPLATE("a pass gives the same bits on every backend, for every n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const x = test::uniform(3000, 40, 2);
    auto const compressed = sparse(x);
    auto const v = weights(5, 40);
    auto const dense = x_x_times(sequential{}, x.view(), v);
    auto const of_sparse = x_x_times(sequential{}, compressed.view(), v);
    for (auto const n_jobs : test::job_counts) {
        auto const backend = test::with_jobs<Backend>(n_jobs);
        backend.enter([&] {
            CHECK(x_x_times(backend.inherited(), x.view(), v) == dense);
            CHECK(x_x_times(backend.inherited(), compressed.view(), v) == of_sparse);
        });
    }
}
