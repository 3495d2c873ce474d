#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes sklearn_trees.hpp: what scikit-learn's decision trees say of a small data set, once with classes
and once with values for targets.

    python3 tests/data/sklearn_trees.py > tests/data/sklearn_trees.hpp

Needs numpy and scikit-learn (made with 1.9.1). Only settings under which ties do not decide are
kept: 20 random states, which order the features differently, must give one and the same answer.
"""

import numpy as np
import sklearn
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


def grid(n, d, seed):
    """Whole numbers 0..15 from Knuth's MMIX generator."""
    state = seed
    out = np.zeros((n, d), dtype=int)
    for i in range(n):
        for j in range(d):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            out[i, j] = (state >> 33) % 16
    return out


def numbers(values):
    return ", ".join(str(v) for v in values)


def reals(values):
    return ", ".join(f"{v:.10g}" for v in values)


def answer(make, x, y):
    """One answer for all random states, or None."""
    found = None
    for state in range(20):
        tree = make(state).fit(x, y)
        this = (tree.get_n_leaves(), tree.get_depth(), tuple(np.round(tree.predict(x), 10)),
                tuple(np.round(tree.feature_importances_, 10)))
        if found is not None and this[:3] != found[:3]:
            return None
        if found is not None and not np.allclose(this[3], found[3]):
            return None
        found = this
    return tree.get_n_leaves(), tree.get_depth(), tree.predict(x), tree.feature_importances_


def print_cases(name, maker, criteria, x, y):
    print(f"inline std::vector<reference> const {name}{{")
    settings = [dict(), dict(max_depth=2), dict(max_depth=3), dict(max_depth=4),
                dict(min_samples_leaf=5), dict(min_samples_leaf=9),
                dict(min_samples_split=30), dict(max_leaf_nodes=4), dict(max_leaf_nodes=7),
                dict(min_impurity_decrease=0.02), dict(min_impurity_decrease=0.2),
                dict(min_samples_leaf=3, ccp_alpha=0.01), dict(min_samples_leaf=5, ccp_alpha=0.03),
                dict(min_samples_leaf=5, ccp_alpha=0.1), dict(min_weight_fraction_leaf=0.1)]
    for criterion in criteria:
        for fields in settings:
            got = answer(lambda s: maker(criterion=criterion, random_state=s, **fields), x, y)
            if got is None:
                continue
            leaves, depth, predictions, importances = got
            order = ["max_depth", "min_samples_split", "min_samples_leaf", "max_leaf_nodes",
                     "min_impurity_decrease", "ccp_alpha", "min_weight_fraction_leaf"]
            text = "".join(f" .{k} = {fields[k]}," for k in order if k in fields)
            print(f'    {{.criterion = "{criterion}",{text}')
            print(f"     .n_leaves = {leaves}, .depth = {depth},")
            print(f"     .importances = {{{reals(importances)}}},")
            print(f"     .predictions = {{{reals(predictions[:40])}}}}},")
    print("};\n")


x = grid(240, 5, 42)
noise = grid(240, 1, 7)[:, 0]
y = 3 * x[:, 0] + x[:, 1] * x[:, 2] // 4 + 5 * (x[:, 3] > 6) + noise
classes = np.digitize(y + grid(240, 1, 9)[:, 0], [30, 52, 66])

print(f"""// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// What scikit-learn {sklearn.__version__} says of iris and of a regression problem on a grid.
/// Made by sklearn_trees.py; not to be edited. 0 stands for "no limit".

#include <cstddef>
#include <string_view>
#include <vector>

// clang-format off
namespace copse::test::sklearn {{

struct reference {{
    std::string_view criterion;
    std::size_t max_depth = 0;
    std::size_t min_samples_split = 2;
    std::size_t min_samples_leaf = 1;
    std::size_t max_leaf_nodes = 0;
    double min_impurity_decrease = 0;
    double ccp_alpha = 0;
    double min_weight_fraction_leaf = 0;
    std::size_t n_leaves = 0;
    std::size_t depth = 0;
    std::vector<double> importances;
    std::vector<double> predictions;  // of the first 40 rows
}};

/// (240, 5) whole numbers, and two targets of each row.
inline constexpr int grid[] = {{{numbers(x.ravel())}}};
inline constexpr int grid_values[] = {{{numbers(y)}}};
inline constexpr int grid_classes[] = {{{numbers(classes)}}};
""")
print_cases("class_trees", DecisionTreeClassifier, ["gini", "entropy"], x.astype(np.float32), classes)
print_cases("value_trees", DecisionTreeRegressor, ["squared_error", "absolute_error", "poisson"], x.astype(np.float32), y.astype(float))
print("}  // namespace copse::test::sklearn")
print("// clang-format on")
