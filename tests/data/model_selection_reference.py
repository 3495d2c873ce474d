# SPDX-License-Identifier: BSD-3-Clause
"""Prints tests/model_selection/reference.inc: folds and scores of scikit-learn 1.9.1 on data made
by arithmetic.

    python tests/data/model_selection_reference.py > tests/model_selection/reference.inc
"""

import numpy as np
import sklearn
from sklearn import linear_model as lm
from sklearn import model_selection as ms

assert sklearn.__version__ == "1.9.1", sklearn.__version__

n = 61
rows = np.arange(n)
classes = np.array([2, 0, 1, 0, 0, 2, 0])[rows * rows % 7]
groups = rows * 13 % 17 % 11
x = np.array([[(i * (j + 3) * 7 + j * j * 5 + i * i) % 23 / 23 for j in range(4)] for i in rows])
binary = np.array([(i * 21 + i * i) % 23 + (i * i * 3) % 11 > 15 for i in rows]).astype(int)
values = np.array([(i * 21 + i * i) % 23 - 2.0 * ((i * 42 + 20 + i * i) % 23) + i % 3 for i in rows])


def folds(name, splitter, **given):
    fold = np.full((n,), -1)
    for f, (_, test) in enumerate(splitter.split(x, given.get("y"), given.get("groups"))):
        fold[test] = f
    print(f"inline std::vector<int> const {name}{{")
    print("    " + ", ".join(map(str, fold)) + "};")


def numbers(name, values):
    print(f"inline std::vector<double> const {name}{{")
    print("    " + ", ".join(repr(float(v)) for v in values) + "};")


print("// SPDX-License-Identifier: BSD-3-Clause")
print("// Made by tests/data/model_selection_reference.py. Do not edit.\n")
folds("k_fold_4", ms.KFold(4))
folds("stratified_4", ms.StratifiedKFold(4), y=classes)
folds("grouped_4", ms.GroupKFold(4), groups=groups)
folds("stratified_grouped_3", ms.StratifiedGroupKFold(3), y=classes, groups=groups)
for name, splitter in {
    "rolling": ms.TimeSeriesSplit(4, max_train_size=10, test_size=7, gap=2),
    "growing": ms.TimeSeriesSplit(4),
}.items():
    ends = [(t[0], t[-1] + 1, e[0], e[-1] + 1) for t, e in splitter.split(x)]
    print(f"inline std::vector<std::array<std::size_t, 4>> const {name}{{")
    print("    " + ", ".join("{" + ", ".join(map(str, e)) + "}" for e in ends) + "};")

logistic = lm.LogisticRegression(C=2, tol=1e-12, max_iter=10000)
found = ms.cross_validate(
    logistic, x, binary, cv=ms.KFold(4), return_train_score=True,
    scoring=["accuracy", "roc_auc", "neg_log_loss", "f1"])
numbers("logistic_accuracy", found["test_accuracy"])
numbers("logistic_roc_auc", found["test_roc_auc"])
numbers("logistic_log_loss", -found["test_neg_log_loss"])
numbers("logistic_f1", found["test_f1"])
numbers("logistic_train_log_loss", -found["train_neg_log_loss"])
numbers("logistic_proba",
        ms.cross_val_predict(logistic, x, binary, cv=ms.KFold(4), method="predict_proba")[:, 1])
found = ms.cross_validate(lm.Ridge(alpha=0.5), x, values, cv=ms.KFold(4),
                          scoring=["r2", "neg_mean_absolute_error"])
numbers("ridge_r2", found["test_r2"])
numbers("ridge_mean_absolute_error", -found["test_neg_mean_absolute_error"])
numbers("ridge_predicted", ms.cross_val_predict(lm.Ridge(alpha=0.5), x, values, cv=ms.KFold(4)))
sizes, train, test = ms.learning_curve(
    lm.Ridge(alpha=0.5), x, values, cv=ms.KFold(4), train_sizes=[12, 30, 45], scoring="r2")
numbers("ridge_learning_train", train.ravel())
numbers("ridge_learning_test", test.ravel())
train, test = ms.validation_curve(
    lm.Ridge(), x, values, cv=ms.KFold(4), param_name="alpha", param_range=[0.01, 1, 100],
    scoring="r2")
numbers("ridge_validation_test", test.ravel())

tight = dict(cv=ms.StratifiedKFold(4), tol=1e-10, max_iter=10**6,
             use_legacy_attributes=False)
for name, target, more in [
    ("binary_log_loss", binary, dict(Cs=[0.1, 1, 10], scoring="neg_log_loss", l1_ratios=(0,))),
    ("binary_accuracy", binary, dict(Cs=[0.1, 1, 10], scoring="accuracy", l1_ratios=(0,))),
    ("softmax_log_loss", classes, dict(Cs=[0.1, 1, 10], scoring="neg_log_loss", l1_ratios=(0,))),
    # Where all weights are 0, saga ends before it has an intercept.
    ("net_log_loss", binary,
     dict(Cs=[1, 3, 10], scoring="neg_log_loss", solver="saga", l1_ratios=(0.5, 1),
          random_state=0)),
]:
    model = lm.LogisticRegressionCV(**tight, **more).fit(x, target)
    sign = -1 if "log_loss" in name else 1
    # (folds, l1_ratios, Cs), as (l1_ratios, Cs, folds)
    numbers(f"cv_{name}", sign * np.moveaxis(np.asarray(model.scores_), 0, -1).ravel())
    numbers(f"cv_{name}_chosen", [model.C_, model.l1_ratio_])

from scipy.stats import norm, qmc  # noqa: E402

points = qmc.Sobol(21, scramble=False, bits=32).random(64)
numbers("sobol_point_37", points[37])
numbers("sobol_point_63", points[63])
numbers("normal_quantiles", norm.ppf([1e-9, 1e-4, 0.02, 0.3, 0.5, 0.77, 0.999, 1 - 1e-9]))
