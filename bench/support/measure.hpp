// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Clocks and memory. Seconds are wall time; memory is the process's, as Linux counts it.
///
///     memory_peak peak;  work();  peak.bytes();          // most memory over what was there before
///     auto const s = seconds([&] { work(); });
///     auto const m = median_seconds([&] { work(); }, 0.5);

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

template <class F>
[[nodiscard]] double seconds(F&& f) {
    auto const start = std::chrono::steady_clock::now();
    f();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

[[nodiscard]] inline double median(std::vector<double> values) {
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// The median time of f(), called until it has taken `at_least` seconds in all, 3 to 1000 times.
template <class F>
[[nodiscard]] double median_seconds(F&& f, double at_least) {
    std::vector<double> times;
    for (double total = 0; times.size() < 3 || (total < at_least && times.size() < 1000);) {
        times.push_back(seconds(f));
        total += times.back();
    }
    return median(times);
}

/// Keeps the compiler from dropping a computation whose result nobody reads.
template <class T>
void keep(T const& value) {
    asm volatile("" : : "r"(&value) : "memory");
}

/// The most memory that the process has held since this was made, over what it held then.
class memory_peak {
public:
    memory_peak() {
        malloc_trim(0);  // what was freed must not be reused for free
        std::ofstream("/proc/self/clear_refs") << "5";  // the high-water mark is the present again
        start_ = status("VmHWM:");
    }
    [[nodiscard]] std::size_t bytes() const {
        auto const now = status("VmHWM:");
        return now > start_ ? now - start_ : 0;
    }

private:
    [[nodiscard]] static std::size_t status(std::string_view field) {
        std::ifstream in("/proc/self/status");
        for (std::string word; in >> word;) {
            std::size_t kilobytes = 0;
            if (word == field && in >> kilobytes) return kilobytes * 1024;
        }
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
    }

    std::size_t start_ = 0;
};

}  // namespace bench
