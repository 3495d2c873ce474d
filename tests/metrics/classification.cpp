// SPDX-License-Identifier: BSD-3-Clause
#include <copse/metrics/classification.hpp>

#include "data.hpp"

#include <array>
#include <limits>
#include <string>
#include <vector>

using namespace copse;
using test::near;
namespace ref = reference;

TEST_CASE("accuracy is the fraction of rows predicted right") {
    std::vector<int> const y{0, 1, 1, 2};
    std::vector<int> const p{0, 1, 2, 2};
    CHECK(metrics::accuracy(y, p) == 0.75);
    // right: 1 + 2 + 1 of 1 + 2 + 4 + 1
    CHECK(metrics::accuracy(y, p, std::vector<double>{1, 2, 4, 1}) == 0.5);
    CHECK(metrics::accuracy(std::vector<std::string>{"a", "b"}, std::array{"a", "c"}) == 0.5);
}

TEST_CASE("balanced accuracy is the mean recall of the classes that are there") {
    // recalls: 3/4 and 1/1; class 7 is only predicted
    CHECK(metrics::balanced_accuracy(std::vector<int>{0, 0, 0, 0, 1},
                                     std::vector<int>{0, 0, 0, 7, 1}) == 0.875);
}

TEST_CASE("matthews_corrcoef is 1 for right, -1 for opposite, 0 for constant predictions") {
    std::vector<int> const y{0, 1, 0, 1, 1};
    CHECK(metrics::matthews_corrcoef(y, y) == near(1));
    CHECK(metrics::matthews_corrcoef(y, std::vector<int>{1, 0, 1, 0, 0}) == near(-1));
    CHECK(metrics::matthews_corrcoef(y, std::vector<int>(5, 1)) == 0);
    // TP 2, TN 1, FP 1, FN 1: (2 * 1 - 1 * 1) / sqrt(3 * 3 * 2 * 2) = 1/6
    CHECK(metrics::matthews_corrcoef(y, std::vector<int>{0, 1, 1, 1, 0}) == near(1.0 / 6));
}

TEST_CASE("matthews_corrcoef does not depend on the scale of the weights") {
    for (double const scale : {1e-200, 1.0, 1e200}) {
        auto w = ref::weights;
        for (auto& x : w) x *= scale;
        CHECK(metrics::matthews_corrcoef(ref::y4, ref::p4, w) == near(ref::four_mcc_w));
    }
}

TEST_CASE("accuracy, balanced accuracy and Matthews correlation agree with scikit-learn") {
    auto const& w = ref::weights;
    CHECK(metrics::accuracy(ref::y2, ref::p2) == near(ref::two_accuracy));
    CHECK(metrics::accuracy(ref::y2, ref::p2, w) == near(ref::two_accuracy_w));
    CHECK(metrics::accuracy(ref::t2, ref::u2) == near(ref::text_accuracy));
    CHECK(metrics::accuracy(ref::y4, ref::p4) == near(ref::four_accuracy));
    CHECK(metrics::accuracy(ref::y4, ref::p4, w) == near(ref::four_accuracy_w));
    CHECK(metrics::balanced_accuracy(ref::y2, ref::p2) == near(ref::two_balanced_accuracy));
    CHECK(metrics::balanced_accuracy(ref::t2, ref::u2, w) == near(ref::text_balanced_accuracy_w));
    CHECK(metrics::balanced_accuracy(ref::y4, ref::p4) == near(ref::four_balanced_accuracy));
    CHECK(metrics::balanced_accuracy(ref::y4, ref::p4, w) == near(ref::four_balanced_accuracy_w));
    CHECK(metrics::matthews_corrcoef(ref::y2, ref::p2) == near(ref::two_mcc));
    CHECK(metrics::matthews_corrcoef(ref::t2, ref::u2, w) == near(ref::text_mcc_w));
    CHECK(metrics::matthews_corrcoef(ref::y4, ref::p4) == near(ref::four_mcc));
    CHECK(metrics::matthews_corrcoef(ref::y4, ref::p4, w) == near(ref::four_mcc_w));
}

TEST_CASE_TEMPLATE("a label metric takes weight 2 for the row twice, and rows in any order", Metric,
                   metrics::accuracy_metric, metrics::balanced_accuracy_metric,
                   metrics::matthews_corrcoef_metric) {
    Metric const metric{};
    CHECK(metric(ref::y4, ref::p4, test::one_two_none(60)) ==
          near(metric(test::repeated(ref::y4), test::repeated(ref::p4))));
    CHECK(metric(test::shuffled(ref::y4), test::shuffled(ref::p4)) == metric(ref::y4, ref::p4));
}

TEST_CASE("label metrics say what is wrong with their arguments") {
    std::vector<int> const y(100, 1);
    CHECK_THROWS_WITH_AS((void)metrics::accuracy(y, std::vector<int>(99)),
                         "accuracy: y_pred has 99 labels but y_true has 100", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::accuracy(std::vector<int>{}, std::vector<int>{}),
                         "accuracy: y_true and y_pred are empty", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::accuracy(y, std::vector<std::string>(100)),
                         "accuracy: y_true holds integers but y_pred holds text", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::balanced_accuracy(y, y, std::vector<double>(3)),
                         "balanced_accuracy: sample_weight has 3 weights but y_true has 100",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::matthews_corrcoef(y, y, std::vector<double>(100)),
        "matthews_corrcoef: the 100 sample weights sum to 0; some must be positive", invalid_input);
    std::vector<double> w(100, 1);
    w[7] = -0.5;
    CHECK_THROWS_WITH_AS(
        (void)metrics::accuracy(y, y, w),
        "accuracy: sample_weight is -0.5 at row 7; it must be finite and at least 0",
        invalid_input);
    w[7] = -std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(
        (void)metrics::accuracy(y, y, w),
        "accuracy: sample_weight is NaN at row 7; it must be finite and at least 0", invalid_input);
}
