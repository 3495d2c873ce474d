// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A table ready to learn from: features as one float matrix, what they are called, which are
/// categories, and the target.
///
///     auto const train = copse::read_csv("adult_train.csv", {.target = "income"});
///     auto const test = copse::read_csv("adult_test.csv", {.like = &train});
///     train.categorical_features();                // columns of x that hold codes
///     train.features[1].categories[3];             // the text of code 3 in column 1

#include <copse/core/errors.hpp>
#include <copse/core/matrix.hpp>
#include <copse/data/csr.hpp>
#include <copse/data/target.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace copse {

/// What a column of x means.
struct feature {
    std::string name;
    bool categorical = false;             ///< x holds codes: positions in `categories`
    std::vector<std::string> categories;  ///< distinct, in increasing order of their bytes

    bool operator==(feature const&) const = default;
};

/// Rows with dense features. NaN in x means "missing".
struct dataset {
    matrix<float> x;                     ///< (n_samples, n_features)
    std::vector<feature> features;       ///< one for each column of x
    target y;                            ///< empty if the file had none
    column<double> sample_weight;        ///< empty if the file had none
    std::vector<std::int64_t> query_id;  ///< of each row, for ranking; empty if the file had none

    /// The columns of x that hold category codes, in increasing order.
    [[nodiscard]] std::vector<std::size_t> categorical_features() const {
        std::vector<std::size_t> out;
        for (std::size_t j = 0; j < features.size(); ++j) {
            if (features[j].categorical) out.push_back(j);
        }
        return out;
    }
};

/// Rows with sparse features: an element that is not stored is 0.
struct sparse_dataset {
    csr_matrix x;
    target y;
    std::vector<std::int64_t> query_id;  ///< of each row, for ranking; empty if the file had none
    std::size_t first_index = 1;         ///< what the file calls column 0 of x

    /// The same with all elements, those not stored as `absent` (0, or NaN for "missing").
    /// Features are named by their index in the file. Throws invalid_input if x has more elements
    /// than memory has addresses.
    [[nodiscard]] dataset to_dense(float absent = 0.0f) const {
        dataset out{x.to_dense(absent), {}, y, {}, query_id};
        for (std::size_t j = 0; j < x.cols(); ++j) {
            out.features.push_back({detail::sentence(first_index + j), false, {}});
        }
        return out;
    }
};

/// How many consecutive rows each query has. Throws invalid_input if a query's rows are apart.
/// Cost: O(n log n) in the number of queries.
[[nodiscard]] inline std::vector<std::size_t> query_sizes(std::span<std::int64_t const> query_id) {
    std::vector<std::size_t> sizes;
    std::vector<std::int64_t> seen;
    for (std::size_t i = 0; i < query_id.size(); ++i) {
        if (i == 0 || query_id[i] != query_id[i - 1]) {
            seen.push_back(query_id[i]);
            sizes.push_back(0);
        }
        ++sizes.back();
    }
    std::sort(seen.begin(), seen.end());
    auto const twice = std::adjacent_find(seen.begin(), seen.end());
    if (twice != seen.end()) {
        throw invalid_input(detail::sentence("query_sizes: the rows of query ", *twice,
                                             " are apart; rows of one query must be consecutive"));
    }
    return sizes;
}

}  // namespace copse
