// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Splits, cross-validation, search for hyper-parameters, and a trainer that chooses its own.

#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/curves.hpp>
#include <copse/model_selection/fixed_splits.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/model_selection/logistic_regression_cv.hpp>
#include <copse/model_selection/search.hpp>
#include <copse/model_selection/shuffle_split.hpp>
#include <copse/model_selection/take.hpp>
