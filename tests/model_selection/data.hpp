// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The data of tests/data/model_selection_reference.py, and what scikit-learn said of them.

#include <copse/core/matrix.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace copse::test {

struct reference_rows {
    static constexpr std::size_t n = 61;
    matrix<double> x{n, 4};
    std::vector<int> classes, groups, binary;
    std::vector<double> values;

    reference_rows() {
        constexpr int of_square[] = {2, 0, 1, 0, 0, 2, 0};
        for (int i = 0; i < static_cast<int>(n); ++i) {
            for (int j = 0; j < 4; ++j) {
                x(static_cast<std::size_t>(i), static_cast<std::size_t>(j)) =
                    (i * (j + 3) * 7 + j * j * 5 + i * i) % 23 / 23.0;
            }
            classes.push_back(of_square[i * i % 7]);
            groups.push_back(i * 13 % 17 % 11);
            binary.push_back((i * 21 + i * i) % 23 + (i * i * 3) % 11 > 15 ? 1 : 0);
            values.push_back((i * 21 + i * i) % 23 - 2.0 * ((i * 42 + 20 + i * i) % 23) + i % 3);
        }
    }
};

namespace reference {
#include "model_selection/reference.inc"
}

}  // namespace copse::test
