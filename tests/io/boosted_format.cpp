// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <copse/ensemble/gradient_boosting_ranker.hpp>
#include <copse/io/save_load.hpp>
#include <copse/metrics/query_ranking.hpp>

#include <cstddef>
#include <vector>

using namespace copse;
using namespace copse::test;

TEST_CASE("a ranker and the curves of its metrics come back from a file as they were") {
    auto const x = grid(90, 3, 1);
    std::vector<int> y;
    for (std::size_t i = 0; i < 90; ++i) y.push_back(static_cast<int>(x(i, 0)) / 3);
    std::vector<std::size_t> const groups{30, 60};
    gradient_boosting_ranker::fit_options options;
    options.validation = {{x, y, groups}, {x, y, groups}};
    options.metrics = {metrics::ndcg, metrics::mean_average_precision};
    auto const model =
        gradient_boosting_ranker{.n_estimators = 4}.fit(x, y, groups, options, sequential{});
    auto const again = load<boosted_ranker>(save(model));
    CHECK(again == model);
    REQUIRE(again.validation_scores().size() == 2);
    CHECK(again.validation_scores()[1].name == "mean_average_precision");
    CHECK(again.validation_scores()[1].of_set[1].size() == 4);
}
