// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// All of copse that needs nothing but oneTBB. Apart from it:
///
///     <copse/par/thrust.hpp>                            backends by Thrust
///     <copse/data/gzip.hpp>, <copse/data/npz.hpp>       compressed files, by zlib
///     <copse/meta/automl.hpp>                           all trainers at once: 5 s of compiling
///     <copse/io/meta_format.hpp>                        saving what meta.hpp makes: 3 s
///
/// Every header can be included alone: <copse/ensemble/random_forest.hpp> saves a second.

#include <copse/data.hpp>
#include <copse/ensemble.hpp>
#include <copse/inspection.hpp>
#include <copse/io.hpp>
#include <copse/linear.hpp>
#include <copse/loss.hpp>
#include <copse/meta.hpp>
#include <copse/metrics.hpp>
#include <copse/model_selection.hpp>
#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>
