// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Stacking: a model that learns from what other models say of rows they were not trained on.
///
///     auto const stack = copse::stacking_classifier{
///         .members = {copse::random_forest_classifier{}, copse::linear_svc{}}}.fit(x, y);
///     stack.predict_proba(x_new);
///
/// D. Wolpert, "Stacked Generalization", Neural Networks 5:241-259, 1992; with probabilities as
/// K. M. Ting, I. H. Witten, "Issues in Stacked Generalization", JAIR 10:271-289, 1999.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/fit_options.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/linear/elastic_net.hpp>
#include <copse/linear/logistic_regression.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/fold_fits.hpp>
#include <copse/meta/members.hpp>
#include <copse/meta/opinions.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/model_selection/take.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// Fitted classifiers and the one that learnt from them.
class stacked_classifier {
public:
    stacked_classifier(labels classes, std::vector<any_classifier> members, any_classifier meta,
                       bool passthrough, std::size_t n_features)
        : classes_(std::move(classes)),
          members_(std::move(members)),
          meta_(std::move(meta)),
          passthrough_(passthrough),
          n_features_(n_features) {}

    /// The distinct labels of the training set, increasing.
    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] std::vector<any_classifier> const& members() const noexcept { return members_; }
    [[nodiscard]] any_classifier const& meta() const noexcept { return meta_; }
    /// Whether meta() reads x too.
    [[nodiscard]] bool passthrough() const noexcept { return passthrough_; }

    /// What meta() says. Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] labels predict(features_view x, B const& backend = {}) const {
        constexpr auto who = "stacked_classifier::predict";
        detail::check_n_jobs(backend, who);
        detail::check_n_features(who, x, n_features_);
        return backend.enter([&] {
            any_backend const inside = backend.inherited();
            return meta_.predict(meta_features(x, inside), inside);
        });
    }
    /// (n, classes().size()). Throws invalid_input also if meta() gives no probabilities.
    template <backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const {
        constexpr auto who = "stacked_classifier::predict_proba";
        detail::check_n_jobs(backend, who);
        detail::check_n_features(who, x, n_features_);
        return backend.enter([&] {
            any_backend const inside = backend.inherited();
            return meta_.predict_proba(meta_features(x, inside), inside);
        });
    }
    [[nodiscard]] bool has_predict_proba() const noexcept { return meta_.has_predict_proba(); }

    bool operator==(stacked_classifier const&) const = default;

private:
    [[nodiscard]] matrix<double> meta_features(features_view x, any_backend const& inside) const {
        std::vector<matrix<double>> said;
        for (auto const& m : members_) said.push_back(detail::opinion_of(m, x, classes_, inside));
        return detail::beside(said, passthrough_ ? x : features_view{}, x.rows());
    }

    labels classes_;
    std::vector<any_classifier> members_;
    any_classifier meta_;
    bool passthrough_;
    std::size_t n_features_;
};

/// How to stack classifiers. Fields bear scikit-learn's names where they keep its meaning.
struct stacking_classifier {
    std::vector<any_classifier_trainer> members{};
    any_classifier_trainer meta = logistic_regression{};
    stratified_k_fold folds{};
    bool passthrough = false;  ///< meta reads the columns of x too, after the members'

    /// `x` is (n, d), dense; `y` has n labels, integers or strings. A member says the
    /// logarithms of its probabilities, which count as at least 1e-4, or its decision function if
    /// it gives none; of two classes one number, the second's log-odds or decision. meta learns
    /// from what the models of the folds said of the rows they did not see; the members that
    /// predict are fitted on all rows. Rows of weight 0 are left out. One class gives a model that
    /// always predicts it.
    ///
    /// Throws  invalid_input before any work, also for more folds than rows or than the most
    ///         frequent class has; and what members throw.
    /// Cost    a fit of each member for each fold and for all rows, as independent components, then
    ///         meta's.
    /// Determinism  equal for every backend and n_jobs if the members' fits are. Folds are by the
    ///         order of rows.
    template <backend B = tbb>
    [[nodiscard]] stacked_classifier fit(features_view x, labels_view y,
                                         B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] stacked_classifier fit(features_view x, labels_view y, fit_options const& options,
                                         B const& backend = {}) const {
        return fit_on(x, y, options, backend);
    }

    /// Whether its models have predict_proba.
    [[nodiscard]] bool gives_probabilities() const noexcept { return meta.gives_probabilities(); }

    bool operator==(stacking_classifier const&) const = default;

private:
    [[nodiscard]] stacked_classifier fit_on(features_view x, labels_view y,
                                            fit_options const& options,
                                            any_backend const& outer) const;
};

/// Fitted regressors and the one that learnt from them.
class stacked_regressor {
public:
    stacked_regressor(std::vector<any_regressor> members, any_regressor meta, bool passthrough,
                      std::size_t n_features)
        : members_(std::move(members)),
          meta_(std::move(meta)),
          passthrough_(passthrough),
          n_features_(n_features) {}

    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] std::vector<any_regressor> const& members() const noexcept { return members_; }
    [[nodiscard]] any_regressor const& meta() const noexcept { return meta_; }
    /// Whether meta() reads x too.
    [[nodiscard]] bool passthrough() const noexcept { return passthrough_; }

    /// What meta() says. Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] column<double> predict(features_view x, B const& backend = {}) const {
        constexpr auto who = "stacked_regressor::predict";
        detail::check_n_jobs(backend, who);
        detail::check_n_features(who, x, n_features_);
        return backend.enter([&] {
            any_backend const inside = backend.inherited();
            std::vector<matrix<double>> said;
            for (auto const& m : members_) said.push_back(detail::opinion_of(m, x, inside));
            auto const read = detail::beside(said, passthrough_ ? x : features_view{}, x.rows());
            return meta_.predict(read, inside);
        });
    }

    bool operator==(stacked_regressor const&) const = default;

private:
    std::vector<any_regressor> members_;
    any_regressor meta_;
    bool passthrough_;
    std::size_t n_features_;
};

/// How to stack regressors.
struct stacking_regressor {
    std::vector<any_regressor_trainer> members{};
    any_regressor_trainer meta = ridge{};
    k_fold folds{};
    bool passthrough = false;  ///< meta reads the columns of x too, after the members'

    /// As stacking_classifier::fit; `y` has n values, and a member says its prediction. One row
    /// gives a model that always predicts its value.
    template <backend B = tbb>
    [[nodiscard]] stacked_regressor fit(features_view x, values_view y,
                                        B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] stacked_regressor fit(features_view x, values_view y, fit_options const& options,
                                        B const& backend = {}) const {
        return fit_on(x, y, options, backend);
    }

    bool operator==(stacking_regressor const&) const = default;

private:
    [[nodiscard]] stacked_regressor fit_on(features_view x, values_view y,
                                           fit_options const& options,
                                           any_backend const& outer) const;
};

// ------------------------------------------------------------------ implementation below

inline stacked_classifier stacking_classifier::fit_on(features_view x, labels_view y,
                                                      fit_options const& options,
                                                      any_backend const& outer) const {
    constexpr std::string_view who = "stacking_classifier::fit";
    detail::check_n_jobs(outer, who);
    detail::check_training_set(who, x.rows(), x.cols(), y.size(), "labels", options.sample_weight);
    (void)detail::member_weights(who, members.size(), {});
    auto const kept = detail::weighed_rows(x.rows(), options.sample_weight);
    auto const of_kept = take(y, kept);
    auto classes = encode(of_kept).classes;
    // Of one class there is nothing to learn, and what members say is that class.
    auto const parts =
        classes.size() > 1 ? detail::folds_of(folds, kept, of_kept) : std::vector<row_split>{};
    return outer.enter([&] {
        auto const inside = outer.inherited();
        auto fitted =
            detail::fit_on_folds(members, x, y, kept, parts, options, inside,
                                 [&](any_classifier const& model, features_view rows) {
                                     return detail::opinion_of(model, rows, classes, inside);
                                 });
        auto meta_model =
            detail::fit_on_opinions(meta, fitted.said, passthrough, x, y, kept, options, inside);
        return stacked_classifier(std::move(classes), std::move(fitted.of_all),
                                  std::move(meta_model), passthrough, x.cols());
    });
}

inline stacked_regressor stacking_regressor::fit_on(features_view x, values_view y,
                                                    fit_options const& options,
                                                    any_backend const& outer) const {
    constexpr std::string_view who = "stacking_regressor::fit";
    detail::check_n_jobs(outer, who);
    detail::check_training_set(who, x.rows(), x.cols(), y.size(), "values", options.sample_weight);
    (void)detail::member_weights(who, members.size(), {});
    auto const kept = detail::weighed_rows(x.rows(), options.sample_weight);
    auto const parts =
        kept.size() > 1 ? detail::folds_of(folds, kept, {}) : std::vector<row_split>{};
    return outer.enter([&] {
        auto const inside = outer.inherited();
        auto fitted = detail::fit_on_folds(members, x, y, kept, parts, options, inside,
                                           [&](any_regressor const& model, features_view rows) {
                                               return detail::opinion_of(model, rows, inside);
                                           });
        auto meta_model =
            detail::fit_on_opinions(meta, fitted.said, passthrough, x, y, kept, options, inside);
        return stacked_regressor(std::move(fitted.of_all), std::move(meta_model), passthrough,
                                 x.cols());
    });
}

}  // namespace copse
