// SPDX-License-Identifier: BSD-3-Clause
// One random forest on one prepared set: how long it takes to fit and to ask, how much memory, how
// good it is. Prints one line of JSON, in the terms that bench/against/common.py uses for the
// rivals.
//
//     forest --set bench/.data/letter --threads 2 --trees 100

#include "support/asking.hpp"
#include "support/forests.hpp"
#include "support/json.hpp"
#include "support/measure.hpp"

#include <copse/par/tbb.hpp>

#include <cstddef>
#include <cstdio>
#include <exception>

namespace bench {
namespace {

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
