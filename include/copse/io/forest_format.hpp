// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Forests as sections of a model file. Reading one proves that predicting with it is safe.
///
///     forest              number of features, sum of importances, OOB permutation importances
///     classes             a classifier's labels
///     trees               a count and as many trees (tree_format.hpp)
///     oob                 score and prediction of every row, if the fit was asked for it
///     leaf_targets        a regressor's, if it kept them

#include <copse/ensemble/forest_classifier.hpp>
#include <copse/ensemble/forest_regressor.hpp>
#include <copse/io/common_sections.hpp>
#include <copse/io/model_file.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace copse::detail {

inline void write_forest(model_writer& out, forest_parts const& parts) {
    out.section("forest", [&](byte_writer& to) {
        to.size(parts.n_features);
        to.numbers(view<double const>(parts.importance_sum));
        to.numbers(view<double const>(parts.oob_permutation_importances));
    });
    write_trees(out, parts.trees);
}

/// n_classes is 0 for a regressor.
inline void read_forest(model_reader const& file, std::size_t n_classes, forest_parts& parts) {
    parts.importance_sum = file.section("forest", [&](byte_reader& in) {
        parts.n_features = in.size();
        auto sum = in.numbers<double>();
        parts.oob_permutation_importances = in.numbers<double>();
        auto const& permuted = parts.oob_permutation_importances;
        if (parts.n_features == 0 || sum.size() != parts.n_features ||
            (!permuted.empty() && permuted.size() != parts.n_features)) {
            in.fail("has ", parts.n_features, " features, but ", sum.size(), " and ",
                    permuted.size(), " importances");
        }
        return sum;
    });
    parts.trees = read_trees(file, {parts.n_features, n_classes});
    if (parts.trees.empty()) file.fail("trees", "has no trees");
}

/// A score and a prediction of n_columns numbers a row.
template <class Prediction>
void write_oob(model_writer& out, std::optional<out_of_bag<Prediction>> const& oob) {
    if (!oob) return;
    out.section("oob", [&](byte_writer& to) {
        using value_type = typename Prediction::value_type;
        to.number(oob->score);
        to.numbers(view<value_type const>(oob->prediction.data(), [&] {
            if constexpr (requires { oob->prediction.rows(); }) {
                return oob->prediction.rows() * oob->prediction.cols();
            } else {
                return oob->prediction.size();
            }
        }()));
    });
}

/// What write_oob wrote of a classifier; none if it did not.
[[nodiscard]] inline std::optional<out_of_bag<matrix<float>>> read_oob_of_classes(
    model_reader const& file, std::size_t n_classes) {
    if (!file.has("oob")) return std::nullopt;
    return file.section("oob", [&](byte_reader& in) {
        auto const score = in.number<double>();
        auto const values = in.numbers<float>();
        if (values.size() % n_classes != 0) {
            in.fail("has ", values.size(), " frequencies of ", n_classes, " classes");
        }
        matrix<float> prediction(values.size() / n_classes, n_classes);
        std::ranges::copy(values, prediction.data());
        return out_of_bag<matrix<float>>{score, std::move(prediction)};
    });
}

/// The same of a regressor.
[[nodiscard]] inline std::optional<out_of_bag<column<double>>> read_oob_of_values(
    model_reader const& file) {
    if (!file.has("oob")) return std::nullopt;
    return file.section("oob", [](byte_reader& in) {
        auto const score = in.number<double>();
        auto const values = in.numbers<double>();
        return out_of_bag<column<double>>{score, {values.begin(), values.end()}};
    });
}

inline void write_leaf_targets(model_writer& out, std::vector<leaf_targets> const& targets) {
    if (targets.empty()) return;
    out.section("leaf_targets", [&](byte_writer& to) {
        for (auto const& t : targets) {
            to.numbers(view<std::uint32_t const>(t.first));
            to.numbers(view<double const>(t.target));
            to.numbers(view<float const>(t.share));
        }
    });
}

/// Quantiles need a finite target in every leaf.
[[nodiscard]] inline leaf_targets read_leaf_targets(byte_reader& in, tree const& t) {
    leaf_targets out{in.numbers<std::uint32_t>(), in.numbers<double>(), in.numbers<float>()};
    auto const n = t.nodes().size();
    if (out.first.size() != n + 1 || out.first.front() != 0 ||
        out.first.back() != out.target.size() || out.share.size() != out.target.size()) {
        in.fail("has ", out.first.size(), " places, ", out.target.size(), " targets and ",
                out.share.size(), " shares for a tree of ", n, " nodes");
    }
    for (std::size_t i = 0; i < n; ++i) {
        auto const enough = out.first[i] + (t.nodes()[i].is_leaf() ? std::uint64_t{1} : 0);
        if (out.first[i + 1] < enough) in.fail("has no targets for leaf ", i, " of a tree");
    }
    auto const is_finite = [](auto value) { return std::isfinite(value); };
    if (!std::ranges::all_of(out.target, is_finite) || !std::ranges::all_of(out.share, is_finite)) {
        in.fail("has a target that is not finite");
    }
    return out;
}

template <>
struct model_format<forest_classifier> {
    static constexpr std::string_view kind = "forest_classifier";

    static void write(model_writer& out, forest_classifier const& model) {
        auto const& parts = model.parts();
        write_classes(out, parts.classes);
        write_forest(out, parts);
        write_oob(out, parts.oob);
    }

    [[nodiscard]] static forest_classifier read(model_reader const& file) {
        classifier_parts parts;
        parts.classes = read_classes(file);
        read_forest(file, parts.classes.size(), parts);
        parts.oob = read_oob_of_classes(file, parts.classes.size());
        return forest_classifier(std::move(parts));
    }
};

template <>
struct model_format<forest_regressor> {
    static constexpr std::string_view kind = "forest_regressor";

    static void write(model_writer& out, forest_regressor const& model) {
        auto const& parts = model.parts();
        write_forest(out, parts);
        write_oob(out, parts.oob);
        write_leaf_targets(out, parts.targets);
    }

    [[nodiscard]] static forest_regressor read(model_reader const& file) {
        regressor_parts parts;
        read_forest(file, 0, parts);
        parts.oob = read_oob_of_values(file);
        if (file.has("leaf_targets")) {
            parts.targets = file.section("leaf_targets", [&](byte_reader& in) {
                std::vector<leaf_targets> targets;
                targets.reserve(parts.trees.size());
                for (auto const& t : parts.trees) targets.push_back(read_leaf_targets(in, t));
                return targets;
            });
        }
        return forest_regressor(std::move(parts));
    }
};

}  // namespace copse::detail
