// SPDX-License-Identifier: BSD-3-Clause
// Damaged models: loading one is a file_error, never a crash, and never a model that crashes.
#include "io/support.hpp"

#include <copse/io/save_load.hpp>
#include <copse/par/sequential.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <sstream>

using namespace copse;
using test::mixed_columns;
using test::seal;
using test::some_boosted_classifier;
using test::some_boosted_regressor;
using test::some_classifier;
using test::some_linear_regressor;
using test::some_logistic_classifier;
using test::some_regressor;

namespace {

using file = std::vector<std::byte>;

template <class Model>
bool loads(file const& bytes) {
    try {
        (void)load<Model>(bytes);
        return true;
    } catch (file_error const&) {
        return false;
    }
}

/// Uses all of a model that indexes anything.
void exercise(forest_classifier const& model) {
    auto const x = mixed_columns(40);
    if (model.n_features() != x.cols()) return;
    (void)model.predict(x, sequential{});
    (void)model.predict_trees(x, sequential{});
    (void)model.feature_importances();
    std::vector<float> p(model.classes().size());
    model.predict_proba(std::span<float const>(x.row(0)), std::span(p));
}
void exercise(forest_regressor const& model) {
    auto const x = mixed_columns(40);
    if (model.n_features() != x.cols()) return;
    (void)model.predict(x, sequential{});
    (void)model.predict(std::span<float const>(x.row(0)));
    if (!model.parts().targets.empty()) (void)model.predict_quantiles(x, {0, 0.5, 1}, sequential{});
}
void exercise(boosted_classifier const& model) {
    auto const x = mixed_columns(40);
    if (model.n_features() != x.cols()) return;
    (void)model.predict(x, sequential{});
    (void)model.predict_proba(x, sequential{});
    (void)model.feature_importances();
    (void)model.first_rounds(1);
    std::vector<float> p(model.classes().size());
    model.predict_proba(std::span<float const>(x.row(0)), std::span(p));
}
void exercise(boosted_regressor const& model) {
    auto const x = mixed_columns(40);
    if (model.n_features() != x.cols()) return;
    (void)model.predict(x, sequential{});
    (void)model.predict(std::span<float const>(x.row(0)));
    model.staged_raw(
        x, [](std::size_t, matrix<double> const&) {}, sequential{});
}

void exercise(logistic_classifier const& model) {
    auto const x = mixed_columns(40);
    if (model.n_features() != x.cols()) return;
    (void)model.predict(x, sequential{});
    (void)model.predict_proba(x, sequential{});
}
void exercise(linear_regressor const& model) {
    auto const x = mixed_columns(40);
    if (model.n_features() != x.cols()) return;
    (void)model.predict(x, sequential{});
}

/// Changes one to four bytes; half of the time to values that are dangerous as counts and indexes.
void damage(file& bytes, random_stream draws) {
    auto const n = static_cast<std::uint32_t>(bytes.size());
    auto const n_changes = 1 + draws.below(4, 0);
    for (std::uint32_t k = 0; k < n_changes; ++k) {
        auto const own = draws.split(k);
        std::uint8_t const nasty[] = {0x00, 0xff, 0x7f, 0x80};
        auto const value = own.below(2, 0) == 0 ? static_cast<std::uint8_t>(own.below(256, 1))
                                                : nasty[own.below(4, 1)];
        bytes[own.below(n, 2)] = std::byte{value};
    }
    if (draws.below(8, 1) == 0) bytes.resize(4 + draws.below(n - 4, 2));
}

template <class Model>
void damage_many(Model const& model, std::uint64_t seed, int n_times) {
    auto const whole = save(model);
    int n_loaded = 0;
    for (int i = 0; i < n_times; ++i) {
        auto bytes = whole;
        damage(bytes, random_stream(seed).split(static_cast<std::uint64_t>(i)));
        CAPTURE(i);
        if (bytes != whole) CHECK(!loads<Model>(bytes));
        if (bytes.size() < 20) continue;
        seal(bytes);
        try {
            exercise(load<Model>(bytes));
            ++n_loaded;
        } catch (file_error const&) {
        }
    }
    // A threshold may become another threshold: some must get through, or nothing was tried.
    CHECK(n_loaded > n_times / 100);
    CHECK(n_loaded < n_times);
}

}  // namespace

TEST_CASE("CRC-32 is what everybody's is") {
    CHECK(detail::crc32(std::as_bytes(std::span("123456789", 9))) == 0xcbf43926);
    CHECK(detail::crc32({}) == 0);
    // Eight bytes at a time and one by one agree.
    std::string const text = "the quick brown fox jumps over the lazy dog";
    CHECK(detail::crc32(std::as_bytes(std::span(text))) == 0xce0c5114);
}

TEST_CASE("a model cut short anywhere is an error") {
    auto const whole = save(some_classifier());
    REQUIRE(loads<forest_classifier>(whole));
    for (std::size_t n = 0; n < whole.size(); n += n < 200 ? 1 : 17) {
        CHECK(!loads<forest_classifier>({whole.begin(), whole.begin() + static_cast<long>(n)}));
    }
    auto const boosted = save(some_boosted_regressor());
    for (std::size_t n = 0; n < boosted.size(); n += n < 200 ? 1 : 17) {
        CHECK(!loads<boosted_regressor>({boosted.begin(), boosted.begin() + static_cast<long>(n)}));
    }
}

TEST_CASE("every changed byte is an error") {
    auto const whole = save(some_regressor());
    for (std::size_t i = 0; i < whole.size(); i += i < 200 ? 1 : 7) {
        auto bytes = whole;
        bytes[i] ^= std::byte{1};
        CAPTURE(i);
        CHECK(!loads<forest_regressor>(bytes));
    }
}

TEST_CASE("a damaged model with a right checksum is an error or safe to predict with") {
    damage_many(some_classifier(), 11, 4000);
    damage_many(some_regressor(), 12, 4000);
    damage_many(some_boosted_classifier(), 13, 4000);
    damage_many(some_boosted_regressor(), 14, 4000);
    damage_many(some_logistic_classifier(), 15, 4000);
    damage_many(some_linear_regressor(), 16, 4000);
}

TEST_CASE("a stream that promises more than it has takes no memory for the rest") {
    auto bytes = save(some_classifier());
    std::memset(bytes.data() + 8, 0x7f, 8);
    std::string const text(reinterpret_cast<char const*>(bytes.data()), bytes.size());
    std::istringstream in(text);
    CHECK_THROWS_AS((void)load<forest_classifier>(in), file_error);
}

namespace {

/// A forest of one hand-made tree over 2 features and 2 classes, saved and loaded.
std::string refusal(tree t) {
    detail::classifier_parts parts;
    parts.trees = {std::move(t)};
    parts.n_features = 2;
    parts.importance_sum = {0, 0};
    parts.classes = labels(std::vector<std::int64_t>{0, 1});
    try {
        (void)load<forest_classifier>(save(forest_classifier(std::move(parts))));
        return "";
    } catch (file_error const& e) {
        return e.what();
    }
}

node split_to(std::uint32_t feature, std::uint32_t left) {
    auto n = node::split(feature, 0.5, false);
    n.set_left(left);
    return n;
}

node set_split(std::uint32_t first, std::uint32_t count) {
    auto n = node::category_split(0, first, count, false);
    n.set_left(1);
    return n;
}

}  // namespace

TEST_CASE("what is wrong with boosted trees is said") {
    auto const refused = [](auto const& change) -> std::string {
        auto parts = some_boosted_classifier().parts();  // 3 classes, 4 features
        change(parts);
        try {
            (void)load<boosted_classifier>(save(boosted_classifier(std::move(parts))));
            return "";
        } catch (file_error const& e) {
            return e.what();
        }
    };
    using parts = detail::boosted_classifier_parts;
    CHECK(refused([](parts&) {}).empty());
    CHECK(refused([](parts& p) { p.initial_raw.pop_back(); }) ==
          "bytes: section 'boosting': has 2 initial scores for 3 outputs");
    CHECK(refused([](parts& p) { p.cover.pop_back(); }) ==
          "bytes: section 'boosting': has 4 features, but 3 importances");
    CHECK(refused([](parts& p) { p.n_features = 0; }) ==
          "bytes: section 'boosting': has 0 features");
    CHECK(refused([](parts& p) { p.trees.pop_back(); }) ==
          "bytes: section 'trees': has 11 trees in rounds of 3");
    CHECK(refused([](parts& p) { p.validation_losses[1].pop_back(); }) ==
          "bytes: section 'validation': has 3 losses of 4 rounds");
    CHECK(refused([](parts& p) {
              p.validation_scores = {{"accuracy", true, {{1, 1, 1, 1}, {1, 1, 1}}}};
          }) == "bytes: section 'metrics': has 3 scores of 4 rounds");
    CHECK(refused([](parts& p) { p.classes = labels(std::vector<std::int64_t>{}); }) ==
          "bytes: section 'classes': has no classes");
}

TEST_CASE("what is wrong with a tree is said") {
    auto const leaf = node::pure_leaf(0);
    auto const in_trees = [](std::string const& rest) { return "bytes: section 'trees': " + rest; };
    CHECK(refusal(tree({leaf}, {}, {})).empty());
    CHECK(refusal(tree({split_to(0, 1), leaf, leaf}, {}, {})).empty());
    CHECK(refusal(tree({split_to(2, 1), leaf, leaf}, {}, {})) ==
          in_trees("node 0 of a tree splits on feature 2 of 2"));
    CHECK(refusal(tree({split_to(0, 0), leaf, leaf}, {}, {})) ==
          in_trees("node 0 of a tree has children 0 and 1 of 3 nodes"));
    CHECK(refusal(tree({split_to(0, 2), leaf, leaf}, {}, {})) ==
          in_trees("node 0 of a tree has children 2 and 3 of 3 nodes"));
    CHECK(refusal(tree({leaf, leaf, leaf}, {}, {})) ==
          in_trees("node 1 of a tree is nobody's child"));
    CHECK(refusal(tree({node::pure_leaf(2)}, {}, {})) ==
          in_trees("leaf 0 of a tree has class 2 of 2"));
    CHECK(refusal(tree({node::mixed_leaf(1)}, {0.5f, 0.5f}, {})) ==
          in_trees("leaf 0 of a tree has row 1 of 1"));
    CHECK(refusal(tree({node::mixed_leaf(0)}, {0.5f}, {})) ==
          in_trees("a tree has 1 frequencies of 2 classes"));
    CHECK(refusal(tree({node::mixed_leaf(0)}, {0.5f, 2.0f}, {})) ==
          in_trees("a class frequency is 2; it must be in 0..1"));
    CHECK(refusal(tree({set_split(0, 1), leaf, leaf}, {}, {1})).empty());
    CHECK(refusal(tree({set_split(0, 2), leaf, leaf}, {}, {1})) ==
          in_trees("node 0 of a tree has a set of 2 words from word 0 of 1"));
    CHECK(refusal(tree({set_split(0xffffffff, 2), leaf, leaf}, {}, {1})) ==
          in_trees("node 0 of a tree has a set of 2 words from word 4294967295 of 1"));
    CHECK(refusal(tree({leaf, leaf}, {}, {})) ==
          in_trees("a tree has 2 payloads, 2 children and 2 features; it needs as many of each, an "
                   "odd number"));
}
