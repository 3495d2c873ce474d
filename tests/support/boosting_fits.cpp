// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"

namespace copse {

COPSE_TEST_BOOSTING_FITS()

}  // namespace copse
