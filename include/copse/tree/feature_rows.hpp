// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A binned matrix row by row, in the form that histograms are filled from: the cells of most
/// features lie side by side; of sparse features, those that nearly always have the same bin, a row
/// lists only what is elsewhere.
///
///     feature_rows const rows(bins, backend);
///     rows.add<gradient_sums>(items, count_bits, histogram);     // all rows, all features
///     rows.complete<gradient_sums>(total, histogram);            // the bins that are not listed
///
/// One-hot columns cost what the column they came from would cost, without looking for bundles of
/// mutually exclusive features as LightGBM does (G. Ke et al., NIPS 2017, section 4).

#include <copse/core/view.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>
#include <copse/tree/histogram_shape.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace copse::detail {

class feature_rows {
public:
    template <backend B>
    feature_rows(binned_matrix const& bins, B const& backend);

    /// Adds the items' sums to `out`, a histogram of this shape. Cost: about a nanosecond for three
    /// cells.
    template <class Sums>
    void add(view<typename Sums::item const> items, int count_bits,
             typename Sums::cell* out) const noexcept {
        std::visit(
            [&]<class Cell>(std::vector<Cell> const& cells) {
                if (sparse_.empty()) {
                    add_rows<Sums, false>(cells.data(), items, count_bits, out);
                } else {
                    add_rows<Sums, true>(cells.data(), items, count_bits, out);
                }
            },
            cells_);
    }
    /// The sum of the items, whose histogram this is but for complete().
    template <class Sums>
    [[nodiscard]] typename Sums::cell total(view<typename Sums::item const> items, int count_bits,
                                            std::vector<typename Sums::cell> const& sums) const {
        typename Sums::cell out{};
        if (dense_.empty()) {
            for (auto const& i : items) Sums::add(out, Sums::cell_of(i, count_bits));
        } else {  // every row is in one of any feature's bins
            auto const first = offsets_[0];
            for (std::size_t b = 0; b < n_bins_of_first_; ++b) Sums::add(out, sums[first + b]);
        }
        return out;
    }
    /// Gives each sparse feature's usual bin what the others lack to `total`.
    template <class Sums>
    void complete(typename Sums::cell const& total, typename Sums::cell* out) const noexcept {
        for (auto const& f : sparse_) {
            auto rest = total;
            for (auto b = f.first; b < f.last; ++b) {
                if (b != f.usual) Sums::subtract(rest, out[b]);
            }
            out[f.usual] = rest;
        }
    }

private:
    struct sparse_feature {
        std::uint32_t first;  // its bins in a histogram
        std::uint32_t last;
        std::uint32_t usual;
        std::uint32_t feature;
    };

    template <class Sums, bool AnySparse, class Cell>
    void add_rows(Cell const* cells, view<typename Sums::item const> items, int count_bits,
                  typename Sums::cell* out) const noexcept {
        // Rows of a small node lie apart: the next ones are asked for while these are added.
        constexpr std::size_t ahead = 16;
        auto const d = offsets_.size();
        auto const* const offsets = offsets_.data();
        auto const n = items.size();
        for (std::size_t i = 0; i < n; ++i) {
#if defined(__GNUC__)
            if (i + ahead < n) {
                auto const next = items[i + ahead].row;
                __builtin_prefetch(cells + next * stride_);
                if (AnySparse) __builtin_prefetch(listed_.data() + first_listed_[next]);
            }
#endif
            typename Sums::addend const more(items[i], count_bits);
            auto const* const row = cells + items[i].row * stride_;
            for (std::size_t j = 0; j < d; ++j) {
                if constexpr (sizeof(Cell) == 1) {
                    more.add_to(out[offsets[j] + row[j]]);
                } else {
                    more.add_to(out[row[j]]);
                }
            }
            if (AnySparse) {
                auto const* const end = listed_.data() + first_listed_[items[i].row + 1];
                for (auto const* at = listed_.data() + first_listed_[items[i].row]; at < end; ++at)
                    more.add_to(out[*at]);
            }
        }
    }

    void choose(binned_matrix const& bins, histogram_shape const& shape,
                std::vector<std::size_t> const& n_elsewhere);
    template <class Cell, backend B, class Bin>
    void lay_side_by_side(B const& backend, Bin const* bins, std::size_t n);
    template <class Bin>
    void list_elsewhere(Bin const* cells, std::size_t n);

    std::vector<std::uint32_t> dense_;    // features side by side
    std::vector<std::uint32_t> offsets_;  // their first bins in a histogram
    std::size_t n_bins_of_first_ = 0;     // dense feature
    std::size_t stride_ = 0;              // from row to row
    // Bytes are bins, to which the offsets are added. Wider ones are bins of a histogram: an
    // addition is a tenth to a fifth faster, where the rows are few enough to be in cache.
    std::variant<std::vector<std::uint8_t>, std::vector<std::uint16_t>, std::vector<std::uint32_t>>
        cells_;
    std::vector<sparse_feature> sparse_;
    std::vector<std::uint32_t> listed_;        // bins in a histogram, row by row
    std::vector<std::size_t> first_listed_{};  // per row, and one more
};

// ------------------------------------------------------------------ implementation below

/// Rows of at most 64 bytes are laid out so that none straddles two cache lines.
[[nodiscard]] inline std::size_t padded_row(std::size_t bytes) noexcept {
    return bytes <= 64 ? std::bit_ceil(std::max(bytes, std::size_t{1})) : (bytes + 7) / 8 * 8;
}

inline void feature_rows::choose(binned_matrix const& bins, histogram_shape const& shape,
                                 std::vector<std::size_t> const& n_elsewhere) {
    // A listed cell costs about as much as two that are not, and a list costs a mispredicted
    // branch, as much as twelve.
    auto const n = static_cast<double>(bins.rows());
    double saved = -12;
    for (std::size_t j = 0; j < bins.cols(); ++j) {
        auto const share = static_cast<double>(n_elsewhere[j]) / n;
        if (share < 0.3) saved += 1 - 2 * share;
    }
    for (std::uint32_t j = 0; j < bins.cols(); ++j) {
        auto const first = static_cast<std::uint32_t>(shape.first(j));
        if (saved > 0 && static_cast<double>(n_elsewhere[j]) < 0.3 * n) {
            auto const usual = bins.column(j, bins.cells(), bins.rows()).mode;
            auto const last = first + static_cast<std::uint32_t>(shape.n_bins(j));
            sparse_.push_back({first, last, first + usual, j});
        } else {
            if (dense_.empty()) n_bins_of_first_ = shape.n_bins(j);
            dense_.push_back(j);
            offsets_.push_back(first);
        }
    }
}

template <backend B>
feature_rows::feature_rows(binned_matrix const& bins, B const& backend) {
    auto const n = bins.rows();
    histogram_shape const shape(bins);
    std::vector<std::size_t> n_elsewhere(bins.cols(), n);
    for_each(backend, bins.cols(), [&](std::size_t j) {
        auto const column = bins.column(j, bins.cells(), n);
        if (column.mode == bin_column::no_mode) return;
        column.cells.visit([&]<class Bin>(Bin const* cells) {
            auto const usual = std::count(cells, cells + n, static_cast<Bin>(column.mode));
            n_elsewhere[j] = n - static_cast<std::size_t>(usual);
        });
    });
    choose(bins, shape, n_elsewhere);

    bins.cells().visit([&](auto const* cells) {
        constexpr std::size_t most_in_cache = 1u << 20;
        if (sizeof(*cells) == 1 && n * dense_.size() > most_in_cache) {
            lay_side_by_side<std::uint8_t>(backend, cells, n);
        } else if (shape.size() <= 1u << 16) {
            lay_side_by_side<std::uint16_t>(backend, cells, n);
        } else {
            lay_side_by_side<std::uint32_t>(backend, cells, n);
        }
        if (!sparse_.empty()) list_elsewhere(cells, n);
    });
}

template <class Cell, backend B, class Bin>
void feature_rows::lay_side_by_side(B const& backend, Bin const* bins, std::size_t n) {
    auto const d = dense_.size();
    stride_ = padded_row(d * sizeof(Cell)) / sizeof(Cell);
    cells_ = std::vector<Cell>(n * stride_ + 64);
    auto* const rows = std::get<std::vector<Cell>>(cells_).data();
    constexpr std::size_t together = 64;  // rows whose cells stay in the first-level cache
    for_each_range(backend, n, 4096, [&](std::size_t, std::size_t begin, std::size_t end) {
        for (auto first = begin; first < end; first += together) {
            auto const last = std::min(first + together, end);
            for (std::size_t j = 0; j < d; ++j) {
                auto const* const column = bins + dense_[j] * n;
                auto const offset = sizeof(Cell) == 1 ? 0 : offsets_[j];
                for (auto i = first; i < last; ++i)
                    rows[i * stride_ + j] = static_cast<Cell>(offset + column[i]);
            }
        }
    });
}

template <class Bin>
void feature_rows::list_elsewhere(Bin const* cells, std::size_t n) {
    // f(row, bin) for what is not in a sparse feature's usual bin, feature by feature.
    auto const for_each_elsewhere = [&](auto const& f) {
        for (auto const& of : sparse_) {
            auto const* const column = cells + of.feature * n;
            for (std::size_t i = 0; i < n; ++i) {
                if (of.first + column[i] != of.usual) f(i, of.first + column[i]);
            }
        }
    };
    first_listed_.assign(n + 1, 0);
    for_each_elsewhere([&](std::size_t i, std::uint32_t) { ++first_listed_[i + 1]; });
    for (std::size_t i = 0; i < n; ++i) first_listed_[i + 1] += first_listed_[i];
    listed_.resize(first_listed_[n]);
    std::vector<std::size_t> next(first_listed_.begin(), first_listed_.end() - 1);
    for_each_elsewhere([&](std::size_t i, std::uint32_t bin) { listed_[next[i]++] = bin; });
}

}  // namespace copse::detail
