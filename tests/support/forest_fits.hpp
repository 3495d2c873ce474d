// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fits of forests, compiled once per backend in support/forest_fits_*.cpp: a test that includes
/// this instead of <copse/ensemble.hpp> compiles in seconds, whatever it fits on which backend.

#include "support/backends.hpp"

#include <copse/ensemble.hpp>

#define COPSE_TEST_FOREST_FITS(extern_or_nothing, B)                                              \
    extern_or_nothing template detail::classifier_parts detail::fit_classifier<B>(                \
        detail::forest_plan const&, class_criterion, class_weights const&, features_view,         \
        labels_view, forest_fit_options<forest_classifier> const&, B const&);                     \
    extern_or_nothing template detail::regressor_parts detail::fit_regressor<B>(                  \
        detail::forest_plan const&, real_criterion, bool, features_view, values_view,             \
        forest_fit_options<forest_regressor> const&, B const&);                                   \
    extern_or_nothing template labels forest_classifier::predict<B>(features_view, B const&)      \
        const;                                                                                    \
    extern_or_nothing template matrix<float> forest_classifier::predict_proba<B>(features_view,   \
                                                                                 B const&) const; \
    extern_or_nothing template column<double> forest_regressor::predict<B>(features_view,         \
                                                                           B const&) const;

namespace copse {

COPSE_TEST_FOREST_FITS(extern, sequential)
COPSE_TEST_FOREST_FITS(extern, test::threads)
COPSE_TEST_FOREST_FITS(extern, tbb)
#if defined(COPSE_TEST_THRUST)
COPSE_TEST_FOREST_FITS(extern, thrust_cpp)
COPSE_TEST_FOREST_FITS(extern, thrust_tbb)
#if defined(_OPENMP)
COPSE_TEST_FOREST_FITS(extern, thrust_omp)
#endif
#endif

}  // namespace copse
