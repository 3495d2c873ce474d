// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All ensembles: random forests, extremely randomised trees, gradient boosting.

#include <copse/ensemble/extra_trees.hpp>
#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/gradient_boosting_ranker.hpp>
#include <copse/ensemble/random_forest.hpp>
