// SPDX-License-Identifier: BSD-3-Clause
#include <copse/metrics/curves.hpp>

#include "data.hpp"

#include <cmath>
#include <string>
#include <vector>

using namespace copse;
using test::check_near;
namespace ref = reference;

TEST_CASE("the ROC curve by hand") {
    // Above 0.9: one of two positives. At 0.5 a positive and a negative tie. At 0.1 the rest.
    std::vector<int> const y{1, 1, 0, 0};
    std::vector<double> const s{0.9, 0.5, 0.5, 0.1};
    auto const roc = metrics::roc_curve(y, s);
    CHECK(roc.fpr == std::vector<double>{0, 0, 0.5, 1});
    CHECK(roc.tpr == std::vector<double>{0, 0.5, 1, 1});
    CHECK(roc.thresholds == std::vector<double>{ref::infinity, 0.9, 0.5, 0.1});
    CHECK(metrics::auc(roc.fpr, roc.tpr) == 0.875);
}

TEST_CASE("the precision-recall curve by hand") {
    std::vector<int> const y{1, 1, 0, 0};
    std::vector<double> const s{0.9, 0.5, 0.5, 0.1};
    auto const pr = metrics::precision_recall_curve(y, s);
    check_near(pr.precision, {0.5, 2.0 / 3, 1, 1});
    CHECK(pr.recall == std::vector<double>{1, 1, 0.5, 0});
    CHECK(pr.thresholds == std::vector<double>{0.1, 0.5, 0.9});
}

TEST_CASE("the ROC curve agrees with scikit-learn, point for point") {
    auto const check = [](metrics::roc_points const& roc, auto const& fpr, auto const& tpr,
                          auto const& thresholds) {
        check_near(roc.fpr, fpr);
        check_near(roc.tpr, tpr);
        CHECK(roc.thresholds == thresholds);
    };
    auto const& w = ref::weights;
    metrics::roc_curve_options const whole{.drop_intermediate = false};
    check(metrics::roc_curve(ref::y2, ref::s2), ref::two_roc_fpr_thin, ref::two_roc_tpr_thin,
          ref::two_roc_thresholds_thin);
    check(metrics::roc_curve(ref::y2, ref::s2, w), ref::two_roc_fpr_thin_w, ref::two_roc_tpr_thin_w,
          ref::two_roc_thresholds_thin_w);
    check(metrics::roc_curve(ref::y2, ref::s2, {}, whole), ref::two_roc_fpr, ref::two_roc_tpr,
          ref::two_roc_thresholds);
    check(metrics::roc_curve(ref::y2, ref::s2, w, whole), ref::two_roc_fpr_w, ref::two_roc_tpr_w,
          ref::two_roc_thresholds_w);
    check(metrics::roc_curve(ref::t2, ref::s2, w, {.pos_label = "fraud"}),
          ref::text_fraud_roc_fpr_thin_w, ref::text_fraud_roc_tpr_thin_w,
          ref::text_fraud_roc_thresholds_thin_w);
}

TEST_CASE("the precision-recall curve agrees with scikit-learn, point for point") {
    auto const check = [](metrics::precision_recall_points const& pr, auto const& precision,
                          auto const& recall, auto const& thresholds) {
        check_near(pr.precision, precision);
        check_near(pr.recall, recall);
        CHECK(pr.thresholds == thresholds);
    };
    auto const& w = ref::weights;
    metrics::precision_recall_curve_options const thin{.drop_intermediate = true};
    using metrics::precision_recall_curve;
    check(precision_recall_curve(ref::y2, ref::s2), ref::two_pr_precision, ref::two_pr_recall,
          ref::two_pr_thresholds);
    check(precision_recall_curve(ref::y2, ref::s2, w), ref::two_pr_precision_w,
          ref::two_pr_recall_w, ref::two_pr_thresholds_w);
    check(precision_recall_curve(ref::y2, ref::s2, {}, thin), ref::two_pr_precision_thin,
          ref::two_pr_recall_thin, ref::two_pr_thresholds_thin);
    check(precision_recall_curve(ref::y2, ref::s2, w, thin), ref::two_pr_precision_thin_w,
          ref::two_pr_recall_thin_w, ref::two_pr_thresholds_thin_w);
    check(precision_recall_curve(ref::t2, ref::s2, w, {.pos_label = "fraud"}),
          ref::text_fraud_pr_precision_w, ref::text_fraud_pr_recall_w,
          ref::text_fraud_pr_thresholds_w);
}

TEST_CASE("curves take weight 2 for the row twice, and rows in any order") {
    auto const roc = metrics::roc_curve(ref::y2, ref::s2);
    auto const pr = metrics::precision_recall_curve(ref::y2, ref::s2);
    CHECK(metrics::roc_curve(test::shuffled(ref::y2), test::shuffled(ref::s2)) == roc);
    CHECK(metrics::precision_recall_curve(test::shuffled(ref::y2), test::shuffled(ref::s2)) == pr);
    auto const w = test::one_two_none(60);
    auto const y = test::repeated(ref::y2);
    auto const s = test::repeated(ref::s2);
    CHECK(metrics::roc_curve(ref::y2, ref::s2, w) == metrics::roc_curve(y, s));
    CHECK(metrics::precision_recall_curve(ref::y2, ref::s2, w) ==
          metrics::precision_recall_curve(y, s));
}

TEST_CASE("auc is the trapezoidal rule, in either direction") {
    std::vector<double> const x{0, 1, 1, 3};
    std::vector<double> const y{0, 2, 4, 4};
    CHECK(metrics::auc(x, y) == 9);  // 1 + 0 + 8
    CHECK(metrics::auc(std::vector<double>{3, 1, 0}, std::vector<double>{4, 4, 0}) == 10);
    CHECK(metrics::auc(std::vector<double>{2, 2}, std::vector<double>{0, 1}) == 0);
}

TEST_CASE("curves say what is wrong with their arguments") {
    std::vector<int> const y{0, 1, 1};
    std::vector<double> const s{0.1, 0.2, 0.3};
    CHECK_THROWS_WITH_AS((void)metrics::roc_curve(y, std::vector<double>{0.1, 0.2}),
                         "roc_curve: y_score has 2 scores but y_true has 3", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::roc_curve(y, std::vector<double>{0.1, 0.2, -std::nan("")}),
                         "roc_curve: y_score is NaN at row 2", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::roc_curve(std::vector<int>{0, 1, 2}, s),
                         "roc_curve: y_true has 3 classes; one number for each row tells 2 apart",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::roc_curve(y, s, {}, {.pos_label = 5}),
                         "roc_curve: the positive rows of y_true weigh 0; it must be more",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::roc_curve(y, s, std::vector<double>{0, 1, 1}),
                         "roc_curve: the negative rows of y_true weigh 0; it must be more",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::precision_recall_curve(y, s, std::vector<double>{1, 0, 0}),
        "precision_recall_curve: the positive rows of y_true weigh 0; it must be more",
        invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::auc(s, std::vector<double>{1}),
                         "auc: x has 3 points but y has 1", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::auc(std::vector<double>{1}, std::vector<double>{1}),
                         "auc: there are 1 points; at least 2 are needed", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::auc(std::vector<double>{1, 2, 1.5}, s),
                         "auc: x turns from 2 to 1.5 at point 2; it must increase or decrease",
                         invalid_input);
}
