// How good is a forest without a test set, and which columns does it live by?
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <numeric>
#include <vector>

int main() {
    auto const train = copse::parse_csv(copse::gunzip("examples/data/adult_train.csv.gz"));
    auto const test =
        copse::parse_csv(copse::gunzip("examples/data/adult_test.csv.gz"), {.like = &train});

    auto const forest =
        copse::random_forest_classifier{.n_estimators = 50,
                                        .min_samples_leaf = 3,
                                        .oob_score = true,
                                        .categorical_features = train.categorical_features(),
                                        .random_state = 7,
                                        .oob_permutation_importances = true}
            .fit(train.x, train.y);

    // Each tree has not seen about a third of the rows. Judging every row by those trees alone
    // tells what a test set would.
    std::cout << std::fixed << std::setprecision(4);
    std::cout << "out of bag:  " << forest.oob()->score << '\n';
    std::cout << "on the test: " << copse::metrics::accuracy(test.y, forest.predict(test.x))
              << '\n';

    // Two answers to "which columns matter". By impurity: how much purer a column made the nodes;
    // it flatters columns with many values, fnlwgt here. By permutation: how much accuracy is lost
    // out of bag when a column is shuffled; it lets noise be noise.
    auto const by_impurity = forest.feature_importances();
    auto const& by_permutation = forest.oob_permutation_importances();
    std::vector<std::size_t> order(train.features.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return by_permutation[a] > by_permutation[b]; });
    std::cout << "\ncolumn            impurity  permutation\n";
    for (auto const j : order) {
        std::cout << std::left << std::setw(18) << train.features[j].name << std::right
                  << std::setw(8) << by_impurity[j] << std::setw(13) << by_permutation[j] << '\n';
    }
}
