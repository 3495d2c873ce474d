// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A tree in the language of Graphviz: `dot -Tsvg tree.dot > tree.svg` draws it.
///
///     std::ofstream("tree.dot") << copse::export_dot(forest.trees()[0],
///                                                    {.features = train.features});

#include <copse/inspection/tree_words.hpp>
#include <copse/tree/tree.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

namespace detail {

/// Text as Graphviz quotes it.
[[nodiscard]] inline std::string dot_string(std::string_view text) {
    std::string out = "\"";
    for (auto const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace detail

/// Node i of the tree is node i of the graph; the left edge is where the question holds.
/// Throws invalid_input if `words` lacks a feature or class that the tree has.
[[nodiscard]] inline std::string export_dot(tree const& t, tree_words const& words = {}) {
    detail::spoken_tree const spoken(t, words, "export_dot");
    std::string out = "digraph tree {\n    node [shape=box, fontname=\"helvetica\"];\n";
    auto const draw = [&](std::uint32_t at, std::string_view text, std::string_view style) {
        out += detail::sentence("    ", at, " [label=", detail::dot_string(text), style, "];\n");
    };
    std::vector<std::pair<std::uint32_t, std::size_t>> open;
    if (!t.nodes().empty()) open.emplace_back(0, 0);
    while (!open.empty()) {
        auto const [at, level] = open.back();
        open.pop_back();
        auto const& n = t.nodes()[at];
        if (n.is_leaf()) {
            draw(at, spoken.answer(n), ", style=rounded");
        } else if (level > words.max_depth) {
            draw(at, spoken.rest(at), ", style=dashed");
        } else {
            draw(at, spoken.question(n, true), "");
            out += detail::sentence("    ", at, " -> ", n.left(), " [label=yes];\n    ", at, " -> ",
                                    n.right(), " [label=no];\n");
            open.emplace_back(n.right(), level + 1);
            open.emplace_back(n.left(), level + 1);
        }
    }
    return out + "}\n";
}

}  // namespace copse
