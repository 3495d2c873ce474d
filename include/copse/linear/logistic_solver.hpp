// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Which solver a logistic regression uses.
///
///     logistic_regression{.solver = logistic_solver::lbfgs}

namespace copse {

enum class logistic_solver {
    automatic,          ///< what the penalty and the shape of x ask for: see logistic_regression
    newton_cg,          ///< Newton steps by conjugate gradients: linear/newton.hpp
    newton_cholesky,    ///< Newton steps by factors of each class's Hessian, d^2 numbers
    lbfgs,              ///< the last gradients stand in for the Hessian: linear/lbfgs.hpp
    coordinate_descent  ///< for |w|_1, a class at a time: linear/l1_newton.hpp
};

}  // namespace copse
