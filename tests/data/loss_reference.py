# SPDX-License-Identifier: BSD-3-Clause
"""Prints tests/loss/reference.inc: derivatives by scikit-learn 1.9.1, LambdaRank's by LightGBM 4.7.0.

    python tests/data/loss_reference.py > tests/loss/reference.inc
"""

import lightgbm as lgb
import numpy as np
import sklearn
from sklearn._loss import loss as sk

assert sklearn.__version__ == "1.9.1", sklearn.__version__
assert lgb.__version__ == "4.7.0", lgb.__version__

lines = []


def column(name, values):
    lines.append(f"inline std::vector<double> const {name}{{")
    lines.append("    " + ", ".join(repr(float(v)) for v in np.ravel(values)) + "};")


def by_scikit_learn(name, loss, y, raw):
    """Targets, gradients, Hessians, values less that of a perfect score, and the best constant."""
    y = np.asarray(y, float)
    gradient, hessian = loss.gradient_hessian(y, raw)
    column(f"{name}_y", y)
    column(f"{name}_gradient", gradient)
    column(f"{name}_hessian", hessian)
    value = loss.loss(y, raw) + loss.constant_to_optimal_zero(y)
    column(f"{name}_value", value)
    for end, w in (("", None), ("_w", weights)):
        column(f"{name}_initial{end}", [loss.fit_intercept_only(y, w)])


raw = np.array([-3.5, -1.25, -0.5, 0.0, 0.25, 0.75, 1.5, 2.0, 4.0])
reals = np.array([-2.0, -3.0, 1.5, 0.25, 0.5, 0.75, -1.0, 5.0, 4.5])
counts = np.array([0, 1, 0, 2, 3, 0, 7, 1, 60])
weights = np.array([1.0, 2.0, 0.5, 1.0, 3.0, 0.25, 1.0, 2.0, 1.0])
column("raw", raw)
column("weights", weights)
by_scikit_learn("squared", sk.HalfSquaredError(), reals, raw)
by_scikit_learn("poisson", sk.HalfPoissonLoss(), counts, raw)
by_scikit_learn("gamma", sk.HalfGammaLoss(), counts + 0.5, raw)
by_scikit_learn("tweedie", sk.HalfTweedieLoss(power=1.3), counts, raw)
by_scikit_learn("binary", sk.HalfBinomialLoss(), counts % 2, raw)
by_scikit_learn("huber", sk.HuberLoss(delta=1.25), reals, raw)
by_scikit_learn("absolute", sk.AbsoluteError(), reals, raw)
by_scikit_learn("pinball", sk.PinballLoss(quantile=0.7), reals, raw)

codes = np.array([0, 3, 1, 2, 2, 0, 3, 3, 1])
raw4 = np.add.outer(raw, np.array([0.5, -0.25, 0.0, 1.0])) * np.array([1, -1, 0.5, 0.25])
softmax = sk.HalfMultinomialLoss(n_classes=4)
gradient, hessian = softmax.gradient_hessian(codes.astype(float), raw4)
column("codes", codes)
column("softmax_raw", raw4)
column("softmax_gradient", gradient)
column("softmax_hessian", hessian)
column("softmax_value", softmax.loss(codes.astype(float), raw4))
column("softmax_response", softmax.link.inverse(raw4))


def leaf_of(document, penalty, relevance, scores, options):
    """What a tree that separates one document from the others gives it: -g / (h + penalty).

    The query comes 100 times, for LightGBM guesses from Hessians that a single row is none.
    """
    n = len(scores)
    x = np.tile(np.arange(n) == document, 100).astype(float).reshape(-1, 1)
    data = lgb.Dataset(x, label=np.tile(relevance, 100), group=[n] * 100, init_score=np.tile(scores, 100))
    params = {"objective": "lambdarank", "num_leaves": 2, "learning_rate": 1.0,
              "lambda_l2": 100 * penalty, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0.0,
              "verbose": -1, "num_threads": 1, "feature_pre_filter": False, **options}
    return lgb.train(params, data, 1).predict(x[document:document + 1])[0]


def by_light_gbm(name, relevance, scores, **options):
    """Gradients and Hessians, from two penalties."""
    out = []
    for document in range(len(scores)):
        a, b = (leaf_of(document, p, relevance, scores, options) for p in (0.01, 1.0))
        # a (h + 0.01) = b (h + 1)
        h = (b - 0.01 * a) / (a - b) if a != b else 0.0
        out.append((-b * (h + 1.0), h))
    column(f"{name}_gradient", [g for g, _ in out])
    column(f"{name}_hessian", [h for _, h in out])


relevance = np.array([0, 2, 1, 0, 3, 1, 0, 4, 2, 0, 0, 1])
scores = np.array([0.3, -0.2, 0.9, 0.3, 0.1, 1.5, -1.0, 0.2, 0.7, 2.0, -0.4, 0.0])
column("relevance", relevance)
column("scores", scores)
by_light_gbm("rank", relevance, scores)
by_light_gbm("rank_cut", relevance, scores, lambdarank_truncation_level=3, sigmoid=2.0)
by_light_gbm("rank_plain", relevance, scores, lambdarank_norm=False)
by_light_gbm("rank_equal", relevance, np.zeros(12))

print("// SPDX-License-Identifier: BSD-3-Clause")
print("// Made by tests/data/loss_reference.py with scikit-learn " + sklearn.__version__ + " and LightGBM "
      + lgb.__version__ + "; not edited.")
print("// clang-format off")
print("\n".join(lines))
