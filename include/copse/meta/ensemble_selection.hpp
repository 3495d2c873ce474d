// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Greedy ensemble selection: which of many models, and how often each, make the best mean.
///
///     // predictions[m] is (n, k): what model m said of rows it was not trained on
///     auto const chosen = copse::select_ensemble(predictions, [&](matrix<double> const& mean) {
///         return -metrics::log_loss(y, mean, classes);          // greater is better
///     });
///     chosen.weights[m];       // 0 for models that are not needed
///
/// R. Caruana, A. Niculescu-Mizil, G. Crew, A. Ksikes, "Ensemble Selection from Libraries of
/// Models", ICML 2004: with replacement, from a sorted start.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/matrix.hpp>
#include <copse/par/components.hpp>
#include <copse/par/sequential.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <stop_token>
#include <string_view>
#include <vector>

namespace copse {

struct ensemble_selection_options {
    std::size_t n_rounds = 50;   ///< models that are added, the start among them
    std::size_t n_start = 5;     ///< at most so many of the best models to start from,
    double start_within = 0.05;  ///< whose scores are within this part of the best one's
    std::stop_token stop{};      ///< asked between rounds; what is chosen by then is returned
};

/// What was chosen.
struct ensemble_selection {
    std::vector<double> weights;     ///< of each model: how often it was chosen, of sum 1
    double score = 0;                ///< of the weighted mean
    std::vector<std::size_t> order;  ///< the models as they were added, as far as they were kept
    std::vector<double> scores;      ///< of the mean of the first 1, 2, ... of them

    bool operator==(ensemble_selection const&) const = default;
};

/// Begins with the best models one by one, then adds, round by round, the model that makes the mean
/// of predictions best, however often it was added before. The first rounds that reach the best
/// score are kept, so that what is chosen is never worse than the best model alone.
///
/// Ties    a model chosen before goes before others, then the lower index.
/// NaN     a mean whose score is NaN is worse than any other.
/// Throws  invalid_input before any work for no models, shapes that differ, no rounds; if no model
///         alone has a score, since nothing can be compared then; and what score throws.
/// Cost    n_rounds * M scores, a round's at the same time. `score` is called from several threads.
/// Determinism  equal for every backend.
template <class Score, backend B = sequential>
[[nodiscard]] ensemble_selection select_ensemble(std::vector<matrix<double>> const& predictions,
                                                 Score const& score,
                                                 ensemble_selection_options const& options = {},
                                                 B const& backend = {});

// ------------------------------------------------------------------ implementation below

namespace detail {

/// A sum of predictions, and how often each model is in it.
class growing_mean {
public:
    explicit growing_mean(std::vector<matrix<double>> const& predictions)
        : predictions_(predictions),
          sum_(predictions[0].rows(), predictions[0].cols()),
          times_(predictions.size()) {}

    [[nodiscard]] bool has(std::size_t model) const noexcept { return times_[model] > 0; }
    void add(std::size_t model) {
        auto const* const from = predictions_[model].data();
        for (std::size_t i = 0; i < size(); ++i) sum_.data()[i] += from[i];
        ++times_[model];
        ++n_;
    }
    /// The mean if `model` were added too.
    [[nodiscard]] matrix<double> with(std::size_t model) const {
        matrix<double> out(sum_.rows(), sum_.cols());
        auto const* const from = predictions_[model].data();
        auto const n = static_cast<double>(n_ + 1);
        for (std::size_t i = 0; i < size(); ++i) out.data()[i] = (sum_.data()[i] + from[i]) / n;
        return out;
    }

private:
    [[nodiscard]] std::size_t size() const noexcept { return sum_.rows() * sum_.cols(); }

    std::vector<matrix<double>> const& predictions_;
    matrix<double> sum_;
    std::vector<std::size_t> times_;
    std::size_t n_ = 0;
};

inline void check_predictions(std::vector<matrix<double>> const& predictions,
                              ensemble_selection_options const& options) {
    constexpr std::string_view who = "select_ensemble";
    if (predictions.empty() || predictions[0].rows() == 0 || predictions[0].cols() == 0) {
        throw invalid_input(sentence(who, ": there are predictions of ", predictions.size(),
                                     " models; there must be at least 1, of at least 1 row"));
    }
    for (std::size_t m = 1; m < predictions.size(); ++m) {
        if (predictions[m].shape() != predictions[0].shape()) {
            throw invalid_input(sentence(who, ": predictions of model ", m, " are ",
                                         predictions[m].rows(), " x ", predictions[m].cols(),
                                         " but those of model 0 are ", predictions[0].rows(), " x ",
                                         predictions[0].cols()));
        }
    }
    check_at_least(who, "n_rounds", options.n_rounds, 1);
    check_at_least(who, "n_start", options.n_start, 1);
    check_range(who, "start_within", options.start_within, 0,
                std::numeric_limits<double>::infinity(), "at least 0");
}

}  // namespace detail

template <class Score, backend B>
ensemble_selection select_ensemble(std::vector<matrix<double>> const& predictions,
                                   Score const& score, ensemble_selection_options const& options,
                                   B const& backend) {
    detail::check_n_jobs(backend, "select_ensemble");
    detail::check_predictions(predictions, options);
    auto const n_models = predictions.size();
    constexpr auto worst = -std::numeric_limits<double>::infinity();
    ensemble_selection out;
    detail::growing_mean mean(predictions);
    auto const scored = [&] {
        std::vector<double> scores(n_models);
        for_each_component(backend.inherited(), n_models, [&](std::size_t m) {
            auto const s = score(mean.with(m));
            scores[m] = std::isnan(s) ? worst : s;
        });
        return scores;
    };
    auto const add = [&](std::size_t m, double with_it) {
        mean.add(m);
        out.order.push_back(m);
        out.scores.push_back(with_it);
    };
    backend.enter([&] {
        auto const alone = scored();
        std::vector<std::size_t> best(n_models);
        std::iota(best.begin(), best.end(), std::size_t{0});
        std::ranges::stable_sort(best, [&](auto a, auto b) { return alone[a] > alone[b]; });
        if (alone[best[0]] == worst) {
            throw invalid_input(
                detail::sentence("select_ensemble: of ", n_models, " models none has a score"));
        }
        auto const least = alone[best[0]] - options.start_within * std::abs(alone[best[0]]);
        for (auto const m : best) {
            auto const full = out.order.size() >= std::min(options.n_start, options.n_rounds);
            if (full || !(alone[m] >= least)) break;
            auto const s = score(mean.with(m));
            add(m, std::isnan(s) ? worst : s);
        }
        while (out.order.size() < options.n_rounds && !options.stop.stop_requested()) {
            auto const scores = scored();
            std::size_t next = 0;
            for (std::size_t m = 1; m < n_models; ++m) {
                bool const tie = scores[m] == scores[next];
                if (scores[m] > scores[next] || (tie && mean.has(m) && !mean.has(next))) next = m;
            }
            add(next, scores[next]);
        }
    });
    auto const top = std::ranges::max_element(out.scores) - out.scores.begin();
    out.score = out.scores[static_cast<std::size_t>(top)];
    out.order.resize(static_cast<std::size_t>(top) + 1);
    out.scores.resize(out.order.size());
    out.weights.assign(n_models, 0.0);
    for (auto const m : out.order) out.weights[m] += 1;
    for (auto& w : out.weights) w /= static_cast<double>(out.order.size());
    return out;
}

}  // namespace copse
