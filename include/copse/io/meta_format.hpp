// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Ensembles of any models, and models of any type, as sections of a model file. Include it to save
/// and load them; <copse/io.hpp> does. A member is a model file of its own in a section named
/// `member 0`, `member 1` and so on; what is inside a model of any type, in the section `model`.
///
///     any_*               model
///     voted_*             classes; voting: features, weights, whether hard; members
///     stacked_*           classes; stacking: features, members, passthrough; members, and `meta`
///     bagged_*            classes; bagging: features, each member's columns; members; oob
///     calibrated_*        classes; calibration: features, each member's curves; members
///     encoded_*           encoder: features, and each column; model
///
/// A model of any type can be saved if it is one of the library's: those of forests, boosting and
/// linear trainers, and what this file saves of them or of any models. Reading proves that
/// predicting is safe: that members fit their ensemble, and models are not nested beyond 16.

#include <copse/core/errors.hpp>
#include <copse/io/boosted_format.hpp>
#include <copse/io/common_sections.hpp>
#include <copse/io/forest_format.hpp>
#include <copse/io/linear_format.hpp>
#include <copse/io/model_file.hpp>
#include <copse/linear/linear_regressor.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/bagging.hpp>
#include <copse/meta/calibrated.hpp>
#include <copse/meta/encoding.hpp>
#include <copse/meta/stacking.hpp>
#include <copse/meta/voting.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace copse::detail {

// ---------------------------------------------------------------- names

/// What can be saved.
template <class Model>
concept has_format = requires {
    model_format<Model>::kind;
};

/// "Word<kind of Model>", when the program is compiled. Words are types: nvcc 13 cannot hand texts
/// by reference to a template.
template <class Word, class Model>
struct kind_of {
    static constexpr auto bytes = [] {
        constexpr std::string_view word = Word::text;
        constexpr std::string_view model = model_format<Model>::kind;
        std::array<char, word.size() + model.size() + 2> out{};
        auto* to = std::copy(word.begin(), word.end(), out.data());
        *to++ = '<';
        to = std::copy(model.begin(), model.end(), to);
        *to = '>';
        return out;
    }();
    static constexpr std::string_view text{bytes.data(), bytes.size()};
};

struct kind_words {
    struct bagged_classifier {
        static constexpr std::string_view text = "bagged_classifier";
    };
    struct bagged_regressor {
        static constexpr std::string_view text = "bagged_regressor";
    };
    struct calibrated_classifier {
        static constexpr std::string_view text = "calibrated_classifier";
    };
    struct encoded_classifier {
        static constexpr std::string_view text = "encoded_classifier";
    };
    struct encoded_regressor {
        static constexpr std::string_view text = "encoded_regressor";
    };
};

template <>
struct model_format<any_classifier> {
    static constexpr std::string_view kind = "any_classifier";
    static void write(model_writer& out, any_classifier const& model);
    [[nodiscard]] static any_classifier read(model_reader const& file);
};

template <>
struct model_format<any_regressor> {
    static constexpr std::string_view kind = "any_regressor";
    static void write(model_writer& out, any_regressor const& model);
    [[nodiscard]] static any_regressor read(model_reader const& file);
};

// ---------------------------------------------------------------- models in sections

template <class Model>
void write_nested(model_writer& out, std::string_view section, Model const& model) {
    out.section(section, [&](byte_writer& to) {
        model_writer inner(model_format<Model>::kind);
        model_format<Model>::write(inner, model);
        to.raw(inner.finish());
    });
}

/// f(file) of the model in a section.
template <class F>
[[nodiscard]] auto with_nested(model_reader const& file, std::string_view section, F const& f) {
    return file.section(section, [&](byte_reader& in) {
        return f(model_reader(in.raw(in.left()), in.name(), file.depth() + 1));
    });
}

template <class Model>
[[nodiscard]] Model read_nested(model_reader const& file, std::string_view section) {
    return with_nested(file, section, [](model_reader const& inner) {
        if (inner.kind() != model_format<Model>::kind) {
            throw file_error(sentence(inner.name(), " holds a ", inner.kind(), ", not a ",
                                      model_format<Model>::kind));
        }
        return model_format<Model>::read(inner);
    });
}

[[nodiscard]] inline std::string member_section(std::size_t k) { return sentence("member ", k); }

template <class Model>
[[nodiscard]] std::vector<Model> read_members(model_reader const& file, std::size_t n) {
    std::vector<Model> out;
    for (std::size_t k = 0; k < n; ++k) out.push_back(read_nested<Model>(file, member_section(k)));
    return out;
}

/// Throws file_error unless the model reads n_features columns.
template <class Model>
void check_member(model_reader const& file, std::string_view section, Model const& model,
                  std::size_t n_features) {
    if (model.n_features() != n_features) {
        file.fail(section, "is of ", model.n_features(), " features where ", n_features,
                  " must be");
    }
}

/// And unless it knows no class but these.
template <class Model>
void check_member(model_reader const& file, std::string_view section, Model const& model,
                  std::size_t n_features, labels const& classes) {
    check_member(file, section, model, n_features);
    try {
        (void)places_among(model.classes(), classes);
    } catch (invalid_input const& error) {
        file.fail(section, "knows another class: ", error.what());
    }
}

// ---------------------------------------------------------------- voting

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

// ---------------------------------------------------------------- stacking

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

// ---------------------------------------------------------------- bagging

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

// ---------------------------------------------------------------- calibration

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

// ---------------------------------------------------------------- encoded tables

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

// ---------------------------------------------------------------- models of any type

template <class... Models>
struct model_list {};

using saved_classifiers =
    model_list<forest_classifier, boosted_classifier, linear_classifier, logistic_classifier,
               voted_classifier, stacked_classifier, bagged_classifier<any_classifier>,
               calibrated_classifier<any_classifier>, encoded_classifier<any_classifier>,
               bagged_classifier<forest_classifier>, bagged_classifier<boosted_classifier>,
               bagged_classifier<linear_classifier>, bagged_classifier<logistic_classifier>,
               calibrated_classifier<forest_classifier>, calibrated_classifier<boosted_classifier>,
               calibrated_classifier<linear_classifier>, calibrated_classifier<logistic_classifier>,
               encoded_classifier<linear_classifier>, encoded_classifier<logistic_classifier>>;

using saved_regressors =
    model_list<forest_regressor, boosted_regressor, linear_regressor, voted_regressor,
               stacked_regressor, bagged_regressor<any_regressor>, encoded_regressor<any_regressor>,
               bagged_regressor<forest_regressor>, bagged_regressor<boosted_regressor>,
               bagged_regressor<linear_regressor>, encoded_regressor<linear_regressor>>;

template <class Any, class Model>
[[nodiscard]] bool write_if(model_writer& out, Any const& model) {
    if constexpr (has_format<Model>) {
        auto const* const own = model.template get_if<Model>();
        if (own != nullptr) write_nested(out, "model", *own);
        return own != nullptr;
    } else {
        return false;
    }
}

template <class Any, class... Models>
void write_any(model_writer& out, Any const& model, model_list<Models...>) {
    if (!(write_if<Any, Models>(out, model) || ...)) {
        throw invalid_input(sentence("save: an ", model_format<Any>::kind,
                                     " holds a model of a type that copse has no format for; it "
                                     "saves ",
                                     sizeof...(Models), " types"));
    }
}

template <class Any, class Model>
[[nodiscard]] bool read_if(model_reader const& inner, std::optional<Any>& out) {
    if constexpr (has_format<Model>) {
        if (inner.kind() != model_format<Model>::kind) return false;
        out.emplace(model_format<Model>::read(inner));
        return true;
    } else {
        return false;
    }
}

template <class Any, class... Models>
[[nodiscard]] Any read_any(model_reader const& file, model_list<Models...>) {
    return with_nested(file, "model", [](model_reader const& inner) {
        std::optional<Any> out;
        if (!(read_if<Any, Models>(inner, out) || ...)) {
            throw file_error(sentence(inner.name(), " holds a ", inner.kind(), ", which is no ",
                                      model_format<Any>::kind));
        }
        return std::move(*out);
    });
}

inline void model_format<any_classifier>::write(model_writer& out, any_classifier const& model) {
    write_any(out, model, saved_classifiers{});
}
inline any_classifier model_format<any_classifier>::read(model_reader const& file) {
    return read_any<any_classifier>(file, saved_classifiers{});
}
inline void model_format<any_regressor>::write(model_writer& out, any_regressor const& model) {
    write_any(out, model, saved_regressors{});
}
inline any_regressor model_format<any_regressor>::read(model_reader const& file) {
    return read_any<any_regressor>(file, saved_regressors{});
}

}  // namespace copse::detail
