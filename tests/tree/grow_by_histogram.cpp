// SPDX-License-Identifier: BSD-3-Clause
/// Every split and leaf of boosted trees against a search that tries everything, written from the
/// formulas in long double and sharing nothing with the library's. Derivatives are multiples of a
/// power of two, so that integers hold them exactly.
#include "support/samples.hpp"

#include <copse/par/sequential.hpp>
#include <copse/tree/grow_by_histogram.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <set>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

using real = long double;
using rows = std::vector<std::size_t>;

struct problem {
    matrix<float> x;
    std::vector<double> g;
    std::vector<double> h;
    detail::boosting_limits limits{};
    std::vector<std::size_t> categorical{};

    [[nodiscard]] bool is_categorical(std::size_t j) const {
        return std::find(categorical.begin(), categorical.end(), j) != categorical.end();
    }
};

/// A node as the formulas see it: what its parent and its constraints ask of its value.
struct context {
    real parent = 0;
    real lower = -INFINITY;
    real upper = INFINITY;
};

struct sums {
    real g = 0, h = 0, n = 0;
};
sums sums_of(problem const& p, rows const& in) {
    sums s;
    for (auto const i : in) s.g += p.g[i], s.h += p.h[i], s.n += 1;
    return s;
}

real shrunk(problem const& p, real g) {
    return std::copysign(std::max<real>(0, std::abs(g) - p.limits.gradients.l1), g);
}

/// The least of T(G) w + (H + l2) w^2 / 2, brought within max_delta_step, smoothed, bounded.
real value_of(problem const& p, rows const& in, context const& c, bool smooth = true) {
    auto const& rules = p.limits.gradients;
    auto const s = sums_of(p, in);
    auto const h = s.h + rules.l2;
    real w = h > 0 ? -shrunk(p, s.g) / h : 0;
    w = std::clamp<real>(w, -rules.max_delta_step, rules.max_delta_step);
    if (smooth && rules.path_smooth > 0) {
        w = (s.n * w + rules.path_smooth * c.parent) / (s.n + rules.path_smooth);
    }
    return std::clamp(w, c.lower, c.upper);
}
/// How much it lowers twice the loss, by the second-order approximation.
real score_of(problem const& p, rows const& in, context const& c, bool smooth = true) {
    auto const s = sums_of(p, in);
    auto const w = value_of(p, in, c, smooth);
    return -(2 * shrunk(p, s.g) * w + (s.h + p.limits.gradients.l2) * w * w);
}

bool allowed(problem const& p, std::size_t feature, rows const& left, rows const& right,
             context const& c) {
    for (auto const* side : {&left, &right}) {
        if (side->empty() || side->size() < p.limits.min_samples_leaf) return false;
        if (sums_of(p, *side).h < p.limits.min_child_weight) return false;
    }
    auto const direction = p.limits.monotonic.empty() ? 0 : p.limits.monotonic[feature];
    return direction == 0 || direction * value_of(p, left, c) <= direction * value_of(p, right, c);
}

/// The greatest gain that any cut makes; minus infinity if none is allowed. `own` is the node's
/// score, `c` what its children are given.
real best_gain(problem const& p, rows const& in, real own, context const& c) {
    real best = -INFINITY;
    for (std::size_t j = 0; j < p.x.cols(); ++j) {
        std::set<float> values;
        bool any_missing = false;
        for (auto const i : in) {
            if (std::isnan(p.x(i, j))) {
                any_missing = true;
            } else {
                values.insert(p.x(i, j));
            }
        }
        std::vector<float> const levels(values.begin(), values.end());
        auto const n_levels = levels.size() + (any_missing ? 1 : 0);
        for (std::size_t set = 1; set + 1 < (std::size_t{1} << n_levels); ++set) {
            if (!p.is_categorical(j)) {
                auto const prefix = set & ((std::size_t{1} << levels.size()) - 1);
                if (prefix == 0 || (prefix & (prefix + 1)) != 0) continue;
            }
            rows left;
            rows right;
            for (auto const i : in) {
                auto const level = std::isnan(p.x(i, j))
                                       ? levels.size()
                                       : static_cast<std::size_t>(
                                             std::distance(values.begin(), values.find(p.x(i, j))));
                ((set >> level & 1) != 0 ? left : right).push_back(i);
            }
            if (!allowed(p, j, left, right, c)) continue;
            best = std::max(best, score_of(p, left, c) + score_of(p, right, c) - own);
        }
    }
    return best;
}

struct grown {
    tree shape;
    std::vector<double> gain;
};

template <class Sums>
grown grow(problem const& p) {
    auto const bins = bin_features(sequential{}, p.x, {255, p.categorical});
    detail::histogram_grower<Sums, sequential> grower(bins, p.limits, sequential{});
    auto const most = *std::max_element(
        p.g.begin(), p.g.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
    auto const units =
        Sums::units_for(p.g.size(), std::abs(most), *std::max_element(p.h.begin(), p.h.end()));
    detail::sample<typename Sums::item> sample;
    for (std::size_t i = 0; i < p.g.size(); ++i) {
        sample.items.push_back(Sums::unquantised(static_cast<std::uint32_t>(i), p.g[i], p.h[i]));
        Sums::quantise(sample.items.back(), units);
    }
    std::vector<std::uint32_t> features(p.x.cols());
    std::iota(features.begin(), features.end(), 0u);
    detail::branch branch;
    for (auto const& leaf : grower.grow(sample, units, features, random_stream(1), branch)) {
        branch[leaf.at].leaf = node::leaf(leaf.value);
    }
    grown out;
    out.gain.resize(p.x.cols());
    out.shape = branch.finish(bins, 0, out.gain);
    return out;
}

/// Grows the tree, walks it with its rows, and compares every node with what is best.
class checked_tree {
public:
    explicit checked_tree(problem p) : p_(std::move(p)) {
        bool const unit = std::all_of(p_.h.begin(), p_.h.end(), [](double h) { return h == 1; });
        tree_ = unit ? grow<detail::unit_gradient_sums>(p_) : grow<detail::gradient_sums>(p_);
        if (unit) {
            CHECK(tree_.shape == grow<detail::gradient_sums>(p_).shape);
        }
        rows all(p_.g.size());
        std::iota(all.begin(), all.end(), std::size_t{0});
        context root;
        root.parent = value_of(p_, all, root, false);  // the root is not smoothed
        walk(0, all, root, 0);
        // Best first: in whichever order nodes are split, none is passed over for a lesser one.
        if (p_.limits.max_leaf_nodes != unlimited) check_order();
        auto const total = std::accumulate(tree_.gain.begin(), tree_.gain.end(), 0.0);
        CHECK(total == doctest::Approx(static_cast<double>(gain_made_)).epsilon(1e-9).scale(1e-3));
    }
    [[nodiscard]] tree const& shape() const { return tree_.shape; }

private:
    static constexpr real slack = 1e-9L;

    void walk(std::uint32_t at, rows const& in, context const& c, std::size_t depth) {
        auto const& n = tree_.shape.nodes()[at];
        auto const value = value_of(p_, in, c);
        auto const own = score_of(p_, in, c);
        context below = c;
        below.parent = value;
        auto const best = depth < p_.limits.max_depth ? best_gain(p_, in, own, below) : -INFINITY;
        best_[at] = best;
        if (n.is_leaf()) {
            CHECK(n.value() ==
                  doctest::Approx(static_cast<double>(value)).epsilon(1e-12).scale(1e-9));
            if (p_.limits.max_leaf_nodes == unlimited) {
                CHECK(static_cast<double>(best) <= p_.limits.min_gain + 1e-9);
            }
            return;
        }
        rows left;
        rows right;
        for (auto const i : in) {
            (tree_.shape.child_of(n, p_.x(i, n.feature())) == n.left() ? left : right).push_back(i);
        }
        REQUIRE(allowed(p_, n.feature(), left, right, below));
        auto const made = score_of(p_, left, below) + score_of(p_, right, below) - own;
        CHECK(static_cast<double>(best - made) <= static_cast<double>(slack * (1 + std::abs(own))));
        CHECK(static_cast<double>(made) > p_.limits.min_gain);
        gain_made_ += made;
        auto of_left = below;
        auto of_right = below;
        if (!p_.limits.monotonic.empty()) {
            auto const middle = (value_of(p_, left, below) + value_of(p_, right, below)) / 2;
            auto const direction = p_.limits.monotonic[n.feature()];
            if (direction > 0) of_left.upper = of_right.lower = middle;
            if (direction < 0) of_left.lower = of_right.upper = middle;
        }
        walk(n.left(), left, of_left, depth + 1);
        walk(n.right(), right, of_right, depth + 1);
    }
    void check_order() const {
        auto const nodes = tree_.shape.nodes();
        std::vector<std::uint32_t> open{0};
        std::size_t n_leaves = 1;
        while (!open.empty()) {
            auto const next = std::max_element(open.begin(), open.end(), [&](auto a, auto b) {
                return best_.at(a) < best_.at(b);
            });
            auto const at = *next;
            if (best_.at(at) <= p_.limits.min_gain + 1e-9 || n_leaves == p_.limits.max_leaf_nodes) {
                break;
            }
            open.erase(next);
            if (nodes[at].is_leaf()) {
                // It may have lost a tie only.
                auto const tied = std::any_of(open.begin(), open.end(), [&](auto other) {
                    return !nodes[other].is_leaf() && best_.at(at) - best_.at(other) < 1e-9;
                });
                CHECK(tied);
                continue;
            }
            open.push_back(nodes[at].left());
            open.push_back(nodes[at].right());
            ++n_leaves;
        }
        for (auto const at : open) CHECK(nodes[at].is_leaf());
        CHECK(n_leaves == (nodes.size() + 1) / 2);
    }

    problem p_;
    grown tree_;
    std::map<std::uint32_t, real> best_;
    real gain_made_ = 0;
};

problem random_problem(std::uint64_t seed, bool unit_hessian) {
    random_stream const draws(seed);
    auto const n = 2 + draws.below(28, 0);
    problem p{grid(n, 1 + draws.below(3, 1), seed, 2 + draws.below(5, 2)), {}, {}};
    bool const some_missing = draws.below(2, 3) == 0;
    for (std::size_t i = 0; i < n; ++i) {
        auto const of_row = draws.split(i);
        for (std::size_t j = 0; j < p.x.cols(); ++j) {
            if (some_missing && of_row.below(4, 10 + j) == 0) p.x(i, j) = missing;
        }
        p.g.push_back((of_row.below(2001, 0) - 1000.0) / 256);
        p.h.push_back(unit_hessian ? 1 : (1 + of_row.below(1000, 1)) / 1024.0);
    }
    return p;
}

/// 150 problems, half of them with unit Hessians, changed as `change(problem, seed)` does.
template <class Change>
void check_many(Change const& change) {
    std::size_t n_splits = 0;
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        CAPTURE(seed);
        auto p = random_problem(seed, seed % 2 == 0);
        change(p, seed);
        n_splits += checked_tree(p).shape().nodes().size() / 2;
    }
    CHECK(n_splits > 100);
}

}  // namespace

TEST_CASE("every split is the best one, every leaf the best value") {
    check_many([](problem&, std::uint64_t) {});
}

TEST_CASE("with l1 and l2 they are, too") {
    check_many([](problem& p, std::uint64_t seed) {
        p.limits.gradients.l1 = 0.5 * static_cast<double>(seed % 3);
        p.limits.gradients.l2 = 0.25 * static_cast<double>(seed % 5);
    });
}

TEST_CASE("with a greatest step they are, too") {
    check_many([](problem& p, std::uint64_t seed) {
        p.limits.gradients.max_delta_step = 0.5 + 0.5 * static_cast<double>(seed % 4);
        p.limits.gradients.l1 = seed % 2 == 0 ? 0 : 0.75;
    });
}

TEST_CASE("with path smoothing they are, too, and the root is not smoothed") {
    check_many([](problem& p, std::uint64_t seed) {
        p.limits.gradients.path_smooth = 0.5 + static_cast<double>(seed % 7);
    });
}

TEST_CASE("leaves hold min_samples_leaf rows and min_child_weight exactly") {
    check_many([](problem& p, std::uint64_t seed) {
        p.limits.min_samples_leaf = 1 + seed % 5;
        p.limits.min_child_weight = 0.125 * static_cast<double>(seed % 7);
    });
}

TEST_CASE("a split that gains min_gain or less is not made, nor one below max_depth") {
    check_many([](problem& p, std::uint64_t seed) {
        p.limits.min_gain = static_cast<double>(seed % 11);
        p.limits.max_depth = 1 + seed % 4;
    });
}

TEST_CASE("with few leaves, those that gain most are split") {
    check_many([](problem& p, std::uint64_t seed) {
        p.limits.max_leaf_nodes = 2 + seed % 5;
        p.limits.min_gain = seed % 3 == 0 ? 1 : 0;
    });
}

TEST_CASE("under monotonic constraints, the best split that keeps them is made") {
    check_many([](problem& p, std::uint64_t seed) {
        for (std::size_t j = 0; j < p.x.cols(); ++j) {
            p.limits.monotonic.push_back(static_cast<int>((seed + j) % 3) - 1);
        }
        p.limits.gradients.l2 = seed % 2 == 0 ? 0 : 1;
    });
}

TEST_CASE("everything at once") {
    check_many([](problem& p, std::uint64_t seed) {
        p.limits.gradients = {.l1 = 0.25, .l2 = 0.5, .max_delta_step = 2, .path_smooth = 1};
        p.limits.min_samples_leaf = 2;
        p.limits.max_leaf_nodes = 3 + seed % 4;
        p.limits.max_depth = 3;
        p.limits.monotonic.assign(p.x.cols(), seed % 2 == 0 ? 1 : -1);
    });
}

TEST_CASE("of all subsets of categories the best is found, where nothing smooths their order") {
    check_many([](problem& p, std::uint64_t) {
        for (std::size_t j = 0; j < p.x.cols(); j += 2) p.categorical.push_back(j);
        p.limits.gradients.category_smooth = 0;
    });
}
