// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How good predictions are. What a metric is: <copse/metrics/metric.hpp>.

#include <copse/metrics/calibration_curve.hpp>
#include <copse/metrics/classification.hpp>
#include <copse/metrics/classification_report.hpp>
#include <copse/metrics/confusion_matrix.hpp>
#include <copse/metrics/curves.hpp>
#include <copse/metrics/metric.hpp>
#include <copse/metrics/precision_recall.hpp>
#include <copse/metrics/probability.hpp>
#include <copse/metrics/query_ranking.hpp>
#include <copse/metrics/ranking.hpp>
#include <copse/metrics/regression.hpp>
