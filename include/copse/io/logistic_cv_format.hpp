// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A logistic regression that chose its C, as sections of a model file: a linear model's, and
///
///     scores              the candidates' C and l1_ratio; each one's scores of the folds; which
///                         was the best

#include <copse/io/linear_format.hpp>
#include <copse/io/save_load.hpp>
#include <copse/model_selection/logistic_regression_cv.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

template <>
struct model_format<logistic_classifier_cv> {
    static constexpr std::string_view kind = "logistic_classifier_cv";

    static void write(model_writer& out, logistic_classifier_cv const& model) {
        write_linear(out, model.parts());
        out.section("scores", [&](byte_writer& to) {
            auto const& found = model.scores();
            to.size(found.candidates.size());
            for (auto const& candidate : found.candidates) {
                to.number(candidate.C);
                to.number(candidate.l1_ratio);
            }
            auto const& scores = found.of_folds;
            to.numbers(view<double const>(scores.data(), scores.rows() * scores.cols()));
            to.size(found.best);
        });
    }
    [[nodiscard]] static logistic_classifier_cv read(model_reader const& file) {
        auto parts = read_linear(file);
        auto found = file.section("scores", [](byte_reader& in) {
            logistic_scores out;
            out.candidates.resize(in.count_of(2 * sizeof(double)));
            for (auto& candidate : out.candidates) {
                candidate.C = in.number<double>();
                candidate.l1_ratio = in.number<double>();
            }
            auto const n = out.candidates.size();
            auto const scores = in.numbers<double>();
            out.best = in.size();
            if (out.best >= n || scores.empty() || scores.size() % n != 0) {
                in.fail("has ", scores.size(), " scores of ", n, " candidates and calls number ",
                        out.best, " the best");
            }
            out.of_folds = matrix<double>(n, scores.size() / n);
            std::ranges::copy(scores, out.of_folds.data());
            return out;
        });
        return {std::move(parts), std::move(found)};
    }
};

}  // namespace copse::detail
