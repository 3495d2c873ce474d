// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Boosting, compiled once in support/boosting_fits.cpp, as forest_fits.hpp does for forests.

#include "support/backends.hpp"

#include <copse/ensemble/gradient_boosting.hpp>

#define COPSE_TEST_BOOSTING_FITS(extern_or_nothing)                               \
    extern_or_nothing template void detail::boost<any_backend>(                   \
        detail::boosting_plan const&, features_view, detail::boosting_objective&, \
        detail::boosted_parts&, detail::boosting_run&, any_backend const&);       \
    extern_or_nothing template void detail::add_trees<any_backend>(               \
        std::span<tree const>, features_view, any_backend const&, matrix<double>&);

namespace copse {

COPSE_TEST_BOOSTING_FITS(extern)

}  // namespace copse
