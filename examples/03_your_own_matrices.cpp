// My data is in std::vector, behind a pointer, column by column, or in xtensor: what do I pass?
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include <copse/copse.hpp>

#include <cstdint>
#include <iostream>
#include <vector>

int main() {
    constexpr std::size_t n_rows = 400, n_columns = 3;
    std::vector<float> rows(n_rows * n_columns);  // row after row
    std::vector<int> y(n_rows);
    for (std::size_t i = 0; i < n_rows; ++i) {
        for (std::size_t j = 0; j < n_columns; ++j) {
            rows[i * n_columns + j] = static_cast<float>((i * 31 + j * 17 + i * i * (j + 1)) % 101);
        }
        y[i] = rows[i * n_columns] > rows[i * n_columns + 1] ? 1 : 0;
    }
    auto const recipe = copse::random_forest_classifier{.n_estimators = 20, .random_state = 7};

    // Nothing is copied to get in: copse looks at memory where it is.
    auto const forest = recipe.fit(copse::features_view(rows.data(), n_rows, n_columns), y);
    auto const tell = [&](char const* what, copse::features_view x, copse::labels_view labels) {
        std::cout << what << (recipe.fit(x, labels) == forest ? "the same forest" : "DIFFERENT")
                  << '\n';
    };

    std::vector<double> columns(n_rows * n_columns);  // column after column, and double
    xt::xtensor<float, 2> wide({n_rows, n_columns + 2}, 0.0f);
    auto labels = xt::xtensor<std::int64_t, 1>::from_shape({n_rows});
    for (std::size_t i = 0; i < n_rows; ++i) {
        labels(i) = y[i];
        for (std::size_t j = 0; j < n_columns; ++j) {
            columns[j * n_rows + i] = double{rows[i * n_columns + j]};
            wide(i, j + 1) = rows[i * n_columns + j];
        }
    }
    tell("columns of double:         ",
         copse::features_view::column_major(columns.data(), n_rows, n_columns), y);
    tell("a view into an xtensor:    ", xt::view(wide, xt::all(), xt::range(1, 1 + n_columns)),
         labels);

    std::vector<std::string> words(n_rows);
    for (std::size_t i = 0; i < n_rows; ++i) words[i] = y[i] == 1 ? "yes" : "no";
    auto const answers = recipe.fit(copse::features_view(rows.data(), n_rows, n_columns), words)
                             .predict(copse::features_view(rows.data(), 2, n_columns));
    std::cout << "labels may be text:        " << answers[0].text() << ", " << answers[1].text()
              << '\n';

    // Answers come in copse's own containers, which turn into yours.
    xt::xtensor<float, 2> const p =
        forest.predict_proba(xt::view(wide, xt::all(), xt::range(1, 4)));
    std::vector<int> const predicted = forest.predict(copse::features_view(rows.data(), 1, 3));
    std::cout << "P(class 1) of row 0:       " << p(0, 1) << ", predicted " << predicted[0] << '\n';
}
