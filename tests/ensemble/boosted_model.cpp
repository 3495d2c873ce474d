// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <copse/inspection/export_dot.hpp>
#include <copse/inspection/export_text.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

struct fitted {
    matrix<float> x;
    boosted_classifier three;
    boosted_classifier two;
    boosted_regressor numbers;
};

/// On 700 rows, so that prediction has several blocks, with missing cells.
fitted const& models() {
    static auto const made = [] {
        auto [x, labels] = labelled_grid(700, 4, 3);
        auto const y = targets_of(x, 3);
        auto two = labels;
        for (auto& label : two) label = label == 7 ? 1 : 0;
        for (std::size_t i = 0; i < 700; i += 3) x(i, 3) = missing;
        gradient_boosting_classifier const recipe{.n_estimators = 12, .max_leaf_nodes = 8};
        return fitted{
            x, recipe.fit(x, labels), recipe.fit(x, two),
            gradient_boosting_regressor{.n_estimators = 12, .loss = poisson_loss{}}.fit(x, y)};
    }();
    return made;
}

template <class Model>
void check_stages(Model const& model, matrix<float> const& x) {
    std::size_t n_rounds = 0;
    model.staged_raw(x, [&](std::size_t round, matrix<double> const& raw) {
        CHECK(round == ++n_rounds);
        CHECK(raw == model.first_rounds(round).predict_raw(x, sequential{}));
    });
    CHECK(n_rounds == model.n_rounds());
    CHECK(model.first_rounds(n_rounds) == model);
    CHECK(model.first_rounds(n_rounds + 5) == model);
    auto const none = model.first_rounds(0);
    CHECK(none.n_rounds() == 0);
    CHECK(none.predict_raw(x)(7, 0) == model.parts().initial_raw[0]);
}

template <class Model>
void check_apply(Model const& model, matrix<float> const& x) {
    auto const leaves = model.apply(x);
    REQUIRE(leaves.cols() == model.trees().size());
    auto const raw = model.predict_raw(x);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        std::vector<double> sums = model.parts().initial_raw;
        for (std::size_t t = 0; t < leaves.cols(); ++t) {
            auto const& leaf = model.trees()[t].nodes()[leaves(i, t)];
            REQUIRE(leaf.is_leaf());
            sums[t % sums.size()] += leaf.value();
        }
        CHECK(std::ranges::equal(sums, raw.row(i)));
    }
}

}  // namespace

TEST_CASE("staged raw scores are those of the first rounds") {
    check_stages(models().three, models().x);
    check_stages(models().two, models().x);
    check_stages(models().numbers, models().x);
}

TEST_CASE("raw scores are sums of the values of the leaves that apply names") {
    check_apply(models().three, models().x);
    check_apply(models().two, models().x);
    check_apply(models().numbers, models().x);
}

TEST_CASE("one row at a time gives the same bits as all at once") {
    auto const& [x, three, two, numbers] = models();
    auto const of_three = three.predict_proba(x);
    auto const of_two = two.predict_proba(x);
    auto const values = numbers.predict(x);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        std::span<float const> const row = x.row(i);
        std::vector<float> p(3);
        three.predict_proba(row, std::span(p));
        CHECK(std::ranges::equal(p, of_three.row(i)));
        p.resize(2);
        two.predict_proba(row, std::span(p));
        CHECK(std::ranges::equal(p, of_two.row(i)));
        CHECK(numbers.predict(row) == values[i]);
    }
}

TEST_CASE("decision_function is predict_raw, and its sign or its greatest is the prediction") {
    auto const& [x, three, two, numbers] = models();
    CHECK(three.decision_function(x) == three.predict_raw(x));
    auto const odds = two.decision_function(x);
    auto const scores = three.decision_function(x);
    auto const of_two = two.predict(x);
    auto const of_three = three.predict(x);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        CHECK(of_two[i] == (odds(i, 0) > 0 ? 1 : 0));
        auto const best = std::ranges::max_element(scores.row(i)) - scores.row(i).begin();
        CHECK(of_three[i] == three.classes()[static_cast<std::size_t>(best)]);
    }
    CHECK_THROWS_WITH_AS((void)two.decision_function(matrix<float>(1, 5)),
                         "boosted_classifier::decision_function: x has 5 columns but the model was "
                         "fitted on 4",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)numbers.apply(matrix<float>(1, 5)),
                         "boosted_regressor::apply: x has 5 columns but the model was fitted on 4",
                         invalid_input);
}

TEST_CASE("importances: shares of gain, of splits, and of rows parted") {
    auto const& model = models().three;
    std::vector<double> splits(4);
    for (auto const& t : model.trees()) {
        for (auto const& n : t.nodes()) {
            if (!n.is_leaf()) splits[n.feature()] += 1;
        }
    }
    CHECK(model.parts().splits == splits);
    for (auto const what : {importance::gain, importance::split, importance::cover}) {
        auto const shares = model.feature_importances(what);
        CHECK(std::accumulate(shares.begin(), shares.end(), 0.0) == doctest::Approx(1));
        CHECK(shares.size() == 4);
    }
    CHECK(model.feature_importances() == model.feature_importances(importance::gain));
    auto const by_split = model.feature_importances(importance::split);
    CHECK(by_split[0] ==
          doctest::Approx(splits[0] / std::accumulate(splits.begin(), splits.end(), 0.0)));

    auto const flat =
        gradient_boosting_regressor{}.fit(matrix<float>(30, 2, 1.0f), std::vector<double>(30, 4));
    CHECK(flat.feature_importances() == column<double>{0, 0});
}

TEST_CASE("a boosted tree is written as text and drawn like any other") {
    matrix<float> x(4, 1);
    for (std::size_t i = 0; i < 4; ++i) x(i, 0) = static_cast<float>(i);
    auto const model =
        gradient_boosting_regressor{.n_estimators = 1, .learning_rate = 0.5, .min_samples_leaf = 2}
            .fit(x, std::vector<double>{1, 1, 5, 9});
    CHECK(export_text(model.trees()[0], {.features = {{"age", false, {}}}}) ==
          "|--- age <= 1.50\n"
          "|   |--- value: -1.50\n"
          "|--- age >  1.50\n"
          "|   |--- value: 1.50\n");
    auto const dot = export_dot(model.trees()[0]);
    CHECK(dot.find("label=\"feature_0 <= 1.50\"") != std::string::npos);
    CHECK(dot.find("label=\"value: -1.50\"") != std::string::npos);
    // Of several classes, each tree speaks for one: its values are raw scores.
    CHECK(export_text(models().three.trees()[2]).find("class") == std::string::npos);
}

TEST_CASE("what a model occupies grows with its trees") {
    auto const& model = models().three;
    CHECK(model.n_bytes() > model.first_rounds(6).n_bytes());
    CHECK(model.first_rounds(6).n_bytes() > sizeof(boosted_classifier));
}
