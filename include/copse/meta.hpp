// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What is made of other trainers, whichever they are: any_classifier_trainer, voting, bagging,
/// calibration, stacking, the greedy choice of an ensemble, and trainers of encoded tables.
///
/// Not in it, since they compile code of every trainer: <copse/meta/automl.hpp> and
/// <copse/io/meta_format.hpp>.

#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/bagging.hpp>
#include <copse/meta/calibrated.hpp>
#include <copse/meta/calibrators.hpp>
#include <copse/meta/encoding.hpp>
#include <copse/meta/ensemble_selection.hpp>
#include <copse/meta/stacking.hpp>
#include <copse/meta/voting.hpp>
