// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Logistic regression that chooses its own C, and share of |w|_1, by cross-validation.
///
///     auto const model = copse::logistic_regression_cv{.Cs = 20}.fit(x, y);
///     model.C();  model.scores();  model.predict_proba(x_new);
///     logistic_regression_cv{.Cs = {0.1, 1, 10}, .l1_ratios = {0, 0.5, 1},
///                            .cv = stratified_k_fold{10}, .scoring = metrics::roc_auc};
///
/// Along the Cs of a fold each fit begins where the last ended; folds and classes are independent
/// and share passes over x (linear/logistic_paths.hpp). Nothing of x is copied: rows that are not
/// trained on weigh nothing, and those that test are scored where they are.

#include <copse/core/checks.hpp>
#include <copse/core/class_weights.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/linear/column_moments.hpp>
#include <copse/linear/column_scales.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/logistic_paths.hpp>
#include <copse/linear/logistic_regression.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/metrics/classification.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/path_board.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// Values of C to choose from: so many between 1e-4 and 1e4, their logarithms evenly spaced, or
/// these.
class logistic_Cs {
public:
    logistic_Cs(int count);
    logistic_Cs(std::vector<double> values) : values_(std::move(values)) {}
    logistic_Cs(std::initializer_list<double> values) : values_(values) {}

    [[nodiscard]] std::vector<double> const& values() const noexcept { return values_; }
    bool operator==(logistic_Cs const&) const = default;

private:
    std::vector<double> values_;
};

/// What was tried.
struct logistic_candidate {
    double C, l1_ratio;

    bool operator==(logistic_candidate const&) const = default;
};

/// What a cross-validation of logistic regressions found.
struct logistic_scores {
    std::vector<logistic_candidate> candidates;  ///< by l1_ratio as given, then by increasing C
    matrix<double> of_folds;  ///< a row for each candidate, a column for each fold
    std::size_t best = 0;     ///< candidate

    bool operator==(logistic_scores const&) const = default;
};

/// A logistic regression that knows how its C was chosen.
class logistic_classifier_cv : public logistic_classifier {
public:
    logistic_classifier_cv(detail::linear_parts parts, logistic_scores found)
        : logistic_classifier(std::move(parts)), found_(std::move(found)) {}

    [[nodiscard]] double C() const noexcept { return found_.candidates[found_.best].C; }
    [[nodiscard]] double l1_ratio() const noexcept {
        return found_.candidates[found_.best].l1_ratio;
    }
    [[nodiscard]] logistic_scores const& scores() const noexcept { return found_; }
    /// Of each candidate, over the folds.
    [[nodiscard]] std::vector<double> mean_scores() const {
        return detail::row_means(found_.of_folds);
    }

    bool operator==(logistic_classifier_cv const&) const = default;

private:
    logistic_scores found_;
};

/// What else a fit of logistic_regression_cv can be given.
struct logistic_cv_options {
    values_view sample_weight{};  ///< n numbers >= 0, in fits and in scores
    std::stop_token stop{};       ///< asked between passes; fit then throws copse::stopped
    labels_view groups{};         ///< of the rows, for a cv that keeps them together
};

/// logistic_regression with the C, and l1_ratio, of the greatest mean score over the folds. Fields
/// bear scikit-learn's names where they keep its meaning; others are logistic_regression's.
struct logistic_regression_cv {
    logistic_Cs Cs = 10;
    std::optional<any_splitter> cv{};  ///< five folds, stratified, unless said otherwise
    classification_metric scoring = metrics::accuracy;
    multi_class_rule multi_class = multi_class_rule::one_vs_rest;
    std::vector<double> l1_ratios{0};
    bool refit = true;  ///< on all rows; else the model is the mean of the folds' own
    bool fit_intercept = true;
    bool standardize = false;  ///< for each fold by its own rows
    class_weights class_weight{};
    double tolerance = 1e-3;
    std::size_t max_iter = 1000;

    /// `x` is (n, d), dense or sparse, finite; `y` has n labels, integers or strings.
    ///
    /// All classes have one C. With refit the model is that of logistic_regression with what was
    /// chosen. Without it reports() add up those of the folds.
    ///
    /// Ties    the l1_ratio that was given first, then the smaller C.
    /// Throws  invalid_input, naming the argument and both numbers: what logistic_regression
    ///         throws; no C or l1_ratio; a fold whose training rows lack a class; and what the
    ///         metric throws.
    /// Cost    that of the fits, each C but the first from the last one's weights; 8 bytes a row
    ///         and fold, and 8 (16 if x is double) a row, fold and class of paths at work.
    /// Determinism  equal for every backend, n_jobs and instruction set, by one build.
    template <backend B = tbb>
    [[nodiscard]] logistic_classifier_cv fit(samples_view x, labels_view y,
                                             B const& backend = {}) const {
        return fit(x, y, logistic_cv_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] logistic_classifier_cv fit(samples_view x, labels_view y,
                                             logistic_cv_options const& options,
                                             B const& backend = {}) const {
        return fit_in<any_backend>(x, y, options, backend);
    }

private:
    template <backend B>
    [[nodiscard]] logistic_classifier_cv fit_in(samples_view x, labels_view y,
                                                logistic_cv_options const& options,
                                                B const& outer) const;
    [[nodiscard]] logistic_regression trainer_of(logistic_candidate const& chosen) const {
        return {chosen.C,    multi_class,  chosen.l1_ratio, fit_intercept,
                standardize, class_weight, tolerance,       max_iter};
    }
    void check(std::string_view who) const;
};

// ------------------------------------------------------------------ implementation below

inline logistic_Cs::logistic_Cs(int count) {
    for (int i = 0; i < count; ++i)
        values_.push_back(std::pow(10.0, count == 1 ? -4.0 : -4 + 8.0 * i / (count - 1)));
}

inline void logistic_regression_cv::check(std::string_view who) const {
    if (Cs.values().empty() || l1_ratios.empty()) {
        throw invalid_input(detail::sentence(who, ": there are ", Cs.values().size(), " Cs and ",
                                             l1_ratios.size(),
                                             " l1_ratios; there must be 1 of each at least"));
    }
    for (auto const C : Cs.values()) {
        detail::check_range(who, "Cs", C, std::numeric_limits<double>::min(),
                            std::numeric_limits<double>::max(), "greater than 0 and finite");
    }
    for (auto const ratio : l1_ratios) {
        detail::check_logistic(who, ratio, multi_class);
        if (ratio == 0 || multi_class != multinomial) continue;
        throw invalid_input(detail::sentence(
            who, ": l1_ratio is ", ratio, " and multi_class multinomial; that needs one_vs_rest"));
    }
    detail::check_settings(detail::settings_of(who, *this));
}

namespace detail {

[[nodiscard]] inline logistic_scores nothing_found(std::vector<double> const& Cs,
                                                   std::vector<double> const& l1_ratios,
                                                   std::size_t n_folds) {
    logistic_scores out{{}, matrix<double>(Cs.size() * l1_ratios.size(), n_folds)};
    for (auto const ratio : l1_ratios) {
        for (auto const C : Cs) out.candidates.push_back({C, ratio});
    }
    return out;
}

/// The rows of each fold that train, as weights of all rows. Throws if they lack a class.
[[nodiscard]] inline std::vector<path_fold> folds_by_weight(std::string_view who,
                                                            std::vector<row_split> const& folds,
                                                            encoded_labels const& y,
                                                            std::vector<double> const& costs) {
    std::vector<path_fold> out;
    for (std::size_t f = 0; f < folds.size(); ++f) {
        path_fold own{std::vector<double>(costs.size())};
        std::vector<double> of_class(y.classes.size());
        for (auto const row : folds[f].train) {
            own.weights[row] = costs[row];
            of_class[y.codes[row]] += costs[row];
        }
        for (std::size_t k = 0; k < of_class.size(); ++k) {
            if (of_class[k] > 0) continue;
            throw invalid_input(sentence(who, ": of the ", folds[f].train.size(),
                                         " rows that split ", f, " trains on, 0 are of class ",
                                         y.classes[k].to_string(),
                                         " and weigh more than 0; it needs 1"));
        }
        out.push_back(std::move(own));
    }
    return out;
}

/// What standardises x by each fold's rows that train.
template <backend B, class X>
void scale_folds(B const& inside, X const& x, values_view weight,
                 std::vector<row_split> const& folds, bool centred, std::vector<path_fold>& to) {
    for_each_component(inside, folds.size(), [&](std::size_t f) {
        std::vector<double> own(x.rows());
        for (auto const row : folds[f].train) own[row] = weight.empty() ? 1.0 : weight[row];
        to[f].scales = scales_of(inside, x, shares_of(own, x.rows()), centred);
    });
}

}  // namespace detail

template <backend B>
logistic_classifier_cv logistic_regression_cv::fit_in(samples_view x, labels_view y,
                                                      logistic_cv_options const& options,
                                                      B const& outer) const {
    constexpr std::string_view who = "logistic_regression_cv::fit";
    auto const& weight = options.sample_weight;
    detail::check_n_jobs(outer, who);
    check(who);
    auto const folds = detail::folds_of(who, x, y, weight, options.groups, cv);
    x.visit([](auto const& rows) {
        if constexpr (requires { rows.validate(); }) rows.validate();
    });
    auto const encoded = encode(y);
    auto const costs = detail::row_costs(detail::settings_of(who, *this), encoded, weight);
    auto paths = detail::folds_by_weight(who, folds, encoded, costs);
    auto values = Cs.values();
    std::ranges::sort(values);
    auto found = detail::nothing_found(values, l1_ratios, folds.size());
    std::optional<detail::linear_parts> mean;
    outer.enter([&] {
        auto const inside = outer.inherited();
        x.visit([&](auto const& rows) {
            detail::path_board board(
                rows, y, weight, folds, encoded.classes, multi_class, scoring, found.of_folds,
                refit ? detail::judged_models::are_forgotten : detail::judged_models::are_kept);
            if (standardize) detail::scale_folds(inside, rows, weight, folds, fit_intercept, paths);
            detail::linear_plan const plan{who,           encoded.codes, encoded.classes.size(),
                                           costs,         tolerance,     max_iter,
                                           fit_intercept, options.stop};
            for_each_component(inside, l1_ratios.size(), options.stop, [&](std::size_t r) {
                auto const first = r * values.size();
                if (plan.n_classes == 1) {
                    detail::check_finite(rows, who);
                    return board.judge_constant(inside, first, values.size());
                }
                detail::fit_paths(inside, rows, plan, multi_class, paths, values, l1_ratios[r],
                                  [&](std::size_t c, std::size_t fold, std::size_t k,
                                      detail::fitted_class fitted) {
                                      board.add(inside, first + c, fold, k, std::move(fitted));
                                  });
            });
            found.best = detail::best_row(found.of_folds, scoring);
            if (!refit) mean = board.mean_of_folds(found.best);
        });
    });
    if (mean) return {std::move(*mean), std::move(found)};
    auto const model = trainer_of(found.candidates[found.best])
                           .fit(x, y, {.sample_weight = weight, .stop = options.stop}, outer);
    return {model.parts(), std::move(found)};
}

}  // namespace copse
