# SPDX-License-Identifier: BSD-3-Clause
"""XGBoost's random forest mode: one round of parallel trees by histograms, to purity.

It draws without replacement, so 63.2 % of the rows stand for a bootstrap. It grows a tree for each
class where there are more than two.
"""
import xgboost

import common


class XGBoost:
    name, version, missing = "xgboost", xgboost.__version__, "native"
    route = "inplace_predict of a (1, d) array"

    def __init__(self, given, data):
        self.data = data
        self.threads = given.threads
        self.parameters = {
            "tree_method": "hist", "max_bin": 256, "num_parallel_tree": given.trees,
            "learning_rate": 1, "subsample": 0.632,
            "colsample_bynode": (data.tried + 0.01) / data.x.shape[1], "max_depth": 0,
            "min_child_weight": 0, "reg_lambda": 0, "gamma": 0, "nthread": given.threads,
            "seed": given.seed,
        }

    def fit(self, x, y):
        if self.data.regression:
            self.parameters["objective"] = "reg:squarederror"
        elif self.data.classes > 2:
            self.parameters |= {"objective": "multi:softprob", "num_class": self.data.classes}
        else:
            self.parameters |= {"objective": "binary:logistic", "base_score": 0.5}
        train = xgboost.QuantileDMatrix(x, y, max_bin=256, nthread=self.threads)
        self.booster = xgboost.train(self.parameters, train, num_boost_round=1)

    def answers(self, x, threads):
        self.use(threads)
        return self.booster.inplace_predict(x)

    def one_row(self, row):
        self.use(1)
        return lambda: self.booster.inplace_predict(row)

    def use(self, threads):
        if threads != self.threads:
            self.booster.set_param({"nthread": threads})
            self.threads = threads

    def size(self):
        return len(self.booster.save_raw("ubj")), None


if __name__ == "__main__":
    common.measure(XGBoost)
