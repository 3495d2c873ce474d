// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Which solver a support vector machine uses, for classes or for numbers.
///
///     linear_svc{.solver = svm_solver::dual}

namespace copse {

enum class svm_solver {
    automatic,  ///< what the loss allows and the shape of x asks for: see the trainer
    newton,     ///< passes over x, which all classes share; losses that have a slope everywhere
    dual        ///< coordinate descent, a class at a time; the intercept is regularised
};

}  // namespace copse
