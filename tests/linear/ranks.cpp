// SPDX-License-Identifier: BSD-3-Clause
// Ranks, each with rows of its own, fit the model of all rows.
#include "support/ranks.hpp"
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <copse/par/communicator.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stop_token>
#include <string>
#include <vector>

using namespace copse;
using test::sparse;
using test::wide;

namespace {

using test::all_rows;
using test::on_ranks;
using test::places;
using test::shards_of;

/// One number of a shard's weights for each of its rows.
std::vector<double> weights_of(places const& rows) {
    std::vector<double> out;
    for (auto const i : rows) out.push_back(static_cast<double>(1 + i % 3));
    return out;
}

/// f(trainer) for classifiers whose solvers add up passes.
template <class F>
void for_each_adding_classifier(F const& f) {
    for (bool const standardize : {false, true}) {
        f(logistic_regression{.standardize = standardize, .tolerance = 1e-8});
        f(logistic_regression{.fit_intercept = false,
                              .standardize = standardize,
                              .class_weight = class_weights::balanced(),
                              .tolerance = 1e-8});
        f(logistic_regression{
            .multi_class = multinomial, .standardize = standardize, .tolerance = 1e-8});
        f(linear_svc{.standardize = standardize, .tolerance = 1e-8});
        f(logistic_regression{.standardize = standardize,
                              .tolerance = 1e-8,
                              .solver = logistic_solver::newton_cholesky});
        for (auto const rule : {multi_class_rule::one_vs_rest, multinomial}) {
            f(logistic_regression{.C = 0.1,
                                  .multi_class = rule,
                                  .l1_ratio = 0.5,
                                  .standardize = standardize,
                                  .tolerance = 1e-8,
                                  .max_iter = 10000,
                                  .solver = logistic_solver::lbfgs});
        }
    }
}

void check_near(linear_classifier const& a, linear_classifier const& b, double within) {
    CHECK(a.classes() == b.classes());
    REQUIRE(a.coef().rows() == b.coef().rows());
    for (std::size_t k = 0; k < a.coef().rows(); ++k) {
        for (std::size_t j = 0; j < a.n_features(); ++j)
            CHECK(std::abs(a.coef()(k, j) - b.coef()(k, j)) < within);
        CHECK(std::abs(a.intercept()[k] - b.intercept()[k]) < 10 * within);
    }
    for (std::size_t k = 0; k < a.reports().size(); ++k) {
        CHECK(a.reports()[k].objective == doctest::Approx(b.reports()[k].objective).epsilon(1e-10));
    }
}

}  // namespace

TEST_CASE("four ranks fit the classifier of one, to 1e-6 of a weight") {
    auto const set = test::labelled_grid(400, 5, 2);
    auto const x = wide(set.x);
    auto const shards = shards_of(set.y);
    for_each_adding_classifier([&](auto const& trainer) {
        auto const weights = weights_of(all_rows(400));
        auto const alone = trainer.fit(x, set.y, {.sample_weight = weights});
        CHECK(alone.converged());
        auto const together = on_ranks(shards, [&](places const& rows, ranks_view ranks) {
            auto const own = weights_of(rows);
            return trainer.fit(test::rows_of(x, rows), test::rows_of(set.y, rows),
                               {.sample_weight = own, .ranks = ranks}, copse::tbb{.n_jobs = 2});
        });
        CHECK(together.converged());
        check_near(together, alone, 1e-6);
    });
}

TEST_CASE("ranks of float rows, dense or sparse, come as near as float does") {
    auto const set = test::labelled_grid(400, 5, 2);
    auto const shards = shards_of(set.y);
    for (auto const rule : {multi_class_rule::one_vs_rest, multinomial}) {
        logistic_regression const trainer{.C = 0.1, .multi_class = rule, .tolerance = 1e-6};
        auto const alone = trainer.fit(wide(set.x), set.y);
        auto const check = [&](auto const& as) {
            auto const together = on_ranks(shards, [&](places const& rows, ranks_view ranks) {
                return trainer.fit(as(test::rows_of(set.x, rows)), test::rows_of(set.y, rows),
                                   {.ranks = ranks});
            });
            for (std::size_t k = 0; k < alone.reports().size(); ++k) {
                CHECK(together.reports()[k].objective ==
                      doctest::Approx(alone.reports()[k].objective).epsilon(1e-6));
            }
        };
        check([](matrix<float> const& rows) { return rows; });
        check([](matrix<float> const& rows) { return sparse(rows); });
    }
}

TEST_CASE("four ranks fit the regressor of one, to 1e-6 of a weight") {
    auto const set = test::valued_grid(400, 5, 2);
    auto const x = wide(set.x);
    auto const shards = shards_of(test::labelled_grid(400, 5, 2).y);
    auto const check = [&](auto const& trainer) {
        auto const alone = trainer.fit(x, set.y);
        auto const together = on_ranks(shards, [&](places const& rows, ranks_view ranks) {
            return trainer.fit(test::rows_of(x, rows), test::rows_of(set.y, rows),
                               {.ranks = ranks});
        });
        CHECK(together.report().converged);
        for (std::size_t j = 0; j < 5; ++j)
            CHECK(std::abs(together.coef()[j] - alone.coef()[j]) < 1e-6);
        CHECK(std::abs(together.intercept() - alone.intercept()) < 1e-5);
    };
    check(ridge{.alpha = 3, .tolerance = 1e-10});
    check(ridge{.alpha = 3, .fit_intercept = false, .standardize = true, .tolerance = 1e-10});
    check(linear_svr{.C = 0.1, .epsilon = 0.5, .tolerance = 1e-10});
}

TEST_CASE("groups of classes are fitted in one order on every rank") {
    auto const x = wide(test::uniform(400, 4, 1));
    std::vector<int> y;
    for (int i = 0; i < 400; ++i) y.push_back(i % 37);
    logistic_regression const trainer{.tolerance = 1e-8};
    auto const alone = trainer.fit(x, y);
    std::vector<places> shards(3);
    for (std::size_t i = 0; i < 400; ++i) shards[i % 37 < 20 ? 0 : 1 + i % 2].push_back(i);
    auto const together = on_ranks(shards, [&](places const& rows, ranks_view ranks) {
        return trainer.fit(test::rows_of(x, rows), test::rows_of(y, rows), {.ranks = ranks},
                           copse::tbb{.n_jobs = 3});
    });
    check_near(together, alone, 1e-6);
}

TEST_CASE("ranks fit the same model when one of them watches, and tell it of every iteration") {
    auto const set = test::labelled_grid(200, 3, 20);
    auto const shards = shards_of(set.y);
    sgd_classifier by_steps{.alpha = 1e-2};
    by_steps.stopping.max_iter = 5;
    auto const check = [&](auto const& trainer) {
        auto const fit = [&](bool watched, std::size_t& told) {
            return on_ranks(shards, [&](places const& rows, ranks_view ranks) {
                linear_fit_options options{.ranks = ranks};
                if (watched && ranks.rank() == 2) options.on_iteration = [&](auto&) { ++told; };
                return trainer.fit(test::rows_of(set.x, rows), test::rows_of(set.y, rows), options);
            });
        };
        std::size_t told = 0;
        auto const alone = fit(false, told);
        CHECK(told == 0);
        CHECK(fit(true, told) == alone);
        CHECK(told > 1);
    };
    check(logistic_regression{});
    check(by_steps);
}

TEST_CASE_TEMPLATE("what ranks fit is equal on every backend, for every n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const set = test::labelled_grid(3000, 20, 2);
    auto const shards = shards_of(set.y);
    for (auto const rule : {multi_class_rule::one_vs_rest, multinomial}) {
        test::check_equal_for_all_jobs<Backend>([&](auto const& backend) {
            return on_ranks(shards, [&](places const& rows, ranks_view ranks) {
                return logistic_regression{.multi_class = rule}.fit(test::rows_of(set.x, rows),
                                                                    test::rows_of(set.y, rows),
                                                                    {.ranks = ranks}, backend);
            });
        });
    }
}

TEST_CASE("one rank is alone, and a class may be on one rank only, whatever its label is") {
    auto const x = wide(test::uniform(60, 3, 4));
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    std::vector<std::int64_t> numbers;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 60; ++i) {
        numbers.push_back(i < 20 ? most : i < 40 ? most - 1 : -most);
        texts.push_back(i < 20 ? "" : i < 40 ? "z\xc3\xbc" : "a");
    }
    std::vector<places> shards(3);
    for (std::size_t i = 0; i < 60; ++i) shards[i / 20].push_back(i);
    logistic_regression const trainer{.tolerance = 1e-8};
    auto const check = [&](auto const& y) {
        auto const alone = trainer.fit(x, y);
        auto const of_one = on_ranks({all_rows(60)}, [&](places const&, ranks_view ranks) {
            return trainer.fit(x, y, {.ranks = ranks});
        });
        CHECK(of_one == alone);
        auto const of_three = on_ranks(shards, [&](places const& rows, ranks_view ranks) {
            return trainer.fit(test::rows_of(x, rows), test::rows_of(y, rows), {.ranks = ranks});
        });
        check_near(of_three, alone, 1e-6);
    };
    check(numbers);
    check(texts);
}

TEST_CASE("all ranks of one class have a model that always predicts it") {
    auto const x = wide(test::uniform(6, 3, 4));
    auto const model = on_ranks({{0, 1}, {2, 3, 4}, {5}}, [&](places const& rows, ranks_view r) {
        return logistic_regression{}.fit(test::rows_of(x, rows), std::vector<int>(rows.size(), 4),
                                         {.ranks = r});
    });
    CHECK(model.predict(x) == std::vector<int>(6, 4));
}

TEST_CASE("a rank that throws aborts the others, inside fit and whoever catches it") {
    auto const set = test::labelled_grid(80, 3, 2);
    std::atomic<int> n_aborted = 0, n_refused = 0;
    auto x = set.x;
    x(3, 1) = test::infinity;
    run_ranks(4, [&](thread_communicator& ranks) {
        try {
            auto const& own = ranks.rank() == 1 ? x : set.x;
            (void)logistic_regression{}.fit(own, set.y, {.ranks = ranks});
        } catch (aborted const&) {
            ++n_aborted;
        } catch (invalid_input const& e) {
            CHECK(std::string(e.what()) ==
                  "logistic_regression::fit: x is inf at row 3, column 1; a linear model needs "
                  "finite numbers");
            ++n_refused;
        }
    });
    CHECK(n_aborted == 3);
    CHECK(n_refused == 1);
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(run_ranks(2,
                              [&](thread_communicator& ranks) {
                                  auto const token =
                                      ranks.rank() == 1 ? stop.get_token() : std::stop_token();
                                  (void)logistic_regression{}.fit(set.x, set.y,
                                                                  {.stop = token, .ranks = ranks});
                              }),
                    stopped);
}

TEST_CASE("ranks that do not agree are told, and so are solvers that need all rows") {
    auto const set = test::labelled_grid(80, 3, 2);
    auto const values = test::valued_grid(80, 3, 2);
    auto const refuses = [&](char const* text, auto const& fit) {
        CHECK_THROWS_WITH_AS(run_ranks(2, [&](thread_communicator& ranks) { fit(ranks); }), text,
                             invalid_input);
    };
    using rank = thread_communicator;
    refuses("logistic_regression::fit: C is 2 on rank 1 but 1 on rank 0", [&](rank& r) {
        (void)logistic_regression{.C = r.rank() == 1 ? 2.0 : 1.0}.fit(set.x, set.y, {.ranks = r});
    });
    refuses("logistic_regression::fit: solver is 3 on rank 1 but 0 on rank 0", [&](rank& r) {
        auto const own = r.rank() == 1 ? logistic_solver::lbfgs : logistic_solver::automatic;
        (void)logistic_regression{.solver = own}.fit(set.x, set.y, {.ranks = r});
    });
    refuses("ridge::fit: the number of columns of x is 2 on rank 1 but 3 on rank 0", [&](rank& r) {
        (void)ridge{}.fit(test::grid(80, 3 - r.rank(), 1), values.y, {.ranks = r});
    });
    refuses("linear_svc::fit: the bytes of a number of x is 8 on rank 1 but 4 on rank 0",
            [&](rank& r) {
                if (r.rank() == 1) {
                    (void)linear_svc{}.fit(wide(set.x), set.y, {.ranks = r});
                } else {
                    (void)linear_svc{}.fit(set.x, set.y, {.ranks = r});
                }
            });
    refuses("logistic_regression::fit: labels are text on 1 ranks but integers on 1", [&](rank& r) {
        std::vector<std::string> const texts(80, "a");
        labels_view const y = r.rank() == 1 ? labels_view(texts) : labels_view(set.y);
        (void)logistic_regression{}.fit(set.x, y, {.ranks = r});
    });
    refuses("logistic_regression::fit: x has 0 rows on all 2 ranks", [&](rank& r) {
        (void)logistic_regression{}.fit(matrix<float>(0, 3), std::vector<int>(), {.ranks = r});
    });
    refuses("logistic_regression::fit: l1_ratio is 2; it must be in [0, 1]", [&](rank& r) {
        (void)logistic_regression{.l1_ratio = r.rank() == 1 ? 2.0 : 0.0}.fit(set.x, set.y,
                                                                             {.ranks = r});
    });
    refuses("lasso::fit: there are 2 ranks, but coordinate descent needs all rows on 1",
            [&](rank& r) { (void)lasso{}.fit(set.x, values.y, {.ranks = r}); });
    refuses("linear_svc::fit: there are 2 ranks, but dual coordinate descent needs all rows on 1",
            [&](rank& r) {
                (void)linear_svc{.loss = svm_loss::hinge}.fit(set.x, set.y, {.ranks = r});
            });
    refuses(
        "kernel_logistic_regression::fit: there are 2 ranks, but drawing landmarks needs all rows "
        "on 1",
        [&](rank& r) { (void)kernel_logistic_regression{}.fit(set.x, set.y, {.ranks = r}); });
}
