// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Models that the tests on a device predict with: fitted by code that g++ compiles, so that nvcc
/// has only what runs there.

#include "support/level_growth.hpp"
#include "support/samples.hpp"

#include <copse/core/matrix.hpp>
#include <copse/ensemble/forest_classifier.hpp>
#include <copse/ensemble/forest_regressor.hpp>
#include <copse/ensemble/gradient_boosting.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse::test {

[[nodiscard]] forest_classifier fitted_forest_classifier();
[[nodiscard]] forest_regressor fitted_forest_regressor();
[[nodiscard]] boosted_regressor fitted_boosted_regressor();
/// With categorical columns.
[[nodiscard]] boosted_regressor fitted_category_regressor();
[[nodiscard]] boosted_classifier fitted_boosted_classifier(std::size_t n_classes);

[[nodiscard]] gradient_boosting_regressor depth_wise_regressor(regression_loss loss);
[[nodiscard]] gradient_boosting_classifier depth_wise_classifier();
[[nodiscard]] boosted_regressor fitted_on_cpu(gradient_boosting_regressor const& trainer,
                                              valued const& data);
[[nodiscard]] boosted_classifier fitted_on_cpu(gradient_boosting_classifier const& trainer,
                                               labelled const& data);

/// by_histogram's tree; `unit`: of unit_gradient_sums.
[[nodiscard]] grown_shape expected_tree(derived_rows const& r, binned_matrix const& bins,
                                        detail::boosting_limits const& limits,
                                        std::vector<std::uint32_t> const& features, bool unit);

/// (n, 4) rows with missing values for any of these.
[[nodiscard]] matrix<float> rows_to_predict(std::size_t n);

}  // namespace copse::test
