// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/matrix.hpp>
#include <copse/metrics/ranking.hpp>

#include "data.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

using namespace copse;
using metrics::average;
using metrics::multi_class;
using test::near;
namespace ref = reference;

namespace {

labels const two(std::vector<std::int64_t>{0, 1});
labels const four(std::vector<std::int64_t>{-3, 0, 5, 12});

features_view probabilities(std::vector<double> const& p, std::size_t n_classes) {
    return {p.data(), p.size() / n_classes, n_classes};
}

}  // namespace

TEST_CASE("roc_auc is the part of the pairs in order, ties being half") {
    // pairs: (0.9, 0.5) (0.9, 0.1) (0.5, 0.1) in order, (0.5, 0.5) tied: 3.5 of 4
    std::vector<int> const y{1, 1, 0, 0};
    CHECK(metrics::roc_auc(y, std::vector<double>{0.9, 0.5, 0.5, 0.1}) == 0.875);
    // weights 1 3 | 1 2: in order 1 * 1 + 1 * 2 + 3 * 2, tied 3 * 1; of 4 * 3
    CHECK(metrics::roc_auc(y, std::vector<double>{0.9, 0.5, 0.5, 0.1},
                           std::vector<double>{1, 3, 1, 2}) == 10.5 / 12);
    CHECK(metrics::roc_auc(y, std::vector<int>{3, 3, 3, 3}) == 0.5);
    CHECK(metrics::roc_auc(y, std::vector<double>{ref::infinity, 0, -1, -ref::infinity}) == 1);
}

TEST_CASE("average precision by hand") {
    // At 0.9: recall 1/2, precision 1. At 0.5: recall 1, precision 2/3.
    std::vector<int> const y{1, 1, 0, 0};
    std::vector<double> const s{0.9, 0.5, 0.5, 0.1};
    CHECK(metrics::average_precision(y, s) == near(0.5 + 0.5 * 2 / 3));
}

TEST_CASE("turning the scores round turns roc_auc round") {
    auto turned = ref::s2;
    for (auto& s : turned) s = 1 - s;  // exact: sixteenths
    CHECK(metrics::roc_auc(ref::y2, turned) == near(1 - metrics::roc_auc(ref::y2, ref::s2)));
    CHECK(metrics::roc_auc(ref::y2, turned, ref::weights) ==
          near(1 - metrics::roc_auc(ref::y2, ref::s2, ref::weights)));
}

TEST_CASE("roc_auc is the area below the ROC curve") {
    auto const roc = metrics::roc_curve(ref::y2, ref::s2, ref::weights);
    CHECK(metrics::auc(roc.fpr, roc.tpr) == near(metrics::roc_auc(ref::y2, ref::s2, ref::weights)));
}

TEST_CASE("roc_auc and average precision of two classes agree with scikit-learn") {
    auto const& w = ref::weights;
    CHECK(metrics::roc_auc(ref::y2, ref::s2) == near(ref::two_roc_auc));
    CHECK(metrics::roc_auc(ref::y2, ref::s2, w) == near(ref::two_roc_auc_w));
    CHECK(metrics::average_precision(ref::y2, ref::s2) == near(ref::two_average_precision));
    CHECK(metrics::average_precision(ref::y2, ref::s2, w) == near(ref::two_average_precision_w));
    CHECK(metrics::average_precision_metric{.pos_label = "fraud"}(ref::t2, ref::s2, w) ==
          near(ref::text_fraud_average_precision_w));
}

TEST_CASE("probabilities of two classes rank by those of the greater") {
    matrix<double> p(60, 2);
    for (std::size_t i = 0; i < 60; ++i) {
        p(i, 1) = ref::q2[i];
        p(i, 0) = 1 - ref::q2[i];
    }
    auto const& [y, w] = std::tie(ref::y2, ref::weights);
    CHECK(metrics::roc_auc(y, p, two, w) == metrics::roc_auc(y, ref::q2, w));
    CHECK(metrics::average_precision(y, p, two) == metrics::average_precision(y, ref::q2));
    std::vector<double> first;
    for (std::size_t i = 0; i < 60; ++i) first.push_back(p(i, 0));
    metrics::average_precision_metric const of_zero{.pos_label = 0};
    CHECK(of_zero(y, p, two) == of_zero(y, first));
}

TEST_CASE("roc_auc and average precision of four classes agree with scikit-learn") {
    auto const q4 = probabilities(ref::q4, 4);
    auto const& w = ref::weights;
    CHECK(metrics::roc_auc(ref::y4, q4, four) == near(ref::four_roc_auc_ovr_macro));
    CHECK(metrics::roc_auc(ref::y4, q4, four, w) == near(ref::four_roc_auc_ovr_macro_w));
    metrics::roc_auc_metric const ovr_weighted{.average = average::weighted};
    CHECK(ovr_weighted(ref::y4, q4, four) == near(ref::four_roc_auc_ovr_weighted));
    CHECK(ovr_weighted(ref::y4, q4, four, w) == near(ref::four_roc_auc_ovr_weighted_w));
    CHECK(metrics::roc_auc_metric{.multi_class = multi_class::ovo}(ref::y4, q4, four) ==
          near(ref::four_roc_auc_ovo_macro));
    CHECK(metrics::roc_auc_metric{.multi_class = multi_class::ovo, .average = average::weighted}(
              ref::y4, q4, four) == near(ref::four_roc_auc_ovo_weighted));
    CHECK(metrics::average_precision(ref::y4, q4, four) == near(ref::four_average_precision_macro));
    metrics::average_precision_metric const weighted{.average = average::weighted};
    CHECK(weighted(ref::y4, q4, four) == near(ref::four_average_precision_weighted));
    CHECK(weighted(ref::y4, q4, four, w) == near(ref::four_average_precision_weighted_w));
}

TEST_CASE("ranking metrics take weight 2 for the row twice, and rows in any order") {
    auto const check = [](auto const& metric) {
        auto const twice = test::repeated(ref::q4, 4);
        auto const mixed = test::shuffled(ref::q4, 4);
        auto const q4 = probabilities(ref::q4, 4);
        CHECK(metric(ref::y4, q4, four, test::one_two_none(60)) ==
              near(metric(test::repeated(ref::y4), probabilities(twice, 4), four)));
        CHECK(metric(test::shuffled(ref::y4), probabilities(mixed, 4), four) ==
              metric(ref::y4, q4, four));
        CHECK(metric(ref::y2, ref::s2, test::one_two_none(60)) ==
              near(metric(test::repeated(ref::y2), test::repeated(ref::s2))));
        CHECK(metric(test::shuffled(ref::y2), test::shuffled(ref::s2)) == metric(ref::y2, ref::s2));
    };
    for (auto const how : {average::macro, average::weighted}) {
        check(metrics::roc_auc_metric{.average = how});
        check(metrics::roc_auc_metric{.multi_class = multi_class::ovo, .average = how});
        check(metrics::average_precision_metric{.average = how});
    }
}

TEST_CASE("weights that are no fractions of 2 do not depend on the order of tied rows") {
    std::vector<double> w(60);
    for (std::size_t i = 0; i < 60; ++i) w[i] = 0.1 * static_cast<double>(1 + i % 7);
    CHECK(metrics::roc_auc(test::shuffled(ref::y2), test::shuffled(ref::s2), test::shuffled(w)) ==
          metrics::roc_auc(ref::y2, ref::s2, w));
}

TEST_CASE("ranking metrics say what is wrong with their arguments") {
    std::vector<int> const y{0, 1, 1};
    std::vector<double> const s{0.1, 0.2, 0.3};
    CHECK_THROWS_WITH_AS((void)metrics::roc_auc(y, std::vector<double>{0.1}),
                         "roc_auc: y_score has 1 scores but y_true has 3", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::roc_auc(std::vector<int>{1, 1, 1}, s),
                         "roc_auc: y_true has 1 class; one number for each row tells 2 apart",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::roc_auc(y, std::vector<double>{0.1, std::nan(""), 1}),
                         "roc_auc: y_score is NaN at row 1", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::roc_auc(y, s, std::vector<double>{0, 1, 2}),
                         "roc_auc: the negative rows of y_true weigh 0; it must be more",
                         invalid_input);
    matrix<float> const p(3, 4, 0.25f);
    CHECK_THROWS_WITH_AS((void)metrics::roc_auc(std::vector<int>{-3, 0, 5}, p, four),
                         "roc_auc: class 12 has no rows in y_true; each of the 4 must",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::roc_auc_metric{.average = average::micro}(y, p, four),
                         "roc_auc: there are 4 classes; average must be macro or weighted",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::average_precision_metric{.pos_label = 5}(y, p, four),
        "average_precision: pos_label is 5 but there are 4 classes; it chooses one of 2",
        invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::average_precision_metric{.pos_label = 5}(y, matrix<float>(3, 2, 0.5f), two),
        "average_precision: pos_label is 5 but the classes are 0 and 1", invalid_input);
}
