// SPDX-License-Identifier: BSD-3-Clause
// The kernels alone, on numbers drawn here: binning, growing one tree, predicting a batch.
//
//     kernels [--rows 1000000] [--filter binning]
//
//     binning/tbb2/1000000x28            52.4 ms     19.1 Mrow/s     2.67 GB/s
//
// Bytes are those that the kernel cannot avoid: binning reads x and writes a byte a cell; a tree
// reads 9 bytes (a bin, a row number and its weight and class) for each of sqrt(d) features of each
// row, once; predicting reads x once. The time of the best of several runs is the kernel's.

#include "support/measure.hpp"
#include "support/options.hpp"

#include <copse/data/binned_matrix.hpp>
#include <copse/ensemble/random_forest.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace bench {
namespace {

/// Normal features; two noisy classes along a curve.
struct drawn_set {
    std::size_t rows, cols;
    std::vector<float> x;
    std::vector<std::int32_t> y;

    drawn_set(std::size_t n, std::size_t d) : rows(n), cols(d), x(n * d), y(n) {
        std::mt19937 random(7);
        std::normal_distribution<float> normal;
        for (auto& value : x) value = normal(random);
        for (std::size_t i = 0; i < n; ++i) {
            auto const* const row = x.data() + i * d;
            y[i] = row[0] * row[1] + row[2] + 0.5f * normal(random) > 0 ? 1 : 0;
        }
    }
    [[nodiscard]] copse::features_view view() const { return {x.data(), rows, cols}; }
    [[nodiscard]] std::string shape() const {
        return std::to_string(rows) + "x" + std::to_string(cols);
    }
};

struct kernel {
    std::string name;
    std::size_t rows;
    std::size_t bytes;
    std::function<void()> run;
};

template <class B>
void add_kernels(std::vector<kernel>& table, drawn_set const& set,
                 copse::forest_classifier const& forest, B const& backend,
                 std::string const& where) {
    auto const n_cells = set.rows * set.cols;
    auto const tried = static_cast<std::size_t>(std::sqrt(static_cast<double>(set.cols)));
    auto const tail = "/" + where + "/" + set.shape();
    table.push_back({"binning" + tail, set.rows, n_cells * (sizeof(float) + 1), [&set, backend] {
                         keep(backend.enter([&] {
                             return copse::bin_features(backend.inherited(), set.view(), {});
                         }));
                     }});
    table.push_back({"fit_1_tree" + tail, set.rows, set.rows * tried * 9, [&set, backend] {
                         keep(copse::random_forest_classifier{.n_estimators = 1}.fit(
                             set.view(), set.y, backend));
                     }});
    table.push_back({"fit_8_trees" + tail, 8 * set.rows, 8 * set.rows * tried * 9, [&set, backend] {
                         keep(copse::random_forest_classifier{.n_estimators = 8}.fit(
                             set.view(), set.y, backend));
                     }});
    table.push_back({"predict_" + std::to_string(forest.trees().size()) + "_trees" + tail, set.rows,
                     n_cells * sizeof(float), [&set, &forest, backend] {
                         keep(forest.predict_proba(set.view(), backend));
                     }});
}

void run(kernel const& k) {
    std::vector<double> times;
    for (double total = 0; times.size() < 3 || (total < 1 && times.size() < 200);) {
        times.push_back(seconds(k.run));
        total += times.back();
    }
    auto const best = *std::min_element(times.begin(), times.end());
    std::printf("%-34s %10.2f ms %10.2f Mrow/s %8.2f GB/s\n", k.name.c_str(), 1e3 * best,
                1e-6 * static_cast<double>(k.rows) / best,
                1e-9 * static_cast<double>(k.bytes) / best);
    std::fflush(stdout);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
    bench::options const given(argc, argv);
    auto const most = given.number("--rows", 1'000'000);
    for (std::size_t rows = 10'000; rows <= most; rows *= 10) {
        bench::drawn_set const set(rows, 28);
        auto const forest =
            copse::random_forest_classifier{.n_estimators = 20}.fit(set.view(), set.y);
        std::vector<bench::kernel> table;
        bench::add_kernels(table, set, forest, copse::sequential{}, "sequential");
        bench::add_kernels(table, set, forest, copse::tbb{.n_jobs = 2}, "tbb2");
        auto const wanted = given.text("--filter", "");
        for (auto const& k : table) {
            if (k.name.find(wanted) != std::string::npos) bench::run(k);
        }
    }
} catch (std::exception const& error) {
    std::fprintf(stderr, "kernels: %s\n", error.what());
    return 1;
}
