// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Gradients and Hessians as integers, and how they add up. Boosting asks of a set of rows no more
/// than the sums of the loss's first and second derivatives and the number of rows; as integers
/// these sums do not depend on the order of addition, on how rows were shared out, or on SIMD.
///
///     auto const units = gradient_sums::units_for(n_rows, most_gradient, most_hessian);
///     gradient_sums::quantise(item, units);
///     gradient_sums::add(sum, gradient_sums::cell_of(item, units.count_bits));
///
/// Overflow. With c = bit_width(n), a count of at most n < 2^c rows takes c bits. |g| <= 2^30 and
/// n <= 2^30, so gradients sum to at most 2^60. Hessians are below 2^b with b = min(30, 64 - 2c),
/// so they sum to less than 2^(b + c) <= 2^(64 - c): they fit above the count in one 64-bit word.
/// Where all Hessians are 1 a word holds the gradients above the count, and |g| <= 2^b, b = min(30,
/// 63 - 2c), sum to at most 2^(63 - c).
///
/// Units are powers of two, so that rounding is the only error: at most half of 2^-b of the largest
/// derivative of any row, 2^-24 for a million rows, where LightGBM's quantised training keeps 2 to
/// 5 bits. Y. Shi et al., "Quantized Training of Gradient Boosting Decision Trees", NeurIPS 2022.

#include <copse/core/config.hpp>
#include <copse/core/math.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace copse::detail {

/// What one unit of an integer gradient and Hessian is worth, and where the count ends.
struct gradient_units {
    double gradient = 1;      ///< a power of two
    double hessian = 1;       ///< a power of two
    int count_bits = 31;      ///< low bits of a packed word
    double per_gradient = 1;  ///< 1 / gradient
    double per_hessian = 1;
    double noise = 0;  ///< the squared gradients' sum over the Hessians', in units of score()

    gradient_units() = default;
    /// For n rows whose largest derivatives these are; `hessian_bits` and `gradient_bits` as above.
    gradient_units(std::size_t n, double most_gradient, double most_hessian, int gradient_bits,
                   int hessian_bits)
        : count_bits(static_cast<int>(std::bit_width(n))) {
        gradient = unit_of(most_gradient, gradient_bits);
        hessian = unit_of(most_hessian, hessian_bits);
        per_gradient = 1 / gradient;
        per_hessian = 1 / hessian;
    }

    /// Splits are scored as G^2 / H in integers; a score times this is in units of the loss.
    [[nodiscard]] double score() const noexcept { return gradient * gradient / hessian; }

    /// The least power of two u such that most / u <= 2^bits.
    [[nodiscard]] static double unit_of(double most, int bits) noexcept {
        if (!(most > 0)) return 1;
        int exponent = 0;
        auto const fraction = std::frexp(most, &exponent);  // most = fraction * 2^exponent
        if (fraction == 0.5) --exponent;
        return std::ldexp(1.0, std::max(exponent - bits, -500));
    }
};

/// The nearest integer to x, |x| < 2^51; of two, the even one. Without a call, so that loops over
/// rows are vectorised.
[[nodiscard]] COPSE_FN inline std::int64_t nearest(double x) noexcept {
    constexpr double shift = 0x1.8p52;  // where doubles are integers
    return static_cast<std::int64_t>(bits_as<std::uint64_t>(x + shift) -
                                     bits_as<std::uint64_t>(shift));
}

/// Sums of a set of rows.
struct gradient_total {
    std::int64_t gradient = 0;
    std::uint64_t hessian = 0;
    std::uint64_t count = 0;
};

/// Any loss: the gradient in one word, the Hessian and the count in another.
struct gradient_sums {
    struct item {
        std::uint32_t row;
        std::int32_t gradient;
        std::uint32_t hessian;
    };
    struct alignas(16) cell {
        std::int64_t gradient = 0;
        std::uint64_t rest = 0;  // hessian << count_bits | count
    };
    static constexpr bool unit_hessian = false;

    [[nodiscard]] static gradient_units units_for(std::size_t n, double most_gradient,
                                                  double most_hessian) {
        auto const count_bits = static_cast<int>(std::bit_width(n));
        return {n, most_gradient, most_hessian, gradient_bits, hessian_bits(count_bits)};
    }
    static constexpr int gradient_bits = 30;
    [[nodiscard]] static int hessian_bits(int count_bits) noexcept {
        return std::min(30, 64 - 2 * count_bits);
    }
    /// A row whose derivatives are still floats; quantise() makes them integers.
    [[nodiscard]] COPSE_FN static item unquantised(std::uint32_t row, double g, double h) noexcept {
        return {row, bits_as<std::int32_t>(static_cast<float>(g)),
                bits_as<std::uint32_t>(static_cast<float>(h))};
    }
    COPSE_FN static void quantise(item& i, gradient_units const& units) noexcept {
        auto const g = static_cast<double>(bits_as<float>(i.gradient));
        auto const h = static_cast<double>(bits_as<float>(i.hessian));
        i.gradient = static_cast<std::int32_t>(nearest(g * units.per_gradient));
        i.hessian = static_cast<std::uint32_t>(nearest(h * units.per_hessian));
    }
    [[nodiscard]] COPSE_FN static cell cell_of(item const& i, int count_bits) noexcept {
        return {i.gradient, std::uint64_t{i.hessian} << count_bits | 1u};
    }
    /// A row as it is added to one cell after another. In one register of 16 bytes: a quarter
    /// faster than two additions of 8, which compilers leave apart.
    class addend {
    public:
        addend(item const& i, int count_bits) noexcept : addend(cell_of(i, count_bits)) {}
#if defined(__GNUC__)
        void add_to(cell& to) const noexcept {
            auto sum = both_;  // nvcc loses the attribute in a cast
            std::memcpy(&sum, &to, sizeof sum);
            sum += both_;
            std::memcpy(static_cast<void*>(&to), &sum, sizeof sum);
        }

    private:
        // Unsigned, because the upper word uses all of its bits.
        typedef std::uint64_t both __attribute__((vector_size(16)));
        explicit addend(cell const& c) noexcept
            : both_{static_cast<std::uint64_t>(c.gradient), c.rest} {}
        both both_;
#else
        void add_to(cell& to) const noexcept { add(to, cell_); }

    private:
        explicit addend(cell const& c) noexcept : cell_(c) {}
        cell cell_;
#endif
    };
    COPSE_FN static void add(cell& to, cell const& more) noexcept {
        to.gradient += more.gradient;
        to.rest += more.rest;
    }
    COPSE_FN static void subtract(cell& from, cell const& part) noexcept {
        from.gradient -= part.gradient;
        from.rest -= part.rest;
    }
    [[nodiscard]] COPSE_FN static bool empty(cell const& c) noexcept { return c.rest == 0; }
    [[nodiscard]] COPSE_FN static gradient_total total_of(cell const& c, int count_bits) noexcept {
        return {c.gradient, c.rest >> count_bits, c.rest & ((std::uint64_t{1} << count_bits) - 1)};
    }
};

/// Losses whose Hessian is 1 for every row: it is the count.
struct unit_gradient_sums {
    struct item {
        std::uint32_t row;
        std::int32_t gradient;
    };
    using cell = std::int64_t;  // gradient << count_bits, plus the count
    static constexpr bool unit_hessian = true;

    [[nodiscard]] static gradient_units units_for(std::size_t n, double most_gradient, double) {
        auto const count_bits = static_cast<int>(std::bit_width(n));
        gradient_units units(n, most_gradient, 1, gradient_bits(count_bits), 0);
        units.hessian = units.per_hessian = 1;
        return units;
    }
    [[nodiscard]] static int gradient_bits(int count_bits) noexcept {
        return std::min(30, 63 - 2 * count_bits);
    }
    [[nodiscard]] COPSE_FN static item unquantised(std::uint32_t row, double g, double) noexcept {
        return {row, bits_as<std::int32_t>(static_cast<float>(g))};
    }
    COPSE_FN static void quantise(item& i, gradient_units const& units) noexcept {
        auto const g = static_cast<double>(bits_as<float>(i.gradient));
        i.gradient = static_cast<std::int32_t>(nearest(g * units.per_gradient));
    }
    [[nodiscard]] COPSE_FN static cell cell_of(item const& i, int count_bits) noexcept {
        return (std::int64_t{i.gradient} << count_bits) + 1;
    }
    class addend {
    public:
        addend(item const& i, int count_bits) noexcept : value_(cell_of(i, count_bits)) {}
        void add_to(cell& to) const noexcept { to += value_; }

    private:
        cell value_;
    };
    COPSE_FN static void add(cell& to, cell more) noexcept { to += more; }
    COPSE_FN static void subtract(cell& from, cell part) noexcept { from -= part; }
    [[nodiscard]] COPSE_FN static bool empty(cell c) noexcept { return c == 0; }
    [[nodiscard]] COPSE_FN static gradient_total total_of(cell c, int count_bits) noexcept {
        auto const count = static_cast<std::uint64_t>(c) & ((std::uint64_t{1} << count_bits) - 1);
        return {c >> count_bits, count, count};
    }
};

}  // namespace copse::detail
