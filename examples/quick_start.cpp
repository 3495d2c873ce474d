// What does copse do on this machine? Trains forests, boosted trees and linear models with every
// backend that was built, and compares time, accuracy and the models themselves.
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>
#if __has_include(<thrust/for_each.h>)
#include <copse/par/thrust.hpp>
#endif

#include "train_csv/holdout.hpp"

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace {

template <class Trainer>
struct task {
    copse::dataset const& train;
    copse::dataset const* test;  // none: out of bag is all there is
    Trainer recipe;
    using model = decltype(std::declval<Trainer>().fit(train.x, train.y));
    std::optional<model> first{};
    double first_seconds = 0;
};

template <class Trainer, copse::backend Backend>
void line(task<Trainer>& t, Backend backend) {
    auto const start = std::chrono::steady_clock::now();
    auto model = t.recipe.fit(t.train.x, t.train.y, backend);
    double const seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::string accuracy = "-";
    if (t.test != nullptr)
        accuracy = std::to_string(copse::metrics::accuracy(t.test->y, model.predict(t.test->x)));
    std::string oob = "-";
    if constexpr (requires { model.oob(); }) oob = std::to_string(model.oob()->score);
    auto const jobs = backend.n_jobs == -1 ? "all" : std::to_string(backend.n_jobs);
    bool const is_first = !t.first;
    if (is_first) t.first_seconds = seconds;
    auto const* const equal = is_first ? "-" : model == *t.first ? "yes" : "NO";
    std::printf("  %-12s %6s %9.3f %8.2fx %10s %10s   %s\n", std::string(Backend::name).c_str(),
                jobs.c_str(), seconds, t.first_seconds / seconds, accuracy.c_str(), oob.c_str(),
                equal);
    std::fflush(stdout);
    if (is_first) t.first = std::move(model);
}

template <class Trainer>
void table(std::string_view title, copse::dataset const& train, copse::dataset const* test,
           Trainer const& recipe) {
    task<Trainer> t{train, test, recipe};
    std::printf("\n%s: %zu rows, %zu columns", std::string(title).c_str(), t.train.x.rows(),
                t.train.x.cols());
    if constexpr (requires { t.recipe.n_estimators; })
        std::printf(", %zu trees or rounds", t.recipe.n_estimators);
    std::printf("\n");
    std::printf("  %-12s %6s %9s %9s %10s %10s   %s\n", "backend", "n_jobs", "seconds", "speed-up",
                "accuracy", "OOB score", "equal to first?");
    line(t, copse::sequential{});
    line(t, copse::tbb{.n_jobs = 1});
    line(t, copse::tbb{});
#if __has_include(<thrust/for_each.h>)
    line(t, copse::thrust_cpp{});
    line(t, copse::thrust_tbb{.n_jobs = 1});
    line(t, copse::thrust_tbb{});
#if defined(_OPENMP)
    line(t, copse::thrust_omp{.n_jobs = 1});
    line(t, copse::thrust_omp{});
#endif
#endif
}

}  // namespace

int main(int argc, char** argv) {
    bool const quick = argc > 1 && std::string_view(argv[1]) == "--quick";
    using copse::gunzip, copse::parse_csv;
    auto const digits = parse_csv(gunzip("examples/data/digits8x8.csv.gz"));
    auto const adult = parse_csv(gunzip("examples/data/adult_train.csv.gz"));
    auto const adult_test = parse_csv(gunzip("examples/data/adult_test.csv.gz"), {.like = &adult});
    auto forest = copse::random_forest_classifier{.oob_score = true, .random_state = 7};
    auto boosting = copse::gradient_boosting_classifier{};

    forest.n_estimators = quick ? 20 : 500;
    boosting.n_estimators = quick ? 10 : 100;
    table("forest, digits", digits, nullptr, forest);
    forest.n_estimators = quick ? 5 : 100;
    forest.min_samples_leaf = 3;
    forest.categorical_features = boosting.categorical_features = adult.categorical_features();
    table("forest, adult, categories and missing values", adult, &adult_test, forest);
    table("boosting, adult, categories and missing values", adult, &adult_test, boosting);
    auto const [most, rest] = holdout(digits, 7);
    table("logistic regression, digits, a fifth held out", most, &rest,
          copse::logistic_regression{.C = 0.01});
    table("logistic regression that chooses its C, digits", most, &rest,
          copse::logistic_regression_cv{.Cs = quick ? 2 : 5});
    table("logistic regression of kernel features, digits", most, &rest,
          copse::kernel_logistic_regression{
              .kernel = copse::nystroem{.gamma = 1e-3, .n_components = quick ? 30u : 300u},
              .C = 100});
}
