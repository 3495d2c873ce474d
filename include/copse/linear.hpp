// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All linear models: logistic regression, of kernel features too, linear support vector machines
/// for classes and for numbers, least squares, stochastic gradient descent; one_vs_rest and
/// one_vs_one over any trainer.

#include <copse/linear/elastic_net.hpp>
#include <copse/linear/kernel_logistic_regression.hpp>
#include <copse/linear/linear_svc.hpp>
#include <copse/linear/linear_svr.hpp>
#include <copse/linear/logistic_regression.hpp>
#include <copse/linear/one_vs_one.hpp>
#include <copse/linear/one_vs_rest.hpp>
#include <copse/linear/sgd_classifier.hpp>
#include <copse/linear/sgd_regressor.hpp>
