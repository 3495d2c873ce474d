// SPDX-License-Identifier: BSD-3-Clause
// Stochastic gradient descent by batches of rows, and by ranks that each have some of the rows.
#include "support/linear_fits.hpp"
#include "support/ranks.hpp"
#include "support/samples.hpp"

#include <copse/linear/margin_loss.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

using namespace copse;
using test::on_ranks;
using test::places;
using test::sparse;
using test::wide;

namespace {

/// Columns of the scale of 1, and one that is rarely there.
test::labelled descent_set(std::size_t n) {
    auto set = test::labelled_grid(n, 4, 5);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < 3; ++j) set.x(i, j) = (set.x(i, j) - 4.5f) / 3;
        set.x(i, 3) = i % 10 == 0 ? set.x(i, 3) / 5 : 0;
    }
    return set;
}
std::vector<double> values_of(matrix<float> const& x) {
    std::vector<double> y;
    for (std::size_t i = 0; i < x.rows(); ++i)
        y.push_back(static_cast<double>(x(i, 0) - 2 * x(i, 1) * x(i, 2)) + 0.5);
    return y;
}

/// Four ranks of 0 to 120 neighbouring rows.
std::vector<places> neighbouring(std::size_t n) {
    std::vector<places> out(4);
    for (std::size_t i = 0; i < n; ++i) out[i < n / 8 ? 0 : i < n / 2 ? 1 : 3].push_back(i);
    return out;
}

/// f(trainer) for steps of all kinds: their rates, penalties, averages, and what ends them.
template <class Trainer, class F>
void for_each_descent(F const& f) {
    Trainer plain{.alpha = 1e-2};
    plain.stopping.max_iter = 7;
    f(plain);
    auto other = plain;
    other.penalty = sgd_penalty::elasticnet;
    other.average_after = 250;
    f(other);
    other.learning_rate = sgd_rate::adagrad;
    other.eta0 = 0.3;
    other.stopping.validation_fraction = 0.2;
    f(other);
}

/// What a classifier's descent minimises, for all classes.
double descent_objective(linear_classifier const& model, test::labelled const& set, double alpha) {
    double sum = 0;
    auto const score = model.decision_function(wide(set.x));
    for (std::size_t k = 0; k < model.coef().rows(); ++k) {
        for (auto const w : model.coef().row(k)) sum += 0.5 * alpha * w * w;
        for (std::size_t i = 0; i < set.y.size(); ++i) {
            auto const y = model.classes()[k] == set.y[i] ? 1.0 : -1.0;
            sum += detail::logistic_loss{}(score(i, k), y).loss / static_cast<double>(set.y.size());
        }
    }
    return sum;
}

}  // namespace

TEST_CASE("a batch is a step by the mean of its rows' slopes") {
    // w = b = 0, no penalty, eta = 0.5, rows x = 1, y = 4 and x = 3, y = 2: errors -4 and -2,
    // slopes in w -4 and -6, in b -4 and -2: w = 2.5, b = 1.5.
    matrix<double> x(2, 1);
    x(0, 0) = 1;
    x(1, 0) = 3;
    sgd_regressor trainer{.penalty = sgd_penalty::none,
                          .learning_rate = sgd_rate::constant,
                          .eta0 = 0.5,
                          .batch_size = 2};
    auto const model = trainer.partial_fit(trainer.start(1), x, std::vector<double>{4, 2});
    CHECK(model.coef()[0] == 2.5);
    CHECK(model.intercept() == 1.5);
    CHECK(model.state().n_rows == 2);
    CHECK(model.report().objective == doctest::Approx((8 + 2) / 2.0));
    // A batch may be larger than the set.
    trainer.batch_size = 100;
    CHECK(trainer.partial_fit(trainer.start(1), x, std::vector<double>{4, 2}) == model);
}

TEST_CASE("four ranks take the steps of one, to 1e-9 of a weight, whatever the batch") {
    // One rank with one row at a time charges |w|_1 to weights when it next looks at them, ranks at
    // each step: of sparse rows that is near, but not the same.
    constexpr double exactly = 1e-9, nearly = 1e-3;
    auto const set = descent_set(240);
    auto const shards = neighbouring(240);
    auto const check = [&](auto trainer, auto const& y, auto const& as, std::size_t batch_size,
                           double within) {
        trainer.batch_size = batch_size;
        auto const alone = trainer.fit(as(set.x), y);
        auto const together = on_ranks(shards, [&](places const& rows, ranks_view ranks) {
            return trainer.fit(as(test::rows_of(set.x, rows)), test::rows_of(y, rows),
                               {.ranks = ranks}, copse::tbb{.n_jobs = 2});
        });
        auto const a = [&](auto const& model) { return model.parts().coef; };
        for (std::size_t k = 0; k < a(alone).rows(); ++k) {
            for (std::size_t j = 0; j < 4; ++j)
                CHECK(std::abs(a(together)(k, j) - a(alone)(k, j)) < within);
            CHECK(std::abs(together.parts().intercept[k] - alone.parts().intercept[k]) < within);
        }
    };
    auto const with_batches = [&](auto const& trainer, auto const& y) {
        bool const charges_late = trainer.penalty == sgd_penalty::elasticnet &&
                                  trainer.learning_rate != sgd_rate::adagrad;
        for (std::size_t const batch_size : {std::size_t{1}, std::size_t{32}}) {
            auto const of_sparse = charges_late && batch_size == 1 ? nearly : exactly;
            check(
                trainer, y, [](matrix<float> const& x) { return x; }, batch_size, exactly);
            check(
                trainer, y, [](matrix<float> const& x) { return sparse(x); }, batch_size,
                of_sparse);
        }
    };
    for_each_descent<sgd_classifier>([&](auto trainer) {
        trainer.loss = sgd_loss::logistic;
        with_batches(trainer, set.y);
    });
    auto const y = values_of(set.x);
    for_each_descent<sgd_regressor>([&](auto const& trainer) { with_batches(trainer, y); });
}

TEST_CASE("ranks that descend alone come near the objective of one that has all rows") {
    auto const set = descent_set(800);
    auto const shards = test::shards_of(set.y);
    double const alpha = 1e-2;
    auto const best =
        logistic_regression{.C = 1 / (alpha * 800), .tolerance = 1e-8}.fit(wide(set.x), set.y);
    auto const least = descent_objective(best, set, alpha);
    sgd_classifier trainer{.loss = sgd_loss::logistic, .alpha = alpha, .local_epochs = 3};
    trainer.stopping.tolerance = 1e-5;
    auto const fit_together = [&] {
        return on_ranks(shards, [&](places const& rows, ranks_view ranks) {
            return trainer.fit(test::rows_of(set.x, rows), test::rows_of(set.y, rows),
                               {.ranks = ranks});
        });
    };
    CHECK(descent_objective(fit_together(), set, alpha) < 1.05 * least);
    trainer.local_epochs = 1;
    trainer.average_after = 1000;
    CHECK(descent_objective(fit_together(), set, alpha) < 1.03 * least);
    trainer.learning_rate = sgd_rate::adagrad;
    trainer.eta0 = 0.3;
    CHECK(descent_objective(fit_together(), set, alpha) < 1.05 * least);
}

TEST_CASE("the mean of ranks counts them by their rows, and adds up what was averaged") {
    // Two ranks begin at 0, without penalty and with a constant rate of 0.5: the rank of one row
    // x = 1, y = 4 comes to w = b = 2; that of three rows x = 0, y = 8 to w = 0 and
    // b = 4, 6, 7. The mean is w = 0.5, b = 5.75; the average of all steps' b is 19 / 4.
    sgd_regressor const trainer{.penalty = sgd_penalty::none,
                                .learning_rate = sgd_rate::constant,
                                .eta0 = 0.5,
                                .local_epochs = 1};
    auto averaging = trainer;
    averaging.average_after = 0;
    auto const fit_with = [&](sgd_regressor const& t) {
        return on_ranks({{0}, {1, 2, 3}}, [&](places const& rows, ranks_view ranks) {
            matrix<double> x(rows.size(), 1);
            x(0, 0) = rows[0] == 0 ? 1 : 0;
            std::vector<double> const y(rows.size(), rows[0] == 0 ? 4 : 8);
            return t.partial_fit(t.start(1), x, y, {.ranks = ranks});
        });
    };
    auto const model = fit_with(trainer);
    CHECK(model.coef()[0] == 0.5);
    CHECK(model.intercept() == 5.75);
    CHECK(model.state().n_rows == 3);  // 2.5, rounded
    auto const averaged = fit_with(averaging);
    CHECK(averaged.state().n_summed == 4);
    CHECK(averaged.intercept() == 19 / 4.0);
    CHECK(averaged.coef()[0] == 2 / 4.0);
}

TEST_CASE("one rank that descends alone is no rank; batches go on where they were") {
    auto const set = descent_set(200);
    sgd_classifier trainer{.average_after = 100, .local_epochs = 2};
    auto const alone = trainer.fit(set.x, set.y);
    auto const of_one = on_ranks({test::all_rows(200)}, [&](places const&, ranks_view ranks) {
        return trainer.fit(set.x, set.y, {.ranks = ranks});
    });
    CHECK(of_one == alone);
    // What ranks train in two calls is what one is given in two calls.
    trainer.local_epochs.reset();
    trainer.batch_size = 7;
    auto const twice = [&](auto const& x, auto const& y, ranks_view ranks) {
        auto const before = trainer.start(std::vector<int>{7, 5, -1}, 4);
        return trainer.partial_fit(trainer.partial_fit(before, x, y, {.ranks = ranks}), x, y,
                                   {.ranks = ranks});
    };
    auto const together = on_ranks(neighbouring(200), [&](places const& rows, ranks_view ranks) {
        return twice(test::rows_of(set.x, rows), test::rows_of(set.y, rows), ranks);
    });
    auto const by_one = twice(set.x, set.y, {});
    CHECK(together.states()[0].n_rows == 400);
    for (std::size_t j = 0; j < 4; ++j)
        CHECK(std::abs(together.coef()(0, j) - by_one.coef()(0, j)) < 1e-9);
}

TEST_CASE("descending ranks must agree, and one that throws aborts the others") {
    auto const set = descent_set(60);
    auto const refuses = [&](char const* text, auto const& fit) {
        CHECK_THROWS_WITH_AS(run_ranks(3, [&](thread_communicator& ranks) { fit(ranks); }), text,
                             invalid_input);
    };
    using rank = thread_communicator;
    refuses("sgd_classifier::fit: batch_size is 3 on rank 2 but 1 on rank 0", [&](rank& r) {
        (void)sgd_classifier{.batch_size = r.rank() == 2 ? 3u : 1u}.fit(set.x, set.y, {.ranks = r});
    });
    refuses("sgd_classifier::fit: y has 59 labels but x has 60 rows", [&](rank& r) {
        std::vector<int> const y(r.rank() == 1 ? 59 : 60, 4);
        (void)sgd_classifier{}.fit(set.x, y, {.ranks = r});
    });
    CHECK_THROWS_WITH_AS((void)sgd_classifier{.batch_size = 0}.fit(set.x, set.y),
                         "sgd_classifier::fit: batch_size is 0; it must be at least 1",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)sgd_regressor{.local_epochs = 0}.start(3),
                         "sgd_regressor::start: local_epochs is 0; it must be at least 1",
                         invalid_input);
}

TEST_CASE_TEMPLATE("descent by batches is equal on every backend, for every n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const set = descent_set(200);
    sgd_classifier const trainer{.batch_size = 8};
    test::check_equal_for_all_jobs<Backend>(
        [&](auto const& backend) { return trainer.fit(set.x, set.y, backend); });
    test::check_equal_for_all_jobs<Backend>([&](auto const& backend) {
        return on_ranks(neighbouring(200), [&](places const& rows, ranks_view ranks) {
            return trainer.fit(test::rows_of(set.x, rows), test::rows_of(set.y, rows),
                               {.ranks = ranks}, backend);
        });
    });
}
