// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A fitted decision tree: an array of 16-byte nodes, ignorant of how it was grown.
///
///     node const& leaf = tree.nodes()[tree.leaf_of(row)];      // row: a pointer to its features
///     leaf.value();                                            // a regression tree's answer
///
/// The root is node 0. The children of a node lie side by side, so one index serves both. Leaves
/// of a classifier that hold one class name it; the others index a table of class frequencies.

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace copse {

/// One node. A leaf, a numeric split "x[feature] <= threshold goes left", or a categorical split
/// "x[feature] is one of the tree's set goes left".
class node {
public:
    /// Bits of the word beside the feature's number.
    static constexpr std::uint32_t missing_left_bit = 1u << 31;
    static constexpr std::uint32_t categorical_bit = 1u << 30;
    static constexpr std::uint32_t no_feature = (1u << 30) - 1;

    [[nodiscard]] static node split(std::uint32_t feature, double threshold, bool missing_left) {
        node n;
        n.payload_ = bits_as<std::uint64_t>(threshold);
        n.feature_ = feature | (missing_left ? missing_left_bit : 0);
        return n;
    }
    /// `first_word` and `n_words` place the set among the tree's category words.
    [[nodiscard]] static node category_split(std::uint32_t feature, std::uint32_t first_word,
                                             std::uint32_t n_words, bool missing_left) {
        node n;
        n.payload_ = std::uint64_t{n_words} << 32 | first_word;
        n.feature_ = feature | categorical_bit | (missing_left ? missing_left_bit : 0);
        return n;
    }
    [[nodiscard]] static node leaf(double value) {
        node n;
        n.payload_ = bits_as<std::uint64_t>(value);
        return n;
    }
    /// Every row of the leaf is of class `code`.
    [[nodiscard]] static node pure_leaf(std::uint32_t code) {
        node n = leaf(0);
        n.left_ = code;
        n.feature_ |= categorical_bit;
        return n;
    }
    /// The leaf's class frequencies are row `row` of the tree's table.
    [[nodiscard]] static node mixed_leaf(std::uint32_t row) {
        node n = leaf(0);
        n.left_ = row;
        return n;
    }

    [[nodiscard]] COPSE_FN bool is_leaf() const noexcept { return feature() == no_feature; }
    [[nodiscard]] COPSE_FN bool is_categorical() const noexcept {
        return (feature_ & categorical_bit) != 0;
    }
    [[nodiscard]] COPSE_FN bool is_pure() const noexcept { return is_categorical(); }
    /// Where a missing value goes, and a category that no training row had.
    [[nodiscard]] COPSE_FN bool missing_goes_left() const noexcept {
        return (feature_ & missing_left_bit) != 0;
    }
    [[nodiscard]] COPSE_FN std::uint32_t feature() const noexcept { return feature_ & no_feature; }
    [[nodiscard]] COPSE_FN double threshold() const noexcept { return value(); }
    /// A regression leaf's answer.
    [[nodiscard]] COPSE_FN double value() const noexcept { return bits_as<double>(payload_); }
    [[nodiscard]] COPSE_FN std::uint32_t left() const noexcept { return left_; }
    [[nodiscard]] COPSE_FN std::uint32_t right() const noexcept { return left_ + 1; }
    /// A pure leaf's class code, a mixed leaf's row of frequencies.
    [[nodiscard]] COPSE_FN std::uint32_t distribution() const noexcept { return left_; }
    [[nodiscard]] COPSE_FN std::uint32_t first_word() const noexcept {
        return static_cast<std::uint32_t>(payload_);
    }
    [[nodiscard]] COPSE_FN std::uint32_t n_words() const noexcept {
        return static_cast<std::uint32_t>(payload_ >> 32);
    }

    void set_left(std::uint32_t child) noexcept { left_ = child; }

    bool operator==(node const&) const = default;

private:
    std::uint64_t payload_ = 0;
    std::uint32_t left_ = 0;
    std::uint32_t feature_ = no_feature;
};

static_assert(sizeof(node) == 16);

namespace detail {

/// Whether a value is in the set of categorical split n; `words` are its tree's.
[[nodiscard]] COPSE_FN inline bool in_set(node const& n, std::uint64_t const* words,
                                          double value) noexcept {
    if (!(value >= 0 && value < 64.0 * n.n_words())) return n.missing_goes_left();
    auto const code = static_cast<std::uint32_t>(value);
    return (words[n.first_word() + code / 64] >> (code % 64) & 1u) != 0;
}

/// The child that a row takes from split n, by its value of n.feature().
[[nodiscard]] COPSE_FN inline std::uint32_t child_of(node const& n, std::uint64_t const* words,
                                                     double value) noexcept {
    if (n.is_categorical()) return n.left() + (in_set(n, words, value) ? 0u : 1u);
    // NaN fails every comparison, so it needs a word only where it goes left.
    bool const left = value <= n.threshold() || (n.missing_goes_left() && value != value);
    return n.left() + (left ? 0u : 1u);
}

/// The index of the leaf that a row reaches from node 0; its features are `stride` apart.
template <class T>
[[nodiscard]] COPSE_FN std::uint32_t leaf_of(node const* nodes, std::uint64_t const* words,
                                             T const* row, std::ptrdiff_t stride) noexcept {
    std::uint32_t at = 0;
    while (!nodes[at].is_leaf()) {
        node const n = nodes[at];
        at = child_of(n, words,
                      static_cast<double>(row[static_cast<std::ptrdiff_t>(n.feature()) * stride]));
    }
    return at;
}

}  // namespace detail

class tree {
public:
    tree() = default;
    tree(std::vector<node> nodes, std::vector<float> frequencies,
         std::vector<std::uint64_t> category_words)
        : nodes_(std::move(nodes)),
          frequencies_(std::move(frequencies)),
          category_words_(std::move(category_words)) {}

    [[nodiscard]] std::span<node const> nodes() const noexcept { return nodes_; }
    /// Class frequencies of the mixed leaves, n_classes to a row.
    [[nodiscard]] std::span<float const> frequencies() const noexcept { return frequencies_; }
    [[nodiscard]] std::span<std::uint64_t const> category_words() const noexcept {
        return category_words_;
    }

    [[nodiscard]] std::size_t n_leaves() const noexcept { return (nodes_.size() + 1) / 2; }
    /// Splits on the longest way from the root to a leaf. Cost: O(nodes).
    [[nodiscard]] std::size_t depth() const;
    /// What the tree occupies.
    [[nodiscard]] std::size_t n_bytes() const noexcept {
        return sizeof(tree) + nodes_.size() * sizeof(node) + frequencies_.size() * sizeof(float) +
               category_words_.size() * sizeof(std::uint64_t);
    }

    /// The child that a row takes from split n; x is the row's value of n.feature().
    template <class T>
    [[nodiscard]] std::uint32_t child_of(node const& n, T x) const noexcept {
        return detail::child_of(n, category_words_.data(), static_cast<double>(x));
    }

    /// The index of the leaf that a row reaches; its features are `stride` apart.
    template <class T>
    [[nodiscard]] std::uint32_t leaf_of(T const* row, std::ptrdiff_t stride = 1) const noexcept {
        return detail::leaf_of(nodes_.data(), category_words_.data(), row, stride);
    }

    bool operator==(tree const&) const = default;

private:
    std::vector<node> nodes_;
    std::vector<float> frequencies_;
    std::vector<std::uint64_t> category_words_;
};

inline std::size_t tree::depth() const {
    std::size_t deepest = 0;
    std::vector<std::pair<std::uint32_t, std::size_t>> open;
    if (!nodes_.empty()) open.emplace_back(0, 0);
    while (!open.empty()) {
        auto const [at, level] = open.back();
        open.pop_back();
        deepest = std::max(deepest, level);
        if (nodes_[at].is_leaf()) continue;
        open.emplace_back(nodes_[at].left(), level + 1);
        open.emplace_back(nodes_[at].right(), level + 1);
    }
    return deepest;
}

namespace detail {

/// Adds a leaf's class frequencies, of which `table` holds those of the mixed leaves.
COPSE_FN inline void add_votes(node const& leaf, float const* table, double* votes,
                               std::size_t n_classes) noexcept {
    if (leaf.is_pure()) {
        votes[leaf.distribution()] += 1;
        return;
    }
    auto const* const row = table + leaf.distribution() * n_classes;
    for (std::size_t k = 0; k < n_classes; ++k) votes[k] += static_cast<double>(row[k]);
}

/// The same splits with other answers: f(at, value) is that of leaf `at`, whose was `value`.
template <class F>
[[nodiscard]] tree with_leaf_values(tree const& of, F const& f) {
    std::vector<node> nodes(of.nodes().begin(), of.nodes().end());
    for (std::size_t at = 0; at < nodes.size(); ++at) {
        if (nodes[at].is_leaf()) nodes[at] = node::leaf(f(at, nodes[at].value()));
    }
    return {std::move(nodes), {}, {of.category_words().begin(), of.category_words().end()}};
}

}  // namespace detail

}  // namespace copse
