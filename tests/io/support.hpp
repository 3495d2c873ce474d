// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Small models that between them have everything a model file can hold.

#include "support/boosting_fits.hpp"
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <copse/core/matrix.hpp>
#include <copse/core/random.hpp>
#include <copse/ensemble/random_forest.hpp>
#include <copse/io/bytes.hpp>
#include <copse/io/checksum.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace copse::test {

/// Four columns: numbers, numbers with gaps, categories 0..6, and a constant.
inline matrix<float> mixed_columns(std::size_t n) {
    random_stream const draws(5);
    matrix<float> x(n, 4);
    for (std::size_t i = 0; i < n; ++i) {
        x(i, 0) = static_cast<float>(draws.split(0).uniform(i));
        x(i, 1) = draws.split(1).below(5, i) == 0 ? std::numeric_limits<float>::quiet_NaN()
                                                  : static_cast<float>(draws.split(2).uniform(i));
        x(i, 2) = static_cast<float>(draws.split(3).below(7, i));
        x(i, 3) = 1;
    }
    return x;
}

inline std::vector<std::string> colours(matrix<float> const& x) {
    std::vector<std::string> y;
    for (std::size_t i = 0; i < x.rows(); ++i) {
        auto const odd = static_cast<int>(x(i, 2)) % 2 == 1;
        y.emplace_back(x(i, 0) > 0.5f ? (odd ? "red" : "green")
                                      : (x(i, 1) > 0.5f ? "blue" : "red"));
    }
    return y;
}

inline std::vector<double> numbers(matrix<float> const& x) {
    std::vector<double> y;
    for (std::size_t i = 0; i < x.rows(); ++i) {
        y.push_back(double{x(i, 0)} * 3 + (x(i, 1) > 0.5f ? 1 : 0) + double{x(i, 2)} / 10);
    }
    return y;
}

/// Pure and mixed leaves, sets of categories, out-of-bag predictions, permutation importances.
inline forest_classifier const& some_classifier() {
    static auto const model = [] {
        auto const x = mixed_columns(120);
        return random_forest_classifier{.n_estimators = 3,
                                        .max_depth = 5,
                                        .min_samples_leaf = 4,
                                        .oob_score = true,
                                        .categorical_features = {2},
                                        .random_state = 1,
                                        .oob_permutation_importances = true}
            .fit(x, colours(x));
    }();
    return model;
}

inline forest_regressor const& some_regressor() {
    static auto const model = [] {
        auto const x = mixed_columns(120);
        return random_forest_regressor{.n_estimators = 3,
                                       .max_depth = 4,
                                       .oob_score = true,
                                       .categorical_features = {2},
                                       .random_state = 2,
                                       .keep_leaf_targets = true}
            .fit(x, numbers(x));
    }();
    return model;
}

/// Three classes, categories, missing values, two validation sets, four rounds.
inline boosted_classifier const& some_boosted_classifier() {
    static auto const model = [] {
        auto const x = mixed_columns(120);
        auto const other = mixed_columns(30);
        return gradient_boosting_classifier{.n_estimators = 4,
                                            .max_leaf_nodes = 5,
                                            .min_samples_leaf = 3,
                                            .categorical_features = {2}}
            .fit(x, colours(x), {.validation = {{x, colours(x)}, {other, colours(other)}}});
    }();
    return model;
}

/// A logarithmic link.
inline boosted_regressor const& some_boosted_regressor() {
    static auto const model = [] {
        auto const x = mixed_columns(120);
        return gradient_boosting_regressor{.n_estimators = 4,
                                           .max_leaf_nodes = 5,
                                           .min_samples_leaf = 3,
                                           .loss = poisson_loss{},
                                           .categorical_features = {2}}
            .fit(x, numbers(x));
    }();
    return model;
}

/// Three classes, one softmax.
inline logistic_classifier const& some_logistic_classifier() {
    static auto const model = [] {
        auto const set = labelled_grid(60, 4, 5);
        return logistic_regression{.multi_class = multinomial}.fit(set.x, set.y);
    }();
    return model;
}

inline linear_regressor const& some_linear_regressor() {
    static auto const model = [] {
        auto const set = valued_grid(60, 4, 5);
        return ridge{}.fit(set.x, set.y);
    }();
    return model;
}

/// Makes the size and the checksum of a damaged model right again.
inline void seal(std::vector<std::byte>& bytes) {
    detail::byte_writer numbers;
    numbers.size(bytes.size());
    std::memcpy(bytes.data() + 8, numbers.bytes().data(), 8);
    detail::byte_writer sum;
    sum.number(detail::crc32({bytes.data(), bytes.size() - 4}));
    std::memcpy(bytes.data() + bytes.size() - 4, sum.bytes().data(), 4);
}

/// A folder of its own, gone when the test is over.
class scratch_folder {
public:
    scratch_folder() {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("copse_test_io_" + std::to_string(reinterpret_cast<std::uintptr_t>(&count)) + "_" +
                 std::to_string(++count));
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    scratch_folder(scratch_folder const&) = delete;
    scratch_folder& operator=(scratch_folder const&) = delete;
    ~scratch_folder() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::filesystem::path operator/(char const* name) const { return path_ / name; }
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace copse::test
