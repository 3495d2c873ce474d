// SPDX-License-Identifier: BSD-3-Clause
#include "estimators.hpp"

#include "holdout.hpp"

#include <copse/ensemble.hpp>
#include <copse/io.hpp>
#include <copse/model_selection.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>

#include <iostream>
#include <stdexcept>

namespace {

/// The best of some runs by its score on folds; the trainer itself is one of them.
template <class Trainer, class Backend>
Trainer tuned(Trainer const& trainer, copse::search_space<Trainer> const& space, options const& o,
              copse::dataset const& data, Backend backend) {
    if (o.tune == 0) return trainer;
    auto const study = copse::search(trainer, space,
                                     {.sampling = copse::bayesian{},
                                      .max_total_runs = o.tune,
                                      .early_termination = copse::median_stopping{},
                                      .sample_weight = data.sample_weight,
                                      .random_state = o.seed,
                                      .refit = false})
                           .run(data.x, data.y, backend);
    std::cerr << "tuned:";
    for (auto const& p : study.best_run().parameters)
        std::cerr << ' ' << p.name << '=' << p.to_string();
    std::cerr << " (" << study.best_run().score << " instead of " << study.runs()[0].score << ")\n";
    return study.best_trainer();
}

struct forests {
    template <class Trainer>
    static auto space() {
        using copse::choice, copse::feature_count, copse::vary;
        return copse::space(vary(&Trainer::max_features,
                                 choice(feature_count::sqrt(), feature_count::fraction(0.3),
                                        feature_count::fraction(0.6), feature_count::all())),
                            vary(&Trainer::min_samples_leaf, choice(1, 2, 4, 8, 16)));
    }
    template <class Trainer, class Backend>
    static any_model fit(Trainer trainer, options const& o, copse::dataset const& data,
                         on_progress const& report, Backend backend) {
        trainer.n_estimators = o.trees;
        trainer.random_state = o.seed;
        trainer.categorical_features = data.categorical_features();
        trainer = tuned(trainer, space<Trainer>(), o, data, backend);
        return trainer.fit(data.x, data.y,
                           {.sample_weight = data.sample_weight, .on_iteration = report}, backend);
    }
};

/// Boosting stops when a fifth of the rows, held out, have not become better for 20 rounds.
struct boosting {
    template <class Trainer>
    static auto space() {
        using copse::choice, copse::loguniform, copse::vary;
        return copse::space(vary(&Trainer::learning_rate, loguniform(0.01, 0.3)),
                            vary(&Trainer::max_leaf_nodes, choice(7, 15, 31, 63)),
                            vary(&Trainer::min_samples_leaf, choice(5, 10, 20, 50)),
                            vary(&Trainer::l2_regularization, loguniform(1e-3, 10)));
    }
    template <class Trainer, class Backend>
    static any_model fit(Trainer trainer, options const& o, copse::dataset const& all,
                         on_progress const& report, Backend backend) {
        trainer.n_estimators = o.trees;
        trainer.categorical_features = all.categorical_features();
        trainer = tuned(trainer, space<Trainer>(), o, all, backend);
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
