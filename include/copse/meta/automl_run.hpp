// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Candidates tried one by one, each with its folds at the same time, and put together. Folds are
/// rows of one x whose bins all share.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/matrix.hpp>
#include <copse/ensemble/training_rows.hpp>
#include <copse/meta/automl_result.hpp>
#include <copse/meta/candidate.hpp>
#include <copse/meta/deadline.hpp>
#include <copse/meta/ensemble_selection.hpp>
#include <copse/meta/fold_fits.hpp>
#include <copse/meta/gathered.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/judge.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/model_selection/take.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace copse::detail {

/// Whether time counts for a candidate.
enum class patience { until_the_deadline, until_the_user_stops };

/// Kind is automl_of_labels or automl_of_values.
template <class Kind>
class automl_run {
public:
    using model = typename Kind::model;
    using candidate = candidate_trainer<model, typename Kind::targets>;

    /// What is borrowed must outlive it. Bins are of x.
    automl_run(Kind kind, features_view x, values_view weights, std::vector<row_split> folds,
               std::size_t max_bytes, shared_bins& bins, deadline const& until,
               any_backend const& inside)
        : kind_(std::move(kind)),
          x_(x),
          weights_(weights),
          folds_(std::move(folds)),
          max_bytes_(max_bytes),
          bins_(bins),
          until_(until),
          inside_(inside) {
        for (auto const& fold : folds_)
            judged_.insert(judged_.end(), fold.test.begin(), fold.test.end());
        kind_.judged_y = take(kind_.y, judged_);
        judged_weights_ = weights_of(weights_, judged_);
    }

    void run(candidate const& trainer, patience how = patience::until_the_deadline) {
        automl_candidate out;
        out.name = trainer.name;
        out.parameters = trainer.parameters;
        auto const begin = seconds_clock::now();
        auto const stop = how == patience::until_the_deadline ? until_.stop() : until_.users_stop();
        try {
            if (auto const bytes = bytes_with(trainer); bytes > max_bytes_) {
                out.status = candidate_status::too_large;
                out.error = sentence("it may take ", bytes >> 20, " MiB; ", max_bytes_ >> 20,
                                     " are allowed");
            } else {
                evaluate(trainer, stop, out);
            }
        } catch (stopped const&) {
            if (until_.users_stop().stop_requested()) throw;
            out.status = candidate_status::stopped;
        } catch (std::exception const& error) {
            if (first_failure_ == nullptr) first_failure_ = std::current_exception();
            out.status = candidate_status::failed;
            out.error = error.what();
        }
        out.seconds = seconds_since(begin);
        candidates_.push_back(std::move(out));
    }
    /// Notes it as not run.
    void pass_over(candidate const& trainer) { candidates_.push_back({.name = trainer.name}); }

    [[nodiscard]] std::vector<automl_candidate> const& candidates() const noexcept {
        return candidates_;
    }
    [[nodiscard]] bool has_models() const noexcept { return !kept_.empty(); }
    /// What went wrong first, or null.
    [[nodiscard]] std::exception_ptr first_failure() const noexcept { return first_failure_; }

    /// How long it would take to fit the best n on all rows, about.
    [[nodiscard]] double seconds_to_refit(std::size_t n) const {
        std::vector<automl_candidate const*> best;
        for (auto const& k : kept_) best.push_back(&candidates_[k.candidate]);
        std::ranges::sort(best, [](auto const* a, auto const* b) { return a->score > b->score; });
        double sum = 0;
        for (std::size_t i = 0; i < std::min(n, best.size()); ++i) sum += best[i]->seconds;
        return refit_factor * sum;
    }

    /// The model of those that are best together, into `out` who they are. There are models.
    [[nodiscard]] model finish(std::size_t n_rounds, automl_result& out) {
        std::vector<matrix<double>> said;
        for (auto& k : kept_) said.push_back(std::move(k.said));
        auto const chosen = select_ensemble(
            said, [&](matrix<double> const& mean) { return kind_.score(mean, judged_weights_); },
            {.n_rounds = n_rounds, .stop = until_.stop()}, inside_);
        out.score = chosen.score;
        mean_ = matrix<double>(said[0].rows(), said[0].cols());
        std::vector<model> members;
        std::vector<double> weights;
        for (std::size_t k = 0; k < said.size(); ++k) {
            if (chosen.weights[k] == 0) continue;
            for (std::size_t i = 0; i < mean_.rows() * mean_.cols(); ++i)
                mean_.data()[i] += chosen.weights[k] * said[k].data()[i];
            auto& entry = candidates_[kept_[k].candidate];
            entry.weight = chosen.weights[k];
            if (auto refitted = refit(kept_[k].trainer, entry.seconds)) {
                entry.refitted = true;
                members.push_back(std::move(*refitted));
            } else {
                std::vector<double> const alike(kept_[k].models.size(), 1.0);
                members.push_back(kind_.together(std::move(kept_[k].models), alike, x_.cols()));
            }
            weights.push_back(chosen.weights[k]);
        }
        return kind_.together(std::move(members), std::move(weights), x_.cols());
    }

    /// After finish(): what the models of the folds said of the rows that are judged.
    [[nodiscard]] matrix<double> const& mean_said() const noexcept { return mean_; }
    [[nodiscard]] Kind const& kind() const noexcept { return kind_; }
    [[nodiscard]] values_view judged_weights() const noexcept { return judged_weights_; }

private:
    static constexpr double refit_factor = 1.5;
    /// Of models that are kept with what they said: memory must not grow for ever.
    static constexpr std::size_t most_kept = 50;

    struct kept {
        std::size_t candidate;
        candidate_trainer<model, typename Kind::targets> trainer;
        matrix<double> said;
        std::vector<model> models;
    };

    /// Of what is kept and of a candidate's folds, fitted at the same time; not of x and its bins.
    [[nodiscard]] std::size_t bytes_with(candidate const& trainer) const {
        auto const of_models = [&](fit_bytes const& b) { return b.model * folds_.size(); };
        auto sum = of_models(trainer.bytes) + trainer.bytes.working * folds_.size();
        for (auto const& k : kept_)
            sum += of_models(k.trainer.bytes) + 8 * k.said.rows() * k.said.cols();
        return sum;
    }

    void evaluate(candidate const& trainer, std::stop_token const& stop, automl_candidate& out) {
        if (stop.stop_requested()) throw stopped("stopped before a candidate");
        trainer.prepare(bins_, x_, inside_);
        std::vector<std::optional<model>> models(folds_.size());
        std::vector<matrix<double>> said(folds_.size());
        for_each_component(inside_, folds_.size(), stop, [&](std::size_t f) {
            row_fit<typename Kind::targets> fit{folds_[f].train, weights_, stop, &bins_};
            models[f].emplace(trainer.fit(x_, kind_.y, fit, inside_));
            with_rows(x_, folds_[f].test,
                      [&](features_view test) { said[f] = kind_.ask(*models[f], test, inside_); });
        });
        auto all = said[0];
        if (said.size() > 1) all = one_below_another(said);
        out.score = kind_.score(all, judged_weights_);
        out.status = candidate_status::finished;
        if (!std::isnan(out.score)) keep(trainer, out.score, std::move(all), models);
    }
    [[nodiscard]] matrix<double> one_below_another(std::vector<matrix<double>> const& said) const {
        matrix<double> out(judged_.size(), said[0].cols());
        auto* to = out.data();
        for (auto const& part : said)
            to = std::copy(part.data(), part.data() + part.rows() * part.cols(), to);
        return out;
    }
    void keep(candidate const& trainer, double score, matrix<double> said,
              std::vector<std::optional<model>>& models) {
        if (kept_.size() == most_kept) {
            auto const worst = std::ranges::min_element(
                kept_, {}, [&](kept const& k) { return candidates_[k.candidate].score; });
            if (!(candidates_[worst->candidate].score < score)) return;
            kept_.erase(worst);
        }
        kept_.push_back({candidates_.size(), trainer, std::move(said), {}});
        for (auto& m : models) kept_.back().models.push_back(std::move(*m));
    }
    /// The trainer's model of all rows, if the time allows it. It takes about as long as the folds.
    [[nodiscard]] std::optional<model> refit(candidate const& trainer, double seconds) const {
        if (until_.seconds_left() < refit_factor * seconds) return std::nullopt;
        try {
            auto const all = first_numbers(x_.rows());
            row_fit<typename Kind::targets> const fit{all, weights_, until_.stop(), &bins_};
            return trainer.fit(x_, kind_.y, fit, inside_);
        } catch (stopped const&) {
            if (until_.users_stop().stop_requested()) throw;
            return std::nullopt;
        }
    }

    Kind kind_;
    features_view x_;
    values_view weights_;
    std::vector<row_split> folds_;
    std::size_t max_bytes_;
    shared_bins& bins_;
    deadline const& until_;
    any_backend const& inside_;
    std::vector<std::size_t> judged_;
    column<double> judged_weights_;
    std::vector<automl_candidate> candidates_;
    std::exception_ptr first_failure_;
    std::vector<kept> kept_;
    matrix<double> mean_;
};

}  // namespace copse::detail
