// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Saving and loading models.

#include <copse/io/checkpoint.hpp>
#include <copse/io/kernel_format.hpp>
#include <copse/io/logistic_cv_format.hpp>
#include <copse/io/online_format.hpp>
#include <copse/io/save_load.hpp>
