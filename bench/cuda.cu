// SPDX-License-Identifier: BSD-3-Clause
// What runs on a GPU, beside the TBB backend on the same machine: seconds, rows a second, the
// ratio, and whether the answers are equal, which copse promises.
//
//     cuda --check                                        whether device 0 can be used, and why not
//     cuda --rows 1000000 --rounds 100 --depth 8 --device 0

#include "support/measure.hpp"
#include "support/options.hpp"

#include <copse/core/matrix.hpp>
#include <copse/core/random.hpp>
#include <copse/cuda.hpp>
#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/random_forest.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace bench {
namespace {

struct drawn_set {
    copse::matrix<float> x;
    std::vector<int> y;
};

/// 28 columns of which a few decide the class, as bench/make_trees.py's particles.
drawn_set drawn(std::size_t n) {
    constexpr std::size_t d = 28;
    drawn_set out{copse::matrix<float>(n, d), std::vector<int>(n)};
    copse::random_stream const draws(1);
    for (std::size_t i = 0; i < n; ++i) {
        auto const of_row = draws.split(i);
        for (std::size_t j = 0; j < d; ++j) out.x(i, j) = static_cast<float>(of_row.uniform(j));
        auto const score = out.x(i, 0) * out.x(i, 1) + (out.x(i, 2) > 0.7f ? out.x(i, 3) : 0.2f);
        out.y[i] = score + of_row.uniform(d) > 1 ? 1 : 0;
    }
    return out;
}

/// One line: `work` rows are what both do in one call. The first call of each is not counted.
template <class OnCpu, class OnDevice>
bool compare(char const* what, std::size_t work, OnCpu const& on_cpu, OnDevice const& on_device) {
    bool const equal = on_cpu() == on_device();
    auto const cpu = median_seconds([&] { keep(on_cpu()); }, 1);
    auto const device = median_seconds([&] { keep(on_device()); }, 1);
    std::printf("%-42s %10zu rows  tbb %9.4f s  cuda %9.4f s  %12.0f rows/s  %7.2fx  %s\n", what,
                work, cpu, device, static_cast<double>(work) / device, cpu / device,
                equal ? "equal" : "DIFFERENT");
    return equal;
}

bool compare_all(std::size_t n, std::size_t rounds, std::size_t depth, copse::cuda where) {
    auto const [x, y] = drawn(n);
    copse::gradient_boosting_classifier trainer{.n_estimators = rounds,
                                                .max_leaf_nodes = copse::unlimited};
    trainer.max_depth = depth;
    bool equal = compare(
        "gradient_boosting_classifier fit", n * rounds, [&] { return trainer.fit(x, y); },
        [&] { return trainer.fit(x, y, where); });
    auto const boosted = trainer.fit(x, y);
    auto const on_gpu = copse::on_device(boosted, where);
    equal &= compare(
        "boosted_classifier predict_proba", n, [&] { return boosted.predict_proba(x); },
        [&] { return on_gpu.predict_proba(x); });
    auto const forest =
        copse::random_forest_classifier{.n_estimators = 100, .max_depth = 12}.fit(x, y);
    auto const forest_on_gpu = copse::on_device(forest, where);
    equal &= compare(
        "forest_classifier predict_proba", n, [&] { return forest.predict_proba(x); },
        [&] { return forest_on_gpu.predict_proba(x); });
    return equal;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
    if (argc == 2 && std::string_view(argv[1]) == "--check") {
        (void)copse::cuda{}.open_stream();
        return 0;
    }
    bench::options const given(argc, argv);
    copse::cuda const where{.device = static_cast<int>(given.number("--device", 0))};
    (void)where.open_stream();
    auto const rounds = given.number("--rounds", 100);
    auto const depth = given.number("--depth", 8);
    bool equal = true;
    if (auto const n = given.number("--rows", 0); n > 0) {
        equal = bench::compare_all(n, rounds, depth, where);
    } else {
        for (std::size_t const rows : {10'000u, 100'000u, 1'000'000u})
            equal &= bench::compare_all(rows, rounds, depth, where);
    }
    return equal ? 0 : 1;
} catch (std::exception const& error) {
    std::fprintf(stderr, "cuda: %s\n", error.what());
    return 1;
}
