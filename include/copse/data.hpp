// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Data from files: separated text, SVMlight, npy, idx. Compressed files need zlib, and so a header
/// of their own: <copse/data/gzip.hpp>, <copse/data/npz.hpp>.

#include <copse/data/csr.hpp>
#include <copse/data/csv.hpp>
#include <copse/data/dataset.hpp>
#include <copse/data/file.hpp>
#include <copse/data/idx.hpp>
#include <copse/data/npy.hpp>
#include <copse/data/svmlight.hpp>
#include <copse/data/target.hpp>
