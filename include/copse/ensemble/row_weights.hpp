// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// How much each row counts in a tree: sample weight times class weight times how often the tree
/// drew it, as an integer, so that sums are the same in any order.

#include <copse/core/errors.hpp>
#include <copse/core/inputs.hpp>
#include <copse/ensemble/bootstrap.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace copse::detail {

/// Each row's weight before it is multiplied by how often a tree drew it, and their sum's scale.
class row_weights {
public:
    /// Sample weights times weights of codes' classes; all 1 if both are empty. Only ratios count,
    /// so each kind is brought below 1 by a power of two: no sum or product can overflow.
    /// Throws invalid_input, beginning with `who`, if nothing is left.
    row_weights(values_view sample_weight, std::vector<double> const& class_weight,
                std::vector<std::uint32_t> const& codes, std::size_t n, std::string_view who) {
        if (sample_weight.empty() && class_weight.empty()) return;
        auto const below_one = exponent_of_greatest(sample_weight);
        auto const class_below_one = exponent_of_greatest(class_weight);
        weight_.assign(n, 1.0);
        double total = 0;
        for (std::size_t i = 0; i < n; ++i) {
            if (!sample_weight.empty()) weight_[i] = std::ldexp(sample_weight[i], -below_one);
            if (!class_weight.empty())
                weight_[i] *= std::ldexp(class_weight[codes[i]], -class_below_one);
            total += weight_[i];
        }
        if (total == 0) {
            throw invalid_input(
                sentence(who, ": all ", n, " sample weights are 0 times class_weight"));
        }
    }
    /// Of the rows; empty if all are 1.
    [[nodiscard]] std::vector<double> const& values() const noexcept { return weight_; }
    [[nodiscard]] bool all_one() const noexcept { return weight_.empty(); }
    [[nodiscard]] double operator[](std::size_t i) const noexcept {
        return all_one() ? 1.0 : weight_[i];
    }
    /// For a tree that drew row i times[i] times.
    template <class Extra>
    [[nodiscard]] double scale(std::vector<std::uint8_t> const& times, Extra const& extra) const {
        double total = 0;
        for (std::size_t i = 0; i < times.size(); ++i) total += times[i] * (*this)[i] * extra(i);
        return weight_scale(total);
    }

private:
    /// The least e such that all values are below 2^e.
    [[nodiscard]] static int exponent_of_greatest(values_view values) {
        double greatest = 0;
        for (std::size_t i = 0; i < values.size(); ++i) greatest = std::max(greatest, values[i]);
        int exponent = 0;
        std::frexp(greatest, &exponent);
        return exponent;
    }

    std::vector<double> weight_;
};

/// f(i, weight) for each row in a tree's bag; its weight as an integer.
template <class Extra, class F>
void for_each_in_bag(row_weights const& weights, std::vector<std::uint8_t> const& times,
                     bool reweighted, Extra const& extra, F const& f) {
    if (weights.all_one() && !reweighted) {
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (times[i] > 0) f(static_cast<std::uint32_t>(i), std::uint32_t{times[i]});
        }
        return;
    }
    auto const scale = weights.scale(times, extra);
    for (std::size_t i = 0; i < times.size(); ++i) {
        auto const weight = times[i] * weights[i] * extra(i);
        if (weight > 0) f(static_cast<std::uint32_t>(i), integer_weight(weight, scale));
    }
}

}  // namespace copse::detail
