// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Boosted trees as sections of a model file. Reading one proves that predicting with it is safe.
///
///     boosting            number of features; where raw scores begin, per output; importances
///     trees               round by round, one of each output (common_sections.hpp)
///     validation          for each set, its loss after each round; if there were sets
///     metrics             for each, its name, and its curve of each set; if there were metrics
///     classes             a classifier's labels
///     link                a regressor's, one byte

#include <copse/ensemble/boosted_classifier.hpp>
#include <copse/ensemble/boosted_model.hpp>
#include <copse/ensemble/boosted_ranker.hpp>
#include <copse/ensemble/boosted_regressor.hpp>
#include <copse/io/bytes.hpp>
#include <copse/io/common_sections.hpp>
#include <copse/io/model_file.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

inline void write_boosting(model_writer& out, boosted_parts const& parts) {
    out.section("boosting", [&](byte_writer& to) {
        to.size(parts.n_features);
        for (auto const* numbers : {&parts.initial_raw, &parts.gain, &parts.splits, &parts.cover}) {
            to.numbers(view<double const>(*numbers));
        }
    });
    write_trees(out, parts.trees);
    if (parts.validation_losses.empty()) return;
    out.section("validation", [&](byte_writer& to) {
        to.size(parts.validation_losses.size());
        for (auto const& losses : parts.validation_losses) to.numbers(view<double const>(losses));
    });
    if (parts.validation_scores.empty()) return;
    out.section("metrics", [&](byte_writer& to) {
        to.size(parts.validation_scores.size());
        for (auto const& curve : parts.validation_scores) {
            to.text(curve.name);
            to.number(static_cast<std::uint8_t>(curve.greater_is_better));
            for (auto const& scores : curve.of_set) to.numbers(view<double const>(scores));
        }
    });
}

/// One number for each round.
[[nodiscard]] inline std::vector<double> read_curve(byte_reader& in, std::size_t n_rounds,
                                                    std::string_view what) {
    auto numbers = in.numbers<double>();
    if (numbers.size() != n_rounds) {
        in.fail("has ", numbers.size(), " ", what, " of ", n_rounds, " rounds");
    }
    return numbers;
}

/// Of a model with so many raw scores a row.
inline void read_boosting(model_reader const& file, std::size_t n_outputs, boosted_parts& parts) {
    parts.initial_raw = file.section("boosting", [&](byte_reader& in) {
        parts.n_features = in.size();
        auto initial = in.numbers<double>();
        if (parts.n_features == 0) in.fail("has 0 features");
        if (initial.size() != n_outputs) {
            in.fail("has ", initial.size(), " initial scores for ", n_outputs, " outputs");
        }
        for (auto* importance : {&parts.gain, &parts.splits, &parts.cover}) {
            *importance = in.numbers<double>();
            if (importance->size() != parts.n_features) {
                in.fail("has ", parts.n_features, " features, but ", importance->size(),
                        " importances");
            }
        }
        return initial;
    });
    parts.trees = read_trees(file, {.n_features = parts.n_features});
    if (parts.trees.size() % n_outputs != 0) {
        file.fail("trees", "has ", parts.trees.size(), " trees in rounds of ", n_outputs);
    }
    if (!file.has("validation")) return;
    auto const n_rounds = parts.trees.size() / n_outputs;
    parts.validation_losses = file.section("validation", [&](byte_reader& in) {
        std::vector<std::vector<double>> sets(in.count_of(8));
        for (auto& losses : sets) losses = read_curve(in, n_rounds, "losses");
        return sets;
    });
    if (!file.has("metrics")) return;
    parts.validation_scores = file.section("metrics", [&](byte_reader& in) {
        std::vector<metric_curve> curves(in.count_of(9));
        for (auto& curve : curves) {
            curve.name = in.text();
            curve.greater_is_better = read_flag(in);
            curve.of_set.resize(parts.validation_losses.size());
            for (auto& scores : curve.of_set) scores = read_curve(in, n_rounds, "scores");
        }
        return curves;
    });
}

template <>
struct model_format<boosted_classifier> {
    static constexpr std::string_view kind = "boosted_classifier";

    static void write(model_writer& out, boosted_classifier const& model) {
        write_classes(out, model.classes());
        write_boosting(out, model.parts());
    }
    [[nodiscard]] static boosted_classifier read(model_reader const& file) {
        boosted_classifier_parts parts;
        parts.classes = read_classes(file);
        auto const n_classes = parts.classes.size();
        read_boosting(file, n_classes > 2 ? n_classes : 1, parts);
        return boosted_classifier(std::move(parts));
    }
};

template <>
struct model_format<boosted_regressor> {
    static constexpr std::string_view kind = "boosted_regressor";

    static void write(model_writer& out, boosted_regressor const& model) {
        out.section("link", [&](byte_writer& to) {
            to.number(static_cast<std::uint8_t>(model.link() == link_function::log));
        });
        write_boosting(out, model.parts());
    }
    [[nodiscard]] static boosted_regressor read(model_reader const& file) {
        boosted_regressor_parts parts;
        parts.link = file.section("link", [](byte_reader& in) {
            return read_flag(in) ? link_function::log : link_function::identity;
        });
        read_boosting(file, 1, parts);
        return boosted_regressor(std::move(parts));
    }
};

template <>
struct model_format<boosted_ranker> {
    static constexpr std::string_view kind = "boosted_ranker";

    static void write(model_writer& out, boosted_ranker const& model) {
        write_boosting(out, model.parts());
    }
    [[nodiscard]] static boosted_ranker read(model_reader const& file) {
        boosted_parts parts;
        read_boosting(file, 1, parts);
        return boosted_ranker(std::move(parts));
    }
};

}  // namespace copse::detail
