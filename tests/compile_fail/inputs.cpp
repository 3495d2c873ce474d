// SPDX-License-Identifier: BSD-3-Clause
// case 1: a feature matrix holds float or double
// case 2: labels are integers or strings
// case 3: values_view
// case 4: features_view
// case 5: values_view

#include <copse/core/inputs.hpp>

#include <xtensor/xtensor.hpp>

#include <string>
#include <vector>

void inputs() {
    xt::xtensor<float, 2> x;
    copse::features_view const features = x;
    copse::labels_view const labels = std::vector<int>{1};
    copse::values_view const values = std::vector<double>{1};
#if CASE == 1  // features of integers
    xt::xtensor<int, 2> whole;
    copse::features_view const wrong = whole;
#elif CASE == 2  // labels that are not exact
    copse::labels_view const wrong = std::vector<double>{0.5};
#elif CASE == 3  // values of text
    copse::values_view const wrong = std::vector<std::string>{"one"};
#elif CASE == 4  // a vector does not say how many columns it has
    copse::features_view const wrong = std::vector<float>{1, 2};
#elif CASE == 5  // a number is not a column
    copse::values_view const wrong = 1.0;
#endif
    static_cast<void>(features);
    static_cast<void>(labels);
    static_cast<void>(values);
}
