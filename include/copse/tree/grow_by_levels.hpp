// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Grows boosted trees level by level, by kernels of a stream: the trees of histogram_grower, equal
/// to the bit, where a tree has no limit on its leaves.
///
///     level_grower<gradient_sums, cuda_stream> grower(bins, limits, stream);
///     ... fill grower.items(0) ...
///     auto const leaves = grower.grow(units, features, branch);
///
/// Sums of rows, siblings, cuts and the parting of rows are kernels (level_kernels.hpp); once a
/// level the host is told the best cut of each node, decides which are made, and lists the next
/// level's work. Integers sum to the same whatever the order, scores are shared formulas, and ties
/// go to the lower feature and cut, so nothing depends on who computes it.
///
/// What it cannot grow, why_not_by_levels() says: leaf-wise trees, categories, bounds on leaves,
/// features drawn by level or node, more than 255 bins.

#include <copse/core/errors.hpp>
#include <copse/data/binned_matrix.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/kernel_stream.hpp>
#include <copse/tree/boosting_limits.hpp>
#include <copse/tree/branch.hpp>
#include <copse/tree/feature_rows.hpp>
#include <copse/tree/histogram_shape.hpp>
#include <copse/tree/level_kernels.hpp>
#include <copse/tree/part_rows.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace copse::detail {

/// Why trees within these limits cannot be grown level by level; empty if they can.
[[nodiscard]] inline std::string why_not_by_levels(boosting_limits const& limits,
                                                   std::size_t n_categorical,
                                                   std::size_t max_bins) {
    auto const& g = limits.gradients;
    if (limits.max_leaf_nodes != unlimited) {
        return sentence("max_leaf_nodes is ", limits.max_leaf_nodes,
                        "; it must be unlimited, and max_depth then limits a tree");
    }
    if (n_categorical > 0) {
        return sentence("categorical_features has ", n_categorical, " columns; it must have 0");
    }
    if (max_bins > 255) return sentence("max_bins is ", max_bins, "; it must be at most 255");
    if (!limits.monotonic.empty()) {
        return sentence("monotonic_cst has ", limits.monotonic.size(), " elements; it must have 0");
    }
    if (!limits.interactions.empty()) {
        return sentence("interaction_cst has ", limits.interactions.size(),
                        " groups; it must have 0");
    }
    if (g.max_delta_step != std::numeric_limits<double>::infinity()) {
        return sentence("max_delta_step is ", g.max_delta_step, "; it must be infinite");
    }
    if (g.path_smooth > 0) return sentence("path_smooth is ", g.path_smooth, "; it must be 0");
    auto const drawn = std::min(limits.columns_by_level, limits.columns_by_node);
    if (drawn < 1) {
        return sentence("columns_by_level or columns_by_node is ", drawn, "; it must be 1");
    }
    return {};
}

/// A leaf, and which of the grower's items are in it.
struct level_leaf {
    std::uint32_t first;
    std::uint32_t count;
    std::uint32_t at;  ///< its node in the branch
    double value;      ///< in units of the loss's raw score
    int side;          ///< of grower.items(side)
};

template <class Sums, kernel_stream S>
class level_grower {
public:
    using item = typename Sums::item;
    using cell = typename Sums::cell;

    /// Uploads the bins. `limits` must be such that why_not_by_levels() is empty. Memory there: 2
    /// bytes a cell, two items a row, and two levels' sums, 16 bytes a bin and node (unit: 8).
    /// A block parts or updates so many items, and sums at most four times as many.
    level_grower(binned_matrix const& bins, boosting_limits const& limits, S const& stream,
                 std::size_t items_per_chunk = 4096);

    /// The items, one for each row. The caller fills items(0), with integers.
    [[nodiscard]] view<item> items(int side) const noexcept { return items_[side].view(); }

    /// Grows a tree into `out`, and reorders the items. Returns the leaves, whose values the caller
    /// is to put into `out`.
    std::vector<level_leaf> grow(gradient_units const& units,
                                 std::vector<std::uint32_t> const& features, branch& out);

    /// Calls for_each_block(n_chunks, 0, kernel(chunks, items)) for the items of all leaves, with a
    /// chunk's `of` the index of its leaf.
    template <class MakeKernel>
    void for_leaves(std::vector<level_leaf> const& leaves, MakeKernel const& kernel) const;

private:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::size_t group_bytes = 48 * 1024;

    struct open_node {
        std::uint32_t at;
        std::uint32_t first;
        std::uint32_t count;
        cell total;
        std::uint32_t sums = none;  // its place among the level's, if it may be split
    };
    struct tree_state {
        gradient_units const& units;
        std::vector<std::uint32_t> const& features;
        branch& out;
        leaf_formula formula;
        std::uint64_t min_weight;
        double min_gain;
        std::vector<level_leaf> leaves{};
    };
    using sums_buffer = buffer_of<S, cell>;

    [[nodiscard]] gradient_total total_of(cell const& c, tree_state const& state) const {
        return Sums::total_of(c, state.units.count_bits);
    }
    static void add_chunks(std::vector<item_chunk>& to, std::uint32_t of, std::uint32_t first,
                           std::uint32_t count, std::size_t most) {
        for (std::size_t k = 0; k < count; k += most) {
            to.push_back({of, first + static_cast<std::uint32_t>(k),
                          static_cast<std::uint32_t>(std::min(most, count - k))});
        }
    }

    void add_leaf(tree_state& state, open_node const& n, int side) const {
        auto const value = state.formula.unsmoothed(total_of(n.total, state));
        state.leaves.push_back({n.first, n.count, n.at, state.formula.restored(value), side});
    }
    [[nodiscard]] open_node open_root(tree_state const& state, sums_buffer& sums) const;
    void fill(tree_state const& state, std::vector<item_chunk> const& chunks, int side,
              view<cell> sums) const;
    [[nodiscard]] std::vector<level_cut<Sums>> best_cuts(tree_state const& state,
                                                         std::vector<open_node> const& level,
                                                         view<cell const> sums) const;
    [[nodiscard]] std::vector<open_node> split_level(tree_state& state,
                                                     std::vector<open_node> const& level,
                                                     std::vector<level_cut<Sums>> const& cuts,
                                                     int side);
    void part(std::vector<parted_node> const& nodes, std::vector<item_chunk> const& chunks,
              int side) const;
    [[nodiscard]] sums_buffer sums_of_children(tree_state const& state,
                                               std::vector<open_node>& children, int side,
                                               view<cell const> parents) const;

    [[nodiscard]] std::size_t items_per_sum(tree_state const& state) const noexcept {
        return std::min(4 * items_per_chunk_, short_sums<Sums>(state.units.count_bits).most_rows());
    }

    boosting_limits limits_;
    S stream_;
    std::size_t items_per_chunk_;
    histogram_shape shape_;
    std::size_t n_;
    std::size_t stride_;
    std::size_t most_bins_;
    std::size_t most_group_bins_ = 0;
    buffer_of<S, std::uint8_t> columns_;
    buffer_of<S, std::uint8_t> rows_;
    buffer_of<S, std::uint32_t> first_bin_;
    buffer_of<S, feature_group> groups_;
    buffer_of<S, item> items_[2];
    std::vector<std::uint32_t> parents_{};  // of each pair of children, its place among the sums
};

// ------------------------------------------------------------------ implementation below

template <class Sums, kernel_stream S>
level_grower<Sums, S>::level_grower(binned_matrix const& bins, boosting_limits const& limits,
                                    S const& stream, std::size_t items_per_chunk)
    : limits_(limits),
      stream_(stream),
      items_per_chunk_(items_per_chunk),
      shape_(bins),
      n_(bins.rows()),
      stride_(padded_row(bins.cols())),
      most_bins_(bins.most_bins()) {
    auto const d = bins.cols();
    std::vector<std::uint32_t> first_bin(d + 1);
    for (std::size_t j = 0; j < d; ++j)
        first_bin[j + 1] = first_bin[j] + static_cast<std::uint32_t>(shape_.n_bins(j));
    auto const most = std::max(most_bins_, group_bytes / (4 * short_sums<Sums>::n_words));
    std::vector<feature_group> groups;
    for (std::uint32_t j = 0; j < d; ++j) {
        auto const n_bins = static_cast<std::uint32_t>(shape_.n_bins(j));
        if (groups.empty() || groups.back().n_bins + n_bins > most)
            groups.push_back({j, j, first_bin[j], 0});
        groups.back().last = j + 1;
        groups.back().n_bins += n_bins;
        most_group_bins_ = std::max(most_group_bins_, std::size_t{groups.back().n_bins});
    }
    first_bin_ = uploaded(stream, first_bin);
    groups_ = uploaded(stream, groups);
    columns_ = stream.template buffer<std::uint8_t>(n_ * d);
    rows_ = stream.template buffer<std::uint8_t>(n_ * stride_);
    for (auto& side : items_) side = stream.template buffer<item>(n_);
    bins.cells().visit([&]<class Bin>(Bin const* cells) {
        if constexpr (sizeof(Bin) == 1) {
            stream.upload(view<std::uint8_t const>(cells, n_ * d), columns_.view());
        }
    });
    stream.for_each_block(
        n_blocks(n_, rows_per_laying), 0,
        lay_side_by_side{view<std::uint8_t const>(columns_.view()), rows_.view(), n_, d, stride_});
}

template <class Sums, kernel_stream S>
std::vector<level_leaf> level_grower<Sums, S>::grow(gradient_units const& units,
                                                    std::vector<std::uint32_t> const& features,
                                                    branch& out) {
    tree_state state{units,
                     features,
                     out,
                     leaf_formula(limits_.gradients, units),
                     limits_.least_weight(units),
                     limits_.least_gain(units)};
    out.clear();
    auto sums = stream_.template buffer<cell>(shape_.size());
    std::vector<open_node> level{open_root(state, sums)};
    int side = 0;
    for (std::size_t depth = 0; !level.empty(); ++depth) {
        auto const cuts = best_cuts(state, level, view<cell const>(sums.view()));
        auto children = split_level(state, level, cuts, side);
        side = 1 - side;
        for (auto& child : children) {
            if (limits_.may_split(total_of(child.total, state), depth + 1, state.min_weight))
                child.sums = 0;  // a place is found below
        }
        sums = sums_of_children(state, children, side, view<cell const>(sums.view()));
        level = std::move(children);
    }
    return std::move(state.leaves);
}

template <class Sums, kernel_stream S>
auto level_grower<Sums, S>::open_root(tree_state const& state, sums_buffer& sums) const
    -> open_node {
    open_node root{0, 0, static_cast<std::uint32_t>(n_), {}, 0};
    std::vector<item_chunk> chunks;
    add_chunks(chunks, 0, 0, root.count, items_per_sum(state));
    stream_.zero(sums.view());
    fill(state, chunks, 0, sums.view());
    // Every row is in one of any feature's bins.
    std::vector<cell> of_first(shape_.n_bins(0));
    stream_.download(view<cell const>(sums.view().data(), of_first.size()), view<cell>(of_first));
    for (auto const& c : of_first) Sums::add(root.total, c);
    if (!limits_.may_split(total_of(root.total, state), 0, state.min_weight)) root.sums = none;
    return root;
}

template <class Sums, kernel_stream S>
void level_grower<Sums, S>::fill(tree_state const& state, std::vector<item_chunk> const& chunks,
                                 int side, view<cell> sums) const {
    if (chunks.empty()) return;
    auto const here = uploaded(stream_, chunks);
    stream_.for_each_block(
        chunks.size() * groups_.size(),
        cpu_block::rounded(4 * short_sums<Sums>::n_words * most_group_bins_),
        add_items<Sums>{view<std::uint8_t const>(rows_.view()), stride_,
                        view<std::uint32_t const>(first_bin_.view()),
                        view<feature_group const>(groups_.view()),
                        view<item_chunk const>(here.view()), view<item const>(items(side)), sums,
                        shape_.size(), short_sums<Sums>(state.units.count_bits)});
}

/// One for each node of the level; not found where a node has no sums.
template <class Sums, kernel_stream S>
std::vector<level_cut<Sums>> level_grower<Sums, S>::best_cuts(tree_state const& state,
                                                              std::vector<open_node> const& level,
                                                              view<cell const> sums) const {
    std::vector<level_cut<Sums>> out(level.size());
    std::vector<searched_node<Sums>> searched;
    for (auto const& n : level) {
        if (n.sums != none) searched.push_back({n.total, n.sums});
    }
    auto const d = state.features.size();
    if (searched.empty() || d == 0) return out;
    auto const nodes = uploaded(stream_, searched);
    auto const features = uploaded(stream_, state.features);
    auto const each = stream_.template buffer<level_cut<Sums>>(searched.size() * d);
    auto const best = stream_.template buffer<level_cut<Sums>>(searched.size());
    auto const members = stream_.members();
    stream_.for_each_block(
        each.size(), find_level_cuts<Sums>::scratch_bytes(most_bins_, members),
        find_level_cuts<Sums>{sums, shape_.size(), view<std::uint32_t const>(first_bin_.view()),
                              view<std::uint32_t const>(features.view()),
                              view<searched_node<Sums> const>(nodes.view()), each.view(),
                              state.formula, state.units.count_bits,
                              std::max<std::size_t>(1, limits_.min_samples_leaf),
                              state.min_weight});
    stream_.for_each_block(
        best.size(), cpu_block::rounded(members * sizeof(level_cut<Sums>)),
        choose_level_cuts<Sums>{view<level_cut<Sums> const>(each.view()), d, best.view()});
    std::vector<level_cut<Sums>> found(searched.size());
    stream_.download(view<level_cut<Sums> const>(best.view()), view<level_cut<Sums>>(found));
    for (std::size_t k = 0, at = 0; k < level.size(); ++k) {
        if (level[k].sums != none) out[k] = found[at++];
    }
    return out;
}

/// Splits the nodes whose cut is worth it, makes leaves of the others, and parts the rows. Returns
/// the children, each pair's left one first.
template <class Sums, kernel_stream S>
auto level_grower<Sums, S>::split_level(tree_state& state, std::vector<open_node> const& level,
                                        std::vector<level_cut<Sums>> const& cuts, int side)
    -> std::vector<open_node> {
    std::vector<open_node> children;
    std::vector<parted_node> nodes;
    std::vector<item_chunk> chunks;
    parents_.clear();
    for (std::size_t k = 0; k < level.size(); ++k) {
        auto const& n = level[k];
        auto const& cut = cuts[k];
        auto const own = state.formula.plain_score(total_of(n.total, state));
        if (!cut.found() || !is_worth_making(cut.score, own, state.min_gain)) {
            add_leaf(state, n, side);
            continue;
        }
        auto const n_left = static_cast<std::uint32_t>(total_of(cut.left, state).count);
        split how;
        how.feature = cut.feature;
        how.bin = cut.bin;
        how.missing_left = cut.missing_left != 0;
        how.saw_missing = cut.saw_missing != 0;
        nodes.push_back({left_bins(how.bin, how.missing_left), how.feature, n.first, n_left,
                         static_cast<std::uint32_t>(chunks.size())});
        add_chunks(chunks, static_cast<std::uint32_t>(nodes.size() - 1), n.first, n.count,
                   items_per_chunk_);
        note_side_of_missing(how, n_left, n.count);
        auto const left =
            state.out.split_node(n.at, how, (cut.score - own) * state.units.score(), {});
        state.out[n.at].rows = n.count;
        auto rest = n.total;
        Sums::subtract(rest, cut.left);
        children.push_back({left, n.first, n_left, cut.left, none});
        children.push_back({left + 1, n.first + n_left, n.count - n_left, rest, none});
        parents_.push_back(n.sums);
    }
    part(nodes, chunks, side);
    return children;
}

template <class Sums, kernel_stream S>
void level_grower<Sums, S>::part(std::vector<parted_node> const& nodes,
                                 std::vector<item_chunk> const& chunks, int side) const {
    if (chunks.empty()) return;
    auto const where = uploaded(stream_, nodes);
    auto const here = uploaded(stream_, chunks);
    auto const counts = stream_.template buffer<std::uint32_t>(chunks.size());
    view<std::uint8_t const> const columns(columns_.view());
    view<parted_node const> const of(where.view());
    view<item_chunk const> const by(here.view());
    view<item const> const from(items(side));
    auto const members = cpu_block::rounded(stream_.members() * sizeof(std::uint32_t));
    stream_.for_each_block(chunks.size(), 64,
                           count_left<item>{columns, n_, of, by, from, counts.view()});
    stream_.for_each_block(1, members, scan_counts{counts.view()});
    stream_.for_each_block(
        chunks.size(), 2 * members,
        place_items<item>{columns, n_, of, by, from, view<std::uint32_t const>(counts.view()),
                          items(1 - side)});
}

/// The sums of those children that may be split: the smaller one's from its rows, the larger one's
/// by subtraction from the parent's.
template <class Sums, kernel_stream S>
auto level_grower<Sums, S>::sums_of_children(tree_state const& state,
                                             std::vector<open_node>& children, int side,
                                             view<cell const> parents) const -> sums_buffer {
    std::uint32_t n_sums = 0;
    std::vector<item_chunk> chunks;
    std::vector<siblings> pairs;
    auto const most = items_per_sum(state);
    for (std::size_t k = 0; k < children.size(); k += 2) {
        bool const left_is_smaller = children[k].count <= children[k + 1].count;
        auto& smaller = children[left_is_smaller ? k : k + 1];
        auto& larger = children[left_is_smaller ? k + 1 : k];
        if (smaller.sums == none && larger.sums == none) continue;
        auto const at = n_sums++;
        add_chunks(chunks, at, smaller.first, smaller.count, most);
        if (smaller.sums != none) smaller.sums = at;
        if (larger.sums == none) continue;
        larger.sums = n_sums++;
        pairs.push_back({parents_[k / 2], at, larger.sums});
    }
    auto sums = stream_.template buffer<cell>(n_sums * shape_.size());
    stream_.zero(sums.view());
    fill(state, chunks, side, sums.view());
    if (pairs.empty()) return sums;
    auto const here = uploaded(stream_, pairs);
    stream_.for_each_block(pairs.size() * n_blocks(shape_.size(), bins_per_subtraction), 0,
                           subtract_siblings<Sums>{view<siblings const>(here.view()), parents,
                                                   sums.view(), shape_.size()});
    return sums;
}

template <class Sums, kernel_stream S>
template <class MakeKernel>
void level_grower<Sums, S>::for_leaves(std::vector<level_leaf> const& leaves,
                                       MakeKernel const& kernel) const {
    for (int const side : {0, 1}) {
        std::vector<item_chunk> chunks;
        for (std::size_t l = 0; l < leaves.size(); ++l) {
            if (leaves[l].side != side) continue;
            add_chunks(chunks, static_cast<std::uint32_t>(l), leaves[l].first, leaves[l].count,
                       items_per_chunk_);
        }
        if (chunks.empty()) continue;
        auto const here = uploaded(stream_, chunks);
        stream_.for_each_block(
            chunks.size(), 0,
            kernel(view<item_chunk const>(here.view()), view<item const>(items(side))));
    }
}

}  // namespace copse::detail
