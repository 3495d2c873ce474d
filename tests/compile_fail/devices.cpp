// SPDX-License-Identifier: BSD-3-Clause
// case 1: copse: this does not run on a device yet; use copse::tbb{} here
// case 2: on_device(model, copse::cuda{}), which predicts
// case 3: backend_or_device

#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/random_forest.hpp>
#include <copse/par/kernel_stream.hpp>
#include <copse/par/sequential.hpp>

#include <vector>

/// As copse::cuda{}: it opens a stream, and speaks no backend's verb.
struct device {
    copse::host_stream<copse::sequential> open_stream() const { return {}; }
};

struct no_place {};

void devices() {
    std::vector<float> const x(6);
    std::vector<int> const y{0, 1, 0};
    copse::features_view const of_x(x.data(), 3, 2);
    auto const model = copse::gradient_boosting_classifier{.max_leaf_nodes = copse::unlimited}.fit(
        of_x, y, device{});
#if CASE == 1  // a forest is not grown on a device
    copse::random_forest_classifier{}.fit(of_x, y, device{});
#elif CASE == 2  // on_device() places a model, which then predicts
    (void)model.predict(of_x, device{});
#elif CASE == 3  // a type that is neither
    copse::gradient_boosting_classifier{}.fit(of_x, y, no_place{});
#endif
}
