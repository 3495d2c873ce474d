// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// One boosted tree from given derivatives: by the kernels of a stream, for the tests on the CPU
/// and on a device, and by the CPU's grower, which it must equal.
///
///     auto const r = drawn_rows(700, 3, 1, 40, false);
///     CHECK(by_levels<sums>(stream, r, bins, limits, features) ==
///           by_histogram<sums>(r, bins, limits, features));

#include "support/samples.hpp"

#include <copse/core/random.hpp>
#include <copse/par/sequential.hpp>
#include <copse/tree/branch.hpp>
#include <copse/tree/grow_by_histogram.hpp>
#include <copse/tree/grow_by_levels.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse::test {

struct derived_rows {
    matrix<float> x;
    std::vector<double> g;
    std::vector<double> h;
};

/// Rows with missing values, and derivatives that follow the first columns. Hessians are 1 or
/// drawn.
[[nodiscard]] inline derived_rows drawn_rows(std::size_t n, std::size_t d, std::uint64_t seed,
                                             std::uint32_t levels, bool unit_hessian) {
    random_stream const draws(seed);
    derived_rows out{grid(n, d, seed, levels), {}, {}};
    for (std::size_t i = 0; i < n; ++i) {
        auto const of_row = draws.split(i);
        for (std::size_t j = 0; j < d; ++j) {
            if (j % 2 == 1 && of_row.below(5, 10 + j) == 0) out.x(i, j) = missing;
        }
        auto const first = std::isnan(out.x(i, 0)) ? 3.0 : static_cast<double>(out.x(i, 0));
        out.g.push_back((of_row.below(2001, 0) - 1000.0) / 256 + (first > levels / 2.0 ? 2 : -1));
        out.h.push_back(unit_hessian ? 1 : (1 + of_row.below(1000, 1)) / 1024.0);
    }
    return out;
}

template <class Sums>
[[nodiscard]] std::vector<typename Sums::item> items_of(derived_rows const& r,
                                                        detail::gradient_units& units) {
    double g = 0;
    double h = 0;
    for (std::size_t i = 0; i < r.g.size(); ++i) {
        g = std::max(g, std::abs(r.g[i]));
        h = std::max(h, r.h[i]);
    }
    units = Sums::units_for(r.g.size(), g, h);
    std::vector<typename Sums::item> items;
    for (std::size_t i = 0; i < r.g.size(); ++i) {
        items.push_back(Sums::unquantised(static_cast<std::uint32_t>(i), r.g[i], r.h[i]));
        Sums::quantise(items.back(), units);
    }
    return items;
}

struct grown_shape {
    tree shape;
    std::vector<double> gain;
    std::vector<double> splits;
    std::vector<double> rows;
    std::vector<double> value_of_row;

    bool operator==(grown_shape const&) const = default;
};

[[nodiscard]] inline grown_shape finished(detail::branch const& from, binned_matrix const& bins) {
    grown_shape out;
    out.gain.resize(bins.cols());
    out.splits.resize(bins.cols());
    out.rows.resize(bins.cols());
    out.shape = from.finish(bins, 0, out.gain);
    from.count_splits(out.splits, out.rows);
    return out;
}

template <class Sums>
[[nodiscard]] grown_shape by_histogram(derived_rows const& r, binned_matrix const& bins,
                                       detail::boosting_limits const& limits,
                                       std::vector<std::uint32_t> const& features) {
    detail::histogram_grower<Sums, sequential> grower(bins, limits, sequential{});
    detail::gradient_units units;
    detail::sample<typename Sums::item> sample{items_of<Sums>(r, units), {}};
    detail::branch grown;
    std::vector<double> values(r.g.size());
    for (auto const& leaf : grower.grow(sample, units, features, random_stream(1), grown)) {
        grown[leaf.at].leaf = node::leaf(leaf.value);
        for (auto const& i : leaf.items) values[i.row] += leaf.value;
    }
    auto out = finished(grown, bins);
    out.value_of_row = values;
    return out;
}

template <class Sums, kernel_stream S>
[[nodiscard]] grown_shape by_levels(S const& stream, derived_rows const& r,
                                    binned_matrix const& bins,
                                    detail::boosting_limits const& limits,
                                    std::vector<std::uint32_t> const& features,
                                    std::size_t items_per_chunk = 4096) {
    using item = typename Sums::item;
    detail::level_grower<Sums, S> grower(bins, limits, stream, items_per_chunk);
    detail::gradient_units units;
    auto const items = items_of<Sums>(r, units);
    detail::branch grown;
    grown_shape out;
    for (int again = 0; again < 2; ++again) {  // a grower grows one tree after another
        stream.upload(view<item const>(items.data(), items.size()), grower.items(0));
        auto const leaves = grower.grow(units, features, grown);
        std::vector<double> of_leaf;
        for (auto const& leaf : leaves) {
            grown[leaf.at].leaf = node::leaf(leaf.value);
            of_leaf.push_back(leaf.value);
        }
        auto const values = detail::uploaded(stream, of_leaf);
        auto const raw = stream.template buffer<double>(items.size());
        stream.zero(raw.view());
        grower.for_leaves(leaves, [&](auto chunks, auto of) {
            return detail::add_leaf_values<item>{chunks, of, view<double const>(values.view()),
                                                 raw.view()};
        });
        out = finished(grown, bins);
        out.value_of_row.resize(items.size());
        stream.download(view<double const>(raw.view()), view<double>(out.value_of_row));
    }
    return out;
}

}  // namespace copse::test
