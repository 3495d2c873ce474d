# SPDX-License-Identifier: BSD-3-Clause
"""LightGBM's boosting: by columns (lightgbm), by rows (lightgbm-rows), or with gradients quantised to
its default of 4 levels (lightgbm-quantised), which choose their layout themselves. Every other
setting is common to all rivals, or that of boosting without sampling.
"""
import lightgbm

import common
from light_gbm import LightGBM


class Boosted(LightGBM):
    def __init__(self, given, data):
        self.name = given.rival or "lightgbm"
        self.given, self.data = given, data
        self.parameters = {
            "learning_rate": 0.1, "num_leaves": given.leaves, "min_data_in_leaf": 20, "lambda_l2": 1,
            "max_bin": given.max_bins,
            "num_threads": given.threads, "seed": given.seed, "verbosity": -1,
            "objective": "regression" if data.regression else "lambdarank" if data.ranking else
                         "binary",
        }
        layout = {"lightgbm": "force_col_wise", "lightgbm-rows": "force_row_wise",
                  "lightgbm-quantised": "use_quantized_grad"}
        self.parameters[layout[self.name]] = True

    def settle(self, x, y):
        if self.data.classes > 2:
            self.parameters |= {"objective": "multiclass", "num_class": self.data.classes}

    def grown(self, x, y, rounds):
        group = self.data.group if self.data.ranking else None
        train = lightgbm.Dataset(x, y, group=group, params=self.parameters, free_raw_data=True)
        return lightgbm.train(self.parameters, train, num_boost_round=rounds)


if __name__ == "__main__":
    common.measure(Boosted)
