# SPDX-License-Identifier: BSD-3-Clause
# find_package(copse) gives copse::copse, and copse::thrust where Thrust is found.

include(CMakeFindDependencyMacro)
find_dependency(TBB CONFIG)
include(${CMAKE_CURRENT_LIST_DIR}/copse_targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/copse_thrust.cmake)
