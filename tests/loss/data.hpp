// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// scikit-learn's and LightGBM's numbers.

#include <doctest/doctest.h>

#include <vector>

namespace loss_reference {

#include "reference.inc"

}  // namespace loss_reference

namespace test {

inline doctest::Approx near(double x, double tolerance = 1e-13) {
    return doctest::Approx(x).epsilon(tolerance).scale(1);
}

}  // namespace test
