# SPDX-License-Identifier: BSD-3-Clause
"""LightGBM in random forest mode, by columns (lightgbm) or by rows (lightgbm-rows).

Its bagging draws without replacement, so 63.2 % of the rows stand for a bootstrap. It grows a tree
for each class where there are more than two. Its time grows with num_leaves, the limit, however few
leaves the trees have; so trees grown beforehand tell how many are needed, and a quarter is added.
131072 is the most it takes; histogram_pool_size keeps that many histograms from filling memory.
"""
import ctypes

import lightgbm
import numpy as np

import common


class LightGBM:
    version, missing = lightgbm.__version__, "native"
    route = "C API, LGBM_BoosterPredictForMatSingleRowFast, through ctypes"

    def __init__(self, given, data):
        by_rows = given.rival == "lightgbm-rows"
        self.name = "lightgbm-rows" if by_rows else "lightgbm"
        self.given, self.data = given, data
        self.parameters = {
            "boosting": "rf", "bagging_fraction": 0.632, "bagging_freq": 1,
            "feature_fraction_bynode": (data.tried + 0.01) / data.x.shape[1],
            "num_leaves": min(131072, max(2, len(data.x))), "max_depth": -1,
            "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0, "lambda_l2": 0, "max_bin": 255,
            "force_row_wise": by_rows, "force_col_wise": not by_rows, "histogram_pool_size": 1024,
            "num_threads": given.threads, "seed": given.seed, "verbosity": -1,
        }
        if data.regression:
            self.parameters["objective"] = "regression"

    def settle(self, x, y):
        if not self.data.regression:
            many = {"objective": "multiclass", "num_class": self.data.classes}
            self.parameters |= many if self.data.classes > 2 else {"objective": "binary"}
        self.booster = self.grown(x, y, min(2, self.given.trees))
        needed = int(1.25 * max(self.leaves())) + 16
        self.parameters["num_leaves"] = min(needed, self.parameters["num_leaves"])
        self.booster = None

    def fit(self, x, y):
        self.booster = self.grown(x, y, self.given.trees)
        self.fast = None

    def grown(self, x, y, rounds):
        train = lightgbm.Dataset(x, y, params=self.parameters, free_raw_data=True)
        return lightgbm.train(self.parameters, train, num_boost_round=rounds)

    def answers(self, x, threads):
        return self.booster.predict(x, num_threads=threads)

    def one_row(self, row):
        if self.fast is None:
            self.fast = self.fast_row(row.shape[1])
        config, length, out = self.fast
        call = lightgbm.basic._LIB.LGBM_BoosterPredictForMatSingleRowFast
        at = ctypes.c_void_p(row.ctypes.data)
        return lambda: call(config, at, length, out)

    def fast_row(self, columns):
        config = ctypes.c_void_p()
        self.out = np.zeros(max(1, self.data.classes), np.float64)
        failed = lightgbm.basic._LIB.LGBM_BoosterPredictForMatSingleRowFastInit(
            self.booster._handle, 0, 0, -1, 0, ctypes.c_int32(columns), b"num_threads=1",
            ctypes.byref(config))
        assert not failed
        return config, ctypes.byref(ctypes.c_int64()), ctypes.c_void_p(self.out.ctypes.data)

    def leaves(self):
        text = self.booster.model_to_string()
        return [int(line[11:]) for line in text.splitlines() if line.startswith("num_leaves=")]

    def size(self):
        leaves = self.leaves()
        return len(self.booster.model_to_string()), 2 * sum(leaves) - len(leaves)


if __name__ == "__main__":
    common.measure(LightGBM)
