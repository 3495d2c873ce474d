// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a person would look for in a table before learning from it, as data.
///
///     for (auto const& g : copse::inspect_table(train))
///         if (g.state != copse::guardrail_state::passed) note(g.text, g.columns);

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/random.hpp>
#include <copse/data/dataset.hpp>
#include <copse/ensemble/random_forest.hpp>
#include <copse/meta/gathered.hpp>
#include <copse/metrics/classification.hpp>
#include <copse/metrics/regression.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/model_selection/take.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace copse {

enum class guardrail_kind {
    missing_values,      ///< columns that have some
    constant_columns,    ///< of one value, or of none
    identifier_columns,  ///< a category or a number for each row
    class_imbalance,     ///< the rarest class has at most 20 % of the rows of the most frequent
    leakage_suspects     ///< columns that tell the target alone
};

enum class guardrail_state {
    passed,  ///< nothing was found
    done,    ///< what was found is dealt with: columns are left out, or filled in
    alerted  ///< a person should look
};

struct guardrail {
    guardrail_kind kind{};
    guardrail_state state = guardrail_state::passed;
    std::vector<std::size_t> columns{};  ///< of x, increasing
    std::string text{};                  ///< a sentence

    bool operator==(guardrail const&) const = default;
};

/// One of each kind, in their order; class_imbalance only for labels.
///
/// identifiers  a category where at least 9 of 10 rows have one of their own; or whole numbers that
///              are all different and leave no gap. Of 50 rows and more.
/// leakage      a tree on the column alone, grown on half of at most 10,000 rows, is right on 99.9
/// %
///              of the other half, or explains 99.9 % of its variance, where the most frequent
///              class has at most 98 %. Of 50 rows and more.
/// Throws       invalid_input if the table has no rows, columns, or as many targets as rows.
/// Cost         O(n log n) a column.
template <backend B = tbb>
[[nodiscard]] std::vector<guardrail> inspect_table(dataset const& table, B const& backend = {});

// ------------------------------------------------------------------ implementation below

namespace detail {

inline constexpr std::size_t least_rows_to_suspect = 50;

/// What one column is like.
struct column_facts {
    std::size_t n_missing = 0;
    bool is_constant = false;
    bool is_identifier = false;
};

[[nodiscard]] inline column_facts facts_of(matrix<float> const& x, std::size_t j,
                                           bool categorical) {
    std::vector<float> values;
    for (std::size_t i = 0; i < x.rows(); ++i) {
        if (!std::isnan(x(i, j))) values.push_back(x(i, j));
    }
    column_facts out;
    out.n_missing = x.rows() - values.size();
    std::ranges::sort(values);
    std::size_t n_distinct = values.empty() ? 0 : 1;
    bool whole = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        whole = whole && values[i] == std::floor(values[i]);
        if (i > 0 && values[i] != values[i - 1]) ++n_distinct;
    }
    out.is_constant = n_distinct == 0 || (n_distinct == 1 && out.n_missing == 0);
    if (values.size() < least_rows_to_suspect) return out;
    auto const n = static_cast<double>(values.size());
    auto const distinct = static_cast<double>(n_distinct);
    auto const span = static_cast<double>(values.back()) - static_cast<double>(values.front());
    out.is_identifier =
        categorical ? distinct >= 0.9 * n : whole && n_distinct == values.size() && span == n - 1;
    return out;
}

/// The share of labels, or of variance, that column j alone explains of rows it was not grown on.
[[nodiscard]] inline double told_by(dataset const& table, std::size_t j,
                                    std::vector<std::size_t> const& train,
                                    std::vector<std::size_t> const& test,
                                    any_backend const& inside) {
    std::vector<std::size_t> const column{j};
    gathered_features const known(table.x, train, column);
    gathered_features const asked(table.x, test, column);
    std::vector<std::size_t> categorical;
    if (table.features.size() > j && table.features[j].categorical) categorical.push_back(0);
    auto const least = std::max<std::size_t>(1, train.size() / 200);
    if (table.y.is_classification()) {
        labels_view const y = table.y;
        auto const model = random_forest_classifier{.n_estimators = 1,
                                                    .min_samples_leaf = least,
                                                    .bootstrap = false,
                                                    .categorical_features = categorical}
                               .fit(known.view(), take(y, train), inside);
        return metrics::accuracy(take(y, test), model.predict(asked.view(), inside));
    }
    values_view const y = table.y;
    auto const model = random_forest_regressor{.n_estimators = 1,
                                               .min_samples_leaf = least,
                                               .bootstrap = false,
                                               .categorical_features = categorical}
                           .fit(known.view(), take(y, train), inside);
    return metrics::r2(take(y, test), model.predict(asked.view(), inside));
}

[[nodiscard]] inline std::vector<std::size_t> leakage_suspects(dataset const& table,
                                                               any_backend const& inside) {
    auto const n = table.x.rows();
    if (n < least_rows_to_suspect) return {};
    constexpr std::size_t most_rows = 10'000;
    auto order = first_numbers(n);
    shuffle(order, random_stream(0).split(purpose::rows));
    auto const half = std::min(n, most_rows) / 2;
    auto const middle = order.begin() + static_cast<std::ptrdiff_t>(half);
    std::vector<std::size_t> const train(order.begin(), middle);
    std::vector<std::size_t> const test(middle, middle + static_cast<std::ptrdiff_t>(half));
    if (table.y.is_classification()) {
        auto const y = encode(table.y);
        std::vector<std::size_t> count(y.classes.size());
        for (auto const code : y.codes) ++count[code];
        auto const most = static_cast<double>(*std::ranges::max_element(count));
        if (most > 0.98 * static_cast<double>(n)) return {};
    }
    std::vector<double> told(table.x.cols());
    for_each_component(inside, told.size(),
                       [&](std::size_t j) { told[j] = told_by(table, j, train, test, inside); });
    std::vector<std::size_t> out;
    for (std::size_t j = 0; j < told.size(); ++j) {
        if (told[j] >= 0.999) out.push_back(j);
    }
    return out;
}

[[nodiscard]] inline guardrail imbalance_of(labels_view y) {
    auto const encoded = encode(y);
    std::vector<std::size_t> count(encoded.classes.size());
    for (auto const code : encoded.codes) ++count[code];
    auto const [least, most] = std::ranges::minmax_element(count);
    auto const rare = static_cast<std::size_t>(least - count.begin());
    auto const usual = static_cast<std::size_t>(most - count.begin());
    bool const found = static_cast<double>(*least) <= 0.2 * static_cast<double>(*most);
    return {guardrail_kind::class_imbalance,
            found ? guardrail_state::alerted : guardrail_state::passed,
            {},
            sentence("class ", encoded.classes[rare].to_string(), " has ", *least, " rows, class ",
                     encoded.classes[usual].to_string(), " has ", *most)};
}

}  // namespace detail

template <backend B>
std::vector<guardrail> inspect_table(dataset const& table, B const& backend) {
    constexpr auto who = "inspect_table";
    detail::check_n_jobs(backend, who);
    detail::check_training_set(who, table.x.rows(), table.x.cols(), table.y.size(), "targets", {});
    auto const d = table.x.cols();
    std::vector<detail::column_facts> facts(d);
    std::vector<std::size_t> suspects;
    any_backend const where = backend;
    where.enter([&] {
        auto const inside = where.inherited();
        for_each_component(inside, d, [&](std::size_t j) {
            bool const categorical = j < table.features.size() && table.features[j].categorical;
            facts[j] = detail::facts_of(table.x, j, categorical);
        });
        suspects = detail::leakage_suspects(table, inside);
    });
    auto const columns = [&](auto const& has) {
        std::vector<std::size_t> out;
        for (std::size_t j = 0; j < d; ++j) {
            if (has(facts[j])) out.push_back(j);
        }
        return out;
    };
    auto const found = [](guardrail_kind kind, guardrail_state state, std::vector<std::size_t> of,
                          char const* what) {
        auto text = detail::sentence(of.size(), of.size() == 1 ? " column " : " columns ", what);
        if (of.empty()) state = guardrail_state::passed;
        return guardrail{kind, state, std::move(of), std::move(text)};
    };
    std::vector<guardrail> out;
    out.push_back(found(guardrail_kind::missing_values, guardrail_state::done,
                        columns([](auto const& f) { return f.n_missing > 0; }),
                        "with missing values"));
    out.push_back(found(guardrail_kind::constant_columns, guardrail_state::done,
                        columns([](auto const& f) { return f.is_constant; }), "of one value"));
    out.push_back(found(guardrail_kind::identifier_columns, guardrail_state::done,
                        columns([](auto const& f) { return f.is_identifier; }),
                        "that name rows rather than describe them"));
    if (table.y.is_classification()) out.push_back(detail::imbalance_of(table.y));
    out.push_back(found(guardrail_kind::leakage_suspects, guardrail_state::alerted,
                        std::move(suspects), "that tell the target alone"));
    return out;
}

}  // namespace copse
