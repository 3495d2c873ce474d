// SPDX-License-Identifier: BSD-3-Clause
#include "estimators.hpp"

#include <copse/ensemble.hpp>
#include <copse/io.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>

#include <stdexcept>

namespace {

template <class Classifier, class Regressor, class Backend>
any_model fit(options const& o, copse::dataset const& data, on_progress const& report,
              Backend backend) {
    auto const columns = data.categorical_features();
    if (data.y.is_classification()) {
        return Classifier{
            .n_estimators = o.trees, .categorical_features = columns, .random_state = o.seed}
            .fit(data.x, data.y, {.sample_weight = data.sample_weight, .on_iteration = report},
                 backend);
    }
    return Regressor{
        .n_estimators = o.trees, .categorical_features = columns, .random_state = o.seed}
        .fit(data.x, data.y, {.sample_weight = data.sample_weight, .on_iteration = report},
             backend);
}

using fitter = any_model (*)(options const&, copse::dataset const&, on_progress const&);

template <class Classifier, class Regressor>
any_model fit_somewhere(options const& o, copse::dataset const& data, on_progress const& report) {
    if (o.backend == "sequential") {
        return fit<Classifier, Regressor>(o, data, report, copse::sequential{});
    }
    return fit<Classifier, Regressor>(o, data, report, copse::tbb{.n_jobs = o.n_jobs});
}

struct estimator {
    char const* name;
    fitter fit;
};

constexpr estimator estimators[] = {
    {"random_forest",
     fit_somewhere<copse::random_forest_classifier, copse::random_forest_regressor>},
    {"extra_trees", fit_somewhere<copse::extra_trees_classifier, copse::extra_trees_regressor>},
};

}  // namespace

std::vector<std::string> estimator_names() {
    std::vector<std::string> names;
    for (auto const& e : estimators) names.emplace_back(e.name);
    return names;
}

std::vector<std::string> backend_names() { return {"tbb", "sequential"}; }

any_model train(options const& o, copse::dataset const& data, on_progress const& report) {
    for (auto const& e : estimators) {
        if (o.model == e.name) return e.fit(o, data, report);
    }
    throw copse::invalid_input("there is no model " + o.model);
}

void save_model(any_model const& model, std::string const& path, copse::dataset const& columns) {
    std::visit([&](auto const& m) { copse::save(m, path, {.columns = &columns}); }, model);
}

any_model load_model(std::string const& path) {
    if (copse::saved_kind(path) == "forest_regressor") {
        return copse::load<copse::forest_regressor>(path);
    }
    return copse::load<copse::forest_classifier>(path);
}
