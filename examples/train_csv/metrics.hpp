// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The metrics that can be asked for by name.

#include "estimators.hpp"

#include <copse/data/dataset.hpp>

#include <string>
#include <vector>

[[nodiscard]] std::vector<std::string> metric_names();

/// The usual metric for a target, if none was asked for.
[[nodiscard]] std::string usual_metric(copse::target const& y);

/// Throws copse::invalid_input if the metric is for the other task, or needs what the model lacks.
void check_metric(std::string const& name, std::string const& model, copse::target const& y);

[[nodiscard]] double judge(std::string const& name, any_model const& model,
                           copse::dataset const& test, int n_jobs);
