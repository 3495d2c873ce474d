// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fits of every kind of trainer, compiled elsewhere.

#include "support/boosting_fits.hpp"
#include "support/forest_fits.hpp"
#include "support/linear_fits.hpp"
