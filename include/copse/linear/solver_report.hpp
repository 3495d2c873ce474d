// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How a solver's run ended, kept in the model as data: nothing is printed.

#include <cstddef>
#include <vector>

namespace copse {

/// For one class of a one-vs-rest model, or for the whole of a multinomial one.
struct solver_report {
    std::size_t n_iter = 0;     ///< outer iterations
    std::size_t n_passes = 0;   ///< passes over x
    double objective = 0;       ///< 1/2 ||w||^2 + C sum of weighted losses, summed in double
    double gradient_norm = 0;   ///< of the objective, Euclidean; 0 for a dual solver
    double gradient_limit = 0;  ///< at or below which the run has converged
    bool converged = false;

    bool operator==(solver_report const&) const = default;
};

}  // namespace copse
