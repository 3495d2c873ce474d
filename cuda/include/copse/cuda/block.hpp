// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A block of the block layer (copse/par/block.hpp) as a CUDA thread block: members are threads,
/// scratch is shared memory, additions are integer atomics.

#include <copse/core/config.hpp>
#include <copse/core/view.hpp>
#include <copse/par/block.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#if !defined(__CUDACC__)
#error "copse: <copse/cuda.hpp> holds device code; compile this file with nvcc"
#endif

namespace copse::detail {

/// Kernels are __host__ __device__, so these are too; only a device runs them.
class cuda_block {
public:
    COPSE_FN explicit cuda_block(std::byte* memory) noexcept : memory_(memory) {}

#if defined(__CUDA_ARCH__)
    [[nodiscard]] COPSE_FN std::size_t id() const noexcept { return blockIdx.x; }
    [[nodiscard]] COPSE_FN std::size_t rank() const noexcept { return threadIdx.x; }
    [[nodiscard]] COPSE_FN std::size_t size() const noexcept { return blockDim.x; }
    COPSE_FN void sync() const noexcept { __syncthreads(); }
#else
    [[nodiscard]] COPSE_FN std::size_t id() const noexcept { return 0; }
    [[nodiscard]] COPSE_FN std::size_t rank() const noexcept { return 0; }
    [[nodiscard]] COPSE_FN std::size_t size() const noexcept { return 1; }
    COPSE_FN void sync() const noexcept {}
#endif

    /// As cpu_block's; shared memory is as large as the launch was asked to make it.
    template <class T>
    [[nodiscard]] COPSE_FN view<T> scratch(std::size_t n) {
        static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 16);
        auto const bytes = cpu_block::rounded(n * sizeof(T));
        auto* const words = reinterpret_cast<std::uint32_t*>(memory_ + used_);
        used_ += bytes;
        for (auto i = rank(); i < bytes / sizeof *words; i += size()) words[i] = 0;
        sync();
        return {reinterpret_cast<T*>(words), n};
    }

    /// One instruction, ATOMS.ADD. Wider or floating additions would be loops of compare-and-swap.
    template <std::integral T>
    COPSE_FN void add([[maybe_unused]] T& cell, std::type_identity_t<T> value) const noexcept {
        static_assert(sizeof(T) == 4, "copse: a device adds 32 bits at once to shared memory");
#if defined(__CUDA_ARCH__)
        // The address is a shared one, which the compiler must see: a generic atomic is slower.
        atomicAdd(reinterpret_cast<unsigned*>(&cell), static_cast<unsigned>(value));
#else
        cell = static_cast<T>(cell + value);
#endif
    }
    template <std::integral T>
    COPSE_FN void add_global(T& cell, std::type_identity_t<T> value) const noexcept {
        static_assert(sizeof(T) == 4 || sizeof(T) == 8);
#if defined(__CUDA_ARCH__)
        if constexpr (sizeof(T) == 4) {
            atomicAdd(reinterpret_cast<unsigned*>(&cell), static_cast<unsigned>(value));
        } else {
            atomicAdd(reinterpret_cast<unsigned long long*>(&cell),
                      static_cast<unsigned long long>(value));
        }
#else
        cell = static_cast<T>(cell + value);
#endif
    }

    template <class F>
    COPSE_FN void items(std::size_t first, std::size_t last, F const& f) const {
        for (auto i = first + rank(); i < last; i += size()) f(i);
    }
    /// Neighbouring members take neighbouring j: the bytes of a row, the bins of features apart.
    template <class F>
    COPSE_FN void items(std::size_t first, std::size_t last, std::size_t width, F const& f) const {
        auto const n = static_cast<std::uint32_t>(last - first) * static_cast<std::uint32_t>(width);
        auto const w = static_cast<std::uint32_t>(width);
        for (auto k = static_cast<std::uint32_t>(rank()); k < n;
             k += static_cast<std::uint32_t>(size()))
            f(first + k / w, std::size_t{k % w});
    }

private:
    std::byte* memory_;
    std::size_t used_ = 0;
};

/// Members of a block. Kernels are written for any number.
inline constexpr unsigned cuda_members = 256;

template <class Kernel>
__global__ void __launch_bounds__(cuda_members) run_block(Kernel const kernel) {
    extern __shared__ __align__(16) unsigned char copse_shared[];
    cuda_block block(reinterpret_cast<std::byte*>(copse_shared));
    kernel(block);
}

}  // namespace copse::detail
