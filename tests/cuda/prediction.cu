// SPDX-License-Identifier: BSD-3-Clause
#include "cuda/device.hpp"
#include "cuda/models.hpp"

#include <copse/par/sequential.hpp>

#include <cstddef>

using namespace copse;
using namespace copse::test;

namespace {

matrix<double> as_doubles(matrix<float> const& x) {
    matrix<double> out(x.rows(), x.cols());
    for (std::size_t i = 0; i < x.rows() * x.cols(); ++i) out.data()[i] = x.data()[i];
    return out;
}

/// What the model says on the CPU and on the device: predict(model, x).
template <class Model, class Predict>
void check_equal_on_device(Model const& model, Predict const& predict) {
    on_a_device([&](detail::cuda_stream const&) {
        auto const placed = on_device(model, cuda{});
        for (std::size_t const n : {0u, 1u, 255u, 256u, 257u, 20000u}) {
            auto const x = rows_to_predict(n);
            CHECK(predict(placed, x) == predict(model, x));
            auto const wide = as_doubles(x);
            CHECK(predict(placed, wide) == predict(model, wide));
        }
    });
}

}  // namespace

TEST_CASE("a forest of classifiers predicts the same bits on a device") {
    check_equal_on_device(fitted_forest_classifier(),
                          [](auto const& m, features_view x) { return m.predict_proba(x); });
    check_equal_on_device(fitted_forest_classifier(),
                          [](auto const& m, features_view x) { return m.predict(x); });
}

TEST_CASE("a forest of regressors predicts the same bits on a device") {
    check_equal_on_device(fitted_forest_regressor(),
                          [](auto const& m, features_view x) { return m.predict(x); });
}

TEST_CASE("boosting regressors predict the same bits on a device, with categories too") {
    check_equal_on_device(fitted_boosted_regressor(),
                          [](auto const& m, features_view x) { return m.predict(x); });
    check_equal_on_device(fitted_category_regressor(),
                          [](auto const& m, features_view x) { return m.predict_raw(x); });
}

TEST_CASE("boosting classifiers of two and three classes predict the same bits on a device") {
    for (std::size_t const n_classes : {2u, 3u}) {
        auto const model = fitted_boosted_classifier(n_classes);
        check_equal_on_device(model, [](auto const& m, features_view x) { return m.predict(x); });
        check_equal_on_device(model,
                              [](auto const& m, features_view x) { return m.predict_proba(x); });
        check_equal_on_device(model,
                              [](auto const& m, features_view x) { return m.predict_raw(x); });
    }
}
