// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A device that is not there: blocks of several members, run on the CPU one member at a time. A
/// member runs until it comes to a sync(); the next goes on when the one before waits. So between
/// two syncs no member sees what those after it do, and a kernel that forgot a sync() gives a wrong
/// answer under some order. Orders are part of the stream:
///
///     emulated_stream const stream{.size = 5, .order = member_order::backwards};
///     stream.for_each_block(n_blocks, bytes, kernel);
///     for_each_emulated_stream([&](emulated_stream const& stream) { ... });
///
/// Memory is as a device's: neither buffers nor scratch are zero before somebody sets them. Members
/// are threads that take turns, which sanitizers understand; fibers would need their help.

#include <copse/par/block.hpp>
#include <copse/par/kernel_stream.hpp>
#include <copse/par/sequential.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <deque>
#include <exception>
#include <new>
#include <numeric>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <vector>

namespace copse::test {

/// Who goes first between two syncs, and which block first.
enum class member_order { forwards, backwards, shuffled };

/// Members are not all at the same sync: some left the kernel, or some are at another.
class members_part : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// Members that take turns: one thread goes on, the others wait for theirs.
class team {
public:
    team(std::size_t members, member_order order)
        : order_(order), n_syncs_(members), left_(members) {
        for (std::size_t rank = 0; rank < members; ++rank) turn_.emplace_back(0);
    }

    /// f(block, rank) for every member of one block after another; f may call sync(rank). Throws
    /// members_part, and what f throws.
    template <class F>
    void run(std::vector<std::size_t> const& blocks, F const& f) {
        std::vector<std::thread> threads;
        for (std::size_t rank = 0; rank < turn_.size(); ++rank) {
            threads.emplace_back([this, rank, &blocks, &f] {
                for (auto const block : blocks) {
                    turn_[rank].acquire();
                    try {
                        f(block, rank);
                    } catch (...) {
                        thrown_ = std::current_exception();
                    }
                    left_[rank] = true;
                    back_.release();
                }
            });
        }
        bool parted = false;
        for (std::size_t k = 0; k < blocks.size(); ++k) {
            std::fill(left_.begin(), left_.end(), false);
            std::fill(n_syncs_.begin(), n_syncs_.end(), std::size_t{0});
            for (std::size_t phase = 0; !all_left(); ++phase) {
                for (auto const rank : turns(phase)) {
                    if (left_[rank]) continue;
                    turn_[rank].release();
                    back_.acquire();
                }
                // Those that are left go on, each to its end, so that the threads can be joined.
                parted = parted || !together();
            }
        }
        for (auto& t : threads) t.join();
        if (thrown_) std::rethrow_exception(thrown_);
        if (parted) throw members_part("the members of a block are not all at the same sync()");
    }
    /// Waits until all others are here.
    void sync(std::size_t rank) {
        ++n_syncs_[rank];
        back_.release();
        turn_[rank].acquire();
    }

private:
    /// The members in this phase's order.
    [[nodiscard]] std::vector<std::size_t> turns(std::size_t phase) const {
        auto const n = turn_.size();
        std::vector<std::size_t> out(n);
        for (std::size_t k = 0; k < n; ++k) {
            out[k] = order_ == member_order::forwards    ? k
                     : order_ == member_order::backwards ? n - 1 - k
                                                         : (k + 7 * phase) % n;
        }
        if (order_ == member_order::shuffled && phase % 2 == 1)
            std::reverse(out.begin(), out.end());
        return out;
    }
    [[nodiscard]] bool all_left() const {
        return std::all_of(left_.begin(), left_.end(), [](auto l) { return l != 0; });
    }
    /// All have come to as many syncs, and none or all have left.
    [[nodiscard]] bool together() const {
        auto const same = [](auto const& all) {
            return std::all_of(all.begin(), all.end(), [&](auto x) { return x == all.front(); });
        };
        return same(left_) && same(n_syncs_);
    }

    member_order order_;
    std::deque<std::binary_semaphore> turn_{};
    std::binary_semaphore back_{0};
    std::vector<std::size_t> n_syncs_;  // that each has come to
    std::vector<char> left_;            // the kernel
    std::exception_ptr thrown_{};
};

/// One member of an emulated block.
class emulated_block {
public:
    emulated_block(std::size_t id, std::size_t rank, std::size_t size, team& others,
                   view<std::byte> memory) noexcept
        : id_(id), rank_(rank), size_(size), team_(others), memory_(memory) {}

    [[nodiscard]] std::size_t id() const noexcept { return id_; }
    [[nodiscard]] std::size_t rank() const noexcept { return rank_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    void sync() { team_.sync(rank_); }

    template <class T>
    [[nodiscard]] view<T> scratch(std::size_t n) {
        static_assert(std::is_trivially_copyable_v<T>);
        auto const bytes = cpu_block::rounded(n * sizeof(T));
        if (used_ + bytes > memory_.size()) throw std::logic_error("scratch is used up");
        auto* const at = memory_.data() + used_;
        used_ += bytes;
        for (auto i = rank_; i < n * sizeof(T); i += size_) at[i] = std::byte{0};
        sync();
        return {std::launder(reinterpret_cast<T*>(at)), n};
    }
    template <class T>
    void add(T& cell, std::type_identity_t<T> value) const noexcept {
        static_assert(sizeof(T) == 4, "a device adds 32 bits at once to shared memory");
        cell = static_cast<T>(cell + value);
    }
    template <std::integral T>
    void add_global(T& cell, std::type_identity_t<T> value) const noexcept {
        std::atomic_ref<T>(cell).fetch_add(value, std::memory_order_relaxed);
    }
    template <class F>
    void items(std::size_t first, std::size_t last, F const& f) const {
        for (auto i = first + rank_; i < last; i += size_) f(i);
    }
    template <class F>
    void items(std::size_t first, std::size_t last, std::size_t width, F const& f) const {
        for (auto k = rank_; k < (last - first) * width; k += size_)
            f(first + k / width, k % width);
    }

private:
    std::size_t id_;
    std::size_t rank_;
    std::size_t size_;
    team& team_;
    std::size_t used_ = 0;
    view<std::byte> memory_;
};

/// A kernel_stream of such blocks.
struct emulated_stream {
    std::size_t size = 4;  ///< members of a block
    member_order order = member_order::forwards;

    [[nodiscard]] std::size_t members() const noexcept { return size; }
    template <class T>
    [[nodiscard]] host_buffer<T> buffer(std::size_t n) const {
        host_buffer<T> out(n);
        std::memset(static_cast<void*>(out.view().data()), 0xa5, n * sizeof(T));
        return out;
    }
    template <class T>
    void zero(view<T> here) const {
        host_stream<sequential>{}.zero(here);
    }
    template <class T>
    void upload(view<T const> from, view<T> here) const {
        host_stream<sequential>{}.upload(from, here);
    }
    template <class T>
    void download(view<T const> here, view<T> to) const {
        host_stream<sequential>{}.download(here, to);
    }
    template <class Kernel>
    void for_each_block(std::size_t n_blocks, std::size_t scratch_bytes,
                        Kernel const& kernel) const {
        struct alignas(64) line {
            std::byte bytes[64];
        };
        std::vector<std::size_t> ids(n_blocks);
        std::iota(ids.begin(), ids.end(), std::size_t{0});
        if (order == member_order::backwards) std::reverse(ids.begin(), ids.end());
        std::vector<line> memory((scratch_bytes + 63) / 64);
        auto const bytes = view<std::byte>(memory.empty() ? nullptr : memory.front().bytes,
                                           memory.size() * sizeof(line));
        team all(size, order);
        all.run(ids, [&](std::size_t id, std::size_t rank) {
            emulated_block block(id, rank, size, all, bytes);
            kernel(block);
        });
    }
};

/// Its handle, to fit with as with copse::cuda{}.
struct emulated_device {
    emulated_stream stream{};

    [[nodiscard]] emulated_stream open_stream() const { return stream; }
};

/// f(stream) for blocks of one, of several and of many members, in every order.
template <class F>
void for_each_emulated_stream(F const& f) {
    for (std::size_t const members : {1u, 5u, 32u}) {
        for (auto const order :
             {member_order::forwards, member_order::backwards, member_order::shuffled}) {
            f(emulated_stream{members, order});
        }
    }
}

/// The same for fewer, where f launches many kernels: a turn costs microseconds.
template <class F>
void for_some_emulated_streams(F const& f) {
    f(emulated_stream{5, member_order::forwards});
    f(emulated_stream{4, member_order::backwards});
    f(emulated_stream{7, member_order::shuffled});
}

}  // namespace copse::test
