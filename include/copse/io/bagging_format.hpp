// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// bagged_*: classes; bagging: features, each member's columns; members; oob.

#include <copse/io/common_sections.hpp>
#include <copse/io/forest_format.hpp>
#include <copse/io/model_file.hpp>
#include <copse/io/nested_format.hpp>
#include <copse/meta/bagging.hpp>

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

struct bagging_section {
    std::size_t n_features;
    std::vector<std::vector<std::size_t>> columns;
};

template <class Model>
void write_bags(model_writer& out, Model const& model) {
    out.section("bagging", [&](byte_writer& to) {
        to.size(model.n_features());
        to.size(model.members().size());
        for (auto const& member : model.members()) {
            to.size(member.columns.size());
            for (auto const j : member.columns) to.size(j);
        }
    });
    for (std::size_t k = 0; k < model.members().size(); ++k)
        write_nested(out, member_section(k), model.members()[k].model);
    write_oob(out, model.oob());
}

[[nodiscard]] inline bagging_section read_bagging(model_reader const& file) {
    return file.section("bagging", [](byte_reader& in) {
        bagging_section out{in.size(), {}};
        out.columns.resize(in.count_of(8));
        if (out.columns.empty()) in.fail("has no members");
        for (auto& columns : out.columns) {
            columns.resize(in.count_of(8));
            for (auto& j : columns) j = in.size();
            check_increasing(in, columns, "columns");
            if (!columns.empty() && columns.back() >= out.n_features)
                in.fail("has column ", columns.back(), " of ", out.n_features);
        }
        return out;
    });
}

template <class Model, class... Classes>
[[nodiscard]] std::vector<bagged_member<Model>> read_bags(model_reader const& file,
                                                          bagging_section bagging,
                                                          Classes const&... classes) {
    std::vector<bagged_member<Model>> out;
    for (std::size_t k = 0; k < bagging.columns.size(); ++k) {
        auto& columns = bagging.columns[k];
        auto const n = columns.empty() ? bagging.n_features : columns.size();
        auto model = read_nested<Model>(file, member_section(k));
        check_member(file, member_section(k), model, n, classes...);
        out.push_back({std::move(model), std::move(columns)});
    }
    return out;
}

template <has_format Model>
struct model_format<bagged_classifier<Model>> {
    static constexpr std::string_view kind = kind_of<kind_words::bagged_classifier, Model>::text;

    static void write(model_writer& out, bagged_classifier<Model> const& model) {
        write_classes(out, model.classes());
        write_bags(out, model);
    }
    [[nodiscard]] static bagged_classifier<Model> read(model_reader const& file) {
        auto classes = read_classes(file);
        auto bagging = read_bagging(file);
        auto const n_features = bagging.n_features;
        auto members = read_bags<Model>(file, std::move(bagging), classes);
        auto oob = read_oob_of_classes(file, classes.size());
        return {std::move(classes), std::move(members), n_features, std::move(oob)};
    }
};

template <has_format Model>
struct model_format<bagged_regressor<Model>> {
    static constexpr std::string_view kind = kind_of<kind_words::bagged_regressor, Model>::text;

    static void write(model_writer& out, bagged_regressor<Model> const& model) {
        write_bags(out, model);
    }
    [[nodiscard]] static bagged_regressor<Model> read(model_reader const& file) {
        auto bagging = read_bagging(file);
        auto const n_features = bagging.n_features;
        auto members = read_bags<Model>(file, std::move(bagging));
        return {std::move(members), n_features, read_oob_of_values(file)};
    }
};

}  // namespace copse::detail
