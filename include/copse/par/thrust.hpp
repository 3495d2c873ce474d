// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The Thrust backends on the CPU: copse::thrust<Tag> with Tag one of ::thrust::system::cpp::tag,
/// ::thrust::system::omp::tag (needs -fopenmp) and ::thrust::system::tbb::tag, also spelled
/// copse::thrust_cpp, copse::thrust_omp and copse::thrust_tbb. The only CPU header that includes
/// Thrust, and not part of <copse/copse.hpp>. Works with Thrust 1.17 (Debian) to 3.0 (CUDA 13).
///
/// Tags, not the `par` policies: Thrust runs several algorithms sequentially under
/// thrust::tbb::par but in parallel under thrust::tbb::tag{}.

#if !defined(THRUST_DEVICE_SYSTEM) && !defined(__CUDACC__)
#define THRUST_DEVICE_SYSTEM \
    4  // THRUST_DEVICE_SYSTEM_CPP: without nvcc there is no CUDA to default to
#endif

#include <copse/par/tbb.hpp>

#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/system/cpp/execution_policy.h>
#include <thrust/system/tbb/execution_policy.h>
#if defined(_OPENMP)
#include <omp.h>
#include <thrust/system/omp/execution_policy.h>
#endif

#include <concepts>
#include <type_traits>

namespace copse {

namespace detail {

template <class System>
inline constexpr bool is_thrust_tbb = std::same_as<System, ::thrust::system::tbb::tag>;
#if defined(_OPENMP)
template <class System>
inline constexpr bool is_thrust_omp = std::same_as<System, ::thrust::system::omp::tag>;

/// The calling thread's OpenMP team size while it lives; other threads keep theirs.
class omp_team_size {
public:
    explicit omp_team_size(int n) : before_(omp_get_max_threads()) { omp_set_num_threads(n); }
    ~omp_team_size() { omp_set_num_threads(before_); }
    omp_team_size(omp_team_size const&) = delete;
    omp_team_size& operator=(omp_team_size const&) = delete;

private:
    int before_;
};
#else
template <class System>
inline constexpr bool is_thrust_omp = false;
#endif

}  // namespace detail

template <class System>
struct thrust {
    static constexpr std::string_view name = detail::is_thrust_tbb<System>   ? "thrust<tbb>"
                                             : detail::is_thrust_omp<System> ? "thrust<omp>"
                                                                             : "thrust<cpp>";
    int n_jobs = -1;

    template <class F>
    decltype(auto) enter(F&& f) const {
        if constexpr (detail::is_thrust_tbb<System>) {
            return tbb{n_jobs}.enter(std::forward<F>(f));
        } else {
#if defined(_OPENMP)
            if (n_jobs > 0 && detail::is_thrust_omp<System>) {
                detail::omp_team_size const team(n_jobs);
                return f();
            }
#endif
            return f();
        }
    }
    [[nodiscard]] thrust inherited() const noexcept { return {}; }
    [[nodiscard]] std::size_t concurrency() const {
        if constexpr (detail::is_thrust_tbb<System>) {
            return tbb{n_jobs}.concurrency();
        } else {
#if defined(_OPENMP)
            if constexpr (detail::is_thrust_omp<System>) {
                if (omp_in_parallel()) return 1;
                return static_cast<std::size_t>(n_jobs > 0 ? n_jobs : omp_get_max_threads());
            }
#endif
            return 1;
        }
    }

    template <class F>
    void for_each_index(std::size_t n, F const& f) const {
        ::thrust::for_each_n(System{}, ::thrust::counting_iterator<std::size_t>(0), n, f);
    }
    /// Thrust has no task verb; its TBB system shares TBB's, the others go one after the other.
    template <class F, class G>
    void both(F&& f, G&& g) const {
        if constexpr (detail::is_thrust_tbb<System>) {
            tbb{}.both(std::forward<F>(f), std::forward<G>(g));
        } else {
            f();
            g();
        }
    }
    /// As tbb's, where Thrust's tasks are TBB's.
    template <class F>
    void isolate(F const& f) const {
        if constexpr (detail::is_thrust_tbb<System>) {
            tbb{}.isolate(f);
        } else {
            f();
        }
    }
};

using thrust_cpp = thrust<::thrust::system::cpp::tag>;
using thrust_tbb = thrust<::thrust::system::tbb::tag>;
static_assert(backend<thrust_cpp> && backend<thrust_tbb>);
#if defined(_OPENMP)
using thrust_omp = thrust<::thrust::system::omp::tag>;
static_assert(backend<thrust_omp>);
#endif

}  // namespace copse
