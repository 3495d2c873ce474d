// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All linear models: logistic regression and linear support vector machines.

#include <copse/linear/linear_svc.hpp>
#include <copse/linear/logistic_regression.hpp>
