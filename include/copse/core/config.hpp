// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The two macros of copse.
///
/// COPSE_FN marks a function that may run on a device: nothing for a C++ compiler,
/// `__host__ __device__` for nvcc. It changes where a function can run, never what it does.
/// COPSE_ASSERT checks the library's own promises; users' mistakes throw instead (errors.hpp).

#include <cassert>

#if defined(__CUDACC__)
#define COPSE_FN __host__ __device__
#else
#define COPSE_FN
#endif

#define COPSE_ASSERT(condition) assert(condition)
