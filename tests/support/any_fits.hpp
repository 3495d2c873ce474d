// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fits behind any_classifier_trainer and any_regressor_trainer, compiled once in
/// support/any_fits_*.cpp: whatever backend a test fits on, what runs is compiled for any_backend.

#include "support/boosting_fits.hpp"
#include "support/forest_fits.hpp"
#include "support/linear_fits.hpp"

#include <copse/par/any_backend.hpp>

namespace copse {

COPSE_TEST_FOREST_FITS(extern, any_backend)
COPSE_TEST_BOOSTING_FITS(extern, any_backend)
COPSE_TEST_LINEAR_FITS(extern, any_backend)

}  // namespace copse
