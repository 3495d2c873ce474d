// SPDX-License-Identifier: BSD-3-Clause
#include <copse/metrics/query_ranking.hpp>

#include "data.hpp"

#include <cmath>
#include <cstddef>
#include <tuple>
#include <vector>

using namespace copse;
using test::near;
namespace ref = reference;
using sizes = std::vector<std::size_t>;

TEST_CASE("ndcg by hand") {
    std::vector<int> const y{1, 2, 0};
    std::vector<double> const s{3, 2, 1};
    double const second = 1 / std::log2(3.0);
    CHECK(metrics::ndcg(y, s, sizes{3}) == near((1 + 3 * second) / (3 + second)));
    CHECK(metrics::ndcg_metric{.k = 1}(y, s, sizes{3}) == near(1.0 / 3));
    CHECK(metrics::ndcg_metric{.k = 1, .gain = metrics::gain::linear}(y, s, sizes{3}) == 0.5);
    CHECK(metrics::ndcg(y, std::vector<double>{2, 3, 1}, sizes{3}) == 1);
    // Queries {1}, of one document, and {2, 0}, in the right order.
    CHECK(metrics::ndcg(y, s, sizes{1, 2}) == 1);
    // {1, 2} in the wrong order, and {0}, without a relevant document.
    double const wrong = (1 + 3 * second) / (3 + second);
    CHECK(metrics::ndcg(y, s, sizes{2, 1}) == near((wrong + 1) / 2));
    CHECK(metrics::ndcg_metric{.without_relevant = 0}(y, s, sizes{2, 1}) == near(wrong / 2));
    CHECK(metrics::ndcg(y, s, sizes{2, 1}, std::vector<int>{3, 1}) == near((3 * wrong + 1) / 4));
}

TEST_CASE("mean average precision by hand") {
    std::vector<int> const y{1, 0, 2, 0};
    std::vector<double> const s{4, 3, 2, 1};
    CHECK(metrics::mean_average_precision(y, s, sizes{4}) == near((1 + 2.0 / 3) / 2));
    CHECK(metrics::mean_average_precision_metric{.k = 2}(y, s, sizes{4}) == 0.5);
    CHECK(metrics::mean_average_precision_metric{.k = 1}(y, s, sizes{4}) == 1);
    CHECK(metrics::mean_average_precision(y, s, sizes{3, 1}) == near(((1 + 2.0 / 3) / 2 + 1) / 2));
    // The relevant documents of a tie come last: ranks 3 and 4.
    CHECK(metrics::mean_average_precision(y, std::vector<int>{5, 5, 5, 5}, sizes{4}) ==
          near((1.0 / 3 + 0.5) / 2));
}

TEST_CASE("ndcg agrees with scikit-learn, ties and all") {
    for (auto const& [k, linear, linear_w, exponential, exponential_w] :
         {std::tuple{1u, ref::ndcg_linear_1, ref::ndcg_linear_1_w, ref::ndcg_1, ref::ndcg_1_w},
          std::tuple{3u, ref::ndcg_linear_3, ref::ndcg_linear_3_w, ref::ndcg_3, ref::ndcg_3_w},
          std::tuple{100u, ref::ndcg_linear_100, ref::ndcg_linear_100_w, ref::ndcg_100,
                     ref::ndcg_100_w}}) {
        metrics::ndcg_metric const like_scikit_learn{
            .k = k, .gain = metrics::gain::linear, .without_relevant = 0};
        CHECK(like_scikit_learn(ref::grades, ref::ranks, ref::sizes) == near(linear));
        CHECK(like_scikit_learn(ref::grades, ref::ranks, ref::sizes, ref::query_weights) ==
              near(linear_w));
        metrics::ndcg_metric const usual{.k = k};
        CHECK(usual(ref::grades, ref::ranks, ref::sizes) == near(exponential));
        CHECK(usual(ref::grades, ref::ranks, ref::sizes, ref::query_weights) ==
              near(exponential_w));
    }
}

TEST_CASE("ranking metrics agree with LightGBM and scikit-learn where no scores tie") {
    auto const ndcg_at = [](std::size_t k) {
        return metrics::ndcg_metric{.k = k}(ref::grades, ref::untied, ref::sizes);
    };
    auto const map_at = [](std::size_t k) {
        return metrics::mean_average_precision_metric{.k = k}(ref::grades, ref::untied, ref::sizes);
    };
    CHECK(ndcg_at(1) == near(ref::light_gbm_ndcg_1));
    CHECK(ndcg_at(3) == near(ref::light_gbm_ndcg_3));
    CHECK(ndcg_at(5) == near(ref::light_gbm_ndcg_5));
    CHECK(map_at(1) == near(ref::light_gbm_map_1));
    CHECK(map_at(3) == near(ref::light_gbm_map_3));
    CHECK(map_at(5) == near(ref::light_gbm_map_5));
    CHECK(map_at(unlimited) == near(ref::map));
    CHECK(metrics::mean_average_precision(ref::grades, ref::untied, ref::sizes,
                                          ref::query_weights) == near(ref::map_w));
}

TEST_CASE("the order of a query's rows does not matter, even where scores tie") {
    std::vector<int> const y{0, 3, 1, 2, 0, 1};
    std::vector<int> const s{1, 2, 2, 1, 2, 1};
    std::vector<int> const y_turned{1, 0, 2, 1, 3, 0};
    std::vector<int> const s_turned{1, 2, 1, 2, 2, 1};
    for (std::size_t const k : {1u, 2u, 4u, 6u}) {
        CHECK(metrics::ndcg_metric{.k = k}(y, s, sizes{6}) ==
              near(metrics::ndcg_metric{.k = k}(y_turned, s_turned, sizes{6})));
        CHECK(metrics::mean_average_precision_metric{.k = k}(y, s, sizes{6}) ==
              metrics::mean_average_precision_metric{.k = k}(y_turned, s_turned, sizes{6}));
    }
}

TEST_CASE("a query of weight 2 counts twice, one of weight 0 not at all") {
    std::vector<int> const y{1, 2, 0, 1, 3, 2};
    std::vector<double> const s{2, 1, 4, 3, 1, 2};
    std::vector<int> const y_twice{1, 2, 1, 2, 3, 2};
    std::vector<double> const s_twice{2, 1, 2, 1, 1, 2};
    std::vector<int> const w{2, 0, 1};
    CHECK(metrics::ndcg(y, s, sizes{2, 2, 2}, w) ==
          near(metrics::ndcg(y_twice, s_twice, sizes{2, 2, 2})));
    CHECK(metrics::mean_average_precision(y, s, sizes{2, 2, 2}, w) ==
          near(metrics::mean_average_precision(y_twice, s_twice, sizes{2, 2, 2})));
}

TEST_CASE("ranking metrics say what is wrong with their arguments") {
    std::vector<double> const y{1, 0, 2};
    CHECK_THROWS_WITH_AS((void)metrics::ndcg(y, y, sizes{1, 1}),
                         "ndcg: the 2 groups have 2 rows but y_true has 3", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::ndcg(y, y, sizes{3, 0}), "ndcg: group 1 is empty",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::ndcg(y, std::vector<int>{1}, sizes{3}),
                         "ndcg: y_score has 1 values but y_true has 3", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::ndcg(y, y, sizes{1, 2}, std::vector<double>{1}),
                         "ndcg: group_weight has 1 weights but group_sizes has 2", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::ndcg(y, y, sizes{1, 2}, std::vector<double>{1, -1}),
                         "ndcg: group_weight is -1 at group 1; it must be finite and at least 0",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::ndcg(y, y, sizes{1, 2}, std::vector<double>{0, 0}),
                         "ndcg: the 2 group weights sum to 0; some must be positive",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::ndcg(std::vector<double>{0.5, 1}, std::vector<int>{1, 2}, sizes{2}),
        "ndcg: y_true is 0.5 at row 0; exponential gain needs whole numbers up "
        "to 31",
        invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)metrics::mean_average_precision(std::vector<double>{1, -2, 0}, y, sizes{3}),
        "mean_average_precision: y_true is -2 at row 1; it must be finite and at "
        "least 0",
        invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::ndcg(y, std::vector<double>{1, std::nan(""), 0}, sizes{3}),
                         "ndcg: y_score is NaN at row 1", invalid_input);
    CHECK_THROWS_WITH_AS((void)metrics::ndcg_metric{.k = 0}(y, y, sizes{3}),
                         "ndcg: k is 0; it must be at least 1", invalid_input);
}
