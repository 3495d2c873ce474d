// SPDX-License-Identifier: BSD-3-Clause
#include "support/any_fits.hpp"
#include "support/estimator_checks.hpp"

#include <copse/meta/bagging.hpp>

#include <cmath>
#include <set>
#include <stop_token>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// Remembers what it was fitted on; knows nothing.
struct witness_model {
    labels classes_;
    matrix<float> x;
    std::vector<int> y;
    std::vector<double> weight;
    std::uint64_t seed = 0;

    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    [[nodiscard]] std::size_t n_features() const noexcept { return x.cols(); }
    template <backend B = sequential>
    [[nodiscard]] labels predict(features_view rows, B const& = {}) const {
        return classes_.at_codes(std::vector<std::size_t>(rows.rows()));
    }
    bool operator==(witness_model const&) const = default;
};

struct witness {
    std::uint64_t random_state = 0;
    std::vector<std::size_t> categorical_features{};

    template <backend B = sequential>
    [[nodiscard]] witness_model fit(features_view x, labels_view y, fit_options const& options,
                                    B const& = {}) const {
        witness_model out{
            encode(y).classes, matrix<float>(x.rows(), x.cols()), {}, {}, random_state};
        for (std::size_t i = 0; i < x.rows(); ++i) {
            for (std::size_t j = 0; j < x.cols(); ++j) out.x(i, j) = static_cast<float>(x(i, j));
            out.y.push_back(static_cast<int>(y[i].integer()));
            out.weight.push_back(options.sample_weight.empty() ? 1 : options.sample_weight[i]);
        }
        return out;
    }
    bool operator==(witness const&) const = default;
};

/// x(i, j) = i, except that column j of row 0 is 1000 j.
struct numbered {
    matrix<float> x;
    std::vector<int> y;
    numbered(std::size_t n, std::size_t d) : x(n, d) {
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < d; ++j) x(i, j) = static_cast<float>(i + 1000 * j);
            y.push_back(static_cast<int>(i % 2));
        }
    }
};

}  // namespace

TEST_CASE("bagging_classifier keeps the promises of a trainer") {
    random_forest_classifier const member{.n_estimators = 2, .bootstrap = false};
    SUBCASE("rows") {
        check_classifier(
            bagging_classifier<random_forest_classifier>{.trainer = member, .n_estimators = 4},
            {.trainer = "bagging_classifier",
             .model = "bagged_classifier",
             .weights_are_ratios = false,
             .goes_by_row_order = true});
    }
    SUBCASE("rows and columns, out of bag, of any type") {
        check_classifier(bagging_classifier<>{.trainer = member,
                                              .n_estimators = 6,
                                              .max_samples = sample_count::fraction(0.8),
                                              .max_features = feature_count::fraction(0.8),
                                              .oob_score = true},
                         {.trainer = "bagging_classifier",
                          .model = "bagged_classifier",
                          .exact_weights = false,
                          .free_intercept = false,
                          .least_right = 150,
                          .goes_by_row_order = true});
    }
}

TEST_CASE("bagging_regressor keeps the promises of a trainer") {
    check_regressor(
        bagging_regressor<random_forest_regressor>{
            .trainer = {.n_estimators = 2, .bootstrap = false}, .n_estimators = 5},
        {.trainer = "bagging_regressor",
         .model = "bagged_regressor",
         .weights_are_ratios = false,
         .goes_by_row_order = true});
}

TEST_CASE("balanced members draw as many rows of each class") {
    numbered set(200, 2);
    for (std::size_t i = 0; i < 200; ++i) set.y[i] = i % 10 == 0 ? 2 : static_cast<int>(i % 2);
    // 20 rows are of class 2, 80 of class 0 and 100 of class 1.
    auto const drawn = [&](bagging_classifier<witness> how) {
        how.n_estimators = 6;
        how.balanced = true;
        auto const model = how.fit(set.x, set.y, copse::tbb{.n_jobs = 3});
        CHECK(model == how.fit(set.x, set.y, sequential{}));
        std::vector<std::vector<double>> counts;
        for (auto const& member : model.members()) {
            auto& of_member = counts.emplace_back(3);
            for (std::size_t i = 0; i < member.model.y.size(); ++i)
                of_member[static_cast<std::size_t>(member.model.y[i])] += member.model.weight[i];
        }
        CHECK(model.members()[0] != model.members()[1]);
        return counts;
    };
    for (auto const& counts : drawn({})) CHECK(counts == std::vector<double>{20, 20, 20});
    for (auto const& counts : drawn({.bootstrap = false, .oob_score = true}))
        CHECK(counts == std::vector<double>{20, 20, 20});
    for (auto const& counts : drawn({.max_samples = sample_count::fraction(0.5)}))
        CHECK(counts == std::vector<double>{10, 10, 10});
}

TEST_CASE("a member sees each row it drew once, weighing as often as it was drawn") {
    numbered const set(200, 3);
    auto const model = bagging_classifier<witness>{.n_estimators = 20, .random_state = 5}.fit(
        set.x, set.y, copse::tbb{.n_jobs = 3});
    REQUIRE(model.members().size() == 20);
    double drawn_rows = 0;
    std::set<std::uint64_t> seeds;
    for (auto const& member : model.members()) {
        auto const& m = member.model;
        CHECK(member.columns.empty());
        seeds.insert(m.seed);
        double total = 0;
        for (std::size_t i = 0; i < m.x.rows(); ++i) {
            total += m.weight[i];
            CHECK(m.y[i] == static_cast<int>(m.x(i, 0)) % 2);
            if (i > 0) CHECK(m.x(i, 0) > m.x(i - 1, 0));
        }
        CHECK(total == 200);
        drawn_rows += static_cast<double>(m.x.rows());
    }
    CHECK(seeds.size() == 20);
    // 1 - 1/e of the rows, up to chance.
    CHECK(drawn_rows / (20 * 200) == doctest::Approx(0.632).epsilon(0.03));
}

TEST_CASE("without bootstrap a member draws max_samples different rows, and max_features columns") {
    numbered const set(100, 10);
    bagging_classifier<witness> const bagging{.trainer = {.categorical_features = {0, 4, 9}},
                                              .n_estimators = 15,
                                              .max_samples = 30,
                                              .max_features = 4,
                                              .bootstrap = false};
    auto const model = bagging.fit(set.x, set.y);
    std::set<std::size_t> columns;
    for (auto const& member : model.members()) {
        auto const& m = member.model;
        CHECK(m.x.rows() == 30);
        CHECK(m.x.cols() == 4);
        CHECK(m.weight == std::vector<double>(30, 1.0));
        REQUIRE(member.columns.size() == 4);
        columns.insert(member.columns.begin(), member.columns.end());
        for (std::size_t j = 0; j < 4; ++j) {
            // What it was given as column j is column columns[j] of x.
            CHECK(m.x(0, j) - m.x(0, 0) ==
                  static_cast<float>(1000 * (member.columns[j] - member.columns[0])));
            if (j > 0) CHECK(member.columns[j] > member.columns[j - 1]);
        }
        for (std::size_t i = 1; i < 30; ++i) CHECK(m.x(i, 0) > m.x(i - 1, 0));
    }
    CHECK(columns.size() == 10);
}

TEST_CASE("rows that weigh nothing are not drawn, and weights multiply") {
    numbered const set(50, 2);
    std::vector<double> weights(50);
    for (std::size_t i = 0; i < 50; ++i) weights[i] = i % 5 == 0 ? 0 : 0.5;
    auto const model = bagging_classifier<witness>{.n_estimators = 10}.fit(
        set.x, set.y, {.sample_weight = weights});
    for (auto const& member : model.members()) {
        double total = 0;
        for (std::size_t i = 0; i < member.model.x.rows(); ++i) {
            CHECK(static_cast<int>(member.model.x(i, 0)) % 5 != 0);
            total += member.model.weight[i];
        }
        CHECK(total == 20);
    }
}

TEST_CASE("all rows and columns are x itself") {
    auto const set = labelled_grid(80, 3, 5);
    logistic_regression const logistic{};
    auto const model =
        bagging_classifier<logistic_regression>{
            .trainer = logistic, .n_estimators = 2, .bootstrap = false}
            .fit(set.x, set.y);
    CHECK(model.members()[0].model == logistic.fit(set.x, set.y));
    CHECK(model.members()[1].model == model.members()[0].model);
    CHECK(model.predict_proba(set.x) == logistic.fit(set.x, set.y).predict_proba(set.x));
}

TEST_CASE("a row out of bag is judged by the members that did not draw it") {
    auto const set = labelled_grid(150, 4, 5);
    bagging_classifier<linear_svc> const bagging{
        .n_estimators = 12, .oob_score = true, .random_state = 3};
    auto const model = bagging.fit(set.x, set.y);
    REQUIRE(model.oob().has_value());
    // The same bags, watched.
    auto const watched = bagging_classifier<witness>{.n_estimators = 12, .random_state = 3}.fit(
        [&] {
            matrix<float> row_number(150, 4);
            for (std::size_t i = 0; i < 150; ++i) row_number(i, 0) = static_cast<float>(i);
            return row_number;
        }(),
        set.y);
    std::size_t right = 0;
    std::size_t asked = 0;
    for (std::size_t i = 0; i < 150; ++i) {
        std::vector<double> votes(3);
        double n_votes = 0;
        for (std::size_t k = 0; k < 12; ++k) {
            auto const& bag = watched.members()[k].model.x;
            bool in = false;
            for (std::size_t r = 0; r < bag.rows(); ++r)
                in = in || bag(r, 0) == static_cast<float>(i);
            if (in) continue;
            auto const said = model.members()[k].model.predict(rows_of(set.x, {i}));
            for (std::size_t c = 0; c < 3; ++c)
                if (said[0] == model.classes()[c]) votes[c] += 1;
            ++n_votes;
        }
        std::size_t best = 0;
        for (std::size_t c = 0; c < 3; ++c) {
            if (n_votes > 0)
                CHECK(model.oob()->prediction(i, c) == doctest::Approx(votes[c] / n_votes));
            if (votes[c] > votes[best]) best = c;
        }
        if (n_votes == 0) continue;
        ++asked;
        right += model.classes()[best] == label(set.y[i]) ? 1 : 0;
    }
    CHECK(model.oob()->score ==
          doctest::Approx(static_cast<double>(right) / static_cast<double>(asked)));
}

TEST_CASE("the mean of bagged regressors out of bag is near what new rows get") {
    auto const set = valued_grid(300, 4, 5);
    bagging_regressor<gradient_boosting_regressor> const bagging{
        .trainer = {.n_estimators = 30, .min_samples_leaf = 3},
        .n_estimators = 15,
        .oob_score = true};
    auto const model = bagging.fit(set.x, set.y);
    REQUIRE(model.oob().has_value());
    CHECK(model.oob()->prediction.size() == 300);
    auto const other = valued_grid(300, 4, 6);
    auto const answer = model.predict(other.x);
    double error = 0;
    double spread = 0;
    double mean = 0;
    for (auto const y : other.y) mean += y / 300;
    for (std::size_t i = 0; i < 300; ++i) {
        error += (other.y[i] - answer[i]) * (other.y[i] - answer[i]);
        spread += (other.y[i] - mean) * (other.y[i] - mean);
    }
    CHECK(model.oob()->score == doctest::Approx(1 - error / spread).epsilon(0.05));
}

TEST_CASE("a class that a sample lacks gets nothing from its member") {
    // One row of class 9: most bags lack it.
    auto set = labelled_grid(60, 3, 5);
    set.y[0] = 9;
    auto const model =
        bagging_classifier<logistic_regression>{.n_estimators = 10}.fit(set.x, set.y);
    std::size_t n_without = 0;
    for (auto const& m : model.members()) n_without += m.model.classes().size() == 3 ? 1 : 0;
    CHECK(n_without > 0);
    CHECK(n_without < 10);
    CHECK(model.classes() == std::vector<int>{-1, 5, 7, 9});
    auto const p = model.predict_proba(set.x);
    for (std::size_t i = 0; i < 60; ++i) {
        CHECK(p(i, 0) + p(i, 1) + p(i, 2) + p(i, 3) == doctest::Approx(1));
        CHECK(p(i, 3) <= 1 - static_cast<float>(n_without) / 10 + 1e-6f);
    }
}

TEST_CASE("bagging refuses what cannot be drawn") {
    numbered const set(20, 3);
    auto const refuses = [&](bagging_classifier<witness> const& bagging, char const* text) {
        CHECK_THROWS_WITH_AS((void)bagging.fit(set.x, set.y), text, invalid_input);
    };
    refuses({.n_estimators = 0},
            "bagging_classifier::fit: n_estimators is 0; it must be at least 1");
    refuses({.max_samples = 21}, "bagging_classifier::fit: max_samples is 21; it must be in 1..20");
    refuses({.max_features = 4},
            "bagging_classifier::fit: max_features is 4; it must be in 1..3, the columns of x");
    refuses({.bootstrap = false, .oob_score = true},
            "bagging_classifier::fit: oob_score needs rows that a member does not draw, but "
            "bootstrap is false and max_samples all 20 rows");
    std::stop_source source;
    source.request_stop();
    CHECK_THROWS_AS(
        (void)bagging_classifier<witness>{}.fit(set.x, set.y, {.stop = source.get_token()}),
        stopped);
}
