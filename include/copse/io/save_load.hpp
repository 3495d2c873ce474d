// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Models in files, streams and memory.
///
///     copse::save(forest, "model.copse");
///     auto const again = copse::load<copse::forest_classifier>("model.copse");    // again ==
///     forest
///
/// A model can take along what its training columns were called and how their categories were
/// coded, so that a table met later is coded alike:
///
///     copse::save(forest, "model.copse", {.columns = &train});
///     copse::dataset const like = copse::load_columns("model.copse");             // no rows
///     auto const later = copse::read_csv("later.csv", {.like = &like});
///
/// The same model gives the same bytes on every machine. Loading proves that they are whole, of the
/// kind asked for, and safe to predict with; anything else is a file_error that says what is wrong.

#include <copse/core/errors.hpp>
#include <copse/data/dataset.hpp>
#include <copse/data/file.hpp>
#include <copse/io/boosted_format.hpp>
#include <copse/io/forest_format.hpp>
#include <copse/io/labels_format.hpp>
#include <copse/io/linear_format.hpp>
#include <copse/io/model_file.hpp>
#include <copse/io/replace_file.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <istream>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copse {

/// A kind of model that copse can save.
template <class Model>
concept saveable = requires {
    { detail::model_format<Model>::kind } -> std::convertible_to<std::string_view>;
};

struct save_options {
    /// The dataset that the model was fitted on, or one coded like it: its features' names and
    /// categories and the kind of its target are saved, not its rows.
    dataset const* columns = nullptr;
};

/// Throws file_error naming the path if it cannot be written. A file of that name is replaced in
/// one step; nobody sees it half written.
/// Throws invalid_input if columns and model differ in the number of features.
template <saveable Model>
void save(Model const& model, std::filesystem::path const& path, save_options const& options = {});

/// To where the stream is. Throws file_error if it fails.
template <saveable Model>
void save(Model const& model, std::ostream& out, save_options const& options = {});

/// What save would write.
template <saveable Model>
[[nodiscard]] std::vector<std::byte> save(Model const& model, save_options const& options = {});

/// Throws file_error if there is no file, it is cut short or damaged, it was made by a newer copse,
/// or it holds another kind of model.
template <saveable Model>
[[nodiscard]] Model load(std::filesystem::path const& path);

/// From where the stream is, which is left behind the model.
template <saveable Model>
[[nodiscard]] Model load(std::istream& in);

template <saveable Model>
[[nodiscard]] Model load(std::span<std::byte const> bytes);

/// The kind of the model in a file, which is the name of its class: "forest_classifier".
[[nodiscard]] std::string saved_kind(std::filesystem::path const& path);

/// The columns that the model was saved with, as a dataset without rows.
/// Throws file_error as load does, and if it was saved without.
[[nodiscard]] dataset load_columns(std::filesystem::path const& path);

// ------------------------------------------------------------------ implementation below

namespace detail {

template <class Model>
[[nodiscard]] Model read_model(std::span<std::byte const> bytes, std::string const& name) {
    using format = model_format<Model>;
    model_reader const file(bytes, name);
    if (file.kind() != format::kind) {
        throw file_error(sentence(name, " holds a ", file.kind(), ", not a ", format::kind));
    }
    return format::read(file);
}

/// As many bytes as the stream has, up to `most`, taking memory only for what arrives.
inline void read_up_to(std::istream& in, std::size_t most, std::vector<std::byte>& bytes) {
    while (bytes.size() < most && in) {
        auto const before = bytes.size();
        bytes.resize(before + std::min(most - before, std::max(before, std::size_t{1} << 16)));
        in.read(reinterpret_cast<char*>(bytes.data() + before),
                static_cast<std::streamsize>(bytes.size() - before));
        bytes.resize(before + static_cast<std::size_t>(in.gcount()));
    }
}

}  // namespace detail

template <saveable Model>
std::vector<std::byte> save(Model const& model, save_options const& options) {
    detail::model_writer out(detail::model_format<Model>::kind);
    detail::model_format<Model>::write(out, model);
    if (options.columns != nullptr) {
        auto const& columns = *options.columns;
        if (columns.features.size() != model.n_features()) {
            throw invalid_input(detail::sentence("save: columns has ", columns.features.size(),
                                                 " features but the model was fitted on ",
                                                 model.n_features()));
        }
        out.section("columns",
                    [&](detail::byte_writer& to) { detail::write_columns(to, columns); });
    }
    return out.finish();
}

template <saveable Model>
void save(Model const& model, std::filesystem::path const& path, save_options const& options) {
    detail::replace_file(path, save(model, options));
}

template <saveable Model>
void save(Model const& model, std::ostream& out, save_options const& options) {
    auto const bytes = save(model, options);
    out.write(reinterpret_cast<char const*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    if (!out) throw file_error("save: the stream cannot be written");
}

template <saveable Model>
Model load(std::filesystem::path const& path) {
    auto const bytes = read_file(path);
    return detail::read_model<Model>(std::as_bytes(std::span(bytes)), path.string());
}

template <saveable Model>
Model load(std::istream& in) {
    constexpr std::string_view name = "stream";
    std::vector<std::byte> bytes;
    detail::read_up_to(in, detail::model_head_bytes, bytes);
    detail::read_up_to(in, detail::size_of_model(bytes, std::string(name)), bytes);
    return detail::read_model<Model>(bytes, std::string(name));
}

template <saveable Model>
Model load(std::span<std::byte const> bytes) {
    return detail::read_model<Model>(bytes, "bytes");
}

inline std::string saved_kind(std::filesystem::path const& path) {
    auto const bytes = read_file(path);
    return detail::model_reader(std::as_bytes(std::span(bytes)), path.string()).kind();
}

inline dataset load_columns(std::filesystem::path const& path) {
    auto const bytes = read_file(path);
    detail::model_reader const file(std::as_bytes(std::span(bytes)), path.string());
    if (!file.has("columns")) {
        throw file_error(detail::sentence(
            path.string(), ": was saved without columns; save with {.columns = &train}"));
    }
    return file.section("columns",
                        [](detail::byte_reader& in) { return detail::read_columns(in); });
}

}  // namespace copse
