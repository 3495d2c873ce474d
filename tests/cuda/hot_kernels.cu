// SPDX-License-Identifier: BSD-3-Clause
/// The kernels whose machine code checks/device_code reads. Not part of any program.
#include <copse/cuda.hpp>
#include <copse/loss/log_loss.hpp>
#include <copse/tree/level_kernels.hpp>

namespace copse::detail {

template __global__ void run_block(add_items<gradient_sums>);
template __global__ void run_block(add_items<unit_gradient_sums>);
template __global__ void run_block(subtract_siblings<gradient_sums>);
template __global__ void run_block(find_level_cuts<gradient_sums>);
template __global__ void run_block(find_level_cuts<unit_gradient_sums>);
template __global__ void run_block(choose_level_cuts<gradient_sums>);
template __global__ void run_block(count_left<gradient_sums::item>);
template __global__ void run_block(scan_counts);
template __global__ void run_block(place_items<gradient_sums::item>);
template __global__ void run_block(add_leaf_values<gradient_sums::item>);
template __global__ void run_block(derive_items<gradient_sums, log_loss>);
template __global__ void run_block(quantise_items<gradient_sums>);
template __global__ void run_block(add_tree_values<float, quick_node_walk>);
template __global__ void run_block(add_tree_values<double, node_walk<double>>);
template __global__ void run_block(mean_tree_votes<float, quick_node_walk>);

}  // namespace copse::detail
