// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Logistic regression of kernel features (linear/kernel_map.hpp): curved boundaries at the price
/// of linear ones. The features are made block by block in every pass over x, and never stored.
///
///     auto const model = copse::kernel_logistic_regression{
///         .kernel = copse::nystroem{.gamma = 0.1, .n_components = 300}, .C = 10}.fit(x, y);
///     auto const p = model.predict_proba(x_new);

#include <copse/core/checks.hpp>
#include <copse/core/class_weights.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/linear/fit_linear.hpp>
#include <copse/linear/kernel_map.hpp>
#include <copse/linear/kernel_rows.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/logistic_regression.hpp>
#include <copse/linear/newton.hpp>
#include <copse/linear/shards.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/ranks_view.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse {

/// A logistic regression of kernel features: scores are log-odds.
class kernel_classifier {
public:
    kernel_classifier(kernel_map map, logistic_classifier linear)
        : map_(std::move(map)), linear_(std::move(linear)) {}

    [[nodiscard]] kernel_map const& map() const noexcept { return map_; }
    /// Of the features.
    [[nodiscard]] logistic_classifier const& linear() const noexcept { return linear_; }
    [[nodiscard]] labels const& classes() const noexcept { return linear_.classes(); }
    [[nodiscard]] std::size_t n_features() const noexcept { return map_.n_features(); }
    [[nodiscard]] bool converged() const noexcept { return linear_.converged(); }

    /// As logistic_classifier's, of rows of x. Throw invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] matrix<double> decision_function(features_view x, B const& backend = {}) const {
        return scores_of<any_backend>(x, backend, "kernel_classifier::decision_function");
    }
    template <backend B = tbb>
    [[nodiscard]] labels predict(features_view x, B const& backend = {}) const {
        return classes().at_codes(detail::decided_codes(
            scores_of<any_backend>(x, backend, "kernel_classifier::predict")));
    }
    template <backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const {
        auto scores = scores_of<any_backend>(x, backend, "kernel_classifier::predict_proba");
        matrix<float> out;
        backend.enter([&] {
            out = detail::probabilities_of(backend.inherited(), scores, classes().size(),
                                           linear_.multi_class());
        });
        return out;
    }

    bool operator==(kernel_classifier const&) const = default;

private:
    template <backend B>
    [[nodiscard]] matrix<double> scores_of(features_view x, B const& backend,
                                           std::string_view who) const;

    kernel_map map_;
    logistic_classifier linear_;
};

/// Minimises 1/2 ||w||^2 + C sum_i weight_i loss_i over the weights w of kernel features. Fields
/// but the first are logistic_regression's.
struct kernel_logistic_regression {
    kernel_sampler kernel = rbf_sampler{};
    double C = 1;
    multi_class_rule multi_class = multi_class_rule::one_vs_rest;
    bool fit_intercept = true;
    class_weights class_weight{};
    double tolerance = 1e-3;
    std::size_t max_iter = 1000;

    /// `x` is (n, d), dense, finite, its columns of one scale; `y` has n labels.
    ///
    /// Landmarks are drawn from all rows of x, whatever they weigh; y is not looked at.
    ///
    /// Throws  invalid_input: what logistic_regression and the sampler throw.
    /// Memory  that of the weights and, for each thread, of some hundred rows of features.
    /// Cost    each pass takes n d n_components, and for nystroem n n_components^2, operations.
    /// Determinism  equal for every backend, n_jobs and instruction set, by one build.
    template <backend B = tbb>
    [[nodiscard]] kernel_classifier fit(features_view x, labels_view y,
                                        B const& backend = {}) const {
        return fit(x, y, linear_fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] kernel_classifier fit(features_view x, labels_view y,
                                        linear_fit_options const& options,
                                        B const& backend = {}) const {
        constexpr std::string_view who = "kernel_logistic_regression::fit";
        auto const settings = detail::settings_of(who, *this);
        detail::rank_guard const guard(options.ranks);
        detail::check_n_jobs(backend, who);
        detail::check_alone(who, options.ranks, "drawing landmarks");
        detail::check_no_start(who, options.warm_start, "its features were others");
        detail::check_training_set(who, x.rows(), x.cols(), y.size(), "labels",
                                   options.sample_weight);
        detail::check_logistic(who, 0, multi_class);
        detail::check_settings(settings);
        auto map = std::visit([&](auto const& sampler) { return sampler.fit(x); }, kernel);
        auto parts = detail::fit_linear(
            settings, detail::kernel_samples(x, map.parts()), y, options, backend,
            [this](auto const& inside, auto const& rows, auto const& plan) {
                return detail::fit_by_passes<detail::newton>(inside, rows, plan, multi_class);
            });
        return {std::move(map), logistic_classifier(std::move(parts))};
    }

    bool operator==(kernel_logistic_regression const&) const = default;
};

// ------------------------------------------------------------------ implementation below

template <backend B>
matrix<double> kernel_classifier::scores_of(features_view x, B const& backend,
                                            std::string_view who) const {
    detail::check_n_jobs(backend, who);
    map_.check_columns(x, who);
    matrix<double> out(x.rows(), linear_.coef().rows());
    backend.enter([&] {
        detail::kernel_samples(x, map_.parts()).visit([&](auto const& rows) {
            detail::add_scores(backend.inherited(), rows, linear_.coef(), linear_.intercept(), out);
        });
    });
    return out;
}

}  // namespace copse
