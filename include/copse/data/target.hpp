// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What is to be predicted, as a file gave it: the labels of a classification or the numbers of a
/// regression. It converts to the view that `fit` and the metrics take.
///
///     auto const train = copse::read_csv("adult.csv", {.target = "income"});
///     auto const forest = copse::random_forest_classifier{}.fit(train.x, train.y);

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace copse {

/// How a reader takes a target column. `automatic`: text is classes; so are integers that take at
/// most two values, or at most 32 that occur twice each on average; all else is a regression's.
enum class task_kind { automatic, classification, regression };

class target {
public:
    target() = default;
    target(std::string name, labels y) : name_(std::move(name)), y_(std::move(y)) {}
    target(std::string name, column<double> y) : name_(std::move(name)), y_(std::move(y)) {}

    [[nodiscard]] std::string const& name() const noexcept { return name_; }
    [[nodiscard]] bool is_classification() const noexcept { return y_.index() == 1; }
    [[nodiscard]] bool is_regression() const noexcept { return y_.index() == 2; }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::size_t size() const noexcept {
        if (is_classification()) return std::get<1>(y_).size();
        return is_regression() ? std::get<2>(y_).size() : 0;
    }

    /// The labels. Throws invalid_input if there are none.
    [[nodiscard]] labels const& classes() const {
        if (!is_classification()) {
            throw invalid_input(detail::sentence(
                "target: ", detail::in_quotes(name_),
                is_regression() ? " holds numbers" : " is empty",
                "; read it with .task = task_kind::classification to have labels"));
        }
        return std::get<1>(y_);
    }

    /// The numbers. Throws invalid_input if there are none.
    [[nodiscard]] column<double> const& values() const {
        if (!is_regression()) {
            throw invalid_input(
                detail::sentence("target: ", detail::in_quotes(name_),
                                 is_classification() ? " holds labels" : " is empty",
                                 "; read it with .task = task_kind::regression to have numbers"));
        }
        return std::get<2>(y_);
    }

    /// As a classifier takes it. Throws as classes() does.
    operator labels_view() const { return classes(); }

    /// As a regressor takes it: integer labels count as numbers. Otherwise throws as values() does.
    operator values_view() const {
        if (is_classification() && !classes().is_text()) return classes().integers();
        return values();
    }

private:
    std::string name_;
    std::variant<std::monostate, labels, column<double>> y_;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// The rule of task_kind::automatic.
[[nodiscard]] inline bool look_like_classes(std::vector<double> const& numbers) {
    constexpr std::size_t most = 32;
    std::vector<double> distinct;
    for (auto const number : numbers) {
        if (!is_integer(number)) return false;
        auto const at = std::lower_bound(distinct.begin(), distinct.end(), number);
        if (at != distinct.end() && *at == number) continue;
        if (distinct.size() == most) return false;
        distinct.insert(at, number);
    }
    return distinct.size() <= 2 || distinct.size() * 2 <= numbers.size();
}

/// Numbers that are integers, as labels.
[[nodiscard]] inline labels integer_labels(std::vector<double> const& numbers) {
    std::vector<std::int64_t> out(numbers.size());
    std::transform(numbers.begin(), numbers.end(), out.begin(),
                   [](double number) { return static_cast<std::int64_t>(number); });
    return labels(std::move(out));
}

[[nodiscard]] inline column<double> number_column(std::vector<double> const& numbers) {
    return column<double>(numbers.begin(), numbers.end());
}

}  // namespace detail
}  // namespace copse
