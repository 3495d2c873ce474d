// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All losses of boosting. What a loss is: <copse/loss/loss.hpp>.

#include <copse/loss/absolute_error.hpp>
#include <copse/loss/gamma.hpp>
#include <copse/loss/huber.hpp>
#include <copse/loss/lambdarank.hpp>
#include <copse/loss/link.hpp>
#include <copse/loss/log_loss.hpp>
#include <copse/loss/loss.hpp>
#include <copse/loss/poisson.hpp>
#include <copse/loss/quantile.hpp>
#include <copse/loss/softmax.hpp>
#include <copse/loss/squared_error.hpp>
#include <copse/loss/tweedie.hpp>
