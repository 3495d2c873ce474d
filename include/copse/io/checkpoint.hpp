// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Long fits that survive being killed: the model so far is kept in a file, and the next run goes
/// on from there, to the same bits as if it had not been disturbed.
///
///     auto const so_far = copse::load_checkpoint<copse::boosted_classifier>("run.copse");
///     auto const model = copse::gradient_boosting_classifier{.n_estimators = 5000}.fit(
///         x, y, {.warm_start = so_far ? &*so_far : nullptr,
///                .checkpoint = copse::checkpoint_to("run.copse")});
///
/// The file is replaced in one step (replace_file.hpp): whenever a process is killed, it holds a
/// whole model or is not there. Killed while it writes, a process leaves behind a file
/// "run.copse.*.partial", which nobody reads.

#include <copse/io/save_load.hpp>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace copse {

/// Saves every model it is called with.
struct checkpoint_file {
    std::filesystem::path path;

    /// Throws file_error if it cannot be written; a fit then ends with that.
    template <saveable Model>
    void operator()(Model const& so_far) const {
        save(so_far, path);
    }
};

[[nodiscard]] inline checkpoint_file checkpoint_to(std::filesystem::path path) {
    return {std::move(path)};
}

/// The model that a checkpoint left, or none if there is no such file. Throws file_error as load
/// does.
template <saveable Model>
[[nodiscard]] std::optional<Model> load_checkpoint(std::filesystem::path const& path) {
    std::error_code unknown;
    if (!std::filesystem::exists(path, unknown) && !unknown) return std::nullopt;
    return load<Model>(path);
}

}  // namespace copse
