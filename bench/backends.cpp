// SPDX-License-Identifier: BSD-3-Clause
// The same forest on every backend and several n_jobs: seconds, the speed-up over the sequential
// backend, and whether the models are equal, which copse promises.
//
//     backends --set bench/.data/letter --trees 20 --repeats 3

#include "support/forests.hpp"
#include "support/measure.hpp"

#include <copse/par/sequential.hpp>
#include <copse/par/tbb.hpp>
#if defined(COPSE_BENCH_THRUST)
#include <copse/par/thrust.hpp>
#endif

#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

template <class Forest>
struct contender {
    std::string name;
    std::function<Forest()> fit;
    std::vector<double> times{};
    bool equal = true;
};

template <class Trainer>
using forest_of = decltype(fit(prepared_set{}, Trainer{}, copse::sequential{}));

template <class Trainer>
std::vector<contender<forest_of<Trainer>>> contenders(prepared_set const& set,
                                                      Trainer const& trainer) {
    std::vector<contender<forest_of<Trainer>>> out;
    auto const add = [&](auto const& backend, std::string const& name) {
        out.push_back({name, [=, &set] { return fit(set, trainer, backend); }});
    };
    auto const add_jobs = [&]<class B>(B, std::initializer_list<int> jobs) {
        for (auto const n : jobs) {
            add(B{.n_jobs = n}, std::string(B::name) + " n_jobs=" + std::to_string(n));
        }
    };
    add(copse::sequential{}, "sequential");
    add_jobs(copse::tbb{}, {1, 2, 8});
#if defined(COPSE_BENCH_THRUST)
    add_jobs(copse::thrust_cpp{}, {1});
    add_jobs(copse::thrust_tbb{}, {1, 2, 8});
#if defined(_OPENMP)
    add_jobs(copse::thrust_omp{}, {1, 2, 8});
#endif
#endif
    return out;
}

/// Repeats outermost, so that a disturbance of the machine meets every backend alike.
template <class Trainer>
bool compare(options const& given, prepared_set const& set, Trainer const& trainer) {
    auto all = contenders(set, trainer);
    std::optional<forest_of<Trainer>> reference;
    for (std::size_t repeat = 0; repeat < given.number("--repeats", 3); ++repeat) {
        for (auto& each : all) {
            std::optional<forest_of<Trainer>> forest;
            each.times.push_back(seconds([&] { forest.emplace(each.fit()); }));
            if (!reference) reference = forest;
            each.equal = each.equal && *forest == *reference;
        }
    }
    bool all_equal = true;
    auto const base = median(all.front().times);
    std::printf("%s, %zu x %zu, %zu trees\n", set.name.c_str(), set.x.rows, set.x.cols,
                reference->trees().size());
    for (auto const& each : all) {
        auto const time = median(each.times);
        std::printf("  %-22s %8.3f s   %5.2fx   %s\n", each.name.c_str(), time, base / time,
                    each.equal ? "equal" : "DIFFERENT");
        all_equal = all_equal && each.equal;
    }
    return all_equal;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
    bench::options const given(argc, argv);
    auto const set = bench::prepared_set::read(given.text("--set", "bench/.data/letter"),
                                               given.number("--rows", bench::all_rows));
    bool equal = false;
    bench::with_trainer(given, set,
                        [&](auto const& trainer) { equal = bench::compare(given, set, trainer); });
    return equal ? 0 : 1;
} catch (std::exception const& error) {
    std::fprintf(stderr, "backends: %s\n", error.what());
    return 1;
}
