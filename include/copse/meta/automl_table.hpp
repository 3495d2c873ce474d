// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A table as automl looks at it: without what is no use, parted into rows to train and rows to
/// judge by.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/random.hpp>
#include <copse/data/dataset.hpp>
#include <copse/data/target.hpp>
#include <copse/meta/adapt_trainer.hpp>
#include <copse/meta/candidate.hpp>
#include <copse/meta/fold_fits.hpp>
#include <copse/meta/gathered.hpp>
#include <copse/meta/guardrails.hpp>
#include <copse/meta/portfolio.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/model_selection/shuffle_split.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/model_selection/take.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

/// Columns of the table that the guardrails leave.
[[nodiscard]] inline std::vector<std::size_t> useful_columns(
    std::vector<guardrail> const& guardrails, std::size_t d) {
    std::vector<bool> useless(d);
    for (auto const& g : guardrails) {
        bool const drops = g.kind == guardrail_kind::constant_columns ||
                           g.kind == guardrail_kind::identifier_columns;
        for (std::size_t c = 0; drops && c < g.columns.size(); ++c) useless[g.columns[c]] = true;
    }
    std::vector<std::size_t> out;
    for (std::size_t j = 0; j < d; ++j) {
        if (!useless[j]) out.push_back(j);
    }
    return out.empty() ? first_numbers(d) : out;
}

/// Throws invalid_input unless there are 2 values, or 2 classes of 2 rows, among `rows`.
inline void check_automl_targets(std::string_view who, target const& y,
                                 std::vector<std::size_t> const& rows) {
    if (!y.is_classification()) {
        if (rows.size() >= 2) return;
        throw invalid_input(
            sentence(who, ": there are ", rows.size(), " rows; at least 2 are needed"));
    }
    auto const kept = encode(take(labels_view(y), rows));
    std::vector<std::size_t> counts(kept.classes.size());
    for (auto const code : kept.codes) ++counts[code];
    auto const rarest = static_cast<std::size_t>(std::ranges::min_element(counts) - counts.begin());
    if (kept.classes.size() < 2 || counts[rarest] < 2) {
        throw invalid_input(sentence(who, ": class ", kept.classes[rarest].to_string(), " has ",
                                     counts[rarest], " rows and there are ", kept.classes.size(),
                                     " classes; at least 2 of each are needed"));
    }
}

/// How many folds, 1 meaning that a part is held out.
[[nodiscard]] inline std::size_t automl_folds(std::optional<std::size_t> wanted, std::size_t n,
                                              std::size_t least_of_class) {
    auto const usual = n > 20'000 ? 1 : n < 1'000 ? 10 : 3;
    auto const folds = wanted.value_or(static_cast<std::size_t>(usual));
    return folds == 1 ? 1 : std::max<std::size_t>(2, std::min({folds, n, least_of_class}));
}

/// The splits of n rows; `y` are labels, or none.
[[nodiscard]] inline std::vector<row_split> automl_splits(std::optional<std::size_t> n_folds,
                                                          std::size_t n, labels_view y,
                                                          std::uint64_t random_state) {
    auto least_of_class = n;
    if (y.size() > 0) {
        auto const encoded = encode(y);
        std::vector<std::size_t> counts(encoded.classes.size());
        for (auto const code : encoded.codes) ++counts[code];
        least_of_class = *std::ranges::min_element(counts);
    }
    auto const n_parts = automl_folds(n_folds, n, least_of_class);
    rows_to_split const rows{.n_rows = n, .y = y};
    if (n_parts == 1) {
        constexpr double held_out = 0.2;
        return y.size() > 0 ? stratified_shuffle_split{.n_splits = 1,
                                                       .test_size = held_out,
                                                       .random_state = random_state}
                                  .split(rows)
                            : shuffle_split{.n_splits = 1,
                                            .test_size = held_out,
                                            .random_state = random_state}
                                  .split(rows);
    }
    return y.size() > 0 ? stratified_k_fold{n_parts, true, random_state}.split(rows)
                        : k_fold{n_parts, true, random_state}.split(rows);
}

/// Useful rows and columns of a table, copied if that is not all, and what follows from them.
struct automl_table {
    automl_table(dataset const& table, std::vector<std::size_t> const& rows,
                 std::vector<std::size_t> const& columns, std::vector<guardrail> const& guardrails,
                 std::optional<std::size_t> n_folds, std::uint64_t random_state)
        : x(table.x) {
        bool const all = rows.size() == table.x.rows() && columns.size() == table.x.cols();
        if (!all) {
            copied.emplace(table.x, rows, columns);
            x = copied->view();
        }
        weights = weights_of(table.sample_weight, rows);
        if (table.y.is_classification()) {
            y_labels = take(labels_view(table.y), rows);
        } else {
            y_values = take(values_view(table.y), rows);
        }
        folds = automl_splits(n_folds, rows.size(), y_labels, random_state);
        for (auto& fold : folds) {
            std::ranges::sort(fold.train);
            std::ranges::sort(fold.test);
        }
        options = {.n_rows = rows.size(),
                   .categorical_features = places_of(table.categorical_features(), columns),
                   .random_state = random_state};
        for (auto const& g : guardrails) {
            options.balance = options.balance || (g.kind == guardrail_kind::class_imbalance &&
                                                  g.state == guardrail_state::alerted);
        }
        shape = {.n_rows = rows.size(), .n_columns = columns.size()};
        for (auto const j : columns) {
            constexpr std::size_t columns_of_category = 100;
            bool const categorical = j < table.features.size() && table.features[j].categorical;
            shape.n_encoded += categorical ? columns_of_category : 2;
        }
        auto const n_classes = encode(y_labels).classes.size();
        shape.n_outputs = n_classes > 2 ? n_classes : 1;
    }
    automl_table(automl_table const&) = delete;
    automl_table& operator=(automl_table const&) = delete;

    std::optional<gathered_features> copied{};
    features_view x;
    column<double> weights{};
    labels y_labels{};  ///< empty if the target holds numbers
    column<double> y_values{};
    std::vector<row_split> folds{};
    portfolio_options options{};
    table_shape shape{};
};

/// Some rows of a table, and which of them are to train and to judge by.
struct few_rows_of_table {
    std::vector<std::size_t> rows;
    gathered_features x;
    column<double> weights;
    row_split split;
};

/// At most so many drawn rows to train and as many to judge by.
[[nodiscard]] inline few_rows_of_table few_rows(automl_table const& table, std::size_t most,
                                                std::uint64_t random_state) {
    auto const n = table.x.rows();
    auto part = automl_splits(1, n, table.y_labels, random_state)[0];
    auto const thinned = [&](std::vector<std::size_t>& rows) {
        if (rows.size() <= most) return;
        shuffle(rows, random_stream(random_state).split(purpose::rows));
        rows.resize(most);
        std::ranges::sort(rows);
    };
    thinned(part.train);
    thinned(part.test);
    std::vector<std::size_t> rows = part.train;
    rows.insert(rows.end(), part.test.begin(), part.test.end());
    row_split own;
    for (std::size_t i = 0; i < rows.size(); ++i)
        (i < part.train.size() ? own.train : own.test).push_back(i);
    auto weights = weights_of(table.weights, rows);
    gathered_features x(table.x, rows);
    return {std::move(rows), std::move(x), std::move(weights), std::move(own)};
}

}  // namespace copse::detail
