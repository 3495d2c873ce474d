# SPDX-License-Identifier: BSD-3-Clause
"""scikit-learn's random forests: exact splits, parallel over trees."""
import sklearn
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

import common


class ScikitLearn:
    name, version, missing = "scikit-learn", sklearn.__version__, "native"
    route = "predict_proba or predict of a (1, d) array"
    classifier, regressor = RandomForestClassifier, RandomForestRegressor

    def __init__(self, given, data):
        make = self.regressor if data.regression else self.classifier
        self.regression = data.regression
        self.forest = make(n_estimators=given.trees, max_features=data.tried, n_jobs=given.threads,
                           random_state=given.seed)

    def fit(self, x, y):
        self.forest.fit(x, y)

    def answers(self, x, threads):
        self.forest.n_jobs = threads
        return self.forest.predict(x) if self.regression else self.forest.predict_proba(x)

    def one_row(self, row):
        self.forest.n_jobs = None
        ask = self.forest.predict if self.regression else self.forest.predict_proba
        return lambda: ask(row)

    def size(self):
        states = [tree.tree_.__getstate__() for tree in self.forest.estimators_]
        return (sum(state["nodes"].nbytes + state["values"].nbytes for state in states),
                sum(state["node_count"] for state in states))


if __name__ == "__main__":
    common.measure(ScikitLearn)
