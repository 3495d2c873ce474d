// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Where the folds' models of several candidates come together, class by class and from several
/// threads at once. One that is whole is judged on the rows that test, which are scored where they
/// are, and forgotten.
///
///     path_board board(x, y, weight, folds, classes, rule, scoring, scores, false);
///     board.add(backend, candidate, fold, k, fitted);      // scores(candidate, fold), in the end

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/validation_metric.hpp>
#include <copse/linear/dual_weights.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/linear_plan.hpp>
#include <copse/model_selection/judge.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/model_selection/take.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace copse::detail {

/// Some rows of x, by their numbers.
template <class X>
struct listed_rows {
    X const& x;
    std::span<std::size_t const> list;

    [[nodiscard]] std::size_t rows() const noexcept { return list.size(); }
};

/// A logistic regression that looks at rows where they are.
class listed_classifier {
public:
    listed_classifier(labels const& classes, std::vector<fitted_class> const& fitted,
                      multi_class_rule rule)
        : classes_(classes), fitted_(fitted), rule_(rule) {}

    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    template <class X, backend B>
    [[nodiscard]] matrix<double> decision_function(listed_rows<X> rows, B const& inside) const {
        matrix<double> out(rows.rows(), fitted_.size());
        for_each(inside, rows.rows(), [&](std::size_t i) {
            for (std::size_t k = 0; k < fitted_.size(); ++k) {
                out(i, k) =
                    row_times(rows.x, rows.list[i], fitted_[k].coef.data()) + fitted_[k].intercept;
            }
        });
        return out;
    }
    template <class X, backend B>
    [[nodiscard]] labels predict(listed_rows<X> rows, B const& inside) const {
        return classes_.at_codes(decided_codes(decision_function(rows, inside)));
    }
    template <class X, backend B>
    [[nodiscard]] matrix<float> predict_proba(listed_rows<X> rows, B const& inside) const {
        auto scores = decision_function(rows, inside);
        return probabilities_of(inside, scores, classes_.size(), rule_);
    }

private:
    labels const& classes_;
    std::vector<fitted_class> const& fitted_;
    multi_class_rule rule_;
};

/// Of each row.
[[nodiscard]] inline std::vector<double> row_means(matrix<double> const& of) {
    std::vector<double> out(of.rows());
    for (std::size_t r = 0; r < out.size(); ++r) {
        for (auto const value : of.row(r)) out[r] += value;
        out[r] /= static_cast<double>(of.cols());
    }
    return out;
}

/// The row with the best mean, the first of equals.
[[nodiscard]] inline std::size_t best_row(matrix<double> const& of,
                                          classification_metric const& by) {
    auto const means = row_means(of);
    auto const best =
        by.greater_is_better() ? std::ranges::max_element(means) : std::ranges::min_element(means);
    return static_cast<std::size_t>(best - means.begin());
}

/// What becomes of models that have been judged.
enum class judged_models { are_forgotten, are_kept };

template <class X>
class path_board {
public:
    /// `scores` has a row for each candidate and a column for each fold.
    path_board(X const& x, labels_view y, values_view weight, std::vector<row_split> const& folds,
               labels const& classes, multi_class_rule rule, classification_metric const& scoring,
               matrix<double>& scores, judged_models after)
        : x_(x),
          folds_(folds),
          classes_(classes),
          rule_(rule),
          scoring_(scoring),
          scores_(scores),
          after_(after),
          n_scores_(n_scores_of(classes.size(), rule)),
          models_(scores.rows() * folds.size()) {
        for (auto& one : models_) {
            one.scores.resize(n_scores_);
            one.n_missing = n_scores_;
        }
        for (auto const& fold : folds) {
            y_.push_back(take(y, fold.test));
            weight_.push_back(weight.empty() ? column<double>{} : take(weight, fold.test));
        }
    }

    /// Score k of a candidate's model of a fold.
    template <backend B>
    void add(B const& inside, std::size_t candidate, std::size_t fold, std::size_t k,
             fitted_class fitted) {
        auto& model = models_[candidate * folds_.size() + fold];
        model.scores[k] = std::move(fitted);
        if (--model.n_missing > 0) return;
        judge(inside, candidate, fold, model.scores);
        if (after_ == judged_models::are_forgotten) model.scores = {};
    }

    /// Of one class there is nothing to fit.
    template <backend B>
    void judge_constant(B const& inside, std::size_t first, std::size_t count) {
        for (auto candidate = first; candidate < first + count; ++candidate) {
            for (std::size_t fold = 0; fold < folds_.size(); ++fold)
                judge(inside, candidate, fold, {});
        }
    }

    /// Of models that are kept. Weights and intercepts are the means over the folds; iterations and
    /// passes their sums.
    [[nodiscard]] linear_parts mean_of_folds(std::size_t candidate) const;

private:
    struct fold_model {
        std::vector<fitted_class> scores{};
        std::atomic<std::size_t> n_missing{};
    };

    template <backend B>
    void judge(B const& inside, std::size_t candidate, std::size_t fold,
               std::vector<fitted_class> const& fitted) {
        listed_classifier const model(classes_, fitted, rule_);
        scores_(candidate, fold) =
            judged_rows_of(model, listed_rows<X>{x_, folds_[fold].test}, y_[fold], weight_[fold],
                           std::span<classification_metric const>(&scoring_, 1), inside)[0];
    }

    X const& x_;
    std::vector<row_split> const& folds_;
    labels const& classes_;
    multi_class_rule rule_;
    classification_metric const& scoring_;
    matrix<double>& scores_;
    judged_models after_;
    std::size_t n_scores_;
    std::vector<fold_model> models_;  ///< (candidate, fold)
    std::vector<labels> y_;           ///< of the rows that test, fold by fold
    std::vector<column<double>> weight_;
};

// ------------------------------------------------------------------ implementation below

template <class X>
linear_parts path_board<X>::mean_of_folds(std::size_t candidate) const {
    linear_parts out{classes_, matrix<double>(n_scores_, x_.cols()), {}, {}, rule_};
    auto const n_folds = static_cast<double>(folds_.size());
    for (std::size_t k = 0; k < n_scores_; ++k) {
        double intercept = 0;
        solver_report report{.converged = true};
        for (std::size_t fold = 0; fold < folds_.size(); ++fold) {
            auto const& one = models_[candidate * folds_.size() + fold].scores[k];
            for (std::size_t j = 0; j < x_.cols(); ++j) out.coef(k, j) += one.coef[j] / n_folds;
            intercept += one.intercept / n_folds;
            report.n_iter += one.report.n_iter;
            report.n_passes += one.report.n_passes;
            report.converged = report.converged && one.report.converged;
        }
        out.intercept.push_back(intercept);
        if (k == 0 || rule_ == multi_class_rule::one_vs_rest) out.reports.push_back(report);
    }
    return out;
}

}  // namespace copse::detail
