// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A tree as indented text, laid out as scikit-learn's export_text does.
///
///     std::cout << copse::export_text(forest.trees()[0], {.features = train.features,
///                                                         .classes = forest.classes()});
///
///     |--- age <= 30.50
///     |   |--- job in {cook, tailor}
///     |   |   |--- class: low
///     |   |--- job not in {cook, tailor}
///     |   |   |--- class: high (high 0.75, low 0.25)
///     |--- age >  30.50
///     |   |--- class: high

#include <copse/inspection/tree_words.hpp>
#include <copse/tree/tree.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace copse {

/// One line for each side of a split and for each leaf.
/// Throws invalid_input if `words` lacks a feature or class that the tree has.
[[nodiscard]] inline std::string export_text(tree const& t, tree_words const& words = {}) {
    detail::spoken_tree const spoken(t, words, "export_text");
    std::string out;
    auto const line = [&](std::size_t level, std::string const& text) {
        for (std::size_t i = 0; i < level; ++i) out += "|   ";
        out += "|--- " + text + '\n';
    };
    struct visit {
        std::uint32_t at;
        std::size_t level;
        std::string question;  // that leads here
    };
    std::vector<visit> open;
    if (!t.nodes().empty()) open.push_back({0, 0, {}});
    while (!open.empty()) {
        auto const [at, level, question] = std::move(open.back());
        open.pop_back();
        if (level > 0) line(level - 1, question);
        auto const& n = t.nodes()[at];
        if (n.is_leaf()) {
            line(level, spoken.answer(n));
        } else if (level > words.max_depth) {
            line(level, spoken.rest(at));
        } else {
            open.push_back({n.right(), level + 1, spoken.question(n, false)});
            open.push_back({n.left(), level + 1, spoken.question(n, true)});
        }
    }
    return out;
}

}  // namespace copse
