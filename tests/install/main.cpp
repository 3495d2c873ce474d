// SPDX-License-Identifier: BSD-3-Clause
#include <copse/par/algorithms.hpp>
#include <copse/par/tbb.hpp>

#if defined(USE_THRUST)
#include <copse/par/thrust.hpp>
using chosen = copse::thrust_tbb;
#else
using chosen = copse::tbb;
#endif

int main() {
    auto const square = [](std::size_t i) { return i * i; };
    return copse::reduce(chosen{}, 5, std::size_t{0}, square) == 30 ? 0 : 1;
}
