// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Bagging: the same trainer on many samples of the rows, and of the columns if asked for, its
/// models answering together.
///
///     auto const bagged = copse::bagging_classifier<copse::logistic_regression>{
///         .n_estimators = 50, .max_features = copse::feature_count::fraction(0.5)}.fit(x, y);
///     bagged.predict_proba(x_new);
///
/// L. Breiman, "Bagging Predictors", Machine Learning 24:123-140, 1996; for columns T. K. Ho, "The
/// Random Subspace Method for Constructing Decision Forests", IEEE Transactions on Pattern Analysis
/// and Machine Intelligence 20:832-844, 1998; for rare classes X.-Y. Liu, J. Wu, Z.-H. Zhou,
/// "Exploratory Undersampling for Class-Imbalance Learning", IEEE Transactions on Systems, Man, and
/// Cybernetics B 39:539-550, 2009 (EasyEnsemble).

#include <copse/core/checks.hpp>
#include <copse/core/fit_options.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>
#include <copse/core/random.hpp>
#include <copse/ensemble/bootstrap.hpp>
#include <copse/ensemble/forest_model.hpp>
#include <copse/ensemble/forest_options.hpp>
#include <copse/ensemble/out_of_bag.hpp>
#include <copse/meta/adapt_trainer.hpp>
#include <copse/meta/any_classifier.hpp>
#include <copse/meta/any_regressor.hpp>
#include <copse/meta/gathered.hpp>
#include <copse/meta/members.hpp>
#include <copse/model_selection/split.hpp>
#include <copse/model_selection/take.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

namespace detail {

/// A model and the columns it was fitted on, increasing; all if it lists none.
template <class Model>
struct bagged_member {
    Model model;
    std::vector<std::size_t> columns;

    bool operator==(bagged_member const&) const = default;
};

}  // namespace detail

/// Fitted classifiers of samples, which answer together.
template <class Model>
class bagged_classifier {
public:
    bagged_classifier(labels classes, std::vector<detail::bagged_member<Model>> members,
                      std::size_t n_features,
                      std::optional<out_of_bag<matrix<float>>> oob = std::nullopt)
        : classes_(std::move(classes)),
          members_(std::move(members)),
          n_features_(n_features),
          oob_(std::move(oob)) {}

    /// The distinct labels of the training set, increasing.
    [[nodiscard]] labels const& classes() const noexcept { return classes_; }
    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] std::vector<detail::bagged_member<Model>> const& members() const noexcept {
        return members_;
    }

    /// The class of the greatest share of each row by predict_proba. Ties go to the lower class.
    /// Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] labels predict(features_view x, B const& backend = {}) const {
        return detail::labels_of_shares(shares(x, backend, "bagged_classifier::predict"), classes_);
    }

    /// (n, classes().size()): the mean of the members' probabilities, or of their votes if they
    /// give none. Rows sum to 1 up to rounding.
    /// Determinism  members are added in order: the same bits for every backend if theirs are.
    template <backend B = tbb>
    [[nodiscard]] matrix<float> predict_proba(features_view x, B const& backend = {}) const {
        return shares(x, backend, "bagged_classifier::predict_proba");
    }

    /// Accuracy on, and shares of the classes for, rows by the members that did not draw them.
    /// Empty unless the fit was asked for it.
    [[nodiscard]] std::optional<out_of_bag<matrix<float>>> const& oob() const noexcept {
        return oob_;
    }

    bool operator==(bagged_classifier const&) const = default;

private:
    template <backend B>
    [[nodiscard]] matrix<float> shares(features_view x, B const& backend,
                                       std::string_view who) const;

    labels classes_;
    std::vector<detail::bagged_member<Model>> members_;
    std::size_t n_features_;
    std::optional<out_of_bag<matrix<float>>> oob_;
};

/// Fitted regressors of samples, whose mean is the answer.
template <class Model>
class bagged_regressor {
public:
    bagged_regressor(std::vector<detail::bagged_member<Model>> members, std::size_t n_features,
                     std::optional<out_of_bag<column<double>>> oob = std::nullopt)
        : members_(std::move(members)), n_features_(n_features), oob_(std::move(oob)) {}

    [[nodiscard]] std::size_t n_features() const noexcept { return n_features_; }
    [[nodiscard]] std::vector<detail::bagged_member<Model>> const& members() const noexcept {
        return members_;
    }

    /// The mean of the members' predictions. Throws invalid_input if the columns do not match.
    template <backend B = tbb>
    [[nodiscard]] column<double> predict(features_view x, B const& backend = {}) const;

    /// R2 on, and means for, rows by the members that did not draw them. Empty unless the fit was
    /// asked for it.
    [[nodiscard]] std::optional<out_of_bag<column<double>>> const& oob() const noexcept {
        return oob_;
    }

    bool operator==(bagged_regressor const&) const = default;

private:
    std::vector<detail::bagged_member<Model>> members_;
    std::size_t n_features_;
    std::optional<out_of_bag<column<double>>> oob_;
};

/// How to bag a classifier. Fields bear scikit-learn's names where they keep its meaning.
template <classifier_trainer Trainer = any_classifier_trainer>
struct bagging_classifier {
    Trainer trainer{};
    std::size_t n_estimators = 10;
    sample_count max_samples = sample_count::all();     ///< rows that each member draws
    feature_count max_features = feature_count::all();  ///< columns of each, without replacement
    bool bootstrap = true;                              ///< rows are drawn with replacement
    /// Each member draws as many rows of every class: max_samples of those of the rarest. Its
    /// probabilities are then of a table where classes are alike.
    bool balanced = false;
    bool oob_score = false;          ///< judge each row by the members that did not draw it
    std::uint64_t random_state = 0;  ///< decides what is drawn, and the members' own random_state

    /// Fits a member for each sample, as independent components. `x` is (n, d), dense; `y` has n
    /// labels, integers or strings. Rows of weight 0 are left out. A row drawn m times is one row
    /// of m times its weight. A member does not know a class that its sample lacks. What the
    /// trainer says of columns (categories, constraints) goes with them.
    ///
    /// Throws  invalid_input, naming the argument and both numbers, before any work; and what the
    ///         trainer throws.
    /// Cost    n_estimators fits on the distinct rows drawn, of which each running one has a copy.
    /// Determinism  equal for every backend and n_jobs if the trainer's fits are.
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, labels_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, labels_view y, fit_options const& options,
                           B const& backend = {}) const;

    bool operator==(bagging_classifier const&) const = default;
};

/// How to bag a regressor.
template <regressor_trainer Trainer = any_regressor_trainer>
struct bagging_regressor {
    Trainer trainer{};
    std::size_t n_estimators = 10;
    sample_count max_samples = sample_count::all();     ///< rows that each member draws
    feature_count max_features = feature_count::all();  ///< columns of each, without replacement
    bool bootstrap = true;                              ///< rows are drawn with replacement
    bool oob_score = false;          ///< judge each row by the members that did not draw it
    std::uint64_t random_state = 0;  ///< decides what is drawn, and the members' own random_state

    /// As bagging_classifier::fit; `y` has n values.
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, values_view y, B const& backend = {}) const {
        return fit(x, y, fit_options{}, backend);
    }
    template <backend B = tbb>
    [[nodiscard]] auto fit(features_view x, values_view y, fit_options const& options,
                           B const& backend = {}) const;

    bool operator==(bagging_regressor const&) const = default;
};

// ------------------------------------------------------------------ implementation below

namespace detail {

/// What one member is fitted on: its rows, increasing, how often each was drawn, and its columns.
struct bag {
    std::vector<std::size_t> rows;
    std::vector<double> times;
    std::vector<std::size_t> columns;  ///< empty if all

    [[nodiscard]] bool is_whole(std::size_t n) const noexcept {
        return columns.empty() && rows.size() == n &&
               std::ranges::all_of(times, [](double t) { return t == 1; });
    }
    /// What it does not have of 0..n-1.
    [[nodiscard]] std::vector<std::size_t> rows_out(std::size_t n) const {
        std::vector<std::size_t> out;
        auto next = rows.begin();
        for (std::size_t i = 0; i < n; ++i) {
            if (next != rows.end() && *next == i) {
                ++next;
            } else {
                out.push_back(i);
            }
        }
        return out;
    }
};

/// How bags are drawn, checked.
class bag_drawer {
public:
    /// With the class of each row every bag has as many rows of each.
    template <class Bagging>
    bag_drawer(std::string_view who, Bagging const& how, std::size_t n, std::size_t d,
               values_view weights, std::vector<std::uint32_t> const& classes = {})
        : draws_(random_stream(how.random_state)),
          n_columns_(how.max_features.of(d, who)),
          d_(d),
          bootstrap_(how.bootstrap) {
        check_at_least(who, "n_estimators", how.n_estimators, 1);
        std::size_t n_candidates = 0;
        for (std::size_t i = 0; i < n; ++i) {
            if (!weights.empty() && !(weights[i] > 0)) continue;
            auto const own = classes.empty() ? 0 : classes[i];
            if (own >= candidates_.size()) candidates_.resize(own + 1);
            candidates_[own].push_back(i);
            ++n_candidates;
        }
        std::erase_if(candidates_, [](auto const& rows) { return rows.empty(); });
        auto fewest = n_candidates;
        for (auto const& rows : candidates_) fewest = std::min(fewest, rows.size());
        n_rows_ = how.max_samples.of(fewest, who);
        if (how.oob_score && !how.bootstrap && n_rows_ * candidates_.size() == n_candidates) {
            throw invalid_input(sentence(who,
                                         ": oob_score needs rows that a member does not draw, "
                                         "but bootstrap is false and max_samples all ",
                                         n, " rows"));
        }
    }

    [[nodiscard]] std::uint64_t seed(std::size_t member) const noexcept {
        return draws_.split(member).bits(0);
    }
    [[nodiscard]] bag draw(std::size_t member) const {
        auto const stream = draws_.split(member);
        bag out;
        if (candidates_.size() == 1) {
            out = rows_of(candidates_[0], stream);
        } else {
            std::vector<std::pair<std::size_t, double>> drawn;
            for (std::size_t k = 0; k < candidates_.size(); ++k) {
                auto const own = rows_of(candidates_[k], stream.split(purpose::split).split(k));
                for (std::size_t i = 0; i < own.rows.size(); ++i)
                    drawn.emplace_back(own.rows[i], own.times[i]);
            }
            std::ranges::sort(drawn);
            for (auto const& [row, times] : drawn) {
                out.rows.push_back(row);
                out.times.push_back(times);
            }
        }
        if (n_columns_ < d_) {
            out.columns = some(first_numbers(d_), n_columns_, stream.split(purpose::features));
        }
        return out;
    }

private:
    [[nodiscard]] bag rows_of(std::vector<std::size_t> const& candidates,
                              random_stream stream) const {
        bag out;
        if (!bootstrap_) {
            out.rows = some(candidates, n_rows_, stream.split(purpose::rows));
            out.times.assign(out.rows.size(), 1.0);
            return out;
        }
        auto const times = times_drawn(stream, candidates.size(), n_rows_, {});
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (times[i] == 0) continue;
            out.rows.push_back(candidates[i]);
            out.times.push_back(times[i]);
        }
        return out;
    }
    /// `count` of them, increasing.
    [[nodiscard]] static std::vector<std::size_t> some(std::vector<std::size_t> from,
                                                       std::size_t count, random_stream draws) {
        if (count == from.size()) return from;
        shuffle(from, draws);
        from.resize(count);
        std::ranges::sort(from);
        return from;
    }

    random_stream draws_;
    std::vector<std::vector<std::size_t>> candidates_;  ///< of each class, or of all as one
    std::size_t n_rows_ = 0;                            ///< that are drawn of each of them
    std::size_t n_columns_;
    std::size_t d_;
    bool bootstrap_;
};

/// Of each row drawn, how often times its weight.
[[nodiscard]] inline std::vector<double> weights_in(bag const& drawn, values_view weights) {
    auto out = drawn.times;
    if (weights.empty()) return out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] *= weights[drawn.rows[i]];
    return out;
}

/// A member for each bag. Y is labels_view or values_view.
template <class Bagging, class Y, backend B>
[[nodiscard]] auto fit_bags(Bagging const& how, bag_drawer const& drawer, features_view x, Y y,
                            fit_options const& options, B const& inside) {
    auto const fit_one = [&](std::size_t k) {
        auto const drawn = drawer.draw(k);
        auto trainer = with_random_state(how.trainer, drawer.seed(k));
        if (drawn.is_whole(x.rows())) {
            return trainer.fit(x, y, {.sample_weight = options.sample_weight, .stop = options.stop},
                               inside);
        }
        if (!drawn.columns.empty())
            trainer = on_columns(std::move(trainer), drawn.columns, x.cols());
        gathered_features const part(
            x, drawn.rows, drawn.columns.empty() ? first_numbers(x.cols()) : drawn.columns);
        auto const weights = weights_in(drawn, options.sample_weight);
        return trainer.fit(part.view(), take(y, drawn.rows),
                           {.sample_weight = weights, .stop = options.stop}, inside);
    };
    using model = decltype(fit_one(0));
    std::vector<std::optional<model>> fitted(how.n_estimators);
    for_each_component(inside, fitted.size(), options.stop,
                       [&](std::size_t k) { fitted[k].emplace(fit_one(k)); });
    std::vector<bagged_member<model>> members;
    for (std::size_t k = 0; k < fitted.size(); ++k)
        members.push_back({std::move(*fitted[k]), drawer.draw(k).columns});
    return members;
}

/// f(model, x) with the columns that a member was fitted on.
template <class Model, class F>
void ask_member(bagged_member<Model> const& member, features_view x, F const& f) {
    if (member.columns.empty()) {
        f(member.model, x);
    } else {
        gathered_features const part(x, first_numbers(x.rows()), member.columns);
        f(member.model, part.view());
    }
}

/// f(model, x, rows) for each member and the rows that it did not draw, if there are any.
template <class Members, class F>
void ask_out_of_bag(Members const& members, bag_drawer const& drawer, features_view x, F const& f) {
    for (std::size_t k = 0; k < members.size(); ++k) {
        auto const drawn = drawer.draw(k);
        auto const rows = drawn.rows_out(x.rows());
        if (rows.empty()) continue;
        gathered_features const part(
            x, rows, drawn.columns.empty() ? first_numbers(x.cols()) : drawn.columns);
        f(members[k].model, part.view(), rows);
    }
}

}  // namespace detail

template <classifier_trainer Trainer>
template <backend B>
auto bagging_classifier<Trainer>::fit(features_view x, labels_view y, fit_options const& options,
                                      B const& backend) const {
    constexpr auto who = "bagging_classifier::fit";
    detail::check_n_jobs(backend, who);
    detail::check_training_set(who, x.rows(), x.cols(), y.size(), "labels", options.sample_weight);
    auto const encoded = encode(y);
    detail::bag_drawer const drawer(who, *this, x.rows(), x.cols(), options.sample_weight,
                                    balanced ? encoded.codes : std::vector<std::uint32_t>());
    any_backend const where = backend;
    return where.enter([&] {
        auto const inside = where.inherited();
        auto members = detail::fit_bags(*this, drawer, x, y, options, inside);
        std::optional<out_of_bag<matrix<float>>> oob;
        if (oob_score) {
            detail::class_shares votes(x.rows(), encoded.classes);
            detail::ask_out_of_bag(members, drawer, x,
                                   [&](auto const& model, features_view part, auto const& rows) {
                                       votes.add(model, part, 1, inside, rows);
                                   });
            oob = detail::judged_votes(votes.sums(), encoded.codes);
        }
        using model = typename std::remove_cvref_t<decltype(members[0].model)>;
        return bagged_classifier<model>(encoded.classes, std::move(members), x.cols(),
                                        std::move(oob));
    });
}

template <regressor_trainer Trainer>
template <backend B>
auto bagging_regressor<Trainer>::fit(features_view x, values_view y, fit_options const& options,
                                     B const& backend) const {
    constexpr auto who = "bagging_regressor::fit";
    detail::check_n_jobs(backend, who);
    detail::check_training_set(who, x.rows(), x.cols(), y.size(), "values", options.sample_weight);
    detail::bag_drawer const drawer(who, *this, x.rows(), x.cols(), options.sample_weight);
    any_backend const where = backend;
    return where.enter([&] {
        auto const inside = where.inherited();
        auto members = detail::fit_bags(*this, drawer, x, y, options, inside);
        std::optional<out_of_bag<column<double>>> oob;
        if (oob_score) {
            std::vector<double> sum(x.rows());
            std::vector<std::uint32_t> asked(x.rows());
            detail::ask_out_of_bag(members, drawer, x,
                                   [&](auto const& model, features_view part, auto const& rows) {
                                       auto const answer = model.predict(part, inside);
                                       for (std::size_t i = 0; i < rows.size(); ++i) {
                                           sum[rows[i]] += answer[i];
                                           ++asked[rows[i]];
                                       }
                                   });
            oob = detail::judged_means(sum, asked, y);
        }
        using model = typename std::remove_cvref_t<decltype(members[0].model)>;
        return bagged_regressor<model>(std::move(members), x.cols(), std::move(oob));
    });
}

template <class Model>
template <backend B>
matrix<float> bagged_classifier<Model>::shares(features_view x, B const& backend,
                                               std::string_view who) const {
    detail::check_n_jobs(backend, who);
    detail::check_n_features(who, x, n_features_);
    detail::class_shares sum(x.rows(), classes_);
    any_backend const where = backend;
    where.enter([&] {
        auto const inside = where.inherited();
        for (auto const& member : members_) {
            detail::ask_member(member, x, [&](Model const& model, features_view part) {
                sum.add(model, part, 1, inside);
            });
        }
    });
    return sum.shares(static_cast<double>(members_.size()));
}

template <class Model>
template <backend B>
column<double> bagged_regressor<Model>::predict(features_view x, B const& backend) const {
    constexpr auto who = "bagged_regressor::predict";
    detail::check_n_jobs(backend, who);
    detail::check_n_features(who, x, n_features_);
    column<double> out(x.rows());
    any_backend const where = backend;
    where.enter([&] {
        auto const inside = where.inherited();
        for (auto const& member : members_) {
            detail::ask_member(member, x, [&](Model const& model, features_view part) {
                auto const answer = model.predict(part, inside);
                for (std::size_t i = 0; i < out.size(); ++i) out[i] += answer[i];
            });
        }
    });
    for (auto& value : out) value /= static_cast<double>(members_.size());
    return out;
}

}  // namespace copse
