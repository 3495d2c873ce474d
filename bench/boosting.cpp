// SPDX-License-Identifier: BSD-3-Clause
// One boosting on one prepared set: how long it takes to fit and to ask, how much memory, how good
// it is. Prints one line of JSON, in the terms that bench/against/common.py uses for the rivals.
//
//     boosting --set bench/.data/letter --threads 2 --trees 100 --leaves 31

#include "support/asking.hpp"
#include "support/json.hpp"
#include "support/measure.hpp"
#include "support/options.hpp"
#include "support/prepared_set.hpp"

#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/gradient_boosting_ranker.hpp>
#include <copse/metrics/classification.hpp>
#include <copse/metrics/query_ranking.hpp>
#include <copse/metrics/ranking.hpp>
#include <copse/metrics/regression.hpp>
#include <copse/par/tbb.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

namespace bench {
namespace {

/// Settings that the rivals have too: 0.1, 20 rows, an L2 penalty of 1, 255 bins.
template <class Trainer>
Trainer trainer_of(options const& given) {
    Trainer out;
    out.n_estimators = given.number("--trees", 100);
    out.learning_rate = 0.1;
    out.max_leaf_nodes = given.number("--leaves", 31);
    out.max_depth = given.number("--max-depth", copse::unlimited);
    out.min_samples_leaf = 20;
    out.l2_regularization = 1;
    out.max_bins = given.number("--max-bins", 255);
    return out;
}

std::vector<std::size_t> sizes_of(npy<std::int32_t> const& group) {
    return {group.values.begin(), group.values.end()};
}

using quality = std::pair<char const*, double>;

/// On the test rows: AUC of two classes, accuracy of more.
quality judge(copse::boosted_classifier const& model, prepared_set const& set) {
    auto const x = view_of(set.x_test);
    auto const& y = set.labels_test.values;
    if (model.classes().size() > 2)
        return {"accuracy", copse::metrics::accuracy(y, model.predict(x))};
    return {"roc_auc", copse::metrics::roc_auc(y, model.predict_proba(x), model.classes())};
}

quality judge(copse::boosted_regressor const& model, prepared_set const& set) {
    return {"r2", copse::metrics::r2(set.values_test.values, model.predict(view_of(set.x_test)))};
}

quality judge(copse::boosted_ranker const& model, prepared_set const& set) {
    auto const score = model.predict(view_of(set.x_test));
    return {"ndcg@10", copse::metrics::ndcg_metric{.k = 10}(set.values_test.values, score,
                                                            sizes_of(set.group_test))};
}

/// `y` is what the trainer's fit takes after x.
template <class Trainer, class... Targets>
void measure(options const& given, prepared_set const& set, Targets const&... y) {
    auto const n_jobs = static_cast<int>(given.number("--threads", 1));
    copse::tbb const backend{.n_jobs = n_jobs};
    memory_peak const peak;
    auto const start = std::chrono::steady_clock::now();
    auto const model = trainer_of<Trainer>(given).fit(view_of(set.x), y..., backend);
    auto const fit_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    auto const peak_bytes = peak.bytes();
    auto const [metric, score] = judge(model, set);

    json_line line;
    line("set", set.name)("rival", given.text("--rival", "copse"))("version", "this tree");
    line("backend", "tbb")("threads", n_jobs)("repeat", given.number("--repeat", 0));
    line("rows", set.x.rows)("columns", set.x.cols)("trees", model.n_rounds());
    line("fit_s", fit_s)("peak_bytes", peak_bytes)("model_bytes", model.n_bytes());
    line("nodes", n_nodes(model))("metric", metric)("score", score);
    line("batch_1_rows_s", rows_per_second(model, set.x_test, 1));
    line("batch_n_rows_s", rows_per_second(model, set.x_test, n_jobs));
    line("row_us", single_row_microseconds(model, set.x_test));
    line("row_route", "predict_proba or predict of a span");
    line.print();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
    bench::options const given(argc, argv);
    auto const set = bench::prepared_set::read(given.text("--set", "bench/.data/letter"),
                                               given.number("--rows", bench::all_rows),
                                               given.number("--columns", bench::all_columns));
    switch (set.task) {
        case bench::set_task::classification:
            bench::measure<copse::gradient_boosting_classifier>(given, set, set.labels.values);
            break;
        case bench::set_task::regression:
            bench::measure<copse::gradient_boosting_regressor>(given, set, set.values.values);
            break;
        case bench::set_task::ranking:
            bench::measure<copse::gradient_boosting_ranker>(given, set, set.values.values,
                                                            bench::sizes_of(set.group));
            break;
    }
} catch (std::exception const& error) {
    std::fprintf(stderr, "boosting: %s\n", error.what());
    return 1;
}
