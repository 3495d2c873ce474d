// SPDX-License-Identifier: BSD-3-Clause
#include "support/linear_fits.hpp"

namespace copse {

template matrix<double> linear_classifier::scores_of<any_backend>(samples_view, any_backend const&,
                                                                  std::string_view) const;
COPSE_TEST_LINEAR_FITS(, sequential)
COPSE_TEST_LINEAR_FITS(, test::threads)
COPSE_TEST_LINEAR_FITS(, tbb)
COPSE_TEST_LINEAR_FITS(, any_backend)
#if defined(COPSE_TEST_THRUST)
COPSE_TEST_LINEAR_FITS(, thrust_cpp)
COPSE_TEST_LINEAR_FITS(, thrust_tbb)
#if defined(_OPENMP)
COPSE_TEST_LINEAR_FITS(, thrust_omp)
#endif
#endif

}  // namespace copse
