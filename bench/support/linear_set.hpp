// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A set as bench/prepare_linear.py leaves it: a folder with y.npy and either X.npy or the arrays
/// of compressed rows, offsets.npy, indices.npy, values.npy and shape.npy.

#include "prepared_set.hpp"

#include <copse/data/csr.hpp>
#include <copse/linear/samples_view.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bench {

class linear_set {
public:
    explicit linear_set(std::filesystem::path const& folder)
        : name_(folder.filename().string()), y_(read_npy<std::int32_t>(folder / "y.npy")) {
        is_dense_ = exists(folder / "X.npy");
        if (is_dense_) {
            dense_ = read_npy<float>(folder / "X.npy");
            return;
        }
        auto const offsets = read_npy<std::int64_t>(folder / "offsets.npy");
        auto const indices = read_npy<std::int32_t>(folder / "indices.npy");
        auto const shape = read_npy<std::int32_t>(folder / "shape.npy");
        sparse_ = copse::csr_matrix({offsets.values.begin(), offsets.values.end()},
                                    {indices.values.begin(), indices.values.end()},
                                    read_npy<float>(folder / "values.npy").values,
                                    static_cast<std::size_t>(shape.values[1]));
    }

    [[nodiscard]] std::string const& name() const noexcept { return name_; }
    [[nodiscard]] std::vector<std::int32_t> const& labels() const noexcept { return y_.values; }
    [[nodiscard]] copse::samples_view x() const {
        if (!is_dense_) return sparse_;
        return copse::features_view(dense_.values.data(), dense_.rows, dense_.cols);
    }
    [[nodiscard]] std::size_t n_bytes() const noexcept {
        return dense_.values.size() * sizeof(float) + sparse_.n_stored() * 8;
    }

private:
    std::string name_;
    npy<std::int32_t> y_;
    bool is_dense_ = false;
    npy<float> dense_;
    copse::csr_matrix sparse_;
};

}  // namespace bench
