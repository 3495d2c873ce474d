// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Trees as kernels read them, and the kernels that predict with them: a member of a block takes a
/// row down one tree after another, so that what it adds up is in the trees' order, as on the CPU,
/// and of the same bits.
///
///     tree_table<cuda_stream> const trees(stream, model.trees(), n_features, n_classes);
///     trees.add_values(x, raw);                     // raw(i, t % n_outputs) += tree t's answer
///
/// Nodes are those of tree.hpp, 16 bytes. Rows of floats walk quick_node's 8 bytes where every tree
/// fits them; the leaf that they reach is then looked up among the others.

#include <copse/core/config.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/view.hpp>
#include <copse/par/algorithms.hpp>
#include <copse/par/kernel_stream.hpp>
#include <copse/tree/quick_tree.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace copse::detail {

/// Where a row's walk down tree t ends: among all trees' nodes.
template <class T>
struct node_walk {
    view<node const> nodes;                ///< of all trees
    view<std::uint32_t const> roots;       ///< where each tree's begin
    view<std::uint64_t const> words;       ///< of all trees' categorical splits
    view<std::uint32_t const> first_word;  ///< where each tree's begin

    [[nodiscard]] COPSE_FN std::uint32_t leaf_of(std::size_t t, T const* row) const noexcept {
        return roots[t] +
               detail::leaf_of(nodes.data() + roots[t], words.data() + first_word[t], row, 1);
    }
};

/// The same over quick copies.
struct quick_node_walk {
    view<quick_node const> nodes;
    view<std::uint32_t const> roots;

    [[nodiscard]] COPSE_FN std::uint32_t leaf_of(std::size_t t, float const* row) const noexcept {
        auto const* const of = nodes.data() + roots[t];
        std::uint32_t at = 0;
        for (;;) {
            auto const here = of[at];
            auto const next = here.next(row[here.feature()]);
            if (next == at) return roots[t] + at;
            at = next;
        }
    }
};

/// Rows that one block takes.
inline constexpr std::size_t rows_per_walk = 256;

/// raw(i, t % n_outputs) += the value of row i's leaf in tree t, for all t in order.
template <class T, class Walk>
struct add_tree_values {
    Walk walk;
    view<node const> nodes;
    matrix_view<T const> x;
    matrix_view<double> raw;
    std::size_t n_trees;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const first = b.id() * rows_per_walk;
        auto const last = least(first + rows_per_walk, x.rows());
        b.items(first, last, [&](std::size_t i) {
            auto const* const row = x.row(i);
            for (std::size_t k = 0; k < raw.cols(); ++k) {
                double sum = raw(i, k);
                for (auto t = k; t < n_trees; t += raw.cols())
                    sum += nodes[walk.leaf_of(t, row)].value();
                raw(i, k) = sum;
            }
        });
    }
};

/// proba(i, k) = the mean over trees of the frequency of class k in row i's leaf; `votes` is work
/// space of as many doubles.
template <class T, class Walk>
struct mean_tree_votes {
    Walk walk;
    view<node const> nodes;
    view<float const> frequencies;        ///< of all trees
    view<std::uint32_t const> first_row;  ///< of each tree's, in rows of classes
    matrix_view<T const> x;
    matrix_view<double> votes;
    matrix_view<float> proba;
    std::size_t n_trees;

    template <class Block>
    COPSE_FN void operator()(Block& b) const {
        auto const first = b.id() * rows_per_walk;
        auto const last = least(first + rows_per_walk, x.rows());
        auto const n_classes = proba.cols();
        b.items(first, last, [&](std::size_t i) {
            auto const* const row = x.row(i);
            auto* const of_row = votes.row(i);
            for (std::size_t k = 0; k < n_classes; ++k) of_row[k] = 0;
            for (std::size_t t = 0; t < n_trees; ++t) {
                add_votes(nodes[walk.leaf_of(t, row)],
                          frequencies.data() + first_row[t] * n_classes, of_row, n_classes);
            }
        });
        b.sync();
        auto const all = static_cast<double>(n_trees);
        b.items(first, last, n_classes, [&](std::size_t i, std::size_t k) {
            proba(i, k) = static_cast<float>(votes(i, k) / all);
        });
    }
};

/// An ensemble's trees in the memory of a stream. Immutable; predicting does not change it, but
/// what one stream is asked for happens one after the other.
template <kernel_stream S>
class tree_table {
public:
    /// `n_classes`: columns of the trees' frequencies, 0 of trees of values. Cost: 16 to 24 bytes a
    /// node there. `bytes_at_once` of x are uploaded together. Throws invalid_input if all trees
    /// together have 2^32 nodes or more.
    tree_table(S const& stream, std::span<tree const> trees, std::size_t n_features,
               std::size_t n_classes = 0, std::size_t bytes_at_once = std::size_t{1} << 26);

    /// As add_tree_values says. x has the columns that the trees were grown on.
    void add_values(features_view x, matrix<double>& raw) const;
    /// (n, n_classes), as mean_tree_votes says.
    [[nodiscard]] matrix<float> mean_votes(features_view x) const;

private:
    /// f(first, x) for block after block of x's rows, as they lie in the stream's memory.
    template <class F>
    void for_each_part(features_view x, F const& f) const;
    /// f(walk) with the shortest way for rows of T.
    template <class T, class F>
    void with_walk(F const& f) const;

    S stream_;
    std::size_t n_trees_;
    std::size_t n_classes_;
    std::size_t bytes_at_once_;
    bool quick_ = true;
    buffer_of<S, node> nodes_;
    buffer_of<S, quick_node> quick_nodes_;
    buffer_of<S, std::uint32_t> roots_;
    buffer_of<S, std::uint64_t> words_;
    buffer_of<S, std::uint32_t> first_word_;
    buffer_of<S, float> frequencies_;
    buffer_of<S, std::uint32_t> first_row_;
};

// ------------------------------------------------------------------ implementation below

/// The vectors that a table is uploaded from.
struct tree_rows {
    std::vector<node> nodes{};
    std::vector<quick_node> quick{};
    std::vector<std::uint32_t> roots{};
    std::vector<std::uint64_t> words{};
    std::vector<std::uint32_t> first_word{};
    std::vector<float> frequencies{};
    std::vector<std::uint32_t> first_row{};
    bool all_quick = true;

    tree_rows(std::span<tree const> trees, std::size_t n_features, std::size_t n_classes) {
        for (auto const& t : trees) {
            roots.push_back(index(nodes.size()));
            first_word.push_back(index(words.size()));
            first_row.push_back(n_classes == 0 ? 0 : index(frequencies.size() / n_classes));
            nodes.insert(nodes.end(), t.nodes().begin(), t.nodes().end());
            words.insert(words.end(), t.category_words().begin(), t.category_words().end());
            frequencies.insert(frequencies.end(), t.frequencies().begin(), t.frequencies().end());
            all_quick = all_quick && quick_tree::fits(t, n_features);
        }
        (void)index(nodes.size());
        for (std::size_t t = 0; t < trees.size() && all_quick; ++t) {
            quick_tree const copy(trees[t]);
            quick.insert(quick.end(), copy.nodes().begin(), copy.nodes().end());
        }
    }

private:
    [[nodiscard]] static std::uint32_t index(std::size_t n) {
        constexpr auto most = std::numeric_limits<std::uint32_t>::max();
        if (n > most) {
            throw invalid_input(sentence("tree_table: the trees have ", n,
                                         " nodes or more; together they may have ", most));
        }
        return static_cast<std::uint32_t>(n);
    }
};

template <kernel_stream S>
tree_table<S>::tree_table(S const& stream, std::span<tree const> trees, std::size_t n_features,
                          std::size_t n_classes, std::size_t bytes_at_once)
    : stream_(stream),
      n_trees_(trees.size()),
      n_classes_(n_classes),
      bytes_at_once_(bytes_at_once) {
    tree_rows const rows(trees, n_features, n_classes);
    quick_ = rows.all_quick;
    nodes_ = uploaded(stream, rows.nodes);
    quick_nodes_ = uploaded(stream, rows.quick);
    roots_ = uploaded(stream, rows.roots);
    words_ = uploaded(stream, rows.words);
    first_word_ = uploaded(stream, rows.first_word);
    frequencies_ = uploaded(stream, rows.frequencies);
    first_row_ = uploaded(stream, rows.first_row);
}

template <kernel_stream S>
template <class F>
void tree_table<S>::for_each_part(features_view x, F const& f) const {
    x.visit([&](auto matrix) {
        using T = typename decltype(matrix)::value_type;
        auto const d = matrix.cols();
        auto const most = std::max(rows_per_walk, bytes_at_once_ / (d * sizeof(T) + 1));
        auto const dense =
            matrix.col_stride() == 1 && matrix.row_stride() == static_cast<std::ptrdiff_t>(d);
        std::vector<T> packed;
        auto const here = stream_.template buffer<T>(std::min(most, matrix.rows()) * d);
        for (std::size_t first = 0; first < matrix.rows(); first += most) {
            auto const n = std::min(most, matrix.rows() - first);
            auto const* from = matrix.row(first);
            if (!dense) {
                packed.resize(n * d);
                for (std::size_t i = 0; i < n; ++i) {
                    for (std::size_t j = 0; j < d; ++j) packed[i * d + j] = matrix(first + i, j);
                }
                from = packed.data();
            }
            stream_.upload(view<T const>(from, n * d), here.view().part(0, n * d));
            f(first, matrix_view<T const>(here.view().data(), n, d));
        }
    });
}

template <kernel_stream S>
template <class T, class F>
void tree_table<S>::with_walk(F const& f) const {
    if constexpr (std::same_as<T, float>) {
        if (quick_) return f(quick_node_walk{quick_nodes_.view(), roots_.view()});
    }
    f(node_walk<T>{nodes_.view(), roots_.view(), words_.view(), first_word_.view()});
}

template <kernel_stream S>
void tree_table<S>::add_values(features_view x, matrix<double>& raw) const {
    auto const k = raw.cols();
    auto here = stream_.template buffer<double>(0);
    for_each_part(x, [&]<class T>(std::size_t first, matrix_view<T const> part) {
        auto const size = part.rows() * k;
        if (here.size() < size) here = stream_.template buffer<double>(size);
        auto const sums = here.view().part(0, size);
        stream_.upload(view<double const>(&raw(first, 0), size), sums);
        with_walk<T>([&]<class Walk>(Walk const& walk) {
            stream_.for_each_block(n_blocks(part.rows(), rows_per_walk), 0,
                                   add_tree_values<T, Walk>{
                                       walk, nodes_.view(), part,
                                       matrix_view<double>(sums.data(), part.rows(), k), n_trees_});
        });
        stream_.download(view<double const>(sums.data(), size), view<double>(&raw(first, 0), size));
    });
}

template <kernel_stream S>
matrix<float> tree_table<S>::mean_votes(features_view x) const {
    auto const k = n_classes_;
    matrix<float> out(x.rows(), k);
    auto votes = stream_.template buffer<double>(0);
    auto proba = stream_.template buffer<float>(0);
    for_each_part(x, [&]<class T>(std::size_t first, matrix_view<T const> part) {
        auto const n = part.rows();
        if (votes.size() < n * k) {
            votes = stream_.template buffer<double>(n * k);
            proba = stream_.template buffer<float>(n * k);
        }
        with_walk<T>([&]<class Walk>(Walk const& walk) {
            stream_.for_each_block(n_blocks(n, rows_per_walk), 0,
                                   mean_tree_votes<T, Walk>{
                                       walk, nodes_.view(), frequencies_.view(), first_row_.view(),
                                       part, matrix_view<double>(votes.view().data(), n, k),
                                       matrix_view<float>(proba.view().data(), n, k), n_trees_});
        });
        stream_.download(view<float const>(proba.view().data(), n * k),
                         view<float>(out.row(first).data(), n * k));
    });
    return out;
}

}  // namespace copse::detail
