// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Sparse matrices by compressed rows: the elements of row i are values[k] in column indices[k]
/// for k in [offsets[i], offsets[i + 1]); all others are 0.
///
///     csr_view x(offsets, indices, values, n_cols);     // borrows std::vectors, say SciPy's
///     arrays for (std::size_t k = 0; k < x.row(i).size(); ++k) use(x.row(i).indices[k], ...);

#include <copse/core/config.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/view.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace copse {

/// The stored elements of one row.
struct csr_row {
    view<std::uint32_t const> indices;
    view<float const> values;

    [[nodiscard]] COPSE_FN constexpr std::size_t size() const noexcept { return indices.size(); }
};

/// A borrowed sparse matrix, usable on host and device.
class csr_view {
public:
    constexpr csr_view() noexcept = default;

    /// `offsets` has one more element than there are rows, the first being 0.
    /// Throws invalid_input unless the three lengths agree; validate() looks at the rest.
    csr_view(view<std::size_t const> offsets, view<std::uint32_t const> indices,
             view<float const> values, std::size_t cols);

    [[nodiscard]] COPSE_FN constexpr std::size_t rows() const noexcept {
        return offsets_.empty() ? 0 : offsets_.size() - 1;
    }
    [[nodiscard]] COPSE_FN constexpr std::size_t cols() const noexcept { return cols_; }
    [[nodiscard]] COPSE_FN constexpr std::size_t n_stored() const noexcept {
        return indices_.size();
    }
    [[nodiscard]] COPSE_FN constexpr csr_row row(std::size_t i) const noexcept {
        auto const first = offsets_[i];
        auto const count = offsets_[i + 1] - first;
        return {indices_.part(first, count), values_.part(first, count)};
    }
    [[nodiscard]] COPSE_FN constexpr view<std::size_t const> offsets() const noexcept {
        return offsets_;
    }
    [[nodiscard]] COPSE_FN constexpr view<std::uint32_t const> indices() const noexcept {
        return indices_;
    }
    [[nodiscard]] COPSE_FN constexpr view<float const> values() const noexcept { return values_; }

    /// Throws invalid_input naming the row unless offsets never fall and the indices of each row
    /// increase and are below cols(). Cost: O(n_stored).
    void validate() const;

private:
    view<std::size_t const> offsets_;
    view<std::uint32_t const> indices_;
    view<float const> values_;
    std::size_t cols_ = 0;
};

/// An owned sparse matrix. A value; converts to csr_view.
class csr_matrix {
public:
    csr_matrix() = default;

    /// Throws invalid_input as csr_view and its validate() do.
    csr_matrix(std::vector<std::size_t> offsets, std::vector<std::uint32_t> indices,
               std::vector<float> values, std::size_t cols)
        : offsets_(std::move(offsets)),
          indices_(std::move(indices)),
          values_(std::move(values)),
          cols_(cols) {
        csr_view(offsets_, indices_, values_, cols_).validate();
    }

    [[nodiscard]] std::size_t rows() const noexcept {
        return offsets_.empty() ? 0 : offsets_.size() - 1;
    }
    [[nodiscard]] std::size_t cols() const noexcept { return cols_; }
    [[nodiscard]] std::size_t n_stored() const noexcept { return indices_.size(); }
    [[nodiscard]] csr_view view() const {
        return offsets_.empty() ? csr_view{} : csr_view(offsets_, indices_, values_, cols_);
    }
    operator csr_view() const { return view(); }

    /// All elements, those not stored as `absent`. Throws invalid_input if they are too many to
    /// address.
    [[nodiscard]] matrix<float> to_dense(float absent = 0.0f) const;

    bool operator==(csr_matrix const&) const = default;

private:
    std::vector<std::size_t> offsets_;
    std::vector<std::uint32_t> indices_;
    std::vector<float> values_;
    std::size_t cols_ = 0;
};

// ------------------------------------------------------------------ implementation below

inline csr_view::csr_view(copse::view<std::size_t const> offsets,
                          copse::view<std::uint32_t const> indices, copse::view<float const> values,
                          std::size_t cols)
    : offsets_(offsets), indices_(indices), values_(values), cols_(cols) {
    using detail::sentence;
    if (offsets.empty() || offsets[0] != 0) {
        throw invalid_input("csr_view: offsets must start with 0");
    }
    if (indices.size() != values.size()) {
        throw invalid_input(sentence("csr_view: there are ", indices.size(), " indices but ",
                                     values.size(), " values"));
    }
    if (offsets[offsets.size() - 1] != indices.size()) {
        throw invalid_input(sentence("csr_view: the last offset is ", offsets[offsets.size() - 1],
                                     " but there are ", indices.size(), " indices"));
    }
}

inline void csr_view::validate() const {
    using detail::sentence;
    for (std::size_t i = 0; i < rows(); ++i) {
        if (offsets_[i] > offsets_[i + 1] || offsets_[i + 1] > n_stored()) {
            throw invalid_input(sentence("csr_view: row ", i, " is from offset ", offsets_[i],
                                         " to ", offsets_[i + 1], " of ", n_stored()));
        }
        auto const indices = row(i).indices;
        for (std::size_t k = 0; k < indices.size(); ++k) {
            if (indices[k] >= cols_) {
                throw invalid_input(sentence("csr_view: row ", i, " has index ", indices[k],
                                             " but there are ", cols_, " columns"));
            }
            if (k > 0 && indices[k] <= indices[k - 1]) {
                throw invalid_input(sentence("csr_view: row ", i, " has index ", indices[k],
                                             " after ", indices[k - 1], "; they must increase"));
            }
        }
    }
}

inline matrix<float> csr_matrix::to_dense(float absent) const {
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
    if (cols_ != 0 && rows() > most / sizeof(float) / cols_) {
        throw invalid_input(
            detail::sentence("to_dense: ", rows(), " x ", cols_, " elements are too many"));
    }
    matrix<float> out(rows(), cols_, absent);
    for (std::size_t i = 0; i < rows(); ++i) {
        for (auto k = offsets_[i]; k < offsets_[i + 1]; ++k) out(i, indices_[k]) = values_[k];
    }
    return out;
}

}  // namespace copse
