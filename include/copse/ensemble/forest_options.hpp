// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What the four forest trainers have in common on their public face: how many features a node is
/// offered, how classes weigh, and what else a fit can be given.

#include <copse/core/class_weights.hpp>
#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/core/progress.hpp>
#include <copse/ensemble/validation_set.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace copse {

/// How many of d features each node is offered: a number, or a rule that gives at least 1.
///
///     .max_features = 5     feature_count::sqrt()     feature_count::fraction(0.3)
class feature_count {
public:
    template <std::integral Int>
    constexpr feature_count(Int n) : rule_(rule::number), value_(static_cast<double>(n)) {}

    [[nodiscard]] static constexpr feature_count sqrt() { return {rule::sqrt, 0}; }
    [[nodiscard]] static constexpr feature_count log2() { return {rule::log2, 0}; }
    /// f * d, f in (0, 1].
    [[nodiscard]] static constexpr feature_count fraction(double f) { return {rule::fraction, f}; }
    [[nodiscard]] static constexpr feature_count all() { return {rule::fraction, 1}; }

    /// Of d features. Throws invalid_input, beginning with `who`, unless the number is in 1..d and
    /// the fraction in (0, 1].
    [[nodiscard]] std::size_t of(std::size_t d, std::string_view who) const {
        auto const n = static_cast<double>(d);
        if (rule_ == rule::number && !(value_ >= 1 && value_ <= n)) {
            throw invalid_input(detail::sentence(who, ": max_features is ", value_,
                                                 "; it must be in 1..", d, ", the columns of x"));
        }
        if (rule_ == rule::fraction && !(value_ > 0 && value_ <= 1)) {
            throw invalid_input(detail::sentence(who, ": max_features is the fraction ", value_,
                                                 "; it must be in (0, 1]"));
        }
        double const count = rule_ == rule::number ? value_
                             : rule_ == rule::sqrt ? std::sqrt(n)
                             : rule_ == rule::log2 ? std::log2(n)
                                                   : value_ * n;
        return std::max(std::size_t{1}, static_cast<std::size_t>(count));
    }

    bool operator==(feature_count const&) const = default;

private:
    enum class rule { number, sqrt, log2, fraction };
    constexpr feature_count(rule r, double value) : rule_(r), value_(value) {}

    rule rule_;
    double value_;
};

/// How many rows a bootstrap sample draws from n: a number, or a fraction of them.
class sample_count {
public:
    template <std::integral Int>
    constexpr sample_count(Int n) : value_(static_cast<double>(n)) {}
    [[nodiscard]] static constexpr sample_count fraction(double f) {
        sample_count out(0);
        out.value_ = f;
        out.is_fraction_ = true;
        return out;
    }
    [[nodiscard]] static constexpr sample_count all() { return fraction(1); }

    [[nodiscard]] constexpr bool is_all() const noexcept { return is_fraction_ && value_ == 1; }
    [[nodiscard]] std::size_t of(std::size_t n, std::string_view who) const {
        auto const rows = static_cast<double>(n);
        if (is_fraction_ ? !(value_ > 0 && value_ <= 1) : !(value_ >= 1 && value_ <= rows)) {
            auto const accepted = is_fraction_ ? std::string("(0, 1]") : detail::sentence("1..", n);
            throw invalid_input(detail::sentence(who, ": max_samples is ",
                                                 is_fraction_ ? "the fraction " : "", value_,
                                                 "; it must be in ", accepted));
        }
        return std::max(std::size_t{1}, static_cast<std::size_t>(
                                            is_fraction_ ? std::round(value_ * rows) : value_));
    }

    bool operator==(sample_count const&) const = default;

private:
    double value_;
    bool is_fraction_ = false;
};

class shared_bins;
class forest_classifier;

/// What else a forest's fit can be given. `Model` is what it returns.
template <class Model>
struct forest_fit_options {
    using targets =
        std::conditional_t<std::same_as<Model, forest_classifier>, labels_view, values_view>;

    values_view sample_weight{};  ///< n numbers >= 0; a row of weight 0 is left out
    /// What on_iteration is told of: of the trees so far, what each of `metrics` says of each set.
    std::vector<validation_set<targets>> validation{};
    std::vector<typename validation_set<targets>::metric> metrics{};
    Model const* warm_start = nullptr;  ///< begin with its trees; grow only those it lacks
    /// After each tree, in their order.
    std::function<void(progress const&)> on_iteration{};
    std::stop_token stop{};  ///< asked between trees; fit then throws copse::stopped
    /// Learn from these rows of x alone, increasing; none means all. y and sample_weight are of all
    /// rows. Not with out-of-bag results.
    std::span<std::size_t const> rows{};
    shared_bins const* bins = nullptr;  ///< of x, shared with other fits
};

}  // namespace copse
