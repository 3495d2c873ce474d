// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Linear models as sections of a model file. Reading one proves that predicting with it is safe.
///
///     classes             labels
///     weights             number of features and of scores; weights score by score; intercepts
///     solver              whether classes are one softmax; how the solver ended, a report a solver

#include <copse/io/common_sections.hpp>
#include <copse/io/model_file.hpp>
#include <copse/linear/linear_classifier.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

template <class Model>
struct model_format;

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

inline void write_linear(model_writer& out, linear_parts const& parts) {
    write_classes(out, parts.classes);
    out.section("weights", [&](byte_writer& to) {
        to.size(parts.coef.cols());
        to.size(parts.coef.rows());
        to.numbers(view<double const>(parts.coef.data(), parts.coef.rows() * parts.coef.cols()));
        to.numbers(view<double const>(parts.intercept));
    });
    out.section("solver", [&](byte_writer& to) {
        to.number(static_cast<std::uint8_t>(parts.rule == multinomial));
        to.size(parts.reports.size());
        for (auto const& report : parts.reports) write_report(to, report);
    });
}

/// How many scores tell so many classes apart.
[[nodiscard]] inline std::size_t n_scores_of(std::size_t n_classes, multi_class_rule rule) {
    if (n_classes == 1) return 0;
    return n_classes == 2 && rule != multinomial ? 1 : n_classes;
}

[[nodiscard]] inline linear_parts read_linear(model_reader const& file) {
    linear_parts parts;
    parts.classes = read_classes(file);
    parts.rule = file.section("solver", [&](byte_reader& in) {
        auto const rule = read_flag(in) ? multinomial : multi_class_rule::one_vs_rest;
        constexpr std::size_t least_report_bytes = 2 * 8 + 4 * 8 + 1;
        parts.reports.resize(in.count_of(least_report_bytes));
        for (auto& report : parts.reports) report = read_report(in);
        return rule;
    });
    parts.coef = file.section("weights", [&](byte_reader& in) {
        auto const n_features = in.size();
        auto const n_scores = in.size();
        auto const values = in.numbers<double>();
        parts.intercept = in.numbers<double>();
        bool const whole =
            n_scores == 0 ? values.empty()
                          : values.size() % n_scores == 0 && values.size() / n_scores == n_features;
        if (n_features == 0 || !whole || parts.intercept.size() != n_scores ||
            n_scores != n_scores_of(parts.classes.size(), parts.rule)) {
            in.fail("has ", values.size(), " weights and ", parts.intercept.size(),
                    " intercepts for ", n_scores, " scores of ", n_features, " features and ",
                    parts.classes.size(), " classes");
        }
        matrix<double> coef(n_scores, n_features);
        std::ranges::copy(values, coef.data());
        return coef;
    });
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

}  // namespace copse::detail
