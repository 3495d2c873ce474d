// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What the fit of every trainer of the library can be given besides x and y, and so what the fit
/// of something made of them can.

#include <copse/core/inputs.hpp>

#include <stop_token>

namespace copse {

struct meta_fit_options {
    values_view sample_weight{};  ///< n numbers >= 0
    std::stop_token
        stop{};  ///< the members are given it; fit throws copse::stopped if it was asked
};

}  // namespace copse
