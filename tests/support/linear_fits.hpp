// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fits of linear models, compiled in support/linear_fits.cpp: a test that includes this compiles
/// in seconds, whatever it fits on which backend.

#include "support/backends.hpp"

#include <copse/linear.hpp>

#define COPSE_TEST_LINEAR_FITS(extern_or_nothing, B)                                               \
    extern_or_nothing template logistic_classifier logistic_regression::fit<B>(                    \
        samples_view, labels_view, linear_fit_options const&, B const&) const;                     \
    extern_or_nothing template linear_classifier linear_svc::fit<B>(                               \
        samples_view, labels_view, linear_fit_options const&, B const&) const;                     \
    extern_or_nothing template linear_regressor ridge::fit<B>(                                     \
        samples_view, values_view, linear_fit_options const&, B const&) const;                     \
    extern_or_nothing template linear_regressor lasso::fit<B>(                                     \
        samples_view, values_view, linear_fit_options const&, B const&) const;                     \
    extern_or_nothing template linear_regressor elastic_net::fit<B>(                               \
        samples_view, values_view, linear_fit_options const&, B const&) const;                     \
    extern_or_nothing template linear_regressor linear_svr::fit<B>(                                \
        samples_view, values_view, linear_fit_options const&, B const&) const;                     \
    extern_or_nothing template column<double> linear_regressor::predict<B>(samples_view, B const&) \
        const;

namespace copse {

extern template matrix<double> linear_classifier::scores_of<any_backend>(samples_view,
                                                                         any_backend const&,
                                                                         std::string_view) const;
COPSE_TEST_LINEAR_FITS(extern, sequential)
COPSE_TEST_LINEAR_FITS(extern, test::threads)
COPSE_TEST_LINEAR_FITS(extern, tbb)
COPSE_TEST_LINEAR_FITS(extern, any_backend)
#if defined(COPSE_TEST_THRUST)
COPSE_TEST_LINEAR_FITS(extern, thrust_cpp)
COPSE_TEST_LINEAR_FITS(extern, thrust_tbb)
#if defined(_OPENMP)
COPSE_TEST_LINEAR_FITS(extern, thrust_omp)
#endif
#endif

}  // namespace copse
