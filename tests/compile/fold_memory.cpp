// SPDX-License-Identifier: BSD-3-Clause
// Ten folds share one binned x: they allocate no more of its size than one fit does, and their
// peak is little above that of one fit.
#include <copse/ensemble/gradient_boosting.hpp>
#include <copse/ensemble/random_forest.hpp>
#include <copse/model_selection/cross_validate.hpp>
#include <copse/par/sequential.hpp>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <vector>

namespace {

constexpr std::size_t n = 20000;
constexpr std::size_t d = 24;

std::atomic<std::size_t> in_use = 0;
std::atomic<std::size_t> peak = 0;
std::atomic<std::size_t> n_large = 0;  // allocations of about a byte a cell, or more

struct header {
    alignas(alignof(std::max_align_t)) std::size_t size;
};

void* allocate(std::size_t size) {
    auto* const at = static_cast<header*>(std::malloc(size + sizeof(header)));
    if (at == nullptr) throw std::bad_alloc();
    at->size = size;
    auto const now = in_use += size;
    for (auto most = peak.load(); most < now && !peak.compare_exchange_weak(most, now);) {
    }
    if (size > n * d / 4 * 3) ++n_large;
    return at + 1;
}
void release(void* object) noexcept {
    if (object == nullptr) return;
    auto* const at = static_cast<header*>(object) - 1;
    in_use -= at->size;
    std::free(at);
}

struct usage {
    std::size_t peak;
    std::size_t n_large;
};

template <class F>
usage used_by(F const& f) {
    auto const before = in_use.load();
    peak = before;
    n_large = 0;
    f();
    return {peak - before, n_large};
}

template <class Trainer>
bool folds_share(char const* name, Trainer const& trainer, copse::matrix<float> const& x,
                 std::vector<int> const& y) {
    using namespace copse;
    auto const one = used_by([&] { (void)trainer.fit(x, y, sequential{}); });
    auto const ten = used_by([&] {
        (void)cross_validate(trainer, x, y, {.splits = k_fold{10, true, 1}}, sequential{});
    });
    std::printf("%s: one fit %zu bytes, %zu large; ten folds %zu bytes, %zu large\n", name,
                one.peak, one.n_large, ten.peak, ten.n_large);
    // Ten lists of rows, 8 bytes each, and the rows to test are what folds have of their own.
    auto const lists = 10 * n * sizeof(std::size_t) + n / 10 * d * sizeof(float);
    return one.n_large > 0 && ten.n_large <= one.n_large + 2 && ten.peak < one.peak * 3 / 2 + lists;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void operator delete(void* object) noexcept { release(object); }
void operator delete(void* object, std::size_t) noexcept { release(object); }

int main() {
    copse::matrix<float> x(n, d);
    copse::random_stream const draws(1);
    for (std::size_t i = 0; i < n * d; ++i) x.data()[i] = static_cast<float>(draws.uniform(i));
    std::vector<int> y;
    for (std::size_t i = 0; i < n; ++i) y.push_back(x(i, 0) + x(i, 1) > 1 ? 1 : 0);
    bool const boosting =
        folds_share("boosting", copse::gradient_boosting_classifier{.n_estimators = 3}, x, y);
    bool const forest = folds_share(
        "forest", copse::random_forest_classifier{.n_estimators = 2, .max_depth = 6}, x, y);
    return boosting && forest ? 0 : 1;
}
