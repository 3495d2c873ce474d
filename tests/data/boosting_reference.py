# SPDX-License-Identifier: BSD-3-Clause
"""Prints tests/ensemble/boosting_reference.inc: LightGBM 4.7.0's and XGBoost 3.2.0's answers.

    COPSE_DATA_DIR=... python tests/data/boosting_reference.py > tests/ensemble/boosting_reference.inc

Small data: LightGBM's raw scores, row by row, from raw scores of 0, without sampling and with a bin for
every value, so that the definitions are the same and the numbers have to be. Real sets: test metrics of
both at copse's defaults, and by how much LightGBM's moves when it is given 95 % of the training rows,
drawn five times: its seed noise. Every fifth row is for testing.
"""

import os

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn import metrics

assert lgb.__version__ == "4.7.0", lgb.__version__
assert xgb.__version__ == "3.2.0", xgb.__version__


def column(name, values):
    print(f"inline std::vector<double> const {name}{{")
    print("    " + ", ".join(repr(float(v)) for v in np.ravel(values)) + "};")


def small():
    rng = np.random.default_rng(1)
    x = rng.integers(0, 40, (160, 3)).astype(float)
    mean = 2 + x[:, 0] / 8 + (x[:, 1] > 25) * 4 + x[:, 2] * (x[:, 0] < 10) / 6
    real = mean + rng.normal(0, 1, 160)
    count = rng.poisson(mean / 3).astype(float)
    positive = mean * rng.gamma(4, 0.25, 160)
    column("small_x", x)
    column("small_real", real)
    column("small_count", count)
    column("small_positive", positive)
    column("small_binary", real > 6)
    column("small_classes", np.digitize(real, [4, 7]))
    common = dict(
        learning_rate=0.3, num_leaves=6, min_data_in_leaf=5, min_data_in_bin=1, max_bin=255,
        boost_from_average=False, verbosity=-1, num_threads=1, deterministic=True)
    # LightGBM estimates how many rows a leaf has from its Hessian: where that is not 1, only the
    # Hessian itself can be bounded alike.
    by_hessian = dict(min_data_in_leaf=0, min_sum_hessian_in_leaf=1.5)
    for name, y, parameters in [
        ("squared", real, dict(objective="l2")),
        ("shrunk", real, dict(objective="l2", lambda_l1=3, lambda_l2=2)),
        ("stepped", real, dict(objective="l2", max_delta_step=1.5)),
        ("monotonic", real, dict(objective="l2", monotone_constraints=[1, -1, 0])),
        ("huber", real, dict(objective="huber", alpha=4)),
        ("poisson", count, dict(objective="poisson", **by_hessian)),
        ("gamma", positive, dict(objective="gamma", **by_hessian)),
        ("tweedie", count, dict(objective="tweedie", tweedie_variance_power=1.3, **by_hessian)),
        ("binary", (real > 6) * 1.0, dict(objective="binary", **by_hessian)),
        ("classes", np.digitize(real, [4, 7]), dict(objective="multiclass", num_class=3, **by_hessian)),
    ]:
        # LightGBM does not look at a feature below a node where it gained too little, and compares
        # smoothed gains with a node smoothed twice: min_gain_to_split and path_smooth are not
        # compared, and the others from 6, about the mean, where all features gain.
        start = np.full((160, parameters.get("num_class", 1)), 6.0 * (name in ("shrunk", "stepped"))).squeeze()
        model = lgb.train({**common, **parameters}, lgb.Dataset(x, y, init_score=start), 5)
        column(f"raw_{name}", model.predict(x, raw_score=True))


def real_set(name, target):
    table = pd.read_csv(os.path.join(os.environ["COPSE_DATA_DIR"], name + ".csv.gz"))
    x = table.drop(columns=target).to_numpy(np.float32)
    y = table[target].to_numpy()
    if y.dtype.kind != "f" or name != "california_housing":
        y = np.unique(y, return_inverse=True)[1]
    return x, y


def error_of(n_classes, y, raw):
    if n_classes == 0:
        return metrics.root_mean_squared_error(y, raw)
    if n_classes == 2:
        return metrics.log_loss(y, 1 / (1 + np.exp(-raw)))
    shares = np.exp(raw - raw.max(axis=1, keepdims=True))
    return metrics.log_loss(y, shares / shares.sum(axis=1, keepdims=True))


def real(name, target, n_rounds):
    x, y = real_set(name, target)
    is_test = np.arange(len(y)) % 5 == 0
    n_classes = 0 if name == "california_housing" else int(y.max()) + 1
    objective = {0: "l2", 2: "binary"}.get(n_classes, "multiclass")
    parameters = dict(objective=objective, verbosity=-1, num_threads=2, deterministic=True, seed=1)
    if n_classes > 2:
        parameters["num_class"] = n_classes

    def light(rows):
        model = lgb.train(parameters, lgb.Dataset(x[rows], y[rows]), n_rounds)
        return error_of(n_classes, y[is_test], model.predict(x[is_test], raw_score=True))

    train = np.flatnonzero(~is_test)
    of_light = light(train)
    some = [np.sort(np.random.default_rng(s).choice(train, len(train) * 19 // 20, False)) for s in range(5)]
    noise = np.std([light(rows) for rows in some], ddof=1)
    parameters = dict(
        objective={0: "reg:squarederror", 2: "binary:logistic"}.get(n_classes, "multi:softprob"),
        tree_method="hist", grow_policy="lossguide", max_leaves=31, max_depth=0, eta=0.1, max_bin=255,
        reg_lambda=0, min_child_weight=1e-3, nthread=2, seed=1)
    if n_classes > 2:
        parameters["num_class"] = n_classes
    model = xgb.train(parameters, xgb.DMatrix(x[train], y[train]), n_rounds)
    raw = model.predict(xgb.DMatrix(x[is_test]), output_margin=True)
    of_xgb = error_of(n_classes, y[is_test], raw.astype(float))
    return f'    {{"{name}", "{target}", {n_rounds}, {float(of_light)!r}, {float(of_xgb)!r}, {float(noise)!r}}},'


print("// By tests/data/boosting_reference.py: LightGBM 4.7.0, XGBoost 3.2.0.")
print("// clang-format off")
small()
print("struct rivals {")
print("    char const* set; char const* target; std::size_t n_rounds; double light_gbm, xg_boost, noise;")
print("};")
print("inline constexpr rivals real_sets[] = {")
for args in [("california_housing", "medianHouseValue", 100), ("magic", "target", 100),
             ("give_me_some_credit", "SeriousDlqin2yrs", 50), ("letter", "target", 20)]:
    print(real(*args))
print("};")
