// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Voting: several models of the same rows, trained at the same time, answer together.
///
///     auto const together = copse::voting_classifier{
///         .members = {copse::random_forest_classifier{}, copse::logistic_regression{}},
///         .weights = {2, 1}}.fit(x, y, copse::tbb{.n_jobs = 4});
///     together.predict_proba(x_new);
///
/// Where the members are known when the program is written, they keep their types:
///
///     auto const typed = copse::voting_classifier_of(copse::random_forest_classifier{},
///                                                    copse::logistic_regression{}).fit(x, y);
///     std::get<1>(typed.members()).coef();

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/fit_options.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/members.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/tbb.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace copse {

/// What a member of a voting classifier says of a row.
enum class voting_rule {
    soft,  ///< its probabilities
    hard   ///< one class
};

/// Fitted classifiers that answer together. Members is a vector or a tuple of models.
template <class Members>
class basic_voted_classifier {
public:
    /// `weights` has one for each member.
    basic_voted_classifier(labels classes, Members members, std::vector<double> weights,
                           voting_rule voting, std::size_t n_features)
        : classes_(std::move(classes)),
          members_(std::move(members)),
          weights_(std::move(weights)),
          voting_(voting),
          n_features_(n_features) {}

    /// The distinct labels of the training set, increasing.
    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] Members const& members() const noexcept { return members_; }
    /// One for each member.
    [[nodiscard]] std::vector<double> const& weights() const noexcept { return weights_; }
    [[nodiscard]] voting_rule voting() const noexcept { return voting_; }

    /// The class of the greatest share of each row by predict_proba. Ties go to the lower class.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] labels predict(features_view x, B const& backend = {}) const {
        return detail::labels_of_shares(shares(x, backend, "voted_classifier::predict"), classes_);
    }

    /// (n, classes().size()): the weighted mean of the members' probabilities, or with hard voting
    /// the weight of those that vote for the class. Rows sum to 1 up to rounding.
    /// Determinism  members are added in order: the same bits for every backend if theirs are.
    template <backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const {
        return shares(x, backend, "voted_classifier::predict_proba");
    }

    bool operator==(basic_voted_classifier const&) const = default;

private:
    template <backend B>
    [[nodiscard]] matrix<float> shares(features_view x, B const& backend,
                                       std::string_view who) const {
        detail::check_n_jobs(backend, who);
        detail::check_n_features(who, x, n_features_);
        detail::class_shares sum(x.rows(), classes_);
        any_backend const where = backend;
        where.enter([&] {
            auto const inside = where.inherited();
            detail::for_each_member(members_, [&](std::size_t k, auto const& member) {
                if (voting_ == voting_rule::hard) {
                    sum.add_votes(member, x, weights_[k], inside);
                } else if constexpr (requires { member.predict_proba(x, inside); }) {
                    sum.add_probabilities(member, x, weights_[k], inside);
                }
            });
        });
        return sum.shares(detail::sum_of(weights_));
    }

    labels classes_;
    Members members_;
    std::vector<double> weights_;
    voting_rule voting_;
    std::size_t n_features_;
};

/// How to train classifiers that vote. Members is a vector or a tuple of trainers.
template <class Members>
struct basic_voting_classifier {
    Members members{};
    std::vector<double> weights{};  ///< one for each member; all alike if there are none
    voting_rule voting = voting_rule::soft;

    /// Fits every member on x and y, as independent components within the backend's n_jobs. `x` is
    /// (n, d), dense; `y` has n labels, integers or strings.
    ///
    /// Throws  invalid_input before any work, also if voting is soft and a member gives no
    ///         probabilities; and what a member throws.
    /// Cost, missing, determinism  the members'.
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, labels_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, labels_view y, fit_options const& options,
                           B const& backend = {}) const {
        constexpr auto who = "voting_classifier::fit";
        detail::check_n_jobs(backend, who);
        detail::check_training_set(who, x.rows(), x.cols(), y.size(), "labels",
                                   options.sample_weight);
        auto of_member = detail::member_weights(who, detail::n_members(members), weights);
        detail::for_each_member(members, [&](std::size_t k, auto const& trainer) {
            if (voting == voting_rule::soft && !detail::trains_probabilities(trainer)) {
                throw invalid_input(detail::sentence(
                    who, ": voting is soft but member ", k, " of ", detail::n_members(members),
                    " gives no probabilities; make it a calibrated one, or vote hard"));
            }
        });
        auto classes = encode(y).classes;
        any_backend const where = backend;
        auto models = where.enter([&] {
            auto const inside = where.inherited();
            return detail::fit_members(members, options.stop, inside, [&](auto const& trainer) {
                return trainer.fit(
                    x, y, {.sample_weight = options.sample_weight, .stop = options.stop}, inside);
            });
        });
        return basic_voted_classifier<decltype(models)>(std::move(classes), std::move(models),
                                                        std::move(of_member), voting, x.cols());
    }

    [[nodiscard]] bool operator==(basic_voting_classifier const&) const = default;
};

using voting_classifier = basic_voting_classifier<std::vector<any_classifier_trainer>>;
using voted_classifier = basic_voted_classifier<std::vector<any_classifier>>;

/// A voting classifier of trainers that keep their types.
template <classifier_trainer... Trainers>
[[nodiscard]] basic_voting_classifier<std::tuple<Trainers...>> voting_classifier_of(
    Trainers... trainers) {
    return {.members = std::tuple<Trainers...>(std::move(trainers)...)};
}

/// Fitted regressors that answer together. Members is a vector or a tuple of models.
template <class Members>
class basic_voted_regressor {
public:
    /// `weights` has one for each member.
    basic_voted_regressor(Members members, std::vector<double> weights, std::size_t n_features)
        : members_(std::move(members)), weights_(std::move(weights)), n_features_(n_features) {}

    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] Members const& members() const noexcept { return members_; }
    /// One for each member.
    [[nodiscard]] std::vector<double> const& weights() const noexcept { return weights_; }

    /// The weighted mean of the members' predictions.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] column<double> predict(features_view x, B const& backend = {}) const {
        constexpr auto who = "voted_regressor::predict";
        detail::check_n_jobs(backend, who);
        detail::check_n_features(who, x, n_features_);
        column<double> out(x.rows());
        any_backend const where = backend;
        where.enter([&] {
            auto const inside = where.inherited();
            detail::for_each_member(members_, [&](std::size_t k, auto const& member) {
                auto const y = member.predict(x, inside);
                for (std::size_t i = 0; i < out.size(); ++i) out[i] += weights_[k] * y[i];
            });
        });
        auto const total = detail::sum_of(weights_);
        for (auto& value : out) value /= total;
        return out;
    }

    bool operator==(basic_voted_regressor const&) const = default;

private:
    Members members_;
    std::vector<double> weights_;
    std::size_t n_features_;
};

/// How to train regressors whose mean is the answer. Members is a vector or a tuple of trainers.
template <class Members>
struct basic_voting_regressor {
    Members members{};
    std::vector<double> weights{};  ///< one for each member; all alike if there are none

    /// As basic_voting_classifier::fit; `y` has n values.
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, values_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, values_view y, fit_options const& options,
                           B const& backend = {}) const {
        constexpr auto who = "voting_regressor::fit";
        detail::check_n_jobs(backend, who);
        detail::check_training_set(who, x.rows(), x.cols(), y.size(), "values",
                                   options.sample_weight);
        auto of_member = detail::member_weights(who, detail::n_members(members), weights);
        any_backend const where = backend;
        auto models = where.enter([&] {
            auto const inside = where.inherited();
            return detail::fit_members(members, options.stop, inside, [&](auto const& trainer) {
                return trainer.fit(
                    x, y, {.sample_weight = options.sample_weight, .stop = options.stop}, inside);
            });
        });
        return basic_voted_regressor<decltype(models)>(std::move(models), std::move(of_member),
                                                       x.cols());
    }

    [[nodiscard]] bool operator==(basic_voting_regressor const&) const = default;
};

using voting_regressor = basic_voting_regressor<std::vector<any_regressor_trainer>>;
using voted_regressor = basic_voted_regressor<std::vector<any_regressor>>;

/// A voting regressor of trainers that keep their types.
template <regressor_trainer... Trainers>
[[nodiscard]] basic_voting_regressor<std::tuple<Trainers...>> voting_regressor_of(
    Trainers... trainers) {
    return {.members = std::tuple<Trainers...>(std::move(trainers)...)};
}

}  // namespace copse
