// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A stop request at a moment to come.
///
///     std::stop_source over;
///     alarm_clock const alarm(10s, over);      // until it goes out of scope

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace copse::detail {

/// Requests a stop when it is time, from a thread that sleeps until then.
class alarm_clock {
public:
    using clock = std::chrono::steady_clock;

    alarm_clock(std::chrono::duration<double> after, std::stop_source const& of) {
        // A clock counts some hundred years; who waits for more waits for ever.
        constexpr std::chrono::duration<double> most{1e9};
        if (!(after < most)) return;
        auto const at = clock::now() + std::chrono::duration_cast<clock::duration>(after);
        sleeper_ = std::jthread([at, source = of](std::stop_token const& quit) mutable {
            std::mutex guard;
            std::condition_variable_any never;
            std::unique_lock lock(guard);
            never.wait_until(lock, quit, at, [] { return false; });
            if (!quit.stop_requested()) source.request_stop();
        });
    }

private:
    std::jthread sleeper_;
};

}  // namespace copse::detail
