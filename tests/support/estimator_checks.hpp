// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What every trainer must pass, whatever it trains. Written against the faces alone: a trainer
/// with fit(x, y, options, backend), a model with predict, and with predict_proba and classes() if
/// it classifies.
///
///     TEST_CASE("random_forest_classifier keeps the promises of a trainer") {
///         check_classifier(random_forest_classifier{.n_estimators = 5},
///                          {.trainer = "random_forest_classifier", .model = "forest_classifier"});
///     }

#include "support/backends.hpp"
#include "support/samples.hpp"

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/labels.hpp>
#include <copse/core/matrix.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse::test {

/// What a trainer promises beyond the core, and what its messages call it.
struct promises {
    std::string trainer;                  ///< "random_forest_classifier"
    std::string model;                    ///< "forest_classifier"
    bool takes_missing = true;            ///< NaN and infinite features are values like others
    bool equal_across_backends = true;    ///< not only across n_jobs
    bool equal_for_any_row_order = true;  ///< without bootstrap: the model; else only its answers
    bool exact_weights = true;    ///< without bootstrap, weight 2 is the row twice and 0 is no row
    bool float_is_double = true;  ///< x in double gives the model of x in float
    bool free_intercept = true;   ///< what a constant column could add, the model has already
    double answers_within = 0;    ///< of probabilities and values, where sums are in another order
    double most_error = 0.2;      ///< squared, of what it learns of values; their spread is 1
    std::size_t least_right = 200;        ///< of 240 rows of the battery's own data, that it learns
    bool weights_are_ratios = true;       ///< equal weights of any size are no weights
    bool predicts_within_targets = true;  ///< a mean of targets is never beyond them
    bool goes_by_row_order = false;       ///< folds, say: rows in another order, another model
    bool fits_few_rows = true;            ///< two rows of two classes, four of several
};

template <class... Backends>
struct backend_list {};
using every_backend = backend_list<COPSE_TEST_BACKENDS>;

/// f(backend) for every CPU backend and number of jobs.
template <class... Backends, class F>
void on_every_backend(backend_list<Backends...>, F const& f) {
    auto const on = [&]<class B>(B) {
        for (auto const n_jobs : job_counts) {
            INFO("backend " << std::string(B::name) << ", n_jobs " << n_jobs);
            f(with_jobs<B>(n_jobs));
        }
    };
    (on(Backends{}), ...);
}
template <class F>
void on_every_backend(F const& f) {
    on_every_backend(every_backend{}, f);
}

/// The trainer without what depends on the order of rows.
template <class Trainer>
[[nodiscard]] Trainer without_bootstrap(Trainer trainer) {
    if constexpr (requires { trainer.bootstrap; }) {
        trainer.bootstrap = false;
        trainer.oob_score = false;
        if constexpr (requires { trainer.oob_permutation_importances; })
            trainer.oob_permutation_importances = false;
        trainer.max_samples = decltype(trainer.max_samples)::all();
    }
    return trainer;
}

/// Both kinds of trainer: y is a vector of labels or of values.
template <class Trainer, class Y>
class estimator_check {
public:
    estimator_check(Trainer trainer, promises promised, matrix<float> x, std::vector<Y> y)
        : trainer_(std::move(trainer)),
          promised_(std::move(promised)),
          x_(std::move(x)),
          y_(std::move(y)) {}

    void run() const {
        every_backend_and_n_jobs_give_the_same_model();
        fit_leaves_no_trace();
        a_weight_of_two_is_the_row_twice();
        a_weight_of_zero_is_no_row();
        equal_weights_are_no_weights();
        the_order_of_rows_is_of_no_account();
        the_layout_of_x_is_of_no_account();
        a_constant_column_is_of_no_account();
        small_and_degenerate_data_fit();
        if (promised_.takes_missing) odd_values_fit();
        wrong_sizes_are_named();
        fewer_components_are_the_first_ones();
        a_warm_start_ends_where_a_cold_one_does();
    }

private:
    using model = decltype(std::declval<Trainer const&>().fit(features_view{}, std::vector<Y>{},
                                                              sequential{}));

    [[nodiscard]] std::string sentence_of(std::string const& text) const {
        return promised_.trainer + "::fit: " + text;
    }

    void every_backend_and_n_jobs_give_the_same_model() const {
        auto const reference = trainer_.fit(x_, y_, sequential{});
        auto const answer = reference.predict(x_, sequential{});
        on_every_backend([&](auto const& backend) {
            auto const same = trainer_.fit(x_, y_, backend);
            if (promised_.equal_across_backends) {
                CHECK(same == reference);
            } else {
                auto const one_job = with_jobs<std::remove_cvref_t<decltype(backend)>>(1);
                CHECK(same == trainer_.fit(x_, y_, one_job));
            }
            CHECK(reference.predict(x_, backend) == answer);
            if constexpr (requires { reference.predict_proba(x_, backend); }) {
                CHECK(reference.predict_proba(x_, backend) ==
                      reference.predict_proba(x_, sequential{}));
            }
        });
    }

    void fit_leaves_no_trace() const {
        auto const before = trainer_;
        auto const first = trainer_.fit(x_, y_);
        auto const copy = first;
        CHECK(trainer_.fit(x_, y_) == first);
        CHECK(trainer_ == before);
        CHECK(copy == first);
    }

    /// Labels and probabilities are the same, values up to rounding.
    void check_same_answers(model const& a, model const& b) const {
        auto const of_a = a.predict(x_);
        auto const of_b = b.predict(x_);
        if constexpr (requires { a.classes(); }) {
            CHECK(a.classes() == b.classes());
            if constexpr (requires { a.predict_proba(x_); }) {
                auto const p = a.predict_proba(x_);
                auto const q = b.predict_proba(x_);
                if (promised_.answers_within == 0) CHECK(p == q);
                for (std::size_t i = 0; i < x_.rows(); ++i) {
                    for (std::size_t k = 0; k < p.cols(); ++k)
                        CHECK(std::abs(p(i, k) - q(i, k)) <= promised_.answers_within);
                }
            }
            if (promised_.answers_within == 0) CHECK(of_a == of_b);
        } else {
            for (std::size_t i = 0; i < x_.rows(); ++i) {
                CHECK(std::abs(of_a[i] - of_b[i]) <=
                      promised_.answers_within + 1e-9 * (1 + std::abs(of_b[i])));
            }
        }
    }

    /// Labels are equal, values as near as promised.
    template <class Answer>
    [[nodiscard]] bool same_answer(Answer const& a, Answer const& b) const {
        if constexpr (std::is_same_v<Y, double>) {
            return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](double one, double two) {
                return one == two || std::abs(one - two) <= promised_.answers_within;
            });
        } else {
            return a == b;
        }
    }

    void a_weight_of_two_is_the_row_twice() const {
        if (!promised_.exact_weights) return;
        auto const plain = without_bootstrap(trainer_);
        std::vector<double> weights(y_.size());
        std::vector<std::size_t> twice;
        for (std::size_t i = 0; i < y_.size(); ++i) {
            weights[i] = i % 3 == 0 ? 2 : 1;
            twice.push_back(i);
            if (i % 3 == 0) twice.push_back(i);
        }
        check_same_answers(plain.fit(x_, y_, {.sample_weight = weights}),
                           plain.fit(rows_of(x_, twice), rows_of(y_, twice)));
    }

    void a_weight_of_zero_is_no_row() const {
        if (!promised_.exact_weights) return;
        auto const plain = without_bootstrap(trainer_);
        std::vector<double> weights(y_.size(), 1);
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < y_.size(); ++i) {
            if (i % 4 == 1) {
                weights[i] = 0;
            } else {
                kept.push_back(i);
            }
        }
        check_same_answers(plain.fit(x_, y_, {.sample_weight = weights}),
                           plain.fit(rows_of(x_, kept), rows_of(y_, kept)));
    }

    void equal_weights_are_no_weights() const {
        if (!promised_.exact_weights) return;
        auto const plain = trainer_.fit(x_, y_);
        std::vector<float> const ones(y_.size(), 1.0f);
        CHECK(trainer_.fit(x_, y_, {.sample_weight = ones}) == plain);
        if (!promised_.weights_are_ratios) return;
        for (double const weight : {0.5, 4.0, 0x1p-1000, 0x1p1000, 5e-324}) {
            std::vector<double> const weights(y_.size(), weight);
            INFO("weight " << weight);
            CHECK(trainer_.fit(x_, y_, {.sample_weight = weights}) == plain);
        }
    }

    void the_order_of_rows_is_of_no_account() const {
        if (promised_.goes_by_row_order) return;
        auto const plain = without_bootstrap(trainer_);
        auto const rows = shuffled(y_.size(), 3);
        auto const reference = plain.fit(x_, y_);
        auto const other = plain.fit(rows_of(x_, rows), rows_of(y_, rows));
        if (promised_.equal_for_any_row_order) CHECK(other == reference);
        check_same_answers(other, reference);
    }

    void the_layout_of_x_is_of_no_account() const {
        auto const n = x_.rows();
        auto const d = x_.cols();
        auto const reference = trainer_.fit(x_, y_);
        auto const answer = reference.predict(x_);
        auto const same = [&](features_view x) {
            CHECK(trainer_.fit(x, y_) == reference);
            CHECK(reference.predict(x) == answer);
        };
        matrix<double> wide(n, d);
        std::vector<float> columns(n * d);
        matrix<float> spread(2 * n, 3 * d, -1.0f);
        matrix<float> backwards(n, d);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < d; ++j) {
                wide(i, j) = static_cast<double>(x_(i, j));
                columns[j * n + i] = x_(i, j);
                spread(2 * i, 3 * j) = x_(i, j);
                backwards(n - 1 - i, d - 1 - j) = x_(i, j);
            }
        }
        if (promised_.float_is_double) same(wide);
        same(features_view::column_major(columns.data(), n, d));
        same(matrix_view<float const>(spread.data(), n, d, static_cast<std::ptrdiff_t>(6 * d), 3));
        same(matrix_view<float const>(&backwards(n - 1, d - 1), n, d,
                                      -static_cast<std::ptrdiff_t>(d), -1));
    }

    void a_constant_column_is_of_no_account() const {
        auto const predictions_with = [&](float constant) {
            matrix<float> x(x_.rows(), x_.cols() + 1, constant);
            for (std::size_t i = 0; i < x.rows(); ++i) {
                for (std::size_t j = 0; j < x_.cols(); ++j) x(i, j) = x_(i, j);
            }
            return trainer_.fit(x, y_).predict(x);
        };
        auto const answer = predictions_with(0);
        if (promised_.free_intercept) CHECK(same_answer(predictions_with(-3.5f), answer));
        if (promised_.takes_missing) {
            CHECK(predictions_with(missing) == answer);
            CHECK(predictions_with(infinity) == answer);
        }
    }

    /// Fits, and predicts what the data allow.
    model fits(matrix<float> const& x, std::vector<Y> const& y) const {
        auto fitted = trainer_.fit(x, y);
        CHECK(fitted == trainer_.fit(x, y, sequential{}));
        auto const answer = fitted.predict(x);
        CHECK(answer.size() == x.rows());
        CHECK(answer == fitted.predict(x, sequential{}));
        if constexpr (requires { fitted.predict_proba(x); }) {
            auto const proba = fitted.predict_proba(x);
            CHECK(proba.cols() == fitted.classes().size());
            for (std::size_t i = 0; i < x.rows(); ++i) {
                double sum = 0;
                for (auto const p : proba.row(i)) {
                    CHECK((p >= 0 && p <= 1));
                    sum += static_cast<double>(p);
                }
                CHECK(sum == doctest::Approx(1).epsilon(1e-6));
            }
        }
        if constexpr (requires { fitted.classes(); }) {
            for (std::size_t i = 0; i < x.rows(); ++i) {
                std::size_t k = 0;
                while (k < fitted.classes().size() && answer[i] != fitted.classes()[k]) ++k;
                CHECK(k < fitted.classes().size());
            }
        } else if (promised_.predicts_within_targets) {
            auto const [least, greatest] = std::minmax_element(y.begin(), y.end());
            auto const slack = 1e-9 * (std::abs(*least) + std::abs(*greatest));
            for (auto const value : answer)
                CHECK((value >= *least - slack && value <= *greatest + slack));
        }
        return fitted;
    }

    void small_and_degenerate_data_fit() const {
        {
            INFO("one row");
            auto const y = std::vector<Y>{y_[0]};
            auto const fitted = fits(rows_of(x_, {0}), y);
            CHECK(fitted.predict(x_)[5] == y_[0]);
        }
        {
            INFO("one target");
            std::vector<Y> const y(y_.size(), y_[1]);
            auto const answer = fits(x_, y).predict(x_);
            if constexpr (std::is_same_v<Y, double>) {
                CHECK(same_answer<std::vector<double>>(answer, y));
            } else {
                for (std::size_t i = 0; i < y.size(); ++i) CHECK(answer[i] == y[i]);
            }
        }
        if (promised_.fits_few_rows) {
            INFO("two rows");
            fits(rows_of(x_, {0, 1}), {y_[0], y_[1]});
        }
        {
            INFO("every column constant");
            fits(matrix<float>(y_.size(), 3, 7.0f), y_);
        }
        {
            INFO("one column");
            matrix<float> x(x_.rows(), 1);
            for (std::size_t i = 0; i < x.rows(); ++i) x(i, 0) = x_(i, 0);
            fits(x, y_);
        }
        if (promised_.fits_few_rows) {
            INFO("more columns than rows");
            fits(grid(4, 70, 1), {y_[0], y_[1], y_[2], y_[3]});
        }
        {
            INFO("each row many times");
            std::vector<std::size_t> rows;
            for (std::size_t i = 0; i < 200; ++i) rows.push_back(i % 7);
            fits(rows_of(x_, rows), rows_of(y_, rows));
        }
        {
            INFO("equal rows, different targets");
            std::vector<std::size_t> const rows(y_.size(), 0);
            fits(rows_of(x_, rows), y_);
        }
    }

    void odd_values_fit() const {
        constexpr float values[] = {missing,  infinity, -infinity, 1e38f, -1e38f,
                                    1e-45f,   -1e-45f,  0.0f,      -0.0f, 1e-38f,
                                    16777216, 16777218, 0x1p-140f, -1.5f, 3.25f};
        random_stream const draws(11);
        auto x = x_;
        for (std::size_t i = 0; i < x.rows(); ++i) {
            x(i, 0) = values[draws.below(std::size(values), 2 * i)];
            if (draws.below(3, 2 * i + 1) == 0) x(i, 1) = missing;
        }
        auto const fitted = fits(x, y_);
        on_every_backend(
            [&](auto const& backend) { CHECK(trainer_.fit(x, y_, backend) == fitted); });
        INFO("no value but missing ones");
        fits(matrix<float>(y_.size(), 2, missing), y_);
        INFO("missing where training saw none");
        auto const whole = trainer_.fit(x_, y_);
        matrix<float> const unseen(3, x_.cols(), missing);
        CHECK(whole.predict(unseen) == whole.predict(unseen, sequential{}));
    }

    void wrong_sizes_are_named() const {
        auto const n = x_.rows();
        auto short_y = y_;
        short_y.pop_back();
        auto const what = std::is_same_v<Y, double> ? " values" : " labels";
        CHECK_THROWS_WITH_AS(
            (void)trainer_.fit(x_, short_y),
            sentence_of(detail::sentence("y has ", n - 1, what, " but x has ", n, " rows")).c_str(),
            invalid_input);
        CHECK_THROWS_WITH_AS(
            (void)trainer_.fit(matrix<float>(0, 3), std::vector<Y>{}),
            sentence_of("x is 0 x 3; it must have at least 1 row and 1 column").c_str(),
            invalid_input);
        CHECK_THROWS_WITH_AS(
            (void)trainer_.fit(matrix<float>(n, 0), y_),
            sentence_of(
                detail::sentence("x is ", n, " x 0; it must have at least 1 row and 1 column"))
                .c_str(),
            invalid_input);
        std::vector<double> weights(n + 1, 1.0);
        CHECK_THROWS_WITH_AS((void)trainer_.fit(x_, y_, {.sample_weight = weights}),
                             sentence_of(detail::sentence("sample_weight has ", n + 1,
                                                          " values but x has ", n, " rows"))
                                 .c_str(),
                             invalid_input);
        weights.assign(n, 1.0);
        weights[2] = -0.5;
        CHECK_THROWS_WITH_AS(
            (void)trainer_.fit(x_, y_, {.sample_weight = weights}),
            sentence_of("sample_weight is -0.5 at row 2; it must be at least 0 and finite").c_str(),
            invalid_input);
        weights[2] = std::numeric_limits<double>::quiet_NaN();
        CHECK_THROWS_WITH_AS(
            (void)trainer_.fit(x_, y_, {.sample_weight = weights}),
            sentence_of("sample_weight is nan at row 2; it must be at least 0 and finite").c_str(),
            invalid_input);
        weights.assign(n, 0.0);
        CHECK_THROWS_WITH_AS(
            (void)trainer_.fit(x_, y_, {.sample_weight = weights}),
            sentence_of(detail::sentence("all ", n, " sample weights are 0")).c_str(),
            invalid_input);
        for (int const n_jobs : {0, -2}) {
            CHECK_THROWS_WITH_AS(
                (void)trainer_.fit(x_, y_, tbb{n_jobs}),
                sentence_of(detail::sentence("n_jobs is ", n_jobs,
                                             "; it must be -1 (all cores) or at least 1"))
                    .c_str(),
                invalid_input);
        }
        auto const fitted = trainer_.fit(x_, y_);
        matrix<float> const wide(2, x_.cols() + 1);
        CHECK_THROWS_WITH_AS(
            (void)fitted.predict(wide),
            (promised_.model + "::predict: x has " + std::to_string(x_.cols() + 1) +
             " columns but the model was fitted on " + std::to_string(x_.cols()))
                .c_str(),
            invalid_input);
        CHECK(fitted.predict(matrix<float>(0, x_.cols())).size() == 0);
    }

    [[nodiscard]] Trainer with_estimators(std::size_t n) const {
        auto out = trainer_;
        if constexpr (requires { out.n_estimators; }) out.n_estimators = n;
        return out;
    }

    void fewer_components_are_the_first_ones() const {
        if constexpr (requires(model m) { m.trees(); }) {
            auto const ten = with_estimators(10).fit(x_, y_);
            auto const twenty = with_estimators(20).fit(x_, y_);
            auto const n = ten.trees().size();  // a multiple of 10 if a component has several trees
            REQUIRE((n > 0 && n % 10 == 0));
            REQUIRE(twenty.trees().size() == 2 * n);
            for (std::size_t t = 0; t < n; ++t) CHECK(ten.trees()[t] == twenty.trees()[t]);
            CHECK(ten.trees()[0] != twenty.trees()[n]);
        }
    }

    void a_warm_start_ends_where_a_cold_one_does() const {
        if constexpr (requires(model const* m, Trainer t) {
                          m->trees();
                          t.fit(x_, y_, {.warm_start = m});
                      }) {
            auto const ten = with_estimators(10).fit(x_, y_);
            auto const twenty = with_estimators(20).fit(x_, y_);
            on_every_backend([&](auto const& backend) {
                CHECK(with_estimators(20).fit(x_, y_, {.warm_start = &ten}, backend) == twenty);
            });
            CHECK(with_estimators(10).fit(x_, y_, {.warm_start = &ten}) == ten);
        }
    }

    Trainer trainer_;
    promises promised_;
    matrix<float> x_;
    std::vector<Y> y_;
};

template <class Trainer>
void check_classifier(Trainer const& trainer, promises const& promised) {
    auto const set = labelled_grid(240, 4, 5);  // clang 14: no binding in a requires-expression
    auto const& x = set.x;
    auto const& y = set.y;
    {
        INFO("three classes");
        estimator_check<Trainer, int>(trainer, promised, x, y).run();
    }
    {
        INFO("two classes");
        auto two = y;
        for (auto& label : two) label = label < 7 ? 0 : 1;
        estimator_check<Trainer, int>(trainer, promised, x, two).run();
    }
    // Text is read like integers: codes in order of the labels.
    std::vector<std::string> names;
    for (auto const label : y) names.push_back(label < 0 ? "a" : label == 5 ? "b" : "c");
    auto const by_number = trainer.fit(x, y);
    auto const by_name = trainer.fit(x, names);
    CHECK(by_name.classes() == std::vector<std::string>{"a", "b", "c"});
    CHECK(by_number.classes() == std::vector<int>{-1, 5, 7});
    if constexpr (requires { by_name.predict_proba(x); })
        CHECK(by_name.predict_proba(x) == by_number.predict_proba(x));
    labels const as_names = by_name.predict(x);
    labels const as_numbers = by_number.predict(x);
    for (std::size_t i = 0; i < y.size(); ++i) {
        auto const number = as_numbers[i].integer();
        CHECK(as_names[i] == (number < 0 ? "a" : number == 5 ? "b" : "c"));
    }
    // It learns.
    std::size_t right = 0;
    for (std::size_t i = 0; i < y.size(); ++i) right += as_numbers[i] == y[i] ? 1 : 0;
    CHECK(right > promised.least_right);
}

template <class Trainer>
void check_regressor(Trainer const& trainer, promises const& promised) {
    auto const [x, y] = valued_grid(240, 4, 5);
    estimator_check<Trainer, double>(trainer, promised, x, y).run();
    auto const answer = trainer.fit(x, y).predict(x);
    double error = 0;
    double spread = 0;
    double mean = 0;
    for (auto const value : y) mean += value / static_cast<double>(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        error += (answer[i] - y[i]) * (answer[i] - y[i]);
        spread += (mean - y[i]) * (mean - y[i]);
    }
    CHECK(error < promised.most_error * spread);
}

}  // namespace copse::test
