// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// A handle of any CPU backend, so that code behind a virtual function can be given one.
///
///     any_backend const where = copse::tbb{.n_jobs = 4};
///     trainer->fit(x, y, where);                          // a virtual function
///
/// It is a backend like others: what is compiled for it runs wherever its handle says. A verb costs
/// an indirect call, and so does each index of for_each_index; an index is a unit of work that is
/// worth a task, a tree or a block of rows, so these nanoseconds are not seen.

#include <copse/par/backend.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace copse {

namespace detail {

/// A borrowed callable, whatever its type.
template <class... Args>
struct borrowed_call {
    void const* object;
    void (*run)(void const*, Args...);

    template <class F>
    [[nodiscard]] static borrowed_call of(F const& f) noexcept {
        return {&f, [](void const* to, Args... args) { (*static_cast<F const*>(to))(args...); }};
    }
    void operator()(Args... args) const { run(object, args...); }
};

}  // namespace detail

class any_backend {
public:
    static constexpr std::string_view name = "any";

    int n_jobs;  ///< the handle's, to look at

    template <class B>
    requires(!std::same_as<B, any_backend> && backend<B>) any_backend(B const& handle)
        : n_jobs(handle.n_jobs), held_(std::make_shared<holder_of<B> const>(handle)) {}

    template <class F>
    auto enter(F&& f) const -> std::invoke_result_t<F&> {
        using result = std::invoke_result_t<F&>;
        static_assert(!std::is_reference_v<result>);
        if constexpr (std::is_void_v<result>) {
            auto const run = [&f] { f(); };
            held_->enter(detail::borrowed_call<>::of(run));
        } else {
            std::optional<result> out;
            auto const run = [&f, &out] { out.emplace(f()); };
            held_->enter(detail::borrowed_call<>::of(run));
            return std::move(*out);
        }
    }
    [[nodiscard]] any_backend inherited() const { return held_->inherited(); }
    [[nodiscard]] std::size_t concurrency() const { return held_->concurrency(); }

    template <class F>
    void for_each_index(std::size_t n, F const& f) const {
        held_->for_each_index(n, detail::borrowed_call<std::size_t>::of(f));
    }
    template <class F, class G>
    void both(F&& f, G&& g) const {
        auto const first = [&f] { f(); };
        auto const second = [&g] { g(); };
        held_->both(detail::borrowed_call<>::of(first), detail::borrowed_call<>::of(second));
    }
    /// f() such that a thread that waits inside it takes up no work from outside it, where the
    /// handle has to see to that.
    template <class F>
    void isolate(F const& f) const {
        held_->isolate(detail::borrowed_call<>::of(f));
    }

private:
    struct holder {
        virtual ~holder() = default;
        virtual void enter(detail::borrowed_call<> f) const = 0;
        [[nodiscard]] virtual any_backend inherited() const = 0;
        [[nodiscard]] virtual std::size_t concurrency() const = 0;
        virtual void for_each_index(std::size_t n, detail::borrowed_call<std::size_t> f) const = 0;
        virtual void both(detail::borrowed_call<> f, detail::borrowed_call<> g) const = 0;
        virtual void isolate(detail::borrowed_call<> f) const = 0;
    };

    template <class B>
    struct holder_of final : holder {
        explicit holder_of(B const& b) : handle(b) {}
        void enter(detail::borrowed_call<> f) const override { handle.enter(f); }
        [[nodiscard]] any_backend inherited() const override { return handle.inherited(); }
        [[nodiscard]] std::size_t concurrency() const override { return handle.concurrency(); }
        void for_each_index(std::size_t n, detail::borrowed_call<std::size_t> f) const override {
            handle.for_each_index(n, f);
        }
        void both(detail::borrowed_call<> f, detail::borrowed_call<> g) const override {
            handle.both(f, g);
        }
        void isolate(detail::borrowed_call<> f) const override {
            if constexpr (requires { handle.isolate(f); }) {
                handle.isolate(f);
            } else {
                f();
            }
        }
        B handle;
    };

    std::shared_ptr<holder const> held_;
};

static_assert(backend<any_backend>);

}  // namespace copse
