// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Calibration: probabilities that are frequencies, made from the scores of any classifier.
///
///     auto const svm = copse::calibrated{copse::linear_svc{.C = 0.5}}.fit(x, y);
///     xt::xtensor<float, 2> p = svm.predict_proba(x_new);
///     auto const forest = copse::calibrated<copse::random_forest_classifier>{
///         .trainer = {.n_estimators = 200}, .method = copse::calibration_method::isotonic}.fit(x,
///         y);
///
/// The curves are fitted on rows that the model was not trained on: those of each fold in turn.
/// Which curves: meta/calibrators.hpp. How good they are: metrics::calibration_curve.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/fit_options.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/calibrators.hpp>
#include <copse/meta/class_scores.hpp>
#include <copse/meta/fold_fits.hpp>
#include <copse/meta/members.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse {

enum class calibration_method {
    sigmoid,     ///< Platt's: two numbers for each class; for few rows
    isotonic,    ///< any curve that never falls, for each class; for a thousand rows and more
    temperature  ///< one number for all classes; the most probable class stays the same
};

/// The curves of a classifier's scores.
class score_calibrator {
public:
    using curves = std::variant<std::vector<sigmoid_curve>, std::vector<isotonic_curve>, double>;

    /// One curve for each class, or of two classes the second's; or the inverse temperature.
    explicit score_calibrator(curves fitted) : curves_(std::move(fitted)) {}

    [[nodiscard]] curves const& parts() const noexcept { return curves_; }

    /// (n, K) probabilities of the scores of n rows.
    [[nodiscard]] matrix<double> probabilities(detail::class_scores const& scores,
                                               std::size_t n_classes) const;

    bool operator==(score_calibrator const&) const = default;

private:
    curves curves_;
};

/// Fitted classifiers with their curves; their mean is the answer.
template <class Model>
class calibrated_classifier {
public:
    struct member {
        Model model;
        score_calibrator calibrator;
        bool operator==(member const&) const = default;
    };

    calibrated_classifier(labels classes, std::vector<member> members, std::size_t n_features)
        : classes_(std::move(classes)), members_(std::move(members)), n_features_(n_features) {}

    /// The distinct labels of the training set, increasing.
    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    /// One for each fold, or one fitted on all rows.
    [[nodiscard]] std::vector<member> const& members() const noexcept { return members_; }

    /// The most probable class of each row. Ties go to the lower class.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] labels predict(features_view x, B const& backend = {}) const {
        return detail::labels_of_shares(shares(x, backend, "calibrated_classifier::predict"),
                                        classes_);
    }

    /// (n, classes().size()): the mean of the members' probabilities. Rows sum to 1 up to rounding.
    /// Of more than two classes, the curves' values are scaled to that sum; if all are 0, all
    /// classes are equally likely.
    template <backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const {
        return shares(x, backend, "calibrated_classifier::predict_proba");
    }

    bool operator==(calibrated_classifier const&) const = default;

private:
    template <backend B>
    [[nodiscard]] matrix<float> shares(features_view x, B const& backend,
                                       std::string_view who) const;

    labels classes_;
    std::vector<member> members_;
    std::size_t n_features_;
};

/// How to calibrate a trainer. Fields bear scikit-learn's names where they keep its meaning.
template <classifier_trainer Trainer = any_classifier_trainer>
struct calibrated {
    Trainer trainer{};
    calibration_method method = calibration_method::sigmoid;
    stratified_k_fold folds{};
    bool ensemble = true;  ///< a model and its curves for each fold; or else one model of all rows,
                           ///< with curves from what the models of the folds said

    /// `x` is (n, d), dense; `y` has n labels, integers or strings. Rows of weight 0 are left out;
    /// weights count in the trainer's fit and in the curves'. The scores are those of the model's
    /// decision_function, or else of its predict_proba, of which a temperature takes logarithms.
    /// One class gives a model that always predicts it.
    ///
    /// Throws  invalid_input before any work, also if a class has fewer rows than there are folds;
    ///         and what the trainer throws.
    /// Cost    a fit for each fold, as independent components, and one more unless `ensemble`.
    /// Determinism  equal for every backend and n_jobs if the trainer's fits are. Folds are by the
    ///         order of rows.
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, labels_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, labels_view y, fit_options const& options,
                           B const& backend = {}) const;

    bool operator==(calibrated const&) const = default;
};

template <class Trainer>
calibrated(Trainer) -> calibrated<Trainer>;
template <class Trainer>
calibrated(Trainer, calibration_method) -> calibrated<Trainer>;

// ------------------------------------------------------------------ implementation below

namespace detail {

/// A curve of type Curve for each column of scores, against the rows of its class.
template <class Curve, class Fit>
[[nodiscard]] std::vector<Curve> curves_of(matrix<double> const& scores,
                                           std::vector<std::uint32_t> const& codes,
                                           std::vector<double> const& weights, Fit const& fit) {
    std::vector<Curve> out;
    std::vector<double> score(scores.rows());
    std::vector<int> positive(scores.rows());
    for (std::size_t k = 0; k < scores.cols(); ++k) {
        auto const code = scores.cols() == 1 ? 1 : k;
        for (std::size_t i = 0; i < score.size(); ++i) {
            score[i] = scores(i, k);
            positive[i] = codes[i] == code ? 1 : 0;
        }
        out.push_back(fit(score, positive, weights));
    }
    return out;
}

/// The calibrator of scores whose rows have these classes.
[[nodiscard]] inline score_calibrator fit_calibrator(calibration_method method,
                                                     class_scores const& scores,
                                                     std::vector<std::uint32_t> const& codes,
                                                     std::vector<double> const& weights) {
    if (method == calibration_method::sigmoid) {
        return score_calibrator(
            curves_of<sigmoid_curve>(scores.values, codes, weights, fit_sigmoid));
    }
    if (method == calibration_method::isotonic) {
        return score_calibrator(
            curves_of<isotonic_curve>(scores.values, codes, weights, fit_isotonic));
    }
    return score_calibrator(fit_temperature(logits_of(scores), codes, weights));
}

template <class T>
[[nodiscard]] std::vector<T> elements(std::vector<T> const& from,
                                      std::span<std::size_t const> rows) {
    std::vector<T> out;
    out.reserve(rows.size());
    for (auto const i : rows) out.push_back(from[i]);
    return out;
}

/// Curves of row i's scores, each from its column.
template <class Curve>
void apply_curves(std::vector<Curve> const& curves, std::span<double const> scores,
                  std::span<double> out) {
    if (out.size() == 2) {
        out[1] = curves[0](scores[0]);
        out[0] = 1 - out[1];
        return;
    }
    double sum = 0;
    for (std::size_t k = 0; k < out.size(); ++k) sum += out[k] = curves[k](scores[k]);
    for (auto& p : out) p = sum > 0 ? p / sum : 1 / static_cast<double>(out.size());
}

}  // namespace detail

inline matrix<double> score_calibrator::probabilities(detail::class_scores const& scores,
                                                      std::size_t n_classes) const {
    if (auto const* const inverse_temperature = std::get_if<double>(&curves_)) {
        auto out = detail::logits_of(scores);
        for (std::size_t i = 0; i < out.rows(); ++i) {
            for (auto& z : out.row(i)) z *= *inverse_temperature;
            detail::softmax(out.row(i));
        }
        return out;
    }
    matrix<double> out(scores.values.rows(), n_classes);
    for (std::size_t i = 0; i < out.rows(); ++i) {
        auto const row = scores.values.row(i);
        if (auto const* const sigmoids = std::get_if<std::vector<sigmoid_curve>>(&curves_)) {
            detail::apply_curves(*sigmoids, row, out.row(i));
        } else {
            detail::apply_curves(std::get<std::vector<isotonic_curve>>(curves_), row, out.row(i));
        }
    }
    return out;
}

template <class Model>
template <backend B>
matrix<float> calibrated_classifier<Model>::shares(features_view x, B const& backend,
                                                   std::string_view who) const {
    detail::check_n_jobs(backend, who);
    detail::check_n_features(who, x, n_features_);
    matrix<float> out(x.rows(), classes_.size(), 1.0f);  // of one class, that is all
    if (classes_.size() == 1) return out;
    matrix<double> sums(x.rows(), classes_.size());
    any_backend const where = backend;
    where.enter([&] {
        auto const inside = where.inherited();
        for (auto const& m : members_) {
            auto const p =
                m.calibrator.probabilities(detail::scores_of(m.model, x, inside), classes_.size());
            for (std::size_t i = 0; i < p.rows(); ++i) {
                for (std::size_t k = 0; k < p.cols(); ++k) sums(i, k) += p(i, k);
            }
        }
    });
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t k = 0; k < out.cols(); ++k) {
            out(i, k) = static_cast<float>(sums(i, k) / static_cast<double>(members_.size()));
        }
    }
    return out;
}

template <classifier_trainer Trainer>
template <backend B>
auto calibrated<Trainer>::fit(features_view x, labels_view y, fit_options const& options,
                              B const& backend) const {
    constexpr auto who = "calibrated::fit";
    detail::check_n_jobs(backend, who);
    detail::check_training_set(who, x.rows(), x.cols(), y.size(), "labels", options.sample_weight);
    auto const kept = detail::weighed_rows(x.rows(), options.sample_weight);
    auto const of_kept = take(y, kept);
    auto const kept_classes = encode(of_kept);
    std::vector<row_split> parts;
    if (kept_classes.classes.size() > 1) {
        detail::check_classes_of_folds(who, kept_classes, folds.n_splits);
        parts = detail::folds_of(folds, kept, of_kept);
    }
    // Codes and weights of all rows; those of weight 0 are in no fold and have any code.
    std::vector<std::uint32_t> codes(x.rows());
    for (std::size_t i = 0; i < kept.size(); ++i) codes[kept[i]] = kept_classes.codes[i];
    std::vector<double> weights(x.rows(), 1.0);
    for (std::size_t i = 0; i < options.sample_weight.size(); ++i)
        weights[i] = options.sample_weight[i];

    any_backend const where = backend;
    return where.enter([&] {
        auto const inside = where.inherited();
        auto const fit_on = [&](std::vector<std::size_t> const& rows) {
            return detail::fit_rows(trainer, x, y, rows, options, inside);
        };
        auto const calibrator_of = [&](detail::class_scores const& scores,
                                       std::vector<std::size_t> const& rows) {
            return detail::fit_calibrator(method, scores, detail::elements(codes, rows),
                                          detail::elements(weights, rows));
        };
        using model = decltype(fit_on(kept));
        using fitted_member = typename calibrated_classifier<model>::member;
        auto const n_folds = parts.size();
        std::vector<std::optional<model>> models(n_folds + (ensemble && n_folds > 0 ? 0 : 1));
        std::vector<std::optional<score_calibrator>> calibrators(n_folds);
        std::vector<detail::class_scores> said(n_folds);
        for_each_component(inside, models.size(), options.stop, [&](std::size_t f) {
            models[f].emplace(fit_on(f < n_folds ? parts[f].train : kept));
            if (f == n_folds) return;
            detail::gathered_features const test(x, parts[f].test);
            said[f] = detail::scores_of(*models[f], test.view(), inside);
            if (ensemble) calibrators[f].emplace(calibrator_of(said[f], parts[f].test));
        });
        std::vector<fitted_member> members;
        if (n_folds == 0) {
            members.push_back(
                {std::move(*models[0]), score_calibrator(score_calibrator::curves{})});
        } else if (ensemble) {
            for (std::size_t f = 0; f < n_folds; ++f)
                members.push_back({std::move(*models[f]), std::move(*calibrators[f])});
        } else {
            std::vector<std::size_t> rows;
            for (auto const& part : parts)
                rows.insert(rows.end(), part.test.begin(), part.test.end());
            detail::class_scores together{matrix<double>(rows.size(), said[0].values.cols()),
                                          said[0].are_probabilities};
            std::size_t at = 0;
            for (auto const& fold : said) {
                for (std::size_t i = 0; i < fold.values.rows(); ++i, ++at)
                    std::ranges::copy(fold.values.row(i), together.values.row(at).begin());
            }
            members.push_back({std::move(*models[n_folds]), calibrator_of(together, rows)});
        }
        return calibrated_classifier<model>(kept_classes.classes, std::move(members), x.cols());
    });
}

}  // namespace copse
