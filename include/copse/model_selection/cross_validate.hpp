// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Cross-validation: a trainer is fitted on each split's rows to train and judged on those to test.
/// Folds are independent components over one x: they share its bins and copy nothing of it that
/// they train on (fit_on_rows.hpp).
///
///     auto const cv = cross_validate(random_forest_classifier{}, x, y,
///                                    {.splits = stratified_k_fold{.n_splits = 10},
///                                     .metrics = {metrics::roc_auc, metrics::log_loss}});
///     cv.scores[0].mean();        cv.scores[0].test[3];        cv.fit_seconds[3];
///     labels const out_of_fold = cross_val_predict(logistic_regression{}, x, y);

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/training_rows.hpp>
#include <copse/metrics/classification.hpp>
#include <copse/metrics/regression.hpp>
#include <copse/model_selection/fit_on_rows.hpp>
#include <copse/model_selection/judge.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>
#include <copse/par/tbb.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// What one metric said of each fold.
struct metric_scores {
    std::string name;
    bool greater_is_better = true;
    std::vector<double> test{};
    std::vector<double> train{};  ///< empty unless asked for

    [[nodiscard]] double mean() const {
        double sum = 0;
        for (auto const score : test) sum += score;
        return sum / static_cast<double>(test.size());
    }
    bool operator==(metric_scores const&) const = default;
};

/// What a cross-validation found, fold by fold. `Model` is the trainer's.
template <class Model>
struct cross_validation {
    std::vector<metric_scores> scores{};  ///< one for each metric
    std::vector<double> fit_seconds{};    ///< wall clock, whatever else ran meanwhile
    std::vector<double> score_seconds{};
    std::vector<row_split> folds{};
    std::vector<Model> models{};  ///< empty unless they were kept
};

/// How to cross-validate. `Metric` is classification_metric or regression_metric.
template <class Metric>
struct cross_validate_options {
    /// Five folds, stratified if the targets are labels, unless said otherwise.
    std::optional<any_splitter> splits{};
    std::vector<Metric> metrics{};  ///< none: accuracy, or r2
    labels_view groups{};           ///< of the rows, for splitters that keep them together
    values_view sample_weight{};    ///< of the rows, in fits and in scores
    bool train_scores = false;      ///< judge the rows to train, too
    bool keep_models = false;
    std::stop_token stop{};  ///< cross_validate then throws copse::stopped
};

/// Fits a model for each split and judges it. `x` is (n, d), dense, or sparse if the trainer takes
/// that; `y` has n labels or values.
///
/// Binning  cuts of forests and boosting are quantiles of all rows of x, tested ones included.
/// Throws   invalid_input, and what the trainer or a metric throws: a metric that needs
///          probabilities of a model that has none, a fold without one of the classes. Search
///          records such errors instead.
/// Cost     that of the fits; besides them the bins of x once and copies of the rows to test.
/// Determinism  that of the trainer; folds do not depend on the backend.
template <trainer Trainer, class X, backend B = tbb>
[[nodiscard]] auto cross_validate(
    Trainer const& trainer, X const& x, detail::targets_of<Trainer> y,
    cross_validate_options<detail::metric_of<Trainer>> const& options = {}, B const& backend = {});

/// Each row's label or value, predicted by the model of the fold that it tests in.
/// Throws as cross_validate, and invalid_input unless every row tests once. Of `options`, splits,
/// groups, sample_weight and stop are looked at.
template <trainer Trainer, class X, backend B = tbb>
[[nodiscard]] auto cross_val_predict(
    Trainer const& trainer, X const& x, detail::targets_of<Trainer> y,
    cross_validate_options<detail::metric_of<Trainer>> const& options = {}, B const& backend = {});

/// The same with probabilities: (n, K), for y's distinct labels in increasing order. A class that a
/// fold's training rows lack has probability 0 in it.
template <trainer Trainer, class X, backend B = tbb>
[[nodiscard]] matrix<float> cross_val_predict_proba(
    Trainer const& trainer, X const& x, labels_view y,
    cross_validate_options<classification_metric> const& options = {}, B const& backend = {});

// ------------------------------------------------------------------ implementation below

namespace detail {

[[nodiscard]] inline any_splitter splitter_or_default(std::optional<any_splitter> const& given,
                                                      labels_view) {
    return given ? *given : any_splitter(stratified_k_fold{});
}
[[nodiscard]] inline any_splitter splitter_or_default(std::optional<any_splitter> const& given,
                                                      values_view) {
    return given ? *given : any_splitter(k_fold{});
}
inline void add_default_metric(std::vector<classification_metric>& metrics) {
    if (metrics.empty()) metrics.push_back(metrics::accuracy);
}
inline void add_default_metric(std::vector<regression_metric>& metrics) {
    if (metrics.empty()) metrics.push_back(metrics::r2);
}

[[nodiscard]] inline labels_view labels_to_split(labels_view y) { return y; }
[[nodiscard]] inline labels_view labels_to_split(values_view) { return {}; }

/// The splits of x's rows. Throws unless there are some, and each trains and tests rows of x.
template <class X, class Y>
[[nodiscard]] std::vector<row_split> folds_of(std::string_view who, X const& x, Y const& y,
                                              values_view weight, labels_view groups,
                                              std::optional<any_splitter> const& splits) {
    auto const n = x.rows();
    check_training_set(who, n, x.cols(), y.size(),
                       std::same_as<Y, labels_view> ? "labels" : "values", weight);
    auto folds = splitter_or_default(splits, y).split({n, labels_to_split(y), groups});
    if (folds.empty()) throw invalid_input(sentence(who, ": there are 0 splits; it needs 1"));
    for (std::size_t f = 0; f < folds.size(); ++f) {
        for (auto* const part : {&folds[f].train, &folds[f].test}) {
            if (part->empty()) {
                throw invalid_input(sentence(who, ": split ", f, " has ", folds[f].train.size(),
                                             " rows to train and ", folds[f].test.size(),
                                             " to test; it needs 1 of each"));
            }
            if (!std::ranges::is_sorted(*part)) std::ranges::sort(*part);
            if (part->back() >= n) {
                throw invalid_input(sentence(who, ": split ", f, " names row ", part->back(),
                                             " but x has ", n, " rows"));
            }
        }
    }
    return folds;
}

[[nodiscard]] inline std::optional<shared_bins> bins_over(features_view x) {
    return shared_bins(x);
}
[[nodiscard]] inline std::optional<shared_bins> bins_over(csr_view) { return std::nullopt; }

using seconds_clock = std::chrono::steady_clock;
[[nodiscard]] inline double seconds_since(seconds_clock::time_point begin) {
    return std::chrono::duration<double>(seconds_clock::now() - begin).count();
}

/// The scores of one metric, without numbers.
template <class Metric>
[[nodiscard]] std::vector<metric_scores> empty_scores(std::vector<Metric> const& metrics,
                                                      std::size_t n_folds, bool train) {
    std::vector<metric_scores> out;
    for (auto const& m : metrics) {
        out.push_back({std::string(m.name()), m.greater_is_better(), std::vector<double>(n_folds),
                       std::vector<double>(train ? n_folds : 0)});
    }
    return out;
}

/// Fits the folds as components and calls f(fold, model, inside).
template <class Trainer, class X, class Y, class F>
void for_each_fold(Trainer const& trainer, X x, Y y, std::vector<row_split> const& folds,
                   values_view weight, std::stop_token const& stop, any_backend const& outer,
                   F const& f) {
    outer.enter([&] {
        auto const inside = outer.inherited();
        auto bins = bins_over(x);
        prepare_bins(bins ? &*bins : nullptr, trainer, x, inside);
        for_each_component(inside, folds.size(), stop, [&](std::size_t k) {
            row_fit<Y> fit{folds[k].train, weight, stop, bins ? &*bins : nullptr};
            auto const begin = seconds_clock::now();
            auto model = fit_on_rows(trainer, x, y, fit, inside);
            f(k, std::move(model), seconds_since(begin), inside);
        });
    });
}

/// Throws unless every row of n tests once.
inline void check_partition(std::string_view who, std::vector<row_split> const& folds,
                            std::size_t n) {
    std::vector<std::size_t> times(n);
    for (auto const& fold : folds) {
        for (auto const row : fold.test) ++times[row];
    }
    for (std::size_t i = 0; i < n; ++i) {
        if (times[i] == 1) continue;
        throw invalid_input(
            sentence(who, ": row ", i, " tests ", times[i], " times; every row must once"));
    }
}

}  // namespace detail

template <trainer Trainer, class X, backend B>
auto cross_validate(Trainer const& trainer, X const& x, detail::targets_of<Trainer> y,
                    cross_validate_options<detail::metric_of<Trainer>> const& options,
                    B const& backend) {
    constexpr std::string_view who = "cross_validate";
    using model = detail::model_of<Trainer, detail::borrowed_as<X>>;
    detail::check_n_jobs(backend, who);
    auto const rows = detail::borrowed(x);
    auto const& weight = options.sample_weight;
    auto metrics = options.metrics;
    detail::add_default_metric(metrics);
    cross_validation<model> out;
    out.folds = detail::folds_of(who, rows, y, weight, options.groups, options.splits);
    auto const n_folds = out.folds.size();
    out.scores = detail::empty_scores(metrics, n_folds, options.train_scores);
    out.fit_seconds.resize(n_folds);
    out.score_seconds.resize(n_folds);
    std::vector<std::optional<model>> kept(options.keep_models ? n_folds : 0);
    detail::for_each_fold(
        trainer, rows, y, out.folds, weight, options.stop, backend,
        [&](std::size_t k, model fitted, double seconds, any_backend const& inside) {
            out.fit_seconds[k] = seconds;
            auto const begin = detail::seconds_clock::now();
            auto const judge = [&](std::vector<std::size_t> const& part, auto field) {
                auto const said = detail::judged(fitted, rows, y, part, weight, metrics, inside);
                for (std::size_t m = 0; m < said.size(); ++m) (out.scores[m].*field)[k] = said[m];
            };
            judge(out.folds[k].test, &metric_scores::test);
            if (options.train_scores) judge(out.folds[k].train, &metric_scores::train);
            out.score_seconds[k] = detail::seconds_since(begin);
            if (options.keep_models) kept[k].emplace(std::move(fitted));
        });
    for (auto& k : kept) out.models.push_back(std::move(*k));
    return out;
}

template <trainer Trainer, class X, backend B>
auto cross_val_predict(Trainer const& trainer, X const& x, detail::targets_of<Trainer> y,
                       cross_validate_options<detail::metric_of<Trainer>> const& options,
                       B const& backend) {
    constexpr std::string_view who = "cross_val_predict";
    detail::check_n_jobs(backend, who);
    auto const rows = detail::borrowed(x);
    auto const folds =
        detail::folds_of(who, rows, y, options.sample_weight, options.groups, options.splits);
    detail::check_partition(who, folds, rows.rows());
    // Each fold writes places of its own.
    using predicted =
        std::conditional_t<detail::classifies<Trainer>, std::vector<std::uint32_t>, column<double>>;
    predicted out(rows.rows());
    [[maybe_unused]] labels classes;
    if constexpr (detail::classifies<Trainer>) classes = encode(y).classes;
    detail::for_each_fold(trainer, rows, y, folds, options.sample_weight, options.stop, backend,
                          [&](std::size_t k, auto const& model, double, any_backend const& inside) {
                              auto const& test = folds[k].test;
                              detail::with_rows(rows, test, [&](auto own) {
                                  auto const said = detail::predict_with(model, own, inside);
                                  if constexpr (detail::classifies<Trainer>) {
                                      auto const codes = encode(said, classes, who);
                                      for (std::size_t i = 0; i < test.size(); ++i)
                                          out[test[i]] = codes[i];
                                  } else {
                                      for (std::size_t i = 0; i < test.size(); ++i)
                                          out[test[i]] = said[i];
                                  }
                              });
                          });
    if constexpr (detail::classifies<Trainer>) {
        return classes.at_codes(out);
    } else {
        return out;
    }
}

template <trainer Trainer, class X, backend B>
matrix<float> cross_val_predict_proba(Trainer const& trainer, X const& x, labels_view y,
                                      cross_validate_options<classification_metric> const& options,
                                      B const& backend) {
    constexpr std::string_view who = "cross_val_predict_proba";
    detail::check_n_jobs(backend, who);
    auto const rows = detail::borrowed(x);
    auto const folds =
        detail::folds_of(who, rows, y, options.sample_weight, options.groups, options.splits);
    detail::check_partition(who, folds, rows.rows());
    auto const classes = encode(y).classes;
    matrix<float> out(rows.rows(), classes.size());
    detail::for_each_fold(trainer, rows, y, folds, options.sample_weight, options.stop, backend,
                          [&](std::size_t k, auto const& model, double, any_backend const& inside) {
                              auto const& test = folds[k].test;
                              auto const column_of = encode(model.classes(), classes, who);
                              detail::with_rows(rows, test, [&](auto own) {
                                  auto const proba = detail::probabilities_with(model, own, inside);
                                  for (std::size_t i = 0; i < test.size(); ++i) {
                                      for (std::size_t c = 0; c < column_of.size(); ++c)
                                          out(test[i], column_of[c]) = proba(i, c);
                                  }
                              });
                          });
    return out;
}

}  // namespace copse
