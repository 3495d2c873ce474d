// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Models in models: a member is a model file of its own in a section named `member 0`, `member 1`
/// and so on; what is inside a model of any type, in the section `model`. Reading proves that
/// members fit their ensemble; models are not nested beyond 16.

#include <copse/core/errors.hpp>
#include <copse/core/labels.hpp>
#include <copse/io/bytes.hpp>
#include <copse/io/model_file.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/members.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace copse::detail {

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
    struct thresholded_classifier {
        static constexpr std::string_view text = "thresholded_classifier";
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

}  // namespace copse::detail
