// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Some rows to train on, the others to judge on.

#include <copse/core/random.hpp>
#include <copse/data/dataset.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

[[nodiscard]] inline copse::dataset rows_of(copse::dataset const& data,
                                            std::vector<std::size_t> const& rows) {
    copse::dataset out{copse::matrix<float>(rows.size(), data.x.cols()), data.features, {}, {}, {}};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::ranges::copy(data.x.row(rows[i]), out.x.row(i).begin());
        if (!data.sample_weight.empty()) out.sample_weight.push_back(data.sample_weight[rows[i]]);
    }
    if (data.y.is_classification()) {
        out.y = {data.y.name(), data.y.classes().at_codes(rows)};
    } else {
        copse::column<double> y;
        for (auto const row : rows) y.push_back(data.y.values()[row]);
        out.y = {data.y.name(), std::move(y)};
    }
    return out;
}

/// Four fifths and one fifth, at random.
[[nodiscard]] inline std::pair<copse::dataset, copse::dataset> holdout(copse::dataset const& data,
                                                                       std::uint64_t seed) {
    auto const draws = copse::random_stream(seed).split(copse::purpose::rows);
    std::vector<std::size_t> rows(data.x.rows());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    for (auto i = rows.size(); i > 1; --i) {
        std::swap(rows[i - 1], rows[draws.below(static_cast<std::uint32_t>(i), i)]);
    }
    auto const cut = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 5);
    return {rows_of(data, {cut, rows.end()}), rows_of(data, {rows.begin(), cut})};
}
