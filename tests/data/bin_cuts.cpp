// SPDX-License-Identifier: BSD-3-Clause
#include "support/samples.hpp"

#include <copse/core/random.hpp>
#include <copse/data/bin_cuts.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <set>
#include <vector>

using namespace copse;
using test::infinity;
using test::missing;

namespace {

template <class T>
bin_cuts cuts_of(std::vector<T> const& values, std::size_t max_bins = 255) {
    return numeric_cuts(view<T const>(values), max_bins);
}

/// What every set of cuts must satisfy for the column it was made from.
template <class T>
void check_law(std::vector<T> const& values, std::size_t max_bins) {
    auto const cuts = cuts_of(values, max_bins);
    REQUIRE(cuts.n_bins() >= 1);
    REQUIRE(cuts.n_bins() <= max_bins);
    for (std::uint32_t b = 1; b + 1 < cuts.n_bins(); ++b)
        CHECK(cuts.threshold(b) < cuts.threshold(b + 1));
    CHECK(cuts.threshold(cuts.n_bins()) == infinity);
    std::set<std::uint32_t> used;
    std::set<double> distinct;
    for (auto const raw : values) {
        auto const value = static_cast<double>(raw);
        auto const bin = cuts.bin_of(value);
        if (std::isnan(value)) {
            CHECK(bin == 0);
            continue;
        }
        used.insert(bin);
        distinct.insert(value);
        REQUIRE((bin >= 1 && bin <= cuts.n_bins()));
        CHECK((bin == cuts.n_bins() || value <= cuts.threshold(bin)));
        CHECK((bin == 1 || value > cuts.threshold(bin - 1)));
    }
    if (!distinct.empty()) {
        CHECK(used.size() == cuts.n_bins());  // no bin is empty
        CHECK(cuts.least() == *distinct.begin());
        CHECK(cuts.greatest() == *distinct.rbegin());
    }
    if (distinct.size() <= max_bins) CHECK(used.size() == distinct.size());
}

}  // namespace

TEST_CASE("few distinct values have a bin each, cut half way") {
    auto const cuts = cuts_of<float>({3, 1, 7, 3, 1});
    CHECK(cuts.n_bins() == 3);
    CHECK(cuts.points() == std::vector<double>{2, 5});
    CHECK(cuts.bin_of(1) == 1);
    CHECK(cuts.bin_of(2) == 1);
    CHECK(cuts.bin_of(2.1) == 2);
    CHECK(cuts.bin_of(-1e300) == 1);
    CHECK(cuts.bin_of(infinity) == 3);
    CHECK(cuts.bin_of(missing) == 0);
    CHECK(cuts.threshold(3) == infinity);
}

TEST_CASE("a column of missing values has one bin, which no row is in") {
    auto const cuts = cuts_of<double>({missing, missing});
    CHECK(cuts.n_bins() == 1);
    CHECK(cuts.bin_of(missing) == 0);
    CHECK(cuts_of<double>({}).n_bins() == 1);
    CHECK(cuts_of<double>({5}).n_bins() == 1);
}

TEST_CASE("minus zero and zero are one value") {
    CHECK(cuts_of<float>({-0.0f, 0.0f, -0.0f}).n_bins() == 1);
    auto const cuts = cuts_of<double>({-0.0, 0.0, 1.0});
    CHECK(cuts.n_bins() == 2);
    CHECK(cuts.bin_of(-0.0) == cuts.bin_of(0.0));
}

TEST_CASE("neighbouring numbers are told apart") {
    auto const f = 0.1f;
    check_law<float>({f, std::nextafter(f, 1.0f)}, 255);
    auto const d = 0.1;
    check_law<double>({d, std::nextafter(d, 1.0), std::nextafter(d, 0.0)}, 255);
    auto const least = std::numeric_limits<double>::denorm_min();
    check_law<double>({0, least, 2 * least, 3 * least, 4 * least, -least}, 255);
    auto const most = std::numeric_limits<double>::max();
    check_law<double>({most, -most, std::nextafter(most, 0.0)}, 255);
}

TEST_CASE("infinite values are the least and the greatest") {
    check_law<double>({-infinity, 3, infinity}, 255);
    check_law<double>({-infinity, infinity}, 255);
    check_law<double>({-infinity, -infinity, 0}, 255);
    auto const most = std::numeric_limits<double>::max();
    check_law<double>({-infinity, -most, most, infinity}, 255);
    check_law<float>({-infinity, 1, 2, 3, 4, 5, 6, 7, 8, infinity}, 4);
}

TEST_CASE("cuts keep their law on columns of all kinds") {
    random_stream const draws(7);
    std::uint64_t at = 0;
    for (std::size_t const n : {1u, 2u, 3u, 10u, 300u, 3000u}) {
        for (std::size_t const max_bins : {2u, 3u, 16u, 255u, 1000u}) {
            std::vector<float> uniform;
            std::vector<double> skewed;
            std::vector<float> tied;
            for (std::size_t i = 0; i < n; ++i) {
                auto const u = draws.uniform(at++);
                uniform.push_back(static_cast<float>(u));
                skewed.push_back(draws.below(10, at++) == 0 ? missing : std::exp(40 * u - 20));
                tied.push_back(u < 0.7 ? 5.0f : static_cast<float>(draws.below(400, at++)));
            }
            check_law(uniform, max_bins);
            check_law(skewed, max_bins);
            check_law(tied, max_bins);
        }
    }
}

TEST_CASE("bins of distinct values differ by one row at most") {
    for (std::size_t const n : {1000u, 1003u, 2540u, 2549u}) {
        for (std::size_t const max_bins : {2u, 7u, 10u, 254u}) {
            std::vector<double> values;
            for (std::size_t i = 0; i < n; ++i) values.push_back(static_cast<double>(i * 37 % n));
            auto const cuts = cuts_of(values, max_bins);
            REQUIRE(cuts.n_bins() == max_bins);
            std::map<std::uint32_t, std::size_t> rows;
            for (auto const value : values) ++rows[cuts.bin_of(value)];
            for (auto const& [bin, count] : rows) {
                CHECK(count >= n / max_bins);
                CHECK(count <= (n + max_bins - 1) / max_bins);
            }
        }
    }
}

TEST_CASE("a value that fills many shares has a bin of its own, and the others share the rest") {
    // 9000 rows of 500, and 1000 others, 0 to 999 but for 500: 20 bins.
    std::vector<float> values(9000, 500.0f);
    for (int i = 0; i < 1000; ++i) values.push_back(static_cast<float>(i == 500 ? 1000 : i));
    auto const cuts = cuts_of(values, 20);
    CHECK(cuts.n_bins() == 20);
    auto const heavy = cuts.bin_of(500);
    CHECK(cuts.bin_of(499) < heavy);
    CHECK(cuts.bin_of(501) > heavy);
    std::map<std::uint32_t, std::size_t> rows;
    for (auto const value : values) ++rows[cuts.bin_of(static_cast<double>(value))];
    CHECK(rows[heavy] == 9000);
    for (auto const& [bin, count] : rows) {
        if (bin != heavy) CHECK(count <= 501);
    }
}

TEST_CASE("categories are bins in order, and others are missing") {
    auto const cuts = bin_cuts::categorical({2, 5, 9});
    CHECK(cuts.is_categorical());
    CHECK(cuts.n_bins() == 3);
    CHECK(cuts.category(2) == 5);
    CHECK(cuts.bin_of(9) == 3);
    CHECK(cuts.bin_of(3) == 0);
    CHECK(cuts.bin_of(100) == 0);
    CHECK(cuts.bin_of(missing) == 0);
}

TEST_CASE("the radix sort sorts") {
    random_stream const draws(3);
    std::vector<double> wide;
    std::vector<float> narrow;
    for (std::uint64_t i = 0; i < 5000; ++i) {
        auto const value = (draws.uniform(i) - 0.5) * std::exp(200 * draws.uniform(i + 9000) - 100);
        wide.push_back(value);
        narrow.push_back(static_cast<float>(value));
    }
    wide.insert(wide.end(), {infinity, -infinity, 0, -0.0, 5e-324, -5e-324});
    auto sorted = wide;
    detail::radix_sort(sorted);
    std::sort(wide.begin(), wide.end());
    CHECK(sorted == wide);
    auto sorted_floats = narrow;
    detail::radix_sort(sorted_floats);
    std::sort(narrow.begin(), narrow.end());
    CHECK(sorted_floats == narrow);
}
