# SPDX-License-Identifier: BSD-3-Clause
"""How every rival written in Python is measured: one process, one fit, one line of JSON.

A rival is a class with `name`, `version`, and

    fit(x, y)                 from numpy arrays to a model; all of it is timed
    answers(x, threads)       probabilities of all classes, or values, of a batch
    one_row(row) -> call      call() answers one row by the fastest public route, `route`
    size() -> (bytes, nodes)  of the model; nodes may be None

and a `missing` of "native" or "imputed". It is made with the arguments and the set; its answers on
a set to rank are scores. It may have settle(x, y), to choose settings that suit the set, and
`engine_us`, what one row costs inside its engine by its own account. Loading, imputing (-1),
importing and settling are not timed. Memory is what the process held at most during fit, over what
it held before. See bench/forest.cpp and bench/boosting.cpp for the same in C++.
"""
import argparse
import ctypes
import json
import math
import resource
import time
from pathlib import Path

import numpy as np


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--rival", default=None, help="which variant, for a script with several")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--trees", type=int, default=100, help="or rounds")
    parser.add_argument("--leaves", type=int, default=None, help="of a boosted tree; forests have no limit")
    parser.add_argument("--rows", type=int, default=None)
    parser.add_argument("--columns", type=int, default=None, help="only the first so many")
    parser.add_argument("--max-bins", type=int, default=255, help="of boosting, missing ones aside")
    parser.add_argument("--repeat", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


class PreparedSet:
    def __init__(self, folder, rows, columns=None):
        self.name = folder.name
        words = dict(line.split(" ", 1) for line in (folder / "set.txt").read_text().splitlines())
        self.regression = words["task"] == "regression"
        self.ranking = words["task"] == "ranking"
        self.x, self.y, self.x_test, self.y_test = (
            np.load(folder / f"{stem}.npy") for stem in ("X", "y", "X_test", "y_test"))
        if self.ranking:
            self.group, self.group_test = (
                np.load(folder / f"{stem}.npy") for stem in ("group", "group_test"))
            self.group = self.group[np.cumsum(self.group) <= (rows or math.inf)]
            rows = int(self.group.sum())
        self.x, self.y = self.x[:rows, :columns].copy(), self.y[:rows].copy()
        self.x_test = self.x_test[:, :columns].copy()
        columns = self.x.shape[1]
        # What scikit-learn means by "sqrt"; a third of the columns for regression, as in ranger.
        self.tried = max(1, columns // 3 if self.regression else math.isqrt(columns))
        self.classes = 0 if self.regression or self.ranking else int(self.y.max()) + 1

    def impute(self):
        for part in (self.x, self.x_test):
            part[np.isnan(part)] = -1


def status_bytes(field):
    for line in open("/proc/self/status"):
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def mark_memory():
    """Forgets the high-water mark so far, and returns what is held now."""
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return status_bytes("VmHWM:")


def rows_per_second(rival, x, threads):
    times = []
    while len(times) < 3 or sum(times) < 0.5 and len(times) < 1000:
        if sum(times) > 20:
            break
        start = time.perf_counter()
        rival.answers(x, threads)
        times.append(time.perf_counter() - start)
    return len(x) / float(np.median(times))


def row_microseconds(rival, x):
    """The median over 2000 rows, or as many as 5 seconds allow."""
    times, began = [], time.perf_counter()
    for i in range(2000):
        call = rival.one_row(x[i % len(x):][:1].copy())
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
        if time.perf_counter() - began > 5:
            break
    return 1e6 * float(np.median(times))


def accuracy_or_r2(data, answers):
    if not data.regression:
        answers = np.asarray(answers)
        labels = (answers > 0.5).astype(int) if answers.ndim == 1 else answers.argmax(axis=1)
        return {"metric": "accuracy", "score": float((labels == data.y_test).mean()), "rmse": 0}
    error = np.asarray(answers, np.float64).ravel() - data.y_test
    return {"metric": "r2", "score": float(1 - (error ** 2).mean() / data.y_test.astype(float).var()),
            "rmse": float((error ** 2).mean() ** 0.5)}


def ndcg_10(relevance, scores, sizes):
    """The mean over queries, as copse::metrics::ndcg_metric{.k = 10} has it."""
    from sklearn.metrics import ndcg_score
    ends = np.cumsum(sizes)
    return float(np.mean([
        ndcg_score([2.0**relevance[i:j] - 1], [scores[i:j]], k=10)
        if j - i > 1 and relevance[i:j].max() > 0 else 1.0 for i, j in zip(ends - sizes, ends)]))


def judge(data, answers, boosting):
    """Forests by accuracy or R2; boosting also by order: AUC of two classes, NDCG of queries."""
    answers = np.asarray(answers)
    if data.ranking:
        return {"metric": "ndcg@10", "score": ndcg_10(data.y_test, answers, data.group_test), "rmse": 0}
    if boosting and data.classes == 2:
        from sklearn.metrics import roc_auc_score
        second = answers if answers.ndim == 1 else answers[:, 1]
        return {"metric": "roc_auc", "score": float(roc_auc_score(data.y_test, second)), "rmse": 0}
    return accuracy_or_r2(data, answers)


def measure(make_rival):
    given = arguments()
    data = PreparedSet(given.set, given.rows, given.columns)
    rival = make_rival(given, data)
    if rival.missing == "imputed":
        data.impute()
    if data.classes:  # classes that are only in rows cut off by --rows are nobody's to know
        known = np.unique(data.y)
        data.y = np.searchsorted(known, data.y).astype(np.int32)
        data.y_test = np.where(np.isin(data.y_test, known), np.searchsorted(known, data.y_test), -1)
        data.classes = len(known)
    if hasattr(rival, "settle"):
        rival.settle(data.x, data.y)
    before = mark_memory()
    start = time.perf_counter()
    rival.fit(data.x, data.y)
    fit_s = time.perf_counter() - start
    peak = status_bytes("VmHWM:") - before
    model_bytes, nodes = rival.size()
    line = {"set": data.name, "rival": rival.name, "version": rival.version,
            "threads": given.threads, "repeat": given.repeat, "rows": len(data.x),
            "columns": data.x.shape[1], "trees": given.trees, "fit_s": fit_s, "peak_bytes": peak,
            "model_bytes": model_bytes, "nodes": nodes,
            **judge(data, rival.answers(data.x_test, given.threads), bool(given.leaves)),
            "batch_1_rows_s": rows_per_second(rival, data.x_test, 1),
            "batch_n_rows_s": rows_per_second(rival, data.x_test, given.threads),
            "row_us": row_microseconds(rival, data.x_test), "row_route": rival.route,
            "missing": rival.missing}
    if hasattr(rival, "engine_us"):
        line["engine_us"] = rival.engine_us(data.x_test)
    print(json.dumps(line))
