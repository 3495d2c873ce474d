// SPDX-License-Identifier: BSD-3-Clause
// What on_iteration is told by linear trainers: weights, in order, whatever the threads.
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <stop_token>
#include <utility>
#include <vector>

using namespace copse;
using test::sparse;

namespace {

/// Of each call, how far, and all weights and intercepts.
using diary = std::vector<std::pair<std::size_t, std::vector<double>>>;

auto noting(diary& calls) {
    return [&calls](progress const& p) {
        std::vector<double> all(p.coef.begin(), p.coef.end());
        all.insert(all.end(), p.intercept.begin(), p.intercept.end());
        calls.emplace_back(p.done, std::move(all));
    };
}

std::vector<double> weights_of(linear_classifier const& model) {
    std::vector<double> out(model.coef().data(),
                            model.coef().data() + model.coef().rows() * model.coef().cols());
    out.insert(out.end(), model.intercept().begin(), model.intercept().end());
    return out;
}
std::vector<double> weights_of(linear_regressor const& model) {
    std::vector<double> out(model.coef().begin(), model.coef().end());
    out.push_back(model.intercept());
    return out;
}

/// What is told ends in the model that nobody watched, and does not depend on the backend.
template <class Backend, class Trainer, class X, class Y>
diary check_told(Trainer const& trainer, X const& x, Y const& y) {
    auto const unseen = trainer.fit(x, y, any_backend(sequential{}));
    diary first;
    for (int const n_jobs : test::job_counts) {
        diary calls;
        any_backend const backend = test::with_jobs<Backend>(n_jobs);
        auto const model = trainer.fit(x, y, {.on_iteration = noting(calls)}, backend);
        CHECK(model == unseen);
        REQUIRE(!calls.empty());
        CHECK(calls.back().second == weights_of(model));
        for (std::size_t i = 1; i < calls.size(); ++i) CHECK(calls[i - 1].first < calls[i].first);
        if (first.empty()) first = calls;
        CHECK(calls == first);
    }
    return first;
}

test::labelled small_labels(std::size_t n_classes) {
    auto set = test::labelled_grid(120, 4, 5);
    for (std::size_t i = 0; i < set.x.rows() * set.x.cols(); ++i) set.x.data()[i] /= 5;
    for (std::size_t i = 0; i < set.y.size(); ++i) {
        // 20 classes are more than share a pass.
        if (n_classes == 2) set.y[i] = set.y[i] < 7 ? 0 : 1;
        if (n_classes == 20) set.y[i] = static_cast<int>(i % 20);
    }
    return set;
}

}  // namespace

TEST_CASE_TEMPLATE("a linear classifier tells its weights after each iteration", Backend,
                   COPSE_TEST_BACKENDS) {
    for (std::size_t const n_classes : {std::size_t{2}, std::size_t{3}, std::size_t{20}}) {
        auto const [x, y] = small_labels(n_classes);
        check_told<Backend>(logistic_regression{}, x, y);
        check_told<Backend>(logistic_regression{.multi_class = multinomial}, x, y);
        check_told<Backend>(logistic_regression{.l1_ratio = 0.5}, x, y);
        check_told<Backend>(linear_svc{.C = 0.1, .standardize = true}, x, y);
        check_told<Backend>(linear_svc{.C = 0.01, .loss = svm_loss::hinge, .max_iter = 20}, x, y);
        check_told<Backend>(linear_svc{.C = 0.01, .multi_class = crammer_singer, .max_iter = 20}, x,
                            y);
        check_told<Backend>(sgd_classifier{.stopping = {.max_iter = 5}}, x, y);
    }
}

TEST_CASE_TEMPLATE("a linear regressor tells its weights after each iteration", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const set = test::valued_grid(120, 4, 5);
    check_told<Backend>(ridge{}, set.x, set.y);
    check_told<Backend>(lasso{.alpha = 0.1}, set.x, set.y);
    check_told<Backend>(linear_svr{.epsilon = 0.1}, set.x, set.y);
    check_told<Backend>(
        linear_svr{.C = 0.01, .loss = svr_loss::epsilon_insensitive, .max_iter = 20}, set.x, set.y);
    check_told<Backend>(sgd_regressor{.stopping = {.max_iter = 5}}, set.x, set.y);
}

TEST_CASE("the t-th call has the weights of t steps") {
    auto const [x, y] = small_labels(2);
    auto const calls = check_told<sequential>(logistic_regression{.tolerance = 1e-6}, x, y);
    REQUIRE(calls.size() > 3);
    for (std::size_t t = 1; t <= calls.size(); ++t) {
        CHECK(calls[t - 1].first == t);
        auto const model = logistic_regression{.tolerance = 1e-6, .max_iter = t}.fit(x, y);
        CHECK(calls[t - 1].second == weights_of(model));
    }
}

TEST_CASE("a solver that takes over counts on") {
    // Wide, sparse and without an intercept: the dual is tried for 300 sweeps, then Newton goes on.
    auto const x = test::uniform(20, 40, 3);
    std::vector<int> y(20);
    for (std::size_t i = 0; i < 20; ++i) y[i] = static_cast<int>(i % 2);
    diary calls;
    auto const model = linear_svc{.C = 1e4, .fit_intercept = false, .tolerance = 1e-14}.fit(
        sparse(x), y, {.on_iteration = noting(calls)});
    REQUIRE(calls.size() > 300);
    for (std::size_t i = 0; i < calls.size(); ++i) CHECK(calls[i].first == i + 1);
    CHECK(calls.back().second == weights_of(model));
}

TEST_CASE("a call can stop a linear fit, or end it by throwing") {
    auto const [x, y] = small_labels(3);
    std::size_t n_calls = 0;
    std::stop_source stop;
    auto const on_iteration = [&](progress const&) {
        if (++n_calls == 2) stop.request_stop();
    };
    logistic_regression const trainer{.tolerance = 1e-8};
    CHECK_THROWS_AS(
        (void)trainer.fit(x, y, {.on_iteration = on_iteration, .stop = stop.get_token()}), stopped);
    CHECK(n_calls == 2);
    CHECK_THROWS_WITH_AS(
        (void)trainer.fit(x, y,
                          {.on_iteration = [](progress const&) { throw invalid_input("no"); }}),
        "no", invalid_input);
}
