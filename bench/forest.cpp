// SPDX-License-Identifier: BSD-3-Clause
// One random forest on one prepared set: how long it takes to fit and to ask, how much memory, how
// good it is. Prints one line of JSON, in the terms that bench/against/common.py uses for the
// rivals.
//
//     forest --set bench/.data/letter --threads 2 --trees 100

#include "support/forests.hpp"
#include "support/json.hpp"
#include "support/measure.hpp"

#include <copse/par/tbb.hpp>

#include <cstddef>
#include <cstdio>
#include <exception>
#include <span>
#include <utility>
#include <vector>

namespace bench {
namespace {

/// The median time of one row, over 2000 test rows.
template <class Forest>
double single_row_microseconds(Forest const& forest, npy<float> const& x) {
    one_row ask(forest);
    std::vector<double> times;
    for (std::size_t i = 0; i < 2000; ++i) {
        std::span const row(x.row(i % x.rows), x.cols);
        times.push_back(seconds([&] { ask(forest, row); }));
        keep(ask);
    }
    return 1e6 * median(std::move(times));
}

template <class Forest>
double rows_per_second(Forest const& forest, npy<float> const& x, int n_jobs) {
    auto const once =
        median_seconds([&] { keep(answers(forest, x, copse::tbb{.n_jobs = n_jobs})); }, 0.5);
    return static_cast<double>(x.rows) / once;
}

template <class Forest>
std::size_t n_nodes(Forest const& forest) {
    std::size_t sum = 0;
    for (auto const& tree : forest.trees()) sum += tree.nodes().size();
    return sum;
}

template <class Trainer>
void measure(options const& given, prepared_set const& set, Trainer const& trainer) {
    auto const n_jobs = static_cast<int>(given.number("--threads", 1));
    copse::tbb const backend{.n_jobs = n_jobs};
    memory_peak const peak;
    auto const start = std::chrono::steady_clock::now();
    auto const forest = fit(set, trainer, backend);
    auto const fit_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    auto const peak_bytes = peak.bytes();
    auto const [metric, score, rmse] = judge(forest, set);

    json_line line;
    line("set", set.name)("rival", given.text("--rival", "copse"))("version", "this tree");
    line("backend", "tbb")("threads", n_jobs)("repeat", given.number("--repeat", 0));
    line("rows", set.x.rows)("columns", set.x.cols)("trees", forest.trees().size());
    line("fit_s", fit_s)("peak_bytes", peak_bytes)("model_bytes", forest.n_bytes());
    line("nodes", n_nodes(forest))("metric", metric)("score", score)("rmse", rmse);
    line("batch_1_rows_s", rows_per_second(forest, set.x_test, 1));
    line("batch_n_rows_s", rows_per_second(forest, set.x_test, n_jobs));
    line("row_us", single_row_microseconds(forest, set.x_test));
    line("row_route", "predict_proba or predict of a span");
    line.print();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
    bench::options const given(argc, argv);
    auto const set = bench::prepared_set::read(given.text("--set", "bench/.data/letter"),
                                               given.number("--rows", bench::all_rows));
    bench::with_trainer(given, set,
                        [&](auto const& trainer) { bench::measure(given, set, trainer); });
} catch (std::exception const& error) {
    std::fprintf(stderr, "forest: %s\n", error.what());
    return 1;
}
