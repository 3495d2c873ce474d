// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How a solver's run ended, kept in the model as data: nothing is printed.

#include <cstddef>
#include <vector>

namespace copse {

/// For one class of a one-vs-rest model, or for the whole of a multinomial one.
struct solver_report {
    std::size_t n_iter = 0;     ///< outer iterations
    std::size_t n_passes = 0;   ///< passes over x, or over what of it was not set aside
    double objective = 0;       ///< 1/2 ||w||^2 + C sum of weighted losses, summed in double
    double gradient_norm = 0;   ///< Newton: of the objective. Dual: the spread of the projected one
    double gradient_limit = 0;  ///< at or below which the run has converged
    double duality_gap = 0;     ///< of a dual solver: the objective is at most this above its least
    bool converged = false;

    bool operator==(solver_report const&) const = default;
};

}  // namespace copse
