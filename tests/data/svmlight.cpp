// SPDX-License-Identifier: BSD-3-Clause
#include <copse/data/svmlight.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace copse;

namespace {

std::string error_of(std::string_view text, svmlight_options const& options = {}) {
    try {
        static_cast<void>(parse_svmlight(text, options, "t"));
    } catch (file_error const& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("rows hold the elements that the text names") {
    auto const d = parse_svmlight("+1 1:0.5 3:2\n-1 2:1e-1 # note 4:4\n\n# all note\n+1\n");
    CHECK(d.x.rows() == 3);
    CHECK(d.x.cols() == 3);
    CHECK(d.x.n_stored() == 3);
    CHECK(d.first_index == 1);
    CHECK(d.y.classes() == std::vector<int>{1, -1, 1});
    auto const row = d.x.view().row(0);
    CHECK(row.indices[1] == 2);
    CHECK(row.values[1] == 2.0f);

    auto const dense = d.to_dense();
    CHECK(dense.x(0, 0) == 0.5f);
    CHECK(dense.x(0, 1) == 0.0f);
    CHECK(dense.x(1, 1) == 0.1f);
    CHECK(dense.x(2, 2) == 0.0f);
    CHECK(dense.features[2].name == "3");
    CHECK(std::isnan(d.to_dense(std::nanf("")).x(2, 2)));
}

TEST_CASE("a file with an index 0 counts from 0, and the base can be said") {
    CHECK(parse_svmlight("1 0:1 2:1\n").x.cols() == 3);
    CHECK(parse_svmlight("1 0:1 2:1\n").first_index == 0);
    CHECK(parse_svmlight("1 1:1 2:1\n").x.cols() == 2);
    CHECK(parse_svmlight("1 1:1 2:1\n", {.base = index_base::zero}).x.cols() == 3);
    CHECK(error_of("1 1:1\n1 0:1\n", {.base = index_base::one}) ==
          "t:2:3: index 0 in a file whose first index is 1");
}

TEST_CASE("queries and their grades") {
    auto const d = parse_svmlight("2 qid:10 1:1\r\n0 qid:10 1:0 #docid = 5\r\n1 qid:3 2:1");
    CHECK(d.query_id == std::vector<std::int64_t>{10, 10, 3});
    CHECK(d.y.values() == column<double>{2, 0, 1});
    CHECK(query_sizes(d.query_id) == std::vector<std::size_t>{2, 1});
    CHECK(d.x.n_stored() == 3);  // a zero that is written is stored
    CHECK(error_of("1 qid:1 1:1\n1 1:1\n") == "t:2:3: no qid, which the rows before have");
    CHECK(error_of("1 1:1\n1 qid:1 1:1\n") == "t:2:3: a qid, which the rows before lack");
    CHECK(error_of("1 qid:x 1:1\n") == "t:1:3: 'qid:x' is not qid: and an integer");
    CHECK_THROWS_WITH_AS(static_cast<void>(query_sizes(std::vector<std::int64_t>{1, 2, 1})),
                         "query_sizes: the rows of query 1 are apart; rows of one query must be "
                         "consecutive",
                         invalid_input);
}

TEST_CASE("a second file has the width and base of the first") {
    auto const train = parse_svmlight("1 1:1 5:1\n-1 2:1\n");
    auto const test = parse_svmlight("3 2:1\n", {.like = &train});
    CHECK(test.x.cols() == 5);
    CHECK(test.y.classes() == std::vector<int>{3});
    CHECK(error_of("1 6:1\n", {.like = &train}) ==
          "t:1:3: index 6 is too large for 5 features counted from 1");
    CHECK(parse_svmlight("1 1:1\n", {.n_features = 7}).x.cols() == 7);
    CHECK(error_of("1 0:1 2:1\n", {.n_features = 2}) ==
          "t: index 2 is too large for 2 features counted from 0");
}

TEST_CASE("errors name the line and the character") {
    CHECK(error_of("") == "t: has no rows");
    CHECK(error_of("# nothing\n") == "t: has no rows");
    CHECK(error_of("1 7:1 5:2\n") == "t:1:7: index 5 comes after 7; indices must increase");
    CHECK(error_of("1 5:1 5:2\n") == "t:1:7: index 5 comes after 5; indices must increase");
    CHECK(error_of("1 1:1\nyes 1:1\n") == "t:2:1: 'yes' is not a target");
    CHECK(error_of("1 1:abc\n") == "t:1:5: 'abc' is not a value");
    CHECK(error_of("1 1:\n") == "t:1:5: '' is not a value");
    CHECK(error_of("1 1:2x\n") == "t:1:5: '2x' is not a value");
    CHECK(error_of("1 x:2\n") == "t:1:3: 'x:2' is not index:value");
    CHECK(error_of("1 -1:2\n") == "t:1:3: '-1:2' is not index:value");
    CHECK(error_of("1 4294967295:2\n") == "t:1:3: index 4294967295 does not fit in 32 bits");
    CHECK(error_of("1,2 1:1\n") == "t:1:1: '1,2' is not a target");
    CHECK(error_of("inf 1:1\n") == "t:1:1: target 'inf' is not finite");
    CHECK(error_of("0.5 1:1\n", {.task = task_kind::classification}) ==
          "t:1:1: target '0.5' is not an integer");
}

TEST_CASE("numbers that are no integers are a regression's target") {
    CHECK(parse_svmlight("0.5 1:1\n2 1:1\n").y.is_regression());
    CHECK(parse_svmlight("1 1:1\n", {.task = task_kind::regression}).y.is_regression());
}
