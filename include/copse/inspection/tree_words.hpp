// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The questions and answers of a tree in words: what export_text and export_dot have in common.

#include <copse/core/errors.hpp>
#include <copse/core/labels.hpp>
#include <copse/data/dataset.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace copse {

/// What a tree's numbers mean to its reader. Everything may be left out.
struct tree_words {
    std::vector<feature> features{};  ///< names and categories of the columns; else feature_0, ...
    labels classes{};                 ///< of a classifier, by code; else 0, 1, ...
    int digits = 2;                   ///< behind the point of thresholds and values
    std::size_t max_depth = std::numeric_limits<std::size_t>::max();  ///< below it, only sizes
    bool missing = false;  ///< say of each split where missing values go
};

namespace detail {

/// A tree and the words for it.
class spoken_tree {
public:
    /// Throws invalid_input, beginning with `who`, if the tree has a feature or class without a
    /// word.
    spoken_tree(tree const& t, tree_words const& words, std::string_view who)
        : tree_(t), words_(words) {
        std::size_t n_mixed = 0;
        for (auto const& n : t.nodes()) {
            if (!n.is_leaf()) {
                check(who, "features", words.features.size(), "feature ", n.feature());
            } else if (n.is_pure()) {
                check(who, "classes", words.classes.size(), "class ", n.distribution());
            } else {
                ++n_mixed;
            }
        }
        if (!t.frequencies().empty()) n_classes_ = t.frequencies().size() / n_mixed;
        if (n_classes_ > 0) check(who, "classes", words.classes.size(), "class ", n_classes_ - 1);
    }

    /// "age", or "feature_3".
    [[nodiscard]] std::string feature_name(node const& n) const {
        return words_.features.empty() ? sentence("feature_", n.feature())
                                       : words_.features[n.feature()].name;
    }

    /// "age <= 30.50" for the left child, "age >  30.50" for the right one.
    [[nodiscard]] std::string question(node const& n, bool left) const {
        auto const may_miss = words_.missing && n.missing_goes_left() == left;
        auto const missing = std::string_view(may_miss ? " or missing" : "");
        if (n.is_categorical()) {
            return sentence(feature_name(n), left ? " in " : " not in ", set(n), missing);
        }
        if (n.threshold() == std::numeric_limits<double>::infinity()) {
            // All values go left and the missing ones right.
            return sentence(feature_name(n), left ? " is there" : " is missing");
        }
        return sentence(feature_name(n), left ? " <= " : " >  ", number(n.threshold()), missing);
    }

    /// "class: setosa", "class: no (no 0.75, yes 0.25)", "value: 12.30".
    [[nodiscard]] std::string answer(node const& leaf) const {
        if (leaf.is_pure()) return sentence("class: ", class_name(leaf.distribution()));
        if (n_classes_ == 0) return sentence("value: ", number(leaf.value()));
        auto const shares =
            tree_.frequencies().subspan(leaf.distribution() * n_classes_, n_classes_);
        auto const best = std::ranges::max_element(shares) - shares.begin();
        auto out = sentence("class: ", class_name(static_cast<std::size_t>(best)), " (");
        auto separator = "";
        for (std::size_t k = 0; k < n_classes_; ++k) {
            if (shares[k] == 0) continue;
            out += sentence(separator, class_name(k), " ", number(double{shares[k]}));
            separator = ", ";
        }
        return out + ")";
    }

    /// How many leaves are below, and on how many levels: "truncated branch of depth 3".
    [[nodiscard]] std::string rest(std::uint32_t at) const {
        std::size_t deepest = 0;
        std::vector<std::pair<std::uint32_t, std::size_t>> open{{at, 0}};
        while (!open.empty()) {
            auto const [i, level] = open.back();
            open.pop_back();
            deepest = std::max(deepest, level);
            auto const& n = tree_.nodes()[i];
            if (n.is_leaf()) continue;
            open.emplace_back(n.left(), level + 1);
            open.emplace_back(n.right(), level + 1);
        }
        return sentence("truncated branch of depth ", deepest);
    }

    [[nodiscard]] tree const& nodes_of() const noexcept { return tree_; }
    [[nodiscard]] tree_words const& words() const noexcept { return words_; }

private:
    static void check(std::string_view who, std::string_view what, std::size_t n_words,
                      std::string_view kind, std::size_t code) {
        if (n_words != 0 && code >= n_words) {
            throw invalid_input(sentence(who, ": ", what, " has ", n_words,
                                         " entries but the tree has ", kind, code));
        }
    }

    [[nodiscard]] std::string class_name(std::size_t code) const {
        return words_.classes.empty() ? sentence(code) : words_.classes[code].to_string();
    }

    [[nodiscard]] std::string number(double value) const {
        char text[400];
        auto const end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed,
                                       std::clamp(words_.digits, 0, 17))
                             .ptr;
        return {text, end};
    }

    /// "{Private, State-gov}", or codes.
    [[nodiscard]] std::string set(node const& n) const {
        auto const* const names =
            words_.features.empty() ? nullptr : &words_.features[n.feature()].categories;
        std::string out = "{";
        for (std::size_t code = 0; code < std::size_t{n.n_words()} * 64; ++code) {
            auto const word = tree_.category_words()[n.first_word() + code / 64];
            if ((word >> (code % 64) & 1u) == 0) continue;
            if (out.size() > 1) out += ", ";
            out += names != nullptr && code < names->size() ? (*names)[code] : sentence(code);
        }
        return out + "}";
    }

    tree const& tree_;
    tree_words const& words_;
    std::size_t n_classes_ = 0;
};

}  // namespace detail
}  // namespace copse
