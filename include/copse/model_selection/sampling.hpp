// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How a search chooses its trials.
///
///     {.sampling = random_sampling{}}     grid_sampling{}     sobol_sampling{}     bayesian{}
///
/// A trial's point is a function of the seed, of its number and, for bayesian, of what is known of
/// the trials before.

#include <copse/core/errors.hpp>
#include <copse/core/random.hpp>
#include <copse/model_selection/gaussian_process.hpp>
#include <copse/model_selection/parzen.hpp>
#include <copse/model_selection/sobol.hpp>
#include <copse/model_selection/space.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <variant>
#include <vector>

namespace copse {

/// Each trial draws anew.
struct random_sampling {
    bool operator==(random_sampling const&) const = default;
};

/// All combinations of options, the last parameter's changing fastest. For choice() alone: of
/// numbers there is no end.
struct grid_sampling {
    bool operator==(grid_sampling const&) const = default;
};

/// As even as possible: Sobol's sequence, shifted at random. Coordinates beyond the 21st are
/// random.
struct sobol_sampling {
    bool operator==(sobol_sampling const&) const = default;
};

/// What bayesian thinks of what it has seen.
enum class surrogate {
    parzen,           ///< densities of good and of other trials; any space (parzen.hpp)
    gaussian_process  ///< for up to 8 dimensions of numbers, without branches
};

/// From what was found so far, after n_startup trials at random.
struct bayesian {
    copse::surrogate surrogate = copse::surrogate::parzen;
    std::size_t n_startup = 10;
    std::size_t n_candidates = 24;  ///< parzen: for each parameter

    bool operator==(bayesian const&) const = default;
};

using sampling_rule = std::variant<random_sampling, grid_sampling, sobol_sampling, bayesian>;

namespace detail {

/// What can be wrong with a rule for a space.
template <class Trainer>
void check_sampling(std::string_view who, sampling_rule const& rule,
                    search_space<Trainer> const& space) {
    auto const& dims = space.dimensions();
    if (std::holds_alternative<grid_sampling>(rule)) {
        for (auto const& d : dims) {
            if (d.is_choice()) continue;
            throw invalid_input(sentence(who, ": grid_sampling needs choices, but parameter ",
                                         d.name,
                                         " is a distribution; name its values by choice()"));
        }
    }
    if (auto const* const model = std::get_if<bayesian>(&rule)) {
        if (model->n_candidates < 1) {
            throw invalid_input(sentence(who, ": n_candidates is ", model->n_candidates,
                                         "; it must be at least 1"));
        }
        if (model->surrogate != surrogate::gaussian_process) return;
        constexpr std::size_t most = 8;
        if (dims.empty() || dims.size() > most) {
            throw invalid_input(sentence(who, ": gaussian_process takes 1 to ", most,
                                         " parameters, but there are ", dims.size()));
        }
        for (auto const& d : dims) {
            if (!d.is_choice() && !d.only_if) continue;
            throw invalid_input(sentence(who, ": gaussian_process takes numbers, but parameter ",
                                         d.name, " is a choice or depends on one"));
        }
    }
}

/// All points of a grid, in order, `most` of them at most.
template <class Trainer>
void add_grid(search_space<Trainer> const& space, point& at, std::size_t d, std::size_t most,
              std::vector<point>& out) {
    if (out.size() >= most) return;
    if (d == space.size()) {
        out.push_back(at);
        return;
    }
    if (!space.counts(d, at)) {
        at[d] = std::numeric_limits<double>::quiet_NaN();
        return add_grid(space, at, d + 1, most, out);
    }
    for (std::size_t option = 0; option < space.dimensions()[d].n_options; ++option) {
        at[d] = static_cast<double>(option);
        add_grid(space, at, d + 1, most, out);
    }
}
template <class Trainer>
[[nodiscard]] std::vector<point> grid_of(search_space<Trainer> const& space, std::size_t most) {
    std::vector<point> out;
    point at(space.size());
    add_grid(space, at, 0, most, out);
    return out;
}

/// Where points are in the unit cube.
template <class Trainer>
[[nodiscard]] std::vector<double> coordinates_of(search_space<Trainer> const& space,
                                                 point const& at) {
    std::vector<double> out(at.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t d = 0; d < at.size(); ++d) {
        if (!std::isnan(at[d])) out[d] = space.dimensions()[d].share_below(at[d]);
    }
    return out;
}

/// The point of trial `trial` by any rule but the grid's. `seen` are the trials that it may know
/// of.
template <class Trainer>
[[nodiscard]] point drawn_point(search_space<Trainer> const& space, sampling_rule const& rule,
                                std::uint64_t random_state, std::size_t trial,
                                std::vector<observation> const& seen) {
    auto const draws = random_stream(random_state).split(purpose::trials).split(trial);
    auto const at_random = [&](std::size_t d) { return draws.uniform(d); };
    if (std::holds_alternative<sobol_sampling>(rule)) {
        auto const shift = random_stream(random_state).split(purpose::trials);
        return space.point_at([&](std::size_t d) {
            if (d >= sobol_dimensions) return at_random(d);
            auto const bits = sobol_bits(static_cast<std::uint32_t>(trial), d);
            return (bits ^ static_cast<std::uint32_t>(shift.bits(d) >> 32)) * 0x1p-32;
        });
    }
    auto const* const model = std::get_if<bayesian>(&rule);
    auto const n_done = std::ranges::count_if(seen, [](auto const& o) { return !o.is_running; });
    if (model == nullptr || trial < model->n_startup || n_done < 2)
        return space.point_at(at_random);
    if (model->surrogate == surrogate::gaussian_process) {
        std::vector<observation> whole;
        for (auto const& o : seen) {
            if (std::ranges::none_of(o.u, [](double u) { return std::isnan(u); }))
                whole.push_back(o);
        }
        if (std::ranges::all_of(whole, &observation::is_running)) return space.point_at(at_random);
        auto const u = next_by_process(whole, draws);
        return space.point_at([&](std::size_t d) { return u[d]; });
    }
    parted_observations const parted(seen);
    return space.point_at([&](std::size_t d) {
        return next_by_parzen(parted, d, space.dimensions()[d].n_options, model->n_candidates,
                              draws.split(d));
    });
}

}  // namespace detail
}  // namespace copse
