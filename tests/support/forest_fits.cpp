// SPDX-License-Identifier: BSD-3-Clause
#include "support/forest_fits.hpp"

namespace copse {

COPSE_TEST_FOREST_FITS()

}  // namespace copse
