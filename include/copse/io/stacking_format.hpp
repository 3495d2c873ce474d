// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// stacked_*: classes; stacking: features, members, passthrough; members, and `meta`.

#include <copse/io/common_sections.hpp>
#include <copse/io/model_file.hpp>
#include <copse/io/nested_format.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/stacking.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace copse::detail {

struct stacking_section {
    std::size_t n_features;
    std::size_t n_members;
    bool passthrough;
};

template <class Model>
void write_stack(model_writer& out, Model const& model) {
    out.section("stacking", [&](byte_writer& to) {
        to.size(model.n_features());
        to.size(model.members().size());
        to.number(static_cast<std::uint8_t>(model.passthrough()));
    });
    for (std::size_t k = 0; k < model.members().size(); ++k)
        write_nested(out, member_section(k), model.members()[k]);
    write_nested(out, "meta", model.meta());
}

[[nodiscard]] inline stacking_section read_stacking(model_reader const& file) {
    return file.section("stacking", [](byte_reader& in) {
        auto const n_features = in.size();
        auto const n_members = in.size();
        return stacking_section{n_features, n_members, read_flag(in)};
    });
}

/// Columns that meta reads if each member says n_said.
[[nodiscard]] inline std::size_t n_read_by_meta(stacking_section const& s, std::size_t n_said) {
    return s.n_members * n_said + (s.passthrough ? s.n_features : 0);
}

template <>
struct model_format<stacked_classifier> {
    static constexpr std::string_view kind = "stacked_classifier";

    static void write(model_writer& out, stacked_classifier const& model) {
        write_classes(out, model.classes());
        write_stack(out, model);
    }
    [[nodiscard]] static stacked_classifier read(model_reader const& file) {
        auto classes = read_classes(file);
        auto const stacking = read_stacking(file);
        auto members = read_members<any_classifier>(file, stacking.n_members);
        for (std::size_t k = 0; k < members.size(); ++k)
            check_member(file, member_section(k), members[k], stacking.n_features, classes);
        auto meta = read_nested<any_classifier>(file, "meta");
        auto const n_said = classes.size() == 2 ? 1 : classes.size();
        check_member(file, "meta", meta, n_read_by_meta(stacking, n_said), classes);
        return {std::move(classes), std::move(members), std::move(meta), stacking.passthrough,
                stacking.n_features};
    }
};

template <>
struct model_format<stacked_regressor> {
    static constexpr std::string_view kind = "stacked_regressor";

    static void write(model_writer& out, stacked_regressor const& model) {
        write_stack(out, model);
    }
    [[nodiscard]] static stacked_regressor read(model_reader const& file) {
        auto const stacking = read_stacking(file);
        auto members = read_members<any_regressor>(file, stacking.n_members);
        for (std::size_t k = 0; k < members.size(); ++k)
            check_member(file, member_section(k), members[k], stacking.n_features);
        auto meta = read_nested<any_regressor>(file, "meta");
        check_member(file, "meta", meta, n_read_by_meta(stacking, 1));
        return {std::move(members), std::move(meta), stacking.passthrough, stacking.n_features};
    }
};

}  // namespace copse::detail
