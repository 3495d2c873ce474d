// SPDX-License-Identifier: BSD-3-Clause
#include "support/gauge.hpp"

#include <chrono>
#include <thread>

namespace copse::test {

void gauge::visit() {
    auto const now = ++inside_;
    auto peak = peak_.load();
    while (now > peak && !peak_.compare_exchange_weak(peak, now)) {
    }
    // Long enough for another thread to arrive, if another is allowed to.
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    --inside_;
}

}  // namespace copse::test
