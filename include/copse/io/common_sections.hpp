// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Sections that several kinds of models have.
///
///     classes             a classifier's labels, increasing
///     trees               a count and as many trees (tree_format.hpp)

#include <copse/core/labels.hpp>
#include <copse/io/bytes.hpp>
#include <copse/io/labels_format.hpp>
#include <copse/io/model_file.hpp>
#include <copse/io/tree_format.hpp>
#include <copse/tree/tree.hpp>

#include <vector>

namespace copse::detail {

inline void write_classes(model_writer& out, labels const& classes) {
    out.section("classes", [&](byte_writer& to) { write_labels(to, classes); });
}

[[nodiscard]] inline labels read_classes(model_reader const& file) {
    return file.section("classes", [](byte_reader& in) {
        auto classes = read_labels(in);
        if (classes.empty()) in.fail("has no classes");
        if (classes.is_text()) {
            check_increasing(in, classes.texts(), "classes");
        } else {
            check_increasing(in, classes.integers(), "classes");
        }
        return classes;
    });
}

inline void write_trees(model_writer& out, std::vector<tree> const& trees) {
    out.section("trees", [&](byte_writer& to) {
        to.size(trees.size());
        for (auto const& t : trees) write_tree(to, t);
    });
}

[[nodiscard]] inline std::vector<tree> read_trees(model_reader const& file,
                                                  tree_surroundings const& around) {
    return file.section("trees", [&](byte_reader& in) {
        std::vector<tree> trees(in.count_of(least_tree_bytes));
        for (auto& t : trees) t = read_tree(in, around);
        return trees;
    });
}

}  // namespace copse::detail
