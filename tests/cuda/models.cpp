// SPDX-License-Identifier: BSD-3-Clause
#include "cuda/models.hpp"

#include "support/samples.hpp"

#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/random_forest.hpp>

#include <vector>

namespace copse::test {

forest_classifier fitted_forest_classifier() {
    auto const [x, y] = labelled_grid(2000, 4, 3);
    return random_forest_classifier{.n_estimators = 30}.fit(x, y);
}
forest_regressor fitted_forest_regressor() {
    auto const [x, y] = valued_grid(2000, 4, 4);
    return random_forest_regressor{.n_estimators = 20}.fit(x, y);
}
boosted_regressor fitted_boosted_regressor() {
    auto const [x, y] = valued_grid(2000, 4, 5);
    return gradient_boosting_regressor{.n_estimators = 60, .loss = poisson_loss{}}.fit(x, y);
}
boosted_regressor fitted_category_regressor() {
    auto const [x, y] = valued_grid(2000, 4, 7);
    return gradient_boosting_regressor{.n_estimators = 30, .categorical_features = {1, 2}}.fit(x,
                                                                                               y);
}
boosted_classifier fitted_boosted_classifier(std::size_t n_classes) {
    auto [x, y] = labelled_grid(2000, 4, 6);
    for (auto& label : y) label = n_classes == 2 && label == 7 ? 5 : label;
    return gradient_boosting_classifier{.n_estimators = 40}.fit(x, y);
}
gradient_boosting_regressor depth_wise_regressor(regression_loss loss) {
    gradient_boosting_regressor out{.n_estimators = 20, .max_leaf_nodes = unlimited};
    out.max_depth = 6;
    out.loss = loss;
    return out;
}
gradient_boosting_classifier depth_wise_classifier() {
    gradient_boosting_classifier out{.n_estimators = 20, .max_leaf_nodes = unlimited};
    out.max_depth = 6;
    return out;
}
boosted_regressor fitted_on_cpu(gradient_boosting_regressor const& trainer, valued const& data) {
    return trainer.fit(data.x, data.y);
}
boosted_classifier fitted_on_cpu(gradient_boosting_classifier const& trainer,
                                 labelled const& data) {
    return trainer.fit(data.x, data.y);
}
grown_shape expected_tree(derived_rows const& r, binned_matrix const& bins,
                          detail::boosting_limits const& limits,
                          std::vector<std::uint32_t> const& features, bool unit) {
    return unit ? by_histogram<detail::unit_gradient_sums>(r, bins, limits, features)
                : by_histogram<detail::gradient_sums>(r, bins, limits, features);
}
matrix<float> rows_to_predict(std::size_t n) {
    auto x = grid(n, 4, 9, 12);
    for (std::size_t i = 0; i < n; i += 3) x(i, i % 4) = missing;
    return x;
}

}  // namespace copse::test
