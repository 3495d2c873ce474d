// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Boosting, compiled once per backend in support/boosting_fits_*.cpp, as forest_fits.hpp does for
/// forests.

#include "support/backends.hpp"

#include <copse/ensemble/gradient_boosting.hpp>

#define COPSE_TEST_BOOSTING_FITS(extern_or_nothing, B)                                             \
    extern_or_nothing template void detail::boost<B>(                                              \
        detail::boosting_plan const&, features_view, detail::boosting_objective&,                  \
        detail::boosted_parts&, detail::boosting_run&, B const&);                                  \
    extern_or_nothing template labels boosted_classifier::predict<B>(features_view, B const&)      \
        const;                                                                                     \
    extern_or_nothing template matrix<float> boosted_classifier::predict_proba<B>(features_view,   \
                                                                                  B const&) const; \
    extern_or_nothing template column<double> boosted_regressor::predict<B>(features_view,         \
                                                                            B const&) const;

namespace copse {

COPSE_TEST_BOOSTING_FITS(extern, sequential)
COPSE_TEST_BOOSTING_FITS(extern, test::threads)
COPSE_TEST_BOOSTING_FITS(extern, tbb)
#if defined(COPSE_TEST_THRUST)
COPSE_TEST_BOOSTING_FITS(extern, thrust_cpp)
COPSE_TEST_BOOSTING_FITS(extern, thrust_tbb)
#if defined(_OPENMP)
COPSE_TEST_BOOSTING_FITS(extern, thrust_omp)
#endif
#endif

}  // namespace copse
