// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Data-parallel training: several ranks, each with rows of its own, run the same program and add
/// up what they find. A communicator is what a rank has of the others.
///
///     run_ranks(4, [&](thread_communicator& ranks) {
///         std::vector<double> sums = ...;               // of this rank's rows
///         ranks.allreduce_sum(sums);                    // now of all rows, the same on every rank
///     });
///
/// run_ranks makes ranks of threads, in one process. A communicator over MPI or NCCL is another
/// model of the concept; what is written over it need not change.
///
/// Failure  there is no recovery: a rank that fails calls abort(), as run_ranks does for one that
///          throws, and every call that waits for it throws aborted. Start again from a checkpoint.

#include <copse/core/checks.hpp>
#include <copse/core/errors.hpp>

#include <algorithm>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

namespace copse {

/// Another rank has failed.
class aborted : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Every rank makes the same calls in the same order, with spans of the same size.
///
///   rank(), size()           0 <= rank() < size()
///   allreduce_sum(numbers)   each becomes the sum over all ranks, the same bits on every one
///   broadcast(numbers, r)    those of rank r
///   barrier()                until all ranks are here
///   abort()                  lets the calls of all ranks throw, now and from now on
template <class C>
concept communicator = requires(C& c, std::span<double> numbers, std::size_t root) {
    { c.rank() } -> std::convertible_to<std::size_t>;
    { c.size() } -> std::convertible_to<std::size_t>;
    c.allreduce_sum(numbers);
    c.broadcast(numbers, root);
    c.barrier();
    c.abort();
};

/// Alone: all rows are here.
struct single_rank {
    [[nodiscard]] std::size_t rank() const noexcept { return 0; }
    [[nodiscard]] std::size_t size() const noexcept { return 1; }
    void allreduce_sum(std::span<double>) const noexcept {}
    void broadcast(std::span<double>, std::size_t) const noexcept {}
    void barrier() const noexcept {}
    void abort() const noexcept {}
};

namespace detail {

/// Where the threads of run_ranks meet.
class meeting_place {
public:
    explicit meeting_place(std::size_t n) : lent_(n) {}

    [[nodiscard]] std::size_t size() const noexcept { return lent_.size(); }

    /// What each rank lends the others between two waits.
    [[nodiscard]] std::span<double>& lent(std::size_t rank) noexcept { return lent_[rank]; }

    /// Throws aborted if a rank has failed, or does while the others wait.
    void wait() {
        std::unique_lock lock(guard_);
        auto const round = round_;
        if (!failed_ && ++n_here_ == lent_.size()) {
            n_here_ = 0;
            ++round_;
            changed_.notify_all();
        } else {
            changed_.wait(lock, [&] { return failed_ || round_ != round; });
        }
        if (failed_ && round_ == round) throw aborted("communicator: another rank has failed");
    }
    void fail() {
        std::lock_guard const lock(guard_);
        failed_ = true;
        changed_.notify_all();
    }

private:
    std::vector<std::span<double>> lent_;
    std::mutex guard_;
    std::condition_variable changed_;
    std::size_t n_here_ = 0;
    std::size_t round_ = 0;
    bool failed_ = false;
};

}  // namespace detail

/// A rank of run_ranks. Sums are taken in the order of ranks.
class thread_communicator {
public:
    thread_communicator(detail::meeting_place& place, std::size_t rank)
        : place_(&place), rank_(rank) {}

    [[nodiscard]] std::size_t rank() const noexcept { return rank_; }
    [[nodiscard]] std::size_t size() const noexcept { return place_->size(); }

    /// Throws invalid_input if another rank's span has another size; aborted.
    void allreduce_sum(std::span<double> numbers) {
        std::vector<double> sums(numbers.size());  // throws, if it does, before others read
        lend(numbers);
        for (std::size_t r = 0; r < size(); ++r) {
            auto const other = place_->lent(r);
            for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += other[i];
        }
        place_->wait();  // nobody reads any more
        std::copy(sums.begin(), sums.end(), numbers.begin());
    }
    /// Throws as allreduce_sum.
    void broadcast(std::span<double> numbers, std::size_t root) {
        lend(numbers);
        if (rank_ != root) {
            auto const from = place_->lent(root);
            std::copy(from.begin(), from.end(), numbers.begin());
        }
        place_->wait();
    }
    void barrier() { place_->wait(); }
    void abort() { place_->fail(); }

private:
    /// Every rank's numbers can be read until the next wait.
    void lend(std::span<double> numbers) {
        place_->lent(rank_) = numbers;
        place_->wait();
        for (std::size_t r = 0; r < size(); ++r) {
            if (place_->lent(r).size() == numbers.size()) continue;
            auto const text =
                detail::sentence("communicator: rank ", r, " has ", place_->lent(r).size(),
                                 " numbers but rank ", rank_, " has ", numbers.size());
            abort();
            throw invalid_input(text);
        }
    }

    detail::meeting_place* place_;
    std::size_t rank_;
};

static_assert(communicator<single_rank> && communicator<thread_communicator>);

/// f(communicator) on n threads of their own, until all are done.
/// Throws  invalid_input if n is 0; what f threw, of several ranks the lowest that was not merely
///         aborted because of another.
template <class F>
void run_ranks(std::size_t n, F const& f) {
    detail::check_at_least("run_ranks", "n", n, 1);
    detail::meeting_place place(n);
    struct end {
        std::exception_ptr failure, aborted_by_other;
    };
    std::vector<end> ends(n);
    {
        std::vector<std::jthread> threads;
        for (std::size_t r = 0; r < n; ++r) {
            threads.emplace_back([&, r] {
                try {
                    thread_communicator own(place, r);
                    f(own);
                } catch (aborted const&) {
                    ends[r].aborted_by_other = std::current_exception();
                    place.fail();
                } catch (...) {
                    ends[r].failure = std::current_exception();
                    place.fail();
                }
            });
        }
    }
    for (auto const& e : ends) {
        if (e.failure) std::rethrow_exception(e.failure);
    }
    for (auto const& e : ends) {
        if (e.aborted_by_other) std::rethrow_exception(e.aborted_by_other);
    }
}

}  // namespace copse
