// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Where the features' bins lie in a histogram: one after another, each feature's missing bin
/// first.

#include <copse/data/binned_matrix.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace copse::detail {

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

private:
    std::vector<std::uint32_t> first_;
};

}  // namespace copse::detail
