// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A Gaussian process over the unit cube, and where it expects most improvement. For few continuous
/// dimensions and few observations: fitting takes O(n^3).
///
/// C. Rasmussen, C. Williams, "Gaussian Processes for Machine Learning", 2006, algorithm 2.1, with
/// the Matern 5/2 kernel (4.17); expected improvement of D. Jones, M. Schonlau, W. Welch,
/// "Efficient Global Optimization of Expensive Black-Box Functions", J. Glob. Optim. 13:455-492,
/// 1998, (15). One length scale for all dimensions, and the noise, are those of a small grid that
/// make the observations likeliest (2.30).

#include <copse/core/math.hpp>
#include <copse/core/random.hpp>
#include <copse/model_selection/distribution.hpp>
#include <copse/model_selection/parzen.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace copse::detail {

class gaussian_process {
public:
    /// `x` are points, `y` their losses; at least one.
    gaussian_process(std::vector<std::vector<double>> x, std::vector<double> y)
        : x_(std::move(x)), y_(std::move(y)) {
        standardise();
        auto best = -std::numeric_limits<double>::infinity();
        std::pair<double, double> chosen{0.4, 1e-2};
        for (double const length : {0.1, 0.2, 0.4, 0.8, 1.6}) {
            for (double const noise : {1e-6, 1e-4, 1e-2, 1e-1}) {
                auto const likely = fit(length, noise);
                if (likely > best) {
                    best = likely;
                    chosen = {length, noise};
                }
            }
        }
        (void)fit(chosen.first, chosen.second);
        least_ = *std::min_element(y_.begin(), y_.end());
    }

    struct belief {
        double mean;
        double deviation;
    };
    /// Of the loss at u, in the losses' own units.
    [[nodiscard]] belief at(std::vector<double> const& u) const {
        auto const b = standardised_at(u);
        return {mean_ + scale_ * b.mean, scale_ * b.deviation};
    }
    /// How much less than the least loss seen is expected at u; standardised.
    [[nodiscard]] double expected_improvement(std::vector<double> const& u) const {
        auto const b = standardised_at(u);
        if (!(b.deviation > 0)) return 0;
        auto const z = (least_ - b.mean) / b.deviation;
        auto const density = exp_of(-z * z / 2) * 0.39894228040143267794;
        return b.deviation * (z * normal_share(z) + density);
    }

private:
    void standardise() {
        auto const n = static_cast<double>(y_.size());
        for (auto const y : y_) mean_ += y / n;
        double sum = 0;
        for (auto const y : y_) sum += (y - mean_) * (y - mean_);
        scale_ = sum > 0 ? std::sqrt(sum / n) : 1;
        for (auto& y : y_) y = (y - mean_) / scale_;
    }
    [[nodiscard]] double kernel(std::vector<double> const& a, std::vector<double> const& b) const {
        double squared = 0;
        for (std::size_t d = 0; d < a.size(); ++d) squared += (a[d] - b[d]) * (a[d] - b[d]);
        auto const r = std::sqrt(5 * squared) / length_;
        return (1 + r + r * r / 3) * exp_of(-r);
    }
    /// The log likelihood of the observations, but for a constant.
    double fit(double length, double noise) {
        length_ = length;
        auto const n = x_.size();
        lower_.assign(n * n, 0);
        double log_determinant = 0;
        for (std::size_t i = 0; i < n; ++i) {  // Cholesky's factor, row by row
            for (std::size_t j = 0; j <= i; ++j) {
                auto sum = kernel(x_[i], x_[j]) + (i == j ? noise : 0);
                for (std::size_t k = 0; k < j; ++k) sum -= lower_[i * n + k] * lower_[j * n + k];
                lower_[i * n + j] =
                    i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / lower_[j * n + j];
            }
            log_determinant += log_of(lower_[i * n + i]);
        }
        auto z = solved_lower(y_);
        double fitted = 0;
        for (auto const v : z) fitted += v * v;
        weight_ = solved_upper(std::move(z));
        return -fitted / 2 - log_determinant;
    }
    [[nodiscard]] std::vector<double> solved_lower(std::vector<double> b) const {
        auto const n = b.size();
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t k = 0; k < i; ++k) b[i] -= lower_[i * n + k] * b[k];
            b[i] /= lower_[i * n + i];
        }
        return b;
    }
    [[nodiscard]] std::vector<double> solved_upper(std::vector<double> b) const {
        auto const n = b.size();
        for (std::size_t i = n; i-- > 0;) {
            for (std::size_t k = i + 1; k < n; ++k) b[i] -= lower_[k * n + i] * b[k];
            b[i] /= lower_[i * n + i];
        }
        return b;
    }
    [[nodiscard]] belief standardised_at(std::vector<double> const& u) const {
        std::vector<double> near(x_.size());
        double mean = 0;
        for (std::size_t i = 0; i < near.size(); ++i) {
            near[i] = kernel(u, x_[i]);
            mean += near[i] * weight_[i];
        }
        double variance = 1;
        for (auto const v : solved_lower(std::move(near))) variance -= v * v;
        return {mean, std::sqrt(std::max(variance, 0.0))};
    }

    std::vector<std::vector<double>> x_;
    std::vector<double> y_;  // standardised
    double mean_ = 0;
    double scale_ = 1;
    double length_ = 1;
    double least_ = 0;
    std::vector<double> lower_;   // Cholesky's factor of the kernel matrix
    std::vector<double> weight_;  // its inverse times y
};

/// The next point: the best by expected improvement of random ones and of small steps from the best
/// of them. Runs that are not over are taken to have the least loss so far (the constant liar).
/// `seen` has at least one that is over; its coordinates all count.
[[nodiscard]] inline std::vector<double> next_by_process(std::vector<observation> const& seen,
                                                         random_stream draws) {
    double least = std::numeric_limits<double>::infinity();
    for (auto const& o : seen) {
        if (!o.is_running) least = std::min(least, o.loss);
    }
    std::vector<std::vector<double>> x;
    std::vector<double> y;
    for (auto const& o : seen) {
        x.push_back(o.u);
        y.push_back(o.is_running ? least : o.loss);
    }
    gaussian_process const process(std::move(x), std::move(y));
    auto const dims = seen[0].u.size();
    constexpr std::size_t n_random = 512;
    constexpr std::size_t n_steps = 128;
    std::vector<double> best;
    double most = -1;
    auto const offer = [&](std::vector<double> u) {
        auto const gain = process.expected_improvement(u);
        if (gain > most) {
            most = gain;
            best = std::move(u);
        }
    };
    std::vector<double> u(dims);
    for (std::size_t i = 0; i < n_random; ++i) {
        for (std::size_t d = 0; d < dims; ++d) u[d] = draws.uniform(i * dims + d);
        offer(u);
    }
    for (std::size_t i = 0; i < n_steps; ++i) {
        auto const reach = 0.2 * std::pow(0.5, static_cast<double>(i) / 16);
        auto const steps = draws.split(i);
        u = best;
        for (std::size_t d = 0; d < dims; ++d)
            u[d] = std::clamp(u[d] + reach * (2 * steps.uniform(d) - 1), 0.0, 1 - 0x1p-53);
        offer(u);
    }
    return best;
}

}  // namespace copse::detail
