// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fitted models on a GPU: their trees are uploaded once, rows are predicted there.
///
///     auto const on_gpu = copse::on_device(forest, copse::cuda{.device = 0});
///     copse::labels const y = on_gpu.predict(x);

#include <copse/cuda/stream.hpp>
#include <copse/ensemble/placed_model.hpp>

namespace copse {

/// The model on the device: a forest_classifier, forest_regressor, boosted_classifier or
/// boosted_regressor. What it predicts is equal to what `model` predicts. Throws device_error,
/// saying why and what to use instead, if the device cannot be used or its memory is full.
/// Cost: 16 to 24 bytes a node of the device's memory.
template <class Model>
[[nodiscard]] placed_model<Model, detail::cuda_stream> on_device(Model const& model, cuda where) {
    return {model, where.open_stream()};
}

}  // namespace copse
