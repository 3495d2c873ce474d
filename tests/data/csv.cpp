// SPDX-License-Identifier: BSD-3-Clause
#include <copse/data/csv.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace copse;

namespace {

std::string error_of(std::string_view text, csv_options const& options = {}) {
    try {
        static_cast<void>(parse_csv(text, options, "t.csv"));
    } catch (file_error const& error) {
        return error.what();
    }
    return "no error";
}

constexpr auto inf = std::numeric_limits<float>::infinity();

/// The one feature of the first row, by itself.
float number_of(std::string const& cell) {
    return parse_csv("a,y\n" + cell + ",1\n", {.numeric = {"a"}}).x(0, 0);
}

}  // namespace

TEST_CASE("numbers stay, texts become codes in increasing order, the last column is the target") {
    auto const d = parse_csv("a,colour,y\n1.5,red,yes\n-2,blue,no\n,red,no\n0.25,?,yes\n");
    REQUIRE(d.x.rows() == 4);
    REQUIRE(d.x.cols() == 2);
    CHECK(d.x(0, 0) == 1.5f);
    CHECK(d.x(1, 0) == -2.0f);
    CHECK(std::isnan(d.x(2, 0)));
    CHECK(d.x(0, 1) == 1.0f);  // blue < red
    CHECK(d.x(1, 1) == 0.0f);
    CHECK(std::isnan(d.x(3, 1)));
    CHECK(d.features[0] == feature{"a", false, {}});
    CHECK(d.features[1] == feature{"colour", true, {"blue", "red"}});
    CHECK(d.categorical_features() == std::vector<std::size_t>{1});
    CHECK(d.y.name() == "y");
    CHECK(d.y.classes() == std::vector<std::string>{"yes", "no", "no", "yes"});
    CHECK(d.sample_weight.empty());
    CHECK(d.query_id.empty());
}

TEST_CASE("the order of rows changes no code") {
    auto const a = parse_csv("f,y\nred,1\nblue,0\ngreen,0\n");
    auto const b = parse_csv("f,y\ngreen,0\nblue,0\nred,1\n");
    CHECK(a.features == b.features);
    CHECK(a.x(0, 0) == b.x(2, 0));
}

TEST_CASE("a text that comes late makes the numbers above it categories too") {
    auto const d = parse_csv("f,g,y\n1,7,0\n01,8,1\n1,nan,1\n,9,0\nx,10,0\n1,11,0\n");
    CHECK(d.features[0].categories == std::vector<std::string>{"01", "1", "x"});
    CHECK(d.x(0, 0) == 1.0f);
    CHECK(d.x(1, 0) == 0.0f);
    CHECK(std::isnan(d.x(3, 0)));
    CHECK(d.x(4, 0) == 2.0f);
    CHECK(d.x(4, 1) == 10.0f);
}

TEST_CASE("quotes hold separators, line ends, blanks and doubled quotes") {
    auto const d =
        parse_csv("\"a \"\"b\"\"\",y\r\n\"x, \"\"y\"\"\r\nz\", 1 \r\n \" q\" ,0\r\n\"\",0");
    CHECK(d.features[0].name == "a \"b\"");
    CHECK(d.features[0].categories == std::vector<std::string>{" q", "x, \"y\"\r\nz"});
    CHECK(d.y.classes() == std::vector<int>{1, 0, 0});
    CHECK(std::isnan(d.x(2, 0)));
}

TEST_CASE("quoted numbers are numbers") {
    CHECK(parse_csv("a,y\n\"3\",1\n\" 4 \",0\n").x(1, 0) == 4.0f);
}

TEST_CASE("a quote within an unquoted cell is a character") {
    CHECK(parse_csv("a,y\n5\" disk,1\n").features[0].categories[0] == "5\" disk");
}

TEST_CASE("a byte order mark, CRLF, blank lines and a missing last line end are no content") {
    auto const d = parse_csv(
        "\xef\xbb\xbf"
        "a,y\r\n\r\n1,0\r\n\n\n2,1");
    CHECK(d.features[0].name == "a");
    CHECK(d.x.rows() == 2);
    CHECK(d.x(1, 0) == 2.0f);
    CHECK(d.y.classes() == std::vector<int>{0, 1});
}

TEST_CASE("numbers are read in all their spellings") {
    CHECK(number_of("1e5") == 1e5f);
    CHECK(number_of("1E-5") == 1e-5f);
    CHECK(number_of("+3") == 3.0f);
    CHECK(number_of(" 3 ") == 3.0f);
    CHECK(number_of(".5") == 0.5f);
    CHECK(number_of("5.") == 5.0f);
    CHECK(number_of("007") == 7.0f);
    CHECK(number_of("9.86E-02") == 0.0986f);
    CHECK(number_of("inf") == inf);
    CHECK(number_of("-Infinity") == -inf);
    CHECK(number_of("1e39") == inf);
    CHECK(number_of("-1e400") == -inf);
    CHECK(number_of("1e-400") == 0.0f);
    CHECK(number_of("0." + std::string(400, '0') + "1") == 0.0f);
    CHECK(number_of("-" + std::string(400, '9')) == -inf);
    CHECK(number_of("0." + std::string(400, '0') + "1e401") == 1.0f);
    CHECK(number_of("1e99999999999999999999") == inf);
    CHECK(number_of("1e-99999999999999999999") == 0.0f);
    CHECK(number_of("123456789012345678901234567890") == 1.2345679e29f);
    CHECK(std::signbit(number_of("-0")));
    CHECK(std::isnan(number_of("-NAN")));
}

TEST_CASE("short numbers are rounded as from_chars rounds them") {
    for (auto const* cell : {"0.1", "0.3", "123456.789", "999999999999999", ".000000000000001",
                             "8.41", "-0.000123456789012", "4503599627.37049"}) {
        double number = 0;
        auto const text = std::string_view(cell);
        REQUIRE(detail::read_number(text.data(), text.data() + text.size(), number) ==
                text.data() + text.size());
        CHECK(number == std::stod(cell));
    }
}

TEST_CASE("what is not quite a number is a category") {
    for (auto const* cell : {"+-3", "--3", "1e", "0x10", "1_000", "3 4", ".", "-", "1.2.3", "+"}) {
        CAPTURE(cell);
        CHECK(parse_csv(std::string("a,y\n") + cell + ",1\n").features[0].categorical);
        CHECK(error_of(std::string("a,y\n") + cell + ",1\n", {.numeric = {"a"}}) ==
              detail::sentence("t.csv:2: column 1 (a): '", cell, "' is not a number"));
    }
}

TEST_CASE("NUL bytes and bytes beyond ASCII are text") {
    using namespace std::string_literals;
    auto const d = parse_csv("a,y\n1\0002,1\n\xff\xfe,0\n"s);
    CHECK(d.features[0].categories == std::vector<std::string>{"1\0002"s, "\xff\xfe"s});
}

TEST_CASE("columns are chosen by name or by position") {
    csv_options const options{
        .target = 0, .categorical = {"code"}, .drop = {"id", 1}, .weight = "w", .query = "q"};
    auto const d =
        parse_csv("y,junk,code,id,w,q,z\n1.5,a,3,x,0.5,7,1\n2.5,b,20,y,2,7,2\n", options);
    REQUIRE(d.features.size() == 2);
    CHECK(d.features[0] == feature{"code", true, {"20", "3"}});
    CHECK(d.features[1].name == "z");
    CHECK(d.x(0, 0) == 1.0f);
    CHECK(d.x(1, 1) == 2.0f);
    CHECK(d.y.values() == column<double>{1.5, 2.5});
    CHECK(d.sample_weight == column<double>{0.5, 2.0});
    CHECK(d.query_id == std::vector<std::int64_t>{7, 7});
}

TEST_CASE("without a header columns are c1, c2, ...; other separators do") {
    auto const d = parse_csv("1\t2\t0\n3\tx y\t1\n", {.separator = '\t', .header = false});
    CHECK(d.x.rows() == 2);
    CHECK(d.features[0].name == "c1");
    CHECK(d.features[1].categories == std::vector<std::string>{"2", "x y"});
    CHECK(parse_csv("a b y\n1 \"2 3\" 0\n", {.separator = ' '}).features[1].categories[0] == "2 3");
    CHECK(parse_csv("a;y\n1,5;0\n", {.separator = ';'}).features[0].categories[0] == "1,5");
}

TEST_CASE("no target, and a single column") {
    auto const d = parse_csv("a\n1\n2\n", {.target = no_column});
    CHECK(d.x.cols() == 1);
    CHECK(d.x.rows() == 2);
    CHECK(d.y.empty());
    CHECK(error_of("a\n1\n") == "t.csv: no column is left for x");
}

TEST_CASE("integers are classes if they are few and repeat, other numbers are not") {
    auto const column_of = [](auto value_of, int n) {
        std::string text = "a,y\n";
        for (int i = 0; i < n; ++i) text += "0," + std::string(value_of(i)) + "\n";
        return parse_csv(text).y;
    };
    auto const modulo = [](int k) { return [k](int i) { return std::to_string(i % k); }; };
    CHECK(column_of(modulo(2), 2).is_classification());
    CHECK(column_of(modulo(3), 6).is_classification());
    CHECK(column_of(modulo(3), 5).is_regression());
    CHECK(column_of(modulo(32), 64).is_classification());
    CHECK(column_of(modulo(33), 1000).is_regression());
    CHECK(column_of([](int i) { return i % 2 ? "0.5" : "1"; }, 10).is_regression());
    CHECK(column_of([](int i) { return i % 2 ? "1.0" : "-1"; }, 10).classes()[0] == -1);
    CHECK(column_of(modulo(1), 1).is_classification());
}

TEST_CASE("the task can be said") {
    CHECK(parse_csv("a,y\n1,0\n1,1\n", {.task = task_kind::regression}).y.values()[1] == 1.0);
    auto const d = parse_csv("a,y\n1,0.5\n1,0.25\n", {.task = task_kind::classification});
    CHECK(d.y.classes() == std::vector<std::string>{"0.5", "0.25"});
    CHECK(error_of("a,y\n1,0\n1,abc\n", {.task = task_kind::regression}) ==
          "t.csv:3: column 2 (y): 'abc' is not a finite number");
    CHECK(error_of("a,y\n1,inf\n", {.task = task_kind::regression}) ==
          "t.csv:2: column 2 (y): 'inf' is not a finite number");
}

TEST_CASE("a target converts to what fit takes") {
    auto const classes = parse_csv("a,y\n1,0\n1,1\n").y;
    labels_view const as_labels = classes;
    values_view const as_values = classes;
    CHECK(as_labels[1] == 1);
    CHECK(as_values[1] == 1.0);
    auto const numbers = parse_csv("a,price\n1,0.5\n").y;
    CHECK(values_view(numbers)[0] == 0.5);
    CHECK_THROWS_WITH_AS(static_cast<void>(labels_view(numbers)),
                         "target: 'price' holds numbers; read it with .task = "
                         "task_kind::classification to have labels",
                         invalid_input);
    auto const texts = parse_csv("a,y\n1,u\n").y;
    CHECK_THROWS_WITH_AS(static_cast<void>(values_view(texts)),
                         "target: 'y' holds labels; read it with .task = task_kind::regression to "
                         "have numbers",
                         invalid_input);
}

TEST_CASE("rows without a target are an error, or are left out") {
    auto const text = "a,w,y\nu,1,5.5\nv,2,NA\nw,3,1.5\n";
    CHECK(error_of(text) == "t.csv:3: column 3 (y): the target is missing");
    auto const d = parse_csv(text, {.weight = "w", .skip_rows_without_target = true});
    CHECK(d.x.rows() == 2);
    CHECK(d.x(1, 0) == 2.0f);
    CHECK(d.y.values() == column<double>{5.5, 1.5});
    CHECK(d.sample_weight == column<double>{1, 3});
    CHECK(error_of("a,y\n1,\n", {.skip_rows_without_target = true}) ==
          "t.csv: column 2 (y): the target is missing in every row");
}

TEST_CASE("missing markers are the caller's, numbers among them") {
    auto const d = parse_csv("a,b,y\n-999,NA,1\n3,x,0\n", {.missing = {"-999"}});
    CHECK(std::isnan(d.x(0, 0)));
    CHECK(d.x(1, 0) == 3.0f);
    CHECK(d.features[1].categories == std::vector<std::string>{"NA", "x"});
}

TEST_CASE("a second file is coded like the first") {
    auto const train = parse_csv("a,f,y\n1,red,no\n2,blue,yes\n");
    auto const test = parse_csv("y,extra,f,a\nmaybe,0,red,5\nno,0,green,6\n", {.like = &train});
    CHECK(test.features == train.features);
    CHECK(test.x(0, 0) == 5.0f);
    CHECK(test.x(0, 1) == 1.0f);
    CHECK(std::isnan(test.x(1, 1)));  // train knows no green
    CHECK(test.y.classes() == std::vector<std::string>{"maybe", "no"});

    CHECK(parse_csv("f,a\nblue,1\n", {.like = &train}).y.empty());
    CHECK(error_of("a,y\n1,no\n", {.like = &train}) == "t.csv: has no column 'f'; it has a, y");
    CHECK(error_of("a,f,y\nx,red,no\n", {.like = &train}) ==
          "t.csv:2: column 1 (a): 'x' is not a number");
    CHECK(error_of("a,f,y\n1,red,no\n", {.weight = "a", .like = &train}) ==
          "t.csv: column 1 (a) cannot be two of feature, target, weight and query");

    auto const counted = parse_csv("a,y\n1,0\n2,1\n");
    CHECK(parse_csv("a,y\n1,7\n", {.like = &counted}).y.classes() == std::vector<int>{7});
    CHECK(error_of("a,y\n1,b\n", {.like = &counted}) ==
          "t.csv:2: column 2 (y): 'b' is not an integer");
}

TEST_CASE("errors name the file, the line, the column and its text") {
    CHECK(error_of("") == "t.csv: is empty");
    CHECK(error_of("\n\r\n\n") == "t.csv: is empty");
    CHECK(error_of("a,y\n") == "t.csv: has no rows");
    CHECK(error_of("a,b,y\n1,2,3\n\n1,2\n") == "t.csv:4: has 2 cells; the first line has 3");
    CHECK(error_of("a,y\n1,2,3,4\n") == "t.csv:2: has 4 cells; the first line has 2");
    CHECK(error_of("a,y\n1\n") == "t.csv:2: has 1 cell; the first line has 2");
    CHECK(error_of("a,fnlwgt,y\n1,2,3\n1,abc,3\n", {.numeric = {1}}) ==
          "t.csv:3: column 2 (fnlwgt): 'abc' is not a number");
    CHECK(error_of("a,y\n\"u\nv\",1\n\"w,1\nx,2\n") ==
          "t.csv:4: a quote is opened here that is never closed: 'w,1?x,2?'");
    CHECK(error_of("a,y\n\"u\"v,1\n") == "t.csv:2: a closing quote is followed by 'v,1'");
    CHECK(error_of("a,y\n1,1\n", {.target = "z"}) == "t.csv: has no column 'z'; it has a, y");
    CHECK(error_of("a,y\n1,1\n", {.target = 2}) == "t.csv: has no column at position 2; it has 2");
    CHECK(error_of("a,a,y\n1,1,1\n", {.drop = {"a"}}) == "t.csv: has more than one column 'a'");
    CHECK(error_of("a,w,y\n1,,1\n", {.weight = "w"}) ==
          "t.csv:2: column 2 (w): the weight is missing");
    CHECK(error_of("a,q,y\n1,1.5,1\n", {.query = "q"}) ==
          "t.csv:2: column 2 (q): '1.5' is not an integer");
    CHECK(error_of("a,w,y\n1,1,1\n", {.target = "w", .weight = "w"}) ==
          "t.csv: column 2 (w) cannot be two of feature, target, weight and query");
    CHECK(error_of("\x1f\x8b\x08") ==
          "t.csv: is compressed; copse::gunzip of <copse/data/gzip.hpp> reads it");
    CHECK(error_of("\xff\xfe"
                   "a") == "t.csv: is in UTF-16; save it in UTF-8");
    CHECK(error_of("a,y\n" + std::string(60, 'x') + ",1\n", {.numeric = {"a"}}) ==
          "t.csv:2: column 1 (a): '" + std::string(40, 'x') + "...' is not a number");
}

TEST_CASE("a separator or position that cannot be one is the caller's error") {
    CHECK_THROWS_WITH_AS(static_cast<void>(parse_csv("a", {.separator = '.'})),
                         "csv_options: separator '.' can be part of a cell; take ',', ';' or a tab",
                         invalid_input);
    CHECK_THROWS_WITH_AS(static_cast<void>(csv_options{.target = -1}),
                         "column_ref: position -1 is negative; the first column is 0",
                         invalid_input);
}

TEST_CASE("a file that is not there is named") {
    CHECK_THROWS_WITH_AS(static_cast<void>(read_csv("no/such.csv")),
                         "no/such.csv: there is no such file", file_error);
    CHECK_THROWS_WITH_AS(static_cast<void>(read_csv(".")), ".: is a directory", file_error);
}
