// SPDX-License-Identifier: BSD-3-Clause
// logistic_regression and linear_svc: by hand, by law, and against LIBLINEAR and scikit-learn.
#include "data/linear_reference.hpp"
#include "support/estimator_checks.hpp"
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

using namespace copse;
using test::sparse;
using test::wide;

namespace {

matrix<float> iris_x() {
    matrix<float> x(150, 4);
    std::ranges::copy(test::linear::iris_x, x.data());
    return x;
}

double objective(linear_classifier const& model) {
    double sum = 0;
    for (auto const& report : model.reports()) sum += report.objective;
    return sum;
}

/// f(trainer) for each kind of linear classifier.
template <class F>
void for_each_trainer(F const& f) {
    f(logistic_regression{});
    f(logistic_regression{.multi_class = multinomial});
    f(linear_svc{});
    f(linear_svc{.l1_ratio = 0.5, .standardize = true});
    // A small C, since sweeps of the dual are many where rows are neither scaled nor few.
    f(linear_svc{.C = 1e-3, .loss = svm_loss::hinge});
    f(linear_svc{.C = 1e-3, .multi_class = crammer_singer});
}

/// Whether it is solved by a dual: to no great precision, and with a regularised intercept.
template <class Trainer>
bool is_dual(Trainer const& trainer) {
    if constexpr (requires { trainer.loss; }) {
        return trainer.loss == svm_loss::hinge || trainer.multi_class == crammer_singer;
    }
    return false;
}

linear_classifier fit_like(test::linear::reference const& r, samples_view x,
                           std::vector<int> const& y, double tolerance) {
    if (r.model == "squared_hinge" || r.model == "l1_squared_hinge") {
        return linear_svc{.C = r.C,
                          .l1_ratio = r.model == "l1_squared_hinge" ? 1.0 : 0.0,
                          .fit_intercept = r.fit_intercept,
                          .tolerance = tolerance}
            .fit(x, y);
    }
    auto const rule = r.model == "multinomial" ? multinomial : multi_class_rule::one_vs_rest;
    return logistic_regression{.C = r.C,
                               .multi_class = rule,
                               .l1_ratio = r.model == "l1_logistic" ? 1.0 : 0.0,
                               .fit_intercept = r.fit_intercept,
                               .tolerance = tolerance}
        .fit(x, y);
}

}  // namespace

TEST_CASE("iris: objectives and weights are LIBLINEAR's and scikit-learn's") {
    auto const x = iris_x();
    for (auto const& r : test::linear::references) {
        if (r.model == "hinge" || r.model == "crammer_singer") continue;  // below
        INFO(std::string(r.model) << ", C " << r.C << ", intercept " << r.fit_intercept);
        auto const tight = r.model.starts_with("l1_") ? 1e-7 : 1e-9;
        auto const model = fit_like(r, wide(x), test::linear::iris_y, tight);
        CHECK(model.converged());
        CHECK(objective(model) == doctest::Approx(r.objective).epsilon(1e-9));
        double mean = 0;
        if (r.model == "multinomial") {
            for (auto const b : model.intercept()) mean += b / 3;
        }
        if (r.model == "l1_logistic") continue;  // saga's weights are not that exact
        for (std::size_t k = 0; k < 3; ++k) {
            for (std::size_t j = 0; j < 4; ++j)
                CHECK(model.coef()(k, j) == doctest::Approx(r.coef[4 * k + j]).epsilon(1e-4));
            CHECK(model.intercept()[k] - mean == doctest::Approx(r.intercept[k]).epsilon(1e-4));
        }
        CHECK(objective(fit_like(r, x, test::linear::iris_y, 1e-5)) ==
              doctest::Approx(r.objective).epsilon(1e-6));
        CHECK(objective(fit_like(r, sparse(x), test::linear::iris_y, 1e-5)) ==
              doctest::Approx(r.objective).epsilon(1e-6));
    }
}

TEST_CASE("iris: the dual solver finds LIBLINEAR's objectives, and says how near it is") {
    auto const x = wide(iris_x());
    for (auto const& r : test::linear::references) {
        if (r.fit_intercept || r.C > 1) continue;  // dual solvers regularise it, and are slow
        if (r.model != "hinge" && r.model != "squared_hinge") continue;
        INFO(std::string(r.model) << ", C " << r.C);
        auto const model =
            linear_svc{.C = r.C,
                       .loss = r.model == "hinge" ? svm_loss::hinge : svm_loss::squared_hinge,
                       .fit_intercept = false,
                       .tolerance = 1e-8,
                       .max_iter = 100000,
                       .solver = svm_solver::dual}
                .fit(x, test::linear::iris_y);
        CHECK(model.converged());
        CHECK(objective(model) == doctest::Approx(r.objective).epsilon(1e-6));
        for (auto const& report : model.reports()) {
            CHECK(report.duality_gap > -1e-9);
            CHECK(report.duality_gap < 1e-3 * report.objective);
        }
    }
}

TEST_CASE("iris: the machine of Crammer and Singer is LIBLINEAR's") {
    auto const x = wide(iris_x());
    for (auto const& r : test::linear::references) {
        if (r.model != "crammer_singer") continue;
        INFO("C " << r.C);
        linear_svc const trainer{.C = r.C,
                                 .multi_class = crammer_singer,
                                 .fit_intercept = false,
                                 .tolerance = 1e-8,
                                 .max_iter = 100000};
        auto const model = trainer.fit(x, test::linear::iris_y);
        REQUIRE(model.reports().size() == 1);
        CHECK(model.converged());
        CHECK(objective(model) == doctest::Approx(r.objective).epsilon(1e-6));
        CHECK(model.reports()[0].duality_gap > -1e-9);
        CHECK(model.reports()[0].duality_gap < 1e-3 * r.objective);
        for (std::size_t k = 0; k < 3; ++k) {
            for (std::size_t j = 0; j < 4; ++j)
                CHECK(model.coef()(k, j) == doctest::Approx(r.coef[4 * k + j]).epsilon(1e-3));
        }
        auto const of_sparse = trainer.fit(sparse(iris_x()), test::linear::iris_y);
        CHECK(objective(of_sparse) == doctest::Approx(r.objective).epsilon(1e-6));
    }
}

TEST_CASE("of two classes, Crammer and Singer's weights are those of one hinge, halved") {
    // 1 + (w_0 - w_1) . x is 1 - v . x with v = w_1 - w_0, and 1/2 ||v||^2 is twice the penalty.
    auto const set = test::labelled_grid(100, 3, 5);
    std::vector<int> two;
    for (auto const label : set.y) two.push_back(label > 5 ? 1 : 0);
    linear_svc joint{.C = 2e-3,
                     .multi_class = crammer_singer,
                     .fit_intercept = false,
                     .tolerance = 1e-8,
                     .max_iter = 100000};
    auto const of_joint = joint.fit(wide(set.x), two);
    auto const of_hinge = linear_svc{.C = 4e-3,
                                     .loss = svm_loss::hinge,
                                     .fit_intercept = false,
                                     .tolerance = 1e-8,
                                     .max_iter = 100000}
                              .fit(wide(set.x), two);
    REQUIRE(of_joint.coef().rows() == 2);
    for (std::size_t j = 0; j < 3; ++j) {
        auto const v = of_hinge.coef()(0, j);
        CHECK(of_joint.coef()(1, j) == doctest::Approx(v / 2).epsilon(1e-4));
        CHECK(of_joint.coef()(0, j) == doctest::Approx(-v / 2).epsilon(1e-4));
    }
    CHECK(of_joint.predict(set.x) == of_hinge.predict(set.x));
}

TEST_CASE("wide sparse x without an intercept is solved by the dual or, if slow, by newton") {
    auto set = test::labelled_grid(60, 80, 3);
    for (std::size_t i = 0; i < 60; ++i) {  // not separable
        for (std::size_t j = 3; j < 80; ++j) set.x(i, j) = 0;
    }
    auto const compressed = sparse(set.x);
    linear_svc const trainer{.C = 1e-3, .fit_intercept = false, .tolerance = 1e-5};
    auto const easy = trainer.fit(compressed, set.y);
    CHECK(easy.reports()[0].duality_gap > 0);
    auto const dense = trainer.fit(set.x, set.y);
    CHECK(dense.reports()[0].duality_gap == 0);
    CHECK(objective(easy) == doctest::Approx(objective(dense)).epsilon(1e-6));
    auto hard = trainer;
    hard.C = 1000;
    auto const switched = hard.fit(compressed, set.y);
    CHECK(switched.converged());
    CHECK(switched.reports()[0].duality_gap == 0);
    CHECK(objective(switched) == doctest::Approx(objective(hard.fit(set.x, set.y))).epsilon(1e-6));
}

TEST_CASE("the absolute penalty leaves few weights, and its optimality conditions hold") {
    auto const set = test::labelled_grid(300, 12, 2);
    auto const x = wide(set.x);
    auto const model =
        logistic_regression{.C = 0.02, .l1_ratio = 1, .tolerance = 1e-9}.fit(x, set.y);
    CHECK(model.converged());
    CHECK(logistic_regression{.C = 0.02, .l1_ratio = 1, .tolerance = 1e-9}
              .fit(sparse(set.x), set.y)
              .coef()(0, 0) == doctest::Approx(model.coef()(0, 0)));
    auto const s = model.decision_function(x);
    std::size_t n_zero = 0;
    for (std::size_t k = 0; k < 3; ++k) {
        for (std::size_t j = 0; j < 12; ++j) {
            double slope = 0;
            for (std::size_t i = 0; i < 300; ++i) {
                auto const y = model.classes()[k] == set.y[i] ? 1.0 : -1.0;
                slope -= 0.02 * y * x(i, j) / (1 + std::exp(y * s(i, k)));
            }
            auto const w = model.coef()(k, j);
            n_zero += w == 0 ? 1 : 0;
            if (w == 0) {
                CHECK(std::abs(slope) <= 1 + 1e-6);
            } else {
                CHECK(slope == doctest::Approx(w > 0 ? -1 : 1).epsilon(1e-5));
            }
        }
    }
    CHECK(n_zero > 12);
    CHECK(n_zero < 36);
}

TEST_CASE("two rows on a line: the weight solves w = 2 C / (1 + exp(w))") {
    matrix<double> x(2, 1);
    x(0, 0) = -1;
    x(1, 0) = 1;
    auto const model = logistic_regression{.C = 3, .tolerance = 1e-12}.fit(x, std::vector{4, 9});
    auto const w = model.coef()(0, 0);
    CHECK(w == doctest::Approx(6 / (1 + std::exp(w))).epsilon(1e-9));
    CHECK(model.intercept()[0] == doctest::Approx(0));
    CHECK(model.predict(x) == std::vector{4, 9});
    // 1/2 w^2 + C 2 (1 - w)^2 is least at w = 4 C / (1 + 4 C).
    auto const svm = linear_svc{.C = 3, .tolerance = 1e-12}.fit(x, std::vector{4, 9});
    CHECK(svm.coef()(0, 0) == doctest::Approx(12.0 / 13));
    CHECK(svm.reports()[0].objective == doctest::Approx(0.5 * 144 / 169 + 6.0 / 169));
}

TEST_CASE("the gradient is zero at the solution, and the intercept is free") {
    auto const set = test::labelled_grid(300, 5, 2);
    auto const& x = set.x;
    auto const& y = set.y;
    auto const model =
        logistic_regression{.multi_class = multinomial, .tolerance = 1e-9}.fit(wide(x), y);
    auto const p = model.predict_proba(wide(x));
    for (std::size_t k = 0; k < 3; ++k) {
        double of_intercept = 0;
        std::vector<double> g(5);
        for (std::size_t i = 0; i < x.rows(); ++i) {
            auto const slope = static_cast<double>(p(i, k)) - (model.classes()[k] == y[i] ? 1 : 0);
            of_intercept += slope;
            for (std::size_t j = 0; j < 5; ++j) g[j] += slope * static_cast<double>(x(i, j));
        }
        CHECK(std::abs(of_intercept) < 1e-4);
        for (std::size_t j = 0; j < 5; ++j) CHECK(std::abs(g[j] + model.coef()(k, j)) < 1e-3);
    }
}

TEST_CASE_TEMPLATE("linear classifiers are equal on every backend, for every n_jobs", Backend,
                   COPSE_TEST_BACKENDS) {
    auto const set = test::labelled_grid(3000, 20, 2);
    auto const& x = set.x;
    auto const& y = set.y;
    auto const compressed = sparse(x);
    for_each_trainer([&](auto const& trainer) {
        auto const dense = trainer.fit(x, y, sequential{});
        auto const of_sparse = trainer.fit(compressed, y, sequential{});
        for (auto const n_jobs : test::job_counts) {
            auto const backend = test::with_jobs<Backend>(n_jobs);
            CHECK(trainer.fit(x, y, backend) == dense);
            CHECK(trainer.fit(compressed, y, backend) == of_sparse);
            CHECK(dense.predict(x, backend) == dense.predict(x, sequential{}));
            CHECK(dense.decision_function(compressed, backend) ==
                  dense.decision_function(compressed, sequential{}));
        }
    });
}

TEST_CASE("a weight is so many rows") {
    auto const set = test::labelled_grid(200, 4, 6);
    auto const& x = set.x;
    auto const& y = set.y;
    std::vector<double> weight;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < 200; ++i) {
        weight.push_back(static_cast<double>(i % 3));
        for (std::size_t times = 0; times < i % 3; ++times) rows.push_back(i);
    }
    for_each_trainer([&](auto trainer) {
        trainer.tolerance = 1e-8;
        if (is_dual(trainer)) return;  // slow to that tolerance
        auto const weighted = trainer.fit(wide(x), y, {.sample_weight = weight});
        auto const repeated = trainer.fit(wide(test::rows_of(x, rows)), test::rows_of(y, rows));
        CHECK(objective(weighted) == doctest::Approx(objective(repeated)).epsilon(1e-9));
        for (std::size_t k = 0; k < 3; ++k)
            CHECK(weighted.coef()(k, 2) == doctest::Approx(repeated.coef()(k, 2)).epsilon(1e-5));
    });
}

TEST_CASE("the dual solver passes over rows of weight 0") {
    auto const set = test::labelled_grid(200, 4, 6);
    std::vector<double> weight(200, 1);
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < 200; ++i) {
        if (i % 4 == 0) {
            weight[i] = 0;
        } else {
            rows.push_back(i);
        }
    }
    linear_svc const trainer{.C = 1e-3, .loss = svm_loss::hinge};
    auto const weighted = trainer.fit(set.x, set.y, {.sample_weight = weight});
    auto const without = trainer.fit(test::rows_of(set.x, rows), test::rows_of(set.y, rows));
    CHECK(weighted.converged());
    CHECK(objective(weighted) == doctest::Approx(objective(without)).epsilon(1e-3));
}

TEST_CASE("class weights are weights of the rows of a class") {
    auto const set = test::labelled_grid(200, 4, 6);
    auto const& x = set.x;
    auto const& y = set.y;
    std::vector<double> weight;
    for (auto const label : y) weight.push_back(label == 7 ? 2.5 : 1);
    auto const a = logistic_regression{.class_weight = {{7, 2.5}}}.fit(x, y);
    auto const b = logistic_regression{}.fit(x, y, {.sample_weight = weight});
    CHECK(a == b);
    CHECK(a != logistic_regression{}.fit(x, y));
}

TEST_CASE("more than 16 classes are fitted in groups, each as if it were alone") {
    auto const x = wide(test::uniform(400, 6, 1));
    std::vector<int> y;
    for (int i = 0; i < 400; ++i) y.push_back(i % 19);
    auto const model = logistic_regression{.tolerance = 1e-8}.fit(x, y);
    CHECK(model.coef().rows() == 19);
    CHECK(model.converged());
    std::vector<int> seventeen;
    for (auto const k : y) seventeen.push_back(k == 17 ? 1 : 0);
    auto const alone = logistic_regression{.tolerance = 1e-8}.fit(x, seventeen);
    for (std::size_t j = 0; j < 6; ++j)
        CHECK(model.coef()(17, j) == doctest::Approx(alone.coef()(0, j)).epsilon(1e-6));
    auto const compressed = sparse(test::grid(400, 6, 1));
    CHECK(logistic_regression{}.fit(compressed, y).predict(compressed).size() == 400);
    CHECK(logistic_regression{.multi_class = multinomial}.fit(compressed, y).converged());
}

TEST_CASE("probabilities are those of the scores") {
    auto const set = test::labelled_grid(100, 4, 6);
    auto const& x = set.x;
    auto const& y = set.y;
    auto const ovr = logistic_regression{}.fit(x, y);
    auto const s = ovr.decision_function(x);
    auto const p = ovr.predict_proba(x);
    auto const softmax = logistic_regression{.multi_class = multinomial}.fit(x, y);
    auto const t = softmax.decision_function(x);
    auto const q = softmax.predict_proba(x);
    for (std::size_t i = 0; i < 100; ++i) {
        double sum_p = 0;
        double sum_q = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            sum_p += 1 / (1 + std::exp(-s(i, k)));
            sum_q += std::exp(t(i, k));
        }
        for (std::size_t k = 0; k < 3; ++k) {
            CHECK(p(i, k) == doctest::Approx(1 / (1 + std::exp(-s(i, k))) / sum_p).epsilon(1e-5));
            CHECK(q(i, k) == doctest::Approx(std::exp(t(i, k)) / sum_q).epsilon(1e-5));
        }
    }
    std::vector<int> two;
    for (auto const label : y) two.push_back(label > 5 ? 1 : 0);
    auto const binary = logistic_regression{}.fit(x, two);
    CHECK(binary.coef().rows() == 1);
    CHECK(binary.predict_proba(x)(3, 1) ==
          doctest::Approx(1 / (1 + std::exp(-binary.decision_function(x)(3, 0)))));
}

TEST_CASE("odd data have a documented end") {
    auto const set = test::labelled_grid(60, 3, 6);
    auto const& x = set.x;
    auto const& y = set.y;
    for_each_trainer([&](auto const& trainer) {
        // One class: it is always predicted.
        auto const one = trainer.fit(x, std::vector<int>(60, 8));
        CHECK(one.predict(x) == std::vector<int>(60, 8));
        CHECK(one.coef().rows() == 0);
        CHECK(one.n_features() == 3);
        // Separable: regularisation keeps the weights finite.
        matrix<float> line(40, 1);
        std::vector<int> side(40);
        for (std::size_t i = 0; i < 40; ++i) {
            line(i, 0) = static_cast<float>(i) - 19.5f;
            side[i] = i < 20 ? 0 : 1;
        }
        auto const separated = trainer.fit(line, side);
        CHECK(separated.converged());
        CHECK(separated.predict(line) == side);
        // Columns that are constant, equal or zero, and rows that are all zero.
        matrix<float> odd(60, 6, 3.0f);
        for (std::size_t i = 0; i < 60; ++i) {
            for (std::size_t j = 0; j < 3; ++j) odd(i, j) = i % 9 == 0 ? 0 : x(i, j);
            odd(i, 4) = odd(i, 0);
            odd(i, 5) = 0;
        }
        if (is_dual(trainer)) return;  // which need not converge in 1000 sweeps
        auto const collinear = trainer.fit(odd, y);
        CHECK(collinear.converged());
        CHECK(collinear.coef()(0, 3) == doctest::Approx(0));
        bool smooth = true;
        if constexpr (requires { trainer.l1_ratio; }) smooth = trainer.l1_ratio == 0;
        if (smooth) CHECK(collinear.coef()(0, 0) == doctest::Approx(collinear.coef()(0, 4)));
        CHECK(collinear.coef()(0, 5) == 0);
        // A class of one row.
        auto rare = y;
        rare[11] = 1000;
        CHECK(trainer.fit(x, rare).converged());
        // Values so large that sums overflow: a model that says it has not converged.
        auto huge = x;
        huge(0, 0) = 3e38f;
        huge(1, 0) = -3e38f;
        CHECK(trainer.fit(huge, y).predict(x).size() == 60);
    });
    csr_matrix const empty_rows({0, 0, 0, 0, 0}, {}, {}, 5);
    auto const nothing = logistic_regression{}.fit(empty_rows, std::vector{0, 1, 1, 1});
    CHECK(nothing.predict_proba(empty_rows)(0, 1) == doctest::Approx(0.75).epsilon(1e-3));
}

TEST_CASE("what cannot be fitted is refused in a sentence") {
    auto set = test::labelled_grid(60, 3, 6);
    auto& x = set.x;
    auto const& y = set.y;
    auto const refuses = [&](auto const& trainer, samples_view data, std::string const& text) {
        CHECK_THROWS_WITH_AS((void)trainer.fit(data, y), text.c_str(), invalid_input);
    };
    refuses(logistic_regression{.C = 0}, x,
            "logistic_regression::fit: C is 0; it must be greater than 0 and finite");
    refuses(linear_svc{.tolerance = -1}, x,
            "linear_svc::fit: tolerance is -1; it must be greater than 0 and finite");
    refuses(linear_svc{.max_iter = 0}, x, "linear_svc::fit: max_iter is 0; it must be at least 1");
    refuses(linear_svc{.loss = svm_loss::hinge, .solver = svm_solver::newton}, x,
            "linear_svc::fit: newton needs a loss with a slope everywhere; the hinge takes "
            "svm_solver::dual or automatic");
    refuses(linear_svc{.multi_class = crammer_singer, .l1_ratio = 0.5}, x,
            "linear_svc::fit: l1_ratio is 0.5; that needs one_vs_rest, the squared hinge and "
            "svm_solver::newton or automatic");
    refuses(linear_svc{.multi_class = multinomial}, x,
            "linear_svc::fit: multi_class is multinomial, which is for probabilities; it must be "
            "one_vs_rest or crammer_singer");
    refuses(logistic_regression{.multi_class = crammer_singer}, x,
            "logistic_regression::fit: multi_class is crammer_singer, which is linear_svc's; it "
            "must be one_vs_rest or multinomial");
    refuses(linear_svc{.class_weight = class_weights::balanced_subsample()}, x,
            "linear_svc::fit: class_weight balanced_subsample is for forests; use "
            "class_weights::balanced()");
    refuses(linear_svc{}, matrix<float>(59, 3),
            "linear_svc::fit: y has 60 labels but x has 59 rows");
    x(7, 2) = std::numeric_limits<float>::quiet_NaN();
    refuses(linear_svc{}, x,
            "linear_svc::fit: x is nan at row 7, column 2; a linear model needs finite numbers");
    x(7, 2) = 0;
    x(5, 1) = test::infinity;
    refuses(linear_svc{}, sparse(x),
            "linear_svc::fit: x is inf at row 5, column 1; a linear model needs finite numbers");
    x(5, 1) = 0;
    std::vector<std::size_t> const offsets(61, 0);
    std::vector<std::uint32_t> const indices{2, 1};
    std::vector<float> const values{1, 1};
    auto two = offsets;
    two.back() = 2;
    refuses(linear_svc{}, csr_view(two, indices, values, 3),
            "csr_view: row 59 has index 1 after 2; they must increase");
    std::vector<double> weight(60, 1);
    for (std::size_t i = 0; i < 60; ++i) weight[i] = y[i] == 5 ? 0 : 1;
    CHECK_THROWS_AS((void)linear_svc{}.fit(x, y, {.sample_weight = weight}), invalid_input);
    auto const model = logistic_regression{}.fit(x, y);
    CHECK_THROWS_WITH_AS((void)model.predict_proba(matrix<float>(2, 4)),
                         "logistic_classifier::predict_proba: x has 4 columns but the model was "
                         "fitted on 3",
                         invalid_input);
    std::stop_source source;
    source.request_stop();
    CHECK_THROWS_AS((void)linear_svc{}.fit(x, y, {.stop = source.get_token()}), stopped);
}

TEST_CASE("linear classifiers keep the promises of a trainer") {
    auto const promised = [](char const* trainer, char const* model) {
        return test::promises{.trainer = trainer,
                              .model = model,
                              .takes_missing = false,
                              .equal_for_any_row_order = false,
                              .exact_weights = false,
                              .float_is_double = false,
                              .answers_within = 1e-3,
                              .least_right = 150};
    };
    test::check_classifier(logistic_regression{.tolerance = 1e-5},
                           promised("logistic_regression", "logistic_classifier"));
    test::check_classifier(logistic_regression{.multi_class = multinomial, .tolerance = 1e-5},
                           promised("logistic_regression", "logistic_classifier"));
    test::check_classifier(logistic_regression{.l1_ratio = 0.5, .tolerance = 1e-5},
                           promised("logistic_regression", "logistic_classifier"));
    test::check_classifier(linear_svc{}, promised("linear_svc", "linear_classifier"));
    auto of_dual = promised("linear_svc", "linear_classifier");
    of_dual.free_intercept = false;
    test::check_classifier(linear_svc{.C = 1e-3, .loss = svm_loss::hinge}, of_dual);
    test::check_classifier(linear_svc{.C = 1e-3, .multi_class = crammer_singer}, of_dual);
}
