// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// One pass over x for several classes at once: z = x v for each class's v, something done to each
/// z, and g = x' z of what became of it, while the rows are still in cache. Every step of every
/// solver that works on whole data is such a pass.
///
///     products<csr_view> pass(x, 10);
///     pass(backend, v, g, [&](std::size_t segment, std::size_t first, std::size_t count,
///                             float* z, std::size_t stride) { ...; });
///
/// Sums    in x's own precision over some hundred rows (a segment if x is sparse), in double
///         beyond. Rows are cut into segments by the shape of x alone and segments are joined in
///         order: the same bits for every backend and n_jobs.
/// Cost    reads x once, if a block of 8 rows fits in cache.

#include <copse/core/view.hpp>
#include <copse/data/csr.hpp>
#include <copse/linear/kernels.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace copse::detail {

/// Cuts n rows into at most `most` segments of whole blocks.
struct row_segments {
    std::size_t n_rows, n_segments, per_segment;

    row_segments(std::size_t n, std::size_t most, std::size_t block) noexcept : n_rows(n) {
        auto const blocks = (n + block - 1) / block;
        per_segment = (blocks + most - 1) / std::max<std::size_t>(most, 1) * block;
        n_segments = per_segment == 0 ? 0 : (n + per_segment - 1) / per_segment;
    }
    [[nodiscard]] std::size_t first(std::size_t s) const noexcept { return s * per_segment; }
    [[nodiscard]] std::size_t last(std::size_t s) const noexcept {
        return std::min(n_rows, (s + 1) * per_segment);
    }
};

/// Blocks of dense rows as the kernels want them: as they are, or a padded copy.
template <class T>
class row_source {
public:
    explicit row_source(matrix_view<T const> x) : x_(x), stride_(padded<T>(x.cols())) {}

    [[nodiscard]] std::size_t rows() const noexcept { return x_.rows(); }
    [[nodiscard]] std::size_t cols() const noexcept { return x_.cols(); }
    /// The columns, padded.
    [[nodiscard]] std::size_t stride() const noexcept { return stride_; }
    [[nodiscard]] dense_rows<T> block(std::size_t first, std::size_t count,
                                      std::vector<T>& copy) const {
        if (x_.col_stride() == 1 && stride_ == x_.cols() && x_.row_stride() >= 0) {
            return {x_.row(first), count, stride_, static_cast<std::size_t>(x_.row_stride())};
        }
        copy.resize(count * stride_);
        for (std::size_t i = 0; i < count; ++i) {
            auto const* from = x_.row(first + i);
            auto* const to = copy.data() + i * stride_;
            for (std::size_t j = 0; j < x_.cols(); ++j, from += x_.col_stride()) to[j] = *from;
        }
        return {copy.data(), count, stride_, stride_};
    }

private:
    matrix_view<T const> x_;
    std::size_t stride_;
};

/// Rows of a sparse matrix as the kernels want them.
[[nodiscard]] inline csr_rows rows_of(csr_view x, std::size_t first, std::size_t count) noexcept {
    return {x.offsets().data() + first, x.indices().data(), x.values().data(), count};
}

template <class X>
class products;

/// Dense rows of float or double, from a source of blocks: row_source, or what makes rows up.
template <class T, class Source>
class dense_products {
public:
    using real = T;

    /// For passes of at most `most_classes` classes. What is behind the source must outlive it.
    dense_products(Source source, std::size_t most_classes)
        : source_(std::move(source)),
          stride_(source_.stride()),
          block_(std::clamp<std::size_t>(block_bytes / (stride_ * sizeof(T)), 2, 64) * 4),
          segments_(rows(), most_segments(most_classes), block_) {}

    [[nodiscard]] std::size_t rows() const noexcept { return source_.rows(); }
    [[nodiscard]] std::size_t cols() const noexcept { return source_.cols(); }
    [[nodiscard]] std::size_t n_segments() const noexcept { return segments_.n_segments; }

    /// op(segment, first, count, z, stride) turns z[k * stride + i], class k's product with row
    /// first + i, into its factor of that row in g[k]. Calls of one segment are in order. v and g
    /// hold a pointer to cols() numbers for each class.
    template <backend B, class Op>
    void operator()(B const& backend, view<double const* const> v, view<double* const> g,
                    Op const& op, simd level = best_simd()) {
        auto const n_classes = v.size();
        auto const size = n_classes * stride_;
        weights_.assign(size, T{0});
        for (std::size_t k = 0; k < n_classes; ++k) {
            std::transform(v[k], v[k] + cols(), weights_.data() + k * stride_,
                           [](double value) { return static_cast<T>(value); });
        }
        partial_.resize(segments_.n_segments * size);
        scratch_.resize(segments_.n_segments);
        auto const kernels = dense_kernels_of<T>(level);
        backend.for_each_index(segments_.n_segments,
                               [&](std::size_t s) { run_segment(s, n_classes, kernels, op); });
        for_each_range(backend, size, block_rows / 4,
                       [&](std::size_t, std::size_t first, std::size_t last) {
                           for (auto at = first; at < last; ++at) {
                               auto const j = at % stride_;
                               if (j >= cols()) continue;
                               double sum = 0;
                               for (std::size_t s = 0; s < segments_.n_segments; ++s)
                                   sum += partial_[s * size + at];
                               g[at / stride_][j] = sum;
                           }
                       });
    }

private:
    /// Fits in the second cache, with room for the sums.
    static constexpr std::size_t block_bytes = 32 * 1024;
    static constexpr std::size_t exact_rows = 512;

    struct segment_scratch {
        std::vector<T> z, g, rows;
    };

    [[nodiscard]] std::size_t most_segments(std::size_t most_classes) const noexcept {
        // Enough for many threads, as far as a segment's sums are cheap beside its rows.
        auto const cheap = rows() / (8 * std::max<std::size_t>(most_classes, 1));
        auto const work = rows() * stride_ / 32768;
        return std::clamp<std::size_t>(std::min(cheap, work), 1, 64);
    }

    template <class Op>
    void run_segment(std::size_t s, std::size_t n_classes, dense_kernels<T> kernels, Op const& op) {
        auto const size = n_classes * stride_;
        auto& own = scratch_[s];
        own.z.resize(n_classes * block_);
        own.g.assign(size, T{0});
        auto* const sums = partial_.data() + s * size;
        std::fill_n(sums, size, 0.0);
        std::size_t in_g = 0;
        auto const flush = [&] {
            for (std::size_t at = 0; at < size; ++at) sums[at] += static_cast<double>(own.g[at]);
            std::fill(own.g.begin(), own.g.end(), T{0});
            in_g = 0;
        };
        for (auto first = segments_.first(s); first < segments_.last(s); first += block_) {
            auto const count = std::min(block_, segments_.last(s) - first);
            auto const block = source_.block(first, count, own.rows);
            kernels.dots(block, weights_.data(), n_classes, own.z.data(), block_);
            op(s, first, count, own.z.data(), block_);
            kernels.add(block, own.z.data(), block_, n_classes, own.g.data());
            in_g += count;
            if (in_g + block_ > exact_rows) flush();
        }
        if (in_g > 0) flush();
    }

    Source source_;
    std::size_t stride_;  ///< of weights and sums: the columns, padded
    std::size_t block_;   ///< rows that are multiplied, changed and added while in cache
    row_segments segments_;
    std::vector<T> weights_;       ///< (class, column)
    std::vector<double> partial_;  ///< (segment, class, column)
    std::vector<segment_scratch> scratch_;
};

/// Dense rows that are there.
template <class T>
class products<matrix_view<T const>> : public dense_products<T, row_source<T>> {
public:
    products(matrix_view<T const> x, std::size_t most_classes)
        : dense_products<T, row_source<T>>(row_source<T>(x), most_classes) {}
};

/// Compressed rows: classes lie in lanes, up to 16 side by side.
template <>
class products<csr_view> {
public:
    using real = float;

    products(csr_view x, std::size_t) : x_(x), segments_(x.rows(), most_segments(), block) {}

    [[nodiscard]] std::size_t rows() const noexcept { return x_.rows(); }
    [[nodiscard]] std::size_t cols() const noexcept { return x_.cols(); }
    [[nodiscard]] std::size_t n_segments() const noexcept { return segments_.n_segments; }

    /// As for dense rows.
    template <backend B, class Op>
    void operator()(B const& backend, view<double const* const> v, view<double* const> g,
                    Op const& op, simd level = best_simd()) {
        arrange(v.size(), level);
        weights_.resize(n_lanes_ * cols());
        for_each_range(backend, cols(), block_rows,
                       [&](std::size_t, std::size_t first, std::size_t last) {
                           for (auto const& of : groups_) to_lanes(of, v, first, last);
                       });
        sums_.resize(segments_.n_segments * n_lanes_ * cols());
        scratch_.resize(segments_.n_segments);
        backend.for_each_index(segments_.n_segments,
                               [&](std::size_t s) { run_segment(s, v.size(), op); });
        for_each_range(backend, cols(), block_rows,
                       [&](std::size_t, std::size_t first, std::size_t last) {
                           for (auto const& of : groups_) from_lanes(of, g, first, last);
                       });
    }

private:
    static constexpr std::size_t block = 64;

    /// Classes that share a lane row: they are `first`, ..., with the kernels for their number.
    struct lane_group {
        std::size_t first_class, n_classes, lanes, first;
        csr_kernels kernels;
    };
    struct segment_scratch {
        std::vector<float> z, by_lane;
    };

    [[nodiscard]] std::size_t most_segments() const noexcept {
        // A segment's sums are as long as all columns; its rows should be worth that.
        auto const cheap = x_.n_stored() / (16 * std::max<std::size_t>(x_.cols(), 1));
        auto const work = x_.n_stored() / 16384;
        return std::clamp<std::size_t>(std::min(cheap, work), 1, 64);
    }

    void arrange(std::size_t n_classes, simd level) {
        groups_.clear();
        n_lanes_ = 0;
        for (std::size_t k = 0; k < n_classes; k += most_lanes) {
            auto const count = std::min(most_lanes, n_classes - k);
            auto const lanes = *std::ranges::lower_bound(lane_counts, count);
            groups_.push_back({k, count, lanes, n_lanes_, csr_kernels_of(level, lanes)});
            n_lanes_ += lanes;
        }
    }

    /// f(group, class, its lane)
    template <class F>
    void for_each_lane(F const& f) const {
        for (auto const& of : groups_) {
            for (std::size_t l = 0; l < of.n_classes; ++l) f(of, of.first_class + l, l);
        }
    }

    void to_lanes(lane_group const& of, view<double const* const> v, std::size_t first,
                  std::size_t last) {
        auto* to = weights_.data() + of.first * cols() + first * of.lanes;
        for (auto j = first; j < last; ++j, to += of.lanes) {
            for (std::size_t l = 0; l < of.n_classes; ++l)
                to[l] = static_cast<float>(v[of.first_class + l][j]);
            for (auto l = of.n_classes; l < of.lanes; ++l) to[l] = 0;
        }
    }

    void from_lanes(lane_group const& of, view<double* const> g, std::size_t first,
                    std::size_t last) const {
        auto const size = n_lanes_ * cols();
        for (auto j = first; j < last; ++j) {
            double sum[most_lanes] = {};
            for (std::size_t s = 0; s < segments_.n_segments; ++s) {  // of no rows there are none
                auto const* const from = sums_.data() + s * size + of.first * cols() + j * of.lanes;
                for (std::size_t l = 0; l < of.lanes; ++l) sum[l] += static_cast<double>(from[l]);
            }
            for (std::size_t l = 0; l < of.n_classes; ++l) g[of.first_class + l][j] = sum[l];
        }
    }

    template <class Op>
    void run_segment(std::size_t s, std::size_t n_classes, Op const& op) {
        auto const size = n_lanes_ * cols();
        auto& own = scratch_[s];
        own.z.resize(n_classes * block);
        own.by_lane.assign(n_lanes_ * block, 0.0f);
        auto* const sums = sums_.data() + s * size;
        std::fill_n(sums, size, 0.0f);
        for (auto first = segments_.first(s); first < segments_.last(s); first += block)
            run_block(s, first, std::min(block, segments_.last(s) - first), own, sums, op);
    }

    template <class Op>
    void run_block(std::size_t s, std::size_t first, std::size_t count, segment_scratch& own,
                   float* sums, Op const& op) {
        auto const rows = rows_of(x_, first, count);
        for (auto const& of : groups_) {
            of.kernels.dots(rows, weights_.data() + of.first * cols(),
                            own.by_lane.data() + of.first * block);
        }
        for_each_lane([&](lane_group const& of, std::size_t k, std::size_t lane) {
            auto const* const from = own.by_lane.data() + of.first * block + lane;
            for (std::size_t i = 0; i < count; ++i) own.z[k * block + i] = from[i * of.lanes];
        });
        op(s, first, count, own.z.data(), block);
        for_each_lane([&](lane_group const& of, std::size_t k, std::size_t lane) {
            auto* const to = own.by_lane.data() + of.first * block + lane;
            for (std::size_t i = 0; i < count; ++i) to[i * of.lanes] = own.z[k * block + i];
        });
        for (auto const& of : groups_) {
            of.kernels.add(rows, own.by_lane.data() + of.first * block, sums + of.first * cols());
        }
    }

    csr_view x_;
    row_segments segments_;
    std::vector<lane_group> groups_;
    std::size_t n_lanes_ = 0;
    std::vector<float> weights_;  ///< (group, column, lane)
    std::vector<float> sums_;     ///< (segment, group, column, lane)
    std::vector<segment_scratch> scratch_;
};

}  // namespace copse::detail
