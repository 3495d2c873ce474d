// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A feature matrix as bins: one byte a cell (two if a column has more than 255 bins), column by
/// column, row by row, or both, with what is needed to turn a bin back into a threshold.
///
///     auto const bins = bin_features(backend, x, {.max_bins = 255, .categorical_features = {2}});
///     bins.cuts(2).is_categorical();
///
/// This is what training keeps of x, and the only place where x is read.

#include <copse/core/inputs.hpp>
#include <copse/core/random.hpp>
#include <copse/data/bin_cuts.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/components.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse {

/// Which cells a binned_matrix keeps: many rows of few columns are read from columns, few rows of
/// many columns from rows.
enum class cell_layout { columns, rows, both };

struct binning_options {
    std::size_t max_bins = 255;  ///< of a numeric column, the missing one not counted; 2 to 65535
    std::vector<std::size_t> categorical_features{};  ///< columns that hold codes 0, 1, ..., 65534
    std::size_t sample_rows = 200'000;                ///< rows that quantiles are taken from
    cell_layout layout = cell_layout::both;

    bool operator==(binning_options const&) const = default;
};

/// Cells of one width, borrowed: of a whole matrix, of a column, or of rows copied together.
class cells_view {
public:
    cells_view() = default;
    cells_view(std::uint8_t const* cells) noexcept : cells_(cells) {}
    cells_view(std::uint16_t const* cells) noexcept : cells_(cells), wide_(true) {}

    /// f(std::uint8_t const*) or f(std::uint16_t const*): a width is chosen once per loop over
    /// rows, so that code around the loops need not exist twice.
    template <class F>
    decltype(auto) visit(F&& f) const {
        return wide_ ? f(static_cast<std::uint16_t const*>(cells_))
                     : f(static_cast<std::uint8_t const*>(cells_));
    }
    /// The cells from the n-th on.
    [[nodiscard]] cells_view from(std::size_t n) const noexcept {
        return visit([n](auto const* cells) { return cells_view(cells + n); });
    }
    [[nodiscard]] std::size_t cell_bytes() const noexcept { return wide_ ? 2 : 1; }

private:
    void const* cells_ = nullptr;
    bool wide_ = false;
};

/// One column of bins, borrowed.
struct bin_column {
    /// No bin holds a large share of the rows.
    static constexpr std::uint32_t no_mode = 0xffffffffu;

    cells_view cells;
    std::size_t n_bins = 0;        ///< the missing one included
    std::uint32_t mode = no_mode;  ///< a bin that holds many of the rows: 0 in a sparse column
};

/// Bins of (n_samples, n_features) cells.
class binned_matrix {
public:
    binned_matrix() = default;
    binned_matrix(std::size_t rows, std::vector<bin_cuts> cuts, cell_layout layout);

    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t cols() const noexcept { return cuts_.size(); }
    [[nodiscard]] bin_cuts const& cuts(std::size_t feature) const noexcept {
        return cuts_[feature];
    }
    /// The most bins of any column, the missing one included.
    [[nodiscard]] std::size_t most_bins() const noexcept { return most_bins_; }

    [[nodiscard]] bool has_columns() const noexcept { return layout_ != cell_layout::rows; }
    [[nodiscard]] bool has_rows() const noexcept { return layout_ != cell_layout::columns; }

    /// All cells, if it has columns; column j starts at j * rows().
    [[nodiscard]] cells_view cells() const noexcept {
        return std::visit([](auto const& cells) { return cells_view(cells.data()); }, cells_);
    }
    /// All cells, if it has rows; row i starts at i * cols().
    [[nodiscard]] cells_view row_cells() const noexcept {
        return std::visit([](auto const& cells) { return cells_view(cells.data()); }, row_cells_);
    }
    /// Column `feature` of cells that are laid out like this matrix's, columns `stride` apart.
    [[nodiscard]] bin_column column(std::size_t feature, cells_view cells,
                                    std::size_t stride) const noexcept {
        return {cells.from(feature * stride), std::size_t{cuts_[feature].n_bins()} + 1,
                modes_[feature]};
    }

    /// f(cells, row_cells) fills the layouts through pointers of either width, null for one that is
    /// not kept. Cost: that of f.
    template <class F>
    void fill(F&& f) {
        std::visit(
            [&]<class Cells>(Cells& cells) {
                f(has_columns() ? cells.data() : nullptr,
                  has_rows() ? std::get<Cells>(row_cells_).data() : nullptr);
            },
            cells_);
        find_modes();
    }

    [[nodiscard]] std::uint32_t operator()(std::size_t row, std::size_t feature) const {
        auto const at = has_columns() ? feature * rows_ + row : row * cols() + feature;
        return (has_columns() ? cells() : row_cells()).visit([at](auto const* cells) {
            return std::uint32_t{cells[at]};
        });
    }
    bool operator==(binned_matrix const&) const = default;

private:
    void find_modes();

    std::size_t rows_ = 0;
    std::size_t most_bins_ = 1;
    cell_layout layout_ = cell_layout::both;
    std::vector<bin_cuts> cuts_;
    std::vector<std::uint32_t> modes_;  // per column, or no_mode
    std::variant<std::vector<std::uint8_t>, std::vector<std::uint16_t>> cells_;
    std::variant<std::vector<std::uint8_t>, std::vector<std::uint16_t>> row_cells_;
};

/// x as bins. Infinite values are values like others: the lowest, the highest.
///
/// Missing  NaN has bin 0 in every column.
/// Throws   invalid_input if a categorical cell is neither NaN nor a whole number in 0..65534, or
///          a categorical column's index is not below x.cols(); `who` names the caller.
/// Cost     O(n d log max_bins) and a byte or two per cell and layout.
/// Determinism  the same bins for every backend; quantiles of more than sample_rows rows come from
///          a sample that depends on the number of rows alone.
template <backend B>
[[nodiscard]] binned_matrix bin_features(B const& backend, features_view x,
                                         binning_options const& options,
                                         std::string_view who = "bin_features");

// ------------------------------------------------------------------ implementation below

inline binned_matrix::binned_matrix(std::size_t rows, std::vector<bin_cuts> cuts,
                                    cell_layout layout)
    : rows_(rows),
      layout_(layout),
      cuts_(std::move(cuts)),
      modes_(cuts_.size(), bin_column::no_mode) {
    for (auto const& column : cuts_) {
        most_bins_ = std::max(most_bins_, std::size_t{column.n_bins()} + 1);
    }
    auto const allocate = [&]<class Bin>(std::vector<Bin> none) {
        cells_ = none;
        row_cells_ = none;
        auto const n_cells = rows_ * cuts_.size();
        if (has_columns()) std::get<std::vector<Bin>>(cells_).resize(n_cells);
        if (has_rows()) std::get<std::vector<Bin>>(row_cells_).resize(n_cells);
    };
    if (most_bins_ <= 256) {
        allocate(std::vector<std::uint8_t>{});
    } else {
        allocate(std::vector<std::uint16_t>{});
    }
}

// From a few thousand rows: who counts fastest depends on it, not what is counted.
inline void binned_matrix::find_modes() {
    constexpr std::size_t most_asked = 4096;
    auto const step = std::max(std::size_t{1}, rows_ / most_asked);
    std::vector<std::uint32_t> counts(most_bins_);
    for (std::size_t j = 0; j < cols(); ++j) {
        std::fill(counts.begin(), counts.end(), 0u);
        std::uint32_t asked = 0;
        for (std::size_t i = 0; i < rows_; i += step, ++asked) ++counts[(*this)(i, j)];
        auto const most = std::max_element(counts.begin(), counts.end());
        bool const many = *most * 4 >= asked;
        modes_[j] = many ? static_cast<std::uint32_t>(most - counts.begin()) : bin_column::no_mode;
    }
}

namespace detail {

inline constexpr double most_categories = 65535;

/// The rows that quantiles are taken from: all, or one from each of n_sample equal stretches.
[[nodiscard]] inline std::vector<std::size_t> sample_of_rows(std::size_t n, std::size_t n_sample) {
    auto const size = std::min(n, n_sample);
    std::vector<std::size_t> rows(size);
    auto const draws = random_stream(n).split(purpose::rows);
    for (std::size_t i = 0; i < size; ++i) {
        auto const first = i * n / size;
        auto const stretch = (i + 1) * n / size - first;
        rows[i] = first + draws.below(static_cast<std::uint32_t>(stretch), i);
    }
    return rows;
}

/// Some columns of some rows of x, each column's values together.
template <class T>
[[nodiscard]] std::vector<T> columns_of(matrix_view<T const> x, std::size_t first, std::size_t last,
                                        std::vector<std::size_t> const& rows) {
    std::vector<T> out(rows.size() * (last - first));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (auto j = first; j < last; ++j) out[(j - first) * rows.size() + i] = x(rows[i], j);
    }
    return out;
}

[[nodiscard]] inline bool is_category(double value) noexcept {
    return value >= 0 && value < most_categories && value == std::floor(value);
}

template <class T>
[[nodiscard]] bin_cuts category_cuts(matrix_view<T const> x, std::size_t feature,
                                     std::string_view who) {
    std::vector<bool> seen(static_cast<std::size_t>(most_categories));
    for (std::size_t i = 0; i < x.rows(); ++i) {
        auto const value = static_cast<double>(x(i, feature));
        if (std::isnan(value)) continue;
        if (!is_category(value)) {
            throw invalid_input(
                sentence(who, ": x holds ", value, " at row ", i, ", column ", feature,
                         "; a categorical column holds whole numbers from 0 to 65534"));
        }
        seen[static_cast<std::size_t>(value)] = true;
    }
    std::vector<double> categories;
    for (std::size_t c = 0; c < seen.size(); ++c) {
        if (seen[c]) categories.push_back(static_cast<double>(c));
    }
    return bin_cuts::categorical(std::move(categories));
}

/// Finds the bins of many values of one column: by a table if the column's values are small whole
/// numbers, as codes, counts and pixels are, else by a search without branches.
class bin_search {
public:
    explicit bin_search(bin_cuts const& cuts)
        : points_(std::bit_ceil(cuts.points().size() + 1),
                  std::numeric_limits<double>::infinity()) {
        std::copy(cuts.points().begin(), cuts.points().end(), points_.begin());
        constexpr double most_entries = 4096;
        if (cuts.is_categorical() || !(cuts.least() >= 0 && cuts.greatest() < most_entries)) return;
        table_.resize(static_cast<std::size_t>(cuts.greatest()) + 1);
        for (std::size_t v = 0; v < table_.size(); ++v) {
            table_[v] = static_cast<std::uint16_t>(cuts.bin_of(static_cast<double>(v)));
        }
    }

    /// out[i] is the bin of values[i]; NaN gives 0.
    template <class T, class Bin>
    void operator()(view<T const> values, Bin* out) const {
        std::size_t i = 0;
        while (i < values.size()) {
            if (!table_.empty()) i = look_up(values, i, out);
            auto const last = std::min(values.size(), i + 64);
            search(view<T const>(values.data() + i, last - i), out + i);
            i = last;
        }
    }

private:
    /// Bins of values from `first` on up to one that is not in the table.
    template <class T, class Bin>
    std::size_t look_up(view<T const> values, std::size_t first, Bin* out) const {
        auto const top = static_cast<T>(table_.size() - 1);
        for (; first < values.size(); ++first) {
            T const v = values[first];
            if (!(v >= 0 && v <= top)) return first;
            auto const whole = static_cast<std::uint32_t>(v);
            if (static_cast<T>(whole) != v) return first;
            out[first] = static_cast<Bin>(table_[whole]);
        }
        return first;
    }

    /// Eight searches run side by side, so that their latencies overlap.
    template <class T, class Bin>
    void search(view<T const> values, Bin* out) const {
        constexpr std::size_t lanes = 8;
        auto const* const points = points_.data();
        auto const top = points_.size() / 2;
        std::size_t i = 0;
        for (; i + lanes <= values.size(); i += lanes) {
            std::size_t at[lanes] = {};
            double v[lanes];
            for (std::size_t k = 0; k < lanes; ++k) v[k] = static_cast<double>(values[i + k]);
            for (auto half = top; half > 0; half /= 2) {
                for (std::size_t k = 0; k < lanes; ++k) {
                    at[k] += points[at[k] + half - 1] < v[k] ? half : 0;
                }
            }
            for (std::size_t k = 0; k < lanes; ++k) {
                out[i + k] = static_cast<Bin>(v[k] == v[k] ? at[k] + 1 : 0);
            }
        }
        for (; i < values.size(); ++i) {
            auto const v = static_cast<double>(values[i]);
            std::size_t at = 0;
            for (auto half = top; half > 0; half /= 2) at += points[at + half - 1] < v ? half : 0;
            out[i] = static_cast<Bin>(v == v ? at + 1 : 0);
        }
    }

    std::vector<double> points_;        // padded with +inf to a power of two
    std::vector<std::uint16_t> table_;  // of the whole numbers 0, 1, ...; or empty
};

template <backend B, class T>
[[nodiscard]] std::vector<bin_cuts> find_cuts(B const& backend, matrix_view<T const> x,
                                              binning_options const& options,
                                              std::string_view who) {
    std::vector<bool> categorical(x.cols());
    for (auto const feature : options.categorical_features) {
        if (feature >= x.cols()) {
            throw invalid_input(sentence(who, ": categorical_features names column ", feature,
                                         " but x has ", x.cols(), " columns"));
        }
        categorical[feature] = true;
    }
    std::vector<bin_cuts> cuts(x.cols());
    // Columns that share the cache lines and pages of a row-major x are read together, as many as
    // fit in a moderate copy.
    constexpr std::size_t most_bytes = 16 * 1024 * 1024;
    auto const together = std::clamp<std::size_t>(
        most_bytes / (std::min(x.rows(), options.sample_rows) * sizeof(T) + 1), 64 / sizeof(T),
        128);
    auto const rows = sample_of_rows(x.rows(), options.sample_rows);
    for_each_component(backend, n_blocks(x.cols(), together), [&](std::size_t group) {
        auto const first = group * together;
        auto const last = std::min(first + together, x.cols());
        auto const columns = columns_of(x, first, last, rows);
        for (auto j = first; j < last; ++j) {
            view<T const> const column(columns.data() + (j - first) * rows.size(), rows.size());
            cuts[j] =
                categorical[j] ? category_cuts(x, j, who) : numeric_cuts(column, options.max_bins);
        }
    });
    return cuts;
}

/// A column whose sample had few distinct values may have others in the rows not sampled; finds
/// those columns' cuts again from all rows. Cost: O(n d) comparisons, for sampled columns only.
template <backend B, class T>
void complete_cuts(B const& backend, matrix_view<T const> x, binning_options const& options,
                   std::vector<bin_cuts>& cuts) {
    if (x.rows() <= options.sample_rows) return;
    for_each_component(backend, x.cols(), [&](std::size_t j) {
        if (cuts[j].is_categorical() || cuts[j].n_bins() >= options.max_bins) return;
        std::vector<T> column(x.rows());
        for (std::size_t i = 0; i < x.rows(); ++i) column[i] = x(i, j);
        cuts[j] = numeric_cuts(view<T const>(column), options.max_bins);
    });
}

}  // namespace detail

template <backend B>
binned_matrix bin_features(B const& backend, features_view x, binning_options const& options,
                           std::string_view who) {
    return x.visit([&](auto matrix) {
        using T = typename decltype(matrix)::value_type;
        auto cuts = detail::find_cuts(backend, matrix, options, who);
        detail::complete_cuts(backend, matrix, options, cuts);
        std::vector<detail::bin_search> searches(cuts.begin(), cuts.end());
        binned_matrix bins(matrix.rows(), std::move(cuts), options.layout);
        bins.fill([&]<class Bin>(Bin* cells, Bin* row_cells) {
            // A tile of rows should stay in a core's second-level cache while its columns are read.
            constexpr std::size_t most_rows = 256;
            auto const tile =
                std::clamp<std::size_t>(128 * 1024 / (matrix.cols() * sizeof(T)), 16, most_rows);
            for_each_range(backend, matrix.rows(), tile,
                           [&](std::size_t, std::size_t first, std::size_t last) {
                               T values[most_rows];
                               Bin bins_of[most_rows];
                               auto const n = matrix.rows();
                               auto const d = matrix.cols();
                               for (std::size_t j = 0; j < d; ++j) {
                                   for (auto i = first; i < last; ++i) {
                                       values[i - first] = matrix(i, j);
                                   }
                                   searches[j](view<T const>(values, last - first), bins_of);
                                   if (cells != nullptr) {
                                       std::copy(bins_of, bins_of + (last - first),
                                                 cells + j * n + first);
                                   }
                                   if (row_cells == nullptr) continue;
                                   for (auto i = first; i < last; ++i) {
                                       row_cells[i * d + j] = bins_of[i - first];
                                   }
                               }
                           });
        });
        return bins;
    });
}

}  // namespace copse
