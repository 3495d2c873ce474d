# SPDX-License-Identifier: BSD-3-Clause
"""Yggdrasil decision forests (ydf): exact splits (ydf), or among 255 quantiles (ydf-binned).

One row is timed through Python, which costs more than the row; ydf's own benchmark of its C++
engine is told beside it, in `engine_us`.
"""
import ydf

import common


class Yggdrasil:
    version, missing = ydf.__version__, "native"
    route = "predict of a dictionary of (1,) arrays"

    def __init__(self, given, data):
        binned = given.rival == "ydf-binned"
        self.name = "ydf-binned" if binned else "ydf"
        task = ydf.Task.REGRESSION if data.regression else ydf.Task.CLASSIFICATION
        ydf.verbose(0)
        self.learner = ydf.RandomForestLearner(
            label="y", task=task, num_trees=given.trees, num_candidate_attributes=data.tried,
            max_depth=-1, min_examples=1, winner_take_all=False, bootstrap_training_dataset=True,
            compute_oob_performances=False, discretize_numerical_columns=binned,
            num_discretized_numerical_bins=255, num_threads=given.threads, random_seed=given.seed,
            max_vocab_count=-1, min_vocab_frequency=1)

    @staticmethod
    def columns(x):
        return {f"x{j}": x[:, j] for j in range(x.shape[1])}

    def fit(self, x, y):
        self.model = self.learner.train({**self.columns(x), "y": y})

    def answers(self, x, threads):
        return self.model.predict(self.columns(x), num_threads=threads)

    def one_row(self, row):
        columns = self.columns(row)
        return lambda: self.model.predict(columns, num_threads=1)

    def engine_us(self, x):
        told = self.model.benchmark(self.columns(x), benchmark_duration=0.5, warmup_duration=0.2,
                                    num_threads=1)
        return 1e6 * told.duration_per_example

    def size(self):
        return len(self.model.serialize()), self.model.num_nodes()


if __name__ == "__main__":
    common.measure(Yggdrasil)
