// SPDX-License-Identifier: BSD-3-Clause
#include "support/linear_fits.hpp"

namespace copse {

COPSE_TEST_LINEAR_FITS(, test::threads)

}  // namespace copse
