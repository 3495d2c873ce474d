// SPDX-License-Identifier: BSD-3-Clause
// One pass of a linear fit, z = x v and g = x' z for all classes at once, on numbers drawn here,
// for each instruction set that the machine has: how far from reading x once at the speed of
// memory.
//
//     products [--rows 60000] [--cols 784] [--classes 10]
//
//     dense/avx512/tbb2/60000x784x10        7.12 ms    26.4 GB/s    264.3 GFLOP/s
//
// Bytes are those of x, read once. Flops are 4 for each stored element and class. "read" is the
// time of summing x, which no pass can beat. The best of several runs is printed.

#include "support/measure.hpp"
#include "support/options.hpp"

#include <copse/data/csr.hpp>
#include <copse/linear/products.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

using copse::detail::simd;

struct level {
    char const* name;
    simd value;
};
constexpr level levels[] = {{"sse2", simd::least}, {"avx2", simd::avx2}, {"avx512", simd::avx512}};

template <class F>
double best_seconds(F const& f) {
    double best = 1e300;
    double total = 0;
    for (int run = 0; run < 5 || (total < 0.5 && run < 100); ++run) {
        auto const time = seconds(f);
        best = std::min(best, time);
        total += time;
    }
    return best;
}

void print(std::string const& name, double time, double bytes, double flops) {
    std::printf("%-40s %9.2f ms %8.1f GB/s %8.1f GFLOP/s\n", name.c_str(), 1e3 * time,
                1e-9 * bytes / time, 1e-9 * flops / time);
    std::fflush(stdout);
}

template <class X>
void passes(std::string const& kind, X const& x, std::size_t n_classes, double n_stored,
            double bytes) {
    std::vector<std::vector<double>> v(n_classes, std::vector<double>(x.cols(), 0.01));
    auto g = v;
    std::vector<double const*> from;
    std::vector<double*> to;
    for (std::size_t k = 0; k < n_classes; ++k) {
        from.push_back(v[k].data());
        to.push_back(g[k].data());
    }
    copse::detail::products<X> pass(x, n_classes);
    auto const shape =
        std::to_string(x.rows()) + "x" + std::to_string(x.cols()) + "x" + std::to_string(n_classes);
    for (auto const& l : levels) {
        if (l.value > copse::detail::best_simd()) continue;
        auto const time = [&](auto const& backend, char const* where) {
            auto const s = best_seconds([&] {
                backend.enter([&] {
                    pass(
                        backend.inherited(), from, to, [](auto&&...) {}, l.value);
                });
            });
            print(kind + "/" + l.name + "/" + where + "/" + shape, s, bytes,
                  4 * n_stored * static_cast<double>(n_classes));
        };
        time(copse::sequential{}, "sequential");
        time(copse::tbb{.n_jobs = 2}, "tbb2");
    }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
    using namespace copse;
    bench::options const given(argc, argv);
    auto const rows = given.number("--rows", 60000);
    auto const cols = given.number("--cols", 784);
    auto const n_classes = given.number("--classes", 10);
    std::mt19937 random(7);
    matrix<float> x(rows, cols);
    for (std::size_t i = 0; i < rows * cols; ++i)
        x.data()[i] = static_cast<float>(random() % 256) / 255;
    auto const n = static_cast<double>(rows * cols);
    float sum[16] = {};
    auto const read = bench::best_seconds([&] {
        for (std::size_t i = 0; i + 16 <= rows * cols; i += 16) {
            for (std::size_t l = 0; l < 16; ++l) sum[l] += x.data()[i + l];
        }
        bench::keep(sum);
    });
    bench::print("read/one thread", read, 4 * n, n);
    bench::passes("dense", std::as_const(x).view(), n_classes, n, 4 * n);

    // Text: 76 words a row, most of them frequent ones.
    std::size_t const n_texts = 20000;
    std::size_t const n_words = 47000;
    std::vector<std::size_t> offsets{0};
    std::vector<std::uint32_t> indices;
    for (std::size_t i = 0; i < n_texts; ++i) {
        std::vector<std::uint32_t> row;
        for (int k = 0; k < 76; ++k) {
            auto const u = static_cast<double>(random()) / 4294967296.0;
            row.push_back(static_cast<std::uint32_t>(u * u * u * static_cast<double>(n_words)));
        }
        std::ranges::sort(row);
        row.erase(std::ranges::unique(row).begin(), row.end());
        indices.insert(indices.end(), row.begin(), row.end());
        offsets.push_back(indices.size());
    }
    csr_matrix const text(offsets, indices, std::vector<float>(indices.size(), 0.1f), n_words);
    auto const stored = static_cast<double>(text.n_stored());
    for (std::size_t const k : {std::size_t{1}, std::size_t{53}})
        bench::passes("sparse", text.view(), k, stored, 8 * stored);
} catch (std::exception const& error) {
    std::fprintf(stderr, "products: %s\n", error.what());
    return 1;
}
