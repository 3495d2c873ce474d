// SPDX-License-Identifier: BSD-3-Clause
#include <copse/core/random.hpp>
#include <copse/loss/averages.hpp>
#include <copse/loss/quantile.hpp>

#include "data.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

using namespace copse;
using copse::detail::quantile_of;
using copse::detail::weighted_mean;

namespace {

double quantile(std::vector<double> const& y, double q, std::vector<double> const& weight = {}) {
    return quantile_of(y, weight, q);
}

}  // namespace

TEST_CASE("a quantile is one of the numbers, or the mean of two where the share is exact") {
    CHECK(quantile({7}, 0.9) == 7);
    CHECK(quantile({3, 1, 2}, 0.5) == 2);
    CHECK(quantile({4, 3, 1, 2}, 0.5) == 2.5);
    CHECK(quantile({4, 3, 1, 2}, 0.49) == 2);
    CHECK(quantile({4, 3, 1, 2}, 0.51) == 3);
    CHECK(quantile({4, 3, 1, 2}, 0.75) == 3.5);
    CHECK(quantile({4, 3, 1, 2}, 0.01) == 1);
    CHECK(quantile({4, 3, 1, 2}, 0.99) == 4);
    // 0.1 * 30 is 3 but for rounding, and 0.7 * 10 is 7
    std::vector<double> thirty(30);
    for (std::size_t i = 0; i < 30; ++i) thirty[i] = static_cast<double>((i * 7) % 30);
    CHECK(quantile(thirty, 0.1) == 2.5);
    CHECK(quantile({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 0.7) == 6.5);
}

TEST_CASE("a quantile takes weight 2 for the number twice, and weight 0 for no number") {
    CHECK(quantile({1, 2, 3}, 0.5, {1, 1, 4}) == 3);
    CHECK(quantile({1, 2, 3}, 0.5, {1, 1, 2}) == 2.5);
    CHECK(quantile({1, 2, 9, 3}, 0.5, {2, 1, 0, 3}) == 2.5);
    CHECK(quantile({3, 2, 1}, 0.5, {0, 0, 5}) == 1);
    CHECK(quantile({1, 2, 3, 5}, 0.5, {0.1, 0.2, 0.3, 0}) == 2.5);
    random_stream const draws(3);
    for (std::uint64_t t = 0; t < 200; ++t) {
        std::vector<double> y, w, repeated;
        for (std::uint64_t i = 0; i < 12; ++i) {
            y.push_back(draws.below(8, 100 * t + i));
            w.push_back(1 + draws.below(3, 100 * t + 50 + i));
            repeated.insert(repeated.end(), static_cast<std::size_t>(w.back()), y.back());
        }
        for (double const q : {0.1, 0.25, 0.5, 0.8}) {
            CHECK(quantile(y, q, w) == quantile(repeated, q));
        }
    }
}

TEST_CASE("no number has less pinball loss than the quantile") {
    random_stream const draws(4);
    for (std::uint64_t t = 0; t < 100; ++t) {
        std::vector<double> y, w;
        for (std::uint64_t i = 0; i < 15; ++i) {
            y.push_back(draws.uniform(100 * t + i));
            w.push_back(draws.uniform(100 * t + 50 + i));
        }
        for (double const q : {0.05, 0.3, 0.5, 0.9}) {
            quantile_loss const loss{.alpha = q};
            auto const sum = [&](double at) {
                double s = 0;
                for (std::size_t i = 0; i < y.size(); ++i) s += w[i] * loss.value(y[i], at);
                return s;
            };
            double const least = sum(quantile(y, q, w));
            for (auto const other : y) CHECK(sum(other) >= least - 1e-12);
        }
    }
}

TEST_CASE("a mean of equal weights is the mean") {
    std::vector<double> const y{1, 2, 6};
    CHECK(weighted_mean(y, {}) == 3);
    CHECK(weighted_mean(y, std::vector<double>{2, 2, 2}) == 3);
    CHECK(weighted_mean(y, std::vector<double>{1, 1, 0}) == 1.5);
}
