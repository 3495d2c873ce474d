// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The reference backend: everything on the calling thread, in order.

#include <copse/par/backend.hpp>

namespace copse {

struct sequential {
    static constexpr std::string_view name = "sequential";
    static constexpr int n_jobs = 1;

    template <class F>
    decltype(auto) enter(F&& f) const {
        return f();
    }
    [[nodiscard]] sequential inherited() const noexcept { return {}; }
    [[nodiscard]] std::size_t concurrency() const noexcept { return 1; }

    template <class F>
    void for_each_index(std::size_t n, F const& f) const {
        for (std::size_t i = 0; i < n; ++i) f(i);
    }
    template <class F, class G>
    void both(F&& f, G&& g) const {
        f();
        g();
    }
};

static_assert(backend<sequential>);

}  // namespace copse
