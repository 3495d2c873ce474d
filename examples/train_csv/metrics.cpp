// SPDX-License-Identifier: BSD-3-Clause
#include "metrics.hpp"

#include <copse/metrics.hpp>
#include <copse/par/tbb.hpp>

namespace {

using namespace copse::metrics;

/// f(model) if it is a classifier, or a regressor: check_metric has made sure that it is, and that
/// it has the probabilities that a metric takes.
template <class F>
double of_classifier(any_model const& model, F const& f) {
    return std::visit(
        [&](auto const& m) {
            if constexpr (requires { m.classes(); }) return f(m);
            return 0.0;
        },
        model);
}
template <class F>
double of_regressor(any_model const& model, F const& f) {
    return std::visit(
        [&](auto const& m) {
            if constexpr (!requires { m.classes(); }) return f(m);
            return 0.0;
        },
        model);
}

template <class Metric>
double of_labels(any_model const& model, copse::dataset const& t, copse::tbb where) {
    return of_classifier(model, [&](auto const& m) {
        return Metric{}(t.y, m.predict(t.x, where), t.sample_weight);
    });
}
template <class Metric>
double of_probabilities(any_model const& model, copse::dataset const& t, copse::tbb where) {
    return of_classifier(model, [&](auto const& m) {
        if constexpr (requires { m.predict_proba(t.x, where); })
            return Metric{}(t.y, m.predict_proba(t.x, where), m.classes(), t.sample_weight);
        return 0.0;
    });
}
template <class Metric>
double of_values(any_model const& model, copse::dataset const& t, copse::tbb where) {
    return of_regressor(model, [&](auto const& m) {
        return Metric{}(t.y, m.predict(t.x, where), t.sample_weight);
    });
}

struct for_classes {
    char const* name;
    bool takes_probabilities;
    double (*of)(any_model const&, copse::dataset const&, copse::tbb);
};
constexpr for_classes class_metrics[] = {
    {"accuracy", false, of_labels<accuracy_metric>},
    {"balanced_accuracy", false, of_labels<balanced_accuracy_metric>},
    {"matthews_corrcoef", false, of_labels<matthews_corrcoef_metric>},
    {"log_loss", true, of_probabilities<log_loss_metric>},
    {"roc_auc", true, of_probabilities<roc_auc_metric>},
};

struct for_values {
    char const* name;
    double (*of)(any_model const&, copse::dataset const&, copse::tbb);
};
constexpr for_values value_metrics[] = {
    {"r2", of_values<r2_metric>},
    {"root_mean_squared_error", of_values<root_mean_squared_error_metric>},
    {"mean_absolute_error", of_values<mean_absolute_error_metric>},
};

template <class Table>
auto const* find(Table const& table, std::string const& name) {
    for (auto const& entry : table) {
        if (name == entry.name) return &entry;
    }
    return static_cast<decltype(&table[0])>(nullptr);
}

}  // namespace

std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (auto const& m : class_metrics) names.emplace_back(m.name);
    for (auto const& m : value_metrics) names.emplace_back(m.name);
    return names;
}

std::string usual_metric(copse::target const& y) {
    return y.is_classification() ? class_metrics[0].name : value_metrics[0].name;
}

void check_metric(std::string const& name, std::string const& model, copse::target const& y) {
    if (y.is_classification()) {
        if (auto const* const metric = find(class_metrics, name)) {
            if (!metric->takes_probabilities || gives_probabilities(model)) return;
            throw copse::invalid_input(name + " judges probabilities, which " + model +
                                       " does not give");
        }
    } else if (find(value_metrics, name) != nullptr) {
        return;
    }
    throw copse::invalid_input(name + " does not judge " +
                               (y.is_classification() ? "classes" : "numbers") + ", which " +
                               y.name() + " holds");
}

double judge(std::string const& name, any_model const& model, copse::dataset const& test,
             int n_jobs) {
    copse::tbb const where{.n_jobs = n_jobs};
    if (test.y.is_classification()) return find(class_metrics, name)->of(model, test, where);
    return find(value_metrics, name)->of(model, test, where);
}
