# SPDX-License-Identifier: BSD-3-Clause
# copse::thrust: what <copse/par/thrust.hpp> needs to compile. Included by the build and by the
# installed package. There is no such target where Thrust is not found.
#
# Looked for: COPSE_THRUST_INCLUDE_DIR if the user sets it, the CCCL of a CUDA toolkit, then the
# system (Debian's libthrust-dev). Thrust's CPU systems need neither nvcc nor a GPU.

include_guard(DIRECTORY)

set(copse_cuda_roots ${CUDAToolkit_ROOT} $ENV{CUDA_PATH} $ENV{CUDA_HOME} /usr/local/cuda)
list(TRANSFORM copse_cuda_roots APPEND /include/cccl)
find_path(COPSE_THRUST_INCLUDE_DIR thrust/for_each.h HINTS ${copse_cuda_roots}
          DOC "The folder that holds thrust/for_each.h")
unset(copse_cuda_roots)

if(COPSE_THRUST_INCLUDE_DIR AND NOT TARGET copse::thrust)
    add_library(copse::thrust INTERFACE IMPORTED GLOBAL)
    target_include_directories(copse::thrust SYSTEM INTERFACE ${COPSE_THRUST_INCLUDE_DIR})
    # The default system of thrust::device: without nvcc there is no CUDA to default to.
    target_compile_definitions(copse::thrust INTERFACE
        $<$<COMPILE_LANGUAGE:CXX>:THRUST_DEVICE_SYSTEM=THRUST_DEVICE_SYSTEM_CPP>)
    target_link_libraries(copse::thrust INTERFACE TBB::tbb)
    if(NOT DEFINED COPSE_OPENMP OR COPSE_OPENMP)
        find_package(OpenMP QUIET COMPONENTS CXX)
        if(TARGET OpenMP::OpenMP_CXX)
            target_link_libraries(copse::thrust INTERFACE OpenMP::OpenMP_CXX)
        endif()
    endif()
endif()

if(TARGET copse::thrust AND TARGET OpenMP::OpenMP_CXX)
    set(copse_thrust_status "${COPSE_THRUST_INCLUDE_DIR} (cpp, tbb and omp)")
elseif(TARGET copse::thrust)
    set(copse_thrust_status "${COPSE_THRUST_INCLUDE_DIR} (cpp and tbb)")
else()
    set(copse_thrust_status "not found, so no copse::thrust target")
endif()
if(NOT copse_FIND_QUIETLY)
    message(STATUS "copse: Thrust: ${copse_thrust_status}")
endif()
unset(copse_thrust_status)
