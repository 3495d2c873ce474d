// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What a hyper-parameter may be. Each distribution is its quantile function, so that numbers of
/// [0, 1), however they were chosen, make values: random ones, a Sobol sequence's, a model's.
///
///     choice(15, 31, 63)        one of these, of any type
///     randint(10)               0, ..., 9             randint(1, 10)        1, ..., 9
///     uniform(0, 1)             [0, 1]                quniform(0, 1, 0.1)   its multiples of 0.1
///     loguniform(1e-3, 1)       exp(uniform(log 1e-3, log 1)): these are the bounds of values
///     loguniform_exponents(a, b)  the same from e^a to e^b, as HyperDrive and hyperopt name it
///     normal(m, s)   lognormal(m, s)                  the logarithm of the latter is normal(m, s)
///     qloguniform   qnormal   qlognormal   qloguniform_exponents: rounded to multiples of q
///
/// Rounding is to the nearest multiple, which may lie outside the bounds by less than q / 2.

#include <copse/core/errors.hpp>
#include <copse/core/math.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace copse {

/// A distribution of numbers. A value; made by the functions below, which throw invalid_input for
/// bounds that are not increasing, or not finite, or not positive where a logarithm is taken, and
/// for a sigma or q that is not positive.
class distribution {
public:
    enum class shape { flat, normal };

    /// The value below which a share of u of the values lies; u in [0, 1).
    [[nodiscard]] double at(double u) const;
    /// A u of which at() is the value, in the middle of them if there are many; in [0, 1].
    [[nodiscard]] double share_below(double value) const;

    /// Whether all values are whole numbers.
    [[nodiscard]] bool is_whole() const noexcept { return step_ > 0 && step_ == std::floor(step_); }
    [[nodiscard]] bool is_continuous() const noexcept { return step_ == 0; }

    bool operator==(distribution const&) const = default;

    /// For the functions below.
    [[nodiscard]] static distribution made(std::string_view who, shape of, double a, double b,
                                           bool exponential, double step);
    [[nodiscard]] static distribution integers(std::string_view who, std::int64_t low,
                                               std::int64_t high);

private:
    distribution() = default;

    shape shape_ = shape::flat;
    double a_ = 0;              // least, or mean
    double b_ = 1;              // greatest, or sigma
    bool exponential_ = false;  // the value is exp of it
    bool is_integer_ = false;   // of [a_, b_), rounded down
    double step_ = 0;           // values are rounded to its multiples; 0: not at all
};

[[nodiscard]] inline distribution randint(std::int64_t upper) {
    return distribution::integers("randint", 0, upper);
}
/// low, ..., high - 1.
[[nodiscard]] inline distribution randint(std::int64_t low, std::int64_t high) {
    return distribution::integers("randint", low, high);
}
[[nodiscard]] inline distribution uniform(double least, double greatest) {
    return distribution::made("uniform", distribution::shape::flat, least, greatest, false, 0);
}
[[nodiscard]] inline distribution loguniform_exponents(double least, double greatest) {
    return distribution::made("loguniform_exponents", distribution::shape::flat, least, greatest,
                              true, 0);
}
[[nodiscard]] inline distribution normal(double mean, double sigma) {
    return distribution::made("normal", distribution::shape::normal, mean, sigma, false, 0);
}
/// `mean` and `sigma` are those of the logarithm.
[[nodiscard]] inline distribution lognormal(double mean, double sigma) {
    return distribution::made("lognormal", distribution::shape::normal, mean, sigma, true, 0);
}
[[nodiscard]] distribution loguniform(double least, double greatest);

[[nodiscard]] distribution quniform(double least, double greatest, double q);
[[nodiscard]] distribution qloguniform(double least, double greatest, double q);
[[nodiscard]] distribution qloguniform_exponents(double least, double greatest, double q);
[[nodiscard]] distribution qnormal(double mean, double sigma, double q);
[[nodiscard]] distribution qlognormal(double mean, double sigma, double q);

/// Options to choose from.
template <class Value>
struct choices {
    std::vector<Value> options{};
};

/// One of these, all as likely. Numbers of several types become those of the common type; string
/// literals become std::string.
template <class... Values>
requires(sizeof...(Values) > 0) [[nodiscard]] auto choice(Values const&... values) {
    using common = std::common_type_t<std::decay_t<Values>...>;
    using value =
        std::conditional_t<std::convertible_to<common, std::string_view>, std::string, common>;
    return choices<value>{{static_cast<value>(values)...}};
}
template <class Value>
[[nodiscard]] choices<Value> choice(std::vector<Value> options) {
    if (options.empty()) throw invalid_input("choice: there are 0 options; it needs at least 1");
    return {std::move(options)};
}

// ------------------------------------------------------------------ implementation below

namespace detail {

[[nodiscard]] inline double normal_share(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// The z with normal_share(z) == p, p in (0, 1), to about 1e-15: a rational start and two steps of
/// Newton's method. M. Abramowitz, I. Stegun, "Handbook of Mathematical Functions", 1964, 26.2.23.
[[nodiscard]] inline double normal_quantile(double p) {
    auto const lower = std::min(p, 1 - p);
    auto const t = std::sqrt(-2 * log_of(lower));
    auto z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
    for (int step = 0; step < 3; ++step) {
        auto const density = exp_of(-z * z / 2) * 0.39894228040143267794;
        auto const off = (normal_share(z) - lower) / density;
        z -= off / (1 + z * off / 2);  // Halley's correction
    }
    return p < 0.5 ? z : -z;
}

}  // namespace detail

inline distribution distribution::made(std::string_view who, shape of, double a, double b,
                                       bool exponential, double step) {
    using detail::sentence;
    if (!std::isfinite(a) || !std::isfinite(b)) {
        throw invalid_input(sentence(who, ": is given ", a, " and ", b, "; they must be finite"));
    }
    if (of == shape::flat && !(a < b)) {
        throw invalid_input(
            sentence(who, ": least is ", a, " and greatest ", b, "; they must increase"));
    }
    if (of == shape::normal && !(b > 0)) {
        throw invalid_input(sentence(who, ": sigma is ", b, "; it must be greater than 0"));
    }
    distribution out;
    out.shape_ = of;
    out.a_ = a;
    out.b_ = b;
    out.exponential_ = exponential;
    out.step_ = step;
    return out;
}
inline distribution distribution::integers(std::string_view who, std::int64_t low,
                                           std::int64_t high) {
    auto out =
        made(who, shape::flat, static_cast<double>(low), static_cast<double>(high), false, 1);
    out.is_integer_ = true;
    return out;
}

inline double distribution::at(double u) const {
    // A normal's ends are cut off where one in 2^40 lies beyond: values are finite.
    constexpr double tail = 0x1p-40;
    auto value = shape_ == shape::flat
                     ? a_ + u * (b_ - a_)
                     : a_ + b_ * detail::normal_quantile(std::clamp(u, tail, 1 - tail));
    if (is_integer_) return std::min(std::floor(value), b_ - 1);
    if (exponential_) value = exp_of(value);
    return step_ > 0 ? std::round(value / step_) * step_ : value;
}

inline double distribution::share_below(double value) const {
    if (is_integer_) value += 0.5;
    if (exponential_) value = value > 0 ? log_of(value) : -std::numeric_limits<double>::max();
    auto const share =
        shape_ == shape::flat ? (value - a_) / (b_ - a_) : detail::normal_share((value - a_) / b_);
    return std::clamp(share, 0.0, 1.0);
}

namespace detail {

[[nodiscard]] inline double checked_step(std::string_view who, double q) {
    if (!(q > 0) || !std::isfinite(q)) {
        throw invalid_input(sentence(who, ": q is ", q, "; it must be greater than 0 and finite"));
    }
    return q;
}
[[nodiscard]] inline distribution log_between(std::string_view who, double least, double greatest,
                                              double step) {
    if (!(least > 0 && least < greatest)) {
        throw invalid_input(sentence(who, ": least is ", least, " and greatest ", greatest,
                                     "; they must increase and be greater than 0"));
    }
    return distribution::made(who, distribution::shape::flat, log_of(least), log_of(greatest), true,
                              step);
}

}  // namespace detail

inline distribution loguniform(double least, double greatest) {
    return detail::log_between("loguniform", least, greatest, 0);
}
inline distribution quniform(double least, double greatest, double q) {
    return distribution::made("quniform", distribution::shape::flat, least, greatest, false,
                              detail::checked_step("quniform", q));
}
inline distribution qloguniform(double least, double greatest, double q) {
    return detail::log_between("qloguniform", least, greatest,
                               detail::checked_step("qloguniform", q));
}
inline distribution qloguniform_exponents(double least, double greatest, double q) {
    constexpr std::string_view who = "qloguniform_exponents";
    return distribution::made(who, distribution::shape::flat, least, greatest, true,
                              detail::checked_step(who, q));
}
inline distribution qnormal(double mean, double sigma, double q) {
    return distribution::made("qnormal", distribution::shape::normal, mean, sigma, false,
                              detail::checked_step("qnormal", q));
}
inline distribution qlognormal(double mean, double sigma, double q) {
    return distribution::made("qlognormal", distribution::shape::normal, mean, sigma, true,
                              detail::checked_step("qlognormal", q));
}

}  // namespace copse
