// How many rounds of boosting are enough, what did they look at, and what if I have my own loss?
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>

#include <cmath>
#include <iomanip>
#include <iostream>
#include <vector>

namespace {

// Being an hour short costs nine times as much as an hour too much: a small type like this is a
// loss. copse/loss/loss.hpp says what else it may tell.
struct short_hours_loss {
    copse::derivatives at(double y, double raw) const {
        double const weight = raw < y ? 9 : 1;
        return {weight * (raw - y), weight};
    }
    double value(double y, double raw) const {
        return (raw < y ? 9 : 1) * (raw - y) * (raw - y) / 2;
    }
    bool operator==(short_hours_loss const&) const = default;
};

// A column of a dataset as what is to be predicted; it leaves the features.
std::vector<double> take_column(copse::dataset& data, std::size_t j) {
    std::vector<double> out(data.x.rows());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<double>(data.x(i, j));
        data.x(i, j) = 0;
    }
    return out;
}

}  // namespace

int main() {
    auto train = copse::parse_csv(copse::gunzip("examples/data/adult_train.csv.gz"));
    auto test =
        copse::parse_csv(copse::gunzip("examples/data/adult_test.csv.gz"), {.like = &train});
    std::cout << std::fixed << std::setprecision(3);

    // Rounds are added until other rows have not become better for ten of them; the best are kept.
    // (These rows chose the number of rounds, so they flatter it a little.)
    auto const boosted =
        copse::gradient_boosting_classifier{.n_estimators = 1000,
                                            .learning_rate = 0.2,
                                            .categorical_features = train.categorical_features()}
            .fit(train.x, train.y, {.validation = {{test.x, test.y}}, .early_stopping_rounds = 10});
    std::cout << "rounds: " << boosted.n_rounds() << ", log loss "
              << boosted.validation_losses()[0].back() << ", accuracy "
              << copse::metrics::accuracy(test.y, boosted.predict(test.x)) << '\n';

    // What a column's splits gained, and how many rows they parted.
    std::cout << "\ncolumn            gain   cover\n";
    auto const gain = boosted.feature_importances(copse::importance::gain);
    auto const cover = boosted.feature_importances(copse::importance::cover);
    for (std::size_t j = 0; j < gain.size(); ++j) {
        if (gain[j] < 0.05) continue;
        std::cout << std::left << std::setw(15) << train.features[j].name << std::right
                  << std::setw(7) << gain[j] << std::setw(8) << cover[j] << '\n';
    }

    // How many hours a week somebody works (column 12), better too many than too few.
    auto const hours = take_column(train, 12);
    auto const true_hours = take_column(test, 12);
    auto const model =
        copse::gradient_boosting_regressor{}.fit_loss(short_hours_loss{}, train.x, hours);
    std::size_t enough = 0;
    auto const predicted = model.predict(test.x);
    for (std::size_t i = 0; i < predicted.size(); ++i)
        enough += predicted[i] >= true_hours[i] ? 1 : 0;
    std::cout << "\nhours that suffice: "
              << static_cast<double>(enough) / static_cast<double>(predicted.size()) << '\n';
}
