// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Where kernels run one after another, and the memory that they share. An algorithm of kernels is
/// written over these names, for any stream: host_stream runs it on a CPU backend, cuda/ on a
/// device, and the tests on blocks whose members are emulated one by one.
///
///     auto const cells = s.template buffer<int>(n);    n values that nobody has set
///     s.zero(cells.view())                             all bits 0
///     s.upload(from, cells.view())                     from the host's memory; `from` may go then
///     s.download(cells.view(), to)                     to the host's, and waits until it is there
///     s.for_each_block(n_blocks, bytes, kernel)        block.hpp; kernel is copied to the blocks
///     s.members()                                      size() of its blocks
///
/// What is asked for happens in order: a kernel sees what those before it wrote. Only download
/// waits. A stream is a cheap handle to copy; a buffer belongs to its stream and cannot be copied.

#include <copse/core/view.hpp>
#include <copse/par/backend.hpp>
#include <copse/par/block.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

namespace copse {

namespace archetype {

struct kernel {
    template <class Block>
    COPSE_FN void operator()(Block&) const {}
};

}  // namespace archetype

/// See the top of this file.
template <class S>
concept kernel_stream = std::copyable<S> &&
    requires(S const s, view<int> here, view<int const> host, view<int> to) {
    { s.template buffer<int>(1).view() } -> std::same_as<view<int>>;
    s.zero(here);
    s.upload(host, here);
    s.download(view<int const>(here), to);
    s.for_each_block(std::size_t{1}, std::size_t{1}, archetype::kernel{});
    { s.members() } -> std::same_as<std::size_t>;
};

/// Names a place whose stream it opens, as copse::cuda{} does. It is no backend: only what says so
/// runs there.
template <class D>
concept stream_handle = std::copyable<D> && requires(D const d) {
    { d.open_stream() } -> kernel_stream;
};

/// Where something runs that both a CPU and a device can do.
template <class P>
concept backend_or_device = stream_handle<P> || backend<P>;

/// n values of T where the kernels of S run.
template <class S, class T>
using buffer_of = decltype(std::declval<S const&>().template buffer<T>(0));

/// Runs kernel(block) for n_blocks blocks of the stream, after what was asked of it before.
template <kernel_stream S, class Kernel>
void for_each_block(S const& stream, std::size_t n_blocks, std::size_t scratch_bytes,
                    Kernel const& kernel) {
    stream.for_each_block(n_blocks, scratch_bytes, kernel);
}

/// Memory of the host, as a stream lends it.
template <class T>
class host_buffer {
public:
    static_assert(std::is_trivially_copyable_v<T>);

    host_buffer() = default;
    explicit host_buffer(std::size_t n) : data_(std::make_unique<T[]>(n)), size_(n) {}

    [[nodiscard]] copse::view<T> view() const noexcept { return {data_.get(), size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    std::unique_ptr<T[]> data_;
    std::size_t size_ = 0;
};

/// Kernels on a CPU backend: a block is a task, and memory is the host's.
template <backend B>
struct host_stream {
    B on{};

    [[nodiscard]] static constexpr std::size_t members() noexcept { return 1; }
    template <class T>
    [[nodiscard]] host_buffer<T> buffer(std::size_t n) const {
        return host_buffer<T>(n);
    }
    template <class T>
    void zero(view<T> here) const {
        std::memset(static_cast<void*>(here.data()), 0, here.size() * sizeof(T));
    }
    template <class T>
    void upload(view<T const> from, view<T> here) const {
        std::copy(from.begin(), from.end(), here.begin());
    }
    template <class T>
    void download(view<T const> here, view<T> to) const {
        std::copy(here.begin(), here.end(), to.begin());
    }
    template <class Kernel>
    void for_each_block(std::size_t n_blocks, std::size_t scratch_bytes,
                        Kernel const& kernel) const {
        copse::for_each_block(on, n_blocks, scratch_bytes, kernel);
    }
};

namespace detail {

/// A buffer of the stream that holds these values.
template <kernel_stream S, class Range>
[[nodiscard]] auto uploaded(S const& stream, Range const& values) {
    using T = std::remove_cvref_t<decltype(*values.data())>;
    auto out = stream.template buffer<T>(values.size());
    stream.upload(view<T const>(values.data(), values.size()), out.view());
    return out;
}

}  // namespace detail
}  // namespace copse
