// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The model that is found by trying many.

#include "estimators.hpp"

/// What automl makes of the table in o.automl seconds; says on standard error what it tried.
[[nodiscard]] any_model found_by_automl(options const& o, copse::dataset const& data,
                                        on_progress const& report);
