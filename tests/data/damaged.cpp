// SPDX-License-Identifier: BSD-3-Clause
#include "mutations.hpp"

#include <copse/data/csv.hpp>
#include <copse/data/idx.hpp>
#include <copse/data/npy.hpp>
#include <copse/data/svmlight.hpp>

#include <doctest/doctest.h>

#include <span>
#include <string>
#include <vector>

using namespace copse;
using copse::test::n_taken;

namespace {

constexpr int n_copies = 4000;

void check_shapes(dataset const& d) {
    REQUIRE(d.features.size() == d.x.cols());
    REQUIRE((d.y.empty() || d.y.size() == d.x.rows()));
    for (auto const j : d.categorical_features()) {
        for (std::size_t i = 0; i < d.x.rows(); ++i) {
            auto const code = d.x(i, j);
            if (code == code) REQUIRE(code < static_cast<float>(d.features[j].categories.size()));
        }
    }
}

}  // namespace

TEST_CASE("a damaged table is read or refused") {
    std::string const text =
        "a,b,colour,w,q,y\r\n1,2.5,red,1,1,yes\r\n-3e2,\"4\",\"dark, \"\"red\"\"\",2,1,no\r\n"
        ",?,blue,0.5,2,yes\r\n7,nan, red ,1,2,no\r\ninf,+1,NA,1e-3,3,yes\r\n";
    auto const train = parse_csv(text);
    for (auto const& options :
         {csv_options{}, csv_options{.target = 0, .skip_rows_without_target = true},
          csv_options{.target = "y", .weight = "w", .query = "q"},
          csv_options{.target = no_column, .header = false},
          csv_options{.numeric = {"a"}, .missing = {"7"}}, csv_options{.like = &train}}) {
        auto const read = [&](std::string const& t) { check_shapes(parse_csv(t, options)); };
        auto const taken = n_taken(text, "\"\",\r\n0.e+-x", n_copies, read);
        CHECK(taken > 0);
        CHECK(taken < n_copies);
    }
}

TEST_CASE("damaged SVMlight text is read or refused") {
    std::string const text = "1 qid:1 1:0.5 3:2 # a\n-1 qid:1 2:1e3\n\n+1 qid:2 7:1 12:-0.25\n";
    auto const train = parse_svmlight(text);
    for (auto const& options :
         {svmlight_options{}, svmlight_options{.base = index_base::one},
          svmlight_options{.task = task_kind::classification}, svmlight_options{.like = &train}}) {
        auto const taken = n_taken(text, ":: #\n0.e+-q", n_copies, [&](std::string const& t) {
            auto const d = parse_svmlight(t, options);
            d.x.view().validate();
            REQUIRE(d.y.size() == d.x.rows());
        });
        CHECK(taken > 0);
        CHECK(taken < n_copies);
    }
}

TEST_CASE("damaged .npy and IDX files are read or refused") {
    std::vector<double> const numbers{1, 2.5, -3};
    auto const npy = to_npy(std::span(numbers));
    auto const read_npy = [](std::string const& t) {
        static_cast<void>(parse_npy<float>(t));
        static_cast<void>(parse_npy_column<std::int8_t>(t));
    };
    CHECK(n_taken(npy, "0123456789(),'<>fiub", n_copies, read_npy) < n_copies);

    std::string idx(4 + 8 + 6, '\1');
    idx.replace(0, 12, std::string("\0\0\x08\x02\0\0\0\x02\0\0\0\x03", 12));
    auto const read_idx = [](std::string const& t) { static_cast<void>(parse_idx(t)); };
    CHECK(n_taken(idx, std::string_view("\0\1\2\3\xff", 5), n_copies, read_idx) < n_copies);
}
