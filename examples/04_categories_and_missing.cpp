// My table has text columns and holes: what do I have to do about them?
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>

int main() {
    // Text columns become codes, and "?" becomes NaN. Nothing has to be filled in or spread out.
    auto const train = copse::parse_csv(copse::gunzip("examples/data/adult_train.csv.gz"));
    // The test file is coded as the training file was; a category it did not have is missing.
    auto const test =
        copse::parse_csv(copse::gunzip("examples/data/adult_test.csv.gz"), {.like = &train});
    auto const* const x = train.x.data();
    std::cout << train.x.rows() << " rows, " << train.categorical_features().size() << " of "
              << train.features.size() << " columns are categories, "
              << std::count_if(x, x + train.x.rows() * train.x.cols(),
                               [](float value) { return std::isnan(value); })
              << " cells are missing\n";

    auto recipe = copse::random_forest_classifier{
        .n_estimators = 30, .min_samples_leaf = 3, .random_state = 7};
    auto const judge = [&](char const* how) {
        auto const forest = recipe.fit(train.x, train.y);
        std::cout << how << copse::metrics::accuracy(test.y, forest.predict(test.x)) << '\n';
        return forest;
    };
    (void)judge("accuracy, codes taken for numbers:    ");
    recipe.categorical_features = train.categorical_features();
    auto const forest = judge("accuracy, codes taken for categories: ");

    // A split on a category asks whether it is one of a set.
    std::cout << "\nthe top of the third tree:\n"
              << copse::export_text(forest.trees()[2], {.features = train.features,
                                                        .classes = forest.classes(),
                                                        .max_depth = 1,
                                                        .missing = true});

    // Saved with its columns, the model can code tables that it meets later.
    copse::save(forest, "adult.copse", {.columns = &train});
    auto const like = copse::load_columns("adult.copse");
    auto const again = copse::load<copse::forest_classifier>("adult.copse");
    auto const later = copse::parse_csv(
        "education_num,age,sex,race,relationship,marital_status,occupation,workclass,education,"
        "fnlwgt,capital_gain,capital_loss,hours_per_week,native_country\n"
        "13,50,Female,White,Wife,Married-civ-spouse,Exec-managerial,Private,Bachelors,"
        "?,0,0,45,Atlantis\n",
        {.like = &like});
    std::cout << "\na new row, from a country nobody knows: "
              << again.predict(later.x)[0].to_string() << '\n';
    std::filesystem::remove("adult.copse");
}
