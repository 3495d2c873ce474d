// SPDX-License-Identifier: BSD-3-Clause
#include "model_selection/data.hpp"

#include <copse/model_selection/fixed_splits.hpp>
#include <copse/model_selection/k_fold.hpp>
#include <copse/model_selection/shuffle_split.hpp>
#include <copse/model_selection/take.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace copse;
using rows_list = std::vector<std::size_t>;

namespace {

test::reference_rows const data;
rows_to_split const all{data.n, data.classes, data.groups};

/// Fails unless train and test increase and share nothing; returns whether they are all n rows.
bool check_parts(row_split const& s, std::size_t n) {
    CHECK(std::ranges::is_sorted(s.train));
    CHECK(std::ranges::is_sorted(s.test));
    CHECK(!s.train.empty());
    CHECK(!s.test.empty());
    std::set<std::size_t> seen(s.train.begin(), s.train.end());
    seen.insert(s.test.begin(), s.test.end());
    CHECK(seen.size() == s.train.size() + s.test.size());
    CHECK(*seen.rbegin() < n);
    return seen.size() == n;
}

/// In which fold each row tests; fails unless it does in one, and trains in the others.
std::vector<int> folds_of_rows(std::vector<row_split> const& folds, std::size_t n) {
    std::vector<int> out(n, -1);
    for (std::size_t f = 0; f < folds.size(); ++f) {
        CHECK(check_parts(folds[f], n));
        for (auto const row : folds[f].test) {
            CHECK(out[row] == -1);
            out[row] = static_cast<int>(f);
        }
    }
    return out;
}

template <class Splitter>
void check_like_scikit_learn(Splitter const& splitter, std::vector<int> const& expected) {
    CHECK(folds_of_rows(splitter.split(all), data.n) == expected);
}

std::map<int, std::size_t> counts_of(std::vector<int> const& y, rows_list const& rows) {
    std::map<int, std::size_t> out;
    for (auto const row : rows) ++out[y[row]];
    return out;
}

}  // namespace

TEST_CASE("folds that are not shuffled are scikit-learn's") {
    check_like_scikit_learn(k_fold{.n_splits = 4}, test::reference::k_fold_4);
    check_like_scikit_learn(stratified_k_fold{.n_splits = 4}, test::reference::stratified_4);
    check_like_scikit_learn(group_k_fold{.n_splits = 4}, test::reference::grouped_4);
    check_like_scikit_learn(stratified_group_k_fold{.n_splits = 3},
                            test::reference::stratified_grouped_3);
}

TEST_CASE("rolling origins are scikit-learn's") {
    auto const check = [](time_series_split const& splitter, auto const& expected) {
        auto const folds = splitter.split({.n_rows = data.n});
        REQUIRE(folds.size() == expected.size());
        for (std::size_t f = 0; f < folds.size(); ++f) {
            auto const& [train, test] = folds[f];
            CHECK(std::array{train.front(), train.back() + 1, test.front(), test.back() + 1} ==
                  expected[f]);
            CHECK(train.size() == train.back() + 1 - train.front());
            CHECK(test.size() == test.back() + 1 - test.front());
        }
    };
    check({.n_splits = 4, .max_train_size = 10, .test_size = 7, .gap = 2},
          test::reference::rolling);
    check({.n_splits = 4}, test::reference::growing);
}

TEST_CASE("seven rows in three folds, by hand") {
    auto const folds = k_fold{.n_splits = 3}.split({.n_rows = 7});
    CHECK(folds == std::vector<row_split>{{{3, 4, 5, 6}, {0, 1, 2}},
                                          {{0, 1, 2, 5, 6}, {3, 4}},
                                          {{0, 1, 2, 3, 4}, {5, 6}}});
}

TEST_CASE("shuffled folds are a partition that the seed decides") {
    for (std::uint64_t const seed : {0u, 1u, 2u}) {
        auto const rows = folds_of_rows(k_fold{4, true, seed}.split(all), data.n);
        CHECK(rows != test::reference::k_fold_4);
        CHECK(k_fold{4, true, seed}.split(all) == k_fold{4, true, seed}.split(all));
        CHECK(k_fold{4, true, seed}.split(all) != k_fold{4, true, seed + 1}.split(all));
    }
}

TEST_CASE("stratified folds differ by at most a row of each class and in all, shuffled or not") {
    for (bool const shuffle : {false, true}) {
        auto const folds = stratified_k_fold{5, shuffle, 3}.split(all);
        (void)folds_of_rows(folds, data.n);
        for (auto const& a : folds) {
            for (auto const& b : folds) {
                CHECK(a.test.size() <= b.test.size() + 1);
                auto const of_a = counts_of(data.classes, a.test);
                auto const of_b = counts_of(data.classes, b.test);
                for (int const c : {0, 1, 2}) CHECK(of_a.at(c) <= of_b.at(c) + 1);
            }
        }
    }
}

TEST_CASE("no group is on both sides of a split") {
    auto const check = [](std::vector<row_split> const& folds) {
        CHECK(!folds.empty());
        for (auto const& fold : folds) {
            (void)check_parts(fold, data.n);
            auto const train = counts_of(data.groups, fold.train);
            for (auto const& [group, count] : counts_of(data.groups, fold.test))
                CHECK(!train.contains(group));
        }
    };
    for (bool const shuffle : {false, true}) {
        check(group_k_fold{4, shuffle, 5}.split(all));
        check(stratified_group_k_fold{3, shuffle, 5}.split(all));
    }
    check(group_shuffle_split{.n_splits = 20, .random_state = 1}.split(all));
    check(leave_one_group_out{}.split(all));
}

TEST_CASE("leaving one group out tests each group once, in order") {
    auto const folds = leave_one_group_out{}.split(all);
    CHECK(folds.size() == 11);
    for (std::size_t g = 0; g < folds.size(); ++g) {
        auto const tested = counts_of(data.groups, folds[g].test);
        CHECK(tested.size() == 1);
        CHECK(tested.begin()->first == static_cast<int>(g));
    }
}

TEST_CASE("repeating shuffles anew each time") {
    auto const folds =
        repeated{k_fold{.n_splits = 4, .shuffle = true, .random_state = 7}, 3}.split(all);
    REQUIRE(folds.size() == 12);
    std::set<std::vector<int>> distinct;
    for (std::size_t r = 0; r < 3; ++r) {
        auto const first = folds.begin() + static_cast<std::ptrdiff_t>(4 * r);
        distinct.insert(folds_of_rows({first, first + 4}, data.n));
    }
    CHECK(distinct.size() == 3);
}

TEST_CASE("drawn splits have the sizes that scikit-learn gives them") {
    // Of 61 rows: ceil(0.1 * 61) = 7 test; floor(0.5 * 61) = 30 train.
    for (auto const& s : shuffle_split{.n_splits = 5}.split(all)) {
        CHECK(check_parts(s, data.n));
        CHECK(s.test.size() == 7);
    }
    for (auto const& s : shuffle_split{.test_size = 20, .train_size = 0.5}.split(all)) {
        CHECK(!check_parts(s, data.n));
        CHECK(s.test.size() == 20);
        CHECK(s.train.size() == 30);
    }
    auto const two = shuffle_split{.n_splits = 2}.split(all);
    CHECK(two[0] != two[1]);
}

TEST_CASE("drawn stratified splits keep the classes' shares") {
    // ceil(0.3 * 61) = 19 rows test.
    for (auto const& s : stratified_shuffle_split{.n_splits = 5, .test_size = 0.3}.split(all)) {
        CHECK(check_parts(s, data.n));
        auto const train = counts_of(data.classes, s.train);
        auto const test = counts_of(data.classes, s.test);
        for (int const c : {0, 1, 2}) {
            auto const n = static_cast<double>(train.at(c) + test.at(c));
            CHECK(std::abs(static_cast<double>(test.at(c)) - 19.0 / 61 * n) <= 1);
        }
    }
}

TEST_CASE("train and test, by hand") {
    CHECK(train_test_split(5, {.test_size = 2, .shuffle = false}) == row_split{{0, 1, 2}, {3, 4}});
    CHECK(train_test_split(8, {.random_state = 1}).test.size() == 2);
    auto const s = train_test_split(data.n, {.stratify = data.binary, .random_state = 1});
    CHECK(check_parts(s, data.n));
    CHECK(s.test.size() == 16);
    std::vector<std::string> const names{"a", "b", "b", "a"};
    auto const of_names = train_test_split(4, {.test_size = 0.5, .stratify = names});
    auto const taken = take(names, of_names.test);
    CHECK(taken.size() == 2);
    CHECK(taken[0] != taken[1]);
    CHECK(take(data.x, of_names.test).rows() == 2);
    CHECK(take(data.values, of_names.train)[1] == data.values[of_names.train[1]]);
}

TEST_CASE("predefined folds are those predefined") {
    CHECK(predefined_split{{-1, 5, 2, 5}}.split({.n_rows = 4}) ==
          std::vector<row_split>{{{0, 1, 3}, {2}}, {{0, 2}, {1, 3}}});
    any_splitter const any(std::vector<row_split>{{{0}, {1}}});
    CHECK(any.split({.n_rows = 2}) == std::vector<row_split>{{{0}, {1}}});
}

TEST_CASE("a split that cannot be made is refused in a sentence") {
    auto const says = [](auto const& splitter, rows_to_split const& rows, char const* sentence) {
        CHECK_THROWS_WITH_AS((void)splitter.split(rows), sentence, invalid_input);
    };
    std::vector<int> const one{1};
    std::vector<int> const four{1, 1, 2, 3};
    says(k_fold{1}, all, "k_fold::split: n_splits is 1; it must be at least 2");
    says(k_fold{5}, {.n_rows = 4}, "k_fold::split: n_splits is 5 but there are 4 rows");
    says(stratified_k_fold{2}, {.n_rows = 4, .y = one},
         "stratified_k_fold::split: y has 1 labels but there are 4 rows");
    says(stratified_k_fold{3}, {.n_rows = 4, .y = four},
         "stratified_k_fold::split: n_splits is 3 but no class has more than 2 rows");
    says(group_k_fold{4}, {.n_rows = 4, .groups = four},
         "group_k_fold::split: n_splits is 4 but there are 3 groups");
    says(leave_one_group_out{}, {.n_rows = 1, .groups = one},
         "leave_one_group_out::split: n_splits is 2 but there are 1 groups");
    says(repeated{k_fold{}}, all,
         "repeated::split: 10 repeats would all be the same; the splitter needs shuffle = true");
    says(shuffle_split{.test_size = 1.5}, all,
         "shuffle_split::split: test_size is 1.5; it must be a share in (0, 1) or a number in "
         "1..60");
    says(shuffle_split{.test_size = 40, .train_size = 40}, all,
         "shuffle_split::split: 40 to train and 40 to test, but there are 61; at least 1 must "
         "train, and none do both");
    says(stratified_shuffle_split{}, {.n_rows = 4, .y = four},
         "stratified_shuffle_split::split: class 2 has 1 row; it needs 2, one for each part");
    says(predefined_split{{0, -2}}, {.n_rows = 2},
         "predefined_split::split: test_fold holds -2; it must be -1 or a fold");
    says(time_series_split{.n_splits = 3, .test_size = 2, .gap = 1}, {.n_rows = 7},
         "time_series_split::split: 3 tests of 2 rows after a gap of 1 leave none of 7 rows to "
         "train the first");
}
