// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Where a linear fit begins: at 0, or at the weights of another model.
///
///     auto const next = copse::logistic_regression{.C = 2}.fit(x, y, {.warm_start = &model});
///
/// The problem and what is enough of a solution stay the same; from a model of almost the same
/// problem the way is shorter.

#include <copse/core/errors.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/linear_regressor.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace copse {

/// Made of a pointer to a model, which must outlive the fit, or of nothing.
class linear_start {
public:
    linear_start() = default;
    linear_start(std::nullptr_t) noexcept {}
    linear_start(linear_classifier const* model) noexcept {
        if (model != nullptr) *this = {&model->coef(), &model->intercept(), &model->classes()};
    }
    linear_start(linear_regressor const* model) noexcept {
        if (model != nullptr) *this = {&model->parts().coef, &model->parts().intercept, nullptr};
    }

    [[nodiscard]] bool empty() const noexcept { return coef_ == nullptr; }
    /// A row for each score, of units of x. Not empty(), for this and what follows.
    [[nodiscard]] matrix<double> const& coef() const noexcept { return *coef_; }
    [[nodiscard]] double intercept(std::size_t score) const noexcept {
        return (*intercept_)[score] - lowered_by_;
    }
    /// Null if it was of numbers.
    [[nodiscard]] labels const* classes() const noexcept { return classes_; }

    /// The same with intercepts that are so much less.
    [[nodiscard]] linear_start lowered_by(double amount) const noexcept {
        auto out = *this;
        out.lowered_by_ += amount;
        return out;
    }

private:
    linear_start(matrix<double> const* coef, std::vector<double> const* intercept,
                 labels const* classes) noexcept
        : coef_(coef), intercept_(intercept), classes_(classes) {}

    matrix<double> const* coef_ = nullptr;
    std::vector<double> const* intercept_ = nullptr;
    labels const* classes_ = nullptr;
    double lowered_by_ = 0;
};

namespace detail {

/// Throws invalid_input unless a fit of d columns and those classes, none of numbers, can begin
/// there.
inline void check_start(std::string_view who, linear_start start, std::size_t d,
                        labels const* classes, multi_class_rule rule) {
    if (start.empty()) return;
    if (start.coef().cols() != d) {
        throw invalid_input(sentence(who, ": warm_start was fitted on ", start.coef().cols(),
                                     " columns but x has ", d));
    }
    if ((start.classes() == nullptr) != (classes == nullptr)) {
        throw invalid_input(
            sentence(who, ": warm_start is of ",
                     classes == nullptr ? "classes but y of numbers" : "numbers but y of classes"));
    }
    if (classes == nullptr) return;
    if (*start.classes() != *classes) {
        throw invalid_input(sentence(who, ": warm_start has ", start.classes()->size(),
                                     " classes and y ", classes->size(),
                                     "; they must be the same ones"));
    }
    auto const n_scores = n_scores_of(classes->size(), rule);
    if (start.coef().rows() != n_scores) {
        throw invalid_input(sentence(who, ": warm_start has ", start.coef().rows(),
                                     " scores but with this multi_class there are ", n_scores));
    }
}

/// Throws invalid_input if there is a start for what cannot use it.
inline void check_no_start(std::string_view who, linear_start start, std::string_view reason) {
    if (!start.empty()) throw invalid_input(sentence(who, ": there is a warm_start, but ", reason));
}

}  // namespace detail
}  // namespace copse
