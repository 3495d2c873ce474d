// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A linear classifier of kernel features, as sections of a model file: a linear model's, and
///
///     kernel              gamma; numbers of components and of features; directions component by
///                         component; phases, or whitening row by row

#include <copse/io/linear_format.hpp>
#include <copse/io/save_load.hpp>
#include <copse/linear/kernel_logistic_regression.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

inline void write_kernel(byte_writer& to, kernel_parts const& parts) {
    auto const of = [](matrix<double> const& m) {
        return view<double const>(m.data(), m.rows() * m.cols());
    };
    to.number(parts.gamma);
    to.size(parts.directions.rows());
    to.size(parts.directions.cols());
    to.numbers(of(parts.directions));
    to.numbers(view<double const>(parts.phases));
    to.numbers(of(parts.whitening));
}

/// `values` are rows x cols numbers, none of them many enough to wrap around.
[[nodiscard]] inline bool holds_matrix(std::vector<double> const& values, std::size_t rows,
                                       std::size_t cols) noexcept {
    return rows > 0 && values.size() % rows == 0 && values.size() / rows == cols;
}

[[nodiscard]] inline kernel_parts read_kernel(byte_reader& in) {
    kernel_parts parts;
    parts.gamma = in.number<double>();
    auto const n = in.size();
    auto const d = in.size();
    auto const directions = in.numbers<double>();
    parts.phases = in.numbers<double>();
    auto const whitening = in.numbers<double>();
    bool const random = parts.phases.size() == n && whitening.empty();
    bool const landmarks = parts.phases.empty() && holds_matrix(whitening, n, n);
    if (d == 0 || !holds_matrix(directions, n, d) || !(random || landmarks)) {
        in.fail("has ", directions.size(), " directions, ", parts.phases.size(), " phases and ",
                whitening.size(), " whitening numbers for ", n, " components of ", d, " features");
    }
    parts.directions = matrix<double>(n, d);
    std::ranges::copy(directions, parts.directions.data());
    if (landmarks) {
        parts.whitening = matrix<double>(n, n);
        std::ranges::copy(whitening, parts.whitening.data());
    }
    return parts;
}

template <>
struct model_format<kernel_classifier> {
    static constexpr std::string_view kind = "kernel_classifier";

    static void write(model_writer& out, kernel_classifier const& model) {
        write_linear(out, model.linear().parts());
        out.section("kernel", [&](byte_writer& to) { write_kernel(to, model.map().parts()); });
    }
    [[nodiscard]] static kernel_classifier read(model_reader const& file) {
        auto linear = read_linear(file);
        kernel_map map(file.section("kernel", [&](byte_reader& in) {
            auto parts = read_kernel(in);
            if (linear.coef.cols() != parts.directions.rows()) {
                in.fail("has ", parts.directions.rows(), " components but the model weighs ",
                        linear.coef.cols());
            }
            return parts;
        }));
        return {std::move(map), logistic_classifier(std::move(linear))};
    }
};

}  // namespace copse::detail
