// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fitted linear models for classification. Immutable values, ignorant of the trainer and the
/// backend; predicting from any number of threads at once is safe.
///
///     labels const y = svm.predict(x);                              // x dense or sparse
///     matrix<double> const s = svm.decision_function(x, tbb{.n_jobs = 2});
///     matrix<float> const p = logistic.predict_proba(x);
///     logistic.reports()[0].converged;

#include <copse/core/errors.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/linear/samples_view.hpp>
#include <copse/linear/scores.hpp>
#include <copse/linear/solver_report.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// How more than two classes are made of linear functions.
enum class multi_class_rule {
    one_vs_rest,    ///< independent: each class against the others
    multinomial,    ///< dependent: one softmax over all
    crammer_singer  ///< dependent: one margin between a row's own class and all others
};
inline constexpr auto multinomial = multi_class_rule::multinomial;
inline constexpr auto crammer_singer = multi_class_rule::crammer_singer;

namespace detail {

/// How many scores tell so many classes apart.
[[nodiscard]] inline std::size_t n_scores_of(std::size_t n_classes, multi_class_rule rule) {
    if (n_classes == 1) return 0;
    return n_classes == 2 && rule == multi_class_rule::one_vs_rest ? 1 : n_classes;
}

/// What a linear classifier is made of.
struct linear_parts {
    labels classes;
    matrix<double> coef;  ///< a row for each score
    std::vector<double> intercept;
    std::vector<solver_report> reports;
    multi_class_rule rule = multi_class_rule::one_vs_rest;

    bool operator==(linear_parts const&) const = default;
};

}  // namespace detail

/// A linear support vector machine, or whatever else decides by the greatest of linear functions.
class linear_classifier {
public:
    explicit linear_classifier(detail::linear_parts parts) : parts_(std::move(parts)) {}

    /// The distinct labels of the training set, increasing.
    [[nodiscard]] labels const& classes() const noexcept { return parts_.classes; }
    [[nodiscard]] std::size_t n_features() const noexcept { return parts_.coef.cols(); }

    /// A row of weights for each class; of two classes one-vs-rest, one row: the second class's.
    [[nodiscard]] matrix<double> const& coef() const noexcept { return parts_.coef; }
    /// One for each row of coef(); 0 if the fit had none.
    [[nodiscard]] std::vector<double> const& intercept() const noexcept { return parts_.intercept; }

    /// How the solver ended: for each row of coef(), or one where classes depend on each other.
    [[nodiscard]] std::vector<solver_report> const& reports() const noexcept {
        return parts_.reports;
    }
    [[nodiscard]] bool converged() const noexcept {
        return std::ranges::all_of(parts_.reports, &solver_report::converged);
    }

    /// (n, coef().rows()): x[i] . coef()[k] + intercept()[k], in the precision of x.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] matrix<double> decision_function(samples_view x, B const& backend = {}) const {
        return scores_of<any_backend>(x, backend, "linear_classifier::decision_function");
    }

    /// The class of the greatest score of each row; of one score, the second class if it is above
    /// 0. Ties go to the lower class.
    template <backend B = tbb>
    [[nodiscard]] labels predict(samples_view x, B const& backend = {}) const {
        return predict_as<any_backend>(x, backend, "linear_classifier::predict");
    }

    /// Everything the model knows, for saving it.
    [[nodiscard]] detail::linear_parts const& parts() const noexcept { return parts_; }

    bool operator==(linear_classifier const&) const = default;

protected:
    template <backend B>
    [[nodiscard]] matrix<double> scores_of(samples_view x, B const& backend,
                                           std::string_view who) const;
    template <backend B>
    [[nodiscard]] labels predict_as(samples_view x, B const& backend, std::string_view who) const;

    detail::linear_parts parts_;
};

/// A logistic regression: scores are log-odds.
class logistic_classifier : public linear_classifier {
public:
    using linear_classifier::linear_classifier;

    [[nodiscard]] multi_class_rule multi_class() const noexcept { return parts_.rule; }

    template <backend B = tbb>
    [[nodiscard]] matrix<double> decision_function(samples_view x, B const& backend = {}) const {
        return scores_of<any_backend>(x, backend, "logistic_classifier::decision_function");
    }
    template <backend B = tbb>
    [[nodiscard]] labels predict(samples_view x, B const& backend = {}) const {
        return predict_as<any_backend>(x, backend, "logistic_classifier::predict");
    }

    /// (n, classes().size()), rows of sum 1: 1 / (1 + exp(-score)) of each class, scaled to that
    /// sum if there are more than two, or the softmax of a multinomial model's scores.
    template <backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(samples_view x, B const& backend = {}) const;

    bool operator==(logistic_classifier const&) const = default;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// 1 / (1 + exp(-score)), without overflow.
[[nodiscard]] inline double sigmoid(double score) noexcept {
    auto const e = std::exp(-std::abs(score));
    return score >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/// Probabilities of a row of scores, in place.
inline void softmax(std::span<double> scores) noexcept {
    auto const greatest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (auto& s : scores) sum += s = std::exp(s - greatest);
    for (auto& s : scores) s /= sum;
}

inline void scaled_sigmoids(std::span<double> scores) noexcept {
    double sum = 0;
    for (auto& s : scores) sum += s = sigmoid(s);
    auto const n = static_cast<double>(scores.size());
    for (auto& s : scores) s = sum > 0 ? s / sum : 1 / n;
}

/// The class of each row of scores, of which there is one for each class, one for two or none for
/// one.
[[nodiscard]] inline std::vector<std::size_t> decided_codes(matrix<double> const& scores) {
    std::vector<std::size_t> codes(scores.rows());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        auto const row = scores.row(i);
        if (row.size() == 1) {
            codes[i] = row[0] > 0 ? 1 : 0;
        } else if (!row.empty()) {
            codes[i] =
                static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
        }
    }
    return codes;
}

/// Of scores that are log-odds; they are used up.
template <backend B>
[[nodiscard]] matrix<float> probabilities_of(B const& inside, matrix<double>& scores,
                                             std::size_t n_classes, multi_class_rule rule) {
    matrix<float> out(scores.rows(), n_classes, 1.0f);  // of one class, that is all
    for_each(inside, scores.rows(), [&](std::size_t i) {
        auto const row = scores.row(i);
        if (row.size() == 1) {
            auto const p = sigmoid(row[0]);
            out(i, 0) = static_cast<float>(1 - p);
            out(i, 1) = static_cast<float>(p);
        } else if (!row.empty()) {
            if (rule == multinomial) {
                softmax(row);
            } else {
                scaled_sigmoids(row);
            }
            for (std::size_t k = 0; k < row.size(); ++k) out(i, k) = static_cast<float>(row[k]);
        }
    });
    return out;
}

}  // namespace detail

template <backend B>
matrix<double> linear_classifier::scores_of(samples_view x, B const& backend,
                                            std::string_view who) const {
    detail::check_n_jobs(backend, who);
    if (x.cols() != n_features()) {
        throw invalid_input(detail::sentence(
            who, ": x has ", x.cols(), " columns but the model was fitted on ", n_features()));
    }
    matrix<double> out(x.rows(), coef().rows());
    backend.enter([&] {
        auto const inner = backend.inherited();
        x.visit([&](auto const& rows) {
            if constexpr (requires { rows.validate(); }) rows.validate();
            detail::add_scores(inner, rows, coef(), intercept(), out);
        });
    });
    return out;
}

template <backend B>
labels linear_classifier::predict_as(samples_view x, B const& backend, std::string_view who) const {
    return classes().at_codes(detail::decided_codes(scores_of<any_backend>(x, backend, who)));
}

template <backend B>
matrix<float> logistic_classifier::predict_proba(samples_view x, B const& backend) const {
    auto scores = scores_of<any_backend>(x, backend, "logistic_classifier::predict_proba");
    matrix<float> out;
    backend.enter([&] {
        out = detail::probabilities_of(backend.inherited(), scores, classes().size(), parts_.rule);
    });
    return out;
}

}  // namespace copse
