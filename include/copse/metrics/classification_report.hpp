// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Precision, recall and F1 of every class in one table.
///
///     std::cout << copse::metrics::classification_report(y_test, predicted).to_string();
///
///                   precision    recall  f1-score   support
///
///               no       0.92      0.97      0.94       120
///              yes       0.83      0.62      0.71        29
///
///         accuracy                           0.90       149
///        macro avg       0.87      0.80      0.83       149
///     weighted avg       0.90      0.90      0.90       149

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/metrics/class_counts.hpp>
#include <copse/metrics/precision_recall.hpp>
#include <copse/metrics/rows.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace copse::metrics {

/// A row of the table. support is the weight of the class's rows; in an average, of all rows.
struct report_row {
    double precision = 0;
    double recall = 0;
    double f1 = 0;
    double support = 0;

    bool operator==(report_row const&) const = default;
};

/// What classification_report returns. per_class[k] belongs to classes[k].
struct report {
    labels classes;
    std::vector<report_row> per_class;
    double accuracy = 0;
    report_row macro_average;
    report_row weighted_average;

    /// The table as scikit-learn lays it out, with `digits` (at most 17) behind the point. Text is
    /// measured in code points of UTF-8. Supports are whole, or real if one of them is: where all
    /// real weights sum to whole numbers scikit-learn writes "12.0" and this "12".
    [[nodiscard]] std::string to_string(int digits = 2) const;

    bool operator==(report const&) const = default;
};

/// Precision, recall and F1 of each class, their averages, and accuracy. 0 / 0 counts as 0.
/// Throws invalid_input for sizes, weights, or integers compared with text.
[[nodiscard]] report classification_report(labels_view y_true, labels_view y_pred,
                                           values_view sample_weight = {});

// ------------------------------------------------------------------ implementation below

namespace detail {

/// The code points of UTF-8 text: all bytes but those that continue one.
[[nodiscard]] inline std::size_t length(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
    }));
}

/// `text` after as many spaces as make it `width` long.
[[nodiscard]] inline std::string right(std::string_view text, std::size_t width) {
    auto const used = length(text);
    return std::string(width > used ? width - used : 0, ' ').append(text);
}

[[nodiscard]] inline std::string with_digits(double x, int digits) {
    std::array<char, 400> text{};
    auto const end = std::to_chars(text.data(), text.data() + text.size(), x,
                                   std::chars_format::fixed, std::clamp(digits, 0, 17));
    return {text.data(), end.ptr};
}

}  // namespace detail

inline std::string report::to_string(int digits) const {
    constexpr std::size_t cell = 9;
    std::size_t width = std::max<std::size_t>(std::string_view("weighted avg").size(),
                                              static_cast<std::size_t>(std::max(digits, 0)));
    for (std::size_t k = 0; k < classes.size(); ++k) {
        width = std::max(width, detail::length(classes[k].to_string()));
    }

    std::string out;
    auto const line = [&](std::string_view name, std::array<std::string, 4> const& cells) {
        out += detail::right(name, width) + ' ';
        for (auto const& text : cells) out += ' ' + detail::right(text, cell);
        out += '\n';
    };
    bool const real = std::any_of(per_class.begin(), per_class.end(), [](report_row const& row) {
        return row.support != std::floor(row.support);
    });
    auto const support = [&](double weight) {
        bool const bare = real && weight == std::floor(weight);
        return detail::sentence(weight, bare ? ".0" : "");
    };
    auto const numbers = [&](report_row const& row) {
        return std::array{detail::with_digits(row.precision, digits),
                          detail::with_digits(row.recall, digits),
                          detail::with_digits(row.f1, digits), support(row.support)};
    };
    line("", {"precision", "recall", "f1-score", "support"});
    out += '\n';
    for (std::size_t k = 0; k < classes.size(); ++k) {
        line(classes[k].to_string(), numbers(per_class[k]));
    }
    out += '\n';
    line("accuracy",
         {"", "", detail::with_digits(accuracy, digits), support(macro_average.support)});
    line("macro avg", numbers(macro_average));
    line("weighted avg", numbers(weighted_average));
    return out;
}

inline report classification_report(labels_view y_true, labels_view y_pred,
                                    values_view sample_weight) {
    constexpr std::string_view name = "classification_report";
    detail::class_counts const counts(name, y_true, y_pred, sample_weight);
    auto const average_row = [&](average how) {
        auto const f = [&](double beta) {
            return detail::averaged_f(name, beta, counts, how, std::nullopt);
        };
        return report_row{f(detail::only_precision), f(detail::only_recall), f(1), counts.total};
    };
    report out{.classes = counts.classes,
               .per_class = {},
               .accuracy = average_row(average::micro).recall,
               .macro_average = average_row(average::macro),
               .weighted_average = average_row(average::weighted)};
    for (std::size_t k = 0; k < counts.size(); ++k) {
        auto const f = [&](double beta) {
            return detail::f_score(beta, counts.hits[k], counts.truth[k], counts.predicted[k]);
        };
        out.per_class.push_back(
            {f(detail::only_precision), f(detail::only_recall), f(1), counts.truth[k]});
    }
    return out;
}

}  // namespace copse::metrics
