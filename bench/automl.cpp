// SPDX-License-Identifier: BSD-3-Clause
// automl on one prepared set, and copse's trainers as they come, judged by the same test rows: log
// loss of classes, root mean squared error of numbers. Prints lines of JSON, as the rivals in
// bench/against/automl.py do.
//
//     automl --set bench/.data/letter --threads 2 --seconds 60

#include "support/asking.hpp"
#include "support/json.hpp"
#include "support/measure.hpp"
#include "support/options.hpp"
#include "support/prepared_set.hpp"

#include <copse/data/dataset.hpp>
#include <copse/ensemble/extra_trees.hpp>
#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/random_forest.hpp>
#include <copse/linear/elastic_net.hpp>
#include <copse/linear/logistic_regression.hpp>
#include <copse/meta/automl.hpp>
#include <copse/meta/encoding.hpp>
#include <copse/metrics/regression.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

/// The rows to train on; codes are called by their numbers.
copse::dataset table_of(prepared_set const& set) {
    copse::dataset out;
    out.x = copse::matrix<float>(set.x.rows, set.x.cols);
    std::ranges::copy(set.x.values, out.x.data());
    for (std::size_t j = 0; j < set.x.cols; ++j)
        out.features.push_back({std::to_string(j), false, {}});
    for (auto const j : set.categorical) {
        float most = -1;
        for (std::size_t i = 0; i < set.x.rows; ++i) most = std::max(most, set.x.row(i)[j]);
        out.features[j].categorical = true;
        for (int code = 0; code <= static_cast<int>(most); ++code)
            out.features[j].categories.push_back(std::to_string(code));
    }
    if (set.is_regression()) {
        out.y = {"y", copse::column<double>(set.values.values.begin(), set.values.values.end())};
    } else {
        std::vector<std::int64_t> const y(set.labels.values.begin(), set.labels.values.end());
        out.y = {"y", copse::labels(y)};
    }
    return out;
}

/// Of the test rows; less is better.
template <class Model>
double error_of(Model const& model, prepared_set const& set, copse::tbb where) {
    auto const said = answers(model, set.x_test, where);
    if constexpr (requires { model.predict_proba(view_of(set.x_test), where); }) {
        auto const codes = copse::encode(set.labels_test.values, model.classes(), "bench");
        double sum = 0;
        for (std::size_t i = 0; i < codes.size(); ++i)
            sum -= std::log(std::clamp(static_cast<double>(said(i, codes[i])), 1e-15, 1.0));
        return sum / static_cast<double>(codes.size());
    } else {
        return copse::metrics::root_mean_squared_error(set.values_test.values, said);
    }
}

class contest {
public:
    contest(options const& given, prepared_set const& set)
        : set_(set),
          table_(table_of(set)),
          where_{.n_jobs = static_cast<int>(given.number("--threads", 2))},
          seconds_(given.number("--seconds", 60)) {}

    void race() {
        run("copse automl", [&] {
            return copse::automl{.max_duration = std::chrono::seconds(seconds_)}.fit(table_,
                                                                                     where_);
        });
        auto const codes = table_.categorical_features();
        if (set_.is_regression()) {
            single(copse::gradient_boosting_regressor{.categorical_features = codes}, "boosting");
            single(copse::random_forest_regressor{.categorical_features = codes}, "forest");
            single(copse::extra_trees_regressor{.categorical_features = codes}, "extra trees");
            single(copse::encoding_regressor<copse::ridge>{.categorical_features = codes}, "ridge");
        } else {
            single(copse::gradient_boosting_classifier{.categorical_features = codes}, "boosting");
            single(copse::random_forest_classifier{.categorical_features = codes}, "forest");
            single(copse::extra_trees_classifier{.categorical_features = codes}, "extra trees");
            single(copse::encoding_classifier<copse::logistic_regression>{.categorical_features =
                                                                              codes},
                   "logistic regression");
        }
    }

private:
    template <class Trainer>
    void single(Trainer const& trainer, std::string const& name) {
        run("copse " + name, [&] { return trainer.fit(table_.x, table_.y, where_); });
    }

    template <class Fit>
    void run(std::string const& name, Fit const& fit) {
        std::optional<decltype(fit())> found;
        auto const took = seconds([&] { found.emplace(fit()); });
        json_line line;
        line("set", set_.name)("rival", name)("rows", set_.x.rows)("fit_s", took);
        line("metric", set_.is_regression() ? "rmse" : "log_loss")("error", judged(*found));
        line.print();
        std::fflush(stdout);
    }

    template <class Found>
    double judged(Found const& found) {
        if constexpr (requires { found.leaderboard; }) {
            return set_.is_regression() ? error_of(found.regressor(), set_, where_)
                                        : error_of(found.classifier(), set_, where_);
        } else {
            return error_of(found, set_, where_);
        }
    }

    prepared_set const& set_;
    copse::dataset table_;
    copse::tbb where_;
    std::size_t seconds_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
    bench::options const given(argc, argv);
    auto const set = bench::prepared_set::read(given.text("--set", "bench/.data/letter"));
    if (set.task == bench::set_task::ranking) throw std::runtime_error("no set to rank");
    bench::contest(given, set).race();
} catch (std::exception const& e) {
    std::fprintf(stderr, "automl: %s\n", e.what());
    return 1;
}
