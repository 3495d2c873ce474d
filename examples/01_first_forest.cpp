// How do I train a forest, judge it, and predict with it?
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>

#include <iostream>

int main() {
    auto const digits = copse::parse_csv(copse::gunzip("examples/data/digits8x8.csv.gz"));
    auto const forest = copse::random_forest_classifier{.n_estimators = 200, .oob_score = true}.fit(
        digits.x, digits.y, copse::tbb{.n_jobs = 2});

    std::cout << "judged on images its trees did not see: " << forest.oob()->score << '\n';
    copse::labels const predicted = forest.predict(digits.x);
    std::cout << "the first image shows a " << predicted[0].to_string() << '\n';
}
