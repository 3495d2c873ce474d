// SPDX-License-Identifier: BSD-3-Clause
#include "data/sklearn_trees.hpp"
#include "support/forest_fits.hpp"
#include "support/samples.hpp"

#include <copse/tree/grow.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// A single tree, of all rows and features.
random_forest_classifier const one_classifier{
    .n_estimators = 1, .max_features = feature_count::all(), .bootstrap = false};
random_forest_regressor const one_regressor{.n_estimators = 1, .bootstrap = false};

template <class Trainer>
Trainer trainer_of(Trainer trainer, sklearn::reference const& r) {
    if (r.max_depth > 0) trainer.max_depth = r.max_depth;
    if (r.max_leaf_nodes > 0) trainer.max_leaf_nodes = r.max_leaf_nodes;
    trainer.min_samples_split = r.min_samples_split;
    trainer.min_samples_leaf = r.min_samples_leaf;
    trainer.min_impurity_decrease = r.min_impurity_decrease;
    trainer.ccp_alpha = r.ccp_alpha;
    trainer.min_weight_fraction_leaf = r.min_weight_fraction_leaf;
    return trainer;
}

matrix<float> reference_grid() {
    matrix<float> x(240, 5);
    std::copy(std::begin(sklearn::grid), std::end(sklearn::grid), x.data());
    return x;
}

template <class Model>
void check_shape(Model const& model, sklearn::reference const& r) {
    CHECK(model.trees()[0].n_leaves() == r.n_leaves);
    CHECK(model.trees()[0].depth() == r.depth);
    auto const importances = model.feature_importances();
    REQUIRE(importances.size() == r.importances.size());
    for (std::size_t j = 0; j < importances.size(); ++j)
        CHECK(importances[j] == doctest::Approx(r.importances[j]).epsilon(1e-6));
}

/// How many rows reach each node.
std::vector<std::size_t> rows_at(tree const& t, matrix<float> const& x) {
    std::vector<std::size_t> n(t.nodes().size());
    for (std::size_t i = 0; i < x.rows(); ++i) {
        std::uint32_t at = 0;
        for (++n[0]; !t.nodes()[at].is_leaf(); ++n[at])
            at = t.child_of(t.nodes()[at], x(i, t.nodes()[at].feature()));
    }
    return n;
}

/// Sum of squared distances from the mean, at each node.
std::vector<double> errors_at(tree const& t, matrix<float> const& x, std::vector<double> const& y) {
    std::vector<std::vector<double>> targets(t.nodes().size());
    for (std::size_t i = 0; i < x.rows(); ++i) {
        std::uint32_t at = 0;
        for (targets[0].push_back(y[i]); !t.nodes()[at].is_leaf(); targets[at].push_back(y[i]))
            at = t.child_of(t.nodes()[at], x(i, t.nodes()[at].feature()));
    }
    std::vector<double> out;
    for (auto const& some : targets) {
        double mean = 0;
        for (auto const value : some) mean += value / static_cast<double>(some.size());
        double error = 0;
        for (auto const value : some) error += (value - mean) * (value - mean);
        out.push_back(error);
    }
    return out;
}

/// The least of error + alpha n leaves over all prunings of the subtree at `node`.
double least_cost(tree const& t, std::vector<double> const& error, double alpha,
                  std::uint32_t node = 0) {
    auto const as_leaf = error[node] + alpha;
    auto const& n = t.nodes()[node];
    if (n.is_leaf()) return as_leaf;
    return std::min(as_leaf,
                    least_cost(t, error, alpha, n.left()) + least_cost(t, error, alpha, n.right()));
}

}  // namespace

TEST_CASE("classification trees are scikit-learn's where ties do not decide") {
    auto const x = reference_grid();
    std::vector<int> const y(std::begin(sklearn::grid_classes), std::end(sklearn::grid_classes));
    for (auto const& r : sklearn::class_trees) {
        auto trainer = trainer_of(one_classifier, r);
        trainer.criterion =
            r.criterion == "gini" ? class_criterion::gini : class_criterion::entropy;
        auto const model = trainer.fit(x, y);
        INFO(r.criterion << ", " << r.n_leaves << " leaves");
        check_shape(model, r);
        auto const answer = model.predict(x);
        for (std::size_t i = 0; i < r.predictions.size(); ++i)
            CHECK(answer[i] == static_cast<int>(r.predictions[i]));
    }
}

TEST_CASE("regression trees are scikit-learn's where ties do not decide") {
    auto const x = reference_grid();
    std::vector<double> const y(std::begin(sklearn::grid_values), std::end(sklearn::grid_values));
    for (auto const& r : sklearn::value_trees) {
        auto trainer = trainer_of(one_regressor, r);
        trainer.criterion = r.criterion == "squared_error"    ? real_criterion::squared_error
                            : r.criterion == "absolute_error" ? real_criterion::absolute_error
                                                              : real_criterion::poisson;
        auto const model = trainer.fit(x, y);
        INFO(r.criterion << ", " << r.n_leaves << " leaves");
        check_shape(model, r);
        auto const answer = model.predict(x);
        for (std::size_t i = 0; i < r.predictions.size(); ++i)
            CHECK(answer[i] == doctest::Approx(r.predictions[i]).epsilon(1e-8));
    }
}

TEST_CASE("by hand: a tree of four rows") {
    // x: 0 1 2 3, y: 1 1 5 9. The cut at 1.5 leaves 0 + 8, those at 0.5 and 2.5 leave 32 and
    // 32/3; then 5 and 9 are told apart at 2.5.
    matrix<float> x(4, 1);
    for (std::size_t i = 0; i < 4; ++i) x(i, 0) = static_cast<float>(i);
    std::vector<double> const y{1, 1, 5, 9};
    auto const t = one_regressor.fit(x, y).trees()[0];
    REQUIRE(t.nodes().size() == 5);
    CHECK(t.nodes()[0] == [] {
        auto n = node::split(0, 1.5, false);
        n.set_left(1);
        return n;
    }());
    CHECK(t.nodes()[1].value() == 1);
    CHECK(t.nodes()[2].threshold() == 2.5);
    CHECK(t.nodes()[3].value() == 5);
    CHECK(t.nodes()[4].value() == 9);

    // Stopping it. Decreases per row: (44 - 8) / 4 = 9 at the root, 8 / 4 = 2 below.
    auto const leaves_with = [&](auto change) {
        auto trainer = one_regressor;
        change(trainer);
        return trainer.fit(x, y).trees()[0].n_leaves();
    };
    CHECK(leaves_with([](auto& with) { with.max_depth = 1; }) == 2);
    CHECK(leaves_with([](auto& with) { with.max_leaf_nodes = 2; }) == 2);
    CHECK(leaves_with([](auto& with) { with.min_samples_split = 2; }) == 3);
    CHECK(leaves_with([](auto& with) { with.min_samples_split = 3; }) == 2);
    CHECK(leaves_with([](auto& with) { with.min_samples_split = 5; }) == 1);
    CHECK(leaves_with([](auto& with) { with.min_samples_leaf = 2; }) == 2);
    CHECK(leaves_with([](auto& with) { with.min_samples_leaf = 3; }) == 1);
    CHECK(leaves_with([](auto& with) { with.min_weight_fraction_leaf = 0.5; }) == 2);
    CHECK(leaves_with([](auto& with) { with.min_impurity_decrease = 2; }) == 3);
    CHECK(leaves_with([](auto& with) { with.min_impurity_decrease = 2.01; }) == 2);
    CHECK(leaves_with([](auto& with) { with.min_impurity_decrease = 9; }) == 2);
    CHECK(leaves_with([](auto& with) { with.min_impurity_decrease = 9.01; }) == 1);
    CHECK(leaves_with([](auto& with) { with.ccp_alpha = 1.99; }) == 3);
    CHECK(leaves_with([](auto& with) { with.ccp_alpha = 2; }) == 2);
    CHECK(leaves_with([](auto& with) { with.ccp_alpha = 8.99; }) == 2);
    CHECK(leaves_with([](auto& with) { with.ccp_alpha = 9; }) == 1);
}

TEST_CASE("by hand: exclusive or is learnt, though the first split gains nothing") {
    matrix<float> x(4, 2);
    for (std::size_t i = 0; i < 4; ++i) {
        x(i, 0) = static_cast<float>(i / 2);
        x(i, 1) = static_cast<float>(i % 2);
    }
    std::vector<int> const y{0, 1, 1, 0};
    CHECK(one_classifier.fit(x, y).predict(x) == y);
    CHECK(one_regressor.fit(x, y).predict(x) == std::vector<double>{0, 1, 1, 0});
}

TEST_CASE("limits hold at every node") {
    auto const [x, y] = valued_grid(600, 4, 9);
    for (std::size_t const best_leaves : {unlimited, std::size_t{40}}) {
        auto trainer = one_regressor;
        trainer.max_depth = 7;
        trainer.min_samples_split = 20;
        trainer.min_samples_leaf = 6;
        trainer.max_leaf_nodes = best_leaves;
        auto const t = trainer.fit(x, y).trees()[0];
        CHECK(t.depth() <= 7);
        CHECK(t.n_leaves() <= best_leaves);
        CHECK(t.n_leaves() > 10);
        auto const n = rows_at(t, x);
        for (std::size_t i = 0; i < n.size(); ++i)
            CHECK(n[i] >= (t.nodes()[i].is_leaf() ? 6u : 20u));
    }
}

TEST_CASE("best first with leaves enough is depth first") {
    auto const [x, y] = labelled_grid(500, 5, 4);
    for (auto const criterion : {class_criterion::gini, class_criterion::entropy}) {
        random_forest_classifier depth_first{.n_estimators = 3, .criterion = criterion};
        auto best_first = depth_first;
        best_first.max_leaf_nodes = 10'000;
        auto const a = depth_first.fit(x, y);
        auto const b = best_first.fit(x, y);
        CHECK(a.trees()[0] == b.trees()[0]);
        CHECK(a == b);
    }
    auto const values = valued_grid(500, 5, 4);
    random_forest_regressor depth_first{.n_estimators = 3, .max_features = 2};
    auto best_first = depth_first;
    best_first.max_leaf_nodes = 10'000;
    CHECK(depth_first.fit(values.x, values.y) == best_first.fit(values.x, values.y));
}

TEST_CASE("the leaf that gains most is split first") {
    // A leaf more is worth the greatest gain that any leaf of the smaller tree had to offer; the
    // whole tree, which the smaller ones are parts of, tells what each had.
    auto const [x, y] = valued_grid(300, 4, 12);
    auto const whole = one_regressor.fit(x, y).trees()[0];
    auto const errors = errors_at(whole, x, y);
    auto const gain_at = [&](std::uint32_t node) {
        auto const& n = whole.nodes()[node];
        return n.is_leaf() ? 0 : errors[node] - errors[n.left()] - errors[n.right()];
    };
    std::vector<std::uint32_t> leaves{0};
    auto error = errors[0];
    for (std::size_t n_leaves = 2; n_leaves < 30; ++n_leaves) {
        auto const best = std::max_element(leaves.begin(), leaves.end(),
                                           [&](auto a, auto b) { return gain_at(a) < gain_at(b); });
        error -= gain_at(*best);
        auto const left = whole.nodes()[*best].left();
        *best = left;
        leaves.push_back(left + 1);

        auto trainer = one_regressor;
        trainer.max_leaf_nodes = n_leaves;
        auto const t = trainer.fit(x, y).trees()[0];
        REQUIRE(t.n_leaves() == n_leaves);
        auto const of_t = errors_at(t, x, y);
        double sum = 0;
        for (std::size_t i = 0; i < of_t.size(); ++i) sum += t.nodes()[i].is_leaf() ? of_t[i] : 0;
        CHECK(sum == doctest::Approx(error).epsilon(1e-9));
    }
}

TEST_CASE("pruning leaves the tree of least cost, and less for greater ccp_alpha") {
    auto const [x, y] = valued_grid(300, 4, 2);
    auto const whole = one_regressor.fit(x, y).trees()[0];
    auto const errors = errors_at(whole, x, y);
    std::size_t leaves = whole.n_leaves();
    for (double const alpha : {1e-6, 1e-4, 0.003, 0.01, 0.03, 0.1, 0.4, 1.0, 4.0, 100.0}) {
        auto trainer = one_regressor;
        trainer.ccp_alpha = alpha;
        auto const pruned = trainer.fit(x, y).trees()[0];
        CHECK(pruned.n_leaves() <= leaves);
        leaves = pruned.n_leaves();
        auto const of_pruned = errors_at(pruned, x, y);
        auto const per_leaf = alpha * static_cast<double>(x.rows());
        double cost = per_leaf * static_cast<double>(leaves);
        for (std::size_t i = 0; i < of_pruned.size(); ++i)
            cost += pruned.nodes()[i].is_leaf() ? of_pruned[i] : 0;
        CHECK(cost == doctest::Approx(least_cost(whole, errors, per_leaf)).epsilon(1e-9));
    }
    CHECK(leaves == 1);
}

TEST_CASE("targets of any size grow the same tree") {
    auto const [x, y] = valued_grid(200, 3, 6);
    auto const plain = one_regressor.fit(x, y).trees()[0];
    for (double const unit : {0x1p-900, 0x1p-500, 0x1p-30, 0x1p40, 0x1p600, 0x1p1010}) {
        std::vector<double> scaled;
        for (auto const value : y) scaled.push_back(value * unit);
        auto const t = one_regressor.fit(x, scaled).trees()[0];
        INFO("unit " << unit);
        REQUIRE(t.nodes().size() == plain.nodes().size());
        for (std::size_t i = 0; i < t.nodes().size(); ++i) {
            if (!t.nodes()[i].is_leaf()) {
                CHECK(t.nodes()[i] == plain.nodes()[i]);
            } else {
                CHECK(t.nodes()[i].value() == plain.nodes()[i].value() * unit);
            }
        }
    }
}

TEST_CASE("a constant target is predicted as it is") {
    matrix<float> const x = grid(20, 2, 1);
    for (double const value : {0.5, -0.1, 3.7, 0.0, 1e-310, 5e-324, 1e308, -1e308}) {
        std::vector<double> const y(20, value);
        CHECK(one_regressor.fit(x, y).predict(x)[3] == value);
    }
}

TEST_CASE("large trees are the same for any number of jobs, grown forked or not") {
    // More than 20,000 rows: the last trees fork, and small nodes are copied together.
    auto const x = uniform(45'000, 6, 8);
    std::vector<int> y(x.rows());
    random_stream const draws(4);
    for (std::size_t i = 0; i < y.size(); ++i)
        y[i] = (x(i, 0) + x(i, 1) * x(i, 2) > 0.7f ? 1 : 0) + (draws.below(10, i) == 0 ? 1 : 0);
    random_forest_classifier const trainer{.n_estimators = 3, .min_samples_leaf = 3};
    auto const reference = trainer.fit(x, y, sequential{});
    for (int const n_jobs : {2, 3}) {
        CHECK(trainer.fit(x, y, threads{n_jobs}) == reference);
        CHECK(trainer.fit(x, y, copse::tbb{n_jobs}) == reference);
    }
}

TEST_CASE("compact copies of small nodes leave no trace in the tree") {
    // 300 bins make cells of two bytes; column 0 is constant, so that some columns are not copied.
    for (std::size_t const max_bins : {255u, 300u}) {
        auto x = uniform(3000, 21, 8);
        for (std::size_t i = 0; i < x.rows(); ++i) {
            x(i, 0) = 1;
            if (i % 9 == 0) x(i, 5) = missing;
        }
        std::vector<std::uint32_t> codes(x.rows());
        for (std::size_t i = 0; i < codes.size(); ++i) {
            codes[i] = static_cast<std::uint32_t>(3 * x(i, 1)) + (x(i, 2) > x(i, 3) ? 1 : 0);
        }
        detail::growth_limits const limits{.max_features = 4};
        auto const grown = [&](cell_layout layout) {
            auto const bins =
                bin_features(sequential{}, x, {.max_bins = max_bins, .layout = layout});
            auto const splitters =
                detail::class_splitters(class_criterion::gini, 4, bins.most_bins(), {});
            detail::tree_grower<detail::class_item, sequential> grower(bins, limits, 4, splitters,
                                                                       sequential{});
            detail::sample<detail::class_item> rows;
            for (std::uint32_t i = 0; i < codes.size(); ++i) rows.items.push_back({i, 1, codes[i]});
            detail::branch out;
            grower.grow(rows, random_stream(5), false, out);
            std::vector<double> gains(x.cols());
            return out.finish(bins, 4, gains);
        };
        auto const compacted = grown(cell_layout::both);
        CHECK(compacted.nodes().size() > 101);
        CHECK(compacted == grown(cell_layout::columns));
    }
}
