// SPDX-License-Identifier: BSD-3-Clause
#include "io/support.hpp"

#include <copse/data/csv.hpp>
#include <copse/ensemble/extra_trees.hpp>
#include <copse/io/save_load.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <sstream>

using namespace copse;
using test::colours;
using test::mixed_columns;
using test::numbers;
using test::scratch_folder;
using test::some_boosted_classifier;
using test::some_boosted_regressor;
using test::some_classifier;
using test::some_regressor;

TEST_CASE("a model comes back equal from a file, a stream and memory") {
    scratch_folder const folder;
    save(some_classifier(), folder / "c.copse");
    save(some_regressor(), folder / "r.copse");
    CHECK(load<forest_classifier>(folder / "c.copse") == some_classifier());
    CHECK(load<forest_regressor>(folder / "r.copse") == some_regressor());
    CHECK(saved_kind(folder / "c.copse") == "forest_classifier");
    CHECK(saved_kind(folder / "r.copse") == "forest_regressor");

    std::stringstream stream;
    save(some_classifier(), stream);
    save(some_regressor(), stream);
    stream << "and so on";
    CHECK(load<forest_classifier>(stream) == some_classifier());
    CHECK(load<forest_regressor>(stream) == some_regressor());
    CHECK(std::string(std::istreambuf_iterator<char>(stream), {}) == "and so on");

    CHECK(load<forest_classifier>(save(some_classifier())) == some_classifier());
}

TEST_CASE("a boosted model comes back equal, and predicts the same bits") {
    scratch_folder const folder;
    save(some_boosted_classifier(), folder / "c.copse");
    save(some_boosted_regressor(), folder / "r.copse");
    auto const c = load<boosted_classifier>(folder / "c.copse");
    auto const r = load<boosted_regressor>(folder / "r.copse");
    CHECK(c == some_boosted_classifier());
    CHECK(r == some_boosted_regressor());
    CHECK(saved_kind(folder / "c.copse") == "boosted_classifier");
    CHECK(saved_kind(folder / "r.copse") == "boosted_regressor");
    auto const x = mixed_columns(500);
    CHECK(c.predict_proba(x) == some_boosted_classifier().predict_proba(x));
    CHECK(r.predict(x) == some_boosted_regressor().predict(x));
    CHECK(c.validation_losses() == some_boosted_classifier().validation_losses());
    CHECK_THROWS_WITH_AS((void)load<forest_regressor>(save(r)),
                         "bytes holds a boosted_regressor, not a forest_regressor", file_error);
}

TEST_CASE("boosted models without rounds, with one class or two, are saved too") {
    auto const none = some_boosted_classifier().first_rounds(0);
    CHECK(load<boosted_classifier>(save(none)) == none);
    auto const x = mixed_columns(50);
    auto const recipe = gradient_boosting_classifier{.n_estimators = 2, .min_samples_leaf = 3};
    for (int const n_classes : {1, 2}) {
        std::vector<int> y(50);
        for (int i = 0; i < 50; ++i) y[static_cast<std::size_t>(i)] = i % n_classes;
        auto const model = recipe.fit(x, y);
        CHECK(load<boosted_classifier>(save(model)) == model);
    }
}

TEST_CASE("the test models have all there is to save") {
    auto const& c = some_classifier();
    CHECK(c.oob().has_value());
    CHECK(c.oob_permutation_importances().size() == 4);
    CHECK(!c.trees()[0].category_words().empty());
    CHECK(!c.trees()[0].frequencies().empty());
    CHECK(some_regressor().oob().has_value());
    CHECK(some_regressor().parts().targets.size() == 3);
    CHECK(some_boosted_classifier().n_outputs() == 3);
    CHECK(some_boosted_classifier().validation_losses().size() == 2);
    CHECK(some_boosted_regressor().link() == link_function::log);
}

TEST_CASE("a loaded model predicts the same bits") {
    auto const x = mixed_columns(500);
    auto const c = load<forest_classifier>(save(some_classifier()));
    CHECK(c.predict_proba(x) == some_classifier().predict_proba(x));
    CHECK(c.predict(x) == some_classifier().predict(x));
    auto const r = load<forest_regressor>(save(some_regressor()));
    CHECK(r.predict(x) == some_regressor().predict(x));
    CHECK(r.predict_quantiles(x, {0.1, 0.9}) == some_regressor().predict_quantiles(x, {0.1, 0.9}));
}

TEST_CASE("integer labels, one class, one leaf and extra trees are saved too") {
    auto const x = mixed_columns(50);
    auto const one = random_forest_classifier{.n_estimators = 2}.fit(x, std::vector<int>(50, -7));
    CHECK(load<forest_classifier>(save(one)) == one);
    std::vector<long> y(50);
    for (std::size_t i = 0; i < 50; ++i) y[i] = static_cast<long>(i % 3) << 40;
    auto const extra = extra_trees_classifier{.n_estimators = 4}.fit(x, y);
    CHECK(load<forest_classifier>(save(extra)) == extra);
    auto const flat =
        extra_trees_regressor{.n_estimators = 1, .max_depth = 0 + 1}.fit(x, numbers(x));
    CHECK(load<forest_regressor>(save(flat)) == flat);
}

TEST_CASE("an equal model is saved as the same bytes") {
    auto const x = mixed_columns(120);
    auto const recipe = random_forest_classifier{.n_estimators = 8, .random_state = 3};
    CHECK(save(recipe.fit(x, colours(x), copse::tbb{.n_jobs = 1})) ==
          save(recipe.fit(x, colours(x), copse::tbb{.n_jobs = 3})));
}

TEST_CASE("a file is replaced whole, through links, and nothing else stays in the folder") {
    scratch_folder const folder;
    auto const path = folder / "m.copse";
    std::ofstream(path) << "old";
    std::filesystem::create_symlink("m.copse", folder / "link");
    save(some_regressor(), folder / "link");
    CHECK(std::filesystem::is_symlink(folder / "link"));
    CHECK(load<forest_regressor>(path) == some_regressor());
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
}

TEST_CASE("a path that cannot be written is named, and what was there stays") {
    scratch_folder const folder;
    auto const nowhere = (folder / "no" / "m.copse").string();
    CHECK_THROWS_WITH_AS(
        save(some_regressor(), nowhere),
        (nowhere + ": cannot be written: there is no folder " + (folder / "no").string()).c_str(),
        file_error);
    CHECK_THROWS_WITH_AS(save(some_regressor(), folder.path()),
                         (folder.path().string() + ": is a directory").c_str(), file_error);
    CHECK_THROWS_WITH_AS(save(some_regressor(), ""), "save: the path is empty", file_error);
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a stream that fails is an error") {
    std::ostringstream out;
    out.setstate(std::ios::badbit);
    CHECK_THROWS_AS(save(some_regressor(), out), file_error);
    std::istringstream nothing;
    CHECK_THROWS_WITH_AS((void)load<forest_regressor>(nothing), "stream: is empty", file_error);
}

TEST_CASE("what a file holds instead is said") {
    scratch_folder const folder;
    auto const path = (folder / "model.copse").string();
    auto const fails = [&](std::string const& how) {
        CHECK_THROWS_WITH_AS((void)load<forest_classifier>(path), (path + how).c_str(), file_error);
    };
    fails(": there is no such file");
    save(some_regressor(), path);
    fails(" holds a forest_regressor, not a forest_classifier");
    std::ofstream(path) << "";
    fails(": is empty");
    std::ofstream(path) << "age,job\n3,cook\n";
    fails(": is not a saved model; those begin with 'copse' and a zero byte");
    std::ofstream(path).write("copse\0", 6);
    fails(": has 6 bytes; the head of a model takes 16");

    auto bytes = save(some_classifier());
    auto const size = std::to_string(bytes.size());
    auto const write = [&](std::size_t n) {
        std::ofstream(path).write(reinterpret_cast<char const*>(bytes.data()),
                                  static_cast<std::streamsize>(n));
    };
    write(1000);
    fails(": has 1000 of its " + size + " bytes; it was cut short");
    bytes[6] = std::byte{9};
    write(bytes.size());
    fails(": has format version 9; this copse reads up to version 1");
    bytes[6] = std::byte{1};
    bytes.push_back(std::byte{0});
    write(bytes.size());
    fails(": has " + std::to_string(bytes.size()) + " bytes; the model in it ends after " + size);
}

TEST_CASE("columns are saved with the model, and a later table is coded like the first") {
    scratch_folder const folder;
    std::string const table =
        "age,job,pay\n30,cook,low\n40,smith,high\n50,cook,low\n60,tailor,high\n";
    auto const train = parse_csv(table);
    auto const forest =
        random_forest_classifier{.n_estimators = 5,
                                 .categorical_features = train.categorical_features()}
            .fit(train.x, train.y);
    save(forest, folder / "m.copse", {.columns = &train});
    CHECK(load<forest_classifier>(folder / "m.copse") == forest);

    auto const like = load_columns(folder / "m.copse");
    CHECK(like.features == train.features);
    CHECK(like.x.rows() == 0);
    CHECK(like.y.name() == "pay");
    CHECK(like.y.is_classification());

    auto const later = parse_csv("pay,job,extra,age\nhigh,smith,0,33\n?,baker,0,\n",
                                 {.skip_rows_without_target = true, .like = &like});
    CHECK(later.x.rows() == 1);
    CHECK(later.x(0, 0) == 33);
    CHECK(later.x(0, 1) == 1);
    CHECK(later.y.classes() == std::vector<std::string>{"high"});
    auto unlabelled = like;
    unlabelled.y = {};
    CHECK(parse_csv("job,age\nsmith,3\nbaker,4\n", {.like = &unlabelled}).x.rows() == 2);

    save(forest, folder / "m.copse");
    CHECK_THROWS_WITH_AS((void)load_columns(folder / "m.copse"),
                         ((folder / "m.copse").string() +
                          ": was saved without columns; save with {.columns = &train}")
                             .c_str(),
                         file_error);
    dataset narrow;
    narrow.features.resize(1);
    CHECK_THROWS_WITH_AS((void)save(forest, {.columns = &narrow}),
                         "save: columns has 1 features but the model was fitted on 2",
                         invalid_input);
}
