// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What scores depend on: how many rows train, one parameter, or chance.
///
///     auto const by_rows = learning_curve(trainer, x, y, {.train_sizes = {0.1, 0.5, 1.0}});
///     auto const by_depth = validation_curve(trainer, &random_forest_classifier::max_depth,
///                                            {2, 4, 8, unlimited}, x, y);
///     auto const p = permutation_test(trainer, x, y, {.n_permutations = 1000}).p_value;

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/random.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/model_selection/shuffle_split.hpp>
#include <copse/par/any_backend.hpp>
#include <copse/par/components.hpp>
#include <copse/par/tbb.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace copse {

/// Scores of the first metric: a row for each point, a column for each fold.
struct score_curve {
    std::vector<std::size_t> train_sizes{};  ///< rows; only of learning_curve
    matrix<double> train{};
    matrix<double> test{};
};

template <class Metric>
struct learning_curve_options {
    /// Numbers of rows, or shares of the smallest fold's training rows; shares may be 1.
    std::vector<row_share> train_sizes{0.1, 0.325, 0.55, 0.775, 1.0};
    bool shuffle = false;  ///< take rows at random, the fewer among the more; else the first ones
    std::uint64_t random_state = 0;
    cross_validate_options<Metric> cross_validate{};
};

/// How the scores rise with the number of rows. Throws and costs as cross_validate for each size.
template <trainer Trainer, class X, backend B = tbb>
[[nodiscard]] score_curve learning_curve(
    Trainer const& trainer, X const& x, detail::targets_of<Trainer> y,
    learning_curve_options<detail::metric_of<Trainer>> const& options = {}, B const& backend = {});

/// How they change with a field of the trainer. Throws and costs as cross_validate for each value.
template <trainer Trainer, class Field, class X, backend B = tbb>
[[nodiscard]] score_curve validation_curve(
    Trainer trainer, Field Trainer::*field, std::type_identity_t<std::vector<Field>> const& values,
    X const& x, detail::targets_of<Trainer> y,
    cross_validate_options<detail::metric_of<Trainer>> options = {}, B const& backend = {});

template <class Metric>
struct permutation_test_options {
    std::size_t n_permutations = 100;
    std::uint64_t random_state = 0;
    /// With groups, targets change places within groups.
    cross_validate_options<Metric> cross_validate{};
};

struct permutation_test_result {
    double score = 0;                       ///< mean over the folds
    std::vector<double> permuted_scores{};  ///< the same when targets were shuffled
    /// (1 + permutations that were as good) / (1 + permutations).
    double p_value = 1;
};

/// Whether the score could be chance. M. Ojala, G. Garriga, "Permutation Tests for Studying
/// Classifier Performance", JMLR 11:1833-1863, 2010, test 1. Throws as cross_validate; costs it
/// n_permutations + 1 times, which are independent components.
template <trainer Trainer, class X, backend B = tbb>
[[nodiscard]] permutation_test_result permutation_test(
    Trainer const& trainer, X const& x, detail::targets_of<Trainer> y,
    permutation_test_options<detail::metric_of<Trainer>> const& options = {},
    B const& backend = {});

// ------------------------------------------------------------------ implementation below

namespace detail {

/// Of shares or numbers of rows, at most n.
[[nodiscard]] inline std::vector<std::size_t> train_sizes_of(std::vector<row_share> const& wanted,
                                                             std::size_t n) {
    std::vector<std::size_t> out;
    for (auto const& w : wanted) {
        auto const rows = w.is_share() ? w.value() * static_cast<double>(n) : w.value();
        if (!(rows >= 1 && rows <= static_cast<double>(n))) {
            throw invalid_input(sentence("learning_curve: train_sizes has ", w.value(),
                                         "; it must be in (0, 1] or 1..", n,
                                         ", the rows of the smallest fold"));
        }
        out.push_back(static_cast<std::size_t>(rows));
    }
    if (out.empty()) throw invalid_input("learning_curve: train_sizes has 0 sizes; it needs 1");
    return out;
}

template <class Trainer>
void set_row(score_curve& curve, std::size_t row, Trainer const& cv) {
    std::ranges::copy(cv.scores[0].train, curve.train.row(row).begin());
    std::ranges::copy(cv.scores[0].test, curve.test.row(row).begin());
}

/// The targets with each group's, or all, in another order.
[[nodiscard]] inline std::vector<std::size_t> permuted_rows(std::size_t n, labels_view groups,
                                                            random_stream draws) {
    std::vector<std::vector<std::size_t>> members(1);
    if (groups.size() == 0) {
        members[0] = iota(n);
    } else {
        auto const codes = codes_for_split("permutation_test", "groups", groups, n);
        members.resize(codes.classes.size());
        for (std::size_t i = 0; i < n; ++i) members[codes.codes[i]].push_back(i);
    }
    std::vector<std::size_t> out(n);
    for (std::size_t g = 0; g < members.size(); ++g) {
        auto to = members[g];
        shuffle(to, draws.split(g));
        for (std::size_t i = 0; i < to.size(); ++i) out[to[i]] = members[g][i];
    }
    return out;
}

}  // namespace detail

template <trainer Trainer, class X, backend B>
score_curve learning_curve(Trainer const& trainer, X const& x, detail::targets_of<Trainer> y,
                           learning_curve_options<detail::metric_of<Trainer>> const& options,
                           B const& backend) {
    constexpr std::string_view who = "learning_curve";
    auto const& cv = options.cross_validate;
    auto const rows = detail::borrowed(x);
    auto const folds = detail::folds_of(who, rows, y, cv.sample_weight, cv.groups, cv.splits);
    auto smallest = folds[0].train.size();
    for (auto const& fold : folds) smallest = std::min(smallest, fold.train.size());
    score_curve out;
    out.train_sizes = detail::train_sizes_of(options.train_sizes, smallest);
    out.train = matrix<double>(out.train_sizes.size(), folds.size());
    out.test = out.train;
    // All sizes are splits of one cross-validation, so that they share its bins and its threads.
    std::vector<row_split> all;
    for (auto const size : out.train_sizes) {
        for (std::size_t f = 0; f < folds.size(); ++f) {
            auto order = folds[f].train;
            if (options.shuffle)
                detail::shuffle(order, detail::fold_stream(options.random_state).split(f));
            order.resize(size);
            std::ranges::sort(order);
            all.push_back({std::move(order), folds[f].test});
        }
    }
    auto every = cv;
    every.splits = any_splitter(std::move(all));
    every.train_scores = true;
    every.keep_models = false;
    auto const found = cross_validate(trainer, x, y, every, backend);
    std::ranges::copy(found.scores[0].train, out.train.data());
    std::ranges::copy(found.scores[0].test, out.test.data());
    return out;
}

template <trainer Trainer, class Field, class X, backend B>
score_curve validation_curve(Trainer trainer, Field Trainer::*field,
                             std::type_identity_t<std::vector<Field>> const& values, X const& x,
                             detail::targets_of<Trainer> y,
                             cross_validate_options<detail::metric_of<Trainer>> options,
                             B const& backend) {
    constexpr std::string_view who = "validation_curve";
    if (values.empty()) {
        throw invalid_input(detail::sentence(who, ": there are 0 values; it needs at least 1"));
    }
    auto const rows = detail::borrowed(x);
    auto folds =
        detail::folds_of(who, rows, y, options.sample_weight, options.groups, options.splits);
    score_curve out;
    out.train = matrix<double>(values.size(), folds.size());
    out.test = out.train;
    options.splits = any_splitter(std::move(folds));
    options.train_scores = true;
    options.keep_models = false;
    for (std::size_t v = 0; v < values.size(); ++v) {
        trainer.*field = values[v];
        detail::set_row(out, v, cross_validate(trainer, x, y, options, backend));
    }
    return out;
}

template <trainer Trainer, class X, backend B>
permutation_test_result permutation_test(
    Trainer const& trainer, X const& x, detail::targets_of<Trainer> y,
    permutation_test_options<detail::metric_of<Trainer>> const& options, B const& backend) {
    constexpr std::string_view who = "permutation_test";
    detail::check_n_jobs(backend, who);
    auto const& cv = options.cross_validate;
    auto const rows = detail::borrowed(x);
    auto once = cv;
    once.splits =
        any_splitter(detail::folds_of(who, rows, y, cv.sample_weight, cv.groups, cv.splits));
    once.train_scores = once.keep_models = false;
    permutation_test_result out;
    out.permuted_scores.resize(options.n_permutations);
    bool greater_is_better = true;
    any_backend const where = backend;
    where.enter([&] {
        auto const inside = where.inherited();
        for_each_component(inside, options.n_permutations + 1, cv.stop, [&](std::size_t p) {
            if (p == 0) {
                auto const found = cross_validate(trainer, x, y, once, inside);
                out.score = found.scores[0].mean();
                greater_is_better = found.scores[0].greater_is_better;
                return;
            }
            auto const draws =
                random_stream(options.random_state).split(purpose::permutation).split(p - 1);
            auto const order = detail::permuted_rows(rows.rows(), cv.groups, draws);
            auto const shuffled = take(y, order);
            out.permuted_scores[p - 1] =
                cross_validate(trainer, x, shuffled, once, inside).scores[0].mean();
        });
    });
    std::size_t as_good = 0;
    for (auto const score : out.permuted_scores) {
        as_good += (greater_is_better ? score >= out.score : score <= out.score) ? 1 : 0;
    }
    out.p_value =
        static_cast<double>(as_good + 1) / static_cast<double>(options.n_permutations + 1);
    return out;
}

}  // namespace copse
