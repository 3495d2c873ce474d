# SPDX-License-Identifier: BSD-3-Clause
"""The rivals of bench/automl.cpp on one prepared set, judged by the same test rows: log loss of
classes, root mean squared error of numbers. Prints lines of JSON.

    python automl.py --set bench/.data/letter --threads 2 --seconds 60

FLAML searches its own learners for so long, by the same metric. scikit-learn's are its models as
they come, categories being numbers to them.
"""
import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np

from common import PreparedSet


def flaml(given, data):
    from flaml import AutoML
    model = AutoML()
    model.fit(data.x, data.y, task="regression" if data.regression else "classification",
              metric="rmse" if data.regression else "log_loss", time_budget=given.seconds,
              n_jobs=given.threads, seed=0, verbose=0)
    return model


def scikit_learn_models(given, data):
    from sklearn.ensemble import (ExtraTreesClassifier, ExtraTreesRegressor,
                                  HistGradientBoostingClassifier, HistGradientBoostingRegressor,
                                  RandomForestClassifier, RandomForestRegressor)
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    if data.regression:
        boosting, forest, extra, linear = (HistGradientBoostingRegressor, RandomForestRegressor,
                                           ExtraTreesRegressor, Ridge())
    else:
        boosting, forest, extra, linear = (HistGradientBoostingClassifier, RandomForestClassifier,
                                           ExtraTreesClassifier, LogisticRegression(max_iter=300))
    jobs = {"n_jobs": given.threads, "random_state": 0}
    return {"boosting": boosting(random_state=0), "forest": forest(**jobs),
            "extra trees": make_pipeline(SimpleImputer(), extra(**jobs)),
            "linear": make_pipeline(SimpleImputer(), StandardScaler(), linear)}


def error_of(model, data):
    if data.regression:
        return float(np.sqrt(np.mean((model.predict(data.x_test) - data.y_test) ** 2)))
    said = np.clip(model.predict_proba(data.x_test)[np.arange(len(data.y_test)), data.y_test], 1e-15, 1)
    return float(-np.log(said).mean())


def report(name, data, fit):
    start = time.perf_counter()
    model = fit()
    took = time.perf_counter() - start
    print(json.dumps({"set": data.name, "rival": name, "rows": len(data.x), "fit_s": took,
                      "metric": "rmse" if data.regression else "log_loss",
                      "error": error_of(model, data)}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    data = PreparedSet(given.set, None)
    report("FLAML", data, lambda: flaml(given, data))
    for name, model in scikit_learn_models(given, data).items():
        report(f"scikit-learn {name}", data, lambda: model.fit(data.x, data.y))


if __name__ == "__main__":
    main()
