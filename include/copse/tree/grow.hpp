// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Grows one tree from a sample of rows: the frontier of open nodes, the features drawn at each,
/// the split chosen by split_search, the rows parted. Depth first, or best first under a limit on
/// leaves; the tree does not depend on which nodes were grown at the same time.
///
///     tree_grower<class_item, tbb> grower(bins, limits, n_classes, splitters, backend);
///     grower.grow(sample, stream, false, branch);
///
/// What a node draws is a function of the tree's stream and of the node's place in the tree.
/// L. Breiman, "Random Forests", Machine Learning 45:5-32, 2001.

#include <copse/core/limits.hpp>
#include <copse/core/random.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/pool.hpp>
#include <copse/tree/branch.hpp>
#include <copse/tree/gather_columns.hpp>
#include <copse/tree/part_rows.hpp>
#include <copse/tree/splitter.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

namespace copse {

namespace detail {

/// When to stop growing, and what to offer a node.
struct growth_limits {
    std::size_t max_features = unlimited;  ///< drawn at each node; constant ones count as drawn
    std::size_t max_depth = unlimited;
    std::size_t min_samples_split = 2;
    std::size_t min_samples_leaf = 1;
    std::size_t min_samples_category = 0;  ///< rows per category to order a node's by target
    double min_weight_fraction_leaf = 0;
    std::size_t max_leaf_nodes = unlimited;
    double min_impurity_decrease = 0;
    double ccp_alpha = 0;
    double gain_unit = 1;  ///< impurity decrease times the tree's weight, per unit of score
    bool random_cuts = false;
    std::vector<int> monotonic{};  ///< per feature: +1 increasing, -1 decreasing, 0 free; or empty
};

/// The cells that growing on n rows of d columns reads. Rows are for compact copies of small nodes,
/// which pay only where columns do not stay in cache by themselves. (With rows, 1M x 28 fits in 0.6
/// of the time, 1M x 8 in 0.9, six sets below 4 MB in 0.97 to 1.01.)
[[nodiscard]] inline cell_layout layout_for_growth(std::size_t n, std::size_t d) noexcept {
    constexpr std::size_t cached_bytes = 4 * 1024 * 1024;
    return n * d <= cached_bytes ? cell_layout::columns : cell_layout::both;
}

/// One tree's rows, and as many again to part them into.
template <class Item>
struct sample {
    std::vector<Item> items;
    std::vector<Item> spare;
};

template <class Item, backend B>
class tree_grower {
public:
    using item = Item;

    tree_grower(binned_matrix const& bins, growth_limits const& limits, std::size_t n_classes,
                splitter_factory<Item> make_splitter, B const& backend)
        : bins_(bins),
          limits_(limits),
          n_classes_(n_classes),
          make_splitter_(std::move(make_splitter)),
          backend_(backend) {}

    /// Grows a tree into `out`. `sample.items` holds its rows and is reordered; `stream` decides
    /// its draws; with `forks`, large subtrees may grow at the same time.
    void grow(sample<item>& sample, random_stream stream, bool forks, branch& out) {
        sample.spare.resize(std::max(sample.spare.size(), sample.items.size()));
        auto const n = static_cast<std::uint32_t>(sample.items.size());
        double weight = 0;
        for (auto const& i : sample.items) weight += i.weight;
        table all{};
        all.cells = bins_.cells();
        all.stride = bins_.rows();
        all.items = sample.items.data();
        all.spare = sample.spare.data();
        // gain_unit underflows to 0 for tiny targets, and 0 / 0 would forbid every split.
        if (limits_.min_impurity_decrease > 0)
            all.min_gain = limits_.min_impurity_decrease * weight / limits_.gain_unit;
        all.min_weight_leaf =
            static_cast<std::uint64_t>(std::ceil(limits_.min_weight_fraction_leaf * weight));
        auto const own = borrow();
        out.clear();
        open_node const root{0, n, 0, 0, 0, false, stream.key(), {}};
        if (limits_.max_leaf_nodes != unlimited) {
            grow_best_first(all, root, out, *own);
        } else {
            grow_depth_first(all, root, out, *own, forks ? most_forks : 0);
        }
        if (limits_.ccp_alpha > 0) out.prune(limits_.ccp_alpha * weight / limits_.gain_unit);
    }

private:
    struct open_node {
        std::uint32_t first;  // its rows are items [first, last)
        std::uint32_t last;
        std::uint32_t at;  // its index in the branch
        std::uint32_t depth;
        std::uint32_t level;  // where its constant features are noted, less one
        bool moved;           // its items are in the spare ones' place
        std::uint64_t key;    // of its random stream
        value_bounds bounds;

        [[nodiscard]] std::size_t size() const noexcept { return last - first; }
    };
    /// Columns and rows that a node's row numbers refer to: the whole matrix, or a compact copy.
    struct table {
        cells_view cells;
        std::size_t stride;  // from one column to the next
        item* items;
        item* spare;
        bool compact;
        double min_gain;  // in score units
        std::uint64_t min_weight_leaf;

        [[nodiscard]] item* items_of(open_node const& n) const noexcept {
            return (n.moved ? spare : items) + n.first;
        }
        [[nodiscard]] item* spare_of(open_node const& n) const noexcept {
            return (n.moved ? items : spare) + n.first;
        }
    };
    /// What one thread needs to grow a branch.
    struct workspace {
        workspace(tree_grower const& grower)
            : judge(grower.make_splitter_()), features(grower.bins_.cols()) {
            std::iota(features.begin(), features.end(), 0u);
        }
        std::unique_ptr<splitter<Item>> judge;
        std::vector<std::uint32_t> features;  // a permutation, the identity between nodes
        std::vector<std::uint32_t> swaps;
        std::vector<std::uint64_t> constants;  // a set of features per level of the branch
        std::vector<std::uint16_t> cells;      // of the compact copy, or bytes in pairs
        std::vector<open_node> open;
        std::vector<open_node> compact_open;
    };

    static constexpr int most_forks = 12;
    // Below this a subtree takes less than a millisecond and is not worth sharing out.
    static constexpr std::size_t fork_rows = 10'000;
    // A compact copy should stay in a core's second-level cache together with its rows.
    static constexpr std::size_t compact_bytes = 512 * 1024;

    [[nodiscard]] std::size_t words_per_level() const noexcept { return bins_.cols() / 64 + 1; }

    void grow_depth_first(table const& t, open_node const& root, branch& out, workspace& own,
                          int forks) {
        auto& open = t.compact ? own.compact_open : own.open;
        open.assign(1, root);
        while (!open.empty()) {
            auto const n = open.back();
            open.pop_back();
            if (!t.compact && worth_compacting(n.size())) {
                grow_compact(t, n, out, own);
                continue;
            }
            auto [left, right] = try_split(t, n, out, own);
            if (left.size() == 0) continue;
            if (forks > 0 && std::min(left.size(), right.size()) >= fork_rows) {
                grow_apart(t, left, right, out, own, forks - 1);
            } else {
                open.push_back(right);
                open.push_back(left);
            }
        }
    }

    /// Both subtrees at once, each in a workspace and branch of its own.
    void grow_apart(table const& t, open_node left, open_node right, branch& out,
                    workspace const& own, int forks) {
        auto const known = std::vector(
            own.constants.begin() +
                static_cast<std::ptrdiff_t>((left.level - 1) * words_per_level()),
            own.constants.begin() + static_cast<std::ptrdiff_t>(left.level * words_per_level()));
        auto const grow_one = [&](open_node root, branch& into) {
            root.at = 0;
            root.level = 1;
            auto const mine = borrow();
            mine->constants = known;
            grow_depth_first(t, root, into, *mine, forks);
        };
        branch left_branch;
        branch right_branch;
        backend_.both([&] { grow_one(left, left_branch); }, [&] { grow_one(right, right_branch); });
        out.graft(left.at, left_branch, n_classes_);
        out.graft(right.at, right_branch, n_classes_);
    }

    /// A small node's rows are scattered over columns that do not fit in cache: every cell read is
    /// a line fetched. Copying its rows together costs their cells once; it pays unless the subtree
    /// will look at few of them. (MNIST, 784 columns of which 28 are drawn: fits in 0.7 of the
    /// time.)
    [[nodiscard]] bool worth_compacting(std::size_t n) const noexcept {
        auto const looked_at = std::min(limits_.max_features, bins_.cols()) *
                               static_cast<std::size_t>(std::bit_width(n));
        return bins_.has_rows() && n >= 32 &&
               n * bins_.cols() * bins_.cells().cell_bytes() <= compact_bytes &&
               bins_.rows() > 2 * n && bins_.cols() <= 8 * looked_at;
    }
    void grow_compact(table const& t, open_node const& n, branch& out, workspace& own) {
        auto const size = n.size();
        auto* const items = t.items_of(n);
        own.cells.resize(std::max(own.cells.size(), size * bins_.cols()));
        auto const* const constants =
            n.level > 0 ? own.constants.data() + (n.level - 1) * words_per_level() : nullptr;
        auto const some_vary = [&](std::size_t j) {
            return constants == nullptr || (constants[j / 64] >> (j % 64) & 0xff) != 0xff;
        };
        auto compact = t;
        compact.cells = bins_.row_cells().visit([&]<class Bin>(Bin const* rows) -> cells_view {
            auto* const to = reinterpret_cast<Bin*>(own.cells.data());
            gather_columns(
                rows, bins_.cols(), size, [&](std::size_t i) { return items[i].row; }, some_vary,
                to);
            return to;
        });
        for (std::size_t i = 0; i < size; ++i) items[i].row = static_cast<std::uint32_t>(i);
        compact.stride = size;
        compact.items = items;
        compact.spare = t.spare_of(n);
        compact.compact = true;
        auto root = n;
        root.first = 0;
        root.last = static_cast<std::uint32_t>(size);
        root.moved = false;
        grow_depth_first(compact, root, out, own, 0);
    }

    /// Splits the node, or makes it a leaf and returns children without rows.
    std::pair<open_node, open_node> try_split(table const& t, open_node const& n, branch& out,
                                              workspace& own) {
        double gain = 0;
        if (!find_split(t, n, out, own, gain)) return {};
        return part(t, n, own.judge->best(), gain, out);
    }

    /// The node's best split is in own.judge if there is one worth making; if not, or if pruning
    /// might need it, the node's leaf is in the branch.
    bool find_split(table const& t, open_node const& n, branch& out, workspace& own, double& gain) {
        view<item const> const items(t.items_of(n), n.size());
        auto const summary = own.judge->enter(items);
        bool const found = may_split(t, n, summary) && search(t, n, items, own);
        gain = found ? own.judge->best().score - summary.score : 0;
        // Rounding of a gain that is exactly zero must not stop a tree that wants to be pure.
        bool const splits = found && gain + 1e-12 * std::abs(summary.score) >= t.min_gain;
        if (!splits || limits_.ccp_alpha > 0 || limits_.max_leaf_nodes != unlimited) {
            out[n.at].leaf = own.judge->leaf(items, n.bounds, out.frequencies());
        }
        return splits;
    }
    [[nodiscard]] bool may_split(table const& t, open_node const& n,
                                 node_summary const& summary) const noexcept {
        return !summary.pure && n.depth < limits_.max_depth &&
               n.size() >= limits_.min_samples_split && n.size() / 2 >= limits_.min_samples_leaf &&
               summary.weight / 2 >= t.min_weight_leaf;
    }

    /// Draws features until enough were seen, one of them not constant.
    bool search(table const& t, open_node const& n, view<item const> items, workspace& own) {
        auto const n_features = static_cast<std::uint32_t>(bins_.cols());
        auto* const constants = own_constants(n, own);
        auto const stream = random_stream::from_key(n.key);
        auto const draws = stream.split(purpose::features);
        auto const wanted = std::min<std::size_t>(limits_.max_features, n_features);
        own.judge->start(stream, n.bounds, t.min_weight_leaf);
        own.swaps.clear();
        bool any = false;
        for (std::uint32_t k = 0; k < n_features && (k < wanted || !any); ++k) {
            auto const with = wanted == n_features ? k : k + draws.below(n_features - k, k);
            std::swap(own.features[k], own.features[with]);
            own.swaps.push_back(with);
            auto const feature = own.features[k];
            auto& word = constants[feature / 64];
            auto const bit = std::uint64_t{1} << (feature % 64);
            if ((word & bit) != 0) continue;
            if (own.judge->consider(items, bins_.column(feature, t.cells, t.stride), feature,
                                    bins_.cuts(feature))) {
                any = true;
            } else {
                word |= bit;  // and in every node below
            }
        }
        for (auto k = own.swaps.size(); k-- > 0;)
            std::swap(own.features[k], own.features[own.swaps[k]]);
        return own.judge->best().found();
    }
    /// The set of features known to be constant in the node: at first those of its parent.
    std::uint64_t* own_constants(open_node const& n, workspace& own) {
        auto const words = words_per_level();
        own.constants.resize(std::max(own.constants.size(), (n.level + 1) * words));
        auto* const mine = own.constants.data() + n.level * words;
        if (n.level == 0) {
            std::fill(mine, mine + words, 0u);
        } else {
            std::copy(mine - words, mine, mine);
        }
        return mine;
    }

    /// Parts the rows and opens the children.
    std::pair<open_node, open_node> part(table const& t, open_node const& n, split const& best,
                                         double gain, branch& out) {
        auto how = best;
        view<item const> const items(t.items_of(n), n.size());
        auto parted = part_rows(items, t.cells.from(how.feature * t.stride),
                                bins_.cuts(how.feature).n_bins(), how, [&](auto const& goes_left) {
                                    return part_items(items, t.spare_of(n), 0, n.size(), goes_left);
                                });
        out.split_node(n.at, how, gain, std::move(parted.set));
        return children(n, how, parted.n_left, out[n.at]);
    }
    std::pair<open_node, open_node> children(open_node const& n, split const& how,
                                             std::size_t n_left, grown_node const& grown) const {
        auto const stream = random_stream::from_key(n.key);
        auto const middle = n.first + static_cast<std::uint32_t>(n_left);
        open_node left{
            n.first, middle, grown.left, n.depth + 1, n.level + 1, !n.moved, stream.split(0).key(),
            n.bounds};
        open_node right{middle,      n.last,   grown.right(),         n.depth + 1,
                        n.level + 1, !n.moved, stream.split(1).key(), n.bounds};
        auto const& monotonic = limits_.monotonic;
        auto const direction = monotonic.empty() ? 0 : monotonic[how.feature];
        if (direction > 0) left.bounds.upper = right.bounds.lower = how.middle;
        if (direction < 0) left.bounds.lower = right.bounds.upper = how.middle;
        return {left, right};
    }

    /// Always splits the leaf that gains most, until there are max_leaf_nodes leaves.
    void grow_best_first(table const& t, open_node const& root, branch& out, workspace& own) {
        struct candidate {
            open_node node;
            split how;
            double gain;
            // Of equal gains the older node's is the greater.
            [[nodiscard]] bool operator<(candidate const& other) const noexcept {
                return gain != other.gain ? gain < other.gain : node.at > other.node.at;
            }
        };
        std::vector<candidate> heap;
        auto const offer = [&](open_node n) {
            n.level =
                0;  // nodes leave the heap in any order, so none may lean on its parent's notes
            double gain = 0;
            if (!find_split(t, n, out, own, gain)) return;
            heap.push_back({n, own.judge->best(), gain});
            std::push_heap(heap.begin(), heap.end());
        };
        offer(root);
        for (std::size_t leaves = 1; leaves < limits_.max_leaf_nodes && !heap.empty(); ++leaves) {
            std::pop_heap(heap.begin(), heap.end());
            auto const best = std::move(heap.back());
            heap.pop_back();
            auto const [left, right] = part(t, best.node, best.how, best.gain, out);
            offer(left);
            offer(right);
        }
    }

    [[nodiscard]] typename pool<workspace>::loan borrow() {
        return idle_.borrow([this] { return std::make_unique<workspace>(*this); });
    }

    binned_matrix const& bins_;
    growth_limits limits_;
    std::size_t n_classes_;
    splitter_factory<Item> make_splitter_;
    B backend_;
    pool<workspace> idle_;
};

}  // namespace detail
}  // namespace copse
