// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The backend contract. A backend is a small copyable handle that says where work runs and how
/// much of the machine it may use. A CPU backend speaks four verbs; everything else is derived
/// from them (components.hpp, block.hpp, algorithms.hpp).
///
///   enter(f)                f() under the handle's n_jobs; what f starts stays inside. Inside,
///                           `inherited()` is the handle to pass on: same place, same bound.
///   concurrency()           how many threads may work at once here
///   for_each_index(n, f)    f(0), ..., f(n - 1), concurrently, in any order
///   both(f, g)              f() and g(), maybe at the same time
///
/// A verb returns when its work is done. f and g must not throw on a backend whose runtime cannot
/// carry exceptions (OpenMP): for_each_component is the verb for work that may throw.
///
///     copse::sequential{}                the calling thread
///     copse::tbb{.n_jobs = 4}            oneTBB, in an arena of its own; -1 (all) stays in the
///                                        caller's
///     copse::thrust<Tag>{.n_jobs = 4}    Thrust's cpp, omp or tbb system (par/thrust.hpp)

#include <copse/core/errors.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>

namespace copse {

namespace archetype {

struct action {
    void operator()() const {}
};
struct index_action {
    void operator()(std::size_t) const {}
};

}  // namespace archetype

namespace detail {

/// A device's handle, copse::cuda{}, is no backend: host code cannot run there. Asking whether it
/// is one ends compilation with a sentence, since compilers say too little of constraints. What
/// runs on devices asks whether it was given a stream_handle (kernel_stream.hpp) first.
template <class B>
struct not_a_device {
    static constexpr bool value = !requires(B const& handle) { handle.open_stream(); };
    static_assert(
        value,
        "copse: this does not run on a device yet; use copse::tbb{} here. copse::cuda{} is "
        "for fit of gradient_boosting_regressor and gradient_boosting_classifier, and for "
        "on_device(model, copse::cuda{}), which predicts");
};

}  // namespace detail

/// See the top of this file for what the verbs mean.
template <class B>
concept backend = std::copyable<B> && detail::not_a_device<B>::value &&
    requires(B const b, std::size_t n) {
    { B::name } -> std::convertible_to<std::string_view>;
    { b.n_jobs } -> std::convertible_to<int>;
    b.enter(archetype::action{});
    { b.inherited() } -> std::same_as<B>;
    { b.concurrency() } -> std::same_as<std::size_t>;
    b.for_each_index(n, archetype::index_action{});
    b.both(archetype::action{}, archetype::action{});
};

namespace detail {

/// Throws unless `backend.n_jobs` is -1 (all cores) or positive. `who` is the calling function.
template <backend B>
void check_n_jobs(B const& backend, std::string_view who) {
    if (backend.n_jobs == 0 || backend.n_jobs < -1) {
        throw invalid_input(sentence(who, ": n_jobs is ", backend.n_jobs,
                                     "; it must be -1 (all cores) or at least 1"));
    }
}

}  // namespace detail
}  // namespace copse
