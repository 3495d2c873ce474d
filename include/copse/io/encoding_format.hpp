// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// encoded_*: encoder: features, and each column; model.

#include <copse/core/view.hpp>
#include <copse/io/common_sections.hpp>
#include <copse/io/model_file.hpp>
#include <copse/io/nested_format.hpp>
#include <copse/meta/encoding.hpp>
#include <copse/preprocessing/table_encoder.hpp>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

inline void write_encoder(model_writer& out, table_encoder const& encoder) {
    out.section("encoder", [&](byte_writer& to) {
        to.size(encoder.n_features());
        to.size(encoder.columns().size());
        for (auto const& c : encoder.columns()) {
            to.size(c.from);
            to.number(static_cast<std::uint8_t>(c.is_categorical));
            to.number(static_cast<std::uint8_t>(c.has_missing));
            to.number(c.centre);
            to.number(c.factor);
            to.numbers(view<std::uint32_t const>(c.codes));
        }
    });
}

[[nodiscard]] inline table_encoder read_encoder(model_reader const& file) {
    return file.section("encoder", [](byte_reader& in) {
        auto const n_features = in.size();
        std::vector<encoded_column> columns(in.count_of(34));
        for (auto& c : columns) {
            c.from = in.size();
            if (c.from >= n_features) in.fail("has column ", c.from, " of ", n_features);
            c.is_categorical = read_flag(in);
            c.has_missing = read_flag(in);
            c.centre = in.number<double>();
            c.factor = in.number<double>();
            c.codes = in.numbers<std::uint32_t>();
            check_increasing(in, c.codes, "codes");
        }
        return table_encoder(std::move(columns), n_features);
    });
}

/// Encoded is encoded_classifier<Model> or encoded_regressor<Model>.
template <class Encoded, class Model>
[[nodiscard]] Encoded read_encoded(model_reader const& file) {
    auto encoder = read_encoder(file);
    auto model = read_nested<Model>(file, "model");
    check_member(file, "model", model, encoder.n_outputs());
    return {std::move(encoder), std::move(model)};
}

template <has_format Model>
struct model_format<encoded_classifier<Model>> {
    static constexpr std::string_view kind = kind_of<kind_words::encoded_classifier, Model>::text;

    static void write(model_writer& out, encoded_classifier<Model> const& model) {
        write_encoder(out, model.encoder());
        write_nested(out, "model", model.model());
    }
    [[nodiscard]] static encoded_classifier<Model> read(model_reader const& file) {
        return read_encoded<encoded_classifier<Model>, Model>(file);
    }
};

template <has_format Model>
struct model_format<encoded_regressor<Model>> {
    static constexpr std::string_view kind = kind_of<kind_words::encoded_regressor, Model>::text;

    static void write(model_writer& out, encoded_regressor<Model> const& model) {
        write_encoder(out, model.encoder());
        write_nested(out, "model", model.model());
    }
    [[nodiscard]] static encoded_regressor<Model> read(model_reader const& file) {
        return read_encoded<encoded_regressor<Model>, Model>(file);
    }
};

}  // namespace copse::detail
