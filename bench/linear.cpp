// SPDX-License-Identifier: BSD-3-Clause
// Linear models on a set of bench/prepare_linear.py, solved more and more tightly: a line of JSON
// for each tolerance, with the seconds and the objective that they bought. bench/race_linear.py
// compares them with what others needed for the same objective.
//
//     linear --set bench/.data/linear/letter --loss logistic --threads 2 --tolerances 0.1,0.01

#include "support/json.hpp"
#include "support/linear_set.hpp"
#include "support/measure.hpp"
#include "support/options.hpp"

#include <copse/linear.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <optional>
#include <sstream>
#include <string>

namespace bench {
namespace {

template <class Trainer>
void race(options const& given, linear_set const& set, Trainer trainer) {
    auto const threads = static_cast<int>(given.number("--threads", 2));
    std::istringstream tolerances(given.text("--tolerances", "0.1,0.01,0.001,0.0001"));
    for (std::string text; std::getline(tolerances, text, ',');) {
        trainer.C = std::stod(given.text("--C", "1"));
        trainer.tolerance = std::stod(text);
        trainer.fit_intercept = given.number("--intercept", 0) != 0;
        using model = decltype(trainer.fit(set.x(), set.labels()));
        std::optional<model> fitted;
        memory_peak peak;
        auto const used = std::clock();
        auto const time = seconds([&] {
            fitted.emplace(trainer.fit(set.x(), set.labels(), copse::tbb{.n_jobs = threads}));
        });
        auto const cpu = static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC;
        auto const bytes = peak.bytes();
        double objective = 0;
        std::size_t passes = 0;
        for (auto const& r : fitted->reports()) {
            objective += r.objective;
            passes = std::max(passes, r.n_passes);
        }
        auto const predict_s = seconds(
            [&] { keep(fitted->decision_function(set.x(), copse::tbb{.n_jobs = threads})); });
        json_line line;
        line("set", set.name())("rival", "copse")("threads", threads)("tolerance", text);
        line("fit_s", time)("cpu_s", cpu)("objective", objective)("passes", passes)("peak_bytes",
                                                                                    bytes);
        line("input_bytes", set.n_bytes())("predict_s", predict_s);
        line("converged", fitted->converged());
        line.print();
        std::fflush(stdout);
    }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
    bench::options const given(argc, argv);
    bench::linear_set const set(given.text("--set", "bench/.data/linear/letter"));
    auto const loss = given.text("--loss", "logistic");
    if (loss == "squared_hinge") {
        bench::race(given, set, copse::linear_svc{});
    } else if (loss == "multinomial") {
        bench::race(given, set, copse::logistic_regression{.multi_class = copse::multinomial});
    } else {
        bench::race(given, set, copse::logistic_regression{});
    }
} catch (std::exception const& error) {
    std::fprintf(stderr, "linear: %s\n", error.what());
    return 1;
}
