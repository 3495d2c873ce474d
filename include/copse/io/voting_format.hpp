// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// voted_*: classes; voting: features, weights, whether hard; members.

#include <copse/core/view.hpp>
#include <copse/io/common_sections.hpp>
#include <copse/io/model_file.hpp>
#include <copse/io/nested_format.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/voting.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

struct voting_section {
    std::size_t n_features;
    std::vector<double> weights;
    voting_rule voting;
};

inline void write_voting(model_writer& out, voting_section const& voting) {
    out.section("voting", [&](byte_writer& to) {
        to.size(voting.n_features);
        to.numbers(view<double const>(voting.weights));
        to.number(static_cast<std::uint8_t>(voting.voting == voting_rule::hard));
    });
}

[[nodiscard]] inline voting_section read_voting(model_reader const& file) {
    return file.section("voting", [](byte_reader& in) {
        voting_section out{in.size(), in.numbers<double>(), voting_rule::soft};
        if (read_flag(in)) out.voting = voting_rule::hard;
        auto const sound = [](double w) { return w >= 0 && std::isfinite(w); };
        if (out.weights.empty() || !std::ranges::all_of(out.weights, sound)) {
            in.fail("has ", out.weights.size(), " weights, or one that is not a weight");
        }
        return out;
    });
}

template <>
struct model_format<voted_classifier> {
    static constexpr std::string_view kind = "voted_classifier";

    static void write(model_writer& out, voted_classifier const& model) {
        write_classes(out, model.classes());
        write_voting(out, {model.n_features(), model.weights(), model.voting()});
        for (std::size_t k = 0; k < model.members().size(); ++k)
            write_nested(out, member_section(k), model.members()[k]);
    }
    [[nodiscard]] static voted_classifier read(model_reader const& file) {
        auto classes = read_classes(file);
        auto voting = read_voting(file);
        auto members = read_members<any_classifier>(file, voting.weights.size());
        for (std::size_t k = 0; k < members.size(); ++k) {
            check_member(file, member_section(k), members[k], voting.n_features, classes);
            if (voting.voting == voting_rule::soft && !members[k].has_predict_proba())
                file.fail(member_section(k), "gives no probabilities");
        }
        return {std::move(classes), std::move(members), std::move(voting.weights), voting.voting,
                voting.n_features};
    }
};

template <>
struct model_format<voted_regressor> {
    static constexpr std::string_view kind = "voted_regressor";

    static void write(model_writer& out, voted_regressor const& model) {
        write_voting(out, {model.n_features(), model.weights(), voting_rule::soft});
        for (std::size_t k = 0; k < model.members().size(); ++k)
            write_nested(out, member_section(k), model.members()[k]);
    }
    [[nodiscard]] static voted_regressor read(model_reader const& file) {
        auto voting = read_voting(file);
        auto members = read_members<any_regressor>(file, voting.weights.size());
        for (std::size_t k = 0; k < members.size(); ++k)
            check_member(file, member_section(k), members[k], voting.n_features);
        return {std::move(members), std::move(voting.weights), voting.n_features};
    }
};

}  // namespace copse::detail
