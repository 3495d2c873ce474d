// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What is said when a device cannot be used, or a CUDA call fails. The sentences are functions of
/// plain numbers, so that they can be tested where there is no device.

#include <copse/core/errors.hpp>

#include <cuda_runtime_api.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace copse::detail {

/// CUDA's versions are 1000 * major + 10 * minor.
[[nodiscard]] inline std::string cuda_version(int version) {
    return sentence(version / 1000, ".", version % 1000 / 10);
}

/// What a machine offers: the driver's version (0: there is none), that of the runtime that the
/// program was built with, and how many devices there are, or why that could not be found out.
struct cuda_machine {
    int driver = 0;
    int runtime = 0;
    int n_devices = 0;
    std::string error{};
};

/// Why `device` cannot be used on this machine; empty if it can.
[[nodiscard]] inline std::string why_not(cuda_machine const& m, int device) {
    constexpr std::string_view instead = "; copse::tbb{} runs on the CPU and gives the same";
    if (device < 0) {
        return sentence("copse::cuda: device is ", device, "; it must be at least 0");
    }
    if (m.driver == 0) {
        return sentence("copse::cuda: this machine has no CUDA driver, so device ", device,
                        " cannot be used", instead);
    }
    if (m.driver / 1000 < m.runtime / 1000) {
        return sentence("copse::cuda: the driver is for CUDA ", cuda_version(m.driver),
                        " but the program was built with ", cuda_version(m.runtime),
                        "; install a newer driver", instead);
    }
    if (!m.error.empty()) {
        return sentence("copse::cuda: cudaGetDeviceCount: ", m.error, instead);
    }
    if (device >= m.n_devices) {
        return sentence("copse::cuda: device is ", device, " but this machine has ", m.n_devices,
                        instead);
    }
    return {};
}

/// A device's memory does not hold so much more.
[[nodiscard]] inline std::string too_little_memory(int device, std::size_t wanted, std::size_t free,
                                                   std::size_t total) {
    return sentence("copse::cuda: device ", device, " was asked for ", wanted, " bytes but has ",
                    free, " free of ", total,
                    "; fewer rows need less, and copse::tbb{} uses the host's memory");
}

/// Throws device_error, naming the call, unless `code` is success. The error is then forgotten by
/// the runtime, unless the device is lost.
inline void check_cuda(cudaError_t code, std::string_view call) {
    if (code == cudaSuccess) return;
    (void)cudaGetLastError();
    throw device_error(sentence("copse::cuda: ", call, ": ", cudaGetErrorString(code), " (",
                                cudaGetErrorName(code), ")"));
}

[[nodiscard]] inline cuda_machine this_machine() {
    cuda_machine m;
    check_cuda(cudaDriverGetVersion(&m.driver), "cudaDriverGetVersion");
    check_cuda(cudaRuntimeGetVersion(&m.runtime), "cudaRuntimeGetVersion");
    auto const code = cudaGetDeviceCount(&m.n_devices);
    if (code != cudaSuccess) {
        (void)cudaGetLastError();
        m.n_devices = 0;
        if (code != cudaErrorNoDevice) m.error = cudaGetErrorString(code);
    }
    return m;
}

}  // namespace copse::detail
