// SPDX-License-Identifier: BSD-3-Clause
#include "model_selection/data.hpp"

#include <copse/linear/elastic_net.hpp>
#include <copse/linear/linear_svc.hpp>
#include <copse/model_selection/sampling.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <vector>

using namespace copse;
using detail::observation;

namespace {

auto const two =
    space(vary(&elastic_net::alpha, uniform(0, 1)), vary(&elastic_net::l1_ratio, uniform(0, 1)));

/// The best loss that n trials find of a bowl whose bottom is at (0.3, 0.7).
double best_of_bowl(sampling_rule const& rule, std::uint64_t seed, std::size_t n) {
    std::vector<observation> seen;
    double best = 1e9;
    for (std::size_t t = 0; t < n; ++t) {
        auto const p = detail::drawn_point(two, rule, seed, t, seen);
        auto const loss = std::pow(p[0] - 0.3, 2) + std::pow(p[1] - 0.7, 2);
        best = std::min(best, loss);
        seen.push_back({detail::coordinates_of(two, p), loss, false});
    }
    return best;
}

/// The median over some seeds.
double median_of_bowl(sampling_rule const& rule) {
    std::vector<double> found;
    for (std::uint64_t seed = 0; seed < 15; ++seed) found.push_back(best_of_bowl(rule, seed, 40));
    std::ranges::sort(found);
    return found[found.size() / 2];
}

}  // namespace

TEST_CASE("Sobol's points are SciPy's") {
    for (std::size_t d = 0; d < detail::sobol_dimensions; ++d) {
        CHECK(detail::sobol(37, d) == test::reference::sobol_point_37[d]);
        CHECK(detail::sobol(63, d) == test::reference::sobol_point_63[d]);
    }
}

TEST_CASE("of 2^k Sobol points each 2^k-th of a coordinate has one, shifted or not") {
    for (std::size_t d = 0; d < 2; ++d) {
        std::set<int> slots;
        for (std::size_t t = 0; t < 64; ++t) {
            auto const p = detail::drawn_point(two, sobol_sampling{}, 5, t, {});
            slots.insert(static_cast<int>(p[d] * 64));
        }
        CHECK(slots.size() == 64);
    }
}

TEST_CASE("a trial's point is a function of the seed and its number") {
    for (sampling_rule const& rule : {sampling_rule(random_sampling{}),
                                      sampling_rule(sobol_sampling{}), sampling_rule(bayesian{})}) {
        auto const third = detail::drawn_point(two, rule, 1, 3, {});
        CHECK(third == detail::drawn_point(two, rule, 1, 3, {}));
        CHECK(third != detail::drawn_point(two, rule, 1, 4, {}));
        CHECK(third != detail::drawn_point(two, rule, 2, 3, {}));
    }
}

TEST_CASE("a grid is all combinations, the last parameter first, branches apart") {
    using svc = linear_svc;
    auto const s =
        space(vary(&svc::C, choice(1.0, 2.0)), one_of(space(vary(&svc::max_iter, choice(5, 6))),
                                                      space(vary(&svc::tolerance, choice(0.1)))));
    auto const grid = detail::grid_of(s, 100);
    REQUIRE(grid.size() == 6);
    CHECK(s.at(svc{}, grid[0]) == svc{.C = 1, .max_iter = 5});
    CHECK(s.at(svc{}, grid[1]) == svc{.C = 1, .max_iter = 6});
    CHECK(s.at(svc{}, grid[2]) == svc{.C = 1, .tolerance = 0.1});
    CHECK(s.at(svc{}, grid[5]) == svc{.C = 2, .tolerance = 0.1});
    CHECK(detail::grid_of(s, 4).size() == 4);
}

TEST_CASE("Parzen densities have mass 1, and prefer what was good, by hand") {
    // One observation at 0.2: left gap 0.2, right gap 0.8, so width 0.8, clipped to [1/2, 1].
    detail::parzen_numbers const one({0.2});
    double mass = 0;
    for (int i = 0; i < 1000; ++i) mass += one.density((i + 0.5) / 1000) / 1000;
    CHECK(mass == doctest::Approx(1).epsilon(1e-4));
    auto const normal_density = [](double u, double mean, double width) {
        auto const inside =
            detail::normal_share((1 - mean) / width) - detail::normal_share(-mean / width);
        auto const z = (u - mean) / width;
        return std::exp(-z * z / 2) / (width * std::sqrt(2 * 3.14159265358979) * inside);
    };
    CHECK(one.density(0.4) ==
          doctest::Approx((normal_density(0.4, 0.2, 0.8) + normal_density(0.4, 0.5, 1)) / 2));
    // Options seen 2, 0 and 1 times, and once each before: 3, 1 and 2 of 6.
    detail::parzen_options const options({0.1, 0.9, 0.2}, 3);
    CHECK(options.density(0.0) == doctest::Approx(3.0 / 6));
    CHECK(options.density(0.5) == doctest::Approx(1.0 / 6));
    CHECK(options.density(0.99) == doctest::Approx(2.0 / 6));
    CHECK(options.draw(0.49, 0) == doctest::Approx(0.5 / 3));
    CHECK(options.draw(0.51, 0) == doctest::Approx(1.5 / 3));
    CHECK(detail::n_good(1) == 1);
    CHECK(detail::n_good(20) == 2);
    CHECK(detail::n_good(21) == 3);
    CHECK(detail::n_good(1000) == 25);
    CHECK(detail::weights_by_age(26).front() == doctest::Approx(1.0 / 26));
    CHECK(detail::weights_by_age(25).front() == 1);
}

TEST_CASE("running trials count as bad ones, so that the next is not put beside them") {
    std::vector<observation> seen;
    for (int i = 0; i < 20; ++i)
        seen.push_back({{i / 20.0, 0.5}, std::fabs(i / 20.0 - 0.5), false});
    detail::parted_observations const before(seen);
    seen.push_back({{0.5, 0.5}, 0, true});
    detail::parted_observations const after(seen);
    CHECK(after.good == std::vector<observation const*>{&seen[9], &seen[10]});
    CHECK(after.good.size() == before.good.size());
    CHECK(after.bad.size() == before.bad.size() + 1);
}

TEST_CASE(
    "a Gaussian process believes what it was told, and expects gains where it knows nothing") {
    detail::gaussian_process const process({{0.1}, {0.5}, {0.9}}, {1, 0, 1});
    CHECK(process.at({0.5}).mean == doctest::Approx(0).epsilon(0.05));
    CHECK(process.at({0.1}).mean == doctest::Approx(1).epsilon(0.05));
    CHECK(process.at({0.3}).deviation > process.at({0.5}).deviation);
    CHECK(process.expected_improvement({0.55}) > process.expected_improvement({0.1}));
}

TEST_CASE("models find the bottom of a bowl closer than chance does") {
    auto const by_chance = median_of_bowl(random_sampling{});
    auto const by_parzen = median_of_bowl(bayesian{});
    auto const by_process = median_of_bowl(bayesian{.surrogate = surrogate::gaussian_process});
    CHECK(by_parzen < by_chance / 2);
    CHECK(by_process < by_parzen);
    CHECK(by_process < 1e-4);
}

TEST_CASE("a rule that cannot sample a space is refused in a sentence") {
    auto const says = [](auto const& rule, auto const& s, char const* sentence) {
        CHECK_THROWS_WITH_AS(detail::check_sampling("search::run", rule, s), sentence,
                             invalid_input);
    };
    says(
        grid_sampling{}, two,
        "search::run: grid_sampling needs choices, but parameter alpha is a distribution; name its "
        "values by choice()");
    says(bayesian{.surrogate = surrogate::gaussian_process},
         space(vary(&elastic_net::alpha, choice(1, 2))),
         "search::run: gaussian_process takes numbers, but parameter alpha is a choice or depends "
         "on one");
}
