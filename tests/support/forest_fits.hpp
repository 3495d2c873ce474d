// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Fits of forests, compiled once in support/forest_fits.cpp: a test that includes this instead of
/// <copse/ensemble.hpp> compiles in seconds, whatever it fits on which backend.

#include "support/backends.hpp"

#include <copse/ensemble.hpp>

#define COPSE_TEST_FOREST_FITS(extern_or_nothing)                                              \
    extern_or_nothing template detail::classifier_parts detail::fit_classifier<any_backend>(   \
        detail::forest_plan const&, class_criterion, class_weights const&, features_view,      \
        labels_view, forest_fit_options<forest_classifier> const&, any_backend const&);        \
    extern_or_nothing template detail::regressor_parts detail::fit_regressor<any_backend>(     \
        detail::forest_plan const&, real_criterion, bool, features_view, values_view,          \
        forest_fit_options<forest_regressor> const&, any_backend const&);                      \
    extern_or_nothing template matrix<float> forest_classifier::probabilities_of<any_backend>( \
        features_view, any_backend const&, std::string_view) const;                            \
    extern_or_nothing template column<double> forest_regressor::values_of<any_backend>(        \
        features_view, any_backend const&) const;

namespace copse {

COPSE_TEST_FOREST_FITS(extern)

}  // namespace copse
