// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Tests of what runs on a device. Where there is none they say so, and check that the sentence
/// about it is what a user gets.
///
///     TEST_CASE("a sentence") {
///         on_a_device([](copse::detail::cuda_stream const& stream) { ...; });
///     }

#include <copse/cuda.hpp>

#include <doctest/doctest.h>

#include <string>

namespace copse::test {

/// f(stream) of device 0, if there is one.
template <class F>
void on_a_device(F const& f) {
    auto const reason = detail::why_not(detail::this_machine(), 0);
    if (reason.empty()) return f(detail::cuda_stream(cuda{}));
    MESSAGE("not run: " << reason);
    std::string said;
    try {
        detail::cuda_stream const stream{cuda{}};
    } catch (device_error const& e) {
        said = e.what();
    }
    CHECK(said == reason);
}

}  // namespace copse::test
