// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a leaf of a boosted tree is worth, from its sums of gradients and Hessians:
///
///     leaf value   w = -T(G) / (H + l2),  T(G) = sign(G) max(0, |G| - l1)
///     score        T(G)^2 / (H + l2)
///
/// A leaf may not go beyond max_delta_step, nor beyond what monotonic features allow, and is drawn
/// towards its parent's value by path smoothing; then the score is that of the value it has,
/// -(2 T(G) w + (H + l2) w^2).
///
/// T. Chen, C. Guestrin, "XGBoost: A Scalable Tree Boosting System", KDD 2016, equations (5) to
/// (7), where scores are halved. Everything is in integer units (gradient_sums.hpp): products feed
/// only divisions or exact_product, so that scores do not depend on compiler or device.

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>
#include <copse/tree/gradient_sums.hpp>
#include <copse/tree/split_search.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

namespace copse::detail {

/// What shrinks leaves and forbids small ones.
struct gradient_rules {
    double l1 = 0;
    double l2 = 0;
    double max_delta_step = std::numeric_limits<double>::infinity();
    double path_smooth = 0;
    double category_smooth = 0;    ///< draws a category's place to the node's mean, as so much H
    double category_handicap = 0;  ///< how many times the gain of chance is not counted
};

/// Values of leaves and scores of splits from sums, in integer units.
class leaf_formula {
public:
    leaf_formula() = default;
    leaf_formula(gradient_rules const& rules, gradient_units const& units)
        : l1_(rules.l1 * units.per_gradient),
          l2_(rules.l2 * units.per_hessian),
          step_(rules.max_delta_step * units.hessian * units.per_gradient),
          smooth_(rules.path_smooth),
          to_value_(units.gradient * units.per_hessian) {}

    /// No more than T(G)^2 / (H + l2) is asked for.
    [[nodiscard]] bool plain() const noexcept {
        return smooth_ == 0 && step_ == std::numeric_limits<double>::infinity();
    }
    [[nodiscard]] COPSE_FN double plain_score(gradient_total const& t) const noexcept {
        auto const g = shrunk(t.gradient);
        auto const h = weight_of(t.hessian);
        return h > 0 ? g * g / h : 0;
    }
    /// T(G) and H + l2.
    [[nodiscard]] COPSE_FN double shrunk(std::int64_t gradient) const noexcept {
        auto const g = static_cast<double>(gradient);
        if (l1_ == 0) return g;
        return g > l1_ ? g - l1_ : g < -l1_ ? g + l1_ : 0;
    }
    [[nodiscard]] COPSE_FN double weight_of(std::uint64_t hessian) const noexcept {
        return static_cast<double>(static_cast<std::int64_t>(hessian)) + l2_;
    }
    [[nodiscard]] double l1() const noexcept { return l1_; }
    [[nodiscard]] double l2() const noexcept { return l2_; }
    /// A leaf's value in integer units, without regard to its parent and bounds.
    [[nodiscard]] COPSE_FN double unsmoothed(gradient_total const& t) const noexcept {
        auto const h = weight_of(t.hessian);
        return h > 0 ? clamped(-shrunk(t.gradient) / h, -step_, step_) : 0;
    }
    /// A leaf's value in integer units, within the bounds (in the same units).
    [[nodiscard]] double value(gradient_total const& t, double parent,
                               value_bounds bounds) const noexcept {
        double w = unsmoothed(t);
        if (smooth_ > 0) {
            auto const n = static_cast<double>(t.count);
            w = exact_product(w, n / (n + smooth_)) +
                exact_product(parent, smooth_ / (n + smooth_));
        }
        return clamped(w, bounds.lower, bounds.upper);
    }
    [[nodiscard]] double score_of_value(gradient_total const& t, double w) const noexcept {
        auto const h = weight_of(t.hessian);
        return -(exact_product(exact_product(2.0, shrunk(t.gradient)), w) +
                 exact_product(exact_product(h, w), w));
    }
    /// A value in the loss's units.
    [[nodiscard]] double restored(double w) const noexcept { return w * to_value_; }

private:
    double l1_ = 0;
    double l2_ = 0;
    double step_ = 0;
    double smooth_ = 0;
    double to_value_ = 1;
};

}  // namespace copse::detail
