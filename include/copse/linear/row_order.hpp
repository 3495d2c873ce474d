// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The order in which a dual solver visits rows: drawn anew for each sweep, by index, and without
/// the rows that were set aside because they are at a bound and likely to stay there.
///
///     row_order order(costs, random_stream(0));
///     n_active = order.sweep(n_active, sweep_number, [&](std::size_t i) { return stays(i); });

#include <copse/core/random.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace copse::detail {

class row_order {
public:
    /// Of the rows that cost something.
    row_order(std::span<double const> costs, random_stream draws)
        : draws_(draws.split(purpose::rows)) {
        for (std::uint32_t i = 0; i < costs.size(); ++i) {
            if (costs[i] > 0) rows_.push_back(i);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }

    /// Visits the first n rows in an order of their own. Those for which visit(i) is false are set
    /// aside: behind the others, whose number is returned.
    template <class Visit>
    std::size_t sweep(std::size_t n, std::size_t number, Visit const& visit) {
        auto const draws = draws_.split(number);
        for (std::size_t s = 0; s + 1 < n; ++s)
            std::swap(rows_[s], rows_[s + draws.below(static_cast<std::uint32_t>(n - s), s)]);
        for (std::size_t s = 0; s < n;) {
            if (visit(std::size_t{rows_[s]})) {
                ++s;
            } else {
                std::swap(rows_[s], rows_[--n]);
            }
        }
        return n;
    }

private:
    std::vector<std::uint32_t> rows_;
    random_stream draws_;
};

}  // namespace copse::detail
