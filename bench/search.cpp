// SPDX-License-Identifier: BSD-3-Clause
// A search over given runs of gradient boosting on one prepared set: how many runs a minute, and
// how good the best one is. Prints one line of JSON, as the rivals in bench/against/search.py do.
//
//     search --set bench/.data/letter --threads 2 --runs runs.txt --rounds 100
//
// A line of runs.txt is a run: learning rate, leaves, least rows in a leaf, L2 penalty.

#include "support/asking.hpp"
#include "support/json.hpp"
#include "support/measure.hpp"
#include "support/options.hpp"
#include "support/prepared_set.hpp"

#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/metrics/classification.hpp>
#include <copse/metrics/ranking.hpp>
#include <copse/metrics/regression.hpp>
#include <copse/model_selection/search.hpp>
#include <copse/par/tbb.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

struct setting {
    double learning_rate = 0;
    std::size_t max_leaf_nodes = 0;
    std::size_t min_samples_leaf = 0;
    double l2_regularization = 0;
};

std::vector<setting> read_settings(std::string const& path) {
    std::ifstream in(path);
    std::vector<setting> out;
    for (setting s;
         in >> s.learning_rate >> s.max_leaf_nodes >> s.min_samples_leaf >> s.l2_regularization;)
        out.push_back(s);
    if (out.size() < 2) throw std::runtime_error(path + ": has fewer than 2 runs");
    return out;
}

/// A branch for each setting: a grid over them runs each once.
template <class Trainer>
copse::search_space<Trainer> space_of(std::vector<setting> const& settings) {
    using namespace copse;
    std::vector<search_space<Trainer>> branches;
    for (auto const& s : settings) {
        branches.push_back(space(vary(&Trainer::learning_rate, choice(s.learning_rate)),
                                 vary(&Trainer::max_leaf_nodes, choice(s.max_leaf_nodes)),
                                 vary(&Trainer::min_samples_leaf, choice(s.min_samples_leaf)),
                                 vary(&Trainer::l2_regularization, choice(s.l2_regularization))));
    }
    return space(one_of("run", branches));
}

template <class Trainer, class Y, class Metric>
void measure(options const& given, prepared_set const& set, Y const& y, Metric metric) {
    auto const settings = read_settings(given.text("--runs", "runs.txt"));
    auto const n_jobs = static_cast<int>(given.number("--threads", 1));
    auto const space = space_of<Trainer>(settings);
    Trainer base;
    base.n_estimators = given.number("--rounds", 100);
    base = space.at(base, space.point_at([](std::size_t) { return 0.0; }));  // the first
    copse::any_splitter splits = copse::k_fold{5};
    if (set.task == set_task::classification) splits = copse::stratified_k_fold{5};
    memory_peak const peak;
    auto const start = std::chrono::steady_clock::now();
    auto const study = copse::search(base, space,
                                     {.sampling = copse::grid_sampling{},
                                      .primary_metric = metric,
                                      .max_total_runs = settings.size(),
                                      .splits = splits,
                                      .refit = false})
                           .run(view_of(set.x), y, copse::tbb{.n_jobs = n_jobs});
    auto const took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    json_line line;
    line("set", set.name)("rival", "copse")("threads", n_jobs);
    line("runs", study.runs().size())("search_s", took);
    line("runs_per_minute", 60 * static_cast<double>(study.runs().size()) / took);
    line("metric", Metric::name)("best", study.best_run().score)("peak_bytes", peak.bytes());
    line.print();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
    using namespace bench;
    options const given(argc, argv);
    auto const set = prepared_set::read(given.text("--set", "bench/.data/letter"),
                                        given.number("--rows", all_rows));
    namespace metrics = copse::metrics;
    if (set.task == set_task::ranking) throw std::runtime_error("no set to rank is searched");
    if (set.is_regression()) {
        measure<copse::gradient_boosting_regressor>(given, set, set.values.values,
                                                    metrics::root_mean_squared_error);
        return 0;
    }
    auto const& y = set.labels.values;
    if (copse::encode(y).classes.size() > 2) {
        measure<copse::gradient_boosting_classifier>(given, set, y, metrics::accuracy);
    } else {
        measure<copse::gradient_boosting_classifier>(given, set, y, metrics::roc_auc);
    }
} catch (std::exception const& e) {
    std::fprintf(stderr, "search: %s\n", e.what());
    return 1;
}
