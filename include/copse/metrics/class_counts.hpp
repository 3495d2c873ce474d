// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// True and predicted labels in terms of one list of classes, and their counts class by class:
/// what the classification metrics are made of.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/metrics/rows.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse::metrics::detail {

/// Where `wanted` is among `classes`, which increase.
[[nodiscard]] inline std::optional<std::size_t> position(labels const& classes, label wanted) {
    std::size_t first = 0;
    for (std::size_t n = classes.size(); n > 0;) {
        std::size_t const half = n / 2;
        bool const before = classes[first + half] < wanted;
        first = before ? first + half + 1 : first;
        n = before ? n - half - 1 : half;
    }
    if (first == classes.size() || classes[first] != wanted) return std::nullopt;
    return first;
}

[[nodiscard]] constexpr std::string_view kind(bool is_text) {
    return is_text ? "text" : "integers";
}

inline void check_increasing(std::string_view metric, labels const& classes) {
    for (std::size_t k = 1; k < classes.size(); ++k) {
        if (!(classes[k - 1] < classes[k])) {
            throw invalid_input(sentence(metric, ": classes has ", classes[k - 1].to_string(),
                                         " before ", classes[k].to_string(),
                                         "; they must increase"));
        }
    }
}

/// Encoded labels in terms of `classes`, of the same kind. Throws for one that is not among them.
[[nodiscard]] inline std::vector<std::uint32_t> recoded(std::string_view metric,
                                                        std::string_view what, encoded_labels y,
                                                        labels const& classes) {
    std::vector<std::uint32_t> code(y.classes.size());
    for (std::size_t k = 0; k < code.size(); ++k) {
        auto const at = position(classes, y.classes[k]);
        if (!at) {
            auto const row = std::find(y.codes.begin(), y.codes.end(), k) - y.codes.begin();
            throw invalid_input(sentence(metric, ": ", what, " is ", y.classes[k].to_string(),
                                         " at row ", row, ", which is none of the ", classes.size(),
                                         " classes"));
        }
        code[k] = static_cast<std::uint32_t>(*at);
    }
    for (auto& c : y.codes) c = code[c];
    return std::move(y.codes);
}

/// y in terms of `classes`, like copse::encode but in the name of a metric.
[[nodiscard]] inline std::vector<std::uint32_t> codes_among(std::string_view metric,
                                                            std::string_view what, labels_view y,
                                                            labels const& classes) {
    if (y.is_text() != classes.is_text()) {
        throw invalid_input(sentence(metric, ": ", what, " holds ", kind(y.is_text()),
                                     " but the classes are ", kind(classes.is_text())));
    }
    return recoded(metric, what, encode(y), classes);
}

/// Sizes and kinds of two label columns.
inline void check_labels(std::string_view metric, labels_view y_true, labels_view y_pred) {
    check_size(metric, "y_pred", y_pred.size(), "labels", y_true.size());
    if (y_true.is_text() != y_pred.is_text()) {
        throw invalid_input(sentence(metric, ": y_true holds ", kind(y_true.is_text()),
                                     " but y_pred holds ", kind(y_pred.is_text())));
    }
}

/// Both columns in terms of the labels found in either.
struct label_pairs {
    labels classes;
    std::vector<std::uint32_t> truth;
    std::vector<std::uint32_t> predicted;
};

[[nodiscard]] inline label_pairs encode_both(std::string_view metric, labels_view y_true,
                                             labels_view y_pred) {
    check_labels(metric, y_true, y_pred);
    auto const merged = [](auto const& a, auto const& b) {
        std::remove_cvref_t<decltype(a)> both;
        std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
        return labels(std::move(both));
    };
    auto truth = encode(y_true);
    auto predicted = encode(y_pred);
    auto classes = y_true.is_text()
                       ? merged(truth.classes.texts(), predicted.classes.texts())
                       : merged(truth.classes.integers(), predicted.classes.integers());
    auto truth_codes = recoded(metric, "y_true", std::move(truth), classes);
    auto predicted_codes = recoded(metric, "y_pred", std::move(predicted), classes);
    return {std::move(classes), std::move(truth_codes), std::move(predicted_codes)};
}

/// For each class, the weight of its rows that were found, of its rows, and of the rows taken for
/// it.
struct class_counts {
    labels classes;
    std::vector<double> hits;
    std::vector<double> truth;
    std::vector<double> predicted;
    double total = 0;

    class_counts(std::string_view metric, labels_view y_true, labels_view y_pred,
                 values_view sample_weight) {
        auto pairs = encode_both(metric, y_true, y_pred);
        row_weights const weights(metric, sample_weight, y_true.size());
        classes = std::move(pairs.classes);
        auto const n_classes = classes.size();
        std::vector<running_sum> sums(3 * n_classes);
        for (std::size_t i = 0; i < y_true.size(); ++i) {
            double const w = weights[i];
            if (pairs.truth[i] == pairs.predicted[i]) sums[pairs.truth[i]] += w;
            sums[n_classes + pairs.truth[i]] += w;
            sums[2 * n_classes + pairs.predicted[i]] += w;
        }
        auto const part = [&](std::size_t first) {
            std::vector<double> values(n_classes);
            for (std::size_t k = 0; k < n_classes; ++k) values[k] = sums[first + k].value();
            return values;
        };
        hits = part(0);
        truth = part(n_classes);
        predicted = part(2 * n_classes);
        total = weights.total();
    }

    [[nodiscard]] std::size_t size() const noexcept { return classes.size(); }
};

}  // namespace copse::metrics::detail
