// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The leaves that many rows reach in a small tree, found without walking. Every split is asked of
/// every row, many rows in a vector; of a row that goes right it strikes the leaves on its left,
/// and the first leaf that is left at the end is the row's. Nothing waits for anything.
///
///     used_features const used(trees, x.cols());
///     masked_tree const masked(trees[0], used);          // if masked_tree::fits(trees[0])
///     row_block rows(used, 4096);
///     rows.read(x, first, count);                        // side by side, for all trees
///     masked.leaves(rows, view<std::uint32_t>(leaves));  // what the tree would answer
///
/// C. Lucchese et al., "QuickScorer: a Fast Algorithm to Rank Documents with Additive Ensembles of
/// Regression Trees", SIGIR 2015; rows in vectors: T. Ye et al., "RapidScorer", KDD 2018.

#include <copse/core/matrix.hpp>
#include <copse/core/simd.hpp>
#include <copse/core/view.hpp>
#include <copse/tree/quick_walk.hpp>
#include <copse/tree/tree.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace copse::detail {

/// The features that those of the trees ask for that can be masked, and the place of each in a
/// row_block.
class used_features {
public:
    used_features(std::span<tree const> trees, std::size_t n_features);

    [[nodiscard]] std::span<std::uint32_t const> numbers() const noexcept { return numbers_; }
    [[nodiscard]] std::span<std::uint32_t const> categories() const noexcept { return categories_; }
    /// Among the numbers or the categories.
    [[nodiscard]] std::uint32_t place(std::uint32_t feature) const noexcept {
        return place_[feature];
    }
    /// Whether some feature is a number to one split and a category to another.
    [[nodiscard]] bool disagree() const noexcept { return disagree_; }

private:
    std::vector<std::uint32_t> place_;  // of each feature that is used
    std::vector<std::uint32_t> numbers_;
    std::vector<std::uint32_t> categories_;
    bool disagree_ = false;
};

/// Some rows' used features, each feature's values side by side.
class row_block {
public:
    /// Rows are taken in groups of so many; the last group's missing ones are zeros.
    static constexpr std::size_t group = 64;
    /// Categories of which splits may know. All others, and missing ones, are `unknown`.
    static constexpr std::uint32_t n_categories = 448;
    static constexpr std::uint32_t unknown = 511;

    /// Room for `count` rows.
    row_block(used_features const& used, std::size_t count)
        : used_(used),
          stride_((count + group - 1) / group * group + 16),  // not a power of two: cache sets
          numbers_(used.numbers().size() * stride_),
          codes_(used.categories().size() * stride_) {}

    /// The rows first, first + 1, ... of x, at most as many as there is room for.
    void read(matrix_view<float const> x, std::size_t first, std::size_t count) noexcept {
        count_ = count;
        read(x, first, used_.numbers(), numbers_.data(), [](float value) { return value; });
        read(x, first, used_.categories(), codes_.data(), [](float value) {
            return value >= 0 && value < float{n_categories} ? static_cast<std::uint32_t>(value)
                                                             : unknown;
        });
    }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    /// The values from row `first` on of the feature at that place.
    [[nodiscard]] float const* numbers(std::uint32_t place, std::size_t first) const noexcept {
        return numbers_.data() + place * stride_ + first;
    }
    [[nodiscard]] std::uint32_t const* codes(std::uint32_t place,
                                             std::size_t first) const noexcept {
        return codes_.data() + place * stride_ + first;
    }

private:
    template <class To, class Kept>
    void read(matrix_view<float const> x, std::size_t first,
              std::span<std::uint32_t const> features, To* to, Kept const& kept) const noexcept {
        constexpr std::size_t together = 16;  // rows: a cache line of each feature's values
        for (std::size_t begin = 0; begin < count_; begin += together) {
            auto const end = std::min(begin + together, count_);
            for (std::size_t j = 0; j < features.size(); ++j) {
                auto const at = static_cast<std::ptrdiff_t>(features[j]) * x.col_stride();
                for (auto i = begin; i < end; ++i) to[j * stride_ + i] = kept(x.row(first + i)[at]);
            }
        }
    }

    used_features const& used_;
    std::size_t stride_;
    std::size_t count_ = 0;
    std::vector<float> numbers_;
    std::vector<std::uint32_t> codes_;
};

/// What a split strikes: of a row that goes right, the leaves of `word` that are not in `keeps`.
struct strike {
    std::uint32_t place;  // of the feature in a row_block
    std::uint32_t word;   // 32 leaves each, from the left
    std::uint32_t keeps;
};
struct number_strike : strike {
    float threshold;
};
struct category_strike : strike {
    std::array<std::uint32_t, (row_block::unknown + 1) / 32> goes_left;  // a bit for each code
};

class masked_tree {
public:
    /// Beyond, a walk asks so much fewer splits that it is faster.
    static constexpr std::size_t most_leaves = 64;

    masked_tree() = default;
    /// The tree must fit, and be one of those that `used` was made of.
    masked_tree(tree const& from, used_features const& used);

    [[nodiscard]] static bool fits(tree const& t) noexcept {
        return t.n_leaves() <= most_leaves &&
               std::none_of(t.nodes().begin(), t.nodes().end(), [](node const& n) {
                   return !n.is_leaf() && n.is_categorical() &&
                          n.n_words() * 64 > row_block::n_categories;
               });
    }
    [[nodiscard]] bool empty() const noexcept { return leaves_.empty(); }

    /// out[i] becomes the leaf, the tree's node, of row i. `level` chooses how; the leaves are the
    /// same.
    void leaves(row_block const& rows, view<std::uint32_t> out,
                simd level = best_simd()) const noexcept;

private:
    std::vector<number_strike> missing_right_;  // where missing values go right
    std::vector<number_strike> missing_left_;
    std::vector<category_strike> categories_;
    std::vector<std::uint32_t> leaves_;  // the tree's nodes, from the left
};

// ------------------------------------------------------------------ implementation below

inline used_features::used_features(std::span<tree const> trees, std::size_t n_features)
    : place_(n_features) {
    std::vector<bool> as_number(n_features);
    std::vector<bool> as_category(n_features);
    for (auto const& t : trees) {
        if (!masked_tree::fits(t)) continue;  // a large tree's nodes are not even looked at
        for (auto const& n : t.nodes()) {
            if (!n.is_leaf()) (n.is_categorical() ? as_category : as_number)[n.feature()] = true;
        }
    }
    for (std::uint32_t j = 0; j < n_features; ++j) {
        disagree_ = disagree_ || (as_number[j] && as_category[j]);
        if (!as_number[j] && !as_category[j]) continue;
        auto& kind = as_number[j] ? numbers_ : categories_;
        place_[j] = static_cast<std::uint32_t>(kind.size());
        kind.push_back(j);
    }
}

/// The codes that go left at a categorical split, unknown ones too.
[[nodiscard]] inline auto codes_left(tree const& t, node const& n) {
    decltype(category_strike::goes_left) out;
    out.fill(n.missing_goes_left() ? 0xffffffffu : 0u);
    for (std::size_t w = 0; w < n.n_words(); ++w) {
        auto const word = t.category_words()[n.first_word() + w];
        out[2 * w] = static_cast<std::uint32_t>(word);
        out[2 * w + 1] = static_cast<std::uint32_t>(word >> 32);
    }
    return out;
}

inline masked_tree::masked_tree(tree const& from, used_features const& used) {
    // From the left to the right: a split is met before its leaves, and strikes when its left ones
    // are known.
    struct step {
        std::uint32_t at;
        std::uint32_t first_leaf;  // of a split whose left side is done
        bool left_is_done;
    };
    auto const nodes = from.nodes();
    std::vector<step> open{{0, 0, false}};
    while (!open.empty()) {
        auto const [at, first, left_is_done] = open.back();
        open.pop_back();
        auto const& n = nodes[at];
        auto const n_leaves = static_cast<std::uint32_t>(leaves_.size());
        if (n.is_leaf()) {
            leaves_.push_back(at);
        } else if (!left_is_done) {
            open.push_back({at, n_leaves, true});
            open.push_back({n.left(), 0, false});
        } else {
            for (std::uint32_t word = first / 32; word * 32 < n_leaves; ++word) {
                auto const begin = std::max(first, word * 32) - word * 32;
                auto const end = std::min(n_leaves - word * 32, 32u);
                auto const below_end = static_cast<std::uint32_t>((std::uint64_t{1} << end) - 1);
                auto const struck = below_end & ~((1u << begin) - 1);
                strike const what{used.place(n.feature()), word, ~struck};
                if (n.is_categorical()) {
                    categories_.push_back({what, codes_left(from, n)});
                } else {
                    (n.missing_goes_left() ? missing_left_ : missing_right_)
                        .push_back({what, float_at_most(n.threshold())});
                }
            }
            open.push_back({n.right(), 0, false});
        }
    }
}

/// The place of the lowest bit of a number that has one: digit by digit, as vectors of rows can.
[[nodiscard, COPSE_IN_EVERY_TARGET]] inline std::uint32_t lowest_bit(std::uint32_t bits) noexcept {
    auto const lowest = bits & (0u - bits);
    return ((lowest & 0xaaaaaaaau) != 0 ? 1u : 0u) + ((lowest & 0xccccccccu) != 0 ? 2u : 0u) +
           ((lowest & 0xf0f0f0f0u) != 0 ? 4u : 0u) + ((lowest & 0xff00ff00u) != 0 ? 8u : 0u) +
           ((lowest & 0xffff0000u) != 0 ? 16u : 0u);
}

namespace masked {

using group_of_rows = std::uint32_t[row_block::group];

// The loops over a group are what compilers vectorise.

template <bool MissingLeft>
[[COPSE_IN_EVERY_TARGET]] inline void strike_out(std::span<number_strike const> strikes,
                                                 row_block const& rows, std::size_t first,
                                                 group_of_rows* left) noexcept {
    for (auto const& s : strikes) {
        // Of their own, because what is written below might be s for all a compiler knows.
        auto const threshold = s.threshold;
        auto const keeps = s.keeps;
        float const* const x = rows.numbers(s.place, first);
        auto& of_word = left[s.word];
        for (std::size_t i = 0; i < row_block::group; ++i) {
            bool const goes_right = MissingLeft ? x[i] > threshold : !(x[i] <= threshold);
            of_word[i] &= goes_right ? keeps : 0xffffffffu;
        }
    }
}

namespace twin {

inline void strike_out(std::span<category_strike const> strikes, row_block const& rows,
                       std::size_t first, group_of_rows* left) noexcept {
    for (auto const& s : strikes) {
        auto const* const codes = rows.codes(s.place, first);
        for (std::size_t i = 0; i < row_block::group; ++i) {
            auto const code = codes[i];
            bool const goes_left = (s.goes_left[code / 32] >> code % 32 & 1u) != 0;
            left[s.word][i] &= goes_left ? 0xffffffffu : s.keeps;
        }
    }
}

}  // namespace twin

#if defined(COPSE_SIMD_X86)

/// The twin's, the whole set in one register.
[[COPSE_AVX512]] inline void strike_out_avx512(std::span<category_strike const> strikes,
                                               row_block const& rows, std::size_t first,
                                               group_of_rows* left) noexcept {
    constexpr __mmask16 all = 0xffff;  // without a mask gcc warns of values that are not set
    auto const one = _mm512_set1_epi32(1);
    for (auto const& s : strikes) {
        auto const* const codes = rows.codes(s.place, first);
        auto const set = _mm512_loadu_si512(s.goes_left.data());
        auto const keeps = _mm512_set1_epi32(static_cast<int>(s.keeps));
        for (std::size_t i = 0; i < row_block::group; i += 16) {
            auto const code = _mm512_loadu_si512(codes + i);
            auto const word =
                _mm512_maskz_permutexvar_epi32(all, _mm512_maskz_srli_epi32(all, code, 5), set);
            auto const bit =
                _mm512_maskz_srlv_epi32(all, word, _mm512_and_epi32(code, _mm512_set1_epi32(31)));
            auto const goes_right = _mm512_testn_epi32_mask(bit, one);
            auto const before = _mm512_loadu_si512(left[s.word] + i);
            _mm512_storeu_si512(left[s.word] + i,
                                _mm512_mask_and_epi32(before, goes_right, before, keeps));
        }
    }
}

#endif

/// The first leaf that is left to each row, from the left.
[[COPSE_IN_EVERY_TARGET]] inline void first_left(group_of_rows const* left, std::size_t n_words,
                                                 group_of_rows& first) noexcept {
    group_of_rows found;  // which, unlike `first`, cannot be `left`
    for (auto& f : found) f = 0;
    for (auto word = n_words; word-- > 0;) {
        auto const before = static_cast<std::uint32_t>(32 * word);
        for (std::size_t i = 0; i < row_block::group; ++i) {
            auto const bits = left[word][i];
            auto const in_word = before + lowest_bit(bits);
            found[i] = bits != 0 ? in_word : found[i];
        }
    }
    for (std::size_t i = 0; i < row_block::group; ++i) first[i] = found[i];
}

struct parts {
    std::span<number_strike const> missing_right;
    std::span<number_strike const> missing_left;
    std::span<category_strike const> categories;
    std::size_t n_words;
};

/// The leaves of the group of rows that begins at `first` become theirs.
template <class StrikeCategories>
[[COPSE_IN_EVERY_TARGET]] inline void first_leaves(parts const& tree, row_block const& rows,
                                                   std::size_t first, group_of_rows& out,
                                                   StrikeCategories const& categories) noexcept {
    group_of_rows left[masked_tree::most_leaves / 32];
    for (std::size_t word = 0; word < tree.n_words; ++word) {
        for (auto& l : left[word]) l = 0xffffffffu;
    }
    strike_out<false>(tree.missing_right, rows, first, left);
    strike_out<true>(tree.missing_left, rows, first, left);
    categories(tree.categories, rows, first, left);
    first_left(left, tree.n_words, out);
}

inline void first_leaves_least(parts const& tree, row_block const& rows, std::size_t first,
                               group_of_rows& out) noexcept {
    first_leaves(tree, rows, first, out, twin::strike_out);
}
#if defined(COPSE_SIMD_X86)
[[COPSE_AVX2]] inline void first_leaves_avx2(parts const& tree, row_block const& rows,
                                             std::size_t first, group_of_rows& out) noexcept {
    first_leaves(tree, rows, first, out, twin::strike_out);
}
[[COPSE_AVX512]] inline void first_leaves_avx512(parts const& tree, row_block const& rows,
                                                 std::size_t first, group_of_rows& out) noexcept {
    first_leaves(tree, rows, first, out, strike_out_avx512);
}
#endif

}  // namespace masked

inline void masked_tree::leaves(row_block const& rows, view<std::uint32_t> out,
                                [[maybe_unused]] simd level) const noexcept {
    auto* find = masked::first_leaves_least;
#if defined(COPSE_SIMD_X86)
    if (level == simd::avx2) find = masked::first_leaves_avx2;
    if (level == simd::avx512) find = masked::first_leaves_avx512;
#endif
    masked::parts const parts{missing_right_, missing_left_, categories_,
                              (leaves_.size() + 31) / 32};
    masked::group_of_rows first;
    for (std::size_t begin = 0; begin < rows.size(); begin += row_block::group) {
        find(parts, rows, begin, first);
        auto const count = std::min(row_block::group, rows.size() - begin);
        for (std::size_t i = 0; i < count; ++i) out[begin + i] = leaves_[first[i]];
    }
}

}  // namespace copse::detail
