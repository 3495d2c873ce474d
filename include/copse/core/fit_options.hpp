// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What the fit of every trainer of the library can be given besides x and y, and so what the fit
/// of something made of trainers can. Trainers whose fits take more have options of their own, with
/// these among them.

#include <copse/core/inputs.hpp>

#include <stop_token>

namespace copse {

struct fit_options {
    values_view sample_weight{};  ///< n numbers >= 0
    /// Asked now and then, by the trainers within too; fit then throws copse::stopped.
    std::stop_token stop{};
};

}  // namespace copse
