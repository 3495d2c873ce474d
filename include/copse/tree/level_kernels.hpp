// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The kernels that grow a level of a boosted tree: sums of the nodes' rows, siblings' by
/// subtraction, the best cut of each feature and then of each node, rows parted in order. They are
/// written over the block layer (par/block.hpp), so that a device and the tests run the same text.
/// Formulas are those of the CPU's grower: leaf_formula, plain_cut_score, left_bins.
///
/// A launch serves all open nodes of a level. Its blocks take chunks, consecutive items of one
/// node.

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/loss.hpp>
#include <copse/par/block_verbs.hpp>
#include <copse/tree/gradient_sums.hpp>
#include <copse/tree/leaf_formula.hpp>
#include <copse/tree/part_rows.hpp>
#include <copse/tree/plain_cuts.hpp>
#include <copse/tree/short_sums.hpp>
#include <copse/tree/tree.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace copse::detail {

/// Items [first, first + count) belong to one node; `of` says which, in the launch's own numbers.
struct item_chunk {
    std::uint32_t of;
    std::uint32_t first;
    std::uint32_t count;
};

/// Bins of whole features, few enough for a block's scratch.
struct feature_group {
    std::uint32_t first;  ///< feature
    std::uint32_t last;
    std::uint32_t first_bin;  ///< in a histogram
    std::uint32_t n_bins;
};

/// Rows that a block lays side by side.
inline constexpr std::size_t rows_per_laying = 256;

/// rows[i * stride + j] = columns[j * n + i].
struct lay_side_by_side {
    view<std::uint8_t const> columns;
    view<std::uint8_t> rows;
    std::size_t n;
    std::size_t d;
    std::size_t stride;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const first = b.id() * rows_per_laying;
        b.items(first, least(first + rows_per_laying, n), d,
                [&](std::size_t i, std::size_t j) { rows[i * stride + j] = columns[j * n + i]; });
    }
};

/// Adds the chunks' items to the sums of their nodes: block c * groups.size() + g takes group g of
/// chunk c. A chunk has at most short_sums::most_rows() items.
template <class Sums>
struct add_items {
    view<std::uint8_t const> rows;
    std::size_t stride;
    view<std::uint32_t const> first_bin;  ///< per feature
    view<feature_group const> groups;
    view<item_chunk const> chunks;
    view<typename Sums::item const> items;
    view<typename Sums::cell> sums;  ///< node by node
    std::size_t n_bins;              ///< of all features
    short_sums<Sums> own;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const chunk = chunks[b.id() / groups.size()];
        auto const group = groups[b.id() % groups.size()];
        auto const n = std::size_t{group.n_bins};
        auto const words = b.template scratch<std::uint32_t>(short_sums<Sums>::n_words * n);
        auto const first = std::size_t{chunk.first};
        b.items(first, first + chunk.count, group.last - group.first,
                [&](std::size_t i, std::size_t j) {
                    auto const item = items[i];
                    auto const feature = group.first + j;
                    auto const bin = std::size_t{rows[item.row * stride + feature]};
                    own.add(b, words, n, first_bin[feature] - group.first_bin + bin, item);
                });
        b.sync();
        auto const out = sums.part(chunk.of * n_bins + group.first_bin, n);
        b.items(0, n, [&](std::size_t c) {
            auto const sum =
                own.cell_at(view<std::uint32_t const>(words.data(), words.size()), n, c);
            if (!Sums::empty(sum)) short_sums<Sums>::add_global(b, out[c], sum);
        });
    }
};

/// Two children, by their places among a level's sums, and their parent's among the level above's.
struct siblings {
    std::uint32_t parent;
    std::uint32_t smaller;
    std::uint32_t larger;
};

/// Bins that a block subtracts.
inline constexpr std::size_t bins_per_subtraction = 2048;

/// The larger children's sums: their parents' less the smaller ones'.
template <class Sums>
struct subtract_siblings {
    view<siblings const> pairs;
    view<typename Sums::cell const> parents;
    view<typename Sums::cell> sums;
    std::size_t n_bins;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const parts = (n_bins + bins_per_subtraction - 1) / bins_per_subtraction;
        auto const pair = pairs[b.id() / parts];
        auto const first = b.id() % parts * bins_per_subtraction;
        b.items(first, least(first + bins_per_subtraction, n_bins), [&](std::size_t c) {
            auto rest = parents[pair.parent * n_bins + c];
            Sums::subtract(rest, sums[pair.smaller * n_bins + c]);
            sums[pair.larger * n_bins + c] = rest;
        });
    }
};

/// The best cut of a feature or of a node so far.
template <class Sums>
struct level_cut {
    typename Sums::cell left{};  ///< the sums of the rows that go left
    double score = 0;
    std::uint32_t feature = node::no_feature;  ///< none is above the node's own score
    std::uint32_t order = 0;  ///< in which split_search would come to it: the first of equals wins
    std::uint32_t bin = 0;    ///< numeric: bins up to this go left
    std::uint8_t missing_left = 0;
    std::uint8_t saw_missing = 0;

    [[nodiscard]] COPSE_FN bool found() const noexcept { return feature != node::no_feature; }
};

/// The greater score; of equals the lower feature, then the lower cut.
template <class Sums>
struct is_better_cut {
    COPSE_FN bool operator()(level_cut<Sums> const& a, level_cut<Sums> const& b) const noexcept {
        if (!a.found() || !b.found()) return a.found() && !b.found();
        if (a.score != b.score) return a.score > b.score;
        return a.feature != b.feature ? a.feature < b.feature : a.order < b.order;
    }
};

/// A node that looks for a split: its place among the level's sums, and its total.
template <class Sums>
struct searched_node {
    typename Sums::cell total{};
    std::uint32_t at = 0;
};

/// out[k * features.size() + f] is the best cut of features[f] for nodes[k], if one scores above
/// the node itself: a block for each.
template <class Sums>
struct find_level_cuts {
    view<typename Sums::cell const> sums;
    std::size_t n_bins;
    view<std::uint32_t const> first_bin;  ///< per feature, and one more
    view<std::uint32_t const> features;
    view<searched_node<Sums> const> nodes;
    view<level_cut<Sums>> out;
    leaf_formula formula;
    int count_bits;
    std::uint64_t min_rows;
    std::uint64_t min_weight;

    /// For features of at most so many bins and blocks of so many members.
    [[nodiscard]] static std::size_t scratch_bytes(std::size_t most_bins,
                                                   std::size_t members) noexcept {
        return (most_bins + members) * sizeof(typename Sums::cell) +
               members * sizeof(level_cut<Sums>) + 3 * 64;
    }

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        using cell = typename Sums::cell;
        auto const searched = nodes[b.id() / features.size()];
        auto const feature = features[b.id() % features.size()];
        auto const n = std::size_t{first_bin[feature + 1] - first_bin[feature]};
        auto const bins = sums.part(searched.at * n_bins + first_bin[feature], n);
        auto const left = b.template scratch<cell>(n);  // sums of the bins from 1 to here
        auto const totals = b.template scratch<cell>(b.size());
        auto const slots = b.template scratch<level_cut<Sums>>(b.size());
        b.items(1, n, [&](std::size_t bin) { left[bin] = bins[bin]; });
        scan_in_block(b, left, totals, add_cells{});

        level_cut<Sums> mine;
        mine.score = formula.plain_score(Sums::total_of(searched.total, count_bits));
        b.items(1, n, [&](std::size_t bin) {
            if (Sums::empty(bins[bin])) return;
            auto const at = static_cast<std::uint32_t>(bin);
            consider(searched.total, left[bin], feature, at, 0, mine);
            if (Sums::empty(bins[0])) return;
            auto with_missing = left[bin];
            Sums::add(with_missing, bins[0]);
            consider(searched.total, with_missing, feature, static_cast<std::uint32_t>(n + bin), 1,
                     mine);
        });
        auto best = best_in_block(b, mine, slots, is_better_cut<Sums>{});
        if (b.rank() != 0) return;
        if (best.found()) {
            auto const last = best.order < n ? best.order : best.order - n;
            best.bin = cut_half_way<Sums>(bins.data(), n, static_cast<std::uint32_t>(last),
                                          static_cast<std::uint32_t>(n - 1));
            best.saw_missing = Sums::empty(bins[0]) ? 0 : 1;
        }
        out[b.id()] = best;
    }

private:
    struct add_cells {
        COPSE_FN void operator()(typename Sums::cell& to,
                                 typename Sums::cell const& more) const noexcept {
            Sums::add(to, more);
        }
    };

    COPSE_FN void consider(typename Sums::cell const& total, typename Sums::cell const& left,
                           std::uint32_t feature, std::uint32_t order, std::uint8_t missing_left,
                           level_cut<Sums>& best) const noexcept {
        auto rest = total;
        Sums::subtract(rest, left);
        auto const l = Sums::total_of(left, count_bits);
        auto const r = Sums::total_of(rest, count_bits);
        if (!sides_are_large(l, r, min_rows, min_weight)) return;
        auto const score = plain_cut_score(formula, l, r);
        // A member comes to the orders of either kind of missing rows in turn, not in order.
        if (!(score > best.score || (best.found() && score == best.score && order < best.order)))
            return;
        best.left = left;
        best.score = score;
        best.feature = feature;
        best.order = order;
        best.missing_left = missing_left;
    }
};

/// out[k] is the best of nodes' k cuts, n_features of them: a block for each.
template <class Sums>
struct choose_level_cuts {
    view<level_cut<Sums> const> cuts;
    std::size_t n_features;
    view<level_cut<Sums>> out;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const slots = b.template scratch<level_cut<Sums>>(b.size());
        is_better_cut<Sums> const better;
        level_cut<Sums> mine;
        b.items(b.id() * n_features, (b.id() + 1) * n_features, [&](std::size_t f) {
            if (better(cuts[f], mine)) mine = cuts[f];
        });
        auto const best = best_in_block(b, mine, slots, better);
        if (b.rank() == 0) out[b.id()] = best;
    }
};

/// A node that is split: where its items are, and how many of them go left.
struct parted_node {
    left_bins goes_left;
    std::uint32_t feature;
    std::uint32_t first;
    std::uint32_t n_left;
    std::uint32_t first_chunk;
};

/// n_left[c] is how many of chunk c's items go left.
template <class Item>
struct count_left {
    view<std::uint8_t const> columns;
    std::size_t n_rows;
    view<parted_node const> nodes;
    view<item_chunk const> chunks;
    view<Item const> items;
    view<std::uint32_t> n_left;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const chunk = chunks[b.id()];
        auto const node = nodes[chunk.of];
        auto const column = columns.part(node.feature * n_rows, n_rows);
        auto const count = b.template scratch<std::uint32_t>(1);
        std::uint32_t mine = 0;
        b.items(chunk.first, std::size_t{chunk.first} + chunk.count,
                [&](std::size_t i) { mine += node.goes_left(column[items[i].row]) ? 1u : 0u; });
        b.add(count[0], mine);
        b.sync();
        if (b.rank() == 0) n_left[b.id()] = count[0];
    }
};

/// counts[c] becomes counts[0] + ... + counts[c]: one block.
struct scan_counts {
    view<std::uint32_t> counts;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const totals = b.template scratch<std::uint32_t>(b.size());
        scan_in_block(b, counts, totals, add_counts{});
    }
};

/// Puts the items of split nodes where they belong: those that go left first, each side in order.
/// `upto` are scan_counts' sums.
///
/// Source  G. Blelloch, "Prefix Sums and Their Applications", CMU-CS-90-190, 1990, the split.
template <class Item>
struct place_items {
    view<std::uint8_t const> columns;
    std::size_t n_rows;
    view<parted_node const> nodes;
    view<item_chunk const> chunks;
    view<Item const> from;
    view<std::uint32_t const> upto;
    view<Item> to;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const chunk = chunks[b.id()];
        auto const node = nodes[chunk.of];
        auto const column = columns.part(node.feature * n_rows, n_rows);
        auto const counts = b.template scratch<std::uint32_t>(b.size());
        auto const totals = b.template scratch<std::uint32_t>(b.size());
        auto const before = [&](std::size_t c) { return c == 0 ? 0u : upto[c - 1]; };
        auto const first = std::size_t{chunk.first};
        // Of the node's items in earlier chunks.
        auto const left_before = std::size_t{before(b.id()) - before(node.first_chunk)};
        auto const right_before = first - node.first - left_before;
        for_each_ranked(
            b, first, first + chunk.count, counts, totals,
            [&](std::size_t i) { return node.goes_left(column[from[i].row]); },
            [&](std::size_t i, bool goes_left, std::size_t n_before) {
                auto const at =
                    goes_left ? node.first + left_before + n_before
                              : node.first + node.n_left + right_before + (i - first - n_before);
                to[at] = from[i];
            });
    }
};

/// raw[row] += the value of the leaf that the row's item is in; `of` of a chunk is its leaf.
template <class Item>
struct add_leaf_values {
    view<item_chunk const> chunks;
    view<Item const> items;
    view<double const> values;
    view<double> raw;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const chunk = chunks[b.id()];
        auto const value = values[chunk.of];
        b.items(chunk.first, std::size_t{chunk.first} + chunk.count,
                [&](std::size_t i) { raw[items[i].row] += value; });
    }
};

/// Rows whose derivatives a block takes.
inline constexpr std::size_t rows_per_derivation = 2048;

/// Items of a round: every row's derivatives, still as floats, and the greatest of each block's.
/// A gradient or Hessian that is out of bounds makes the block's greatest gradient infinite.
template <class Sums, class Loss>
struct derive_items {
    Loss loss;
    view<double const> y;
    view<double const> weight;  ///< empty: ones
    view<double const> raw;
    view<typename Sums::item> items;
    view<derivatives> most;  ///< per block
    double most_derivative;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const slots = b.template scratch<double>(b.size());
        auto const first = b.id() * rows_per_derivation;
        double gradient = 0;
        double hessian = 0;
        bool sound = true;
        b.items(first, least(first + rows_per_derivation, items.size()), [&](std::size_t i) {
            auto d = loss.at(y[i], raw[i]);
            if (!weight.empty()) {
                d.gradient *= weight[i];
                d.hessian *= weight[i];
            }
            items[i] = Sums::unquantised(static_cast<std::uint32_t>(i), d.gradient, d.hessian);
            // NaN is not <= anything.
            sound = sound && std::fabs(d.gradient) <= most_derivative && d.hessian >= 0 &&
                    d.hessian <= most_derivative;
            gradient = greatest(gradient, std::fabs(d.gradient));
            hessian = greatest(hessian, d.hessian);
        });
        if (!sound) gradient = HUGE_VAL;
        gradient = best_in_block(b, gradient, slots, is_more{});
        hessian = best_in_block(b, hessian, slots, is_more{});
        if (b.rank() == 0) most[b.id()] = {gradient, hessian};
    }

private:
    struct is_more {
        COPSE_FN bool operator()(double a, double b) const noexcept { return a > b; }
    };
};

/// The same items as integers.
template <class Sums>
struct quantise_items {
    view<typename Sums::item> items;
    gradient_units units;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const first = b.id() * rows_per_derivation;
        b.items(first, least(first + rows_per_derivation, items.size()),
                [&](std::size_t i) { Sums::quantise(items[i], units); });
    }
};

}  // namespace copse::detail
