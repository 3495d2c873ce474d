// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// calibrated_*: classes; calibration: features, each member's curves; members.

#include <copse/core/view.hpp>
#include <copse/io/common_sections.hpp>
#include <copse/io/model_file.hpp>
#include <copse/io/nested_format.hpp>
#include <copse/meta/calibrated.hpp>
#include <copse/meta/calibrators.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse::detail {

inline void write_curve(byte_writer& to, sigmoid_curve const& curve) {
    to.number(curve.a);
    to.number(curve.b);
}
inline void write_curve(byte_writer& to, isotonic_curve const& curve) {
    to.numbers(view<double const>(curve.scores));
    to.numbers(view<double const>(curve.probabilities));
}

inline void read_curve(byte_reader& in, sigmoid_curve& curve) {
    curve.a = in.number<double>();
    curve.b = in.number<double>();
}
inline void read_curve(byte_reader& in, isotonic_curve& curve) {
    curve.scores = in.numbers<double>();
    curve.probabilities = in.numbers<double>();
    if (curve.scores.empty() || curve.scores.size() != curve.probabilities.size()) {
        in.fail("has a curve of ", curve.scores.size(), " scores and ", curve.probabilities.size(),
                " probabilities");
    }
    check_increasing(in, curve.scores, "scores");
    auto const sound = [](double p) { return p >= 0 && p <= 1; };
    if (!std::ranges::all_of(curve.probabilities, sound)) in.fail("has no probability in a curve");
}

inline void write_calibrator(byte_writer& to, score_calibrator const& calibrator) {
    auto const& parts = calibrator.parts();
    to.number(static_cast<std::uint8_t>(parts.index()));
    if (auto const* const b = std::get_if<double>(&parts)) {
        to.number(*b);
        return;
    }
    auto const write_all = [&](auto const& curves) {
        to.size(curves.size());
        for (auto const& curve : curves) write_curve(to, curve);
    };
    if (parts.index() == 0) write_all(std::get<0>(parts));
    if (parts.index() == 1) write_all(std::get<1>(parts));
}

template <class Curve>
[[nodiscard]] std::vector<Curve> read_curves(byte_reader& in, std::size_t n_classes) {
    std::vector<Curve> out(in.count_of(16));
    auto const wanted = n_classes == 1 ? 0 : n_classes == 2 ? 1 : n_classes;
    if (out.size() != wanted) in.fail("has ", out.size(), " curves for ", n_classes, " classes");
    for (auto& curve : out) read_curve(in, curve);
    return out;
}

[[nodiscard]] inline score_calibrator read_calibrator(byte_reader& in, std::size_t n_classes) {
    auto const method = in.number<std::uint8_t>();
    if (method == 0) return score_calibrator(read_curves<sigmoid_curve>(in, n_classes));
    if (method == 1) return score_calibrator(read_curves<isotonic_curve>(in, n_classes));
    if (method != 2) in.fail("has a calibration of kind ", unsigned{method}, "; it is 0 to 2");
    return score_calibrator(in.number<double>());
}

template <has_format Model>
struct model_format<calibrated_classifier<Model>> {
    static constexpr std::string_view kind =
        kind_of<kind_words::calibrated_classifier, Model>::text;

    static void write(model_writer& out, calibrated_classifier<Model> const& model) {
        write_classes(out, model.classes());
        out.section("calibration", [&](byte_writer& to) {
            to.size(model.n_features());
            to.size(model.members().size());
            for (auto const& member : model.members()) write_calibrator(to, member.calibrator);
        });
        for (std::size_t k = 0; k < model.members().size(); ++k)
            write_nested(out, member_section(k), model.members()[k].model);
    }
    [[nodiscard]] static calibrated_classifier<Model> read(model_reader const& file) {
        auto classes = read_classes(file);
        std::vector<score_calibrator> calibrators;
        auto const n_features = file.section("calibration", [&](byte_reader& in) {
            auto const n = in.size();
            auto const n_members = in.count_of(9);
            if (n_members == 0) in.fail("has no members");
            for (std::size_t k = 0; k < n_members; ++k)
                calibrators.push_back(read_calibrator(in, classes.size()));
            return n;
        });
        std::vector<typename calibrated_classifier<Model>::member> members;
        for (std::size_t k = 0; k < calibrators.size(); ++k) {
            auto model = read_nested<Model>(file, member_section(k));
            check_member(file, member_section(k), model, n_features, classes);
            if (!(model.classes() == classes)) {
                file.fail(member_section(k), "knows ", model.classes().size(), " of ",
                          classes.size(), " classes");
            }
            members.push_back({std::move(model), std::move(calibrators[k])});
        }
        return {std::move(classes), std::move(members), n_features};
    }
};

}  // namespace copse::detail
