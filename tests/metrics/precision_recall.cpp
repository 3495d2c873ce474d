// SPDX-License-Identifier: BSD-3-Clause
#include <copse/metrics/precision_recall.hpp>

#include "data.hpp"

#include <limits>
#include <string>
#include <tuple>
#include <vector>

using namespace copse;
using metrics::average;
using test::check_near;
using test::near;
namespace ref = reference;

TEST_CASE("precision, recall and F of the greater class, by hand") {
    // class 1: TP 2, FP 1, FN 2
    std::vector<int> const y{1, 1, 1, 1, 0, 0};
    std::vector<int> const p{1, 1, 0, 0, 1, 0};
    CHECK(metrics::precision(y, p) == near(2.0 / 3));
    CHECK(metrics::recall(y, p) == 0.5);
    CHECK(metrics::f1(y, p) == near(4.0 / 7));
    CHECK(metrics::f_beta{.beta = 2}(y, p) == near(10.0 / 19));  // 5 * 2 / (5 * 2 + 4 * 2 + 1)
    CHECK(metrics::f_beta{.beta = 0}(y, p) == metrics::precision(y, p));
    CHECK(metrics::f_beta{.beta = ref::infinity}(y, p) == metrics::recall(y, p));
    CHECK(metrics::f_beta{.beta = 1e160}(y, p) == metrics::recall(y, p));
    // class 0: TP 1, FP 2, FN 1
    CHECK(metrics::precision_metric{.pos_label = 0}(y, p) == near(1.0 / 3));
    CHECK(metrics::recall_metric{.average = average::macro}(y, p) == 0.5);
}

TEST_CASE("0 / 0 is 0") {
    std::vector<int> const none{0, 0};
    std::vector<int> const y{0, 1};
    CHECK(metrics::precision(y, none) == 0);
    CHECK(metrics::recall(none, y) == 0);
    CHECK(metrics::f1_metric{.pos_label = 1}(none, none) == 0);
}

TEST_CASE("averaged precision, recall and F agree with scikit-learn") {
    auto const check = [](auto const& y, auto const& p, average how, values_view w,
                          double precision, double recall, double f1, double f_half) {
        CHECK(metrics::precision_metric{.average = how}(y, p, w) == near(precision));
        CHECK(metrics::recall_metric{.average = how}(y, p, w) == near(recall));
        CHECK(metrics::f1_metric{.average = how}(y, p, w) == near(f1));
        CHECK(metrics::f_beta{.beta = 0.5, .average = how}(y, p, w) == near(f_half));
    };
    auto const& w = ref::weights;
    check(ref::y2, ref::p2, average::binary, {}, ref::two_binary_precision, ref::two_binary_recall,
          ref::two_binary_f1, ref::two_binary_f_half);
    check(ref::y2, ref::p2, average::binary, w, ref::two_binary_precision_w,
          ref::two_binary_recall_w, ref::two_binary_f1_w, ref::two_binary_f_half_w);
    check(ref::y4, ref::p4, average::macro, {}, ref::four_macro_precision, ref::four_macro_recall,
          ref::four_macro_f1, ref::four_macro_f_half);
    check(ref::y4, ref::p4, average::macro, w, ref::four_macro_precision_w,
          ref::four_macro_recall_w, ref::four_macro_f1_w, ref::four_macro_f_half_w);
    check(ref::y4, ref::p4, average::micro, {}, ref::four_micro_precision, ref::four_micro_recall,
          ref::four_micro_f1, ref::four_micro_f_half);
    check(ref::y4, ref::p4, average::micro, w, ref::four_micro_precision_w,
          ref::four_micro_recall_w, ref::four_micro_f1_w, ref::four_micro_f_half_w);
    check(ref::y4, ref::p4, average::weighted, {}, ref::four_weighted_precision,
          ref::four_weighted_recall, ref::four_weighted_f1, ref::four_weighted_f_half);
    check(ref::y4, ref::p4, average::weighted, w, ref::four_weighted_precision_w,
          ref::four_weighted_recall_w, ref::four_weighted_f1_w, ref::four_weighted_f_half_w);
    check(ref::t2, ref::u2, average::weighted, w, ref::text_weighted_precision_w,
          ref::text_weighted_recall_w, ref::text_weighted_f1_w, ref::text_weighted_f_half_w);
}

TEST_CASE("any label can be the positive one") {
    auto const& [y, p, w] = std::tie(ref::t2, ref::u2, ref::weights);
    CHECK(metrics::precision_metric{.pos_label = "fraud"}(y, p) == near(ref::text_fraud_precision));
    CHECK(metrics::recall_metric{.pos_label = "fraud"}(y, p, w) == near(ref::text_fraud_recall_w));
    CHECK(metrics::f1_metric{.pos_label = "fraud"}(y, p, w) == near(ref::text_fraud_f1_w));
    CHECK(metrics::f1_metric{.pos_label = "legit"}(y, p) == near(ref::text_legit_f1));
    CHECK(metrics::f1(y, p) == near(ref::text_legit_f1));
    CHECK(metrics::f_beta{.beta = 0.5, .pos_label = "fraud"}(y, p) == near(ref::text_fraud_f_half));
}

TEST_CASE("scores of each class agree with scikit-learn") {
    auto const each = metrics::precision.per_class(ref::y4, ref::p4);
    CHECK(each.classes == std::vector<int>{-3, 0, 5, 12});
    check_near(each.scores, ref::four_each_precision);
    check_near(metrics::recall.per_class(ref::y4, ref::p4, ref::weights).scores,
               ref::four_each_recall_w);
    check_near(metrics::f_beta{.beta = 2}.per_class(ref::y4, ref::p4).scores, ref::four_each_f_2);
    check_near(metrics::f_beta{.beta = 2}.per_class(ref::t2, ref::u2, ref::weights).scores,
               ref::text_each_f_2_w);
    CHECK(metrics::f1.per_class(ref::y4, ref::p4) == metrics::f_beta{}.per_class(ref::y4, ref::p4));
}

TEST_CASE("F takes weight 2 for the row twice, and rows in any order") {
    for (auto const how : {average::macro, average::micro, average::weighted}) {
        metrics::f_beta const f{.beta = 0.5, .average = how};
        CHECK(f(ref::y4, ref::p4, test::one_two_none(60)) ==
              near(f(test::repeated(ref::y4), test::repeated(ref::p4))));
        CHECK(f(test::shuffled(ref::y4), test::shuffled(ref::p4)) == f(ref::y4, ref::p4));
    }
}

TEST_CASE("micro averages are accuracy") {
    CHECK(metrics::f1_metric{.average = average::micro}(ref::y4, ref::p4) ==
          near(ref::four_accuracy));
}

TEST_CASE("precision, recall and F say what is wrong with their arguments") {
    std::vector<int> const y{0, 1};
    CHECK_THROWS_WITH_AS((void)metrics::precision(ref::y4, ref::p4),
                         "precision: y_true and y_pred hold 4 classes but average is binary; "
                         "choose macro, micro or weighted",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::recall(std::vector<int>{3}, std::vector<int>{3}),
        "recall: y_true and y_pred hold only the class 3; say which class is positive by pos_label",
        invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::f1_metric{.pos_label = "1"}(y, y),
                         "f1: pos_label is 1 but the classes are 0 and 1", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::f_beta{.beta = -1}(y, y),
                         "f_beta: beta is -1; it must be at least 0", invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::f_beta{.beta = std::numeric_limits<double>::quiet_NaN()}.per_class(y, y),
        "f_beta: beta is NaN; it must be at least 0", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::f1.per_class(y, ref::p4),
                         "f1: y_pred has 60 labels but y_true has 2", invalid_input);
}
