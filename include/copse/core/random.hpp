// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Random numbers drawn by index, not in sequence: the i-th number of a stream is a function
/// of the seed, of what the stream is for, and of i, so it does not matter who draws first.
///
///     auto const draws = random_stream(seed).split(tree).split(node);
///     auto const feature = draws.below(n_features, 3);       // the fourth draw of that node
///
/// G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014:
/// the mixing function is their variant 13 (D. Stafford). Deviation: streams are split by key.

#include <copse/core/config.hpp>

#include <cstdint>

namespace copse {

/// What a stream is for. Streams of different purposes never share a number.
enum class purpose : std::uint64_t {
    bootstrap = 1,
    features,
    thresholds,
    permutation,
    rows,
    split,
    folds,
    trials,
    dropout
};

class random_stream {
public:
    COPSE_FN constexpr explicit random_stream(std::uint64_t seed) noexcept : key_(mix(seed)) {}

    /// An independent stream for each index.
    [[nodiscard]] COPSE_FN constexpr random_stream split(std::uint64_t index) const noexcept {
        return from_key(mix(key_ ^ mix(index + golden)));
    }
    [[nodiscard]] COPSE_FN constexpr random_stream split(purpose use) const noexcept {
        return split(static_cast<std::uint64_t>(use) << 56);
    }

    /// The i-th 64 random bits.
    [[nodiscard]] COPSE_FN constexpr std::uint64_t bits(std::uint64_t i) const noexcept {
        return mix(key_ + golden * (i + 1));
    }

    /// The i-th number of [0, n), n >= 1. The bias is below n / 2^32.
    /// D. Lemire, "Fast Random Integer Generation in an Interval", TOMACS 2019, without rejection.
    [[nodiscard]] COPSE_FN constexpr std::uint32_t below(std::uint32_t n,
                                                         std::uint64_t i) const noexcept {
        return static_cast<std::uint32_t>(((bits(i) >> 32) * n) >> 32);
    }

    /// The i-th number of [0, 1): 53 bits.
    [[nodiscard]] COPSE_FN constexpr double uniform(std::uint64_t i) const noexcept {
        return static_cast<double>(bits(i) >> 11) * 0x1p-53;
    }

    [[nodiscard]] COPSE_FN constexpr std::uint64_t key() const noexcept { return key_; }

    /// The stream whose key() was `key`.
    [[nodiscard]] COPSE_FN static constexpr random_stream from_key(std::uint64_t key) noexcept {
        random_stream stream{0};
        stream.key_ = key;
        return stream;
    }

private:
    static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;

    COPSE_FN static constexpr std::uint64_t mix(std::uint64_t z) noexcept {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    std::uint64_t key_;
};

}  // namespace copse
