// SPDX-License-Identifier: BSD-3-Clause

// Public data sets, where COPSE_DATA_DIR names a folder that has them, against what is known of
// them: rows, columns, classes, missing cells.
#if __has_include(<zlib.h>)

#include <copse/data/csv.hpp>
#include <copse/data/gzip.hpp>
#include <copse/data/idx.hpp>
#include <copse/data/svmlight.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

using namespace copse;

namespace {

/// The text of a file of COPSE_DATA_DIR, or nothing, with a message.
std::optional<std::string> real_text(std::string const& name) {
    auto const folder = std::getenv("COPSE_DATA_DIR");
    auto const path = std::filesystem::path(folder == nullptr ? "" : folder) / name;
    if (folder != nullptr && std::filesystem::exists(path)) return gunzip(path);
    MESSAGE("skipped: COPSE_DATA_DIR has no " << name);
    return std::nullopt;
}

auto n_missing(matrix<float> const& x) {
    return std::count_if(x.data(), x.data() + x.rows() * x.cols(),
                         [](float value) { return std::isnan(value); });
}

}  // namespace

TEST_CASE("adult: the test file is coded like the train file") {
    auto const train_text = real_text("adult_train.csv.gz");
    auto const test_text = real_text("adult_test.csv.gz");
    if (!train_text || !test_text) return;
    auto const train = parse_csv(*train_text, {.target = "income"});
    CHECK(train.x.rows() == 32561);
    CHECK(train.x.cols() == 14);
    CHECK(train.categorical_features() == std::vector<std::size_t>{1, 3, 5, 6, 7, 8, 9, 13});
    CHECK(n_missing(train.x) == 4262);
    CHECK(encode(train.y).classes == std::vector<std::string>{"<=50K", ">50K"});
    CHECK(train.features[9].categories == std::vector<std::string>{"Female", "Male"});
    CHECK(train.x(0, 0) == 39.0f);

    auto const test = parse_csv(*test_text, {.like = &train});
    CHECK(test.x.rows() == 16281);
    CHECK(n_missing(test.x) == 2203);
    CHECK(test.features == train.features);
    CHECK(encode(test.y).classes == encode(train.y).classes);
}

TEST_CASE("titanic: names with commas in quotes") {
    auto const text = real_text("titanic.csv.gz");
    if (!text) return;
    auto const d = parse_csv(*text, {.target = "survived"});
    CHECK(d.x.rows() == 1309);
    CHECK(d.x.cols() == 13);
    CHECK(n_missing(d.x) == 3855);
    CHECK(d.categorical_features().size() == 7);
    CHECK(d.features[1].categories[0] == "Abbing, Mr. Anthony");
    CHECK(d.y.classes()[0] == 1);
}

TEST_CASE("soybean: nothing but categories, 19 classes") {
    auto const text = real_text("soybean.csv.gz");
    if (!text) return;
    auto const d = parse_csv(*text);
    CHECK(d.x.rows() == 683);
    CHECK(d.categorical_features().size() == 35);
    CHECK(n_missing(d.x) == 2337);
    CHECK(encode(d.y).classes.size() == 19);
}

TEST_CASE("airlines: bytes that are not UTF-8") {
    auto const text = real_text("airlines_allyears2k.csv.gz");
    if (!text) return;
    auto const d = parse_csv(*text, {.target = "IsArrDelayed"});
    CHECK(d.x.rows() == 43978);
    CHECK(d.x.cols() == 30);
    CHECK(n_missing(d.x) == 279704 + 9806);
    CHECK(encode(d.y).classes == std::vector<std::string>{"NO", "YES"});
}

TEST_CASE("a9a: the test file lacks the last feature") {
    auto const train_text = real_text("a9a_train.libsvm.gz");
    auto const test_text = real_text("a9a_test.libsvm.gz");
    if (!train_text || !test_text) return;
    auto const train = parse_svmlight(*train_text);
    CHECK(train.x.rows() == 32561);
    CHECK(train.x.cols() == 123);
    CHECK(train.x.n_stored() == 451592);
    CHECK(encode(train.y).classes == std::vector<int>{-1, 1});
    CHECK(parse_svmlight(*test_text).x.cols() == 122);
    auto const test = parse_svmlight(*test_text, {.like = &train});
    CHECK(test.x.rows() == 16281);
    CHECK(test.x.cols() == 123);
    CHECK(test.x.n_stored() == 225731);
}

TEST_CASE("mq2008: queries, grades and notes") {
    auto const text = real_text("mq2008_S1.letor.gz");
    if (!text) return;
    auto const d = parse_svmlight(*text);
    CHECK(d.x.rows() == 2933);
    CHECK(d.x.cols() == 46);
    CHECK(d.x.n_stored() == 134918);
    CHECK(query_sizes(d.query_id).size() == 157);
    CHECK(*std::max_element(d.y.values().begin(), d.y.values().end()) == 2.0);
}

TEST_CASE("mnist: 10,000 images of 784 pixels") {
    auto const images = real_text("mnist/t10k-images-idx3-ubyte.gz");
    auto const digits = real_text("mnist/t10k-labels-idx1-ubyte.gz");
    if (!images || !digits) return;
    auto const x = parse_idx(*images);
    CHECK(x.rows() == 10000);
    CHECK(x.cols() == 784);
    auto const y = parse_idx_labels(*digits);
    CHECK(y.size() == 10000);
    CHECK(y[0] == 7);
    CHECK(encode(y).classes.size() == 10);
}

#endif
