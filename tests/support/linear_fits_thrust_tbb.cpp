// SPDX-License-Identifier: BSD-3-Clause
#include "support/linear_fits.hpp"

#if defined(COPSE_TEST_THRUST)
namespace copse {

COPSE_TEST_LINEAR_FITS(, thrust_tbb)

}  // namespace copse
#endif
