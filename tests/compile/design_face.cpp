// SPDX-License-Identifier: BSD-3-Clause
// The forest, boosting, linear and search lines of the design's public face, as they are written there:
// this must compile, by every compiler. It is run too, on a table that is too small to say
// anything.
#include <xtensor/xtensor.hpp>

#include <copse/copse.hpp>

#include <cassert>
#include <chrono>
#include <filesystem>

// clang-format off
int main() {
    xt::xtensor<float, 2> X = {{0, 1}, {1, 1}, {0, 2}, {1, 3}}, X_test = X;
    xt::xtensor<int, 1> y = {0, 1, 0, 1};

    const auto forest = copse::random_forest_classifier{.n_estimators = 500, .random_state = 7}
                            .fit(X, y, copse::tbb{.n_jobs = 4});
    xt::xtensor<int, 1>   labels = forest.predict(X_test);
    xt::xtensor<float, 2> proba  = forest.predict_proba(X_test, copse::tbb{.n_jobs = 2});

    xt::xtensor<float, 2> X_val = X;  xt::xtensor<int, 1> y_val = y;
    const auto boosted = copse::gradient_boosting_classifier{.n_estimators = 1000, .learning_rate = 0.05, .max_leaf_nodes = 63}
                             .fit(X, y, {.validation = {{X_val, y_val}}, .early_stopping_rounds = 20,
                                         .on_iteration = [](const copse::progress& p) { (void)p; /* draw a bar */ }});

    const copse::csr_matrix X_sparse({0, 1, 3, 4, 6}, {1, 0, 1, 1, 0, 1}, {1, 1, 1, 2, 1, 3}, 2);
    const auto svm = copse::one_vs_rest{copse::linear_svc{.C = 0.5}}.fit(X_sparse, y);
    const auto logistic = copse::logistic_regression{.C = 1.0}.fit(X, y);
    const auto softmax  = copse::logistic_regression{.multi_class = copse::multinomial}.fit(X, y);
    xt::xtensor<int, 1>   of_logistic = logistic.predict(X), of_softmax = softmax.predict(X), of_svm = svm.predict(X_sparse);
    const bool learnt = of_logistic == y && of_softmax == y && of_svm == y;

    using namespace std::chrono_literals;
    using gbc = copse::gradient_boosting_classifier;
    const auto study = copse::search(gbc{.n_estimators = 300},
        copse::space(copse::vary(&gbc::learning_rate, copse::loguniform(0.01, 0.3)),
                     copse::vary(&gbc::max_leaf_nodes, copse::choice(15, 31, 63))),
        {.sampling = copse::bayesian{}, .primary_metric = copse::metrics::roc_auc, .goal = copse::maximize,
         .max_total_runs = 40, .max_concurrent_runs = 4, .max_duration = 20min,
         .early_termination = copse::median_stopping{.delay_evaluation = 5}, .splits = copse::k_fold{2}}).run(X, y, copse::tbb{.n_jobs = -1});
    const bool tuned = study.best_run().parameters.size() == 2 && study.best_model().n_rounds() == 300;

    copse::save(boosted, "design_face.copse");  const auto again = copse::load<copse::boosted_classifier>("design_face.copse");
    std::filesystem::remove("design_face.copse");

    // What the rules below them say.
    const auto same = copse::random_forest_classifier{.n_estimators = 500, .random_state = 7}.fit(
        X, y, {.on_iteration = [](const copse::progress&) { /* draw a bar */ }}, copse::sequential{});
    return learnt && tuned && again == boosted && same == forest && labels == y && proba.shape(1) == 2 ? 0 : 1;
}
