// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What boosting minimises. A loss of one row compares its target y with its raw score, the sum of
/// the trees; your own is a small type like copse's:
///
///     struct log_cosh_loss {
///         copse::derivatives at(double y, double raw) const {
///             double const t = std::tanh(raw - y);
///             return {t, 1 - t * t};
///         }
///         double value(double y, double raw) const { return std::log(std::cosh(raw - y)); }
///         bool operator==(log_cosh_loss const&) const = default;
///     };
///
/// The contract is pointwise_loss below. softmax.hpp and lambdarank.hpp hold the two losses that
/// look at more than one raw score.

#include <copse/core/errors.hpp>
#include <copse/core/view.hpp>
#include <copse/loss/link.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string_view>

namespace copse {

/// Of a loss with respect to the raw score. The Hessian is at least 0, and may be an upper bound of
/// the second derivative that makes steps safer; a loss says so.
struct derivatives {
    double gradient = 0;
    double hessian = 0;

    bool operator==(derivatives const&) const = default;
};

/// A loss whose rows have one target and one raw score each. Required:
///
///     derivatives at(double y, double raw) const
///                        of one row that weighs 1; finite for every legal y and finite raw
///     double value(double y, double raw) const
///                        what is reported, and what early stopping watches; smaller is better
///     ==, copies         a model remembers its loss
///
/// Optional, with the default in brackets:
///
///     static constexpr link_function prediction = link_function::log   [link_function::identity]
///                        how a prediction follows from a raw score; link.hpp
///     double initial_raw(view<double const> y, view<double const> weight) const     [0]
///                        where boosting starts: the constant that minimises the sum of
///                        weight[i] value(y[i], constant). An empty weight means ones. Sums
///                        run over the rows in order
///     bool accepts(double y) const                   [finite y]
///     static constexpr std::string_view domain       with accepts: ends the sentence of the
///                        invalid_input thrown, "poisson_loss needs targets of at least 0"
///     void check(std::string_view who) const         [nothing]
///                        throws invalid_input, beginning with `who`, unless the loss's own
///                        parameters make sense
///     static constexpr bool unit_hessian             [false]
///                        the Hessian is 1 for every row: trainers need not sum it
///     double leaf_quantile() const                   [leaves are Newton steps]
///                        once a tree's shape is found, its leaves get this quantile of their rows'
///                        residuals y - raw (Friedman 2001, algorithm 3)
///
/// Members are const and called from many threads at once. Those of copse use shared arithmetic
/// only (core/math.hpp), so their bits are the same on every compiler and device.
///
/// Source  J. Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", The Annals of
///         Statistics 29:1189-1232, 2001; second derivatives: T. Chen and C. Guestrin, "XGBoost: A
///         Scalable Tree Boosting System", KDD 2016, eq. (3).
template <class L>
concept pointwise_loss = std::copyable<L> && std::equality_comparable<L> &&
    requires(L const& loss, double y, double raw) {
    { loss.at(y, raw) } -> std::same_as<derivatives>;
    { loss.value(y, raw) } -> std::convertible_to<double>;
};

/// Its Hessian is 1 for every row.
template <class L>
inline constexpr bool has_unit_hessian = false;

/// Its leaves are quantiles of residuals.
template <class L>
concept renews_leaves = requires(L const& loss) {
    { loss.leaf_quantile() } -> std::convertible_to<double>;
};

// The optional members or their defaults.

template <class L>
inline constexpr link_function link_of = link_function::identity;

template <class L>
[[nodiscard]] double initial_raw_of(L const& loss, view<double const> y, view<double const> weight);

template <class L>
[[nodiscard]] bool accepts_target(L const& loss, double y);

/// Throws invalid_input, beginning with `who`, if the loss has parameters that make no sense.
template <class L>
void check_loss(std::string_view who, L const& loss);

/// Throws invalid_input, beginning with `who`, at the first target that is not legal.
template <class L>
void check_targets(std::string_view who, L const& loss, view<double const> y);

// ------------------------------------------------------------------ implementation below

template <class L>
requires requires { L::unit_hessian; }
inline constexpr bool has_unit_hessian<L> = L::unit_hessian;

template <class L>
requires requires { L::prediction; }
inline constexpr link_function link_of<L> = L::prediction;

template <class L>
double initial_raw_of(L const& loss, view<double const> y, view<double const> weight) {
    if constexpr (requires { loss.initial_raw(y, weight); }) {
        return loss.initial_raw(y, weight);
    } else {
        return 0;
    }
}

template <class L>
bool accepts_target(L const& loss, double y) {
    if constexpr (requires { loss.accepts(y); }) {
        return std::isfinite(y) && loss.accepts(y);
    } else {
        return std::isfinite(y);
    }
}

template <class L>
void check_loss(std::string_view who, L const& loss) {
    if constexpr (requires { loss.check(who); }) loss.check(who);
}

template <class L>
void check_targets(std::string_view who, L const& loss, view<double const> y) {
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (accepts_target(loss, y[i])) continue;
        std::string_view domain = "targets must be finite";
        if constexpr (requires { L::domain; }) {
            if (std::isfinite(y[i])) domain = L::domain;
        }
        auto const found = std::isnan(y[i]) ? "NaN" : detail::sentence(y[i]);
        throw invalid_input(detail::sentence(who, ": y is ", found, " at row ", i, "; ", domain));
    }
}

}  // namespace copse
