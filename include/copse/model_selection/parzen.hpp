// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Tree-structured Parzen estimators: coordinates that are likely among the good observations and
/// unlikely among the others. Everything is in the unit cube, where every prior is flat.
///
/// J. Bergstra, R. Bardenet, Y. Bengio, B. Kegl, "Algorithms for Hyper-Parameter Optimization",
/// NIPS 2011, section 4: coordinates are modelled one by one, and expected improvement grows with
/// l(u) / g(u), equation (12). Widths of kernels are theirs; 10 % of the observations, 25 at most,
/// are good, and old ones lose weight, as in hyperopt and Optuna. Deviation: normal kernels are cut
/// off at the cube's sides and scaled to mass 1, also for distributions that have no bounds.

#include <copse/core/math.hpp>
#include <copse/core/random.hpp>
#include <copse/model_selection/distribution.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

namespace copse::detail {

/// A run as a sampler sees it.
struct observation {
    std::vector<double> u;  ///< of each dimension, in [0, 1]; NaN where it does not count
    double loss = 0;        ///< the less, the better
    /// It has no loss yet, and is taken for a bad one, so that others are not put beside it.
    bool is_running = false;
};

/// Weights of n observations, the oldest first: the last 25 weigh 1, those before fall to 1 / n.
[[nodiscard]] inline std::vector<double> weights_by_age(std::size_t n) {
    constexpr std::size_t recent = 25;
    std::vector<double> out(n, 1.0);
    auto const old = n > recent ? n - recent : 0;
    for (std::size_t i = 0; i < old; ++i) {
        auto const least = 1 / static_cast<double>(n);
        out[i] = old == 1
                     ? least
                     : least + (1 - least) * static_cast<double>(i) / static_cast<double>(old - 1);
    }
    return out;
}

/// A density of [0, 1]: a normal kernel at each observation and a broad one in the middle.
class parzen_numbers {
public:
    explicit parzen_numbers(std::vector<double> const& seen) {
        auto const n = seen.size();
        auto const weights = weights_by_age(n);
        auto order = std::vector<std::size_t>(n);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::stable_sort(order, [&](auto a, auto b) { return seen[a] < seen[b]; });
        auto const narrowest = 1 / std::min(100.0, static_cast<double>(n) + 1);
        for (std::size_t i = 0; i < n; ++i) {
            auto const mean = seen[order[i]];
            auto const left = mean - (i > 0 ? seen[order[i - 1]] : 0);
            auto const right = (i + 1 < n ? seen[order[i + 1]] : 1) - mean;
            auto const width = std::clamp(std::max(left, right), narrowest, 1.0);
            add(mean, width, weights[order[i]]);
        }
        add(0.5, 1, 1);
        for (auto& k : kernels_) k.weight /= total_;
    }

    [[nodiscard]] double density(double u) const {
        double sum = 0;
        for (auto const& k : kernels_) {
            auto const z = (u - k.mean) / k.width;
            sum += k.weight * exp_of(-z * z / 2) / (k.width * k.mass * 2.5066282746310002);
        }
        return sum;
    }
    /// By two random numbers.
    [[nodiscard]] double draw(double which, double where) const {
        std::size_t i = 0;
        for (; i + 1 < kernels_.size() && which >= kernels_[i].weight; ++i)
            which -= kernels_[i].weight;
        auto const& k = kernels_[i];
        auto const below = normal_share(-k.mean / k.width);
        auto const p = std::clamp(below + where * k.mass, 0x1p-50, 1 - 0x1p-50);
        return std::clamp(k.mean + k.width * normal_quantile(p), 0.0, 1 - 0x1p-53);
    }

private:
    struct kernel {
        double mean, width, weight, mass;
    };
    void add(double mean, double width, double weight) {
        auto const mass = normal_share((1 - mean) / width) - normal_share(-mean / width);
        kernels_.push_back({mean, width, weight, mass});
        total_ += weight;
    }

    std::vector<kernel> kernels_;
    double total_ = 0;
};

/// Shares of n options: how often each was seen, and once each before.
class parzen_options {
public:
    parzen_options(std::vector<double> const& seen, std::size_t n) : share_(n, 1.0) {
        auto const weights = weights_by_age(seen.size());
        for (std::size_t i = 0; i < seen.size(); ++i) share_[option_of(seen[i])] += weights[i];
        double total = 0;
        for (auto const s : share_) total += s;
        for (auto& s : share_) s /= total;
    }
    [[nodiscard]] double density(double u) const { return share_[option_of(u)]; }
    /// The middle of an option's part of [0, 1).
    [[nodiscard]] double draw(double which, double) const {
        std::size_t i = 0;
        for (; i + 1 < share_.size() && which >= share_[i]; ++i) which -= share_[i];
        return (static_cast<double>(i) + 0.5) / static_cast<double>(share_.size());
    }

private:
    [[nodiscard]] std::size_t option_of(double u) const {
        auto const n = share_.size();
        return std::min(n - 1, static_cast<std::size_t>(u * static_cast<double>(n)));
    }
    std::vector<double> share_;
};

/// Of n_candidates draws from the good ones' density the one that is best by its ratio to the
/// others'; the first of equals.
template <class Density>
[[nodiscard]] double best_ratio(Density const& good, Density const& bad, std::size_t n_candidates,
                                random_stream draws) {
    double best = 0;
    double best_score = -std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < n_candidates; ++c) {
        auto const u = good.draw(draws.uniform(2 * c), draws.uniform(2 * c + 1));
        auto const score = log_of(good.density(u)) - log_of(bad.density(u));
        if (score > best_score) {
            best = u;
            best_score = score;
        }
    }
    return best;
}

/// How many of n observations are good.
[[nodiscard]] inline std::size_t n_good(std::size_t n) {
    return std::min<std::size_t>((n + 9) / 10, 25);
}

/// The observations in two parts: the best ones, and all others, each in their order of age.
struct parted_observations {
    std::vector<observation const*> good, bad;

    explicit parted_observations(std::vector<observation> const& all) {
        std::vector<std::size_t> done;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (!all[i].is_running) done.push_back(i);
        }
        std::ranges::stable_sort(done, [&](auto a, auto b) { return all[a].loss < all[b].loss; });
        std::vector<bool> is_good(all.size());
        for (std::size_t k = 0; k < n_good(done.size()); ++k) is_good[done[k]] = true;
        for (std::size_t i = 0; i < all.size(); ++i) (is_good[i] ? good : bad).push_back(&all[i]);
    }
    /// What dimension d was, where it counted.
    [[nodiscard]] static std::vector<double> of(std::vector<observation const*> const& part,
                                                std::size_t d) {
        std::vector<double> out;
        for (auto const* o : part) {
            if (!std::isnan(o->u[d])) out.push_back(o->u[d]);
        }
        return out;
    }
};

/// The next coordinate of dimension d, which has n_options, or is of numbers if that is 0.
[[nodiscard]] inline double next_by_parzen(parted_observations const& seen, std::size_t d,
                                           std::size_t n_options, std::size_t n_candidates,
                                           random_stream draws) {
    auto const good = parted_observations::of(seen.good, d);
    auto const bad = parted_observations::of(seen.bad, d);
    if (n_options > 0) {
        return best_ratio(parzen_options(good, n_options), parzen_options(bad, n_options),
                          n_candidates, draws);
    }
    return best_ratio(parzen_numbers(good), parzen_numbers(bad), n_candidates, draws);
}

}  // namespace copse::detail
