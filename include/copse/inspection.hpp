// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Looking into models.

#include <copse/inspection/export_dot.hpp>
#include <copse/inspection/export_text.hpp>
