// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// No limit has a name: `{.max_depth = unlimited}`.

#include <cstddef>
#include <limits>

namespace copse {

/// The largest count there is: "as many as it takes".
inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

}  // namespace copse
