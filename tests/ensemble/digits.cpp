// SPDX-License-Identifier: BSD-3-Clause

// Forests on real data against scikit-learn 1.9.1, where COPSE_DATA_DIR names a folder that has
// the data.
#include "support/forest_fits.hpp"

#include <doctest/doctest.h>

#if __has_include(<zlib.h>)

#include <copse/data/csv.hpp>
#include <copse/data/gzip.hpp>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <vector>

using namespace copse;

TEST_CASE("digits: forests are as accurate as scikit-learn's, within the noise of seeds") {
    auto const folder = std::getenv("COPSE_DATA_DIR");
    auto const path = std::filesystem::path(folder == nullptr ? "" : folder) / "digits8x8.csv.gz";
    if (folder == nullptr || !std::filesystem::exists(path)) {
        MESSAGE("skipped: COPSE_DATA_DIR has no digits8x8.csv.gz");
        return;
    }
    auto const data = parse_csv(gunzip(path), {.target = "target"});
    REQUIRE(data.x.rows() == 1797);
    REQUIRE(data.x.cols() == 64);
    // Even rows to train, odd ones to test.
    auto const every_other = [&](std::size_t first) {
        return matrix_view<float const>(&data.x(first, 0), (1798 - first) / 2, 64, 128, 1);
    };
    std::vector<std::int64_t> y;
    std::vector<std::int64_t> y_test;
    labels const all = encode(data.y).classes.at_codes(encode(data.y).codes);
    for (std::size_t i = 0; i < 1797; ++i)
        (i % 2 == 0 ? y : y_test).push_back(std::stoll(all[i].to_string()));
    auto const mean_scores = [&](auto trainer) {
        trainer.n_estimators = 100;
        trainer.oob_score = true;
        trainer.bootstrap = true;
        struct {
            double test = 0;
            double oob = 0;
        } mean;
        for (trainer.random_state = 0; trainer.random_state < 5; ++trainer.random_state) {
            auto const forest = trainer.fit(every_other(0), y);
            labels const answer = forest.predict(every_other(1));
            double right = 0;
            for (std::size_t i = 0; i < y_test.size(); ++i) right += answer[i] == y_test[i] ? 1 : 0;
            mean.test += right / static_cast<double>(y_test.size()) / 5;
            mean.oob += forest.oob()->score / 5;
        }
        return mean;
    };
    // scikit-learn, 10 seeds: test 0.9561 +- 0.0023, out of bag 0.9630 +- 0.0045.
    auto const forest = mean_scores(random_forest_classifier{});
    CHECK(std::abs(forest.test - 0.9561) < 0.005);
    CHECK(std::abs(forest.oob - 0.9630) < 0.008);
    // Extra trees: test 0.9641 +- 0.0019, out of bag 0.9682 +- 0.0038.
    auto const extra = mean_scores(extra_trees_classifier{});
    CHECK(std::abs(extra.test - 0.9641) < 0.005);
    CHECK(std::abs(extra.oob - 0.9682) < 0.008);
}

#endif
