// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Measures how many threads are at the same place at once.

#include <atomic>

namespace copse::test {

class gauge {
public:
    /// Stays a moment.
    void visit();

    /// The most threads that were inside visit() together.
    [[nodiscard]] int peak() const noexcept { return peak_; }

private:
    std::atomic<int> inside_ = 0;
    std::atomic<int> peak_ = 0;
};

}  // namespace copse::test
