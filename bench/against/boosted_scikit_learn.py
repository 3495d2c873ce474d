# SPDX-License-Identifier: BSD-3-Clause
"""scikit-learn's HistGradientBoosting. Its threads are OpenMP's, which OMP_NUM_THREADS bounds."""
import pickle
import sys

import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

import common


class HistGradientBoosting:
    name, version, missing = "scikit-learn", sklearn.__version__, "native"
    route = "predict_proba or predict of a (1, d) array"

    def __init__(self, given, data):
        if data.ranking:
            sys.exit("scikit-learn does not rank")
        make = HistGradientBoostingRegressor if data.regression else HistGradientBoostingClassifier
        self.threads, self.regression = given.threads, data.regression
        self.model = make(max_iter=given.trees, learning_rate=0.1, max_leaf_nodes=given.leaves,
                          min_samples_leaf=20, l2_regularization=1, max_bins=255,
                          early_stopping=False, random_state=given.seed)

    def fit(self, x, y):
        with threadpool_limits(self.threads, "openmp"):
            self.model.fit(x, y)

    def answers(self, x, threads):
        with threadpool_limits(threads, "openmp"):
            return self.model.predict(x) if self.regression else self.model.predict_proba(x)

    def one_row(self, row):
        return lambda: self.answers(row, 1)

    def size(self):
        trees = [tree for round in self.model._predictors for tree in round]
        return len(pickle.dumps(self.model)), sum(len(tree.nodes) for tree in trees)


if __name__ == "__main__":
    common.measure(HistGradientBoosting)
