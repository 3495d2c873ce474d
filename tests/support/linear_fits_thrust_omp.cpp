// SPDX-License-Identifier: BSD-3-Clause
#include "support/linear_fits.hpp"

#if defined(COPSE_TEST_THRUST) && defined(_OPENMP)
namespace copse {

COPSE_TEST_LINEAR_FITS(, thrust_omp)

}  // namespace copse
#endif
