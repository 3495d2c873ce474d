// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A moment at which work is asked to stop, or earlier if the user asks.
///
///     deadline const until(std::chrono::steady_clock::now() + 10s, users_stop);
///     trainer.fit(x, y, {.stop = until.stop()});

#include <copse/model_selection/alarm_clock.hpp>

#include <chrono>
#include <stop_token>
#include <utility>

namespace copse::detail {

class deadline {
public:
    using clock = alarm_clock::clock;

    deadline(clock::time_point moment, std::stop_token users_stop)
        : moment_(moment),
          users_stop_(std::move(users_stop)),
          passed_on_(users_stop_, pass_on{&over_}),
          alarm_(moment - clock::now(), over_) {}

    /// Asked when the moment has come, or when the user asks.
    [[nodiscard]] std::stop_token stop() const noexcept { return over_.get_token(); }
    /// Asked by the user alone.
    [[nodiscard]] std::stop_token users_stop() const noexcept { return users_stop_; }
    /// 0 when it has come.
    [[nodiscard]] double seconds_left() const noexcept {
        auto const left = std::chrono::duration<double>(moment_ - clock::now()).count();
        return left > 0 && !over_.stop_requested() ? left : 0;
    }

private:
    struct pass_on {
        std::stop_source* to;
        void operator()() const noexcept { to->request_stop(); }
    };

    clock::time_point moment_;
    std::stop_token users_stop_;
    std::stop_source over_;
    std::stop_callback<pass_on> passed_on_;
    alarm_clock alarm_;
};

}  // namespace copse::detail
