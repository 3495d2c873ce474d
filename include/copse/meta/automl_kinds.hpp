// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What automl of labels and of values do differently: what they try, how a model is asked, judged,
/// and made of several.

#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/validation_metric.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/bagging.hpp>
#include <copse/meta/candidate.hpp>
#include <copse/meta/families.hpp>
#include <copse/meta/members.hpp>
#include <copse/meta/opinions.hpp>
#include <copse/meta/portfolio.hpp>
#include <copse/meta/voting.hpp>
#include <copse/par/any_backend.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace copse::detail {

/// What differs between labels and values: how a model is asked, judged, and made of several.
struct automl_of_labels {
    using targets = labels_view;
    using model = any_classifier;

    labels_view y;
    labels classes;
    classification_metric metric;
    labels judged_y{};  ///< of the rows that are judged

    [[nodiscard]] std::vector<candidate_trainer<model, targets>> portfolio(
        portfolio_options const& options, table_shape const& table) const {
        std::vector<candidate_trainer<model, targets>> out;
        for_each_classifier(options, [&](char const* name, char const* family, auto trainer) {
            out.push_back(candidate_of<model, targets>(name, family, trainer, table));
        });
        return out;
    }
    [[nodiscard]] auto families(portfolio_options const& options, table_shape const& table) const {
        return classifier_families(options, table);
    }

    [[nodiscard]] matrix<double> ask(any_classifier const& m, features_view x,
                                     any_backend const& inside) const {
        class_shares sum(x.rows(), classes);
        sum.add_probabilities(m, x, 1, inside);
        return sum.sums();
    }
    /// Greater is better.
    [[nodiscard]] double score(matrix<double> const& said, values_view weights) const {
        auto const s = metric(judged_y, said, classes, weights);
        return metric.greater_is_better() ? s : -s;
    }
    [[nodiscard]] any_classifier together(std::vector<any_classifier> members,
                                          std::vector<double> weights, std::size_t d) const {
        if (members.size() == 1 && members[0].classes() == classes) return members[0];
        return voted_classifier(classes, std::move(members), std::move(weights), voting_rule::soft,
                                d);
    }
    [[nodiscard]] any_classifier of_columns(any_classifier m, std::vector<std::size_t> columns,
                                            std::size_t d) const {
        return bagged_classifier<any_classifier>(classes, {{std::move(m), std::move(columns)}}, d);
    }
};

struct automl_of_values {
    using targets = values_view;
    using model = any_regressor;

    values_view y;
    regression_metric metric;
    column<double> judged_y{};

    [[nodiscard]] std::vector<candidate_trainer<model, targets>> portfolio(
        portfolio_options const& options, table_shape const& table) const {
        std::vector<candidate_trainer<model, targets>> out;
        for_each_regressor(options, [&](char const* name, char const* family, auto trainer) {
            out.push_back(candidate_of<model, targets>(name, family, trainer, table));
        });
        return out;
    }
    [[nodiscard]] auto families(portfolio_options const& options, table_shape const& table) const {
        return regressor_families(options, table);
    }

    [[nodiscard]] matrix<double> ask(any_regressor const& m, features_view x,
                                     any_backend const& inside) const {
        return opinion_of(m, x, inside);
    }
    [[nodiscard]] double score(matrix<double> const& said, values_view weights) const {
        auto const s =
            metric(judged_y, column<double>(said.data(), said.data() + said.rows()), weights);
        return metric.greater_is_better() ? s : -s;
    }
    [[nodiscard]] any_regressor together(std::vector<any_regressor> members,
                                         std::vector<double> weights, std::size_t d) const {
        if (members.size() == 1) return members[0];
        return voted_regressor(std::move(members), std::move(weights), d);
    }
    [[nodiscard]] any_regressor of_columns(any_regressor m, std::vector<std::size_t> columns,
                                           std::size_t d) const {
        return bagged_regressor<any_regressor>({{std::move(m), std::move(columns)}}, d);
    }
};

}  // namespace copse::detail
