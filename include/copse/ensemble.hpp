// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All ensembles: random forests and extremely randomised trees.

#include <copse/ensemble/extra_trees.hpp>
#include <copse/ensemble/random_forest.hpp>
