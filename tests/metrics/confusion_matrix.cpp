// SPDX-License-Identifier: BSD-3-Clause
#include <copse/metrics/confusion_matrix.hpp>

#include "data.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace copse;
namespace ref = reference;

namespace {

std::vector<double> flat(matrix<double> const& m) {
    return {m.data(), m.data() + m.rows() * m.cols()};
}

}  // namespace

TEST_CASE("rows of the confusion matrix are true classes and columns predicted ones") {
    auto const c = metrics::confusion_matrix(std::vector<std::string>{"b", "b", "a", "b"},
                                             std::vector<std::string>{"b", "a", "a", "c"});
    CHECK(c.classes == std::vector<std::string>{"a", "b", "c"});
    CHECK(flat(c.counts) == std::vector<double>{1, 0, 0, 1, 1, 1, 0, 0, 0});
}

TEST_CASE("given classes keep their places when they have no rows") {
    std::vector<int> const y{2, 2};
    labels const classes(std::vector<std::int64_t>{1, 2});
    CHECK(flat(metrics::confusion_matrix(y, y, classes).counts) == std::vector<double>{0, 0, 0, 2});
    CHECK_THROWS_WITH_AS((void)metrics::confusion_matrix(y, std::vector<int>{2, 3}, classes),
                         "confusion_matrix: y_pred is 3 at row 1, which is none of the 2 classes",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::confusion_matrix(y, y, labels(std::vector<std::int64_t>{2, 1})),
        "confusion_matrix: classes has 2 before 1; they must increase", invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::confusion_matrix(y, y, labels(std::vector<std::string>{"2"})),
        "confusion_matrix: y_true holds integers but the classes are text", invalid_input);
}

TEST_CASE("the confusion matrix agrees with scikit-learn") {
    CHECK(flat(metrics::confusion_matrix(ref::y4, ref::p4).counts) == ref::four_confusion);
    CHECK(flat(metrics::confusion_matrix(ref::y4, ref::p4, ref::weights).counts) ==
          ref::four_confusion_w);
    CHECK(flat(metrics::confusion_matrix(ref::t2, ref::u2, ref::weights).counts) ==
          ref::text_confusion_w);
}

TEST_CASE("the confusion matrix takes weight 2 for the row twice, and rows in any order") {
    auto const c = metrics::confusion_matrix(ref::y4, ref::p4);
    CHECK(metrics::confusion_matrix(test::shuffled(ref::y4), test::shuffled(ref::p4)) == c);
    CHECK(metrics::confusion_matrix(ref::y4, ref::p4, test::one_two_none(60)) ==
          metrics::confusion_matrix(test::repeated(ref::y4), test::repeated(ref::p4)));
}
