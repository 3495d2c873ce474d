// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A tree as bytes. Reading one proves that walking it is safe: every walk from the root ends at a
/// leaf, reads features and sets of categories that exist, and finds a class or frequencies there.
///
/// Five arrays, each behind its count: a node's payload (a threshold, a value, or the place of a
/// set), its left child (or a leaf's class or row of frequencies), its feature and flags; then
/// class frequencies and category words.

#include <copse/io/bytes.hpp>
#include <copse/tree/tree.hpp>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace copse::detail {

/// What a tree's numbers refer to.
struct tree_surroundings {
    std::size_t n_features = 0;
    std::size_t n_classes = 0;  ///< 0: a regression tree
};

/// The least that a tree takes: five counts and one node.
inline constexpr std::size_t least_tree_bytes = 5 * 8 + 16;

inline void write_tree(byte_writer& out, tree const& t) {
    std::vector<std::uint64_t> payload;
    std::vector<std::uint32_t> left;
    std::vector<std::uint32_t> feature;
    payload.reserve(t.nodes().size());
    left.reserve(t.nodes().size());
    feature.reserve(t.nodes().size());
    for (auto const& n : t.nodes()) {
        payload.push_back(std::bit_cast<std::uint64_t>(n.value()));
        left.push_back(n.left());
        feature.push_back(n.feature() | (n.is_categorical() ? node::categorical_bit : 0) |
                          (n.missing_goes_left() ? node::missing_left_bit : 0));
    }
    out.numbers(view<std::uint64_t const>(payload));
    out.numbers(view<std::uint32_t const>(left));
    out.numbers(view<std::uint32_t const>(feature));
    out.numbers(view<float const>(t.frequencies()));
    out.numbers(view<std::uint64_t const>(t.category_words()));
}

/// The arrays of one tree, becoming nodes one by one.
class tree_decoder {
public:
    tree_decoder(byte_reader& in, tree_surroundings const& around)
        : in_(in),
          around_(around),
          payload_(in.numbers<std::uint64_t>()),
          left_(in.numbers<std::uint32_t>()),
          feature_(in.numbers<std::uint32_t>()),
          frequencies_(in.numbers<float>()),
          words_(in.numbers<std::uint64_t>()) {}

    [[nodiscard]] tree read() {
        auto const n = payload_.size();
        if (left_.size() != n || feature_.size() != n || n % 2 == 0) {
            in_.fail("a tree has ", n, " payloads, ", left_.size(), " children and ",
                     feature_.size(), " features; it needs as many of each, an odd number");
        }
        check_frequencies();
        std::vector<node> nodes;
        nodes.reserve(n);
        is_child_.assign(n, false);
        for (std::size_t i = 0; i < n; ++i) {
            // Children come after their parent, so all but the root have one by now.
            if (i > 0 && !is_child_[i]) in_.fail("node ", i, " of a tree is nobody's child");
            nodes.push_back((feature_[i] & node::no_feature) == node::no_feature ? leaf(i)
                                                                                 : split(i));
        }
        return {std::move(nodes), std::move(frequencies_), std::move(words_)};
    }

private:
    void check_frequencies() const {
        auto const rows_fit = around_.n_classes == 0 ? frequencies_.empty()
                                                     : frequencies_.size() % around_.n_classes == 0;
        if (!rows_fit) {
            in_.fail("a tree has ", frequencies_.size(), " frequencies of ", around_.n_classes,
                     " classes");
        }
        for (auto const f : frequencies_) {
            if (!(f >= 0 && f <= 1)) in_.fail("a class frequency is ", f, "; it must be in 0..1");
        }
    }

    [[nodiscard]] node leaf(std::size_t i) const {
        auto const flags = feature_[i] & ~node::no_feature;
        auto const value = std::bit_cast<double>(payload_[i]);
        if (around_.n_classes == 0) {
            if (flags != 0 || left_[i] != 0 || !std::isfinite(value)) {
                in_.fail("leaf ", i, " of a regression tree has flags ", flags, ", child ",
                         left_[i], " and value ", value);
            }
            return node::leaf(value);
        }
        if (payload_[i] != 0 || (flags & node::missing_left_bit) != 0) {
            in_.fail("leaf ", i, " of a classification tree has flags ", flags, " and payload ",
                     payload_[i]);
        }
        auto const is_pure = flags != 0;
        auto const count = is_pure ? around_.n_classes : frequencies_.size() / around_.n_classes;
        if (left_[i] >= count) {
            in_.fail("leaf ", i, " of a tree has ", is_pure ? "class " : "row ", left_[i], " of ",
                     count);
        }
        return is_pure ? node::pure_leaf(left_[i]) : node::mixed_leaf(left_[i]);
    }

    [[nodiscard]] node split(std::size_t i) {
        auto const feature = feature_[i] & node::no_feature;
        if (feature >= around_.n_features) {
            in_.fail("node ", i, " of a tree splits on feature ", feature, " of ",
                     around_.n_features);
        }
        take_children(i);
        auto const missing_left = (feature_[i] & node::missing_left_bit) != 0;
        auto out = (feature_[i] & node::categorical_bit) != 0
                       ? category_split(i, feature, missing_left)
                       : node::split(feature, threshold(i), missing_left);
        out.set_left(left_[i]);
        return out;
    }

    /// Each node but the root is the child of one that comes before it, so walks move on and end.
    void take_children(std::size_t i) {
        auto const left = std::size_t{left_[i]};
        if (left <= i || left + 1 >= left_.size() || is_child_[left] || is_child_[left + 1]) {
            in_.fail("node ", i, " of a tree has children ", left, " and ", left + 1, " of ",
                     left_.size(), " nodes");
        }
        is_child_[left] = is_child_[left + 1] = true;
    }

    [[nodiscard]] double threshold(std::size_t i) const {
        auto const value = std::bit_cast<double>(payload_[i]);
        if (std::isnan(value)) in_.fail("node ", i, " of a tree has no threshold");
        return value;
    }

    [[nodiscard]] node category_split(std::size_t i, std::uint32_t feature,
                                      bool missing_left) const {
        auto const first = static_cast<std::uint32_t>(payload_[i]);
        auto const count = static_cast<std::uint32_t>(payload_[i] >> 32);
        if (count == 0 || first > words_.size() || count > words_.size() - first) {
            in_.fail("node ", i, " of a tree has a set of ", count, " words from word ", first,
                     " of ", words_.size());
        }
        return node::category_split(feature, first, count, missing_left);
    }

    byte_reader& in_;
    tree_surroundings around_;
    std::vector<std::uint64_t> payload_;
    std::vector<std::uint32_t> left_;
    std::vector<std::uint32_t> feature_;
    std::vector<float> frequencies_;
    std::vector<std::uint64_t> words_;
    std::vector<bool> is_child_;
};

/// Throws file_error, where `in` is, unless the tree is whole.
[[nodiscard]] inline tree read_tree(byte_reader& in, tree_surroundings const& around) {
    return tree_decoder(in, around).read();
}

}  // namespace copse::detail
