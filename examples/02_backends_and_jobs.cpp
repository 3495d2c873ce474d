// How do I choose where a forest is trained, and does that change it?
#include <copse/copse.hpp>
#include <copse/data/gzip.hpp>

#include <chrono>
#include <iomanip>
#include <iostream>

int main() {
    auto const digits = copse::parse_csv(copse::gunzip("examples/data/digits8x8.csv.gz"));
    auto const recipe = copse::random_forest_classifier{.n_estimators = 300, .random_state = 7};

    // A backend is a small value. The same recipe, data and random_state give an equal model on
    // all of them, so what is trained on a large machine can be tested on a small one.
    auto const reference = recipe.fit(digits.x, digits.y, copse::sequential{});

    auto const compare = [&](std::string_view name, auto backend) {
        auto const start = std::chrono::steady_clock::now();
        auto const forest = recipe.fit(digits.x, digits.y, backend);
        std::chrono::duration<double> const seconds = std::chrono::steady_clock::now() - start;
        std::cout << std::left << std::setw(24) << name
                  << (forest == reference ? "equal" : "DIFFERENT") << '\n';
        std::cerr << "    " << seconds.count() << " s\n";
    };
    compare("sequential", copse::sequential{});
    compare("tbb, 1 job", copse::tbb{.n_jobs = 1});
    compare("tbb, 2 jobs", copse::tbb{.n_jobs = 2});
    compare("tbb, all cores", copse::tbb{});  // what fit(x, y) takes

    try {
        (void)recipe.fit(digits.x, digits.y, copse::tbb{.n_jobs = 0});
    } catch (copse::invalid_input const& e) {
        std::cout << e.what() << '\n';
    }
}
