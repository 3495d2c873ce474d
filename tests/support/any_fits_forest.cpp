// SPDX-License-Identifier: BSD-3-Clause
#include "support/any_fits.hpp"

namespace copse {

COPSE_TEST_FOREST_FITS(, any_backend)

}  // namespace copse
