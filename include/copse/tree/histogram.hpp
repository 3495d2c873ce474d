// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Histograms of gradients: for every feature and bin, the sums over a node's rows. One pass over
/// the rows fills all features, so the cells are read row by row.
///
///     histogram_shape const shape(bins);
///     fill_histogram<gradient_sums>(bins.row_cells(), items, shape, count_bits, cells);
///
/// A child's histogram is its parent's less its sibling's, exactly, because sums are integers: only
/// the smaller child's rows are read. G. Ke et al., "LightGBM: A Highly Efficient Gradient Boosting
/// Decision Tree", NIPS 2017, section 2.

#include <copse/core/view.hpp>
#include <copse/data/binned_matrix.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse::detail {

/// Where each feature's bins lie in a histogram.
class histogram_shape {
public:
    explicit histogram_shape(binned_matrix const& bins) : first_(bins.cols() + 1) {
        for (std::size_t j = 0; j < bins.cols(); ++j) {
            first_[j + 1] = first_[j] + bins.cuts(j).n_bins() + 1;
        }
    }
    [[nodiscard]] std::size_t n_features() const noexcept { return first_.size() - 1; }
    [[nodiscard]] std::size_t size() const noexcept { return first_.back(); }
    [[nodiscard]] std::size_t first(std::size_t feature) const noexcept { return first_[feature]; }
    [[nodiscard]] std::size_t n_bins(std::size_t feature) const noexcept {
        return first_[feature + 1] - first_[feature];
    }
    [[nodiscard]] std::uint32_t const* offsets() const noexcept { return first_.data(); }

private:
    std::vector<std::uint32_t> first_;
};

/// Adds the items' sums to `out`, shape.size() cells. Row i's cells start at rows + i * n_features.
/// Cost: about a nanosecond for three cells.
template <class Sums, class Bin>
void fill_histogram(Bin const* rows, view<typename Sums::item const> items,
                    histogram_shape const& shape, int count_bits,
                    typename Sums::cell* out) noexcept {
    // Rows of a small node lie apart: the next ones are asked for while these are added.
    constexpr std::size_t ahead = 16;
    auto const d = shape.n_features();
    auto const* const offsets = shape.offsets();
    auto const n = items.size();
    for (std::size_t i = 0; i < n; ++i) {
        auto const* const row = rows + items[i].row * d;
#if defined(__GNUC__)
        if (i + ahead < n) __builtin_prefetch(rows + items[i + ahead].row * d);
#endif
        auto const more = Sums::cell_of(items[i], count_bits);
        for (std::size_t j = 0; j < d; ++j) Sums::add(out[offsets[j] + row[j]], more);
    }
}

}  // namespace copse::detail
