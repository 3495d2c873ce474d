// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The kernel_stream of a CUDA device (copse/par/kernel_stream.hpp): a CUDA stream, a pool of its
/// memory that is given back when the last handle goes, and launches.
///
///     copse::detail::cuda_stream const stream(copse::cuda{.device = 0});
///     auto const cells = stream.buffer<int>(n);
///     stream.for_each_block(n_blocks, bytes, kernel);
///
/// The calling thread's current device is as it was after every call.

#include <copse/core/view.hpp>
#include <copse/cuda/block.hpp>
#include <copse/cuda/error.hpp>
#include <copse/par/kernel_stream.hpp>

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace copse {

namespace detail {
class cuda_stream;
}

/// A handle of a CUDA device: what is to run there is given one.
///
///     auto const model = copse::gradient_boosting_regressor{...}.fit(x, y, copse::cuda{});
///     auto const on_gpu = copse::on_device(model, copse::cuda{.device = 0});
struct cuda {
    static constexpr std::string_view name = "cuda";

    int device = 0;  ///< in the order of cudaGetDeviceProperties

    /// Throws device_error, saying why and what to use instead, if the device cannot be used.
    [[nodiscard]] detail::cuda_stream open_stream() const;
};

namespace detail {

/// The calling thread's current device while it lives.
class current_device {
public:
    explicit current_device(int device) {
        check_cuda(cudaGetDevice(&before_), "cudaGetDevice");
        check_cuda(cudaSetDevice(device), "cudaSetDevice");
    }
    ~current_device() { (void)cudaSetDevice(before_); }
    current_device(current_device const&) = delete;
    current_device& operator=(current_device const&) = delete;

private:
    int before_ = 0;
};

/// A stream and a pool, made and given back together.
class stream_and_pool {
public:
    /// Throws device_error if the device cannot be used.
    explicit stream_and_pool(int device) : device_(device) {
        auto const reason = why_not(this_machine(), device);
        if (!reason.empty()) throw device_error(reason);
        current_device const here(device);
        check_cuda(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking),
                   "cudaStreamCreateWithFlags");
        cudaMemPoolProps how{};
        how.allocType = cudaMemAllocationTypePinned;
        how.location.type = cudaMemLocationTypeDevice;
        how.location.id = device;
        auto code = cudaMemPoolCreate(&pool_, &how);
        // What is given back to the pool stays there: a level of a tree asks for what the last had.
        auto keep = std::numeric_limits<std::uint64_t>::max();
        if (code == cudaSuccess) {
            code = cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &keep);
        }
        if (code != cudaSuccess) {
            release();
            check_cuda(code, "cudaMemPoolCreate");
        }
    }
    ~stream_and_pool() { release(); }
    stream_and_pool(stream_and_pool const&) = delete;
    stream_and_pool& operator=(stream_and_pool const&) = delete;

    [[nodiscard]] int device() const noexcept { return device_; }
    [[nodiscard]] cudaStream_t stream() const noexcept { return stream_; }
    [[nodiscard]] cudaMemPool_t pool() const noexcept { return pool_; }

private:
    void release() noexcept {
        if (stream_ != nullptr) (void)cudaStreamSynchronize(stream_);
        if (pool_ != nullptr) (void)cudaMemPoolDestroy(pool_);
        if (stream_ != nullptr) (void)cudaStreamDestroy(stream_);
    }

    int device_;
    cudaStream_t stream_ = nullptr;
    cudaMemPool_t pool_ = nullptr;
};

/// n values in a device's memory, given back in the order of its stream.
template <class T>
class cuda_buffer {
public:
    static_assert(std::is_trivially_copyable_v<T>);

    cuda_buffer() = default;
    cuda_buffer(std::shared_ptr<stream_and_pool const> owner, std::size_t n)
        : owner_(std::move(owner)), size_(n) {
        if (n == 0) return;
        current_device const here(owner_->device());
        auto const bytes = n * sizeof(T);
        void* memory = nullptr;
        auto const code = cudaMallocFromPoolAsync(&memory, bytes, owner_->pool(), owner_->stream());
        if (code == cudaErrorMemoryAllocation) {
            (void)cudaGetLastError();
            std::size_t free = 0;
            std::size_t total = 0;
            check_cuda(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
            throw device_error(too_little_memory(owner_->device(), bytes, free, total));
        }
        check_cuda(code, "cudaMallocFromPoolAsync");
        data_ = static_cast<T*>(memory);
    }
    ~cuda_buffer() {
        if (data_ != nullptr) (void)cudaFreeAsync(data_, owner_->stream());
    }
    cuda_buffer(cuda_buffer&& other) noexcept { swap(other); }
    cuda_buffer& operator=(cuda_buffer&& other) noexcept {
        cuda_buffer(std::move(other)).swap(*this);
        return *this;
    }

    [[nodiscard]] copse::view<T> view() const noexcept { return {data_, size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    void swap(cuda_buffer& other) noexcept {
        std::swap(owner_, other.owner_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
    }

    std::shared_ptr<stream_and_pool const> owner_{};
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

class cuda_stream {
public:
    /// Throws device_error, saying why and what to use instead, if the device cannot be used.
    explicit cuda_stream(cuda where) : own_(std::make_shared<stream_and_pool>(where.device)) {}

    [[nodiscard]] static constexpr std::size_t members() noexcept { return cuda_members; }
    template <class T>
    [[nodiscard]] cuda_buffer<T> buffer(std::size_t n) const {
        return cuda_buffer<T>(own_, n);
    }
    template <class T>
    void zero(view<T> here) const {
        if (here.empty()) return;
        current_device const on(own_->device());
        check_cuda(cudaMemsetAsync(here.data(), 0, here.size() * sizeof(T), own_->stream()),
                   "cudaMemsetAsync");
    }
    /// Pageable memory is staged before the call returns, so that `from` may go.
    template <class T>
    void upload(view<T const> from, view<T> here) const {
        copy(here.data(), from.data(), from.size() * sizeof(T), cudaMemcpyHostToDevice);
    }
    template <class T>
    void download(view<T const> here, view<T> to) const {
        copy(to.data(), here.data(), here.size() * sizeof(T), cudaMemcpyDeviceToHost);
        check_cuda(cudaStreamSynchronize(own_->stream()), "cudaStreamSynchronize");
    }
    template <class Kernel>
    void for_each_block(std::size_t n_blocks, std::size_t scratch_bytes,
                        Kernel const& kernel) const {
        static_assert(std::is_trivially_copyable_v<Kernel>, "copse: a kernel is copied to blocks");
        if (n_blocks == 0) return;
        constexpr std::size_t most_blocks = std::numeric_limits<std::int32_t>::max();
        if (n_blocks > most_blocks) {
            throw device_error(sentence("copse::cuda: a launch has ", n_blocks,
                                        " blocks; it may have ", most_blocks));
        }
        current_device const on(own_->device());
        auto const code =
            cudaFuncSetAttribute(run_block<Kernel>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                 static_cast<int>(scratch_bytes));
        if (code != cudaSuccess) {
            (void)cudaGetLastError();
            throw device_error(sentence("copse::cuda: a block needs ", scratch_bytes,
                                        " bytes of shared memory, which device ", own_->device(),
                                        " does not give: ", cudaGetErrorString(code)));
        }
        run_block<<<static_cast<unsigned>(n_blocks), cuda_members, scratch_bytes, own_->stream()>>>(
            kernel);
        check_cuda(cudaGetLastError(), "launching a kernel");
    }

    [[nodiscard]] int device() const noexcept { return own_->device(); }

private:
    void copy(void* to, void const* from, std::size_t bytes, cudaMemcpyKind kind) const {
        if (bytes == 0) return;
        current_device const on(own_->device());
        check_cuda(cudaMemcpyAsync(to, from, bytes, kind, own_->stream()), "cudaMemcpyAsync");
    }

    std::shared_ptr<stream_and_pool const> own_;
};

static_assert(kernel_stream<cuda_stream>);

}  // namespace detail

inline detail::cuda_stream cuda::open_stream() const { return detail::cuda_stream(*this); }

static_assert(stream_handle<cuda>);

}  // namespace copse
