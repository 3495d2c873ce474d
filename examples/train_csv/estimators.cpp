// SPDX-License-Identifier: BSD-3-Clause
#include "estimators.hpp"

#include "holdout.hpp"

#include <copse/ensemble.hpp>
#include <copse/io.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>

#include <stdexcept>

namespace {

struct forests {
    template <class Trainer, class Backend>
    static any_model fit(Trainer trainer, options const& o, copse::dataset const& data,
                         on_progress const& report, Backend backend) {
        trainer.n_estimators = o.trees;
        trainer.random_state = o.seed;
        trainer.categorical_features = data.categorical_features();
        return trainer.fit(data.x, data.y,
                           {.sample_weight = data.sample_weight, .on_iteration = report}, backend);
    }
};

/// Boosting stops when a fifth of the rows, held out, have not become better for 20 rounds.
struct boosting {
    template <class Trainer, class Backend>
    static any_model fit(Trainer trainer, options const& o, copse::dataset const& all,
                         on_progress const& report, Backend backend) {
        trainer.n_estimators = o.trees;
        trainer.categorical_features = all.categorical_features();
        auto const [rest, judged] = holdout(all, o.seed + 1);
        return trainer.fit(rest.x, rest.y,
                           {.sample_weight = rest.sample_weight,
                            .validation = {{judged.x, judged.y, judged.sample_weight}},
                            .early_stopping_rounds = 20,
                            .on_iteration = report},
                           backend);
    }
};

using fitter = any_model (*)(options const&, copse::dataset const&, on_progress const&);

template <class How, class Classifier, class Regressor>
any_model fit_somewhere(options const& o, copse::dataset const& data, on_progress const& report) {
    auto const fit = [&](auto backend) {
        if (data.y.is_classification()) {
            return How::fit(Classifier{}, o, data, report, backend);
        }
        return How::fit(Regressor{}, o, data, report, backend);
    };
    if (o.backend == "sequential") return fit(copse::sequential{});
    return fit(copse::tbb{.n_jobs = o.n_jobs});
}

struct estimator {
    char const* name;
    fitter fit;
};

constexpr estimator estimators[] = {
    {"random_forest",
     fit_somewhere<forests, copse::random_forest_classifier, copse::random_forest_regressor>},
    {"extra_trees",
     fit_somewhere<forests, copse::extra_trees_classifier, copse::extra_trees_regressor>},
    {"gradient_boosting", fit_somewhere<boosting, copse::gradient_boosting_classifier,
                                        copse::gradient_boosting_regressor>},
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
    auto const kind = copse::saved_kind(path);
    if (kind == "forest_regressor") return copse::load<copse::forest_regressor>(path);
    if (kind == "boosted_regressor") return copse::load<copse::boosted_regressor>(path);
    if (kind == "boosted_classifier") return copse::load<copse::boosted_classifier>(path);
    return copse::load<copse::forest_classifier>(path);
}
