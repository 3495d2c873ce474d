// SPDX-License-Identifier: BSD-3-Clause
/// Every split of whole trees against a search that tries everything, written from the definitions
/// of impurity in long double and sharing nothing with the library's.
#include "support/forest_fits.hpp"
#include "support/samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

enum class measure { gini, entropy, squared_error, absolute_error, poisson };

struct problem {
    matrix<float> x;
    std::vector<double> y;  // values, or codes of classes
    std::vector<double> weight;
    std::vector<std::size_t> categorical{};
    std::vector<int> monotonic{};
    std::size_t min_samples_leaf = 1;

    [[nodiscard]] bool is_categorical(std::size_t j) const {
        return std::find(categorical.begin(), categorical.end(), j) != categorical.end();
    }
};

using rows = std::vector<std::size_t>;

long double mean_of(problem const& p, rows const& in) {
    long double sum = 0;
    long double weight = 0;
    for (auto const i : in) {
        sum += static_cast<long double>(p.y[i]) * p.weight[i];
        weight += p.weight[i];
    }
    return sum / weight;
}

/// Impurity times weight.
long double impurity(problem const& p, measure by, rows const& in) {
    long double weight = 0;
    for (auto const i : in) weight += p.weight[i];
    long double out = 0;
    if (by == measure::gini || by == measure::entropy) {
        std::set<double> classes(p.y.begin(), p.y.end());
        out = by == measure::gini ? 1 : 0;
        for (auto const k : classes) {
            long double of_class = 0;
            for (auto const i : in) of_class += p.y[i] == k ? p.weight[i] : 0;
            auto const f = of_class / weight;
            if (by == measure::gini) out -= f * f;
            if (by == measure::entropy && f > 0) out -= f * std::log2(f);
        }
        return weight * out;
    }
    if (by == measure::absolute_error) {
        // Some target is a median: the least sum over all of them.
        out = INFINITY;
        for (auto const m : in) {
            long double sum = 0;
            for (auto const i : in)
                sum += p.weight[i] * std::abs(static_cast<long double>(p.y[i]) - p.y[m]);
            out = std::min(out, sum);
        }
        return out;
    }
    auto const mean = mean_of(p, in);
    for (auto const i : in) {
        long double const y = p.y[i];
        if (by == measure::squared_error) out += p.weight[i] * (y - mean) * (y - mean);
        if (by == measure::poisson && y > 0) out += p.weight[i] * y * std::log(y / mean);
    }
    return out;
}

bool allowed(problem const& p, std::size_t feature, rows const& left, rows const& right) {
    if (left.size() < p.min_samples_leaf || right.size() < p.min_samples_leaf) return false;
    if (left.empty() || right.empty()) return false;
    auto const direction = p.monotonic.empty() ? 0 : p.monotonic[feature];
    return direction == 0 || direction * mean_of(p, left) <= direction * mean_of(p, right);
}

/// The least impurity of any two sides that one cut can make; infinite if there is none.
long double best_impurity(problem const& p, measure by, rows const& in) {
    long double best = INFINITY;
    for (std::size_t j = 0; j < p.x.cols(); ++j) {
        // Levels: the distinct values, and last of all "missing" if there are missing rows.
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
        auto const level_of = [&](std::size_t i) {
            return std::isnan(p.x(i, j))
                       ? levels.size()
                       : static_cast<std::size_t>(
                             std::lower_bound(levels.begin(), levels.end(), p.x(i, j)) -
                             levels.begin());
        };
        for (std::size_t set = 1; set + 1 < (std::size_t{1} << n_levels); ++set) {
            if (!p.is_categorical(j)) {
                // Of the values, a prefix; missing rows on either side, but apart they are on the
                // right, as if they were the greatest value.
                auto const prefix = set & ((std::size_t{1} << levels.size()) - 1);
                if (prefix == 0 || (prefix & (prefix + 1)) != 0) continue;
            }
            rows left;
            rows right;
            for (auto const i : in) ((set >> level_of(i) & 1) != 0 ? left : right).push_back(i);
            if (!allowed(p, j, left, right)) continue;
            best = std::min(best, impurity(p, by, left) + impurity(p, by, right));
        }
    }
    return best;
}

double tolerance(measure by, long double whole, long double weight) {
    // Entropies are sums of f(w) = w log2 w in steps of 2^-20; weights have 30 bits.
    return static_cast<double>(by == measure::entropy ? 1e-5L * (1 + weight) : 1e-7L * (1 + whole));
}

/// Walks a fitted tree with its training rows; at each node, what it did against what is best.
void check_tree(problem const& p, measure by, tree const& t, bool only_root = false) {
    struct place {
        std::uint32_t node;
        rows in;
    };
    std::vector<place> open(1);
    for (std::size_t i = 0; i < p.y.size(); ++i) {
        if (p.weight[i] > 0) open[0].in.push_back(i);
    }
    while (!open.empty()) {
        auto const [at, in] = std::move(open.back());
        open.pop_back();
        auto const& n = t.nodes()[at];
        auto const whole = impurity(p, by, in);
        long double weight = 0;
        for (auto const i : in) weight += p.weight[i];
        auto const slack = tolerance(by, whole, weight);
        if (n.is_leaf()) {
            auto const first = p.y[in[0]];
            bool const pure =
                std::all_of(in.begin(), in.end(), [&](auto i) { return p.y[i] == first; });
            CHECK((pure || best_impurity(p, by, in) == INFINITY));
            continue;
        }
        place left{n.left(), {}};
        place right{n.right(), {}};
        for (auto const i : in) {
            (t.child_of(n, p.x(i, n.feature())) == n.left() ? left : right).in.push_back(i);
        }
        REQUIRE(allowed(p, n.feature(), left.in, right.in));
        auto const achieved = impurity(p, by, left.in) + impurity(p, by, right.in);
        auto const best = best_impurity(p, by, in);
        CHECK(static_cast<double>(achieved - best) >= -slack);
        CHECK(static_cast<double>(achieved - best) <= slack);
        CHECK(static_cast<double>(whole - achieved) >= -slack);
        if (only_root) return;
        open.push_back(std::move(left));
        open.push_back(std::move(right));
    }
}

tree tree_for(problem const& p, measure by, std::size_t max_depth = unlimited) {
    if (by == measure::gini || by == measure::entropy) {
        std::vector<int> const y(p.y.begin(), p.y.end());
        return random_forest_classifier{
            .n_estimators = 1,
            .max_features = feature_count::all(),
            .max_depth = max_depth,
            .min_samples_leaf = p.min_samples_leaf,
            .criterion = by == measure::gini ? class_criterion::gini : class_criterion::entropy,
            .bootstrap = false,
            .categorical_features = p.categorical,
            .monotonic_cst = p.monotonic}
            .fit(p.x, y, {.sample_weight = p.weight}, sequential{})
            .trees()[0];
    }
    return random_forest_regressor{
        .n_estimators = 1,
        .max_depth = max_depth,
        .min_samples_leaf = p.min_samples_leaf,
        .criterion = by == measure::squared_error    ? real_criterion::squared_error
                     : by == measure::absolute_error ? real_criterion::absolute_error
                                                     : real_criterion::poisson,
        .bootstrap = false,
        .categorical_features = p.categorical,
        .monotonic_cst = p.monotonic}
        .fit(p.x, p.y, {.sample_weight = p.weight}, sequential{})
        .trees()[0];
}

enum class weights { one, whole, any };

problem random_problem(std::uint64_t seed, measure by, std::size_t n_classes, weights kind) {
    random_stream const draws(seed);
    auto const n = 2 + draws.below(28, 0);
    problem p{grid(n, 1 + draws.below(3, 1), seed, 2 + draws.below(5, 2)), {}, {}};
    bool const some_missing = draws.below(2, 3) == 0;
    for (std::size_t i = 0; i < n; ++i) {
        auto const of_row = draws.split(i);
        for (std::size_t j = 0; j < p.x.cols(); ++j) {
            if (some_missing && of_row.below(4, 10 + j) == 0) p.x(i, j) = missing;
        }
        if (by == measure::gini || by == measure::entropy) {
            p.y.push_back(of_row.below(static_cast<std::uint32_t>(n_classes), 0));
        } else {
            p.y.push_back(of_row.below(4, 1) == 0 ? 0 : of_row.uniform(0) * 20 + 0.01);
        }
        p.weight.push_back(kind == weights::one     ? 1.0
                           : kind == weights::whole ? 1.0 * of_row.below(4, 2)
                                                    : of_row.uniform(3) * 3);
    }
    p.y[0] += by == measure::poisson ? 1 : 0;  // Poisson needs a positive sum
    if (*std::max_element(p.weight.begin(), p.weight.end()) == 0) p.weight[0] = 1;
    return p;
}

void check_many(measure by, std::size_t n_classes = 2) {
    for (auto const kind : {weights::one, weights::whole, weights::any}) {
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
            auto p = random_problem(seed, by, n_classes, kind);
            p.min_samples_leaf = 1 + seed % 3;
            CAPTURE(seed);
            CAPTURE(static_cast<int>(kind));
            check_tree(p, by, tree_for(p, by));
        }
    }
}

}  // namespace

TEST_CASE("every split of a gini tree is the best one") {
    check_many(measure::gini, 2);
    check_many(measure::gini, 3);
    check_many(measure::gini, 7);
}

TEST_CASE("every split of an entropy tree is the best one") {
    check_many(measure::entropy, 2);
    check_many(measure::entropy, 5);
}

TEST_CASE("every split of a squared error tree is the best one") {
    check_many(measure::squared_error);
}

TEST_CASE("every split of an absolute error tree is the best one") {
    check_many(measure::absolute_error);
}

TEST_CASE("every split of a Poisson tree is the best one") { check_many(measure::poisson); }

TEST_CASE("every split of larger trees is the best one, sparse columns and dense") {
    for (auto const by : {measure::gini, measure::entropy, measure::squared_error,
                          measure::absolute_error, measure::poisson}) {
        auto x = grid(250, 4, 17);
        for (std::size_t i = 0; i < x.rows(); ++i) {
            if (random_stream(i).below(4, 0) > 0) x(i, 2) = 0;  // mostly 0
            if (random_stream(i).below(3, 1) > 0) x(i, 3) = missing;
        }
        auto y = targets_of(x, 3);
        for (auto& value : y) value = std::isnan(value) ? 3 : value;
        if (by == measure::gini || by == measure::entropy) {
            for (auto& value : y) value = std::floor(value / 6);
        }
        problem const p{x, y, std::vector<double>(y.size(), 1)};
        CAPTURE(static_cast<int>(by));
        check_tree(p, by, tree_for(p, by));
    }
}

TEST_CASE("of all subsets of categories the best one is found, for two classes and for values") {
    for (auto const by :
         {measure::gini, measure::entropy, measure::squared_error, measure::poisson}) {
        for (auto const kind : {weights::one, weights::whole}) {
            for (std::uint64_t seed = 0; seed < 60; ++seed) {
                auto p = random_problem(seed, by, 2, kind);
                for (std::size_t j = 0; j < p.x.cols(); j += 2) p.categorical.push_back(j);
                CAPTURE(seed);
                CAPTURE(static_cast<int>(by));
                check_tree(p, by, tree_for(p, by));
            }
        }
    }
}

TEST_CASE("for many classes, one class against the rest is the least that categories achieve") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        auto p = random_problem(seed, measure::gini, 4, weights::one);
        p.categorical = {0};
        p.x = [&] {
            matrix<float> first(p.x.rows(), 1);
            for (std::size_t i = 0; i < first.rows(); ++i) first(i, 0) = p.x(i, 0);
            return first;
        }();
        auto const t = tree_for(p, measure::gini, 1);
        if (t.nodes()[0].is_leaf()) continue;
        rows sides[2];
        for (std::size_t i = 0; i < p.y.size(); ++i) {
            sides[t.child_of(t.nodes()[0], p.x(i, 0)) - t.nodes()[0].left()].push_back(i);
        }
        auto const achieved =
            impurity(p, measure::gini, sides[0]) + impurity(p, measure::gini, sides[1]);
        for (double k = 0; k < 4; ++k) {
            // Two classes, k and the rest, choose the sides; four classes judge them.
            auto two = p;
            for (auto& y : two.y) y = y == k ? 1 : 0;
            auto const other = tree_for(two, measure::gini, 1);
            if (other.nodes()[0].is_leaf()) continue;
            rows of_two[2];
            for (std::size_t i = 0; i < p.y.size(); ++i) {
                of_two[other.child_of(other.nodes()[0], p.x(i, 0)) - other.nodes()[0].left()]
                    .push_back(i);
            }
            CHECK(static_cast<double>(achieved) <=
                  static_cast<double>(impurity(p, measure::gini, of_two[0]) +
                                      impurity(p, measure::gini, of_two[1])) +
                      1e-9);
        }
    }
}

TEST_CASE("under monotonic constraints, the best split that keeps them is found") {
    for (auto const by :
         {measure::gini, measure::entropy, measure::squared_error, measure::poisson}) {
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            auto p = random_problem(seed, by, 2, seed % 2 == 0 ? weights::one : weights::whole);
            for (std::size_t j = 0; j < p.x.cols(); ++j)
                p.monotonic.push_back(static_cast<int>((seed + j) % 3) - 1);
            p.min_samples_leaf = 1 + seed % 2;
            CAPTURE(seed);
            CAPTURE(static_cast<int>(by));
            check_tree(p, by, tree_for(p, by, 1), true);
        }
    }
}

TEST_CASE(
    "by hand: ties go to the lower feature, then to the lower cut, then missing to the right") {
    // Two equal columns; y is symmetric, so both cuts of a column leave the same impurity.
    matrix<float> x(3, 2);
    for (std::size_t i = 0; i < 3; ++i) x(i, 0) = x(i, 1) = static_cast<float>(i);
    auto const stump = [&](std::vector<double> const& y) {
        return tree_for({x, y, std::vector<double>(y.size(), 1)}, measure::squared_error, 1)
            .nodes()[0];
    };
    CHECK(stump({0, 1, 0}).feature() == 0);
    CHECK(stump({0, 1, 0}).threshold() == 0.5);
    // Missing rows in the middle of the targets: on either side they cost 3/4 - 1/4 the same.
    x(1, 0) = x(1, 1) = missing;
    CHECK(stump({0, 1, 2}).feature() == 0);
    CHECK(stump({0, 1, 2}).threshold() == 1);
    CHECK_FALSE(stump({0, 1, 2}).missing_goes_left());
}

TEST_CASE("by hand: missing rows may be a side of their own") {
    matrix<float> x(4, 1);
    x(0, 0) = x(3, 0) = missing;
    x(1, 0) = 1;
    x(2, 0) = 2;
    auto const t = tree_for({x, {9, 1, 1, 9}, {1, 1, 1, 1}}, measure::squared_error);
    REQUIRE(t.nodes().size() == 3);
    CHECK(t.nodes()[0].threshold() == INFINITY);
    CHECK_FALSE(t.nodes()[0].missing_goes_left());
    CHECK(t.nodes()[1].value() == 1);
    CHECK(t.nodes()[2].value() == 9);
}

TEST_CASE("classes that weigh nothing change no split, however many they are") {
    // Two classes are counted in packed words, few in tables, and very many are sorted instead:
    // rows of weight 0 bring as many classes as it takes to go every way.
    for (auto const criterion : {class_criterion::gini, class_criterion::entropy}) {
        auto const x = grid(400, 4, 23);
        std::vector<int> y;
        for (auto const value : targets_of(x, 5)) y.push_back(value < 12 ? 0 : 1);
        auto const tree_with = [&](int more_classes) {
            auto all = rows_of(x, {});
            std::vector<std::size_t> which;
            auto labels = y;
            std::vector<double> weight(y.size(), 1.0);
            for (std::size_t i = 0; i < y.size(); ++i) which.push_back(i);
            for (int k = 0; k < more_classes; ++k) {
                which.push_back(static_cast<std::size_t>(k));
                labels.push_back(2 + k);
                weight.push_back(0);
            }
            return random_forest_classifier{
                .n_estimators = 1, .max_features = 2, .criterion = criterion, .bootstrap = false}
                .fit(rows_of(x, which), labels, {.sample_weight = weight})
                .trees()[0];
        };
        auto const two = tree_with(0);
        for (int const more : {1, 20, 300}) {
            auto const many = tree_with(more);
            REQUIRE(many.nodes().size() == two.nodes().size());
            for (std::size_t i = 0; i < two.nodes().size(); ++i) {
                auto const& a = two.nodes()[i];
                auto const& b = many.nodes()[i];
                CHECK(a.is_leaf() == b.is_leaf());
                if (!a.is_leaf()) CHECK(a == b);
            }
        }
    }
}

TEST_CASE("many categories of few rows keep the order of their codes") {
    auto const x = grid(600, 2, 5, 70);
    std::vector<int> y(600);
    random_stream const draws(9);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<int>(draws.below(3, i));
    // Of all rows, for a category that a node lacks goes elsewhere than a number would.
    random_forest_classifier trainer{
        .n_estimators = 5, .max_depth = 4, .bootstrap = false, .categorical_features = {0, 1}};
    trainer.min_samples_category = 601;
    auto const kept = trainer.fit(x, y, sequential{}).predict_trees(x);
    trainer.categorical_features = {};
    CHECK(kept == trainer.fit(x, y, sequential{}).predict_trees(x));
    trainer.categorical_features = {0, 1};
    trainer.min_samples_category = 0;
    CHECK(kept != trainer.fit(x, y, sequential{}).predict_trees(x));
}
