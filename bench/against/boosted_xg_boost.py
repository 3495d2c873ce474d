# SPDX-License-Identifier: BSD-3-Clause
"""XGBoost's boosting by histograms, the best leaf first. It has no least number of rows in a leaf:
min_child_weight, a sum of Hessians, is 20 rows where they are 1, and 1 elsewhere.
"""
import xgboost

import common
from xg_boost import XGBoost


class Boosted(XGBoost):
    def __init__(self, given, data):
        self.data, self.given, self.threads = data, given, given.threads
        self.parameters = {
            "tree_method": "hist", "max_bin": given.max_bins + 1, "grow_policy": "lossguide", "max_depth": 0,
            "max_leaves": given.leaves, "learning_rate": 0.1, "reg_lambda": 1,
            "min_child_weight": 20 if data.regression else 1, "nthread": given.threads,
            "seed": given.seed,
        }

    def fit(self, x, y):
        if self.data.regression:
            self.parameters["objective"] = "reg:squarederror"
        elif self.data.ranking:
            self.parameters["objective"] = "rank:ndcg"
        elif self.data.classes > 2:
            self.parameters |= {"objective": "multi:softprob", "num_class": self.data.classes}
        else:
            self.parameters["objective"] = "binary:logistic"
        train = xgboost.QuantileDMatrix(x, y, max_bin=self.given.max_bins + 1, nthread=self.threads)
        if self.data.ranking:
            train.set_group(self.data.group)
        self.booster = xgboost.train(self.parameters, train, num_boost_round=self.given.trees)


if __name__ == "__main__":
    common.measure(Boosted)
