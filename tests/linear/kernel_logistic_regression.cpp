// SPDX-License-Identifier: BSD-3-Clause
// Kernel features, and logistic regression of them: by law, against features that are stored.
#include "support/linear_fits.hpp"
#include "support/samples.hpp"

#include <copse/linear/kernel_logistic_regression.hpp>
#include <copse/linear/kernel_map.hpp>
#include <copse/linear/kernel_rows.hpp>
#include <copse/metrics/classification.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

using namespace copse;

namespace {

/// Rows in the square from -1 to 1; 1 inside of a circle that has half of them, 0 outside.
test::labelled circle(std::size_t n) {
    test::labelled set{test::uniform(n, 2, 7), {}};
    for (std::size_t i = 0; i < n; ++i) {
        for (auto& value : set.x.row(i)) value = 2 * value - 1;
        set.y.push_back(std::hypot(set.x(i, 0), set.x(i, 1)) < 0.8f ? 1 : 0);
    }
    return set;
}

double kernel(matrix<double> const& x, std::size_t a, std::size_t b, double gamma) {
    double square = 0;
    for (std::size_t j = 0; j < x.cols(); ++j) square += (x(a, j) - x(b, j)) * (x(a, j) - x(b, j));
    return std::exp(-gamma * square);
}

/// The greatest difference of an inner product of features and the kernel.
double error_of(matrix<double> const& features, matrix<double> const& x, double gamma) {
    double most = 0;
    for (std::size_t a = 0; a < x.rows(); ++a) {
        for (std::size_t b = 0; b <= a; ++b) {
            double sum = 0;
            for (std::size_t k = 0; k < features.cols(); ++k)
                sum += features(a, k) * features(b, k);
            most = std::max(most, std::abs(sum - kernel(x, a, b, gamma)));
        }
    }
    return most;
}

template <class X>
std::vector<std::vector<double>> x_x_times(X const& x, std::vector<std::vector<double>> v) {
    using real = typename detail::products<X>::real;
    detail::products<X> pass(x, v.size());
    std::vector<double const*> in;
    std::vector<double*> out;
    auto g = v;
    for (std::size_t k = 0; k < v.size(); ++k) {
        in.push_back(v[k].data());
        out.push_back(g[k].data());
    }
    pass(sequential{}, in, out, [](std::size_t, std::size_t, std::size_t, real*, std::size_t) {});
    return g;
}

}  // namespace

TEST_CASE("features of all rows as landmarks have the kernel's inner products") {
    auto const x = test::wide(circle(40).x);
    auto const map = nystroem{.gamma = 2, .n_components = 40}.fit(x);
    CHECK(map.n_components() == 40);
    CHECK(map.n_features() == 2);
    CHECK(error_of(map.transform(x), x, 2) < 1e-4);
    // Twice the same rows: landmarks that add nothing give 0, not infinity.
    matrix<double> twice(40, 2);
    for (std::size_t i = 0; i < 40; ++i) {
        for (std::size_t j = 0; j < 2; ++j) twice(i, j) = x(i % 20, j);
    }
    auto const of_twice = nystroem{.gamma = 2, .n_components = 40}.fit(twice).transform(twice);
    CHECK(error_of(of_twice, twice, 2) < 1e-4);
    // One landmark: its own feature is sqrt(k(l, l)) = 1.
    matrix<double> one(1, 2, 0.5);
    CHECK(nystroem{.n_components = 1}.fit(one).transform(one)(0, 0) == doctest::Approx(1));
}

TEST_CASE("the more random features, the nearer they are to the kernel") {
    auto const x = test::wide(circle(30).x);
    auto const error = [&](std::size_t n_components) {
        return error_of(rbf_sampler{.gamma = 1.5, .n_components = n_components}.fit(x).transform(x),
                        x, 1.5);
    };
    CHECK(error(20000) < 0.04);
    CHECK(error(20000) < error(200));
    CHECK(error(200) < error(4));
    // Other random numbers, other features.
    CHECK(rbf_sampler{}.fit(x) != rbf_sampler{.random_state = 1}.fit(x));
    CHECK(rbf_sampler{}.fit(x) == rbf_sampler{}.fit(test::rows_of(x, {3})));
}

TEST_CASE("a pass that makes features is the pass over those that are stored") {
    auto const x = test::wide(test::uniform(700, 5, 2));
    std::vector<kernel_map> const maps{rbf_sampler{.gamma = 0.5, .n_components = 33}.fit(x),
                                       nystroem{.gamma = 0.5, .n_components = 33}.fit(x)};
    std::vector<std::vector<double>> v(3, std::vector<double>(33));
    for (std::size_t k = 0; k < 3; ++k) {
        for (std::size_t j = 0; j < 33; ++j) v[k][j] = static_cast<double>((j * 7 + k) % 5) - 2;
    }
    for (auto const& map : maps) {
        auto const stored = map.transform(x);
        detail::kernel_weights<double> const weights(map.parts());
        matrix_view<double const> const rows = x.view();
        auto const made = x_x_times(detail::kernel_rows<double>(rows, weights), v);
        auto const expected = x_x_times(stored.view(), v);
        for (std::size_t k = 0; k < 3; ++k) {
            for (std::size_t j = 0; j < 33; ++j)
                CHECK(made[k][j] == doctest::Approx(expected[k][j]).epsilon(1e-9));
        }
    }
}

TEST_CASE("the model is that of stored features") {
    auto const set = test::labelled_grid(300, 4, 5);
    auto x = test::wide(set.x);
    for (std::size_t i = 0; i < 300 * 4; ++i) x.data()[i] /= 5;
    std::vector<kernel_sampler> const kernels{rbf_sampler{.gamma = 0.5, .n_components = 40},
                                              nystroem{.gamma = 0.5, .n_components = 40}};
    std::vector<multi_class_rule> const rules{multi_class_rule::one_vs_rest, multinomial};
    for (auto const& of : kernels) {
        for (auto const rule : rules) {
            kernel_logistic_regression const trainer{
                .kernel = of, .C = 3, .multi_class = rule, .tolerance = 1e-8};
            auto const model = trainer.fit(x, set.y);
            auto const features = model.map().transform(x);
            auto const plain =
                logistic_regression{.C = 3, .multi_class = rule, .tolerance = 1e-8}.fit(features,
                                                                                        set.y);
            for (std::size_t k = 0; k < 3; ++k) {
                for (std::size_t j = 0; j < 40; ++j)
                    CHECK(std::abs(model.linear().coef()(k, j) - plain.coef()(k, j)) < 1e-4);
            }
            CHECK(model.converged());
            CHECK(model.predict(x) == plain.predict(features));
            auto const p = model.predict_proba(x), q = plain.predict_proba(features);
            for (std::size_t i = 0; i < 300 * 3; ++i)
                CHECK(std::abs(p.data()[i] - q.data()[i]) < 1e-4f);
        }
    }
}

TEST_CASE("kernel features see a circle, which no line does") {
    auto const set = circle(600);
    auto const score = [&](auto const& model) {
        return metrics::accuracy(set.y, model.predict(set.x));
    };
    CHECK(score(logistic_regression{}.fit(set.x, set.y)) < 0.75);
    kernel_logistic_regression trainer{.C = 100};
    CHECK(score(trainer.fit(set.x, set.y)) > 0.95);
    trainer.kernel = nystroem{.n_components = 50};
    CHECK(score(trainer.fit(set.x, set.y)) > 0.95);
}

TEST_CASE_TEMPLATE("kernel logistic regression is equal on every backend, for every n_jobs",
                   Backend, COPSE_TEST_BACKENDS) {
    auto const set = test::labelled_grid(3000, 4, 5);
    std::vector<kernel_sampler> const kernels{rbf_sampler{.gamma = 0.02, .n_components = 20},
                                              nystroem{.gamma = 0.02, .n_components = 20}};
    for (auto const& of : kernels) {
        kernel_logistic_regression const trainer{.kernel = of, .max_iter = 3};
        auto const model = trainer.fit(set.x, set.y, sequential{});
        test::check_equal_for_all_jobs<Backend>(
            [&](auto const& backend) { return trainer.fit(set.x, set.y, backend); });
        test::check_equal_for_all_jobs<Backend>(
            [&](auto const& backend) { return model.predict_proba(set.x, backend); });
        test::check_equal_for_all_jobs<Backend>(
            [&](auto const& backend) { return model.map().transform(set.x, backend); });
    }
}

TEST_CASE("what kernel features refuse") {
    auto const set = circle(60);
    CHECK_THROWS_WITH_AS((void)nystroem{}.fit(set.x),
                         "nystroem::fit: n_components is 100 but x has 60 rows", invalid_input);
    CHECK_THROWS_WITH_AS((void)rbf_sampler{.gamma = 0}.fit(set.x),
                         "rbf_sampler::fit: gamma is 0; it must be greater than 0 and finite",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)rbf_sampler{.n_components = 0}.fit(set.x),
                         "rbf_sampler::fit: n_components is 0; it must be at least 1",
                         invalid_input);
    auto const model = kernel_logistic_regression{}.fit(set.x, set.y);
    CHECK_THROWS_WITH_AS((void)model.predict(test::uniform(3, 4, 1)),
                         "kernel_classifier::predict: x has 4 columns but the map was fitted on 2",
                         invalid_input);
    CHECK_THROWS_WITH_AS((void)model.map().transform(test::uniform(3, 4, 1)),
                         "kernel_map::transform: x has 4 columns but the map was fitted on 2",
                         invalid_input);
    CHECK_THROWS_WITH_AS(
        (void)kernel_logistic_regression{.C = -1}.fit(set.x, set.y),
        "kernel_logistic_regression::fit: C is -1; it must be greater than 0 and finite",
        invalid_input);
    CHECK_THROWS_WITH_AS((void)kernel_logistic_regression{}.fit(set.x, std::vector<int>(59)),
                         "kernel_logistic_regression::fit: y has 59 labels but x has 60 rows",
                         invalid_input);
    auto x = set.x;
    x(3, 1) = test::infinity;
    CHECK_THROWS_WITH_AS((void)kernel_logistic_regression{}.fit(x, set.y),
                         "rbf_sampler::fit: x is inf at row 3, column 1; a linear model needs "
                         "finite numbers",
                         invalid_input);
}
