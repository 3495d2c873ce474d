// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The block layer: kernels that need private scratch. A block is a team that shares scratch
/// memory: on the CPU one task with a thread's own memory and plain adds, on CUDA a thread block
/// with shared memory and integer atomics. A kernel written over these names runs on both.
///
///   b.id()                     which block
///   b.rank(), b.size()         which member of it, of how many (0 of 1 on the CPU)
///   b.sync()                   all members are here
///   b.template scratch<T>(n)   n values of T, zeroed, private to the block; all members ask for it
///   b.add(cell, v)             cell += v, cell in scratch
///   b.add_global(cell, v)      cell += v, cell anywhere; integers only, so order cannot matter
///   b.items(first, last, f)    f(i) for the items of the range, shared out among the members
///   b.items(first, last, width, f)    f(i, j) for each i of the range and each j of [0, width)
///
/// All members must come to the same sync()s, those inside scratch and the verbs of block_verbs.hpp
/// included. On a device T of add is 32 bits wide: wider atomics on shared memory are loops.
///
///     struct count_bins {                                // a histogram, once for CPU and GPU
///         view<std::uint8_t const> bins;
///         view<std::uint32_t> out;
///         std::size_t per_block;
///         template <class Block>
///         COPSE_FN void operator()(Block& b) const {
///             auto mine = b.template scratch<std::uint32_t>(256);
///             auto const first = b.id() * per_block;
///             auto const last = least(first + per_block, bins.size());
///             b.items(first, last, [&](std::size_t i) { b.add(mine[bins[i]], 1u); });
///             b.sync();
///             b.items(0, 256, [&](std::size_t i) { b.add_global(out[i], mine[i]); });
///         }
///     };
///     for_each_block(backend, n_blocks, bytes, count_bins{...});

#include <copse/core/view.hpp>
#include <copse/par/backend.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <vector>

namespace copse {

/// A block on a CPU: one member, memory borrowed from the thread that runs it.
class cpu_block {
public:
    cpu_block(std::size_t id, view<std::byte> memory) noexcept : id_(id), memory_(memory) {}

    [[nodiscard]] std::size_t id() const noexcept { return id_; }
    [[nodiscard]] static constexpr std::size_t rank() noexcept { return 0; }
    [[nodiscard]] static constexpr std::size_t size() noexcept { return 1; }
    static constexpr void sync() noexcept {}

    /// The next n values of the block's memory, zeroed. All of a kernel's scratch together must fit
    /// in the bytes that for_each_block was given, each piece rounded up to 64.
    template <class T>
    [[nodiscard]] view<T> scratch(std::size_t n) {
        static_assert(std::is_trivially_copyable_v<T>);
        auto const bytes = rounded(n * sizeof(T));
        COPSE_ASSERT(used_ + bytes <= memory_.size());
        auto* const at = memory_.data() + used_;
        used_ += bytes;
        std::memset(at, 0, n * sizeof(T));
        return {std::launder(reinterpret_cast<T*>(at)), n};
    }

    template <class T>
    void add(T& cell, std::type_identity_t<T> value) const noexcept {
        cell = static_cast<T>(cell + value);
    }
    template <std::integral T>
    void add_global(T& cell, std::type_identity_t<T> value) const noexcept {
        std::atomic_ref<T>(cell).fetch_add(value, std::memory_order_relaxed);
    }
    template <class F>
    void items(std::size_t first, std::size_t last, F const& f) const {
        for (auto i = first; i < last; ++i) f(i);
    }
    template <class F>
    void items(std::size_t first, std::size_t last, std::size_t width, F const& f) const {
        for (auto i = first; i < last; ++i) {
            for (std::size_t j = 0; j < width; ++j) f(i, j);
        }
    }

    [[nodiscard]] COPSE_FN static constexpr std::size_t rounded(std::size_t bytes) noexcept {
        return (bytes + 63) / 64 * 64;
    }

private:
    std::size_t id_;
    std::size_t used_ = 0;
    view<std::byte> memory_;
};

/// Runs kernel(block) for n_blocks blocks, each with scratch_bytes of private memory (sum of its
/// pieces, each rounded up to 64 bytes).
template <backend B, class Kernel>
void for_each_block(B const& backend, std::size_t n_blocks, std::size_t scratch_bytes,
                    Kernel const& kernel) {
    if constexpr (requires { backend.for_each_block(n_blocks, scratch_bytes, kernel); }) {
        backend.for_each_block(n_blocks, scratch_bytes, kernel);
    } else {
        struct alignas(64) line {
            std::byte bytes[64];
        };
        backend.for_each_index(n_blocks, [&](std::size_t id) {
            // A thread keeps its memory between blocks and launches: most are many and small.
            thread_local std::vector<line> memory;
            auto own = std::move(memory);  // a nested launch on this thread takes fresh memory
            own.resize(std::max(own.size(), scratch_bytes / 64 + 1));
            cpu_block block(id, {own.front().bytes, own.size() * 64});
            kernel(block);
            memory = std::move(own);
        });
    }
}

}  // namespace copse
