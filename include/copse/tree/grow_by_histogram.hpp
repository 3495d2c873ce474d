// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Grows one boosted tree from histograms of gradients: every feature of a node is looked at, so
/// one pass over the smaller child's rows serves all of them, and its sibling's histogram follows
/// by subtraction (histogram.hpp).
///
///     histogram_grower<gradient_sums, tbb> grower(bins, limits, backend);
///     auto const leaves = grower.grow(rows, units, stream, branch);
///
/// The frontier's order is best first, or deepest first if the number of leaves is not limited.
/// Opening a node (parting its rows, the children's histograms, their best splits) depends on the
/// node alone. So several of the frontier's best nodes are opened at the same time, before it is
/// certain that all will be split: the tree is the same, and only openings at the very end may be
/// for nothing. Large nodes are also worked on by several threads.

#include <copse/core/random.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/pool.hpp>
#include <copse/tree/boosting_limits.hpp>
#include <copse/tree/branch.hpp>
#include <copse/tree/feature_rows.hpp>
#include <copse/tree/gradient_tally.hpp>
#include <copse/tree/grow.hpp>
#include <copse/tree/histogram_shape.hpp>
#include <copse/tree/part_rows.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

namespace copse::detail {

/// A leaf of a grown tree: the items it holds, and its value in units of the loss's raw score.
template <class Item>
struct grown_leaf {
    view<Item const> items;
    std::uint32_t at;  ///< its node in the branch
    double value;
};

/// A fraction of the features, at least one, increasing.
[[nodiscard]] inline std::vector<std::uint32_t> drawn_features(std::vector<std::uint32_t> from,
                                                               double fraction,
                                                               random_stream draws) {
    auto const n = static_cast<std::uint32_t>(from.size());
    auto const wanted = std::max(1u, static_cast<std::uint32_t>(std::lround(fraction * n)));
    if (wanted >= n) return from;
    for (std::uint32_t k = 0; k < wanted; ++k) std::swap(from[k], from[k + draws.below(n - k, k)]);
    from.resize(wanted);
    std::sort(from.begin(), from.end());
    return from;
}

template <class Sums, backend B>
class histogram_grower {
public:
    using item = typename Sums::item;
    using cell = typename Sums::cell;

    /// `rows` are those of bins, if somebody has made them already.
    histogram_grower(binned_matrix const& bins, boosting_limits const& limits, B const& backend,
                     feature_rows const* rows = nullptr)
        : bins_(bins),
          limits_(limits),
          shape_(bins),
          own_rows_(rows == nullptr ? std::make_unique<feature_rows>(bins, backend) : nullptr),
          rows_(rows == nullptr ? *own_rows_ : *rows),
          rules_{limits_.min_samples_leaf, false, limits_.monotonic, limits_.categories},
          backend_(backend) {
        gather_groups();
    }

    /// Grows a tree into `out` from its rows, which are reordered, in part moved to the
    /// spare ones, so that each leaf's lie together.
    /// `features` are those it may use, increasing. Returns the leaves, whose values the caller is
    /// to put into `out`.
    std::vector<grown_leaf<item>> grow(sample<item>& rows, gradient_units const& units,
                                       std::vector<std::uint32_t> const& features,
                                       random_stream stream, branch& out) {
        rows.spare.resize(std::max(rows.spare.size(), rows.items.size()));
        tree_state state{units, features, stream, {}, 0, 0};
        state.min_weight = limits_.least_weight(units);
        state.min_gain = limits_.least_gain(units);
        auto& root = state.nodes.emplace_back();
        root.items = {rows.items.data(), rows.items.size()};
        root.spare = rows.spare.data();
        root.key = stream.key();
        root.groups.resize(in_group_.size());
        std::iota(root.groups.begin(), root.groups.end(), 0u);
        open_root(state, root);
        out.clear();
        grow_frontier(state, out);
        return leaves_of(state);
    }

private:
    using histogram = std::vector<cell>;

    struct open_node {
        view<item> items;
        item* spare = nullptr;  // as many places as items
        std::uint32_t at = 0;   // its index in the branch, once it is part of the tree
        std::uint32_t depth = 0;
        std::uint64_t key = 0;  // of its random stream
        value_bounds bounds{};
        std::vector<std::uint32_t> groups{};  // of features, those that the path is in
        cell total{};
        double parent_value = 0;  // values are in integer units
        double value = 0;
        std::unique_ptr<histogram> sums{};
        split how{};
        bin_set set{};
        double gain = 0;  // of the best split; 0: none worth making
        open_node* left = nullptr;
        open_node* right = nullptr;
        bool is_split = false;
    };
    struct tree_state {
        gradient_units units;
        std::vector<std::uint32_t> const& features;
        random_stream stream;
        std::deque<open_node> nodes;  // which do not move
        std::uint64_t min_weight = 0;
        double min_gain = 0;
    };
    struct workspace {
        explicit workspace(histogram_grower const& grower)
            : tally(grower.limits_.gradients, !grower.limits_.monotonic.empty(),
                    grower.bins_.most_bins()),
              search(grower.rules_, grower.bins_.most_bins()) {}
        gradient_tally<Sums> tally;
        split_search search;
    };

    // Below these, in additions to cells, sharing out a node's work costs more than it gains.
    static constexpr std::size_t shared_work = 1u << 15;
    static constexpr std::size_t shared_search = 1u << 11;

    void grow_frontier(tree_state& state, branch& out) {
        bool const best_first = limits_.max_leaf_nodes != unlimited;
        // The next node to split is the greatest; of equals the older one, which is the same
        // whatever was opened ahead of time because ages are those of nodes in the tree.
        auto const before = [&](open_node const* a, open_node const* b) {
            if (best_first && a->gain != b->gain) return a->gain < b->gain;
            if (!best_first && a->depth != b->depth) return a->depth < b->depth;
            return a->at > b->at;
        };
        std::vector<open_node*> heap;
        auto const offer = [&](open_node* n) {
            if (n->gain <= 0) return;
            heap.push_back(n);
            std::push_heap(heap.begin(), heap.end(), before);
        };
        offer(&state.nodes.front());
        for (std::size_t leaves = 1; leaves < limits_.max_leaf_nodes && !heap.empty(); ++leaves) {
            if (heap.front()->left == nullptr) {
                open_ahead(state, heap, before, limits_.max_leaf_nodes - leaves);
            }
            std::pop_heap(heap.begin(), heap.end(), before);
            auto& n = *heap.back();
            heap.pop_back();
            n.is_split = true;
            n.left->at =
                out.split_node(n.at, n.how, n.gain * state.units.score(), std::move(n.set));
            n.right->at = n.left->at + 1;
            out[n.at].rows = static_cast<std::uint32_t>(n.items.size());
            offer(n.left);
            offer(n.right);
        }
    }

    /// Opens the first node of the heap and, if there are threads for them, those after it.
    template <class Before>
    void open_ahead(tree_state& state, std::vector<open_node*>& heap, Before const& before,
                    std::size_t wanted) {
        auto const threads = backend_.concurrency();
        auto const most = threads == 1 ? 1 : std::min(wanted, 2 * threads);
        std::vector<open_node*> next;
        std::size_t popped = 0;
        while (popped < heap.size() && next.size() < most) {
            auto const last = heap.end() - static_cast<std::ptrdiff_t>(popped);
            std::pop_heap(heap.begin(), last, before);
            ++popped;
            auto* const n = heap[heap.size() - popped];
            if (n->left == nullptr) next.push_back(n);
        }
        while (popped > 0) {
            --popped;
            std::push_heap(heap.begin(), heap.end() - static_cast<std::ptrdiff_t>(popped), before);
        }
        for (auto* const n : next) {
            n->left = &state.nodes.emplace_back();
            n->right = &state.nodes.emplace_back();
        }
        if (next.size() == 1) {
            open_children(state, *next[0]);
        } else {
            backend_.for_each_index(next.size(),
                                    [&](std::size_t i) { open_children(state, *next[i]); });
        }
    }

    void open_root(tree_state& state, open_node& root) {
        fill(state, root);
        root.total = rows_.template total<Sums>(root.items, state.units.count_bits, *root.sums);
        rows_.template complete<Sums>(root.total, root.sums->data());
        auto const own = borrow(state);
        // The root is smoothed towards itself: not at all.
        root.parent_value =
            own->tally.formula().unsmoothed(Sums::total_of(root.total, state.units.count_bits));
        judge(state, root);
    }

    /// Parts the node's rows, gathers its children's sums and finds their best splits.
    void open_children(tree_state& state, open_node& n) {
        auto const feature = n.how.feature;
        // A column of a million rows fits in a second-level cache; their rows do not.
        auto const column = bins_.cells().from(feature * bins_.rows());
        auto& left = *n.left;
        auto& right = *n.right;
        left.total = sums_of_left(n);
        auto const n_left =
            static_cast<std::size_t>(Sums::total_of(left.total, state.units.count_bits).count);
        auto const n_right = n.items.size() - n_left;
        view<item const> const items(n.items);
        auto parted = part_rows(items, column, bins_.cuts(feature).n_bins(), n.how,
                                [&](auto const& goes_left) {
                                    part_items_shared(backend_, items, n.spare, n_left, goes_left);
                                    return n_left;
                                });
        n.set = std::move(parted.set);
        left.items = {n.spare, n_left};
        left.spare = n.items.data();
        right.items = {n.spare + n_left, n_right};
        right.spare = n.items.data() + n_left;
        auto const stream = random_stream::from_key(n.key);
        left.key = stream.split(0).key();
        right.key = stream.split(1).key();
        left.depth = right.depth = n.depth + 1;
        left.parent_value = right.parent_value = n.value;
        left.bounds = right.bounds = n.bounds;
        left.groups = right.groups = groups_below(n);
        auto const direction = limits_.monotonic.empty() ? 0 : limits_.monotonic[n.how.feature];
        if (direction > 0) left.bounds.upper = right.bounds.lower = n.how.middle;
        if (direction < 0) left.bounds.lower = right.bounds.upper = n.how.middle;
        right.total = n.total;
        Sums::subtract(right.total, left.total);
        share_sums(state, n);
        if (left.sums && right.sums && shape_.size() >= shared_search) {
            backend_.both([&] { judge(state, left); }, [&] { judge(state, right); });
        } else {
            judge(state, left);
            judge(state, right);
        }
    }

    /// The children's histograms, those that are needed: the smaller one's from its rows, the
    /// larger one's in place of the parent's.
    void share_sums(tree_state& state, open_node& n) {
        bool const left_is_smaller = n.left->items.size() <= n.right->items.size();
        auto& smaller = left_is_smaller ? *n.left : *n.right;
        auto& larger = left_is_smaller ? *n.right : *n.left;
        bool const larger_needs = may_split(state, larger);
        bool const smaller_needs = may_split(state, smaller);
        if (larger_needs || smaller_needs) {
            fill(state, smaller);
            rows_.template complete<Sums>(smaller.total, smaller.sums->data());
        }
        if (larger_needs) {
            larger.sums = std::move(n.sums);
            auto const* const part = smaller.sums->data();
            auto* const whole = larger.sums->data();
            for (std::size_t i = 0; i < shape_.size(); ++i) Sums::subtract(whole[i], part[i]);
        }
        if (!smaller_needs) release(smaller);
        release(n);
    }
    [[nodiscard]] bool may_split(tree_state const& state, open_node const& n) const noexcept {
        return limits_.may_split(Sums::total_of(n.total, state.units.count_bits), n.depth,
                                 state.min_weight);
    }

    /// The node's value and, if it has a histogram, its best split.
    void judge(tree_state& state, open_node& n) {
        auto const own = borrow(state);
        own->tally.enter(n.total, n.parent_value, n.bounds);
        n.value = own->tally.own_value();
        if (!n.sums) return;
        auto const own_score = own->tally.own_score();
        own->search.start(random_stream::from_key(n.key), n.bounds, state.min_weight, own_score);
        for (auto const feature : features_of(state, n)) {
            own->search.consider(
                own->tally,
                view<cell const>(n.sums->data() + shape_.first(feature), shape_.n_bins(feature)),
                n.items.size(), feature, bins_.cuts(feature));
        }
        auto const& best = own->search.best();
        if (best.found() && is_worth_making(best.score, own_score, state.min_gain)) {
            n.how = best;
            n.gain = best.score - own_score;
        } else {
            release(n);
        }
    }

    /// Those of the tree, of which a level may be given some, of which a node may be given some.
    [[nodiscard]] std::vector<std::uint32_t> features_of(tree_state const& state,
                                                         open_node const& n) const {
        auto of_level = drawn_features(state.features, limits_.columns_by_level,
                                       state.stream.split(purpose::split).split(n.depth));
        if (!in_group_.empty())
            std::erase_if(of_level, [&](auto j) { return !allows(n.groups, j); });
        return drawn_features(std::move(of_level), limits_.columns_by_node,
                              random_stream::from_key(n.key).split(purpose::features));
    }

    /// in_group_[g][j]: the features of group g may be split on together, and j is one.
    void gather_groups() {
        if (limits_.interactions.empty()) return;
        std::vector<bool> others(bins_.cols(), true);
        for (auto const& group : limits_.interactions) {
            auto& in = in_group_.emplace_back(bins_.cols());
            for (auto const feature : group) in[feature] = true, others[feature] = false;
        }
        in_group_.push_back(std::move(others));
    }
    [[nodiscard]] bool allows(std::vector<std::uint32_t> const& groups,
                              std::uint32_t feature) const {
        return std::any_of(groups.begin(), groups.end(),
                           [&](auto g) { return in_group_[g][feature]; });
    }
    [[nodiscard]] std::vector<std::uint32_t> groups_below(open_node const& n) const {
        auto groups = n.groups;
        std::erase_if(groups, [&](auto g) { return !in_group_[g][n.how.feature]; });
        return groups;
    }

    [[nodiscard]] cell sums_of_left(open_node const& n) const {
        auto const* const bins = n.sums->data() + shape_.first(n.how.feature);
        cell sum{};
        if (n.how.is_categorical()) {
            for (auto const bin : n.how.left_categories) Sums::add(sum, bins[bin]);
            return sum;
        }
        for (std::size_t b = n.how.missing_left ? 0 : 1; b <= n.how.bin; ++b)
            Sums::add(sum, bins[b]);
        return sum;
    }

    /// The sums of the node's rows. A large node's are shared out by blocks; each thread that takes
    /// part adds to a histogram of its own, and in whatever order they are added up, integers give
    /// the same.
    void fill(tree_state const& state, open_node& n) {
        auto const work = n.items.size() * bins_.cols();
        auto const blocks = backend_.concurrency() == 1 ? 1 : work / shared_work + 1;
        pool<histogram> parts;
        backend_.for_each_index(blocks, [&](std::size_t b) {
            auto const first = n.items.size() * b / blocks;
            auto const last = n.items.size() * (b + 1) / blocks;
            auto sums = parts.take([&] { return take_empty_histogram(); });
            rows_.template add<Sums>(n.items.part(first, last - first), state.units.count_bits,
                                     sums->data());
            parts.give_back(std::move(sums));
        });
        auto const next = [&] { return parts.take([] { return std::unique_ptr<histogram>(); }); };
        n.sums = next();
        while (auto part = next()) {
            for (std::size_t i = 0; i < shape_.size(); ++i) Sums::add((*n.sums)[i], (*part)[i]);
            histograms_.give_back(std::move(part));
        }
    }

    std::vector<grown_leaf<item>> leaves_of(tree_state& state) {
        std::vector<grown_leaf<item>> leaves;
        leaf_formula const formula(limits_.gradients, state.units);
        std::vector<open_node*> open{&state.nodes.front()};
        while (!open.empty()) {
            auto& n = *open.back();
            open.pop_back();
            release(n);
            if (n.left != nullptr) release(*n.left), release(*n.right);
            if (n.is_split) {
                open.push_back(n.right);
                open.push_back(n.left);
            } else {
                leaves.push_back({n.items, n.at, formula.restored(n.value)});
            }
        }
        return leaves;
    }

    [[nodiscard]] std::unique_ptr<histogram> take_empty_histogram() {
        auto sums = histograms_.take([&] { return std::make_unique<histogram>(shape_.size()); });
        std::fill(sums->begin(), sums->end(), cell{});
        return sums;
    }
    void release(open_node& n) {
        if (n.sums) histograms_.give_back(std::move(n.sums));
    }
    [[nodiscard]] typename pool<workspace>::loan borrow(tree_state const& state) {
        auto own = idle_.take([&] { return std::make_unique<workspace>(*this); });
        own->tally.start(state.units);
        return {idle_, std::move(own)};
    }

    binned_matrix const& bins_;
    boosting_limits limits_;
    histogram_shape shape_;
    std::unique_ptr<feature_rows const> own_rows_;
    feature_rows const& rows_;
    split_rules rules_;
    B backend_;
    std::vector<std::vector<bool>> in_group_{};  // empty: any features may be split on together
    pool<workspace> idle_;
    pool<histogram> histograms_;
};

}  // namespace copse::detail
