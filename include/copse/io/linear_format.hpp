// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Linear models as sections of a model file. Reading one proves that predicting with it is safe.
///
///     classes             a classifier's labels
///     weights             number of features and of scores; weights score by score; intercepts
///     solver              a classifier's rule for several classes; how each solver ended

#include <copse/io/bytes.hpp>
#include <copse/io/common_sections.hpp>
#include <copse/io/labels_format.hpp>
#include <copse/io/model_file.hpp>
#include <copse/linear/linear_classifier.hpp>
#include <copse/linear/linear_regressor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

inline void write_report(byte_writer& to, solver_report const& r) {
    to.size(r.n_iter);
    to.size(r.n_passes);
    for (auto const value : {r.objective, r.gradient_norm, r.gradient_limit, r.duality_gap})
        to.number(value);
    to.number(static_cast<std::uint8_t>(r.converged));
}

[[nodiscard]] inline solver_report read_report(byte_reader& in) {
    solver_report r;
    r.n_iter = in.size();
    r.n_passes = in.size();
    for (auto* const value : {&r.objective, &r.gradient_norm, &r.gradient_limit, &r.duality_gap}) {
        *value = in.number<double>();
    }
    r.converged = read_flag(in);
    return r;
}

inline void write_weights(model_writer& out, matrix<double> const& coef,
                          std::vector<double> const& intercept) {
    out.section("weights", [&](byte_writer& to) {
        to.size(coef.cols());
        to.size(coef.rows());
        to.numbers(view<double const>(coef.data(), coef.rows() * coef.cols()));
        to.numbers(view<double const>(intercept));
    });
}

/// Weights of n_scores scores and their intercepts. `of` ends the sentence if they are not.
[[nodiscard]] inline matrix<double> read_weights(model_reader const& file, std::size_t n_scores,
                                                 std::vector<double>& intercept,
                                                 std::string_view of) {
    return file.section("weights", [&](byte_reader& in) {
        auto const n_features = in.size();
        auto const n_rows = in.size();
        auto const values = in.numbers<double>();
        intercept = in.numbers<double>();
        bool const whole =
            n_rows == 0 ? values.empty()
                        : values.size() % n_rows == 0 && values.size() / n_rows == n_features;
        if (n_features == 0 || !whole || intercept.size() != n_rows || n_rows != n_scores) {
            in.fail("has ", values.size(), " weights and ", intercept.size(), " intercepts for ",
                    n_rows, " scores of ", n_features, " features", of);
        }
        matrix<double> coef(n_rows, n_features);
        std::ranges::copy(values, coef.data());
        return coef;
    });
}

inline void write_linear(model_writer& out, linear_parts const& parts) {
    write_classes(out, parts.classes);
    write_weights(out, parts.coef, parts.intercept);
    out.section("solver", [&](byte_writer& to) {
        to.number(static_cast<std::uint8_t>(parts.rule));
        to.size(parts.reports.size());
        for (auto const& report : parts.reports) write_report(to, report);
    });
}

[[nodiscard]] inline linear_parts read_linear(model_reader const& file) {
    linear_parts parts;
    parts.classes = read_classes(file);
    parts.rule = file.section("solver", [&](byte_reader& in) {
        auto const rule = in.number<std::uint8_t>();
        if (rule > static_cast<std::uint8_t>(crammer_singer))
            in.fail("has rule ", unsigned{rule}, " for several classes; it is 0 to 2");
        constexpr std::size_t least_report_bytes = 2 * 8 + 4 * 8 + 1;
        parts.reports.resize(in.count_of(least_report_bytes));
        for (auto& report : parts.reports) report = read_report(in);
        return static_cast<multi_class_rule>(rule);
    });
    parts.coef = read_weights(file, n_scores_of(parts.classes.size(), parts.rule), parts.intercept,
                              sentence(" and ", parts.classes.size(), " classes"));
    return parts;
}

template <>
struct model_format<linear_classifier> {
    static constexpr std::string_view kind = "linear_classifier";

    static void write(model_writer& out, linear_classifier const& model) {
        write_linear(out, model.parts());
    }
    [[nodiscard]] static linear_classifier read(model_reader const& file) {
        return linear_classifier(read_linear(file));
    }
};

template <>
struct model_format<logistic_classifier> {
    static constexpr std::string_view kind = "logistic_classifier";

    static void write(model_writer& out, logistic_classifier const& model) {
        write_linear(out, model.parts());
    }
    [[nodiscard]] static logistic_classifier read(model_reader const& file) {
        return logistic_classifier(read_linear(file));
    }
};

template <>
struct model_format<linear_regressor> {
    static constexpr std::string_view kind = "linear_regressor";

    static void write(model_writer& out, linear_regressor const& model) {
        write_weights(out, model.parts().coef, model.parts().intercept);
        out.section("solver", [&](byte_writer& to) { write_report(to, model.report()); });
    }
    [[nodiscard]] static linear_regressor read(model_reader const& file) {
        linear_regressor_parts parts;
        parts.coef = read_weights(file, 1, parts.intercept, "; a regressor has 1 score");
        parts.report = file.section("solver", [](byte_reader& in) { return read_report(in); });
        return linear_regressor(std::move(parts));
    }
};

}  // namespace copse::detail
