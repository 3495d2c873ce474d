// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// thresholded_classifier: threshold: a number; model.

#include <copse/core/errors.hpp>
#include <copse/io/bytes.hpp>
#include <copse/io/model_file.hpp>
#include <copse/io/nested_format.hpp>
#include <copse/meta/threshold.hpp>

#include <string_view>
#include <utility>

namespace copse::detail {

template <has_format Model>
struct model_format<thresholded_classifier<Model>> {
    static constexpr std::string_view kind =
        kind_of<kind_words::thresholded_classifier, Model>::text;

    static void write(model_writer& out, thresholded_classifier<Model> const& model) {
        out.section("threshold", [&](byte_writer& to) { to.number(model.threshold()); });
        write_nested(out, "model", model.model());
    }
    [[nodiscard]] static thresholded_classifier<Model> read(model_reader const& file) {
        auto const threshold =
            file.section("threshold", [](byte_reader& in) { return in.number<double>(); });
        auto model = read_nested<Model>(file, "model");
        try {
            return {std::move(model), threshold};
        } catch (invalid_input const& error) {
            file.fail("threshold", "is wrong: ", error.what());
        }
    }
};

}  // namespace copse::detail
