// SPDX-License-Identifier: BSD-3-Clause
#include "estimators.hpp"

#include "automl.hpp"
#include "holdout.hpp"

#include <copse/ensemble.hpp>
#include <copse/io.hpp>
#include <copse/io/meta_format.hpp>
#include <copse/linear.hpp>
#include <copse/model_selection.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <span>
#include <string>
#include <type_traits>

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

/// Columns of a table are of any scale.
struct linear {
    template <class Trainer>
    static auto space() {
        using copse::loguniform, copse::vary;
        if constexpr (requires(Trainer t) { t.C; }) {
            return copse::space(vary(&Trainer::C, loguniform(1e-3, 1e3)));
        } else {
            return copse::space(vary(&Trainer::alpha, loguniform(1e-4, 10)));
        }
    }
    template <class Trainer, class Backend>
    static any_model fit(Trainer trainer, options const& o, copse::dataset const& data,
                         on_progress const&, Backend backend) {
        trainer.standardize = true;
        trainer = tuned(trainer, space<Trainer>(), o, data, backend);
        return trainer.fit(data.x, data.y, {.sample_weight = data.sample_weight}, backend);
    }
};

/// It chooses its C along the way, by five folds.
struct choosing_linear {
    template <class Trainer, class Backend>
    static any_model fit(Trainer trainer, options const& o, copse::dataset const& data,
                         on_progress const&, Backend backend) {
        if (o.tune > 0)
            throw copse::invalid_input(o.model + " chooses its own C: --tune is for others");
        trainer.standardize = true;
        return trainer.fit(data.x, data.y, {.sample_weight = data.sample_weight}, backend);
    }
};

/// Columns should be of one scale; the kernel's width is taken from what they vary on the whole.
struct kernels {
    static double variance(copse::matrix<float> const& x) {
        auto const size = x.rows() * x.cols();
        double sum = 0, squares = 0;
        for (auto const value : std::span(x.data(), size)) {
            sum += static_cast<double>(value);
            squares += static_cast<double>(value) * static_cast<double>(value);
        }
        auto const n = static_cast<double>(size);
        return squares / n - sum / n * (sum / n);
    }
    template <class Trainer, class Backend>
    static any_model fit(Trainer trainer, options const& o, copse::dataset const& data,
                         on_progress const&, Backend backend) {
        auto const spread = variance(data.x) * static_cast<double>(data.x.cols());
        // A fold of a search has half of the rows at least.
        trainer.kernel =
            copse::nystroem{.gamma = spread > 0 ? 1 / spread : 1,
                            .n_components = std::clamp<std::size_t>(data.x.rows() / 2, 1, 300),
                            .random_state = o.seed};
        trainer.C = 10;
        trainer =
            tuned(trainer, copse::space(copse::vary(&Trainer::C, copse::loguniform(0.1, 1e4))), o,
                  data, backend);
        return trainer.fit(data.x, data.y, {.sample_weight = data.sample_weight}, backend);
    }
};

/// In place of a trainer: there is none for targets of that kind.
struct none {};

using fitter = any_model (*)(options const&, copse::dataset const&, on_progress const&);

template <class How, class Trainer>
any_model fit_on(options const& o, copse::dataset const& data, on_progress const& report) {
    if (o.backend == "sequential") return How::fit(Trainer{}, o, data, report, copse::sequential{});
    return How::fit(Trainer{}, o, data, report, copse::tbb{.n_jobs = o.n_jobs});
}

template <class How, class Classifier, class Regressor>
any_model fit_somewhere(options const& o, copse::dataset const& data, on_progress const& report) {
    if constexpr (!std::is_same_v<Classifier, none>) {
        if (data.y.is_classification()) return fit_on<How, Classifier>(o, data, report);
    }
    if constexpr (!std::is_same_v<Regressor, none>) {
        if (!data.y.is_classification()) return fit_on<How, Regressor>(o, data, report);
    }
    throw copse::invalid_input(o.model + " cannot predict " + data.y.name());
}

enum class columns { of_any_kind, finite_numbers };
enum class answers { classes_and_numbers, classes, bare_classes, numbers };

struct estimator {
    char const* name;
    columns takes;
    answers gives;
    fitter fit;
};

constexpr estimator estimators[] = {
    {"random_forest", columns::of_any_kind, answers::classes_and_numbers,
     fit_somewhere<forests, copse::random_forest_classifier, copse::random_forest_regressor>},
    {"extra_trees", columns::of_any_kind, answers::classes_and_numbers,
     fit_somewhere<forests, copse::extra_trees_classifier, copse::extra_trees_regressor>},
    {"gradient_boosting", columns::of_any_kind, answers::classes_and_numbers,
     fit_somewhere<boosting, copse::gradient_boosting_classifier,
                   copse::gradient_boosting_regressor>},
    {"logistic", columns::finite_numbers, answers::classes,
     fit_somewhere<linear, copse::logistic_regression, none>},
    {"logistic_cv", columns::finite_numbers, answers::classes,
     fit_somewhere<choosing_linear, copse::logistic_regression_cv, none>},
    {"kernel_logistic", columns::finite_numbers, answers::classes,
     fit_somewhere<kernels, copse::kernel_logistic_regression, none>},
    {"svm", columns::finite_numbers, answers::bare_classes,
     fit_somewhere<linear, copse::linear_svc, none>},
    {"ridge", columns::finite_numbers, answers::numbers, fit_somewhere<linear, none, copse::ridge>},
    {"lasso", columns::finite_numbers, answers::numbers, fit_somewhere<linear, none, copse::lasso>},
    {"elastic_net", columns::finite_numbers, answers::numbers,
     fit_somewhere<linear, none, copse::elastic_net>},
    {"svr", columns::finite_numbers, answers::numbers,
     fit_somewhere<linear, none, copse::linear_svr>},
    {"automl", columns::of_any_kind, answers::classes_and_numbers, found_by_automl},
};

estimator const& called(std::string const& name) {
    for (auto const& e : estimators) {
        if (name == e.name) return e;
    }
    throw copse::invalid_input("there is no model " + name);
}

}  // namespace

std::vector<std::string> estimator_names() {
    std::vector<std::string> names;
    for (auto const& e : estimators) names.emplace_back(e.name);
    return names;
}

std::vector<std::string> backend_names() { return {"tbb", "sequential"}; }

void check_columns(std::string const& model, copse::dataset const& data) {
    auto const& asked = called(model);
    auto const refuse = [&](std::string const& why) {
        throw copse::invalid_input(model + " takes " + why);
    };
    auto const classes = data.y.is_classification();
    if (classes && asked.gives == answers::numbers)
        refuse("numbers to predict, but " + data.y.name() + " holds classes");
    if (!classes && (asked.gives == answers::classes || asked.gives == answers::bare_classes))
        refuse("classes to predict, but " + data.y.name() + " holds numbers");
    if (asked.takes == columns::of_any_kind) return;
    for (std::size_t j = 0; j < data.features.size(); ++j) {
        auto const& feature = data.features[j];
        if (feature.categorical) refuse("numbers, but " + feature.name + " holds categories");
        for (std::size_t i = 0; i < data.x.rows(); ++i) {
            if (!std::isfinite(data.x(i, j)))
                refuse("numbers, but " + feature.name + " has none in row " + std::to_string(i));
        }
    }
}

bool gives_probabilities(std::string const& model) {
    return called(model).gives != answers::bare_classes;
}

any_model train(options const& o, copse::dataset const& data, on_progress const& report) {
    return called(o.model).fit(o, data, report);
}

void save_model(any_model const& model, std::string const& path, copse::dataset const& columns) {
    std::visit([&](auto const& m) { copse::save(m, path, {.columns = &columns}); }, model);
}

any_model load_model(std::string const& path) {
    auto const kind = copse::saved_kind(path);
    if (kind == "forest_regressor") return copse::load<copse::forest_regressor>(path);
    if (kind == "boosted_regressor") return copse::load<copse::boosted_regressor>(path);
    if (kind == "boosted_classifier") return copse::load<copse::boosted_classifier>(path);
    if (kind == "logistic_classifier") return copse::load<copse::logistic_classifier>(path);
    if (kind == "logistic_classifier_cv") return copse::load<copse::logistic_classifier_cv>(path);
    if (kind == "kernel_classifier") return copse::load<copse::kernel_classifier>(path);
    if (kind == "linear_classifier") return copse::load<copse::linear_classifier>(path);
    if (kind == "linear_regressor") return copse::load<copse::linear_regressor>(path);
    if (kind == "any_classifier") return copse::load<copse::any_classifier>(path);
    if (kind == "any_regressor") return copse::load<copse::any_regressor>(path);
    return copse::load<copse::forest_classifier>(path);
}
