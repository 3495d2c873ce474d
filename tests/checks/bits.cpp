// SPDX-License-Identifier: BSD-3-Clause
// Prints checksums of models and of their predictions. checks/agree compares what this prints when
// it is compiled with vector instructions and without.

#include "support/samples.hpp"

#include <copse/ensemble.hpp>
#include <copse/io/save_load.hpp>
#include <copse/linear.hpp>

#include <cstddef>
#include <cstdio>
#include <span>
#include <vector>

namespace {

void print(char const* what, std::span<std::byte const> bytes) {
    std::printf("%-24s %08x\n", what, static_cast<unsigned>(copse::detail::crc32(bytes)));
}

std::span<std::byte const> bytes_of(copse::matrix<float> const& values) {
    return std::as_bytes(std::span(values.data(), values.rows() * values.cols()));
}
std::span<std::byte const> bytes_of(std::vector<double> const& values) {
    return std::as_bytes(std::span(values));
}

void print(char const* name, auto const& model, auto const& predicted) {
    auto const saved = copse::save(model);
    // A checksum over bytes and their own checksum is the same whatever they are.
    print(name, std::span(saved).first(saved.size() - copse::detail::checksum_bytes));
    print("    predicts", bytes_of(predicted));
}

/// Two blocks of rows and some; a column has missing values, another categories.
copse::matrix<float> table() {
    auto x = copse::test::grid(9000, 6, 3);
    auto const drawn = copse::test::uniform(9000, 2, 4);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        x(i, 0) = drawn(i, 0) < 0.1f ? copse::test::missing : drawn(i, 0);
        x(i, 1) = static_cast<float>(static_cast<int>(40 * drawn(i, 1)));
    }
    return x;
}

}  // namespace

int main() {
    using namespace copse;
    auto const x = table();
    auto const drawn = test::targets_of(test::grid(9000, 6, 3), 3);
    std::vector<int> y;
    for (auto const value : drawn) y.push_back(value < 8 ? 0 : value < 16 ? 1 : 2);

    auto const forest =
        random_forest_classifier{.n_estimators = 5, .categorical_features = {1}}.fit(x, y);
    print("forest", forest, forest.predict_proba(x));
    auto const numbers =
        random_forest_regressor{.n_estimators = 3, .max_features = 3}.fit(x, drawn);
    print("forest of numbers", numbers, numbers.predict(x));
    auto const random = extra_trees_classifier{.n_estimators = 3}.fit(x, y);
    print("extra trees", random, random.predict_proba(x));
    auto const boosted =
        gradient_boosting_classifier{.n_estimators = 10, .categorical_features = {1}}.fit(x, y);
    print("boosting", boosted, boosted.predict_proba(x));
    auto const large =
        gradient_boosting_regressor{.n_estimators = 5, .max_leaf_nodes = 255}.fit(x, drawn);
    print("boosting of numbers", large, large.predict(x));

    auto const whole = test::grid(9000, 6, 3);
    auto const logistic = logistic_regression{.C = 0.01}.fit(whole, y);
    print("logistic regression", logistic, logistic.predict_proba(whole));
    auto const sparse = linear_svc{.C = 0.01}.fit(test::sparse(whole), y);
    print("support vectors", sparse, sparse.intercept());
}
