# SPDX-License-Identifier: BSD-3-Clause
"""The rivals of bench/search.cpp: the same runs, the same folds, each rival at its best. FLAML takes
no runs: it chooses its own, of LightGBM, for as many seconds as it is given.

    python search.py --rival scikit-learn --set bench/.data/letter --threads 2 --runs runs.txt

scikit-learn is RandomizedSearchCV over HistGradientBoosting, whose workers fit on one thread each.
optuna is a study whose threads run LightGBM's cv on one thread each, over one binned Dataset that
is made once and counts, as copse's binning does.
"""
import argparse
import json
import os
import resource
import time
import warnings
from pathlib import Path

import numpy as np


def settings_of(path):
    rows = [line.split() for line in Path(path).read_text().splitlines()]
    return [dict(learning_rate=float(a), leaves=int(b), least=int(c), l2=float(d))
            for a, b, c, d in rows]


def folds_of(x, y, regression):
    from sklearn.model_selection import KFold, StratifiedKFold
    return list((KFold(5) if regression else StratifiedKFold(5)).split(x, y))


def by_scikit_learn(x, y, kind, folds, settings, given):
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.model_selection import RandomizedSearchCV
    trainer = HistGradientBoostingRegressor if kind == "rmse" else HistGradientBoostingClassifier
    scoring = {"rmse": "neg_root_mean_squared_error", "auc": "roc_auc", "accuracy": "accuracy"}[kind]
    runs = [{"learning_rate": [s["learning_rate"]], "max_leaf_nodes": [s["leaves"]],
             "min_samples_leaf": [s["least"]], "l2_regularization": [s["l2"]]} for s in settings]
    search = RandomizedSearchCV(
        trainer(max_iter=given.rounds, early_stopping=False), runs, n_iter=len(runs), cv=folds,
        scoring=scoring, n_jobs=given.threads, refit=False)
    search.fit(x, y)
    return abs(search.cv_results_["mean_test_score"].max())


def by_optuna(x, y, kind, folds, settings, given):
    import lightgbm
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    common = {"max_bin": 255, "num_threads": 1, "verbosity": -1, "feature_pre_filter": False,
              "objective": {"rmse": "regression", "auc": "binary", "accuracy": "multiclass"}[kind],
              "metric": {"rmse": "rmse", "auc": "auc", "accuracy": "multi_error"}[kind]}
    if kind == "accuracy":
        common["num_class"] = int(y.max()) + 1
    train = lightgbm.Dataset(x, y, params=common, free_raw_data=False).construct()

    def objective(trial):
        parameters = common | {
            "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1),
            "num_leaves": trial.suggest_int("leaves", 2, 1000),
            "min_data_in_leaf": trial.suggest_int("least", 1, 1000),
            "lambda_l2": trial.suggest_float("l2", 0, 1000)}
        found = lightgbm.cv(parameters, train, num_boost_round=given.rounds, folds=folds)
        return next(v for k, v in found.items() if k.endswith("mean"))[-1]

    study = optuna.create_study(direction="maximize" if kind == "auc" else "minimize")
    for s in settings:
        study.enqueue_trial(s)
    study.optimize(objective, n_trials=len(settings), n_jobs=given.threads)
    return 1 - study.best_value if kind == "accuracy" else study.best_value


def by_flaml(x, y, kind, folds, settings, given):
    """How many runs it made is read from its log."""
    import tempfile
    from flaml import AutoML
    metric = {"rmse": "rmse", "auc": "roc_auc", "accuracy": "accuracy"}[kind]
    search = AutoML()
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log"
        search.fit(x, y, task="regression" if kind == "rmse" else "classification", metric=metric,
                   estimator_list=["lgbm"], eval_method="cv", n_splits=5, time_budget=given.seconds,
                   n_jobs=given.threads, seed=0, verbose=0, retrain_full=False,
                   log_file_name=str(log), log_type="all")
        settings[:] = [line for line in log.read_text().splitlines() if "record_id" in line]
    return search.best_loss if kind == "rmse" else 1 - search.best_loss


SEARCHES = {"scikit-learn": by_scikit_learn, "optuna": by_optuna, "flaml": by_flaml}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rival", choices=SEARCHES, required=True)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--seconds", type=float, default=60, help="FLAML's")
    given = parser.parse_args()
    # Runs are what is parallel; a run that started threads of its own would only get in the way.
    os.environ |= {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    warnings.simplefilter("ignore")
    x = np.load(given.set / "X.npy")[:given.rows]
    y = np.load(given.set / "y.npy")[:given.rows]
    words = (given.set / "set.txt").read_text()
    kind = "rmse" if "task regression" in words else "auc" if y.max() < 2 else "accuracy"
    folds = folds_of(x, y, kind == "rmse")
    settings = settings_of(given.runs)
    begin = time.perf_counter()
    best = SEARCHES[given.rival](x, y, kind, folds, settings, given)
    took = time.perf_counter() - begin
    print(json.dumps({
        "set": given.set.name, "rival": given.rival, "threads": given.threads,
        "runs": len(settings), "search_s": took, "runs_per_minute": 60 * len(settings) / took,
        "metric": kind, "best": best,
        "peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


if __name__ == "__main__":
    main()
