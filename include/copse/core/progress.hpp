// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a fit tells while it goes on, whatever it fits:
///
///     trainer.fit(x, y, {.on_iteration = [](copse::progress const& p) { draw(p.done, p.total);
///     }});
///
/// An iteration is a tree of a forest, a round of boosting, a step of a linear solver or an epoch.
/// Calls are made one at a time, in the order of iterations, by whichever thread is there; they are
/// the same for every backend and n_jobs. What a call throws ends the fit.

#include <copse/core/view.hpp>

#include <cstddef>

namespace copse {

/// How far a fit has come. Views are of what is gone when the call returns.
struct progress {
    std::size_t done = 0;                    ///< iterations finished
    std::size_t total = 0;                   ///< at most so many, if the fit is not stopped
    view<double const> validation_losses{};  ///< boosting: each validation set's, after this round
    view<double const> validation_scores{};  ///< boosting, forests: of the first set each metric's,
                                             ///< then those of the second
    /// Linear models: coef() of the model as it is now, (K, d) row by row, and intercept(), (K).
    view<double const> coef{};
    view<double const> intercept{};
};

}  // namespace copse
