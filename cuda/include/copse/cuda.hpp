// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// copse on a CUDA device: compile with nvcc, -std=c++20 -I include -I cuda/include.
///
///     auto const forest = copse::random_forest_classifier{}.fit(x, y, copse::tbb{});
///     auto const on_gpu = copse::on_device(forest, copse::cuda{.device = 0});
///     copse::labels const labels = on_gpu.predict(x_new);          // equal to
///     forest.predict(x_new)

#include <copse/cuda/on_device.hpp>
#include <copse/cuda/stream.hpp>
