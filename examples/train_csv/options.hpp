// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What the command line says.

#include <copse/data/target.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

struct options {
    std::string data;    // CSV to train on
    std::string target;  // its column; empty: the last
    copse::task_kind task = copse::task_kind::automatic;
    std::string test;  // CSV to judge on; empty: a fifth of the rows of `data`
    std::string model = "random_forest";
    std::string backend = "tbb";
    std::string metric;   // empty: the usual one for the task
    std::string save;     // where the model goes
    std::string load;     // a model to predict with
    std::string predict;  // CSV to predict
    std::string out;      // where predictions go; empty: standard output
    std::size_t trees = 200;
    std::size_t tune = 0;  // runs of a search for hyper-parameters; 0: none
    double automl = 60;    // seconds of a fit of the model of that name
    std::uint64_t seed = 0;
    int n_jobs = -1;
};

/// Asks CLI11. Exits with a usage text if the command line is not one.
[[nodiscard]] options parse(int argc, char** argv);
