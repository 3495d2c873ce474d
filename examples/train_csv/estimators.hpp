// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The models and backends that can be asked for by name. Another one is a line in a table of
/// estimators.cpp.

#include "options.hpp"

#include <copse/data/dataset.hpp>
#include <copse/ensemble/boosted_classifier.hpp>
#include <copse/ensemble/boosted_regressor.hpp>
#include <copse/ensemble/forest_classifier.hpp>
#include <copse/ensemble/forest_options.hpp>
#include <copse/ensemble/forest_regressor.hpp>
#include <copse/linear/kernel_logistic_regression.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/model_selection/logistic_regression_cv.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

using any_model =
    std::variant<copse::forest_classifier, copse::forest_regressor, copse::boosted_classifier,
                 copse::boosted_regressor, copse::logistic_classifier,
                 copse::logistic_classifier_cv, copse::kernel_classifier, copse::linear_classifier,
                 copse::linear_regressor, copse::any_classifier, copse::any_regressor>;
using on_progress = std::function<void(copse::progress const&)>;

[[nodiscard]] std::vector<std::string> estimator_names();
[[nodiscard]] std::vector<std::string> backend_names();

/// Throws copse::invalid_input if that model cannot be trained on such columns.
void check_columns(std::string const& model, copse::dataset const& data);

/// Whether it will say how likely classes are.
[[nodiscard]] bool gives_probabilities(std::string const& model);

/// Classification or regression, by the kind of the target.
[[nodiscard]] any_model train(options const& o, copse::dataset const& data,
                              on_progress const& report);

void save_model(any_model const& model, std::string const& path, copse::dataset const& columns);
[[nodiscard]] any_model load_model(std::string const& path);
