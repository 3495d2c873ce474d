// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fits of linear models, compiled once per backend in support/linear_fits_*.cpp: a test that
/// includes this compiles in seconds, whatever it fits on which backend.

#include "support/backends.hpp"

#include <copse/linear.hpp>

#define COPSE_TEST_LINEAR_FITS(extern_or_nothing, B)                                               \
    extern_or_nothing template logistic_classifier logistic_regression::fit<B>(                    \
        samples_view, labels_view, linear_fit_options const&, B const&) const;                     \
    extern_or_nothing template linear_classifier linear_svc::fit<B>(                               \
        samples_view, labels_view, linear_fit_options const&, B const&) const;                     \
    extern_or_nothing template labels linear_classifier::predict<B>(samples_view, B const&) const; \
    extern_or_nothing template labels logistic_classifier::predict<B>(samples_view, B const&)      \
        const;                                                                                     \
    extern_or_nothing template matrix<double> linear_classifier::decision_function<B>(             \
        samples_view, B const&) const;                                                             \
    extern_or_nothing template matrix<double> logistic_classifier::decision_function<B>(           \
        samples_view, B const&) const;                                                             \
    extern_or_nothing template matrix<float> logistic_classifier::predict_proba<B>(                \
        samples_view, B const&) const;                                                             \
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

COPSE_TEST_LINEAR_FITS(extern, sequential)
COPSE_TEST_LINEAR_FITS(extern, test::threads)
COPSE_TEST_LINEAR_FITS(extern, tbb)
#if defined(COPSE_TEST_THRUST)
COPSE_TEST_LINEAR_FITS(extern, thrust_cpp)
COPSE_TEST_LINEAR_FITS(extern, thrust_tbb)
#if defined(_OPENMP)
COPSE_TEST_LINEAR_FITS(extern, thrust_omp)
#endif
#endif

}  // namespace copse
