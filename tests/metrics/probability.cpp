// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/matrix.hpp>
#include <copse/metrics/probability.hpp>

#include "data.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace copse;
using test::near;
namespace ref = reference;

namespace {

labels const two(std::vector<std::int64_t>{0, 1});
labels const four(std::vector<std::int64_t>{-3, 0, 5, 12});

features_view probabilities(std::vector<double> const& p, std::size_t n_classes) {
    return {p.data(), p.size() / n_classes, n_classes};
}

/// The columns 1 - p and p.
matrix<double> both_columns(std::vector<double> const& p) {
    matrix<double> out(p.size(), 2);
    for (std::size_t i = 0; i < p.size(); ++i) {
        out(i, 0) = 1 - p[i];
        out(i, 1) = p[i];
    }
    return out;
}

}  // namespace

TEST_CASE("log loss is the mean of -log of the true class's probability") {
    matrix<float> p(2, 2, 0.5f);
    p(1, 0) = 0.25f;
    p(1, 1) = 0.75f;
    std::vector<int> const y{0, 1};
    CHECK(metrics::log_loss(y, p, two) == near(-(std::log(0.5) + std::log(0.75)) / 2));
    // three times -log 0.5 and once -log 0.75
    CHECK(metrics::log_loss(y, p, two, std::vector<int>{3, 1}) ==
          near(-(3 * std::log(0.5) + std::log(0.75)) / 4));
    CHECK(metrics::log_loss(std::vector<int>{0, 1}, std::vector<double>{0.5, 0.75}) ==
          near(-(std::log(0.5) + std::log(0.75)) / 2));
}

TEST_CASE("log loss clips by the machine epsilon of the probabilities") {
    std::vector<int> const y{0};
    matrix<float> f(1, 2);
    f(0, 1) = 1;
    matrix<double> d(1, 2);
    d(0, 1) = 1;
    CHECK(metrics::log_loss(y, f, two) == near(23 * std::log(2.0)));
    CHECK(metrics::log_loss(y, d, two) == near(52 * std::log(2.0)));
}

TEST_CASE("the Brier score is halved for two classes") {
    std::vector<int> const y{0, 1};
    std::vector<double> const p{0.5, 0.75};
    CHECK(metrics::brier_score(y, p) == (0.25 + 0.0625) / 2);
    CHECK(metrics::brier_score(y, both_columns(p), two) == (0.25 + 0.0625) / 2);
    matrix<double> uniform(1, 4, 0.25);
    // (3/4)^2 + 3 (1/4)^2
    CHECK(metrics::brier_score(std::vector<int>{5}, uniform, four) == 0.75);
}

TEST_CASE("log loss and the Brier score agree with scikit-learn") {
    auto const& w = ref::weights;
    auto const q4 = probabilities(ref::q4, 4);
    auto const q2 = both_columns(ref::q2);
    CHECK(metrics::log_loss(ref::y2, ref::q2) == near(ref::two_log_loss));
    CHECK(metrics::log_loss(ref::y2, ref::q2, w) == near(ref::two_log_loss_w));
    CHECK(metrics::log_loss(ref::y2, q2, two, w) == near(ref::two_log_loss_w));
    CHECK(metrics::log_loss(ref::y4, q4, four) == near(ref::four_log_loss));
    CHECK(metrics::log_loss(ref::y4, q4, four, w) == near(ref::four_log_loss_w));
    CHECK(metrics::brier_score(ref::y2, ref::q2) == near(ref::two_brier));
    CHECK(metrics::brier_score(ref::y2, ref::q2, w) == near(ref::two_brier_w));
    CHECK(metrics::brier_score(ref::y2, q2, two, w) == near(ref::two_brier_w));
    CHECK(metrics::brier_score(ref::y4, q4, four) == near(ref::four_brier));
    CHECK(metrics::brier_score(ref::y4, q4, four, w) == near(ref::four_brier_w));

    matrix<float> q4_float(60, 4);
    for (std::size_t i = 0; i < ref::q4.size(); ++i) {
        q4_float.data()[i] = static_cast<float>(ref::q4[i]);
    }
    // scikit-learn takes the logarithms in float
    CHECK(metrics::log_loss(ref::y4, q4_float, four) ==
          doctest::Approx(ref::four_log_loss_float).epsilon(1e-6));
}

TEST_CASE_TEMPLATE("a probability metric takes weight 2 for the row twice, and rows in any order",
                   Metric, metrics::log_loss_metric, metrics::brier_score_metric) {
    Metric const metric{};
    auto const twice = test::repeated(ref::q4, 4);
    auto const mixed = test::shuffled(ref::q4, 4);
    auto const q4 = probabilities(ref::q4, 4);
    CHECK(metric(ref::y4, q4, four, test::one_two_none(60)) ==
          near(metric(test::repeated(ref::y4), probabilities(twice, 4), four)));
    CHECK(metric(test::shuffled(ref::y4), probabilities(mixed, 4), four) ==
          doctest::Approx(metric(ref::y4, q4, four)).epsilon(1e-15));
}

TEST_CASE("a column-major view scores like its copy") {
    std::vector<double> turned(240);
    for (std::size_t i = 0; i < 240; ++i) turned[(i % 4) * 60 + i / 4] = ref::q4[i];
    CHECK(metrics::log_loss(ref::y4, features_view::column_major(turned.data(), 60, 4), four) ==
          metrics::log_loss(ref::y4, probabilities(ref::q4, 4), four));
}

TEST_CASE("probability metrics say what is wrong with their arguments") {
    std::vector<int> const y{0, 1, 1};
    matrix<double> p(3, 2, 0.5);
    auto const message = [&](auto const& truth, labels const& classes) {
        try {
            (void)metrics::log_loss(truth, p, classes);
        } catch (invalid_input const& e) {
            return std::string(e.what());
        }
        return std::string("nothing was thrown");
    };
    CHECK(message(std::vector<int>{0, 1}, two) == "log_loss: y_proba has 3 rows but y_true has 2");
    CHECK(message(y, four) == "log_loss: y_proba has 2 columns but there are 4 classes");
    CHECK(message(std::vector<int>{0, 1, 7}, two) ==
          "log_loss: y_true is 7 at row 2, which is none of the 2 classes");
    CHECK(message(std::vector<std::string>{"0", "1", "1"}, two) ==
          "log_loss: y_true holds text but the classes are integers");
    CHECK(message(y, labels(std::vector<std::int64_t>{1, 0})) ==
          "log_loss: classes has 1 before 0; they must increase");
    p(1, 0) = 0.75;
    CHECK(message(y, two) == "log_loss: row 1 of y_proba sums to 1.25; probabilities sum to 1");
    p(1, 0) = -0.5;
    CHECK(message(y, two) == "log_loss: y_proba is -0.5 at row 1; it must be in [0, 1]");
    p(1, 0) = std::nan("");
    CHECK(message(y, two) == "log_loss: y_proba is NaN at row 1; it must be in [0, 1]");

    CHECK_THROWS_WITH_AS((void)metrics::log_loss(std::vector<int>{3, 3}, matrix<double>(2, 1, 1.0),
                                                 labels(std::vector<std::int64_t>{3})),
                         "log_loss: there is 1 class; at least 2 are needed", invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::brier_score(std::vector<int>{3, 3}, std::vector<double>{0.1, 0.2}),
        "brier_score: y_true has 1 class; one number for each row tells 2 apart", invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::brier_score(std::vector<int>{3, 4}, std::vector<double>{0.1, 1.5}),
        "brier_score: y_proba is 1.5 at row 1; it must be in [0, 1]", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::brier_score(y, std::vector<double>{0.1}),
                         "brier_score: y_proba has 1 values but y_true has 3", invalid_input);
}
