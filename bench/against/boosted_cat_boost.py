# SPDX-License-Identifier: BSD-3-Clause
"""CatBoost's plain boosting of symmetric trees, its usual ones and the fastest it has; their depth
gives them as many leaves as the others may have, or up to twice as many.
"""
import catboost

import common


class CatBoost:
    name, version, missing = "catboost", catboost.__version__, "native"
    route = "predict of a (1, d) array"

    def __init__(self, given, data):
        self.data = data
        self.settings = dict(
            iterations=given.trees, learning_rate=0.1, depth=(given.leaves - 1).bit_length(),
            l2_leaf_reg=1, min_data_in_leaf=20, border_count=254, boosting_type="Plain",
            bootstrap_type="No", random_strength=0, leaf_estimation_iterations=1,
            leaf_estimation_method="Newton", thread_count=given.threads, random_seed=given.seed,
            allow_writing_files=False, logging_level="Silent")
        self.kind = "Probability"

    def fit(self, x, y):
        group = None
        if self.data.regression or self.data.ranking:
            self.kind = "RawFormulaVal"
            self.settings["loss_function"] = "RMSE" if self.data.regression else "LambdaMart"
        else:
            self.settings["loss_function"] = "MultiClass" if self.data.classes > 2 else "Logloss"
        if self.data.ranking:
            group = [k for k, size in enumerate(self.data.group) for _ in range(size)]
        pool = catboost.Pool(x, y, group_id=group, thread_count=self.settings["thread_count"])
        self.model = catboost.CatBoost(self.settings).fit(pool)

    def answers(self, x, threads):
        return self.model.predict(x, prediction_type=self.kind, thread_count=threads)

    def one_row(self, row):
        return lambda: self.model.predict(row, prediction_type=self.kind, thread_count=1)

    def size(self):
        return len(self.model._serialize_model()), None


if __name__ == "__main__":
    common.measure(CatBoost)
