// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/random.hpp>
#include <copse/core/simd.hpp>
#include <copse/tree/plain_cuts.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

using namespace copse;
using namespace copse::detail;

namespace {

constexpr int count_bits = 12;

gradient_sums::cell cell_of(std::int64_t g, std::uint64_t h, std::uint64_t n, gradient_sums) {
    return {g, h << count_bits | n};
}
std::int64_t cell_of(std::int64_t g, std::uint64_t, std::uint64_t n, unit_gradient_sums) {
    return g * (1 << count_bits) + static_cast<std::int64_t>(n);
}

/// n bins, of which the first is that of missing rows; about a third are empty, and gradients are
/// so small that scores are often equal.
template <class Sums>
std::vector<typename Sums::cell> drawn_bins(std::size_t n, bool missing, std::uint64_t seed) {
    random_stream const draws(seed);
    std::vector<typename Sums::cell> bins(n);
    for (std::size_t b = missing ? 0 : 1; b < n; ++b) {
        auto const count = draws.below(6, 3 * b);
        if (count < 2) continue;
        bins[b] = cell_of(std::int64_t{draws.below(9, 3 * b + 1)} - 4,
                          1 + draws.below(5, 3 * b + 2), count, Sums{});
    }
    return bins;
}

template <class Sums>
struct node_of {
    std::vector<typename Sums::cell> bins;
    leaf_formula formula;
    std::size_t min_rows;
    std::uint64_t min_weight;

    typename Sums::cell total() const {
        typename Sums::cell sum{};
        for (auto const& c : bins) Sums::add(sum, c);
        return sum;
    }
    /// The definition: every cut after an occupied bin, one after the other.
    std::optional<numeric_cut> by_definition(double bar) const {
        std::optional<numeric_cut> best;
        for (bool const missing_left : {false, true}) {
            if (missing_left && Sums::empty(bins[0])) continue;
            for (std::uint32_t b = 1; b < bins.size(); ++b) {
                typename Sums::cell left{};
                auto right = total();
                for (std::uint32_t k = missing_left ? 0 : 1; k <= b; ++k) Sums::add(left, bins[k]);
                Sums::subtract(right, left);
                auto const l = Sums::total_of(left, count_bits);
                auto const r = Sums::total_of(right, count_bits);
                if (Sums::empty(bins[b]) || l.count < min_rows || r.count < min_rows ||
                    l.hessian < min_weight || r.hessian < min_weight) {
                    continue;
                }
                auto const score = formula.plain_score(l) + formula.plain_score(r);
                if (score > (best ? best->score : bar)) best = {score, b, missing_left};
            }
        }
        return best;
    }
};

template <class Sums>
void check(node_of<Sums> const& node, double bar) {
    auto const expected = node.by_definition(bar);
    plain_cuts<Sums> const cuts(node.formula, node.total(), count_bits, node.min_rows,
                                node.min_weight);
    for (auto const level : {simd::least, best_simd()}) {
        numeric_cut best{bar};
        CHECK(cuts.improve(node.bins, best, level) == expected.has_value());
        if (!expected) {
            CHECK(best.score == bar);
            continue;
        }
        CHECK(best.score == expected->score);
        CHECK(best.bin == expected->bin);
        CHECK(best.missing_left == expected->missing_left);
    }
}

template <class Sums>
void check_drawn() {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        for (std::size_t const n : {2u, 3u, 8u, 9u, 10u, 17u, 64u, 256u}) {
            auto const bins = drawn_bins<Sums>(n, seed % 3 == 0, seed);
            for (gradient_rules const& rules :
                 {gradient_rules{}, gradient_rules{.l1 = 1.5}, gradient_rules{.l2 = 2},
                  gradient_rules{.l1 = 3, .l2 = 0.25}}) {
                gradient_units units;
                leaf_formula const formula(rules, units);
                check<Sums>({bins, formula, 1, 0}, split{}.score);
                check<Sums>({bins, formula, 5, 0}, 0);
                check<Sums>({bins, formula, 1, 7}, 2);
                check<Sums>({bins, formula, 3, 4}, 1e300);
            }
        }
    }
}

}  // namespace

TEST_CASE("the cut without divisions is that of the definition: gradients and Hessians") {
    check_drawn<gradient_sums>();
}

TEST_CASE("the cut without divisions is that of the definition: gradients alone") {
    check_drawn<unit_gradient_sums>();
}

TEST_CASE("by hand: of equal cuts the first, and a greater bar forbids it") {
    // Gradients 1, -2, 1 of one row each: 1 + 1 / 2 after the first and after the second.
    std::vector<std::int64_t> const bins{0, cell_of(1, 1, 1, unit_gradient_sums{}), 0,
                                         cell_of(-2, 1, 1, unit_gradient_sums{}),
                                         cell_of(1, 1, 1, unit_gradient_sums{})};
    leaf_formula const formula({}, {});
    plain_cuts<unit_gradient_sums> const cuts(formula, cell_of(0, 3, 3, unit_gradient_sums{}),
                                              count_bits, 1, 0);
    for (auto const level : {simd::least, best_simd()}) {
        numeric_cut best{split{}.score};
        CHECK(cuts.improve(bins, best, level));
        CHECK(best.score == 1.5);
        CHECK(best.bin == 1);
        CHECK(!best.missing_left);
        CHECK(!cuts.improve(bins, best, level));
    }
}
