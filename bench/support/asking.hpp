// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What it costs to ask a fitted model, forest or boosted.
///
///     rows_per_second(model, set.x_test, 2);
///     single_row_microseconds(model, set.x_test);

#include "measure.hpp"
#include "prepared_set.hpp"

#include <copse/core/inputs.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace bench {

[[nodiscard]] inline copse::features_view view_of(npy<float> const& x) {
    return {x.values.data(), x.rows, x.cols};
}

/// What a batch costs at most: probabilities of all classes, or values.
template <class Model>
[[nodiscard]] auto answers(Model const& model, npy<float> const& x, copse::tbb const& backend) {
    if constexpr (requires { model.classes(); }) {
        return model.predict_proba(view_of(x), backend);
    } else {
        return model.predict(view_of(x), backend);
    }
}

/// The same for one row.
template <class Model>
class one_row {
public:
    explicit one_row(Model const& model) : model_(model) {
        if constexpr (requires { model.classes(); }) out_.resize(model.classes().size());
    }
    void operator()(std::span<float const> row) {
        if constexpr (requires { model_.classes(); }) {
            model_.predict_proba(row, std::span(out_));
        } else {
            out_[0] = static_cast<float>(model_.predict(row));
        }
    }

private:
    Model const& model_;
    std::vector<float> out_ = {0.0f};
};

/// The median time of one row, over 2000 test rows.
template <class Model>
[[nodiscard]] double single_row_microseconds(Model const& model, npy<float> const& x) {
    one_row ask(model);
    std::vector<double> times;
    for (std::size_t i = 0; i < 2000; ++i) {
        std::span const row(x.row(i % x.rows), x.cols);
        times.push_back(seconds([&] { ask(row); }));
        keep(ask);
    }
    return 1e6 * median(std::move(times));
}

template <class Model>
[[nodiscard]] double rows_per_second(Model const& model, npy<float> const& x, int n_jobs) {
    copse::tbb const backend{.n_jobs = n_jobs};
    auto const once = median_seconds([&] { keep(answers(model, x, backend)); }, 0.5);
    return static_cast<double>(x.rows) / once;
}

template <class Model>
[[nodiscard]] std::size_t n_nodes(Model const& model) {
    std::size_t sum = 0;
    for (auto const& tree : model.trees()) sum += tree.nodes().size();
    return sum;
}

}  // namespace bench
