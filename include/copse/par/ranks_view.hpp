// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A borrowed communicator of whatever type, so that options of a fit can hold one and what is
/// written over it is compiled once.
///
///     run_ranks(4, [&](thread_communicator& ranks) {
///         model = copse::logistic_regression{}.fit(own_x, own_y, {.ranks = ranks});
///     });
///
/// A default-made one is alone: it has all rows, and nothing to add up.

#include <copse/par/communicator.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <exception>
#include <span>
#include <type_traits>
#include <vector>

namespace copse {

class ranks_view {
public:
    ranks_view() = default;

    /// Must not outlive `ranks`.
    template <class C>
    requires(!std::same_as<std::remove_const_t<C>, ranks_view> && communicator<C>)
        ranks_view(C& ranks)
        : object_(const_cast<void*>(static_cast<void const*>(&ranks))), verbs_(&verbs_of<C>) {}

    [[nodiscard]] std::size_t rank() const { return alone() ? 0 : verbs_->rank(object_); }
    [[nodiscard]] std::size_t size() const { return alone() ? 1 : verbs_->size(object_); }
    void allreduce_sum(std::span<double> numbers) const {
        if (!alone()) verbs_->allreduce_sum(object_, numbers);
    }
    void broadcast(std::span<double> numbers, std::size_t root) const {
        if (!alone()) verbs_->broadcast(object_, numbers, root);
    }
    void barrier() const {
        if (!alone()) verbs_->barrier(object_);
    }
    void abort() const {
        if (!alone()) verbs_->abort(object_);
    }

    /// The sum of one number of each rank.
    [[nodiscard]] double sum(double own) const {
        allreduce_sum({&own, 1});
        return own;
    }

private:
    struct verbs {
        std::size_t (*rank)(void*);
        std::size_t (*size)(void*);
        void (*allreduce_sum)(void*, std::span<double>);
        void (*broadcast)(void*, std::span<double>, std::size_t);
        void (*barrier)(void*);
        void (*abort)(void*);
    };
    template <class C>
    static constexpr verbs verbs_of{
        [](void* of) -> std::size_t { return static_cast<C*>(of)->rank(); },
        [](void* of) -> std::size_t { return static_cast<C*>(of)->size(); },
        [](void* of, std::span<double> numbers) { static_cast<C*>(of)->allreduce_sum(numbers); },
        [](void* of, std::span<double> numbers, std::size_t root) {
            static_cast<C*>(of)->broadcast(numbers, root);
        },
        [](void* of) { static_cast<C*>(of)->barrier(); },
        [](void* of) { static_cast<C*>(of)->abort(); }};

    [[nodiscard]] bool alone() const noexcept { return verbs_ == nullptr; }

    void* object_ = nullptr;
    verbs const* verbs_ = nullptr;
};

static_assert(communicator<ranks_view>);

namespace detail {

/// As long as it lives: what is thrown past it aborts the other ranks, which would wait for ever.
class rank_guard {
public:
    explicit rank_guard(ranks_view ranks) noexcept : ranks_(ranks) {}
    rank_guard(rank_guard const&) = delete;
    rank_guard& operator=(rank_guard const&) = delete;
    ~rank_guard() {
        if (std::uncaught_exceptions() > n_before_) ranks_.abort();
    }

private:
    ranks_view ranks_;
    int n_before_ = std::uncaught_exceptions();
};

/// Where the numbers of each rank begin in a list of all ranks' numbers, and where the last end.
[[nodiscard]] inline std::vector<std::size_t> rank_offsets(ranks_view ranks, std::size_t n_own) {
    std::vector<double> counts(ranks.size());
    counts[ranks.rank()] = static_cast<double>(n_own);
    ranks.allreduce_sum(counts);
    std::vector<std::size_t> out{0};
    for (auto const count : counts) out.push_back(out.back() + static_cast<std::size_t>(count));
    return out;
}

/// The numbers of all ranks, rank by rank: the same on every rank.
[[nodiscard]] inline std::vector<double> gathered(ranks_view ranks, std::vector<double> const& own,
                                                  std::vector<std::size_t> const& offsets) {
    std::vector<double> out(offsets.back());
    std::copy(own.begin(), own.end(),
              out.begin() + static_cast<std::ptrdiff_t>(offsets[ranks.rank()]));
    ranks.allreduce_sum(out);  // each is of one rank, the others add 0
    return out;
}

}  // namespace detail
}  // namespace copse
