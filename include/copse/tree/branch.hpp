// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A tree, or a part of one, while it grows: nodes in the order in which they came to be. Parts
/// that grew side by side are joined, weak links are pruned, and finish() numbers the nodes anew
/// from the shape alone, so that the order of growth leaves no trace in the tree.

#include <copse/core/config.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/tree/split_search.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace copse::detail {

struct grown_node {
    node leaf;               ///< what it is as long as it has no children
    double gain = 0;         ///< of its split, in score units
    std::uint32_t left = 0;  ///< 0: none; the root is nobody's child
    std::uint32_t feature = 0;
    std::uint32_t bin = 0;
    std::uint32_t set = 0;  ///< categorical: which of the branch's sets
    bool categorical = false;
    bool missing_left = false;
    std::uint32_t rows = 0;  ///< that it parts, if boosting counted them

    [[nodiscard]] bool is_leaf() const noexcept { return left == 0; }
    [[nodiscard]] std::uint32_t right() const noexcept { return left + 1; }
};

/// A set of bins.
using bin_set = std::vector<std::uint64_t>;

[[nodiscard]] inline bool contains(bin_set const& set, std::size_t bin) noexcept {
    return (set[bin / 64] >> (bin % 64) & 1u) != 0;
}

class branch {
public:
    branch() : nodes_(1) {}

    /// A single node again; keeps the memory.
    void clear() {
        nodes_.assign(1, {});
        frequencies_.clear();
        sets_.clear();
    }

    [[nodiscard]] grown_node& operator[](std::uint32_t i) noexcept { return nodes_[i]; }
    /// The table that mixed leaves of this branch index.
    [[nodiscard]] std::vector<float>& frequencies() noexcept { return frequencies_; }

    /// Gives node `at` two new children, the left one first, and returns its index.
    std::uint32_t split_node(std::uint32_t at, split const& how, double gain, bin_set set) {
        auto const left = static_cast<std::uint32_t>(nodes_.size());
        auto& n = nodes_[at];
        n.gain = gain;
        n.left = left;
        n.feature = how.feature;
        n.bin = how.bin;
        n.missing_left = how.missing_left;
        n.categorical = how.is_categorical();
        if (n.categorical) {
            n.set = static_cast<std::uint32_t>(sets_.size());
            sets_.push_back(std::move(set));
        }
        nodes_.resize(nodes_.size() + 2);
        return left;
    }

    /// Puts a branch that grew elsewhere in the place of leaf `at`.
    void graft(std::uint32_t at, branch const& other, std::size_t n_classes);

    /// Cuts off every split whose gain, with those below it, is at most `alpha` per leaf it adds:
    /// the smallest tree of least cost for alpha, Breiman et al. 1984, section 3.3.
    void prune(double alpha);

    /// The tree, numbered by a walk from the root that visits left children first, and each
    /// feature's total gain, added to `gains` in that order.
    [[nodiscard]] tree finish(binned_matrix const& bins, std::size_t n_classes,
                              std::span<double> gains) const;

    /// Adds to each feature's number of splits, and of rows parted by them. Nothing may be pruned.
    void count_splits(std::span<double> splits, std::span<double> rows) const {
        for (auto const& n : nodes_) {
            if (n.is_leaf()) continue;
            splits[n.feature] += 1;
            rows[n.feature] += n.rows;
        }
    }

private:
    std::vector<grown_node> nodes_;
    std::vector<float> frequencies_;
    std::vector<bin_set> sets_;
};

inline void branch::graft(std::uint32_t at, branch const& other, std::size_t n_classes) {
    // other's root takes the place of `at`; its node i becomes first + i - 1.
    auto const first = static_cast<std::uint32_t>(nodes_.size());
    auto const first_row =
        n_classes == 0 ? 0 : static_cast<std::uint32_t>(frequencies_.size() / n_classes);
    auto const first_set = static_cast<std::uint32_t>(sets_.size());
    nodes_.reserve(nodes_.size() + other.nodes_.size() - 1);
    for (std::size_t i = 0; i < other.nodes_.size(); ++i) {
        auto n = other.nodes_[i];
        if (!n.is_leaf()) {
            n.left += first - 1;
            n.set += first_set;
        }
        if (n_classes > 0 && !n.leaf.is_pure()) n.leaf.set_left(n.leaf.distribution() + first_row);
        if (i == 0) {
            nodes_[at] = n;
        } else {
            nodes_.push_back(n);
        }
    }
    frequencies_.insert(frequencies_.end(), other.frequencies_.begin(), other.frequencies_.end());
    sets_.insert(sets_.end(), other.sets_.begin(), other.sets_.end());
}

inline void branch::prune(double alpha) {
    struct below {
        double gain = 0;
        std::size_t leaves = 1;
    };
    std::vector<below> sums(nodes_.size());
    // A child is always younger than its parent, so this order is bottom-up.
    for (auto i = nodes_.size(); i-- > 0;) {
        auto& n = nodes_[i];
        if (n.is_leaf()) continue;
        sums[i].gain = n.gain + sums[n.left].gain + sums[n.right()].gain;
        sums[i].leaves = sums[n.left].leaves + sums[n.right()].leaves;
        if (sums[i].gain <= alpha * static_cast<double>(sums[i].leaves - 1)) {
            n.left = 0;
            sums[i] = {};
        }
    }
}

inline tree branch::finish(binned_matrix const& bins, std::size_t n_classes,
                           std::span<double> gains) const {
    std::vector<node> nodes(1);
    // Pruned nodes stay in nodes_ but are not reached, so this may be more than enough.
    nodes.reserve(nodes_.size());
    std::vector<float> frequencies;
    std::vector<std::uint64_t> words;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> open{{0, 0}};  // here, in the tree
    while (!open.empty()) {
        auto const [from, to] = open.back();
        open.pop_back();
        auto const& n = nodes_[from];
        if (n.is_leaf()) {
            nodes[to] = n.leaf;
            if (n_classes > 0 && !n.leaf.is_pure()) {
                auto const row = frequencies_.begin() +
                                 static_cast<std::ptrdiff_t>(n.leaf.distribution() * n_classes);
                nodes[to].set_left(static_cast<std::uint32_t>(frequencies.size() / n_classes));
                frequencies.insert(frequencies.end(), row,
                                   row + static_cast<std::ptrdiff_t>(n_classes));
            }
            continue;
        }
        gains[n.feature] += n.gain;
        auto const& cuts = bins.cuts(n.feature);
        if (n.categorical) {
            auto const first = words.size();
            words.resize(first + cuts.category(cuts.n_bins()) / 64 + 1);
            // Codes between those of the training rows go where those beyond them go.
            if (n.missing_left) {
                std::fill(words.begin() + static_cast<std::ptrdiff_t>(first), words.end(),
                          ~std::uint64_t{0});
            }
            for (std::uint32_t bin = 1; bin <= cuts.n_bins(); ++bin) {
                auto const code = cuts.category(bin);
                auto const bit = std::uint64_t{1} << (code % 64);
                auto& word = words[first + code / 64];
                word = contains(sets_[n.set], bin) ? word | bit : word & ~bit;
            }
            nodes[to] = node::category_split(n.feature, static_cast<std::uint32_t>(first),
                                             static_cast<std::uint32_t>(words.size() - first),
                                             n.missing_left);
        } else {
            nodes[to] = node::split(n.feature, cuts.threshold(n.bin), n.missing_left);
        }
        auto const left = static_cast<std::uint32_t>(nodes.size());
        nodes[to].set_left(left);
        nodes.resize(nodes.size() + 2);
        open.emplace_back(n.right(), left + 1);
        open.emplace_back(n.left, left);
    }
    if (nodes.size() < nodes_.size()) nodes.shrink_to_fit();
    return {std::move(nodes), std::move(frequencies), std::move(words)};
}

}  // namespace copse::detail
