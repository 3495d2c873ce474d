// SPDX-License-Identifier: BSD-3-Clause
#include "support/boosting_fits.hpp"
#include "support/samples.hpp"

#include <copse/tree/gradient_tally.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;
using namespace copse::test;

namespace {

/// Column 0 has 300 codes that mean nothing, column 1 has 6: of these, 1 and 4 raise y by 1.
valued codes(std::size_t n, std::uint64_t seed) {
    valued out{matrix<float>(n, 2), {}};
    random_stream const draws(seed);
    for (std::size_t i = 0; i < n; ++i) {
        auto const code = draws.below(6, 3 * i + 1);
        out.x(i, 0) = static_cast<float>(draws.below(300, 3 * i));
        out.x(i, 1) = static_cast<float>(code);
        out.y.push_back((code == 1 || code == 4 ? 1.0 : 0.0) + 8 * draws.uniform(3 * i + 2));
    }
    return out;
}

gradient_boosting_regressor const stump{
    .n_estimators = 1, .learning_rate = 1, .max_leaf_nodes = 2, .categorical_features = {0, 1}};

}  // namespace

TEST_CASE("a subset of categories is found that no order of their codes has") {
    auto const [x, y] = codes(2000, 1);
    auto const model = stump.fit(x, y, sequential{});
    CHECK(model.trees()[0].nodes()[0].feature() == 1);
    auto const values = model.predict(x, sequential{});
    for (std::size_t i = 0; i < y.size(); ++i) {
        CHECK((values[i] > 4.5) == (x(i, 1) == 1 || x(i, 1) == 4));
    }
}

TEST_CASE("many codes that mean nothing are chosen for their luck unless it is subtracted") {
    auto const [x, y] = codes(2000, 1);
    auto lucky = stump;
    lucky.categories = {.handicap = 0, .smooth = 0, .min_samples = 1, .max_subset = unlimited};
    CHECK(lucky.fit(x, y, sequential{}).trees()[0].nodes()[0].feature() == 0);
    lucky.categories.handicap = 1;
    CHECK(lucky.fit(x, y, sequential{}).trees()[0].nodes()[0].feature() == 1);
}

TEST_CASE("the density at a quantile is the normal distribution's") {
    // By scipy.stats: norm.pdf(norm.ppf(p)).
    CHECK(std::fabs(detail::density_at_quantile(0.5) / 0.3989423 - 1) < 0.005);
    CHECK(std::fabs(detail::density_at_quantile(0.1) / 0.1754983 - 1) < 0.005);
    CHECK(std::fabs(detail::density_at_quantile(0.001) / 0.0033671 - 1) < 0.01);
}

TEST_CASE("codes without meaning gain as much by being put in order as the handicap says") {
    // 2,000 categories of equal Hessian and normal gradients of variance 1: the 200 least have
    // gained what the formula expects, within a few standard deviations.
    constexpr std::size_t n = 2000;
    random_stream const draws(3);
    std::vector<double> z(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < 12; ++k) z[i] += draws.uniform(12 * i + k);
        z[i] -= 6;
    }
    std::sort(z.begin(), z.end());
    double total = 0;
    double left = 0;
    for (std::size_t i = 0; i < n; ++i) {
        total += z[i];
        if (i < 200) left += z[i];
    }
    auto const right = total - left;
    auto const gain = left * left / 200 + right * right / (n - 200) - total * total / n;

    detail::gradient_tally<detail::unit_gradient_sums> tally({.category_handicap = 1}, false, 10);
    detail::gradient_units units;
    units.noise = 1;
    tally.start(units);
    CHECK(std::fabs(tally.handicap(200, n) / gain - 1) < 0.05);
    CHECK(tally.handicap(1, 2) == 0);
}

TEST_CASE("few categories are parted one from the rest, rare ones stay with it") {
    // Of the three, 0 and 2 are alike; so 1 goes alone.
    std::vector<float> x;
    std::vector<double> y;
    for (int i = 0; i < 90; ++i) {
        x.push_back(static_cast<float>(i % 3));
        y.push_back(i % 3 == 1 ? 5.0 : 0.25 * (i % 2));
    }
    auto recipe = stump;
    recipe.categorical_features = {0};
    features_view const view(x.data(), x.size(), 1);
    auto const model = recipe.fit(view, y, sequential{});
    auto const& tree = model.trees()[0];
    CHECK(tree.nodes()[0].is_categorical());
    auto const values = model.predict(view, sequential{});
    CHECK(values[0] == values[2]);
    CHECK(values[1] > 4.9);

    recipe.categories = {.one_vs_rest = 0, .min_samples = 31};
    CHECK(recipe.fit(view, y, sequential{}).trees()[0].nodes().size() == 1);
}

TEST_CASE("no more than max_subset categories are parted from the rest") {
    // Codes 0 to 19, of which the even ones are high.
    std::vector<float> x;
    std::vector<double> y;
    for (int i = 0; i < 800; ++i) {
        x.push_back(static_cast<float>(i % 20));
        y.push_back(i % 2 == 0 ? 1.0 : 0.0);
    }
    features_view const view(x.data(), x.size(), 1);
    auto recipe = stump;
    recipe.categorical_features = {0};
    recipe.min_samples_leaf = 1;
    for (auto const most : {std::size_t{3}, std::size_t{10}}) {
        recipe.categories.max_subset = most;
        auto const values = recipe.fit(view, y, sequential{}).predict(view, sequential{});
        auto const highest = *std::max_element(values.begin(), values.begin() + 20);
        auto const lowest = *std::min_element(values.begin(), values.begin() + 20);
        auto const n_high = std::count(values.begin(), values.begin() + 20, highest);
        auto const n_low = std::count(values.begin(), values.begin() + 20, lowest);
        CHECK(static_cast<std::size_t>(std::min(n_high, n_low)) == most);
    }
}

TEST_CASE_TEMPLATE("splits of categories are equal for every backend and n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const [x, y] = codes(3000, 2);
    auto recipe = stump;
    recipe.n_estimators = 10;
    recipe.max_leaf_nodes = 15;
    auto const expected = recipe.fit(x, y, sequential{});
    for (auto const n_jobs : {1, 3}) {
        CHECK(recipe.fit(x, y, with_jobs<Backend>(n_jobs)) == expected);
    }
}
