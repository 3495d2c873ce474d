// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What depends on the kind of target when a tree grows: one small interface between the grower,
/// which knows rows, draws and children, and the tallies, which know targets.
///
/// It is virtual on purpose. A call costs about a nanosecond once per node and feature, where the
/// work is at least fifty; in return the grower is compiled once, not once per criterion, which
/// takes seconds off every program that includes a forest.

#include <copse/data/binned_matrix.hpp>
#include <copse/tree/class_tally.hpp>
#include <copse/tree/real_tally.hpp>
#include <copse/tree/split_search.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <vector>

namespace copse::detail {

/// What a node's targets amount to.
struct node_summary {
    std::uint64_t weight = 0;
    double score = 0;   ///< of the node unsplit
    bool pure = false;  ///< nothing is left to tell apart
};

/// Judges one node after another: enter, consider features, then ask for best() or leaf().
template <class Item>
class splitter {
public:
    splitter() = default;
    splitter(splitter const&) = delete;
    splitter& operator=(splitter const&) = delete;
    virtual ~splitter() = default;

    virtual node_summary enter(view<Item const> items) = 0;
    /// The node of the last enter() is to be split; see split_search.
    virtual void start(random_stream draws, value_bounds bounds, std::uint64_t min_weight_leaf) = 0;
    /// False if the feature is constant in the node.
    virtual bool consider(view<Item const> items, bin_column const& column, std::uint32_t feature,
                          bin_cuts const& cuts) = 0;
    [[nodiscard]] virtual split const& best() const = 0;
    /// The node as a leaf; a mixed one's class frequencies are appended.
    [[nodiscard]] virtual node leaf(view<Item const> items, value_bounds bounds,
                                    std::vector<float>& frequencies) const = 0;
};

/// Makes a splitter for a thread.
template <class Item>
using splitter_factory = std::function<std::unique_ptr<splitter<Item>>()>;

template <class Tally>
class tally_splitter final : public splitter<typename Tally::item> {
public:
    using item = typename Tally::item;

    tally_splitter(std::size_t n_classes, std::size_t most_bins, split_rules const& rules,
                   fixed_point const& units)
        : tally_(n_classes, most_bins), search_(rules, most_bins), units_(units) {}

    node_summary enter(view<item const> items) override {
        tally_.enter(items);
        return {tally_.weight(), tally_.own_score(), tally_.pure()};
    }
    void start(random_stream draws, value_bounds bounds, std::uint64_t min_weight_leaf) override {
        search_.start(draws, bounds, min_weight_leaf);
    }
    bool consider(view<item const> items, bin_column const& column, std::uint32_t feature,
                  bin_cuts const& cuts) override {
        return search_.consider(tally_, items, column, feature, cuts);
    }
    [[nodiscard]] split const& best() const override { return search_.best(); }
    [[nodiscard]] node leaf(view<item const> items, value_bounds bounds,
                            std::vector<float>& frequencies) const override {
        if constexpr (Tally::is_classifier) {
            return tally_.leaf(frequencies);
        } else {
            return node::leaf(std::clamp(tally_.leaf_value(items, units_),
                                         units_.restored(bounds.lower),
                                         units_.restored(bounds.upper)));
        }
    }

private:
    Tally tally_;
    split_search search_;
    fixed_point units_;
};

/// Makes splitters for a classification criterion. Two classes have a tally of their own.
[[nodiscard]] inline splitter_factory<class_item> class_splitters(class_criterion criterion,
                                                                  std::size_t n_classes,
                                                                  std::size_t most_bins,
                                                                  split_rules const& rules) {
    auto const made = [=]<class Tally>(std::type_identity<Tally>) {
        return [=]() -> std::unique_ptr<splitter<class_item>> {
            return std::make_unique<tally_splitter<Tally>>(n_classes, most_bins, rules,
                                                           fixed_point{});
        };
    };
    bool const gini_wanted = criterion == class_criterion::gini;
    if (n_classes <= 2) {
        if (gini_wanted) return made(std::type_identity<binary_tally<gini>>{});
        return made(std::type_identity<binary_tally<entropy>>{});
    }
    if (gini_wanted) return made(std::type_identity<multiclass_tally<gini>>{});
    return made(std::type_identity<multiclass_tally<entropy>>{});
}

/// Makes splitters for a regression criterion whose targets are in `units`.
[[nodiscard]] inline splitter_factory<real_item> real_splitters(real_criterion criterion,
                                                                fixed_point const& units,
                                                                std::size_t most_bins,
                                                                split_rules const& rules) {
    auto const made = [=]<class Tally>(std::type_identity<Tally>) {
        return [=]() -> std::unique_ptr<splitter<real_item>> {
            return std::make_unique<tally_splitter<Tally>>(0, most_bins, rules, units);
        };
    };
    switch (criterion) {
        case real_criterion::absolute_error:
            return made(std::type_identity<median_tally>{});
        case real_criterion::poisson:
            return made(std::type_identity<mean_tally<poisson>>{});
        default:
            return made(std::type_identity<mean_tally<squared_error>>{});
    }
}

}  // namespace copse::detail
