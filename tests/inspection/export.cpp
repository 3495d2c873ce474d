// SPDX-License-Identifier: BSD-3-Clause
#include <copse/ensemble/random_forest.hpp>
#include <copse/inspection/export_dot.hpp>
#include <copse/inspection/export_text.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

using namespace copse;

namespace {

/// age <= 30.5 ? (job in {0, 2} ? low : 3/4 high) : high, missing ages going right and jobs left.
tree jobs() {
    auto root = node::split(0, 30.5, false);
    root.set_left(1);
    auto job = node::category_split(1, 0, 1, true);
    job.set_left(3);
    return tree({root, job, node::pure_leaf(0), node::pure_leaf(1), node::mixed_leaf(0)},
                {0.75f, 0.25f}, {0b101});
}

tree_words words() {
    return {.features = {{"age", false, {}}, {"job", true, {"cook", "smith", "tailor"}}},
            .classes = labels(std::vector<std::string>{"high", "low"})};
}

tree numbers() {
    auto root = node::split(1, std::numeric_limits<double>::infinity(), false);
    root.set_left(1);
    return tree({root, node::leaf(-1.5), node::leaf(1e6)}, {}, {});
}

}  // namespace

TEST_CASE("a tree is written as text, with names and sets of categories") {
    CHECK(export_text(jobs(), words()) ==
          "|--- age <= 30.50\n"
          "|   |--- job in {cook, tailor}\n"
          "|   |   |--- class: low\n"
          "|   |--- job not in {cook, tailor}\n"
          "|   |   |--- class: high (high 0.75, low 0.25)\n"
          "|--- age >  30.50\n"
          "|   |--- class: high\n");
}

TEST_CASE("without names, features and classes are numbers") {
    auto const text = export_text(jobs());
    CHECK(text.find("|--- feature_0 <= 30.50\n") == 0);
    CHECK(text.find("feature_1 not in {0, 2}") != std::string::npos);
    CHECK(text.find("class: 0 (0 0.75, 1 0.25)") != std::string::npos);
}

TEST_CASE("where missing values go is said if asked for") {
    auto w = words();
    w.missing = true;
    auto const text = export_text(jobs(), w);
    CHECK(text.find("age <= 30.50\n") != std::string::npos);
    CHECK(text.find("age >  30.50 or missing\n") != std::string::npos);
    CHECK(text.find("job in {cook, tailor} or missing\n") != std::string::npos);
}

TEST_CASE("a split between values and missing ones is said as that") {
    CHECK(export_text(numbers(), {.digits = 1}) ==
          "|--- feature_1 is there\n"
          "|   |--- value: -1.5\n"
          "|--- feature_1 is missing\n"
          "|   |--- value: 1000000.0\n");
}

TEST_CASE("what lies too deep is summed up") {
    auto w = words();
    w.max_depth = 0;
    CHECK(export_text(jobs(), w) ==
          "|--- age <= 30.50\n"
          "|   |--- truncated branch of depth 1\n"
          "|--- age >  30.50\n"
          "|   |--- class: high\n");
}

TEST_CASE("a tree is written for Graphviz, quotes and backslashes escaped") {
    auto w = words();
    w.features[0].name = "\"age\"\\";
    CHECK(export_dot(jobs(), w) ==
          "digraph tree {\n"
          "    node [shape=box, fontname=\"helvetica\"];\n"
          "    0 [label=\"\\\"age\\\"\\\\ <= 30.50\"];\n"
          "    0 -> 1 [label=yes];\n"
          "    0 -> 2 [label=no];\n"
          "    1 [label=\"job in {cook, tailor}\"];\n"
          "    1 -> 3 [label=yes];\n"
          "    1 -> 4 [label=no];\n"
          "    3 [label=\"class: low\", style=rounded];\n"
          "    4 [label=\"class: high (high 0.75, low 0.25)\", style=rounded];\n"
          "    2 [label=\"class: high\", style=rounded];\n"
          "}\n");
}

TEST_CASE("words that are too few are an error with both numbers") {
    CHECK_THROWS_WITH_AS((void)export_text(jobs(), {.features = {{"age", false, {}}}}),
                         "export_text: features has 1 entries but the tree has feature 1",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)export_dot(jobs(), {.classes = labels(std::vector<std::int64_t>{3})}),
        "export_dot: classes has 1 entries but the tree has class 1", invalid_input);
}

TEST_CASE("a fitted tree has a line for each leaf and two for each split") {
    std::vector<double> x, y;
    for (int i = 0; i < 200; ++i) {
        x.push_back(i % 17);
        y.push_back(i % 17 * (i % 5));
    }
    auto const forest =
        random_forest_regressor{.n_estimators = 1}.fit(features_view(x.data(), 200, 1), y);
    auto const& t = forest.trees()[0];
    auto const text = export_text(t);
    CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) ==
          t.nodes().size() - 1 + t.n_leaves());
}
