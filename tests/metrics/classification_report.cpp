// SPDX-License-Identifier: BSD-3-Clause
#include <copse/metrics/classification_report.hpp>

#include "data.hpp"

#include <cstddef>
#include <string>
#include <vector>

using namespace copse;
using test::near;
namespace ref = reference;

TEST_CASE("the report is laid out like scikit-learn's") {
    using metrics::classification_report;
    CHECK(classification_report(ref::y2, ref::p2).to_string() == ref::two_report);
    CHECK(classification_report(ref::y2, ref::p2, ref::weights).to_string() == ref::two_report_w);
    CHECK(classification_report(ref::t2, ref::u2).to_string() == ref::text_report);
    CHECK(classification_report(ref::t2, ref::u2, ref::weights).to_string() == ref::text_report_w);
    CHECK(classification_report(ref::y4, ref::p4).to_string() == ref::four_report);
    CHECK(classification_report(ref::y4, ref::p4, ref::weights).to_string() == ref::four_report_w);
}

TEST_CASE("the report holds the numbers it prints") {
    auto const report = metrics::classification_report(ref::y4, ref::p4, ref::weights);
    CHECK(report.classes == std::vector<int>{-3, 0, 5, 12});
    CHECK(report.accuracy == near(ref::four_accuracy_w));
    CHECK(report.macro_average.f1 == near(ref::four_macro_f1_w));
    CHECK(report.weighted_average.precision == near(ref::four_weighted_precision_w));
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(report.per_class[k].recall == near(ref::four_each_recall_w[k]));
        CHECK(report.per_class[k].support == ref::four_each_support_w[k]);
    }
    CHECK(report == metrics::classification_report(ref::y4, ref::p4, ref::weights));
}

TEST_CASE("a long name widens the table by its characters, not its bytes") {
    std::vector<std::string> const y{"Überempfindlichkeit"};
    auto const text = metrics::classification_report(y, y).to_string(3);
    CHECK(text.find("\nÜberempfindlichkeit      1.000     1.000     1.000         1\n") !=
          std::string::npos);
    CHECK(text.find("\n           accuracy                          1.000         1\n") !=
          std::string::npos);
}

TEST_CASE("the report says what is wrong with its arguments") {
    CHECK_THROWS_WITH_AS((void)metrics::classification_report(ref::y4, std::vector<int>(59)),
                         "classification_report: y_pred has 59 labels but y_true has 60",
                         invalid_input);
}
