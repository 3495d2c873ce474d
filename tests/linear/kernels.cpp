// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/random.hpp>
#include <copse/linear/kernels.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace copse;
using namespace copse::detail;

namespace {

using sizes = std::vector<std::size_t>;

template <class T>
std::vector<T> drawn(std::size_t n, std::uint64_t seed) {
    random_stream const draws(seed);
    std::vector<T> out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<T>(draws.uniform(i) - 0.5);
    return out;
}

/// Every instruction set that this machine has.
std::vector<simd> levels() {
    std::vector<simd> out;
    for (auto const level : {simd::least, simd::avx2, simd::avx512}) {
        if (level <= best_simd()) out.push_back(level);
    }
    return out;
}

}  // namespace

TEST_CASE_TEMPLATE("dense kernels give the bits of their twins on every instruction set", T, float,
                   double) {
    for (auto const cols : sizes{padding_of<T>, 3 * padding_of<T>, 13 * padding_of<T>}) {
        for (auto const rows : sizes{1, 2, 3, 4, 7, 40}) {
            for (auto const n_classes : sizes{1, 2, 3, 4, 5, 6, 7, 11, 16, 17}) {
                auto const stride = cols + 3;
                auto const values = drawn<T>(rows * stride, 1);
                auto const w = drawn<T>(n_classes * cols, 2);
                dense_rows<T> const x{values.data(), rows, cols, stride};
                std::vector<T> z(n_classes * 41);
                auto g = drawn<T>(n_classes * cols, 3);
                auto const before = g;
                twin::dense_dots(x, w.data(), n_classes, z.data(), 41);
                twin::dense_add(x, z.data(), 41, n_classes, g.data());
                for (auto const level : levels()) {
                    INFO(rows << " x " << cols << ", " << n_classes << " classes, level "
                              << static_cast<int>(level));
                    auto const kernels = dense_kernels_of<T>(level);
                    std::vector<T> z_here(z.size());
                    auto g_here = before;
                    kernels.dots(x, w.data(), n_classes, z_here.data(), 41);
                    kernels.add(x, z.data(), 41, n_classes, g_here.data());
                    CHECK(z_here == z);
                    CHECK(g_here == g);
                }
            }
        }
    }
}

TEST_CASE("sparse kernels give the bits of their twins on every instruction set") {
    random_stream const draws(4);
    std::size_t const rows = 30;
    std::size_t const cols = 50;
    std::vector<std::size_t> offsets{5};  // a part of a matrix need not begin at 0
    std::vector<std::uint32_t> indices(5);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::uint32_t j = draws.below(9, i); j < cols; j += 1 + draws.below(9, i * 60 + j))
            if (i % 7 != 3) indices.push_back(j);  // some rows are empty
        offsets.push_back(indices.size());
    }
    auto const values = drawn<float>(indices.size(), 5);
    csr_rows const x{offsets.data(), indices.data(), values.data(), rows};
    for (auto const lanes : lane_counts) {
        auto const w = drawn<float>(cols * lanes, 6);
        std::vector<float> z(rows * lanes);
        std::vector<float> g(cols * lanes, 0.25f);
        twin::csr_dots(x, w.data(), lanes, z.data());
        twin::csr_add(x, z.data(), lanes, g.data());
        for (auto const level : levels()) {
            INFO(lanes << " lanes, level " << static_cast<int>(level));
            auto const kernels = csr_kernels_of(level, lanes);
            std::vector<float> z_here(z.size());
            std::vector<float> g_here(g.size(), 0.25f);
            kernels.dots(x, w.data(), z_here.data());
            kernels.add(x, z.data(), g_here.data());
            CHECK(z_here == z);
            CHECK(g_here == g);
        }
    }
}

TEST_CASE("a dot product is the sum of its products") {
    std::vector<float> a(16), b(16);
    for (std::size_t j = 0; j < 16; ++j) {
        a[j] = static_cast<float>(j + 1);
        b[j] = 2;
    }
    CHECK(twin::dot(a.data(), b.data(), 16) == 272);  // 2 (1 + ... + 16)
}
